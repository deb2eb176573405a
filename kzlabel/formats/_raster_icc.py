"""ICC profiles, as far as their table of tags tells (ICC.1:2022 sections 7, 9 and 10).

Read without a colour engine: whether one is near sRGB, as most are, and which parts of one a viewer
may go by. Loading the engine takes longer than judging a notice.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_PROFILE = 16 << 20
"""Bytes; profiles of printers have about 2 MB."""
KEPT_PROFILES = 8
PLAIN = 0.02
"""How far from sRGB a curve (0 to 1) or a primary (XYZ) may be without anybody seeing it."""
_HEADER, _ENTRY, _MAX_TAGS = 132, 12, 256
_FLOAT_TABLES = (b"D2B0", b"D2B1", b"D2B2", b"D2B3")
_TABLES = (b"A2B0", b"A2B1", b"A2B2")
_CURVES = {b"RGB ": (b"rTRC", b"gTRC", b"bTRC"), b"GRAY": (b"kTRC",)}
_PRIMARIES = {
    b"rXYZ": (0.4361, 0.2225, 0.0139),
    b"gXYZ": (0.3851, 0.7169, 0.0971),
    b"bXYZ": (0.1431, 0.0606, 0.7139),
}
"""Of sRGB, adapted to D50."""
_PERCEPTUAL, _RELATIVE = 0, 1
_PARAMETERS = (1, 3, 4, 5, 7)
"""Numbers of a parametric curve, by its kind."""
_SDR = (1, 6, 13, 14, 15)
"""Transfers (ITU-T H.273) near that of sRGB."""
_LEVELS = tuple(level / 255 for level in range(256))


class ColourError(ValueError):
    """Nobody can say what this colour data makes of the pixels."""


def readings(profile: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield the profile as readers of its various parts have it, with the rendering intent.

    Raises `ColourError` where it is none, or asks for what no reading of ours does.
    """
    tags = tags_of(profile)
    coded = tags.get(b"cicp", b"")
    if coded and coded[9:10] not in [bytes([number]) for number in _SDR]:
        raise ColourError("cicp")
    curves = _CURVES.get(profile[16:20], (b"",))
    without_floats = _renamed(profile, _FLOAT_TABLES)
    yield without_floats, _PERCEPTUAL
    if b"A2B1" in tags:
        yield without_floats, _RELATIVE
    if any(name in tags for name in _FLOAT_TABLES):
        yield profile, _PERCEPTUAL
    if any(name in tags for name in _TABLES) and all(curve in tags for curve in curves):
        yield _renamed(without_floats, _TABLES), _PERCEPTUAL


@lru_cache(KEPT_PROFILES)
def is_plain(profile: bytes) -> bool:
    """Whether the profile is that of sRGB, or so near that nobody sees a difference."""
    try:
        tags = tags_of(profile)
        if any(name in tags for name in (*_FLOAT_TABLES, *_TABLES, b"cicp")):
            return False
        if profile[16:24] != b"RGB XYZ ":
            return False
        if not all(_near(_xyz(tags[name]), wanted) for name, wanted in _PRIMARIES.items()):
            return False
        srgb = tuple(map(_srgb, _LEVELS))
        curves = {tags[name] for name in _CURVES[b"RGB "]}
        return all(_near(tuple(map(_curve(tag), _LEVELS)), srgb) for tag in curves)
    except (ColourError, ArithmeticError, IndexError, KeyError, TypeError, struct.error):
        return False


def tags_of(profile: bytes) -> dict[bytes, bytes]:
    """Return the tags; raises `ColourError` where they are damaged, or named twice."""
    if not _HEADER <= len(profile) <= MAX_PROFILE or profile[36:40] != b"acsp":
        raise ColourError("no profile")
    count = int.from_bytes(profile[128:_HEADER])
    if count > _MAX_TAGS or len(profile) < _HEADER + count * _ENTRY:
        raise ColourError("tag table")
    found: dict[bytes, bytes] = {}
    for number in range(count):
        name, start, size = struct.unpack_from(">4sII", profile, _HEADER + number * _ENTRY)
        if name in found or start + size > len(profile):
            raise ColourError(f"tag {name!r}")
        found[name] = profile[start : start + size]
    return found


def _renamed(profile: bytes, names: tuple[bytes, ...]) -> bytes:
    """Return the profile with the tags of these names made unknown ones."""
    changed = bytearray(profile)
    for number in range(int.from_bytes(profile[128:_HEADER])):
        at = _HEADER + number * _ENTRY
        if changed[at : at + 4] in names:
            changed[at : at + 4] = b"kz" + number.to_bytes(2)
    return bytes(changed)


# --- Near sRGB ------------------------------------------------------------------------------------


def _near(found: tuple[float, ...], wanted: tuple[float, ...]) -> bool:
    return all(abs(one - other) <= PLAIN for one, other in zip(found, wanted, strict=True))


def _srgb(signal: float) -> float:
    return ((signal + 0.055) / 1.055) ** 2.4 if signal > 0.04045 else signal / 12.92  # noqa: PLR2004  IEC 61966-2-1


def _xyz(tag: bytes) -> tuple[float, ...]:
    return tuple(number / 65536 for number in struct.unpack_from(">3i", tag, 8))


def _curve(tag: bytes) -> Callable[[float], float]:
    if tag[:4] == b"para":
        kind = int.from_bytes(tag[8:10])
        numbers = struct.unpack_from(f">{_PARAMETERS[kind]}i", tag, 12)
        return _parametric(kind, [number / 65536 for number in numbers])
    if tag[:4] != b"curv":
        raise ColourError("curve")
    count = int.from_bytes(tag[8:12])
    values = struct.unpack_from(f">{count}H", tag, 12)
    if count == 1:
        return lambda signal: signal ** (values[0] / 256)
    return lambda signal: _interpolated(values, signal) if values else signal


def _interpolated(values: tuple[int, ...], signal: float) -> float:
    place = signal * (len(values) - 1)
    left = min(int(place), len(values) - 2)
    return (values[left] + (values[left + 1] - values[left]) * (place - left)) / 65535


def _parametric(kind: int, numbers: list[float]) -> Callable[[float], float]:
    """Return the curve that `numbers` (g, a, b, c, d, e, f) are of, by ICC.1 table 68."""
    if kind == 0:
        return lambda signal: signal ** numbers[0]
    if kind != 3:  # noqa: PLR2004  the kind that sRGB is written in
        raise ColourError("parametric curve")
    g, a, b, c, d = numbers
    return lambda signal: (a * signal + b) ** g if signal >= d else c * signal
