"""Contrast as WCAG 2.2 defines it: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""

from __future__ import annotations

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
