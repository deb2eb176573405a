"""SwarmUI: `{"sui_image_params": {"prompt": …, "model": …, "swarm_version": …}, …}`.

PNG `parameters`, EXIF `UserComment` of JPEG and WebP, in early versions EXIF `Model`; the comment
of films (https://github.com/mcmonkeyprojects/SwarmUI, `src/Utils/Image.cs`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._json import mapping, object_in
from kzlabel.markers._texts import COMMENTS, name_of, named, personal, said
from kzlabel.model import Evidence, Marker, Origin

if TYPE_CHECKING:
    from kzlabel.model import Tags

_KEY = "sui_image_params"
_PLACES = (*named("parameters"), ("exif", "Model"), *COMMENTS)


class SwarmUiMarker:
    """The object of parameters that only SwarmUI writes."""

    scheme: ClassVar[str] = "swarmui"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark with its version and model."""
        for where, text in said(tags, _PLACES):
            held = mapping((object_in(text, f'"{_KEY}"') or {}).get(_KEY))
            if held:
                model = held.get("model")
                return Marker(
                    scheme=self.scheme, origin=Origin.AI_GENERATED, tag=where,
                    evidence=Evidence.RESIDUE,
                    system=name_of(
                        "SwarmUI", held.get("swarm_version"), f"({model})" if model else ""
                    ),
                    personal=personal(
                        prompt=held.get("prompt"), negative_prompt=held.get("negativeprompt")
                    ),
                )  # fmt: skip
        return None
