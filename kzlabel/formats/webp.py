"""WebP pictures, still and animated: the room; its workings are in `_webp_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Webp(Deferred):
    """The WebP room."""

    spec = FormatSpec(
        name="WebP",
        medium=Medium.IMAGE,
        media_types=("image/webp",),
        suffixes=(".webp",),
        tags=("xmp",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        return head[:4] == b"RIFF" and head[8:12] == b"WEBP"

    def workings(self) -> Workings:
        from kzlabel.formats._webp_room import WebpRoom

        return WebpRoom()
