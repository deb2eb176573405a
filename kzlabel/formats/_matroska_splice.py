"""New Tags in a Matroska file; nothing else moves, and no Cluster is read.

The Tags go into Void before the Clusters, where that and the old Tags leave room, else to the end
of the Segment; what is free then is Void. In a file without SeekHead and Cues, which nothing points
into (a live recording, say), they go before the first Cluster, where a player sees them at once.
SeekHead is made to point at them if there is room for the entry; RFC 9559 (5.1.1) does not demand
one, and readers that walk the file find them anyway. A CRC-32 of the SeekHead is made anew; one
over the whole Segment, which no tool writes, becomes Void.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats._assembled import Edit, assemble, edited
from kzlabel.formats._ebml import (
    CRC32,
    VOID,
    Budget,
    Node,
    checked,
    encoded,
    first,
    fitted,
    head,
    nodes,
    number,
    void,
)
from kzlabel.formats._matroska_layout import CUES, SEEK_HEAD, SEGMENT, TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kzlabel.formats._matroska_layout import Element, Layout

SEEK, SEEK_ID, SEEK_POSITION = 0x4DBB, 0x53AB, 0x53AC
_ENTRY = 32
"""Bytes that the SeekHead's entry for Tags takes at most."""


@dataclass(frozen=True)
class _Pool:
    """Neighbours that may be written anew together: Void and old Tags, a SeekHead before them."""

    at: int
    end: int
    seek_head: Element | None = None
    held_tags: bool = False

    @property
    def room(self) -> int:
        """Bytes that are neither the SeekHead's nor what its new entry may take."""
        if self.seek_head is None:
            return self.end - self.at
        return max(self.end - self.seek_head.end - _ENTRY, 0)

    def takes(self, size: int) -> bool:
        """Whether an element of `size` bytes fits; no Void is of one byte."""
        return self.room >= size + 2 or (self.room == size and self.seek_head is None)


def write_tags(layout: Layout, dst: Path, payload: bytes) -> None:
    """Copy the file to `dst` with Tags that hold `payload`, without any where it is empty.

    Raises `UnsupportedTagsError` where the SeekHead is damaged, `OSError`.
    """
    try:
        edits = _edits(layout, payload)
    except UnreadableAssetError as exc:
        raise UnsupportedTagsError("kz.error.matroska-tags", path=layout.path, detail=exc) from exc
    assemble(dst, edited(layout.path, layout.size, edits))


def _edits(layout: Layout, payload: bytes) -> list[Edit]:
    pools = list(_pools(layout))
    tags = encoded(TAGS, payload) if payload else b""
    home = next((pool for pool in pools if tags and _early(layout, pool, len(tags))), None)
    edits: list[Edit] = []
    at = 0
    if home is not None:
        at = home.end - len(tags)
    elif tags:
        end = _insertion(layout)
        last = next((pool for pool in pools if pool.end == end and not pool.seek_head), None)
        at = last.at if last is not None else end
        pools = [pool for pool in pools if pool is not last]
        edits.append(Edit(at, end, tags))
    entry = _entry(at - layout.segment.start) if tags else b""
    for pool in pools:
        edits += _renewed(layout, pool, entry, tags if pool is home else b"")
    edits += _unchecked(layout)
    grown = sum(len(edit.content) - (edit.end - edit.at) for edit in edits)
    return [*edits, *_resized(layout.segment, grown)]


def _insertion(layout: Layout) -> int:
    """Return where bytes may be put in: what follows moves."""
    free = not layout.all(SEEK_HEAD) and not layout.all(CUES)
    return layout.clusters if free and layout.clusters is not None else layout.segment.end


def _early(layout: Layout, pool: _Pool, size: int) -> bool:
    return pool.takes(size) and (layout.clusters is None or pool.at < layout.clusters)


def _pools(layout: Layout) -> Iterator[_Pool]:
    """Yield the pools, in order."""
    pool: _Pool | None = None
    for child in layout.children:
        if child.id in (VOID, TAGS):
            held = child.id == TAGS
            if pool is not None and pool.end == child.at:
                pool = _Pool(pool.at, child.end, pool.seek_head, pool.held_tags or held)
                continue
            opening = _Pool(child.at, child.end, None, held)
        elif child.id == SEEK_HEAD:
            opening = _Pool(child.at, child.end, child)
        else:
            continue
        if pool is not None:
            yield pool
        pool = opening
    if pool is not None:
        yield pool


def _renewed(layout: Layout, pool: _Pool, entry: bytes, tags: bytes) -> Iterator[Edit]:
    """Yield what a pool holds now: its SeekHead, Void, and the Tags if they live there."""
    room = pool.end - pool.at - len(tags)
    if pool.seek_head is not None:
        yield Edit(pool.at, pool.end, _seek_head(layout, pool.seek_head, entry, room) + tags)
    elif pool.held_tags or tags:
        yield Edit(pool.at, pool.end, void(room) + tags)


def _seek_head(layout: Layout, element: Element, entry: bytes, room: int) -> bytes:
    """Return a SeekHead that points at no old Tags, and with `entry` if it fits, and Void."""
    budget = Budget(layout.path)
    held = nodes(layout.read(element), budget)
    kept = [node.raw for node in held if node.id == SEEK and not _points_at_tags(node, budget)]
    with_crc = first(held, CRC32) is not None
    for entries in ([*kept, entry], kept):
        body = b"".join(entries)
        if not body:
            return void(room)
        whole = fitted(SEEK_HEAD, checked(body) if with_crc else body, room)
        if whole is not None:
            return whole
    raise UnreadableAssetError("kz.error.ebml-damaged", path=layout.path, at=element.at)


def _points_at_tags(seek: Node, budget: Budget) -> bool:
    wanted = first(nodes(seek.payload, budget), SEEK_ID)
    return wanted is not None and wanted.number == TAGS


def _entry(position: int) -> bytes:
    """Return the SeekHead's entry for Tags; positions are counted from the Segment's start."""
    return encoded(SEEK, number(SEEK_ID, TAGS) + number(SEEK_POSITION, position))


def _unchecked(layout: Layout) -> Iterator[Edit]:
    """Yield Void in the place of a CRC-32 over the whole Segment."""
    for child in layout.all(CRC32):
        yield Edit(child.at, child.end, void(child.end - child.at))


def _resized(segment: Element, grown: int) -> Sequence[Edit]:
    """Return the Segment's header with its new size; positions are counted from its end."""
    if not segment.known or not grown:
        return ()
    size = segment.end - segment.start + grown
    width = segment.start - segment.at - 4  # the ID takes four
    try:
        content = head(SEGMENT, size, width)
    except OverflowError:
        content = head(SEGMENT, size, 8)
    return (Edit(segment.at, segment.start, content),)
