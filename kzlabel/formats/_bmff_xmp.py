"""An XMP item spliced into a HEIF file: nothing is encoded, and every offset stays true.

The item's bytes go into an `mdat` of their own at the end; `meta` names them, and grows. What lies
behind `meta` moves, so the offsets of `iloc` and of the tracks' chunks move with it.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats._bmff import (
    Box,
    DamagedBoxError,
    box_bytes,
    boxes_in,
    full_box,
    held,
    rewrite,
    top_level,
)
from kzlabel.formats._bmff_items import (
    IN_FILE,
    XMP_TYPE,
    Extent,
    Location,
    Meta,
    read_meta,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_U16 = 0xFFFF
_U32 = 0xFFFFFFFF
_HEADROOM = 64 << 20
"""What a file may grow by before 32-bit offsets end."""


def write_xmp(src: Path, dst: Path, packet: bytes) -> None:
    """Copy `src` to `dst` with `packet` as its XMP item; nothing is encoded.

    Raises `UnsupportedTagsError` where the offsets of the file cannot be soundly corrected.
    """
    boxes, meta = top_level(src), read_meta(src)
    refuse_unsound(src, boxes, meta)
    old = meta.xmp
    item = old.id if old else max(meta.items, default=0) + 1
    dropped = _own_last_box(boxes, meta.location(item))
    grown = len(_new_meta(src, meta, item, Extent(0, 0, len(packet)), 0))
    delta = grown - meta.box.size
    end = boxes[-1].end + delta - (dropped.size if dropped else 0)
    new = _new_meta(src, meta, item, Extent(0, end + 8, len(packet)), delta)
    replaced = {meta.box.start: new}
    for box in boxes:
        if box.kind == b"moov":
            moov = _shift_chunks(src, held(src, box), meta.box.end, delta)
            replaced[box.start] = box_bytes(b"moov", moov)
    if dropped:
        replaced[dropped.start] = b""
    rewrite(src, dst, replaced, box_bytes(b"mdat", packet))


def _unsupported(path: Path, detail: str) -> UnsupportedTagsError:
    return UnsupportedTagsError("kz.error.heif-structure", path=path, detail=detail)


def refuse_unsound(path: Path, boxes: tuple[Box, ...], meta: Meta) -> None:
    """Raise `UnsupportedTagsError` where not every offset of the file can be corrected."""
    kinds = {box.kind for box in boxes}
    if kinds & {b"moof", b"sidx"}:
        raise _unsupported(path, "moof")
    if boxes[-1].end >= _U32 - _HEADROOM:
        raise _unsupported(path, f"{boxes[-1].end} bytes")
    for location in meta.locations:
        if location.reference:
            raise _unsupported(path, f"item {location.item} lies in another file")
        if location.method == IN_FILE and not all(e.length for e in location.extents):
            raise _unsupported(path, f"item {location.item} has no length")
    if max(meta.items, default=0) >= _U16 - 1:
        raise _unsupported(path, f"item {max(meta.items)}")


def _own_last_box(boxes: tuple[Box, ...], location: Location | None) -> Box | None:
    """Return the last box of the file where it holds nothing but the old packet."""
    last = boxes[-1]
    if location is None or location.method != IN_FILE or len(location.extents) != 1:
        return None
    (extent,) = location.extents
    exact = (last.payload, last.end) == (extent.offset, extent.offset + extent.length)
    return last if last.kind == b"mdat" and exact else None


def _new_meta(path: Path, meta: Meta, item: int, extent: Extent, delta: int) -> bytes:
    new = Location(item, IN_FILE, 0, (extent,))
    locations = [
        replace(entry, extents=tuple(_shifted(path, meta.box, e, delta) for e in entry.extents))
        if entry.method == IN_FILE
        else entry
        for entry in meta.locations
        if entry.item != item
    ]
    parts = [meta.payload[:4]]
    for child in boxes_in(meta.payload, 4):
        inner = meta.payload[child.payload : child.end]
        if child.kind == b"iloc":
            parts.append(iloc_box(inner[0], [*locations, new]))
        elif child.kind == b"iinf" and item not in meta.items:
            parts.append(_grown_iinf(inner, item))
        elif child.kind == b"iref" and item not in meta.items:
            parts.append(box_bytes(b"iref", inner + _describes(inner[0], item, meta.primary)))
        else:
            parts.append(box_bytes(child.kind, inner))
    if b"iref" not in meta.children:
        version = 0 if meta.primary <= _U16 else 1
        parts.append(full_box(b"iref", version, _describes(version, item, meta.primary)))
    return box_bytes(b"meta", b"".join(parts))


def _shifted(path: Path, box: Box, extent: Extent, delta: int) -> Extent:
    if extent.offset + extent.length <= box.start:
        return extent
    if extent.offset < box.end:
        raise _unsupported(path, f"item bytes at {extent.offset}, inside meta")
    return replace(extent, offset=extent.offset + delta)


def iloc_box(version: int, locations: Sequence[Location]) -> bytes:
    """Return `iloc` with 32-bit offsets; its size does not depend on them."""
    indexed = 4 if any(e.index for entry in locations for e in entry.extents) else 0
    wide = "I" if version >= 2 else "H"  # noqa: PLR2004  version 2 widened the ids
    parts = [struct.pack(f">BB{wide}", 0x44, indexed, len(locations))]
    for entry in locations:
        parts.append(struct.pack(f">{wide}", entry.item))
        if version:
            parts.append(struct.pack(">H", entry.method))
        parts.append(struct.pack(">HH", entry.reference, len(entry.extents)))
        for extent in entry.extents:
            index = struct.pack(">I", extent.index) if indexed else b""
            parts.append(index + struct.pack(">II", extent.offset, extent.length))
    return full_box(b"iloc", version, b"".join(parts))


def _grown_iinf(inner: bytes, item: int) -> bytes:
    wide = 2 if inner[0] == 0 else 4
    count = int.from_bytes(inner[4 : 4 + wide]) + 1
    entry = struct.pack(">HH4s", item, 0, b"mime") + b"XMP\0" + XMP_TYPE + b"\0"
    infe = full_box(b"infe", 2, entry)
    return box_bytes(b"iinf", inner[:4] + count.to_bytes(wide) + inner[4 + wide :] + infe)


def _describes(version: int, item: int, primary: int) -> bytes:
    wide = "H" if version == 0 else "I"
    return box_bytes(b"cdsc", struct.pack(f">{wide}H{wide}", item, 1, primary))


def _shift_chunks(path: Path, moov: bytes, after: int, delta: int) -> bytes:
    """Return `moov` with the chunk offsets beyond `after` moved by `delta`."""
    patched = bytearray(moov)
    pending = [(0, len(moov))]
    containers = {b"trak", b"mdia", b"minf", b"stbl"}
    try:
        while pending:
            for box in boxes_in(moov, *pending.pop()):
                if box.kind in containers:
                    pending.append((box.payload, box.end))
                elif box.kind in (b"stco", b"co64"):
                    _shift_table(patched, box, after, delta)
                elif box.kind in (b"meta", b"mvex"):
                    raise _unsupported(path, f"moov holds {box.kind.decode()}")
    except DamagedBoxError as exc:
        raise UnreadableAssetError("kz.error.box", path=path, detail=exc) from exc
    return bytes(patched)


def _shift_table(patched: bytearray, box: Box, after: int, delta: int) -> None:
    form, wide = (">I", 4) if box.kind == b"stco" else (">Q", 8)
    start = box.payload + 8
    count = (box.end - start) // wide
    for at in range(start, start + count * wide, wide):
        (offset,) = struct.unpack_from(form, patched, at)
        if offset >= after:
            struct.pack_into(form, patched, at, offset + delta)
