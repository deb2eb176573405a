"""MP3: frames of MPEG audio layer III between tags; C2PA's manifest is a GEOB frame of ID3v2.

`_mpeg_frames` knows the frames, `_ends` what lies around them, `_id3` the tag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel._av.wrapping import Wrapping
from kzlabel.formats._ends import Ends, read_ends
from kzlabel.formats._framed_room import FramedRoom
from kzlabel.formats._id3_survival import survives
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.formats._sound import Prepared


class Mp3Room(FramedRoom):
    """MP3 of constant or variable bit rate."""

    kind = "mp3"
    wrapping = Wrapping("mp3", "mp3", {"id3v2_version": "0"}, only_sound=True)

    def manifest_carrier(self, path: Path) -> Carrier:
        if survives(read_ends(path, self.kind).tag):
            return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.mp3")
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.mp3-tag")

    def write_sound(self, ends: Ends, dst: Path, ready: Prepared, head: bytes) -> None:
        super().write_sound(ends, dst, ready, head)
