"""Contrast as WCAG 2.2 defines it: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MIN_CONTRAST = 4.5
"""Success criterion 1.4.3, level AA: https://www.w3.org/TR/WCAG22/#contrast-minimum."""

_WEIGHTS = (0.2126, 0.7152, 0.0722)


def luminance(colour: tuple[int, int, int]) -> float:
    """Return the relative luminance (0 to 1) of an sRGB colour."""
    return sum(
        weight * _linear(channel / 255) for weight, channel in zip(_WEIGHTS, colour, strict=True)
    )


def _linear(channel: float) -> float:
    if channel <= 0.04045:  # noqa: PLR2004  the sRGB knee, IEC 61966-2-1
        return channel / 12.92
    return float(((channel + 0.055) / 1.055) ** 2.4)


def contrast(one: float, other: float) -> float:
    """Return the contrast ratio (1 to 21) of two relative luminances."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def median(picture: Image, mask: Image) -> tuple[int, int, int]:
    """Return the median red, green and blue under `mask`; robust against stray pixels."""
    red, green, blue = (_middle(counts) for counts in _channels(picture, mask))
    return red, green, blue


def luminances(picture: Image, mask: Image) -> tuple[float, float]:
    """Return the relative luminance of the median under `mask`, and the mean one."""
    channels = _channels(picture, mask)
    red, green, blue = map(_middle, channels)
    return luminance((red, green, blue)), _mean(channels)


def mean_luminance(picture: Image, mask: Image) -> float:
    """Return the mean relative luminance under `mask`: what fine patterns are seen as."""
    return _mean(_channels(picture, mask))


def _mean(channels: list[list[int]]) -> float:
    light, count = 0.0, max(1, sum(channels[0]))
    for weight, counts in zip(_WEIGHTS, channels, strict=True):
        total = sum(map(mul, counts, _linear_levels()), 0.0)
        light += weight * total / count
    return light


def _channels(picture: Image, mask: Image) -> list[list[int]]:
    counts = picture.histogram(mask)
    return [counts[at : at + 256] for at in (0, 256, 512)]


@cache
def _linear_levels() -> tuple[float, ...]:
    return tuple(_linear(level / 255) for level in range(256))


def _middle(counts: list[int]) -> int:
    sums = list(accumulate(counts))
    return bisect_left(sums, sums[-1] / 2)
