"""Grok: a signature in EXIF `ImageDescription` that only xAI can check, beside the picture's id.

    Artist            a UUID
    ImageDescription  Signature: BASE64            (or UserComment)

Both together are the mark; the signature is read as the maker's words, as its key is not public.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._texts import first, is_uuid, said
from kzlabel.model import Evidence, Marker, Origin

if TYPE_CHECKING:
    from kzlabel.model import Tags

_SIGNATURE = (("exif", "ImageDescription"), ("exif", "UserComment"))
_PREFIX = "Signature:"
_LEAST, _MOST = 64, 8192


class GrokMarker:
    """The pair of tags that Grok's pictures have."""

    scheme: ClassVar[str] = "grok"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark with the picture's id."""
        picture = first(tags, ("exif", "Artist"))
        if not is_uuid(picture):
            return None
        for where, text in said(tags, _SIGNATURE):
            signature = text.strip().removeprefix(_PREFIX).strip()
            long_enough = _LEAST <= len(signature) <= _MOST and text.strip().startswith(_PREFIX)
            if long_enough and re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", signature):
                return Marker(
                    scheme=self.scheme, origin=Origin.AI_GENERATED, tag=where,
                    evidence=Evidence.VENDOR, system="Grok", provider="xAI", label_id=picture,
                )  # fmt: skip
        return None
