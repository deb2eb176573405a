"""Positions in a sound file, moved by what was inserted before them.

WAV: `cue ` (points), `plst` (a playlist of them), `smpl` (loops), `LIST` of `adtl` with `ltxt`
(lengths of passages), `PEAK`; AIFF: `MARK`, `PEAK`. Positions are counted in frames (samples of all
channels); each table is bounded by the bytes that hold it, whatever its count says.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

MAX_MARKERS = 100_000
"""Of one table; further ones stay as they are."""
_POINT, _LOOP, _SEGMENT = 24, 24, 12
_LOOPS_AT = 36


@dataclass(frozen=True)
class Shift:
    """What was inserted: (position in the source, frames), and how long the source was."""

    inserted: tuple[tuple[int, int], ...]
    total: int

    def __call__(self, position: int) -> int:
        """Return where a position of the source is now; the end stays before what follows it."""
        moved = sum(n for at, n in self.inserted if at <= position and at < max(self.total, 1))
        return min(position + moved, 0xFFFFFFFF)

    def length(self, start: int, frames: int) -> int:
        """Return how long a passage of the source is now, with what was put inside it."""
        return self(start + frames - 1) + 1 - self(start) if frames else 0


def _entries(held: bytes, first: int, size: int, count: int) -> Iterator[int]:
    fitting = max(0, len(held) - first) // size
    return iter(range(first, first + min(count, fitting, MAX_MARKERS) * size, size))


def _put(held: bytearray, at: int, value: int, order: Literal["<", ">"] = "<") -> None:
    struct.pack_into(order + "I", held, at, value & 0xFFFFFFFF)


def _number(held: bytes, at: int, order: Literal["<", ">"] = "<") -> int:
    return int(struct.unpack_from(order + "I", held, at)[0]) if at + 4 <= len(held) else 0


def points_of(cue: bytes) -> dict[int, int]:
    """Return the positions of a `cue ` chunk by the points' numbers."""
    found = {}
    for at in _entries(cue, 4, _POINT, _number(cue, 0)):
        found[_number(cue, at)] = _number(cue, at + 20)
    return found


def moved_cue(cue: bytes, shift: Shift) -> bytes:
    """Return a `cue ` chunk: its points moved, in the order of the playlist and in `data`."""
    held = bytearray(cue)
    for at in _entries(cue, 4, _POINT, _number(cue, 0)):
        if cue[at + 8 : at + 12] in (b"data", bytes(4)):
            _put(held, at + 4, shift(_number(cue, at + 4)))
            _put(held, at + 20, shift(_number(cue, at + 20)))
    return bytes(held)


def moved_plst(plst: bytes, shift: Shift, points: dict[int, int]) -> bytes:
    """Return a `plst` chunk: each segment is a point's number, a length and a count."""
    held = bytearray(plst)
    for at in _entries(plst, 4, _SEGMENT, _number(plst, 0)):
        start = points.get(_number(plst, at))
        if start is not None:
            _put(held, at + 4, shift.length(start, _number(plst, at + 4)))
    return bytes(held)


def moved_smpl(smpl: bytes, shift: Shift) -> bytes:
    """Return a `smpl` chunk: its loops' first and last frame moved."""
    held = bytearray(smpl)
    for at in _entries(smpl, _LOOPS_AT, _LOOP, _number(smpl, 28)):
        _put(held, at + 8, shift(_number(smpl, at + 8)))
        _put(held, at + 12, shift(_number(smpl, at + 12)))
    return bytes(held)


def moved_adtl(adtl: bytes, shift: Shift, points: dict[int, int]) -> bytes:
    """Return a `LIST` chunk of `adtl`: the lengths in its `ltxt` chunks."""
    held = bytearray(adtl)
    position = 4
    for _ in range(MAX_MARKERS):
        if position + 16 > len(adtl):
            break
        start = points.get(_number(adtl, position + 8))
        if adtl[position : position + 4] == b"ltxt" and start is not None:
            _put(held, position + 12, shift.length(start, _number(adtl, position + 12)))
        size = _number(adtl, position + 4)
        position += 8 + size + (size & 1)
    return bytes(held)


def moved_peak(peak: bytes, shift: Shift, order: Literal["<", ">"]) -> bytes:
    """Return a `PEAK` chunk: after version and time, each channel's peak and its position."""
    held = bytearray(peak)
    for at in _entries(peak, 8, 8, MAX_MARKERS):
        _put(held, at + 4, shift(_number(peak, at + 4, order)), order)
    return bytes(held)


def moved_mark(mark: bytes, shift: Shift) -> bytes:
    """Return an AIFF `MARK` chunk: each marker is a number, a position and a name, padded."""
    held = bytearray(mark)
    for at in _markers(mark):
        _put(held, at + 2, shift(_number(mark, at + 2, ">")), ">")
    return bytes(held)


def _markers(mark: bytes) -> Iterable[int]:
    at = 2
    for _ in range(int.from_bytes(mark[:2])):
        if at + 6 > len(mark):
            return
        yield at
        name = mark[at + 6] if at + 6 < len(mark) else 0
        at += 7 + name + (name + 1) % 2
