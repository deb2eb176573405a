"""A frame as people see it: RGB, by its own matrix and range; HDR toned down crudely.

PQ (SMPTE ST 2084) is shown as it looks where white is 203 cd/m2 (ITU-R BT.2408), what is brighter
is white; HLG (ARIB STD-B67) has its white at 75 %.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from kzlabel._av._video_planes import HLG, PQ
from kzlabel._av.video import colour_of

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from PIL.Image import Image

_MATRIX = {1: 1, 4: 4, 5: 5, 6: 6, 7: 7, 9: 9, 10: 9}
"""Matrix coefficients to those of swscale (`SWS_CS_*`)."""
_HIGH_DEFINITION = 720
"""Lines from which BT.709 is taken where nothing is said, as players do."""
BT709, BT601 = 1, 5
_LIMITED, _FULL = 1, 2
WHITE = 203.0
"""cd/m2 of graphics white."""


def picture(frame: VideoFrame, aspect: Fraction) -> Image:
    """Return a frame in square pixels and RGB (RGBA where it is transparent), not turned."""
    from PIL import Image

    colour = colour_of(frame)
    see_through = any(part.is_alpha for part in frame.format.components)
    mode = "rgba" if see_through else "rgb24"
    unsaid = BT709 if frame.height >= _HIGH_DEFINITION else BT601
    shown = frame.reformat(
        width=max(1, round(frame.width * aspect)),
        height=frame.height,
        format=mode,
        src_colorspace=_MATRIX.get(colour.matrix, unsaid),
        src_color_range=_FULL if colour.full else _LIMITED,
        dst_color_range=_FULL,
    )
    samples = shown.to_ndarray()
    image = Image.fromarray(samples)
    table = _toned(colour.transfer)
    if not table:
        return image
    return image.point(list(table) * 3 + (list(range(256)) if see_through else []))


@cache
def _toned(transfer: int) -> tuple[int, ...]:
    """Return the sRGB value of each of 256 values of an HDR transfer; empty for others."""
    if transfer == PQ:
        return tuple(_srgb(_pq(value / 255) / WHITE) for value in range(256))
    if transfer == HLG:
        white = _hlg(0.75)
        return tuple(_srgb(_hlg(value / 255) / white) for value in range(256))
    return ()


def _pq(signal: float) -> float:
    """Return cd/m2 (SMPTE ST 2084)."""
    m1, m2 = 2610 / 16384, 2523 / 32
    c1, c2, c3 = 3424 / 4096, 2413 / 128, 2392 / 128
    power = signal ** (1 / m2)
    return 10_000.0 * float((max(power - c1, 0.0) / (c2 - c3 * power)) ** (1 / m1))


def _hlg(signal: float) -> float:
    """Return light by its most (ITU-R BT.2100), the system gamma of 1.2 included."""
    from math import exp

    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = signal * signal / 3 if signal <= 0.5 else (exp((signal - c) / a) + b) / 12  # noqa: PLR2004  as in BT.2100
    return float(scene**1.2)


def _srgb(light: float) -> int:
    light = min(max(light, 0.0), 1.0)
    value = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055  # noqa: PLR2004  as in IEC 61966-2-1
    return round(255 * value)
