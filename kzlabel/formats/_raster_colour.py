"""Colour data beside the pixels: what an ICC profile or a gamma makes of them on a screen.

Most viewers apply them, some do not, and not all the same part of them. So a piece of a picture is
judged as stored and in each way in which it may be shown (ICC.1:2022, https://www.color.org; PNG
11.3.2, https://www.w3.org/TR/png-3/#11addnlcolinfo).
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

from kzlabel.formats._raster_icc import ColourError, is_plain, readings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image
    from PIL.ImageCms import ImageCmsTransform

KEPT_TRANSFORMS = 8
SCREEN_GAMMA = 1 / 2.2
PLAIN_GAMMA = 0.03
"""How far from 1/2.2 the gamma of a file may be without anybody seeing it."""
MAX_DIFFERENCE = 8
"""Levels (of 255) by which two pieces may differ and be judged as one."""


def shown_ways(piece: Image, colours: Image) -> list[Image]:
    """Return `colours`, the RGB of `piece`, as stored and as each kind of viewer shows them.

    Raises `ColourError` where that cannot be told.
    """
    ways = [colours]
    profile = piece.info.get("icc_profile", b"")
    if profile is None:  # as Pillow has it where it was damaged
        raise ColourError("damaged profile")
    if isinstance(profile, bytes) and profile and not is_plain(profile):
        ways += _through(piece, colours, profile)
    gamma = piece.info.get("gamma")
    if isinstance(gamma, float) and gamma > 0 and abs(gamma - SCREEN_GAMMA) > PLAIN_GAMMA:
        ways.append(colours.point([*_gamma_table(gamma)] * 3))
    return _distinct(ways)


def _gamma_table(gamma: float) -> Iterator[int]:
    exponent = SCREEN_GAMMA / gamma
    return (round(255 * (level / 255) ** exponent) for level in range(256))


def _through(piece: Image, colours: Image, profile: bytes) -> Iterator[Image]:
    """Yield the piece through each reading of its profile."""
    from PIL import ImageCms

    space = profile[16:20]
    if space not in (b"RGB ", b"GRAY", b"CMYK") or (space == b"CMYK") != (piece.mode == "CMYK"):
        raise ColourError("profile of another colour space")
    source = {b"RGB ": colours, b"GRAY": colours.convert("L"), b"CMYK": piece}[space]
    for reading, intent in readings(profile):
        try:
            transform = _transform(reading, source.mode, intent)
            yield ImageCms.applyTransform(source, transform) or source
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError, MemoryError) as exc:
            raise ColourError(str(exc)) from exc


@lru_cache(KEPT_TRANSFORMS)
def _transform(profile: bytes, mode: str, intent: int) -> ImageCmsTransform:
    from PIL import ImageCms

    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent(intent),
    )


def _distinct(ways: list[Image]) -> list[Image]:
    kept: list[Image] = []
    for way in ways:
        if not any(_alike(way, other) for other in kept):
            kept.append(way)
    return kept


def _alike(one: Image, other: Image) -> bool:
    from PIL import ImageChops, ImageStat

    return max(ImageStat.Stat(ImageChops.difference(one, other)).extrema)[1] <= MAX_DIFFERENCE
