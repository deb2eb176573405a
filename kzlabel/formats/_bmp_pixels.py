"""Grey levels as the pixels of a BMP: masks, or the nearest entries of its palette."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.notices.contrast import MIN_CONTRAST, contrast, luminance

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.formats._bmp_structure import Bitmap

Colour = tuple[int, int, int]

_INDEXED = 8
_LEVELS = range(256)
_BLACK: Colour = (0, 0, 0)
_WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True)
class Inks:
    """How each grey level is written."""

    pixels: tuple[bytes, ...]
    """The pixel of each level; of palette pictures one byte, the index."""
    dark: bytes
    """What fills a new row with dark pixels, repeated."""
    entries: tuple[tuple[int, Colour], ...] = ()
    """Palette entries that no pixel uses, and the colours they are given."""

    def dyed(self, bitmap: Bitmap) -> Bitmap:
        """Return the bitmap with the unused entries of its palette in their new colours."""
        content, palette = bytearray(bitmap.content), list(bitmap.palette)
        for index, colour in self.entries:
            at = bitmap.palette_at + index * bitmap.entry
            content[at : at + 3] = bytes(reversed(colour))
            palette[index] = colour
        return replace(bitmap, content=bytes(content), palette=tuple(palette))


def inks_of(path: Path, bitmap: Bitmap) -> Inks:
    """Return the inks of a bitmap; raises `RefusedError` where a palette lacks contrast."""
    if bitmap.bits <= _INDEXED:
        return _indexed(path, bitmap)
    if bitmap.bits == 24:  # noqa: PLR2004  bits a pixel, or their mask
        return Inks(tuple(bytes([level] * 3) for level in _LEVELS), bytes(3))
    spare = _spare(bitmap)
    form = "<H" if bitmap.bits == 16 else "<I"  # noqa: PLR2004  bits a pixel, or their mask
    pixels = tuple(
        struct.pack(form, sum(_scaled(level, mask) for mask in bitmap.masks[:3]) | spare)
        for level in _LEVELS
    )
    return Inks(pixels, pixels[0])


def _scaled(level: int, mask: int) -> int:
    if not mask:
        return 0
    shift = (mask & -mask).bit_length() - 1
    return round(level / 255 * (mask >> shift)) << shift & mask


def _spare(bitmap: Bitmap) -> int:
    """Return the bits that make a pixel opaque.

    Without an alpha mask the fourth byte says nothing; some viewers take it for alpha where any
    pixel has one, so it is set there.
    """
    if bitmap.masks[3] or bitmap.bits != 32:  # noqa: PLR2004  bits a pixel, or their mask
        return bitmap.masks[3]
    unused = 0xFFFFFFFF & ~(bitmap.masks[0] | bitmap.masks[1] | bitmap.masks[2])
    if unused != 0xFF000000:  # noqa: PLR2004  bits a pixel, or their mask
        return 0
    said = bitmap.content[bitmap.pixels_at + 3 : bitmap.pixels_end : 4]
    return unused if any(said) else 0


# --- Palettes -------------------------------------------------------------------------------------


def _indexed(path: Path, bitmap: Bitmap) -> Inks:
    palette = list(bitmap.palette)
    entries: list[tuple[int, Colour]] = []
    if _contrast(palette) < MIN_CONTRAST:
        free = sorted(set(range(len(palette))) - _used(bitmap))
        entries = list(zip(free, (_BLACK, _WHITE), strict=False))
        for index, colour in entries:
            palette[index] = colour
    if _contrast(palette) < MIN_CONTRAST:
        raise RefusedError("kz.error.bmp-palette", path=path, entries=len(palette))
    nearest = tuple(bytes([_nearest(palette, level)]) for level in _LEVELS)
    dark = bytes([nearest[0][0] * {8: 1, 4: 0x11, 1: 0xFF}[bitmap.bits]])
    return Inks(nearest, dark, tuple(entries))


def _contrast(palette: list[Colour]) -> float:
    if not palette:
        return 1.0
    return contrast(
        luminance(palette[_nearest(palette, 255)]), luminance(palette[_nearest(palette, 0)])
    )


def _nearest(palette: list[Colour], level: int) -> int:
    return min(range(len(palette)), key=lambda n: sum((part - level) ** 2 for part in palette[n]))


def _used(bitmap: Bitmap) -> set[int]:
    found = set(bitmap.content[bitmap.pixels_at : bitmap.pixels_end])
    per = 8 // bitmap.bits
    mask = (1 << bitmap.bits) - 1
    return {byte >> bitmap.bits * n & mask for byte in found for n in range(per)}


# --- Painting -------------------------------------------------------------------------------------


def painted(bitmap: Bitmap, plate: bytes, box: tuple[int, int, int, int], inks: Inks) -> bytes:
    """Return the BMP with a plate (a byte of grey level a pixel, row by row) in `box`."""
    content = bytearray(bitmap.content)
    left, top, right, bottom = box
    width = right - left
    indexes = bytes(pixel[0] for pixel in inks.pixels)
    for y in range(top, bottom):
        levels = plate[(y - top) * width : (y - top + 1) * width]
        row = bitmap.row_at(y)
        if bitmap.bits < _INDEXED:
            _pack(content, row, left, levels.translate(indexes), bitmap.bits)
        elif bitmap.bits == _INDEXED:
            content[row + left : row + right] = levels.translate(indexes)
        else:
            size = bitmap.bits // 8
            pixels = b"".join([inks.pixels[level] for level in levels])
            content[row + left * size : row + right * size] = pixels
    return bytes(content)


def _pack(content: bytearray, row: int, left: int, indexes: bytes, bits: int) -> None:
    per, mask = 8 // bits, (1 << bits) - 1
    for x, index in enumerate(indexes, left):
        at, shift = row + x // per, 8 - bits * (x % per + 1)
        content[at] = content[at] & ~(mask << shift) | index << shift
