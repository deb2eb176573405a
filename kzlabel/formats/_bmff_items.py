"""The items of a HEIF file: its `meta` box read.

HEIF (ISO/IEC 23008-12) keeps pictures, Exif and XMP as items: `iinf` names them, `iloc` says where
their bytes lie, `iref` relates them, `iprp` gives them properties. XMP is an item of type `mime`
and content type `application/rdf+xml` that describes (`cdsc`) the primary item (7.2.1, A.3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._bmff import (
    MAX_SIBLINGS,
    Box,
    DamagedBoxError,
    boxes_in,
    held,
    top_level,
)
from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

XMP_TYPE = b"application/rdf+xml"
MAX_ITEM = 16 << 20
"""Bytes of an item that is read."""
IN_FILE, IN_IDAT = 0, 1


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
            raise DamagedBoxError("kz.error.box-short")
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
        raise DamagedBoxError("kz.error.box-table", name="meta")
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
            raise DamagedBoxError("kz.error.box-table", name="infe")
        item = cursor.number(2 if version == 2 else 4)  # noqa: PLR2004  version 2 widened the ids
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
    wide = 4 if version >= 2 else 2  # noqa: PLR2004  version 2 widened the ids
    total = 0
    for _ in range(_counted(cursor.number(wide))):
        item = cursor.number(wide)
        method = cursor.number(2) & 15 if version else 0
        reference = cursor.number(2)
        start = cursor.number(base)
        count = cursor.number(2)
        total = _counted(total + count)  # an extent may take no bytes at all
        extents = tuple(
            Extent(cursor.number(index), start + cursor.number(offset), cursor.number(length))
            for _ in range(count)
        )
        yield Location(item, method, reference, extents)


def _counted(count: int) -> int:
    if count > MAX_SIBLINGS:
        raise DamagedBoxError("kz.error.box-count", limit=MAX_SIBLINGS)
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
            associated |= {
                item: tuple(index for _, index in entries)
                for item, entries in associations(inner).items()
            }
    return {
        item: tuple(stored[index - 1] for index in indexes if 0 < index <= len(stored))
        for item, indexes in associated.items()
    }


def associations(payload: bytes) -> dict[int, tuple[tuple[bool, int], ...]]:
    """Return (essential, index from 1) of the properties of each item in an `ipma`.

    Raises `DamagedBoxError`.
    """
    cursor = _Cursor(payload)
    head = cursor.number(4)
    wide, size = (2 if head >> 24 == 0 else 4), (2 if head & 1 else 1)
    essential = 1 << (8 * size - 1)
    found: dict[int, tuple[tuple[bool, int], ...]] = {}
    for _ in range(_counted(cursor.number(4))):
        item = cursor.number(wide)
        values = [cursor.number(size) for _ in range(cursor.number(1))]
        found[item] = tuple((value >= essential, value & essential - 1) for value in values)
    return found


def read_item(path: Path, meta: Meta, item: int) -> bytes | None:
    """Return the bytes of an item; None where they lie elsewhere, are damaged or too many."""
    location = meta.location(item)
    if location is None or location.reference or location.method not in (IN_FILE, IN_IDAT):
        return None
    lengths = sum(extent.length for extent in location.extents)
    if lengths > MAX_ITEM:
        cut("xmp" if item == (meta.xmp and meta.xmp.id) else "exif")
    if not 0 < lengths <= MAX_ITEM:
        return None
    if location.method == IN_IDAT:
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
