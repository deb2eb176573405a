"""EXIF orientation: between the picture as stored and as displayed (Exif 3.0, tag 0x0112)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._raster_limits import DAMAGE
from kzlabel.notices.visible import box, plate

if TYPE_CHECKING:
    from PIL.Image import Image, Transpose

    from kzlabel.model import Placement, Region

Box = tuple[int, int, int, int]
Size = tuple[int, int]

ORIENTATION = 0x0112
TURNED = (5, 6, 7, 8)
"""Orientations in which width and height change places."""


def orientation_of(image: Image) -> int:
    """Return the EXIF orientation, 1 to 8; 1 where it is missing or makes no sense.

    Not `getexif()`: Pillow falls back on XMP, by which no browser turns a picture.
    """
    from PIL import Image

    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        value = exif.get(ORIENTATION, 1)
    except (*DAMAGE, OSError):
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1  # noqa: PLR2004  as the tag


def displayed_size(image: Image | Size, orientation: int) -> Size:
    """Return width and height as displayed."""
    width, height = image if isinstance(image, tuple) else image.size
    return (height, width) if orientation in TURNED else (width, height)


def stored_point(x: int, y: int, size: Size, orientation: int) -> tuple[int, int]:
    """Return where the corner (x, y) of a displayed picture of `size` lies as stored."""
    width, height = size
    return {
        1: (x, y),
        2: (width - x, y),
        3: (width - x, height - y),
        4: (x, height - y),
        5: (y, x),
        6: (y, width - x),
        7: (height - y, width - x),
        8: (height - y, x),
    }[orientation]


def undo(area: Box, size: Size, orientation: int) -> Box:
    """Return the displayed `area` of a displayed picture of `size` in stored coordinates."""
    ax, ay = stored_point(area[0], area[1], size, orientation)
    bx, by = stored_point(area[2], area[3], size, orientation)
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def stored_size(placement: Placement, orientation: int) -> Size:
    """Return width and height as stored of the canvas, the band included."""
    return displayed_size((placement.width, placement.height), orientation)


def stored_box(placement: Placement, orientation: int) -> Box:
    """Return the plate (left, top, right, bottom) in the canvas as stored, the band included."""
    return undo(box(placement), (placement.width, placement.height), orientation)


def stored_plate(placement: Placement, orientation: int) -> Image:
    """Return the plate, mode L, as it lies in the stored picture."""
    return turned(plate(placement), _UNDO[orientation])


def upright(image: Image, orientation: int) -> Image:
    """Return the stored `image` as displayed."""
    return turned(image, _APPLY[orientation])


def turned(image: Image, name: str) -> Image:
    """Return `image` turned by Pillow's operation `name`; itself for none."""
    from PIL import Image

    operation: Transpose | None = getattr(Image.Transpose, name) if name else None
    return image if operation is None else image.transpose(operation)


def stored_region(region: Region, size: Size, orientation: int) -> Box:
    """Return a displayed region as whole pixels of the stored picture; `size` is displayed."""
    width, height = size
    area = (
        int(region.x * width),
        int(region.y * height),
        max(int(region.x * width) + 1, round((region.x + region.w) * width)),
        max(int(region.y * height) + 1, round((region.y + region.h) * height)),
    )
    return undo(area, size, orientation)


_APPLY = {
    1: "",
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_UNDO = {**_APPLY, 6: "ROTATE_90", 8: "ROTATE_270"}
