"""XMP in MP4 and MOV: a `uuid` box at the top level (ISO 16684-3), or `XMP_` in `moov/udta`.

The box goes where no offset moves: to the end of the file, before `mfra`, which is looked for at
the very end. QuickTime's `XMP_` is read where there is no box, and merged where there is.
"""

from __future__ import annotations

import struct
from itertools import chain
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, UnsupportedTagsError
from kzlabel.formats._bmff import Box, DamagedBoxError, box_bytes
from kzlabel.formats._mp4_file import Movie, read_range
from kzlabel.formats._mp4_parts import find, split
from kzlabel.formats._mp4_splice import Edit
from kzlabel.formats._repeats import gathered
from kzlabel.formats._unread import cut
from kzlabel.formats._xmp import MAX_PACKET, merge_packet, read_packet

if TYPE_CHECKING:
    from collections.abc import Mapping

UUID_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
MAX_UUID_BOXES = 256
MAX_PACKETS = 8
"""Boxes of XMP that are read."""
_U32 = 0xFFFFFFFF


def read_xmp(movie: Movie) -> dict[str, str]:
    """Return the properties of the boxes, else of what `moov` holds; {} where there is none.

    What a further box says otherwise is a repeat.
    """
    boxes = xmp_boxes(movie)
    packets = [_packet(movie, box) or b"" for box in boxes[:MAX_PACKETS]]
    if len(boxes) > MAX_PACKETS or not all(packets):
        cut("xmp")
    pairs = chain.from_iterable(read_packet(packet).items() for packet in packets if packet)
    if found := gathered(dict.fromkeys(pairs)):
        return found
    held = _in_movie(movie)
    return read_packet(held) if held else {}


def xmp_boxes(movie: Movie) -> tuple[Box, ...]:
    """Return the boxes that hold XMP."""
    return uuid_boxes(movie, UUID_XMP)


def uuid_boxes(movie: Movie, wanted: bytes) -> tuple[Box, ...]:
    """Return the `uuid` boxes of one extended type."""
    ids = [box for box in movie.boxes if box.kind == b"uuid"]
    if len(ids) > MAX_UUID_BOXES:
        raise LimitError("kz.error.boxes", path=movie.path, limit=MAX_UUID_BOXES)
    return tuple(box for box in ids if uuid_of(movie, box) == wanted)


def uuid_of(movie: Movie, box: Box) -> bytes:
    """Return the extended type of a `uuid` box."""
    return read_range(movie.path, box.payload, min(box.payload + 16, box.end))


def _packet(movie: Movie, box: Box) -> bytes | None:
    start = box.payload + len(UUID_XMP)
    return read_range(movie.path, start, box.end) if box.end - start <= MAX_PACKET else None


def _in_udta(movie: Movie) -> bytes | None:
    return find(movie.moov, b"udta", b"XMP_")


def _in_movie(movie: Movie) -> bytes | None:
    """Return the packet in `moov`: `XMP_` as QuickTime has it, or a box of the top level astray."""
    try:
        strays = (*split(movie.moov), *split(find(movie.moov, b"udta") or b""))
        held = _in_udta(movie)
    except DamagedBoxError:
        return None
    named = (e.payload for e in strays if e.kind == b"uuid" and e.payload[:16] == UUID_XMP)
    return held or next((payload[16:] for payload in named), None)


def edits_for(movie: Movie, properties: Mapping[str, str]) -> list[Edit]:
    """Return what to change for `properties` to be said; raises `UnsupportedTagsError`."""
    if not properties:
        return []
    old = xmp_boxes(movie)
    packet = _packet(movie, old[0]) if old else _in_udta(movie)
    if old and packet is None:
        raise UnsupportedTagsError("kz.error.mp4-structure", path=movie.path, detail="XMP")
    merged = merge_packet(packet, properties)
    box = box_bytes(b"uuid", UUID_XMP + merged)
    if old and (old[0].size == len(box) or _nothing_after(movie, old[0])):
        return [Edit(old[0].start, old[0].end, box)]
    return [*emptied(movie, UUID_XMP), *sized(movie), _appended(movie, box)]


def emptied(movie: Movie, wanted: bytes) -> list[Edit]:
    """Return what makes free space of the boxes of one extended type."""
    return [Edit(box.start, box.payload, _free_header(box)) for box in uuid_boxes(movie, wanted)]


def _nothing_after(movie: Movie, box: Box) -> bool:
    """Whether the box can change its size: nothing lies behind it but the index of fragments."""
    later = movie.boxes[movie.boxes.index(box) + 1 :]
    return all(each.kind in (b"mfra", b"free", b"skip") for each in later)


def _free_header(box: Box) -> bytes:
    """Return a header that makes the box free space of the same size."""
    if box.payload - box.start == 8:  # noqa: PLR2004  a 32-bit size
        return struct.pack(">I4s", 0 if box.open_ended else box.size, b"free")
    return struct.pack(">I4sQ", 1, b"free", box.size)


def _appended(movie: Movie, content: bytes) -> Edit:
    index = movie.boxes[-1]
    at = index.start if index.kind == b"mfra" else index.end
    return Edit(at, at, content)


def sized(movie: Movie) -> list[Edit]:
    """Return the edit that gives a last box without a size one, so that something can follow."""
    last = movie.boxes[-1]
    if not last.open_ended or last == movie.box:  # `moov` is written anew
        return []
    if last.size <= _U32:
        return [Edit(last.start, last.payload, struct.pack(">I4s", last.size, last.kind))]
    header = struct.pack(">I4sQ", 1, last.kind, last.size + 8)
    room = next((box for box in movie.boxes if box.end == last.start), None)
    if room is not None and room.kind in (b"wide", b"free") and room.size == 8:  # noqa: PLR2004
        return [Edit(room.start, last.payload, header)]  # QuickTime leaves `wide` for just this
    return [Edit(last.start, last.payload, header)]
