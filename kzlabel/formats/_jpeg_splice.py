"""Put new segments or a new picture between the bytes of a JPEG file, everything else as it was.

A file of several pictures (MPO) lists them in an APP2 segment, with offsets counted from inside
that segment (CIPA DC-007, 5.2): the list is corrected when the first picture's size changes.
"""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._jpeg_encode import Coding, transform_of
from kzlabel.formats._jpeg_segments import (
    APP2,
    DHT,
    EOI,
    FRAMES,
    FrameHeader,
    Segment,
    fitted,
    frame_header,
    segments,
    segments_of_scan,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

CODABLE = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
"""Processes that can be coded again without a loss of kind; arithmetic coding becomes Huffman."""
PRECISION = 8
"""Bits of a sample that libjpeg is built for."""
MPF = b"MPF\0"
MP_ENTRIES = 0xB002
MAX_MP_TAGS = 64


@dataclass(frozen=True)
class Anatomy:
    """Where the parts of a JPEG file lie."""

    kept: tuple[tuple[Segment, bytes], ...]
    """APPn and COM segments, with their payloads."""
    frame: FrameHeader
    fitted: bool
    """Whether the Huffman tables were made for this very picture."""
    end: int | None
    """Where the picture ends (after its EOI); None where it is cut."""

    def check_codable(self, path: Path) -> None:
        """Raise `RefusedError` for a process that cannot be coded again without a loss."""
        frame = self.frame
        if frame.marker not in CODABLE or frame.precision != PRECISION:
            process = f"SOF{frame.marker - 0xC0}, {frame.precision} bit"
            raise RefusedError("kz.error.jpeg-process", path=path, process=process)

    def coding(self, tables: Mapping[int, Sequence[int]], path: Path) -> Coding:
        """Say how the picture is coded, `tables` being its quantisation tables by number."""
        frame = self.frame
        if any(component.table not in tables for component in frame.components):
            raise UnreadableAssetError("kz.error.jpeg-damaged", path=path, offset=0)
        named = tuple(tuple(tables[component.table]) for component in frame.components)
        markers = [(segment.marker, payload) for segment, payload in self.kept]
        return Coding(frame, transform_of(frame, markers), named, self.fitted)


def anatomy(file: BinaryIO, path: Path) -> Anatomy:
    """Find the parts of a JPEG file; raises `UnreadableAssetError`, `LimitError`."""
    found = list(segments(file, path))
    scans = list(segments_of_scan(file, found[-1].end, path))
    header = next((segment for segment in found if segment.marker in FRAMES), None)
    if header is None:
        raise UnreadableAssetError("kz.error.jpeg-damaged", path=path, offset=found[-1].start)
    frame = frame_header(header, header.payload(file), path)
    kept = tuple((part, part.payload(file)) for part in (*found, *scans) if part.kept)
    whole = bool(scans) and scans[-1].marker == EOI
    made = any(fitted(part.payload(file)) for part in found if part.marker == DHT)
    return Anatomy(kept, frame, made, scans[-1].end if whole else None)


def write_picture(src: BinaryIO, dst: BinaryIO, parts: Anatomy, encoded: bytes) -> None:
    """Write the kept segments, the `encoded` picture, and what follows the old one."""
    end = src.seek(0, 2) if parts.end is None else parts.end
    size = 2 + sum(4 + len(payload) for _, payload in parts.kept) + len(encoded)
    dst.write(b"\xff\xd8")
    for segment, payload in parts.kept:
        moved = dst.tell() - segment.start
        body = shifted_index(payload, moved, size - end) if is_index(segment, payload) else payload
        dst.write(bytes((0xFF, segment.marker)) + (len(body) + 2).to_bytes(2) + body)
    dst.write(encoded)
    src.seek(end)
    shutil.copyfileobj(src, dst)


def write_segment(
    src: BinaryIO,
    dst: BinaryIO,
    place: tuple[int, int],
    segment: bytes,
    indexes: Sequence[tuple[Segment, bytes]],
) -> None:
    """Write `segment` instead of the bytes from `place` start to end, and all the rest as it is.

    `indexes` are the segments that list the pictures of an MPO file.
    """
    start, end = place
    grown = len(segment) - (end - start)
    src.seek(0)
    dst.write(src.read(start) + segment)
    src.seek(end)
    shutil.copyfileobj(src, dst)
    for index, payload in indexes:
        moved = grown if index.start >= end else 0
        dst.seek(index.start + moved + 4)
        dst.write(shifted_index(payload, moved, grown))


def is_index(segment: Segment, payload: bytes) -> bool:
    """Whether a segment lists the pictures of an MPO file."""
    return segment.marker == APP2 and payload[:4] == MPF


def shifted_index(payload: bytes, moved: int, grown: int) -> bytes:
    """Return an MPF payload for a file whose first picture is `grown` bytes longer.

    `moved` is how much later the segment itself starts. A damaged list is returned as it is.
    """
    index = bytearray(payload)
    try:
        for at, number in _entries(payload):
            size, offset = struct.unpack_from(_order(payload) + "II", payload, at + 4)
            if number == 0:
                size += grown
            elif offset:
                offset += grown - moved
            struct.pack_into(_order(payload) + "II", index, at + 4, size, offset)
    except struct.error:
        return payload
    return bytes(index)


def _order(payload: bytes) -> str:
    return "<" if payload[4:6] == b"II" else ">"


def _entries(payload: bytes) -> list[tuple[int, int]]:
    """Return where the 16-byte entries of the list begin, and their numbers."""
    order = _order(payload)
    (directory,) = struct.unpack_from(order + "I", payload, 8)
    (count,) = struct.unpack_from(order + "H", payload, 4 + directory)
    for tag in range(min(count, MAX_MP_TAGS)):
        at = 4 + directory + 2 + 12 * tag
        name, _, length, offset = struct.unpack_from(order + "HHII", payload, at)
        if name == MP_ENTRIES:
            return [(4 + offset + 16 * n, n) for n in range(min(length // 16, len(payload) // 16))]
    return []
