"""TIFF pictures, single and multi-page: the room; its workings are in `_tiff_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path

_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""Both byte orders, classic and BigTIFF."""


class Tiff(Deferred):
    """The TIFF room."""

    spec = FormatSpec(
        name="TIFF",
        medium=Medium.IMAGE,
        media_types=("image/tiff",),
        suffixes=(".tiff", ".tif"),
        tags=("xmp",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        return head.startswith(_MAGICS)

    def workings(self) -> Workings:
        from kzlabel.formats._tiff_room import TiffRoom

        return TiffRoom()
