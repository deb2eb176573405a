"""ISO base media boxes: walk them, bounded, and copy a file with one of them replaced.

`u32 size, type, payload`; size 1: a u64 follows; size 0: to the end of the file (ISO/IEC 14496-12
4.2). c2pa-rs needs time that grows faster than the number of boxes (100,000 boxes, 0.8 MB: 42 s),
so `check_boxes` counts them before it sees the file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.errors import KzlabelError, LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BOXES = 50_000
"""Boxes in one file, nested ones included: two hours in fragments have some 40,000."""
MAX_SIBLINGS = 16_000
"""Boxes in one parent: c2pa-rs's time grows with their square (50,000 take 9 s)."""
MAX_BOX_DEPTH = 16
"""How deep boxes are looked for in boxes of other names; containers are counted at any depth."""
MAX_HELD_BOX = 16 << 20
"""Bytes of a box that is held in memory."""
UUID_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The extended type of C2PA's box (C2PA 2.2, A.5.1)."""

_CONTAINERS = {
    b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"udta", b"mvex", b"moof",
    b"traf", b"mfra", b"meta", b"iprp", b"ipco", b"ilst", b"grpl", b"schi", b"sinf", b"tref",
    b"treg",
}  # fmt: skip
_OPAQUE = {b"mdat", b"jxlc", b"jxlp"}
"""Pixels: what looks like boxes there is none."""
_FULL = {b"meta"}
"""Containers with a version and flags before their children."""
_HEADER, _LARGE_HEADER = 8, 16


@dataclass(frozen=True)
class Box:
    """One box: where it starts, where its payload starts, where it ends."""

    kind: bytes
    start: int
    payload: int
    end: int
    open_ended: bool = False
    """Its size is 0: it reaches to the end of the file."""

    @property
    def size(self) -> int:
        """Bytes, the header included."""
        return self.end - self.start


class DamagedBoxError(KzlabelError):
    """A box that does not fit where it lies; the file is not known here, and said by callers."""


def _box_at(head: bytes, start: int, end: int) -> Box:
    if len(head) < _HEADER:
        raise DamagedBoxError("kz.error.box-header", at=start, bytes=len(head))
    size, kind = struct.unpack_from(">I4s", head)
    header = _HEADER
    if size == 1 and len(head) >= _LARGE_HEADER:
        size, header = struct.unpack_from(">Q", head, _HEADER)[0], _LARGE_HEADER
    box = Box(kind, start, start + header, end if size == 0 else start + size, size == 0)
    if box.end > end or box.end < box.payload:
        name = kind.decode("latin-1")
        raise DamagedBoxError("kz.error.box-end", name=name, at=start, bytes=size)
    return box


def boxes_in(payload: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Walk the boxes that lie one after another in `payload`; raises `DamagedBoxError`."""
    end = len(payload) if end is None else end
    count = 0
    while start < end:
        box = _box_at(payload[start : min(start + _LARGE_HEADER, end)], start, end)
        yield box
        start = box.end
        count += 1
        if count > MAX_SIBLINGS:
            raise DamagedBoxError("kz.error.box-count", limit=MAX_SIBLINGS)


def _walk(stream: BinaryIO, start: int, end: int) -> Iterator[Box]:
    while start < end:
        stream.seek(start)
        box = _box_at(stream.read(min(_LARGE_HEADER, end - start)), start, end)
        yield box
        start = box.end


def _size_of(stream: BinaryIO) -> int:
    return stream.seek(0, 2)


def top_level(path: Path) -> tuple[Box, ...]:
    """Return the boxes of the file; raises `UnreadableAssetError` and `LimitError`."""
    found: list[Box] = []
    with path.open("rb") as stream:
        try:
            for box in _walk(stream, 0, _size_of(stream)):
                found.append(box)
                if len(found) > MAX_SIBLINGS:
                    raise LimitError("kz.error.boxes", path=path, limit=MAX_SIBLINGS)
        except DamagedBoxError as exc:
            raise UnreadableAssetError("kz.error.box", path=path, detail=exc) from exc
    return tuple(found)


def check_boxes(path: Path) -> None:
    """Count the boxes, nested ones included; raises `LimitError` where there are too many.

    Whatever looks like boxes counts, in a box of any name: which ones other readers descend into is
    theirs to know. Damage is left to others: what cannot be walked costs nothing to walk; nor does
    depth alone, which c2pa-rs refuses at once.
    """
    count = 0
    with path.open("rb") as stream:
        pending = [(0, _size_of(stream), 0)]
        while pending:
            start, end, depth = pending.pop()
            try:
                for siblings, box in enumerate(_walk(stream, start, end), 1):
                    count += 1
                    if siblings > MAX_SIBLINGS:
                        raise LimitError("kz.error.boxes", path=path, limit=MAX_SIBLINGS)
                    if count > MAX_BOXES:
                        raise LimitError("kz.error.boxes", path=path, limit=MAX_BOXES)
                    known = box.kind in _CONTAINERS
                    if known or _may_hold_boxes(box, depth):
                        children = box.payload + 4 * (box.kind in _FULL)
                        pending.append((children, box.end, depth + 1))
            except DamagedBoxError:
                continue


def _may_hold_boxes(box: Box, depth: int) -> bool:
    named = box.kind.isascii() and box.kind.decode("ascii").isprintable()
    return named and box.kind not in _OPAQUE and depth < MAX_BOX_DEPTH


def held(path: Path, box: Box) -> bytes:
    """Return the payload of a box; raises `LimitError` beyond `MAX_HELD_BOX`."""
    if box.end - box.payload > MAX_HELD_BOX:
        raise LimitError("kz.error.box-size", path=path, limit=MAX_HELD_BOX)
    with path.open("rb") as stream:
        stream.seek(box.payload)
        return stream.read(box.end - box.payload)


def box_bytes(kind: bytes, payload: bytes) -> bytes:
    """Return one box with a 32-bit size."""
    return struct.pack(">I4s", len(payload) + _HEADER, kind) + payload


def full_box(kind: bytes, version: int, payload: bytes, flags: int = 0) -> bytes:
    """Return one box with a version and flags."""
    return box_bytes(kind, struct.pack(">I", version << 24 | flags) + payload)


def copy_range(source: BinaryIO, target: BinaryIO, start: int, end: int) -> None:
    """Copy the bytes from `start` to `end`."""
    source.seek(start)
    left = end - start
    while left > 0:
        chunk = source.read(min(left, 1 << 20))
        if not chunk:
            break
        target.write(chunk)
        left -= len(chunk)


def rewrite(src: Path, dst: Path, replaced: dict[int, bytes], appended: bytes = b"") -> None:
    """Copy `src` to `dst`: the boxes that start at the given places replaced, and bytes appended.

    A last box that reaches to the end of the file gets an explicit size when bytes follow it.
    """
    with src.open("rb") as source, dst.open("wb") as target:
        for box in top_level(src):
            if box.start in replaced:
                target.write(replaced[box.start])
            elif box.open_ended and appended:
                target.write(struct.pack(">I4s", box.size, box.kind))
                copy_range(source, target, box.payload, box.end)
            else:
                copy_range(source, target, box.start, box.end)
        target.write(appended)
