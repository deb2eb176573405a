"""Items of a HEIF file coded anew and put in the place of the old; all else stays byte for byte.

The old bytes are cut out of their `mdat` (an unlabelled picture must not stay in the file), the new
ones go into an `mdat` of their own at the end, and `iloc` is corrected for all that moved.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats._bmff import Box, DamagedBoxError, box_bytes, boxes_in, rewrite, top_level
from kzlabel.formats._bmff_items import IN_FILE, Extent, Location, Meta, associations
from kzlabel.formats._bmff_xmp import iloc_box, refuse_unsound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

Property = tuple[bytes, bytes]
"""Kind and payload."""
Associations = dict[int, tuple[tuple[bool, int], ...]]

MAX_SPLICED_BOX = 256 << 20
"""Bytes of an `mdat` that old items are cut out of."""
MAX_CUTS = 64
_SHORT_INDEX = 0x7F


@dataclass(frozen=True)
class Coded:
    """An item coded anew."""

    content: bytes
    replaced: Mapping[Property, bytes]
    """New payloads of those of its properties that change."""


def write_items(src: Path, dst: Path, meta: Meta, coded: Mapping[int, Coded]) -> None:
    """Copy `src` to `dst` with the items of `coded` in the place of theirs.

    Raises `RefusedError` where the file's structure does not let them be replaced soundly.
    """
    boxes = top_level(src)
    iprp = _checked_iprp(src, boxes, meta, coded)
    cuts = _cuts(src, meta, coded)
    moves, replaced = _without(src, boxes, cuts)
    draft = _new_meta(meta, _placed(meta.locations, coded, 0), iprp)
    moves.append((meta.box.end, len(draft) - meta.box.size))
    others = [
        replace(entry, extents=tuple(_moved(src, meta, e, cuts, moves) for e in entry.extents))
        if entry.method == IN_FILE and entry.item not in coded
        else entry
        for entry in meta.locations
    ]
    end = boxes[-1].end + sum(by for _, by in moves)
    replaced[meta.box.start] = _new_meta(meta, _placed(others, coded, end + 8), iprp)
    contents = b"".join(coded[e.item].content for e in others if e.item in coded)
    rewrite(src, dst, replaced, box_bytes(b"mdat", contents))


def _placed(
    locations: Sequence[Location], coded: Mapping[int, Coded], at: int
) -> tuple[Location, ...]:
    """Return the locations with the coded items one after another from `at` on."""
    placed: list[Location] = []
    for entry in locations:
        if entry.item in coded:
            extent = Extent(0, at, len(coded[entry.item].content))
            at += extent.length
            placed.append(Location(entry.item, IN_FILE, 0, (extent,)))
        else:
            placed.append(entry)
    return tuple(placed)


def _checked_iprp(
    path: Path, boxes: tuple[Box, ...], meta: Meta, coded: Mapping[int, Coded]
) -> bytes:
    try:
        refuse_unsound(path, boxes, meta)
        return _iprp(meta.children.get(b"iprp", b""), coded)
    except UnsupportedTagsError as exc:
        raise _unsound(path, exc.values["detail"]) from exc
    except DamagedBoxError as exc:
        raise UnreadableAssetError("kz.error.box", path=path, detail=exc) from exc


def _unsound(path: Path, detail: object) -> RefusedError:
    return RefusedError("kz.error.heif-loses", path=path, detail=detail)


# --- The old bytes go -----------------------------------------------------------------------------


def _cuts(path: Path, meta: Meta, items: Iterable[int]) -> list[tuple[int, int]]:
    """Return where the old bytes of the items start and end, in order."""
    cuts: list[tuple[int, int]] = []
    for item in items:
        found = [entry for entry in meta.locations if entry.item == item]
        if len(found) != 1 or found[0].method != IN_FILE:
            raise _unsound(path, f"item {item} in {len(found)} places or in idat")
        cuts += [(extent.offset, extent.offset + extent.length) for extent in found[0].extents]
    if len(cuts) > MAX_CUTS:
        raise _unsound(path, f"{len(cuts)} extents")
    cuts.sort()
    if any(left[1] > right[0] for left, right in pairwise(cuts)):
        raise _unsound(path, "shared bytes")
    return cuts


def _without(
    path: Path, boxes: Sequence[Box], cuts: Sequence[tuple[int, int]]
) -> tuple[list[tuple[int, int]], dict[int, bytes]]:
    """Return what moves (from where on, by how much) and the boxes that lost bytes, by start."""
    moves: list[tuple[int, int]] = []
    replaced: dict[int, bytes] = {}
    placed = 0
    for box in boxes:
        mine = [cut for cut in cuts if box.payload <= cut[0] and cut[1] <= box.end]
        if box.kind != b"mdat" or not mine:
            continue
        placed += len(mine)
        kept = _kept(path, box, mine)
        replaced[box.start] = box_bytes(b"mdat", kept) if kept else b""
        header = box.payload - box.start
        moves.append((box.payload, (8 if kept else 0) - header))
        moves += [(end, start - end) for start, end in mine]
    if placed != len(cuts):
        raise UnreadableAssetError("kz.error.box", path=path, detail="item bytes outside mdat")
    return moves, replaced


def _kept(path: Path, box: Box, cuts: Sequence[tuple[int, int]]) -> bytes:
    if box.size - sum(end - start for start, end in cuts) > MAX_SPLICED_BOX:
        raise LimitError("kz.error.box-size", path=path, limit=MAX_SPLICED_BOX)
    parts, at = [], box.payload
    with path.open("rb") as stream:
        for start, end in (*cuts, (box.end, box.end)):
            stream.seek(at)
            parts.append(stream.read(start - at))
            at = end
    return b"".join(parts)


def _moved(
    path: Path,
    meta: Meta,
    extent: Extent,
    cuts: Sequence[tuple[int, int]],
    moves: Sequence[tuple[int, int]],
) -> Extent:
    end = extent.offset + extent.length
    gone = (*cuts, (meta.box.start, meta.box.end))
    if any(extent.offset < stop and start < end for start, stop in gone):
        raise _unsound(path, f"shared bytes at {extent.offset}")
    by = sum(by for start, by in moves if extent.offset >= start)
    return replace(extent, offset=extent.offset + by)


# --- meta -----------------------------------------------------------------------------------------


def _new_meta(meta: Meta, locations: Sequence[Location], iprp: bytes) -> bytes:
    parts = [meta.payload[:4]]
    for child in boxes_in(meta.payload, 4):
        if child.kind == b"iloc":
            parts.append(iloc_box(meta.payload[child.payload], locations))
        elif child.kind == b"iprp":
            parts.append(iprp)
        else:
            parts.append(meta.payload[child.start : child.end])
    return box_bytes(b"meta", b"".join(parts))


def _iprp(payload: bytes, coded: Mapping[int, Coded]) -> bytes:
    """Return `iprp` with the properties of the coded items replaced.

    A property that other items share is left to them, and a new one is added.
    """
    children = [(box.kind, payload[box.payload : box.end]) for box in boxes_in(payload)]
    stores = [inner for kind, inner in children if kind == b"ipco"]
    tables = [associations(inner) for kind, inner in children if kind == b"ipma"]
    if len(stores) != 1:
        raise DamagedBoxError("kz.error.box-table", name="ipco")
    held = [(box.kind, stores[0][box.payload : box.end]) for box in boxes_in(stores[0])]
    stored, wanted = list(held), _wanted(held, tables, coded)
    added: dict[tuple[int, bytes], int] = {}
    for index, payloads in wanted.items():
        kind = held[index - 1][0]
        if len(set(payloads)) == 1 and payloads[0] is not None:
            stored[index - 1] = (kind, payloads[0])
            continue
        for new in {p for p in payloads if p is not None}:
            stored.append((kind, new))
            added[index, new] = len(stored)
    ipco = box_bytes(b"ipco", b"".join(box_bytes(*entry) for entry in stored))
    parts = []
    for kind, inner in children:
        if kind == b"ipma":
            table = _repointed(associations(inner), held, coded, added)
            parts.append(_ipma(inner[:4], table))
        else:
            parts.append(ipco if kind == b"ipco" else box_bytes(kind, inner))
    return box_bytes(b"iprp", b"".join(parts))


def _wish(coded: Mapping[int, Coded], item: int, held: Property) -> bytes | None:
    return coded[item].replaced.get(held) if item in coded else None


def _wanted(
    held: Sequence[Property], tables: Sequence[Associations], coded: Mapping[int, Coded]
) -> dict[int, list[bytes | None]]:
    """Return, by index, what each item that has the property wants in its place."""
    wanted: dict[int, list[bytes | None]] = {}
    for table in tables:
        for item, entries in table.items():
            for _, index in entries:
                if 0 < index <= len(held):
                    wanted.setdefault(index, []).append(_wish(coded, item, held[index - 1]))
    return {i: payloads for i, payloads in wanted.items() if any(p is not None for p in payloads)}


def _repointed(
    table: Associations,
    held: Sequence[Property],
    coded: Mapping[int, Coded],
    added: Mapping[tuple[int, bytes], int],
) -> Associations:
    def target(item: int, index: int) -> int:
        new = _wish(coded, item, held[index - 1]) if 0 < index <= len(held) else None
        return index if new is None else added.get((index, new), index)

    return {
        item: tuple((essential, target(item, index)) for essential, index in entries)
        for item, entries in table.items()
    }


def _ipma(head: bytes, table: Associations) -> bytes:
    long = head[3] & 1 or any(i > _SHORT_INDEX for entries in table.values() for _, i in entries)
    parts = [head[:3], bytes([head[3] | bool(long)]), struct.pack(">I", len(table))]
    wide, form, top = ("H" if head[0] == 0 else "I"), ("H" if long else "B"), 15 if long else 7
    for item, entries in table.items():
        values = [essential << top | index for essential, index in entries]
        parts.append(struct.pack(f">{wide}B{len(values)}{form}", item, len(values), *values))
    return box_bytes(b"ipma", b"".join(parts))
