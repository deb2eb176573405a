"""The bytes of a BMP: its headers parsed, its pixel array made larger."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

MAX_BMP_BYTES = 1 << 30
_FILE_HEADER, _CORE, _INFO = 14, 12, 40
_V2, _V4, _V5 = 52, 108, 124
_WINDOWS = (_INFO, _V2, 56, _V4, _V5)
_RGB, _BITFIELDS, _ALPHA_BITFIELDS = 0, 3, 6
_DEPTHS = (1, 4, 8, 16, 24, 32)
_MASKS_16 = (0x7C00, 0x3E0, 0x1F, 0)
_MASKS_32 = (0xFF0000, 0xFF00, 0xFF, 0)
_INDEXED = 8
_U16 = 0xFFFF


@dataclass(frozen=True)
class Bitmap:
    """A BMP: headers, palette, rows."""

    content: bytes
    header: int
    """Size of the second header."""
    width: int
    height: int
    top_down: bool
    bits: int
    masks: tuple[int, int, int, int]
    """Red, green, blue, alpha; of 16 and 32 bits a pixel."""
    palette_at: int
    palette: tuple[tuple[int, int, int], ...]
    """Red, green, blue."""
    entry: int
    """Bytes of a palette entry."""
    pixels_at: int

    @property
    def stride(self) -> int:
        """Bytes of a row."""
        return stride_of(self.width, self.bits)

    @property
    def pixels_end(self) -> int:
        """Where the pixel array ends."""
        return self.pixels_at + self.stride * self.height

    def row_at(self, y: int) -> int:
        """Where the row that is `y` from the top starts."""
        row = y if self.top_down else self.height - 1 - y
        return self.pixels_at + row * self.stride


def stride_of(width: int, bits: int) -> int:
    """Return the bytes of a row: whole words of 32 bits."""
    return (width * bits + 31) // 32 * 4


def read_bitmap(path: Path, content: bytes) -> Bitmap:
    """Parse a BMP; raises `UnreadableAssetError`, and `RefusedError` for what we cannot paint."""
    if len(content) > MAX_BMP_BYTES:
        raise LimitError("kz.error.box-size", path=path, limit=MAX_BMP_BYTES)
    try:
        bitmap = _parse(path, content)
    except struct.error as exc:
        raise UnreadableAssetError("kz.error.bmp-damaged", path=path, detail=exc) from exc
    if bitmap.width <= 0 or bitmap.height <= 0 or bitmap.pixels_end > len(content):
        detail = f"{bitmap.width} x {bitmap.height}, {len(content)} bytes"
        raise UnreadableAssetError("kz.error.bmp-damaged", path=path, detail=detail)
    if bitmap.pixels_at < bitmap.palette_at + bitmap.entry * len(bitmap.palette):
        raise UnreadableAssetError("kz.error.bmp-damaged", path=path, detail="palette")
    return bitmap


def size_of(head: bytes) -> tuple[int, int]:
    """Return width and height by the first 26 bytes of a file."""
    (header,) = struct.unpack_from("<I", head, 14)
    width, height = struct.unpack_from("<HH" if header == _CORE else "<ii", head, 18)
    return abs(width), abs(height)


def _parse(path: Path, content: bytes) -> Bitmap:
    (pixels_at, header) = struct.unpack_from("<II", content, 10)
    compression, used = _RGB, 0
    if header == _CORE:
        width, height, _, bits = struct.unpack_from("<HHHH", content, 18)
    else:
        width, height, _, bits = struct.unpack_from("<iiHH", content, 18)
        if header >= _INFO:
            (compression,) = struct.unpack_from("<I", content, 30)
            (used,) = struct.unpack_from("<I", content, 46)
    if not _paintable(header, bits, compression):
        detail = f"{bits} bits, compression {compression}, header {header}"
        raise RefusedError("kz.error.bmp-kind", path=path, detail=detail)
    masks, after = _masks(content, header, bits, compression)
    entry = 3 if header == _CORE else 4
    count = min(used or 1 << bits, 1 << bits) if bits <= _INDEXED else 0
    return Bitmap(
        content, header, width, abs(height), height < 0, bits, masks, after,
        _palette(content, after, count, entry), entry, pixels_at,
    )  # fmt: skip


def _paintable(header: int, bits: int, compression: int) -> bool:
    if bits not in _DEPTHS:
        return False
    masked = compression in (_BITFIELDS, _ALPHA_BITFIELDS)
    return compression == _RGB or (masked and header in _WINDOWS and bits in (16, 32))


def _masks(
    content: bytes, header: int, bits: int, compression: int
) -> tuple[tuple[int, int, int, int], int]:
    after = _FILE_HEADER + header
    if compression == _RGB:
        return (_MASKS_16 if bits == 16 else _MASKS_32), after  # noqa: PLR2004  bits a pixel, or bytes of a colour
    at = _FILE_HEADER + _INFO  # the masks follow the 40 bytes, inside the later headers
    red, green, blue = struct.unpack_from("<III", content, at)
    alpha = 0
    if header > _V2 or compression == _ALPHA_BITFIELDS:
        (alpha,) = struct.unpack_from("<I", content, at + 12)
    if header == _INFO:
        after += 16 if compression == _ALPHA_BITFIELDS else 12
    return (red, green, blue, alpha), after


def _palette(content: bytes, at: int, count: int, entry: int) -> tuple[tuple[int, int, int], ...]:
    colours = [content[at + entry * n : at + entry * n + 3] for n in range(count)]
    return tuple((c[2], c[1], c[0]) for c in colours if len(c) == 3)  # noqa: PLR2004  bits a pixel, or bytes of a colour


def resized(path: Path, bitmap: Bitmap, width: int, height: int, fill: bytes) -> Bitmap:
    """Return the bitmap on a larger canvas, at its upper left; `fill` is a dark pixel or more."""
    if bitmap.header == _CORE and max(width, height) > _U16:
        raise RefusedError("kz.error.bmp-kind", path=path, detail=f"{width} x {height}")
    wider = replace(bitmap, width=width, height=height)
    rows = _rows(bitmap, wider, fill)
    blank = _run(fill, wider.stride) * (height - bitmap.height)
    pixels = rows + blank if bitmap.top_down else blank + rows
    head = bytearray(bitmap.content[: bitmap.pixels_at])
    tail = bitmap.content[bitmap.pixels_end :]
    grown = len(pixels) - bitmap.stride * bitmap.height
    _update(head, wider, len(bitmap.content) + grown, len(pixels), grown)
    return replace(wider, content=bytes(head) + pixels + tail)


def _run(fill: bytes, length: int) -> bytes:
    return (fill * (length // len(fill) + 1))[:length]


def _rows(bitmap: Bitmap, wider: Bitmap, fill: bytes) -> bytes:
    at, stride = bitmap.pixels_at, bitmap.stride
    rows = (bitmap.content[at + n * stride : at + (n + 1) * stride] for n in range(bitmap.height))
    if wider.width == bitmap.width:
        return b"".join(rows)
    used, rest = divmod(bitmap.width * bitmap.bits, 8)
    keep = 0xFF00 >> rest & 0xFF
    parts: list[bytes] = []
    for row in rows:
        edge = bytes([row[used] & keep | fill[0] & ~keep & 0xFF]) if rest else b""
        new = row[:used] + edge
        parts.append(new + _run(fill, wider.stride - len(new)))
    return b"".join(parts)


def _update(head: bytearray, bitmap: Bitmap, total: int, pixels: int, grown: int) -> None:
    struct.pack_into("<I", head, 2, total)
    if bitmap.header == _CORE:
        struct.pack_into("<HH", head, 18, bitmap.width, bitmap.height)
        return
    height = -bitmap.height if bitmap.top_down else bitmap.height
    struct.pack_into("<ii", head, 18, bitmap.width, height)
    if bitmap.header >= _INFO and struct.unpack_from("<I", head, 34)[0]:
        struct.pack_into("<I", head, 34, pixels)
    if bitmap.header >= _V5:
        (profile,) = struct.unpack_from("<I", head, _FILE_HEADER + 112)
        if profile + _FILE_HEADER >= bitmap.pixels_at:
            struct.pack_into("<I", head, _FILE_HEADER + 112, profile + grown)
