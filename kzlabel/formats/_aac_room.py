"""AAC in ADTS frames (ISO/IEC 13818-7): an ID3v2 tag before them, and no place for a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel._av.wrapping import Wrapping
from kzlabel.formats._ends import read_ends
from kzlabel.formats._framed_room import FramedRoom
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from pathlib import Path


class AacRoom(FramedRoom):
    """Bare AAC, as broadcasters stream it."""

    kind = "aac"
    wrapping = Wrapping("aac", "adts", only_sound=True)

    def manifest_carrier(self, path: Path) -> Carrier:
        read_ends(path, self.kind)
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.aac")
