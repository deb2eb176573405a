"""AAC in ADTS frames: the room; its workings are in `_aac_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Aac(Deferred):
    """The room of bare AAC."""

    spec = FormatSpec(
        name="AAC",
        medium=Medium.AUDIO,
        media_types=("audio/aac", "audio/x-aac", "audio/aacp"),
        suffixes=(".aac", ".adts"),
        tags=("id3",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        if head[:3] != b"ID3" and (head[:1] != b"\xff" or head[1:2] < b"\xe0"):
            return False
        from kzlabel.formats._mpeg_frames import first_frame

        found = first_frame(head, path)
        return found is not None and found[1].kind == "aac"

    def workings(self) -> Workings:
        from kzlabel.formats._aac_room import AacRoom

        return AacRoom()
