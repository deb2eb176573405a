"""A small picture of an asset, for reports that people leaf through.

As it is displayed: turned as its EXIF orientation says, through its colour profile, transparent
parts on white; of animations and films the first frame, of a PDF the first page. It carries nothing
of the source but pixels. Sound, text and office documents have none, nor has a PDF that only a
password opens: a report may be read by others than who knows it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from kzlabel.model import Thumbnail

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

SIDE = 256
"""Pixels of the longer side at most; a smaller picture is not enlarged."""
QUALITY, METHOD = 70, 2
"""Of WebP: 3 to 5 KB a photograph, in 2 ms; the best method takes twice that for a tenth less."""
_REDUCING_GAP = 1.0
"""A picture is first reduced by whole numbers, which is ten times as fast, and then scaled."""
_RESIZABLE = ("L", "LA", "RGB", "RGBA", "CMYK")
"""Modes in which a picture can be made smaller before anything else is done to it."""


def thumbnail_of(path: Path, media_type: str) -> Thumbnail:
    """Return the thumbnail of the file at `path`, whose media type is one of `HAVE_ONE`.

    Raises what decoding raises: it is nobody's loss but the picture's.
    """
    image = _DISPLAYED[media_type](path)
    target = io.BytesIO()
    image.save(target, "WEBP", quality=QUALITY, method=METHOD)
    width, height = image.size
    return Thumbnail(media_type="image/webp", width=width, height=height, content=target.getvalue())


# --- As displayed ---------------------------------------------------------------------------------


def _raster(name: str, path: Path) -> Image:
    from kzlabel.formats._raster import decoding, open_image, orientation_of
    from kzlabel.formats._raster_orientation import upright

    with open_image(path, (name,)) as image, decoding(path):
        image.draft(None, (SIDE, SIDE))  # of a JPEG no more is decoded than this takes
        image.info.pop("xmp", None)  # by its orientation, only Pillow turns a TIFF
        if getattr(image, "default_image", False):  # of a PNG, for those who know no animations
            image.seek(1)
        image.load()
        small = _small(image)
        return small if name == "TIFF" else upright(small, orientation_of(image))


def _heic(path: Path) -> Image:
    from kzlabel.formats._heif import decode

    return _small(decode(path).image)


def _jxl(path: Path) -> Image:
    from kzlabel.formats._jxl_room import decoded

    return _small(decoded(path))


def _svg(path: Path) -> Image:
    from kzlabel.formats._svg_room import rendered

    return _small(rendered(path))


def _pdf(path: Path) -> Image:
    from kzlabel.formats._pdf_judge_places import Box
    from kzlabel.formats._pdfium import opened

    with opened(path) as document, document.page(0) as page:
        drawn = page.picture(Box(0, 0, *page.size), SIDE / max(page.size))
    return _small(drawn.image)


def _film(demuxer: str, path: Path) -> Image:
    from kzlabel._av.frames import first_picture
    from kzlabel.formats._raster_orientation import upright

    image, turn = first_picture(path, demuxer)
    return upright(_small(image), turn)


_DISPLAYED: Mapping[str, Callable[[Path], Image]] = {
    "image/jpeg": partial(_raster, "JPEG"),
    "image/png": partial(_raster, "PNG"),
    "image/webp": partial(_raster, "WEBP"),
    "image/gif": partial(_raster, "GIF"),
    "image/tiff": partial(_raster, "TIFF"),
    "image/avif": partial(_raster, "AVIF"),
    "image/bmp": partial(_raster, "BMP"),
    "image/heic": _heic,
    "image/jxl": _jxl,
    "image/svg+xml": _svg,
    "application/pdf": _pdf,
    "video/mp4": partial(_film, "mov"),
    "video/quicktime": partial(_film, "mov"),
    "video/x-matroska": partial(_film, "matroska"),
    "video/webm": partial(_film, "matroska"),
    "video/x-msvideo": partial(_film, "avi"),
}
"""By the media type of the report: a path in, a small picture out."""
HAVE_ONE = frozenset(_DISPLAYED)
"""Media types of what has a thumbnail."""


# --- Made small -----------------------------------------------------------------------------------


def _small(image: Image) -> Image:
    """Return a small picture in sRGB, with nothing but its pixels."""
    from PIL import Image

    from kzlabel.formats._raster_view import on_grounds

    if image.mode not in _RESIZABLE or "transparency" in image.info:
        image = on_grounds(image)[0]
    scale = min(1.0, SIDE / max(image.size))
    width, height = (max(1, round(side * scale)) for side in image.size)
    small = image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=_REDUCING_GAP)
    shown = _managed(small, on_grounds(small)[0])
    shown.info.clear()  # encoders write what they find there
    return shown


def _managed(small: Image, colours: Image) -> Image:
    """Return `colours`, the RGB of `small`, through its colour profile, where that can be told."""
    from kzlabel.formats._raster_icc import ColourError
    from kzlabel.formats._raster_view import COLOUR_DATA

    if not COLOUR_DATA & small.info.keys():
        return colours
    from kzlabel.formats._raster_colour import shown_ways

    try:
        as_stored, *managed = shown_ways(small, colours)
    except ColourError:
        return colours
    return managed[0] if managed else as_stored
