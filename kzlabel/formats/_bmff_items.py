"""The items of a HEIF file: its `meta` box read, and an XMP item spliced into it.

HEIF (ISO/IEC 23008-12) keeps pictures, Exif and XMP as items: `iinf` names them, `iloc` says where
their bytes lie, `iref` relates them, `iprp` gives them properties. XMP is an item of type `mime`
and content type `application/rdf+xml` that describes (`cdsc`) the primary item (7.2.1, A.3).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats._bmff import (
    MAX_BOXES,
    Box,
    DamagedBoxError,
    box_bytes,
    boxes_in,
    full_box,
    held,
    rewrite,
    top_level,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

XMP_TYPE = b"application/rdf+xml"
MAX_ITEM = 4 << 20
"""Bytes of an item that is read."""
_IN_FILE, _IN_IDAT = 0, 1
_U16 = 0xFFFF
_U32 = 0xFFFFFFFF


@dataclass(frozen=True)
class Item:
    """One entry of `iinf`."""

    id: int
    kind: bytes
    content_type: bytes = b""


@dataclass(frozen=True)
class Extent:
    """A run of an item's bytes; the base offset is folded in."""

    index: int
    offset: int
    length: int


@dataclass(frozen=True)
class Location:
    """One entry of `iloc`."""

    item: int
    method: int
    reference: int
    extents: tuple[Extent, ...]


@dataclass(frozen=True)
class Reference:
    """One entry of `iref`."""

    kind: bytes
    source: int
    targets: tuple[int, ...]


@dataclass(frozen=True)
class Meta:
    """The `meta` box of a file."""

    box: Box
    payload: bytes
    children: dict[bytes, bytes]
    """Payload by kind, the first of each."""
    primary: int
    items: dict[int, Item]
    locations: tuple[Location, ...] = ()
    references: tuple[Reference, ...] = ()
    properties: dict[int, tuple[tuple[bytes, bytes], ...]] = field(default_factory=dict)
    """(kind, payload) of the properties of each item."""

    @property
    def xmp(self) -> Item | None:
        """The XMP item that describes the primary item, else the first."""
        found = [item for item in self.items.values() if item.content_type == XMP_TYPE]
        described = {r.source for r in self.references if self.primary in r.targets}
        return next((item for item in found if item.id in described), next(iter(found), None))

    def location(self, item: int) -> Location | None:
        """Where the bytes of an item lie."""
        return next((entry for entry in self.locations if entry.item == item), None)


class _Cursor:
    """Reads big-endian numbers one after another; raises `DamagedBoxError` at the end."""

    def __init__(self, payload: bytes, at: int = 0) -> None:
        self.payload, self.at = payload, at

    def number(self, size: int) -> int:
        if self.at + size > len(self.payload):
            msg = f"cut after {len(self.payload)} bytes"
            raise DamagedBoxError(msg)
        self.at += size
        return int.from_bytes(self.payload[self.at - size : self.at])

    def text(self) -> bytes:
        end = self.payload.find(b"\0", self.at)
        end = len(self.payload) if end < 0 else end
        found, self.at = self.payload[self.at : end], end + 1
        return found


def read_meta(path: Path) -> Meta:
    """Return the file's `meta`; raises `UnreadableAssetError` and `LimitError`."""
    boxes = [box for box in top_level(path) if box.kind == b"meta"]
    if len(boxes) != 1:
        raise UnreadableAssetError("kz.error.box", path=path, detail=f"{len(boxes)} meta boxes")
    payload = held(path, boxes[0])
    try:
        return parse_meta(boxes[0], payload)
    except DamagedBoxError as exc:
        raise UnreadableAssetError("kz.error.box", path=path, detail=exc) from exc


def parse_meta(box: Box, payload: bytes) -> Meta:
    """Return what the payload of a `meta` box says; raises `DamagedBoxError`."""
    children: dict[bytes, bytes] = {}
    for child in boxes_in(payload, 4):
        children.setdefault(child.kind, payload[child.payload : child.end])
    if not {b"pitm", b"iinf", b"iloc"} <= children.keys():
        msg = "meta without pitm, iinf or iloc"
        raise DamagedBoxError(msg)
    return Meta(
        box=box,
        payload=payload,
        children=children,
        primary=_primary(children[b"pitm"]),
        items={item.id: item for item in _items(children[b"iinf"])},
        locations=tuple(_locations(children[b"iloc"])),
        references=tuple(_references(children.get(b"iref", bytes(4)))),
        properties=_properties(children.get(b"iprp", b"")),
    )


def _primary(payload: bytes) -> int:
    cursor = _Cursor(payload)
    return cursor.number(2 if cursor.number(4) >> 24 == 0 else 4)


def _items(payload: bytes) -> Iterator[Item]:
    start = 6 if payload[:1] == b"\0" else 8
    for box in boxes_in(payload, start):
        cursor = _Cursor(payload[box.payload : box.end])
        version = cursor.number(4) >> 24
        if box.kind != b"infe" or version not in (2, 3):
            msg = f"infe version {version}"
            raise DamagedBoxError(msg)
        item = cursor.number(2 if version == 2 else 4)
        cursor.number(2)
        kind = cursor.number(4).to_bytes(4)
        cursor.text()
        yield Item(item, kind, cursor.text() if kind == b"mime" else b"")


def _locations(payload: bytes) -> Iterator[Location]:
    cursor = _Cursor(payload)
    version = cursor.number(4) >> 24
    sizes = cursor.number(2)
    offset, length, base = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index = sizes & 15 if version else 0
    wide = 4 if version >= 2 else 2
    for _ in range(_counted(cursor.number(wide))):
        item = cursor.number(wide)
        method = cursor.number(2) & 15 if version else 0
        reference = cursor.number(2)
        start = cursor.number(base)
        extents = tuple(
            Extent(cursor.number(index), start + cursor.number(offset), cursor.number(length))
            for _ in range(_counted(cursor.number(2)))
        )
        yield Location(item, method, reference, extents)


def _counted(count: int) -> int:
    if count > MAX_BOXES:
        msg = f"{count} entries"
        raise DamagedBoxError(msg)
    return count


def _references(payload: bytes) -> Iterator[Reference]:
    wide = 2 if payload[:1] == b"\0" else 4
    for box in boxes_in(payload, 4):
        cursor = _Cursor(payload[box.payload : box.end])
        source = cursor.number(wide)
        targets = tuple(cursor.number(wide) for _ in range(_counted(cursor.number(2))))
        yield Reference(box.kind, source, targets)


def _properties(payload: bytes) -> dict[int, tuple[tuple[bytes, bytes], ...]]:
    stored: list[tuple[bytes, bytes]] = []
    associated: dict[int, tuple[int, ...]] = {}
    for box in boxes_in(payload):
        inner = payload[box.payload : box.end]
        if box.kind == b"ipco":
            stored = [(child.kind, inner[child.payload : child.end]) for child in boxes_in(inner)]
        elif box.kind == b"ipma":
            associated |= _associations(inner)
    return {
        item: tuple(stored[index - 1] for index in indexes if 0 < index <= len(stored))
        for item, indexes in associated.items()
    }


def _associations(payload: bytes) -> dict[int, tuple[int, ...]]:
    cursor = _Cursor(payload)
    head = cursor.number(4)
    wide, (size, mask) = (2 if head >> 24 == 0 else 4), ((2, 0x7FFF) if head & 1 else (1, 0x7F))
    found: dict[int, tuple[int, ...]] = {}
    for _ in range(_counted(cursor.number(4))):
        item = cursor.number(wide)
        found[item] = tuple(cursor.number(size) & mask for _ in range(cursor.number(1)))
    return found


def read_item(path: Path, meta: Meta, item: int) -> bytes | None:
    """Return the bytes of an item; None where they lie elsewhere, are damaged or too many."""
    location = meta.location(item)
    if location is None or location.reference or location.method not in (_IN_FILE, _IN_IDAT):
        return None
    lengths = sum(extent.length for extent in location.extents)
    if not 0 < lengths <= MAX_ITEM:
        return None
    if location.method == _IN_IDAT:
        idat = meta.children.get(b"idat", b"")
        found = b"".join(idat[e.offset : e.offset + e.length] for e in location.extents)
    else:
        with path.open("rb") as stream:
            found = b"".join(
                stream.read(extent.length)
                for extent in location.extents
                if stream.seek(min(extent.offset, 1 << 62)) >= 0
            )
    return found if len(found) == lengths else None


def write_xmp(src: Path, dst: Path, packet: bytes) -> None:
    """Copy `src` to `dst` with `packet` as its XMP item; nothing is encoded.

    Raises `UnsupportedTagsError` where the offsets of the file cannot be soundly corrected.
    """
    boxes, meta = top_level(src), read_meta(src)
    _refuse_unsound(src, boxes, meta)
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


def _refuse_unsound(path: Path, boxes: tuple[Box, ...], meta: Meta) -> None:
    kinds = {box.kind for box in boxes}
    if kinds & {b"moof", b"sidx"}:
        raise _unsupported(path, "moof")
    if boxes[-1].end >= _U32 - (64 << 20):
        raise _unsupported(path, f"{boxes[-1].end} bytes")
    for location in meta.locations:
        if location.reference:
            raise _unsupported(path, f"item {location.item} lies in another file")
        if location.method == _IN_FILE and not all(e.length for e in location.extents):
            raise _unsupported(path, f"item {location.item} has no length")
    if max(meta.items, default=0) >= _U16 - 1:
        raise _unsupported(path, f"item {max(meta.items)}")


def _own_last_box(boxes: tuple[Box, ...], location: Location | None) -> Box | None:
    """Return the last box of the file where it holds nothing but the old packet."""
    last = boxes[-1]
    if location is None or location.method != _IN_FILE or len(location.extents) != 1:
        return None
    (extent,) = location.extents
    exact = (last.payload, last.end) == (extent.offset, extent.offset + extent.length)
    return last if last.kind == b"mdat" and exact else None


def _new_meta(path: Path, meta: Meta, item: int, extent: Extent, delta: int) -> bytes:
    new = Location(item, _IN_FILE, 0, (extent,))
    locations = [
        replace(entry, extents=tuple(_shifted(path, meta.box, e, delta) for e in entry.extents))
        if entry.method == _IN_FILE
        else entry
        for entry in meta.locations
        if entry.item != item
    ]
    parts = [meta.payload[:4]]
    for child in boxes_in(meta.payload, 4):
        inner = meta.payload[child.payload : child.end]
        if child.kind == b"iloc":
            parts.append(_iloc(inner[0], [*locations, new]))
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


def _iloc(version: int, locations: list[Location]) -> bytes:
    indexed = 4 if any(e.index for entry in locations for e in entry.extents) else 0
    wide = "I" if version >= 2 else "H"
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
