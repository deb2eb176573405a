"""M4A and other ISO media with sound only: the room; its workings are in `_mp4_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._mp4_sniff import Kind, kind_of
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class M4a(Deferred):
    """The M4A room: no picture track; cover art and the pictures of chapters are none."""

    spec = FormatSpec(
        name="M4A",
        medium=Medium.AUDIO,
        media_types=("audio/mp4", "audio/x-m4a"),
        suffixes=(".m4a", ".m4b", ".m4r", ".mp4", ".mov"),
        tags=("mp4", "xmp"),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        return kind_of(head, path) is Kind.AUDIO

    def workings(self) -> Workings:
        from kzlabel.formats._mp4_room import Mp4Room

        return Mp4Room(self.spec.medium)
