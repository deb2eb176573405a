"""BMP pictures, of Windows and of OS/2: the plate is written straight into the pixel array.

`BM`, u32 file size, u32 reserved, u32 offset of the pixels; then a header that says its own size
(12 and 64: OS/2; 40, 52, 56, 108, 124: Windows), masks, a palette, and rows of 4-byte words, from
the bottom to the top unless the height is negative
(https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types). There is no place for tags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError, UnsupportedTagsError
from kzlabel.formats._bmp_pixels import inks_of, painted
from kzlabel.formats._bmp_structure import Bitmap, read_bitmap, resized, size_of
from kzlabel.formats._raster import (
    check_pixels,
    decoding,
    judge_frames,
    open_image,
    place_on,
    stored_box,
    stored_plate,
)
from kzlabel.model import (
    Carrier,
    CarrierKind,
    Notice,
    NoticeReport,
    NoticeStyle,
    Placement,
    Tags,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL.Image import Image

_PILLOW_FORMATS = ("BMP",)
_MIN_HEADER, _MAX_HEADER = 12, 124
_SIZED = 26
"""Bytes in which width and height are said."""


class BmpRoom:
    """What the BMP room does."""

    def manifest_carrier(self, path: Path) -> Carrier:  # noqa: ARG002  the Protocol's arguments
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.bmp")

    def read_tags(self, path: Path) -> Tags:  # noqa: ARG002  the Protocol's arguments
        return {}

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:  # noqa: ARG002  the Protocol's arguments
        raise UnsupportedTagsError("kz.error.no-tags", path=src, format="BMP")

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        image = _decoded(src)
        bitmap = read_bitmap(src, src.read_bytes())
        if (bitmap.width, bitmap.height) != image.size:
            raise RefusedError("kz.error.bmp-kind", path=src, detail="size")
        placement = place_on(image, notice)
        check_pixels(src, placement.width, placement.height)
        dst.write_bytes(_with_plate(src, bitmap, placement))
        return placement

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        return judge_frames([_decoded(path)], hints, search=search)


def _decoded(path: Path) -> Image:
    with path.open("rb") as stream:
        head = stream.read(_SIZED)
    if len(head) == _SIZED:
        check_pixels(path, *size_of(head))
    with open_image(path, _PILLOW_FORMATS) as image, decoding(path):
        return image.copy()


def _with_plate(path: Path, bitmap: Bitmap, placement: Placement) -> bytes:
    inks = inks_of(path, bitmap)
    bitmap = inks.dyed(bitmap)
    if placement.style is NoticeStyle.STRIP:
        bitmap = resized(path, bitmap, placement.width, placement.height, inks.dark)
    plate = stored_plate(placement, 1)
    return painted(bitmap, plate.tobytes(), stored_box(placement, 1), inks)
