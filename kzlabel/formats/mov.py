"""QuickTime movies: the room; its workings are in `_mp4_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._mp4_sniff import Kind, kind_of
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Mov(Deferred):
    """The MOV room: `qt  `, and files from before there was `ftyp`."""

    spec = FormatSpec(
        name="MOV",
        medium=Medium.VIDEO,
        media_types=("video/quicktime",),
        suffixes=(".mov", ".qt"),
        tags=("mp4", "xmp"),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        return kind_of(head, path) is Kind.QUICKTIME

    def workings(self) -> Workings:
        from kzlabel.formats._mp4_room import Mp4Room

        return Mp4Room(self.spec.medium)
