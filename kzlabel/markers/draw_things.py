"""Draw Things: JSON in XMP `exif:UserComment`, or in EXIF: `{"c": PROMPT, "uc": PROMPT, …}`.

https://drawthings.ai; the form as readers of it know it
(https://github.com/receyuki/stable-diffusion-prompt-reader).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._json import object_in
from kzlabel.markers._texts import name_of, personal, said
from kzlabel.model import Evidence, Marker, Origin

if TYPE_CHECKING:
    from kzlabel.model import Tags

_PLACES = (("xmp", "exif:UserComment"), ("exif", "UserComment"))
_KEYS = frozenset({"c", "uc", "sampler", "steps", "seed"})


class DrawThingsMarker:
    """The keys of its settings, all together."""

    scheme: ClassVar[str] = "draw-things"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark with its model."""
        for where, text in said(tags, _PLACES):
            held = object_in(text, '"uc"', '"sampler"')
            if held and held.keys() >= _KEYS:
                model = held.get("model")
                return Marker(
                    scheme=self.scheme, origin=Origin.AI_GENERATED, tag=where,
                    evidence=Evidence.RESIDUE,
                    system=name_of("Draw Things", f"({model})" if model else ""),
                    personal=personal(prompt=held["c"], negative_prompt=held["uc"]),
                )  # fmt: skip
        return None
