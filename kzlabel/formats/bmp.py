"""BMP pictures: the room; its workings are in `_bmp_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path

_MIN_HEADER, _MAX_HEADER = 12, 124


class Bmp(Deferred):
    """The BMP room."""

    spec = FormatSpec(
        name="BMP",
        medium=Medium.IMAGE,
        media_types=("image/bmp", "image/x-ms-bmp"),
        suffixes=(".bmp", ".dib"),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        size = int.from_bytes(head[14:18], "little")
        return head[:2] == b"BM" and _MIN_HEADER <= size <= _MAX_HEADER

    def workings(self) -> Workings:
        from kzlabel.formats._bmp_room import BmpRoom

        return BmpRoom()
