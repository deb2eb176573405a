"""Text in the lowest bits of a PNG's alpha channel, as NovelAI and web UIs hide it ("stealth").

Column by column, each from top to bottom, one bit a pixel, the highest bit of a byte first::

    stealth_pnginfo   15 bytes, or stealth_pngcomp
    length            32 bits: how many bits follow
    text              UTF-8; of stealth_pngcomp, gzip

https://github.com/NovelAI/novelai-image-metadata, https://github.com/neggles/sd-webui-stealth-pnginfo.
Read in pictures of 8 bits with alpha that are not interlaced. The first column alone settles
nearly every picture at its first or second row: alpha is 255 there, or 0, all the way down. Only
the alpha of the columns that hold the text is unfiltered (PNG 9.2), and nothing is decoded.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.formats._png_chunks import Header, chunks, header
from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIGNATURES = (b"stealth_pnginfo", b"stealth_pngcomp")
MAX_PIXELS_BYTES = 512 * 1024 * 1024
"""Of a picture that is looked into, as filtered: 134 megapixels."""
MAX_ROW = 1024 * 1024
"""Of a wider row the first column is not looked at."""
MAX_HIDDEN = 128 * 1024
"""Bytes of the hidden text as stored; NovelAI's have ten thousand at most."""
MAX_TEXT = 1024 * 1024
"""Bytes of the text, decompressed."""
LEAST_ROWS = 16
"""A lower picture has too few bits in its first column to tell by."""
_RGBA = 6
_FAMILY = "stealth"
_PIECE = 16_384
_BEFORE_TEXT = len(SIGNATURES[0]) * 8 + 32
_LENGTH_BYTES = 4
_LOWEST = b"01" * 128
"""The lowest bit of each byte, as a digit."""


def read_stealth(file: BinaryIO, path: Path) -> dict[str, str]:
    """Return the family `stealth`: the hidden text by its signature; empty where there is none.

    The file's chunks must be sound (`read_texts` went over them). What is damaged is left out.
    """
    file.seek(8 + 8)
    shape = header(file.read(13), path)
    whole = (1 + 4 * shape.width) * shape.height
    fits = shape.height >= LEAST_ROWS and shape.width <= MAX_ROW
    if shape.colour != _RGBA or shape.depth != 8 or shape.interlaced or not fits:  # noqa: PLR2004
        return {}
    try:
        if not _begins_so(file, path, shape):
            return {}
        if whole > MAX_PIXELS_BYTES:
            cut(_FAMILY)
            return {}
        return _hidden(file, path, shape)
    except (EOFError, zlib.error, UnicodeDecodeError):
        return {}


# --- The pixels as they are stored ----------------------------------------------------------------


class _Inflated:
    """The filtered rows of a picture, inflated piece by piece as they are asked for."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._pieces = _pieces(file, path)
        self._inflater = zlib.decompressobj()
        self._tail = b""

    def read(self, length: int) -> bytes:
        """Return so many bytes; raises `EOFError` where the picture ends before."""
        parts: list[bytes] = []
        while length > 0:
            source = self._tail or next(self._pieces, b"")
            if not source or self._inflater.eof:
                raise EOFError
            part = self._inflater.decompress(source, length)
            self._tail = self._inflater.unconsumed_tail
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


def _pieces(file: BinaryIO, path: Path) -> Iterator[bytes]:
    for chunk in chunks(file, path):
        if chunk.type == b"IDAT":
            for start in range(0, chunk.length, _PIECE):
                file.seek(chunk.start + 8 + start)
                yield file.read(min(_PIECE, chunk.length - start))


# --- The first column -----------------------------------------------------------------------------


def _begins_so(file: BinaryIO, path: Path, shape: Header) -> bool:
    """Whether the first column begins with a signature, as far as it reaches; ends at once if not.

    Left of it is nothing, so that the filters Sub, Up, Average and Paeth come to 0, the sample
    above, its half, and the sample above.
    """
    rows = _Inflated(file, path)
    above, left = 0, set(SIGNATURES)
    for row in range(min(shape.height, len(SIGNATURES[0]) * 8)):
        if row:
            rows.read(4 * (shape.width - 1))
        kind, *_, sample = rows.read(5)
        above = sample + (0, 0, above, above >> 1, above, 0)[min(kind, 5)] & 0xFF
        left = {sign for sign in left if sign[row >> 3] >> (7 - (row & 7)) & 1 == above & 1}
        if not left:
            return False
    return True


# --- The text -------------------------------------------------------------------------------------


def _hidden(file: BinaryIO, path: Path, shape: Header) -> dict[str, str]:
    """Return the hidden text; the columns before it tell how many hold it."""
    if shape.width * shape.height <= _BEFORE_TEXT:
        return {}
    first = _bytes(file, path, shape, _BEFORE_TEXT)
    sign, length = first[:-_LENGTH_BYTES], int.from_bytes(first[-_LENGTH_BYTES:]) // 8
    if sign not in SIGNATURES or not length:
        return {}
    if _BEFORE_TEXT + 8 * length > shape.width * shape.height:
        return {}
    if length > MAX_HIDDEN:
        cut(_FAMILY)
        return {}
    stored = _bytes(file, path, shape, _BEFORE_TEXT + 8 * length)[len(first) :]
    if sign == SIGNATURES[1]:
        stored = _unzipped(stored)
    return {sign.decode("ascii"): stored.decode("utf-8")}


def _unzipped(stored: bytes) -> bytes:
    """Return the text of a gzip member; raises `EOFError` where it is cut, or too long."""
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    text = inflater.decompress(stored, MAX_TEXT)
    if not inflater.eof:
        if len(text) >= MAX_TEXT:
            cut(_FAMILY)
        raise EOFError
    return text


def _bytes(file: BinaryIO, path: Path, shape: Header, bits: int) -> bytes:
    """Return so many bits of the alpha channel, column by column, as bytes."""
    columns = -(-bits // shape.height)
    rows, above = _Inflated(file, path), [0] * columns
    samples = bytearray()
    for _ in range(min(shape.height, bits)):
        row = rows.read(1 + 4 * shape.width)
        above = _unfiltered(row[0], row[4 : 4 * columns + 1 : 4], above)
        samples += bytes(above)
    ordered = b"".join(samples[column::columns] for column in range(columns))[:bits]
    return int(ordered.translate(_LOWEST), 2).to_bytes(-(-bits // 8))


def _unfiltered(kind: int, stored: bytes, above: list[int]) -> list[int]:
    if kind == 0:
        return list(stored)
    if kind == 2:  # noqa: PLR2004  Up, the filter of flat alpha
        return [(sample + up) & 0xFF for sample, up in zip(stored, above, strict=True)]
    row: list[int] = []
    left = corner = 0
    for sample, up in zip(stored, above, strict=True):
        left = sample + _predicted(kind, left, up, corner) & 0xFF
        corner = up
        row.append(left)
    return row


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    """Return what the filters Sub, Average and Paeth predict (PNG 9.2)."""
    if kind == 1:
        return left
    if kind == 3:  # noqa: PLR2004  Average
        return (left + up) >> 1
    by_left, by_up, by_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if by_left <= by_up and by_left <= by_corner:
        return left
    return up if by_up <= by_corner else corner
