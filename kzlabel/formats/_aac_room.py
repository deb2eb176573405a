"""AAC in ADTS frames (ISO/IEC 13818-7): an ID3v2 tag before them, and no place for a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel._av.wrapping import Wrapping
from kzlabel.errors import RefusedError
from kzlabel.formats import _sound
from kzlabel.formats._ends import read_ends
from kzlabel.formats._framed_room import FramedRoom, head_of
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.formats._ends import Ends
    from kzlabel.model import Notice, Placement


class AacRoom(FramedRoom):
    """Bare AAC, as broadcasters stream it."""

    kind = "aac"
    wrapping = Wrapping("aac", "adts", only_sound=True)

    def manifest_carrier(self, path: Path) -> Carrier:
        read_ends(path, self.kind)
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.aac")

    def write_sound(self, ends: Ends, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._aac_splice import joined

        ready = _sound.prepared(ends.path, self.wrapping.demuxer, notice)
        if ready.facts.rate != ends.header.rate:  # spectral band replication doubles it
            raise RefusedError("kz.error.codec-unencodable", path=ends.path, detail="HE-AAC")
        whole = joined(ends, ready)
        if whole is None:
            return self.write_anew(ends, dst, ready)
        whole.write(dst, ends, head_of(ends, whole.ready))
        return _sound.placement(notice, whole.ready, whole.seconds)
