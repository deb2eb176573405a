"""Tencent Cloud's variant of the implicit label: `AIGC`, without the members of GB 45438.

    {"AIGC": {"ServiceProvider": …, "ServiceUser": …, "Time": …, "ContentId": …}}

In EXIF `ImageDescription`, with the key `AIGC` around it or without. The object of the standard,
with its `Label`, is read as that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._json import mapping, texts_in
from kzlabel.markers._json_text import json_object
from kzlabel.markers._texts import COMMENTS, name_of, personal, said
from kzlabel.model import Evidence, Marker, Origin

if TYPE_CHECKING:
    from kzlabel.model import Tags

_NEEDLE = "ServiceProvider"
_BARE = {_NEEDLE, "ServiceUser", "Time", "ContentId"}
"""What an object without a key around it must have: each alone is anybody's."""


class TencentMarker:
    """The provider and the content's id under `AIGC`."""

    scheme: ClassVar[str] = "tencent"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark with the provider that is named."""
        for where, text in said(tags, COMMENTS):
            outer = json_object(text) if _NEEDLE in text else {}
            held = mapping(outer.get("AIGC")) or (dict(outer) if outer.keys() >= _BARE else None)
            provider = texts_in(held, _NEEDLE)
            content = texts_in(held, "ContentId")
            read_as_standard = "AIGC" in outer and "Label" in (held or {})
            if held and provider and content and not read_as_standard:
                return Marker(
                    scheme=self.scheme, origin=Origin.AI_GENERATED, tag=where,
                    evidence=Evidence.VENDOR, provider=name_of(*provider),
                    label_id=name_of(*content), personal=personal(user=held.get("ServiceUser")),
                )  # fmt: skip
        return None
