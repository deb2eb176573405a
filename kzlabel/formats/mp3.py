"""MP3 (MPEG audio, layer III): the room; its workings are in `_mp3_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Mp3(Deferred):
    """The MP3 room."""

    spec = FormatSpec(
        name="MP3",
        medium=Medium.AUDIO,
        media_types=("audio/mpeg", "audio/mp3", "audio/x-mp3"),
        suffixes=(".mp3",),
        tags=("id3",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        if head[:3] != b"ID3" and (head[:1] != b"\xff" or head[1:2] < b"\xe0"):
            return False
        from kzlabel.formats._mpeg_frames import first_frame

        found = first_frame(head, path)
        return found is not None and found[1].kind == "mp3"

    def workings(self) -> Workings:
        from kzlabel.formats._mp3_room import Mp3Room

        return Mp3Room()
