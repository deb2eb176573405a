"""MP4, M4V, 3GP and fragmented MP4 with pictures: the room; its workings are in `_mp4_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._mp4_sniff import Kind, kind_of
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Mp4(Deferred):
    """The MP4 room."""

    spec = FormatSpec(
        name="MP4",
        medium=Medium.VIDEO,
        media_types=("video/mp4", "video/x-m4v", "video/3gpp", "video/3gpp2"),
        suffixes=(".mp4", ".m4v", ".mp4v", ".3gp", ".3g2", ".f4v"),
        tags=("mp4", "xmp"),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        return kind_of(head, path) is Kind.VIDEO

    def workings(self) -> Workings:
        from kzlabel.formats._mp4_room import Mp4Room

        return Mp4Room(self.spec.medium)
