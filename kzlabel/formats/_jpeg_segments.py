"""The segments of a JPEG file (ITU-T T.81, annex B: https://www.w3.org/Graphics/JPEG/itu-t81.pdf).

FF D8, then segments `FF marker, length (2 bytes, itself included), payload` up to SOS, then entropy
coded bytes (where FF is always followed by 00 or a restart marker) and more segments, then FF D9.
What follows is not the picture's: further pictures (MPO), a video, anything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from kzlabel.errors import LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILL = 0xFF
EOI = 0xD9
SOS = 0xDA
DQT = 0xDB
DHT = 0xC4
APP0 = 0xE0
APP1 = 0xE1
APP2 = 0xE2
APP14 = 0xEE
APP15 = 0xEF
COM = 0xFE
FRAMES = frozenset(range(0xC0, 0xD0)) - {DHT, 0xC8, 0xCC}
"""The SOF markers: every process of T.81, table B.1."""

_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xDA)})
"""Markers that stand alone: TEM, RST, SOI, EOI."""

MAX_SEGMENTS = 8192
"""A hundred-megabyte manifest is some 1600 segments; more than this is an attack."""
MAX_JUNK = 65536
"""Bytes between segments that are skipped, as libjpeg and Pillow do."""
_WINDOW = 65536
_HEADER = 4
"""Bytes of a segment's marker and length."""
_LENGTH = 2
_COUNT_AT = 5
"""Where a frame header's payload says how many components it has."""

_MARKER_IN_SCAN = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")


class Segment(NamedTuple):
    """A marker segment: `start` is its FF, the payload lies from `start + 4` to `end`."""

    marker: int
    start: int
    end: int

    def payload(self, file: BinaryIO) -> bytes:
        """Read the payload."""
        file.seek(self.start + 4)
        return file.read(self.end - self.start - 4)

    @property
    def kept(self) -> bool:
        """Whether the segment says something about the picture rather than how it is coded."""
        return APP0 <= self.marker <= APP15 or self.marker == COM


def segments(file: BinaryIO, path: Path) -> Iterator[Segment]:
    """Yield the segments up to and with the first SOS; only their headers are read.

    Raises `UnreadableAssetError` where the file ends or errs before, `LimitError` for too many.
    """
    if file.read(2) != b"\xff\xd8":
        raise UnreadableAssetError("kz.error.jpeg-damaged", path=path, offset=0)
    position = 2
    for _ in range(MAX_SEGMENTS):
        segment = _segment(file, position, path)
        yield segment
        if segment.marker == SOS:
            return
        position = segment.end
        file.seek(position)
    raise LimitError("kz.error.jpeg-segments", path=path, limit=MAX_SEGMENTS)


def _segment(file: BinaryIO, position: int, path: Path) -> Segment:
    header = file.read(4)
    if len(header) == _HEADER and (header[0] != FILL or header[1] in (0x00, FILL)):
        position, header = _after_junk(file, position)
    length = int.from_bytes(header[2:])
    if len(header) < _HEADER or header[1] in _WITHOUT_LENGTH or length < _LENGTH:
        raise UnreadableAssetError("kz.error.jpeg-damaged", path=path, offset=position)
    return Segment(header[1], position, position + 2 + length)


def _after_junk(file: BinaryIO, position: int) -> tuple[int, bytes]:
    """Return where the next segment starts, and its first four bytes (none where there is none)."""
    file.seek(position)
    found = _MARKER_IN_SCAN.search(file.read(MAX_JUNK))
    if found is None:
        return position, b""
    position += found.start()
    file.seek(position)
    return position, file.read(4)


def segments_of_scan(file: BinaryIO, position: int, path: Path) -> Iterator[Segment]:
    """Yield what follows the first SOS (which ends at `position`); an EOI segment is the last.

    Ends without one where the file does.
    """
    for _ in range(MAX_SEGMENTS):
        start = _next_marker(file, position)
        if start is None:
            return
        file.seek(start)
        header = file.read(4)
        if header[1] == EOI:
            yield Segment(EOI, start, start + 2)
            return
        position = start + 2 + max(2, int.from_bytes(header[2:]))
        yield Segment(header[1], start, position)
    raise LimitError("kz.error.jpeg-segments", path=path, limit=MAX_SEGMENTS)


def _next_marker(file: BinaryIO, position: int) -> int | None:
    file.seek(position)
    window = file.read(_WINDOW)
    while len(window) > 1:
        found = _MARKER_IN_SCAN.search(window)
        if found is not None:
            return position + found.start()
        position += len(window) - 1
        window = window[-1:] + file.read(_WINDOW)
    return None


class Component(NamedTuple):
    """One colour component of a frame header."""

    id: int
    h: int
    v: int
    table: int


class FrameHeader(NamedTuple):
    """A frame header (T.81 B.2.2): how the picture is coded."""

    marker: int
    precision: int
    height: int
    width: int
    components: tuple[Component, ...]

    @property
    def progressive(self) -> bool:
        """Whether the picture comes in several passes (SOF2, SOF10)."""
        return self.marker in (0xC2, 0xCA)

    @property
    def sampling(self) -> tuple[tuple[int, int], ...]:
        """Horizontal and vertical factors by component; one component has none to speak of."""
        if len(self.components) == 1:
            return ((1, 1),)
        return tuple((component.h, component.v) for component in self.components)


def frame_header(segment: Segment, payload: bytes, path: Path) -> FrameHeader:
    """Parse a SOF segment's payload; raises `UnreadableAssetError`."""
    count = payload[_COUNT_AT] if len(payload) > _COUNT_AT else 0
    specs = payload[6 : 6 + 3 * count]
    if not count or len(specs) < 3 * count or 0 in specs[1::3]:
        raise UnreadableAssetError("kz.error.jpeg-damaged", path=path, offset=segment.start)
    components = tuple(
        Component(specs[i], specs[i + 1] >> 4, specs[i + 1] & 15, specs[i + 2])
        for i in range(0, 3 * count, 3)
    )
    if any(component.h == 0 or component.v == 0 for component in components):
        raise UnreadableAssetError("kz.error.jpeg-damaged", path=path, offset=segment.start)
    height, width = int.from_bytes(payload[1:3]), int.from_bytes(payload[3:5])
    return FrameHeader(segment.marker, payload[0], height, width, components)


_STANDARD = (
    bytes((0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)),
    bytes((0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0)),
    bytes((0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125)),
    bytes((0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119)),
)
"""Codes by length in the Huffman tables of T.81 K.3, for encoders that do not make their own."""


def fitted(payload: bytes) -> bool:
    """Whether a DHT segment's payload has tables made for this very picture."""
    while len(payload) > len(_STANDARD[0]):
        counts = payload[1 : 1 + len(_STANDARD[0])]
        if counts not in _STANDARD:
            return True
        payload = payload[1 + len(counts) + sum(counts) :]
    return False
