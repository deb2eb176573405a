"""Chapters and other timed tracks, moved along with a programme into which something was inserted.

What lasts while something is inserted lasts longer: the first chapter begins at 0 as before, and
holds the notice that opens the programme. `chpl` in `udta` (Nero's chapters): `u8 version, u24 0,
version 1: u32 0, u8 count, entries of u64 start in 100 ns, u8 length, title`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from kzlabel.formats._bmff import DamagedBoxError
from kzlabel.formats._mp4_parts import find, with_child
from kzlabel.formats._mp4_track import (
    MEDIA_DURATION,
    STBL,
    TRACK_DURATION,
    Track,
    changed,
    scaled,
    with_duration,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzlabel.model import Span

MAX_MOVED = 100_000
"""Samples of a track that is moved: chapters, lyrics, subtitles."""
_CLOSING = 0.1
"""Seconds by which a track may be shorter than the programme and still last to its end."""
_TICKS = 10_000_000
"""Of `chpl` in a second."""


@dataclass(frozen=True)
class Inserted:
    """Where a programme was opened, in its own seconds, and by how much."""

    gaps: tuple[tuple[float, float], ...]

    def __call__(self, at: float) -> float:
        """Return the new time of something that begins at `at`."""
        return at + sum(length for place, length in self.gaps if place < at)

    def end(self, at: float) -> float:
        """Return the new time of something that ends at `at`: it lasts through a closing notice."""
        return self(at + _CLOSING) - _CLOSING

    @property
    def total(self) -> float:
        """How much longer the programme is."""
        return sum(length for _, length in self.gaps)


def inserted(spans: Sequence[Span]) -> Inserted:
    """Return what stretches of the new programme say was inserted into the old one."""
    gaps: list[tuple[float, float]] = []
    before = 0.0
    for span in spans:
        gaps.append((max(span.start - before, 0.0), span.end - span.start))
        before += span.end - span.start
    return Inserted(tuple(gaps))


def moved(track: Track, gaps: Inserted, clock: int) -> bytes:
    """Return the payload of a `trak` whose samples begin later; `clock` is the movie's.

    Raises `DamagedBoxError`.
    """
    starts = _starts(track)
    ticks = track.timescale
    begins = [0, *(round(gaps(start / ticks) * ticks) for start in starts[1:-1])]
    last = round(gaps.end(starts[-1] / ticks) * ticks)
    lasting = [after - at for at, after in pairwise([*begins, last])] if starts[1:] else []
    trak = changed(track.trak, (*STBL, b"stts"), lambda _: _stts(lasting))
    trak = with_child(trak, b"edts", lambda _: None)
    whole = scaled(last, track.timescale, clock)
    trak = changed(trak, (b"tkhd",), lambda head: with_duration(head, TRACK_DURATION, whole))
    return changed(trak, (b"mdia", b"mdhd"), lambda head: with_duration(head, MEDIA_DURATION, last))


def _starts(track: Track) -> list[int]:
    """Return when each sample begins, and when the last one ends."""
    stts = find(track.stbl, b"stts") or bytes(8)
    count = int.from_bytes(stts[4:8])
    if 8 + count * 8 > len(stts):
        raise DamagedBoxError("kz.error.box-table", name="stts")
    starts = [0]
    for number, lasting in struct.iter_unpack(">II", stts[8 : 8 + count * 8]):
        if len(starts) + number > MAX_MOVED:
            raise DamagedBoxError("kz.error.box-samples", limit=MAX_MOVED)
        since = starts[-1]
        starts.extend(since + lasting * (at + 1) for at in range(number))
    return starts


def _stts(lasting: Sequence[int]) -> bytes:
    return struct.pack(">II", 0, len(lasting)) + b"".join(
        struct.pack(">II", 1, min(units, 0xFFFFFFFF)) for units in lasting
    )


def with_chapters(udta: bytes, gaps: Inserted) -> bytes:
    """Return `udta` with Nero's chapters moved; as it was where they cannot be read."""
    if find(udta, b"chpl") is None:
        return udta
    return with_child(udta, b"chpl", lambda chpl: _chapters(chpl or b"", gaps))


def _chapters(chpl: bytes, gaps: Inserted) -> bytes:
    head = 8 if chpl[:1] == b"\1" else 4
    patched = bytearray(chpl)
    at = head + 1
    for _ in range(chpl[head] if len(chpl) > head else 0):
        if at + 9 > len(chpl):
            return chpl
        start = int.from_bytes(chpl[at : at + 8])
        new = round(gaps(start / _TICKS) * _TICKS) if start < 1 << 62 else start
        patched[at : at + 8] = new.to_bytes(8)
        at += 9 + chpl[at + 8]
    return bytes(patched)
