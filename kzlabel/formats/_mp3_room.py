"""MP3: frames of MPEG audio layer III between tags; C2PA's manifest is a GEOB frame of ID3v2.

`_mpeg_frames` knows the frames, `_ends` what lies around them, `_id3` the tag, `_mp3_splice` how a
notice is joined to frames that stay as they are.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kzlabel._av.wrapping import Wrapping
from kzlabel.errors import UnreadableAssetError
from kzlabel.formats import _sound
from kzlabel.formats._ends import Ends, read_ends
from kzlabel.formats._framed_room import FramedRoom, head_of
from kzlabel.formats._id3_survival import survives
from kzlabel.formats._mp3_info import read_info
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kzlabel.model import Notice, Placement


class Mp3Room(FramedRoom):
    """MP3 of constant or variable bit rate."""

    kind = "mp3"
    wrapping = Wrapping("mp3", "mp3", {"id3v2_version": "0"}, only_sound=True)

    def manifest_carrier(self, path: Path) -> Carrier:
        if survives(read_ends(path, self.kind).tag):
            return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.mp3")
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.mp3-tag")

    def told(self, ends: Ends) -> float:
        with ends.path.open("rb") as file:
            file.seek(ends.begin)
            info = read_info(file.read(max(ends.header.size, 4)), ends.header)
        frames = info.frames - _AROUND if info else 0
        return max(0.0, frames * ends.header.samples / ends.header.rate)

    def write_sound(self, ends: Ends, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._mp3_splice import joined

        with _long_enough(ends, dst) as path:
            told = self.told(ends) if path == ends.path else 0.0
            ready = _sound.prepared(path, self.wrapping.demuxer, notice, told)
        whole = joined(ends, ready)
        if whole is None:
            return self.write_anew(ends, dst, ready)
        whole.write(dst, ends.path, head_of(ends, whole.ready))
        return _sound.placement(notice, whole.ready, whole.seconds)


@contextmanager
def _long_enough(ends: Ends, dst: Path) -> Iterator[Path]:
    """Give a file to measure: FFmpeg opens none of fewer frames, which are repeated then."""
    frames = ends.end - ends.begin
    if frames >= _FRAMES * ends.header.size:
        yield ends.path
        return
    repeated = dst.with_name(f"{dst.name}.frames")
    with ends.path.open("rb") as file:
        file.seek(ends.begin)
        content = file.read(frames // max(ends.header.size, 1) * ends.header.size)
    try:
        repeated.write_bytes(content * _FRAMES)
        yield repeated
    except UnreadableAssetError as exc:
        raise UnreadableAssetError(exc.code, **{**exc.values, "path": ends.path}) from exc
    finally:
        repeated.unlink(missing_ok=True)


_FRAMES = 4
_AROUND = 4
"""Frames that hold what encoders put around a programme, and decoders leave out."""
