"""HDR's light: the mastering display (SMPTE ST 2086) and the content's light level (CTA-861.3).

FFmpeg hands them out as C structures: `AVMasteringDisplayMetadata` is ten rationals (x and y of
red, green, blue and white; least and most luminance) and two flags, `AVContentLightMetadata` two
integers. Encoders want them in words of their own.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

UNKEPT = {
    "DOVI_RPU_BUFFER": "Dolby Vision",
    "DOVI_METADATA": "Dolby Vision",
    "DYNAMIC_HDR_PLUS": "HDR10+",
    "DYNAMIC_HDR_VIVID": "HDR Vivid",
}
"""What goes with each frame and cannot be handed to an encoder."""
_MASTERING = struct.Struct("=20i2i")
_LEVELS = struct.Struct("=2I")
_CHROMA, _LUMINANCE = 50_000, 10_000
"""Units of ST 2086 in HEVC and H.264: 0.00002, and 0.0001 cd/m2."""
Point = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Light:
    """What is said of the light, if anything is."""

    colours: tuple[Point, ...] = ()
    """Red, green, blue, white."""
    luminance: tuple[Fraction, Fraction] | None = None
    """Least and most, cd/m2."""
    levels: tuple[int, int] | None = None
    """MaxCLL and MaxFALL."""

    def __bool__(self) -> bool:
        return bool(self.colours) or self.levels is not None

    @property
    def x265(self) -> list[str]:
        """Parameters of x265."""
        return self._words("master-display", "max-cll")

    @property
    def x264(self) -> list[str]:
        """Parameters of x264."""
        return self._words("mastering-display", "cll")

    def _words(self, display: str, levels: str) -> list[str]:
        words = []
        if self.colours and self.luminance:
            red, green, blue, white = (_units(point) for point in self.colours)
            low, high = (round(value * _LUMINANCE) for value in self.luminance)
            words.append(f"{display}=G{green}B{blue}R{red}WP{white}L({high},{low})")
        return words + ([f"{levels}={self.levels[0]},{self.levels[1]}"] if self.levels else [])

    @property
    def svtav1(self) -> list[str]:
        """Parameters of SVT-AV1."""
        words = []
        if self.colours and self.luminance:
            red, green, blue, white = (f"({float(x)},{float(y)})" for x, y in self.colours)
            low, high = (float(value) for value in self.luminance)
            words.append(f"mastering-display=G{green}B{blue}R{red}WP{white}L({high},{low})")
        return words + ([f"content-light={self.levels[0]},{self.levels[1]}"] if self.levels else [])


def _units(point: Point) -> str:
    return f"({round(point[0] * _CHROMA)},{round(point[1] * _CHROMA)})"


def light_of(path: Path, side_data: Mapping[str, bytes]) -> Light:
    """Return what a frame says of its light.

    Raises `RefusedError` where it says what no encoder takes (Dolby Vision, HDR10+).
    """
    for name, known in UNKEPT.items():
        if name in side_data:
            raise RefusedError("kz.error.video-dynamic", path=path, detail=known)
    mastering = side_data.get("MASTERING_DISPLAY_METADATA", b"")
    levels = side_data.get("CONTENT_LIGHT_LEVEL", b"")
    light = _mastering(mastering) if len(mastering) >= _MASTERING.size else Light()
    if len(levels) < _LEVELS.size:
        return light
    most, average = _LEVELS.unpack_from(levels)
    return Light(light.colours, light.luminance, (most, average))


def _mastering(raw: bytes) -> Light:
    *numbers, has_colours, has_luminance = _MASTERING.unpack_from(raw)
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    values = [Fraction(top, bottom) if bottom else Fraction(0) for top, bottom in pairs]
    if not has_colours or not has_luminance:
        return Light()
    points = tuple(zip(values[0:8:2], values[1:8:2], strict=True))
    return Light(points, (values[8], values[9]))
