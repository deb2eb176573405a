"""A copy of an MP4 or MOV file with stretches replaced, and every offset right afterwards.

Offsets from the start of the file: the chunk tables (`stco`, `co64`) and `saio` in `moov`, `tfhd`'s
base-data-offset in `moof`, `tfra` in `mfra`, and `iloc` in `meta` (ISO/IEC 14496-12 8.7.5, 8.7.9,
8.8.7, 8.8.10, 8.11.3). `sidx` counts from its own end: nothing may grow inside what it indexes.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, UnsupportedTagsError
from kzlabel.formats._bmff import MAX_HELD_BOX, Box, boxes_in, copy_range
from kzlabel.formats._mp4_file import Movie, damage
from kzlabel.formats._mp4_texts import meta_start
from kzlabel.formats._new_file import new_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mfra", b"udta"}
_PATCHED = {b"moov", b"moof", b"mfra", b"meta"}
_BASE_DATA_OFFSET = 0x1


@dataclass(frozen=True)
class Edit:
    """The bytes from `start` to `end` of the source become `content`."""

    start: int
    end: int
    content: bytes

    @property
    def growth(self) -> int:
        """How much longer the file becomes."""
        return len(self.content) - (self.end - self.start)


class Shift:
    """Where the bytes of the source come to lie."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self.edits = sorted(edits, key=lambda edit: (edit.start, edit.end))
        self._ends = [edit.end for edit in self.edits]
        self._totals = [0, *accumulate(edit.growth for edit in self.edits)]

    def __call__(self, offset: int) -> int:
        """Return the new place of a byte."""
        return offset + self._totals[bisect_right(self._ends, offset)]

    @property
    def moves(self) -> bool:
        """Whether anything comes to lie elsewhere but at the end."""
        return any(self._totals)


def splice(movie: Movie, dst: Path, edits: Sequence[Edit]) -> None:
    """Copy the movie to `dst`, a new file, with `edits`, which lie between or on whole boxes.

    Raises `UnsupportedTagsError` where an offset cannot be made right.
    """
    shift = Shift(edits)
    _check_indexes(movie, shift)
    patch = _Patch(movie.path, shift)
    with movie.path.open("rb") as source, new_file(dst) as target, damage(movie.path):
        at = 0
        for edit in (*shift.edits, Edit(movie.boxes[-1].end, movie.boxes[-1].end, b"")):
            _copy(movie, source, target, (at, edit.start), patch)
            target.write(patch.applied(edit.content) if edit.content else b"")
            at = edit.end


def _copy(
    movie: Movie, source: BinaryIO, target: BinaryIO, span: tuple[int, int], patch: _Patch
) -> None:
    """Copy a stretch, with the offsets in those of its boxes that hold some corrected."""
    at, end = span
    for box in movie.boxes if patch.shift.moves else ():
        if box.kind in _PATCHED and at <= box.start and box.end <= end:
            if box.size > max(MAX_HELD_BOX, movie.box.size):
                raise LimitError("kz.error.box-size", path=movie.path, limit=MAX_HELD_BOX)
            copy_range(source, target, at, box.start)
            source.seek(box.start)
            target.write(patch.applied(source.read(box.size)))
            at = box.end
    copy_range(source, target, at, end)


def _check_indexes(movie: Movie, shift: Shift) -> None:
    """Refuse to change sizes inside what an index measures from its own end."""
    index = movie.first(b"sidx")
    last = max((box.end for box in movie.boxes if box.kind in (b"moof", b"mdat")), default=0)
    if index and any(edit.growth and index.end <= edit.start < last for edit in shift.edits):
        raise _unsound(movie.path, "sidx")


def _unsound(path: Path, detail: str) -> UnsupportedTagsError:
    return UnsupportedTagsError("kz.error.mp4-structure", path=path, detail=detail)


class _Patch:
    """Corrects the offsets in a box that is held in memory."""

    def __init__(self, path: Path, shift: Shift) -> None:
        self._path = path
        self.shift = shift

    def applied(self, content: bytes) -> bytes:
        """Return boxes with every offset in them moved; raises `DamagedBoxError`."""
        if not self.shift.moves or content[4:8] not in _PATCHED:
            return content
        patched = bytearray(content)
        pending = [(0, len(content))]
        while pending:
            for box in _walk(content, *pending.pop()):
                if box.kind in _CONTAINERS:
                    pending.append((box.payload, box.end))
                elif box.kind == b"meta":
                    start = box.payload + meta_start(content[box.payload : box.payload + 8])
                    pending.append((start, box.end))
                elif box.kind == b"iloc":  # pictures in a movie: rare, and moved by nobody
                    raise _unsound(self._path, "iloc")
                elif box.kind in _TABLES and (box.kind, content[4:8]) != (b"saio", b"moof"):
                    _TABLES[box.kind](self, patched, box)
        return bytes(patched)

    def _put(self, patched: bytearray, at: int, wide: int) -> None:
        old = int.from_bytes(patched[at : at + wide])
        new = self.shift(old)
        if new >= 1 << (8 * wide):
            raise _unsound(self._path, "4 GiB")
        patched[at : at + wide] = new.to_bytes(wide)

    def chunks(self, patched: bytearray, box: Box, wide: int) -> None:
        """`u32 version, u32 count, offsets`."""
        start, count = box.payload + 8, int.from_bytes(patched[box.payload + 4 : box.payload + 8])
        for at in range(start, min(start + count * wide, box.end - wide + 1), wide):
            self._put(patched, at, wide)

    def base(self, patched: bytearray, box: Box) -> None:
        """`tfhd`: `u32 flags, u32 track, u64 base` where the flags say so."""
        if patched[box.payload + 3] & _BASE_DATA_OFFSET and box.end - box.payload >= 16:  # noqa: PLR2004
            self._put(patched, box.payload + 8, 8)

    def auxiliary(self, patched: bytearray, box: Box) -> None:
        """`saio` of a track: as a chunk table, after a type where the flags say so.

        Inside `moof` it counts from where `tfhd` says.
        """
        version, typed = patched[box.payload], patched[box.payload + 3] & 1
        table = replace(box, payload=box.payload + 8 * typed)
        self.chunks(patched, table, 8 if version else 4)

    def fragments(self, patched: bytearray, box: Box) -> None:
        """`tfra`: entries of time, `moof` offset, and three numbers of 1 to 4 bytes."""
        version, sizes, count = struct.unpack_from(">B7xII", patched, box.payload)
        wide = 8 if version else 4
        step = 2 * wide + sum((sizes >> bits & 3) + 1 for bits in (0, 2, 4))
        start = box.payload + 16
        for at in range(start, min(start + count * step, box.end - step + 1), step):
            self._put(patched, at + wide, wide)


def _walk(content: bytes, start: int, end: int) -> Iterator[Box]:
    """Walk boxes; the list of `udta` may be followed by four zeros."""
    while end - start >= 8:  # noqa: PLR2004  a header
        box = next(boxes_in(content, start, end))
        yield box
        start = box.end


_TABLES: dict[bytes, Callable[[_Patch, bytearray, Box], None]] = {
    b"stco": lambda patch, patched, box: patch.chunks(patched, box, 4),
    b"co64": lambda patch, patched, box: patch.chunks(patched, box, 8),
    b"tfhd": _Patch.base,
    b"saio": _Patch.auxiliary,
    b"tfra": _Patch.fragments,
}
