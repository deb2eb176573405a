"""PNG and APNG pictures: the room; its workings are in `_png_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Png(Deferred):
    """The PNG room."""

    spec = FormatSpec(
        name="PNG",
        medium=Medium.IMAGE,
        media_types=("image/png", "image/apng", "image/vnd.mozilla.apng"),
        suffixes=(".png", ".apng"),
        tags=("xmp",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        return head.startswith(_SIGNATURE)

    def workings(self) -> Workings:
        from kzlabel.formats._png_room import PngRoom

        return PngRoom()
