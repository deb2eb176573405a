"""Colour data of PNG that no viewer of ours applies: cICP, cHRM, and chunks that are there twice.

https://www.w3.org/TR/png-3/#11addnlcolinfo. Pillow tells of iCCP and gAMA, which are applied
(`_raster_colour`); what is left must be near sRGB, or nobody can say what a picture looks like.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.errors import UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.formats._png_pictures import Anatomy

MAX_SHIFT = 0.25
"""How far a primary or white (CIE x, y) may be from sRGB's: those of ProPhoto RGB are 0.24."""
_SINGLE = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"eXIf", b"tRNS", b"PLTE")
_SRGB = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
_PRIMARIES = (1, 2, 4, 5, 6, 7, 9, 11, 12, 22)
_TRANSFERS = (1, 2, 4, 5, 6, 7, 11, 13, 14, 15)
"""ITU-T H.273, without what is logarithmic, linear or of high dynamic range."""


def check_colour(file: BinaryIO, parts: Anatomy, path: Path) -> None:
    """Raise `UnreadableAssetError` where viewers show colours that cannot be told."""
    for kind in _SINGLE:
        if sum(chunk.type == kind for chunk in parts.chunks) > 1:
            raise UnreadableAssetError("kz.error.undecodable", path=path, detail=f"2 {kind!r}")
    for kind, is_sound in ((b"cICP", _is_sound_coding), (b"cHRM", _is_sound_white)):
        chunk = parts.first(kind)
        data = b"" if chunk is None or chunk.length > _LONGEST else chunk.data(file)
        if chunk is not None and not is_sound(data):
            detail = f"{kind.decode()} {data.hex(' ')}"
            raise UnreadableAssetError("kz.error.undecodable", path=path, detail=detail)


_LONGEST = 32


def _is_sound_coding(data: bytes) -> bool:
    try:
        primaries, transfer, matrix, full = data
    except ValueError:
        return False
    return (primaries in _PRIMARIES, transfer in _TRANSFERS, matrix, full) == (True, True, 0, 1)


def _is_sound_white(data: bytes) -> bool:
    if len(data) != _LONGEST:
        return False
    found = [number / 100_000 for number in struct.unpack(">8I", data)]
    return all(abs(one - other) <= MAX_SHIFT for one, other in zip(found, _SRGB, strict=True))
