"""The chunks of a PNG file (https://www.w3.org/TR/png-3/#5DataRep).

89 "PNG" 0D 0A 1A 0A, then chunks `length (4 bytes), type, data, CRC-32 of type and data`, IHDR the
first and IEND the last. What follows IEND is not the picture's.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from kzlabel.errors import LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 131_072
"""A picture of `MAX_PIXELS` in chunks of 8 KiB, as libpng writes it, stays under this."""
MAX_LENGTH = 2**31 - 1
_FRAME = 12
"""Bytes of a chunk around its data."""


class Chunk(NamedTuple):
    """A chunk: the data lie from `start + 8`, `length` bytes of them, then the CRC."""

    type: bytes
    start: int
    length: int

    @property
    def end(self) -> int:
        """Where the next chunk starts."""
        return self.start + self.length + _FRAME

    def data(self, file: BinaryIO) -> bytes:
        """Read the data."""
        file.seek(self.start + 8)
        return file.read(self.length)


def chunks(file: BinaryIO, path: Path) -> Iterator[Chunk]:
    """Yield the chunks from IHDR to IEND; only their headers are read, CRCs are not checked.

    Raises `UnreadableAssetError` where the file ends or errs before, `LimitError` for too many.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(8) != SIGNATURE:
        raise UnreadableAssetError("kz.error.png-damaged", path=path, offset=0)
    position = 8
    for _ in range(MAX_CHUNKS):
        header = file.read(8)
        chunk = Chunk(header[4:], position, int.from_bytes(header[:4]))
        if not chunk.type.isalpha() or chunk.length > MAX_LENGTH or chunk.end > size:
            raise UnreadableAssetError("kz.error.png-damaged", path=path, offset=position)
        yield chunk
        if chunk.type == b"IEND":
            return
        position = chunk.end
        file.seek(position)
    raise LimitError("kz.error.png-chunks", path=path, limit=MAX_CHUNKS)


def packed(kind: bytes, data: bytes) -> bytes:
    """Return a whole chunk."""
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


class Header(NamedTuple):
    """IHDR: what the samples are."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool = False

    def packed(self) -> bytes:
        """Return the IHDR chunk."""
        return packed(b"IHDR", struct.pack(">IIBBBBB", *self[:4], 0, 0, self.interlaced))

    @property
    def bits(self) -> int:
        """Bits of a pixel."""
        return self.depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[self.colour]

    @property
    def mode(self) -> str:
        """Pillow's mode of a layer of 8 bits or fewer a sample."""
        if self.depth == 1 and self.colour == 0:
            return "1"
        return {0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}[self.colour]


DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Bit depths by colour type (PNG table 8)."""


def header(data: bytes, path: Path) -> Header:
    """Parse the data of an IHDR chunk; raises `UnreadableAssetError`."""
    try:
        width, height, depth, colour, method, kind, interlaced = struct.unpack(">IIBBBBB", data)
    except struct.error as exc:
        raise UnreadableAssetError("kz.error.png-damaged", path=path, offset=8) from exc
    if depth not in DEPTHS.get(colour, ()) or method or kind or not width or not height:
        raise UnreadableAssetError("kz.error.png-damaged", path=path, offset=8)
    return Header(width, height, depth, colour, bool(interlaced))
