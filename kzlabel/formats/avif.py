"""AVIF pictures and sequences: the room; its workings are in `_avif_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._brands import AVIF, brands
from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Avif(Deferred):
    """The AVIF room."""

    spec = FormatSpec(
        name="AVIF",
        medium=Medium.IMAGE,
        media_types=("image/avif", "image/avif-sequence"),
        suffixes=(".avif", ".avifs"),
        tags=("xmp",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        return bool(brands(head) & AVIF)

    def workings(self) -> Workings:
        from kzlabel.formats._avif_room import AvifRoom

        return AvifRoom()
