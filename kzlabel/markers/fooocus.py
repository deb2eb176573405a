"""Fooocus: its settings as one JSON object; what it writes in AUTOMATIC1111's form is read there.

PNG `parameters` beside `fooocus_scheme`, EXIF `UserComment` of JPEG and WebP; before version 2.2 a
PNG `Comment` or the comment of JPEG (https://github.com/lllyasviel/Fooocus,
`modules/meta_parser.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._json import object_in, texts_in
from kzlabel.markers._texts import COMMENTS, first, name_of, named, personal, said
from kzlabel.model import Evidence, Marker, Origin

if TYPE_CHECKING:
    from kzlabel.model import Tags

_PLACES = (*named("parameters"), *COMMENTS)


class FooocusMarker:
    """An object that says it is of Fooocus, by its scheme or its version, and has a prompt."""

    scheme: ClassVar[str] = "fooocus"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark with its version and model."""
        declared = first(tags, ("png-text", "fooocus_scheme")) == "fooocus"
        for where, text in said(tags, _PLACES):
            held = object_in(text, '"prompt"')
            if held is None:
                continue
            named_by = texts_in(held, "version", "software")
            version = next((name for name in named_by if "fooocus" in name[:200].lower()), "")
            if version or held.get("metadata_scheme") == "fooocus" or declared:
                model = next(iter(texts_in(held, "base_model")), "")
                return Marker(
                    scheme=self.scheme, origin=Origin.AI_GENERATED, tag=where,
                    evidence=Evidence.RESIDUE,
                    system=name_of(version or "Fooocus", f"({model})" if model else ""),
                    personal=personal(
                        prompt=held.get("prompt"), negative_prompt=held.get("negative_prompt")
                    ),
                )  # fmt: skip
        return None
