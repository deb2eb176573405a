"""What all picture rooms share: limits, orientation, and a notice drawn on decoded pixels.

Rooms open the file and splice container bytes; here are only pixels. Every pixel outside the plate
stays as it is, in the mode the picture has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._raster_judge import judge_frames
from kzlabel.formats._raster_limits import (
    MAX_FRAMES,
    MAX_PIXELS,
    MAX_TOTAL_PIXELS,
    check_pixels,
    decoding,
    open_image,
)
from kzlabel.formats._raster_modes import black, in_mode, on_palette
from kzlabel.formats._raster_orientation import (
    displayed_size,
    orientation_of,
    stored_box,
    stored_plate,
    stored_region,
    stored_size,
    undo,
)
from kzlabel.formats._raster_view import on_grounds
from kzlabel.model import Notice, NoticeStyle, Placement, Region
from kzlabel.notices.visible import picture_size, place

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "MAX_FRAMES",
    "MAX_PIXELS",
    "MAX_TOTAL_PIXELS",
    "check_pixels",
    "decoding",
    "displayed_size",
    "draw",
    "judge_frames",
    "open_image",
    "orientation_of",
    "place_on",
    "stored_box",
    "stored_plate",
    "stored_size",
]

# --- Drawing --------------------------------------------------------------------------------------


def place_on(image: Image, notice: Notice, orientation: int = 1) -> Placement:
    """Return where `notice` goes on `image`, in the calmest corner unless it names one."""
    width, height = displayed_size(image, orientation)

    def busyness(region: Region) -> float:
        return _busyness(image.crop(stored_region(region, (width, height), orientation)))

    return place(notice, width, height, busyness)


_SMOOTH = ("L", "RGB", "RGBA", "CMYK")
BUSY_SAMPLES = 48
"""Side of the thumbnail in which a corner's busyness is measured."""


def _busyness(crop: Image) -> float:
    from PIL import Image, ImageFilter, ImageStat

    side = (BUSY_SAMPLES, BUSY_SAMPLES)
    if crop.mode in _SMOOTH:  # made small first: there is less to convert
        crop = crop.resize(side, Image.Resampling.BOX, reducing_gap=1.0)
    grey = on_grounds(crop)[0].convert("L")
    small = grey.resize(side, Image.Resampling.BOX, reducing_gap=1.0)
    edges = small.filter(ImageFilter.FIND_EDGES)
    return ImageStat.Stat(small).stddev[0] + ImageStat.Stat(edges).mean[0]


def draw(
    image: Image, placement: Placement, orientation: int = 1, *, in_place: bool = False
) -> Image:
    """Return a picture of the same mode with the plate on it, a band added for a `strip`.

    A new one, unless `in_place`: large pictures that nobody needs as they were are not copied.

    Raises `RefusedError` for a mode or a palette on which it cannot be done without loss, and
    `UnreadableAssetError` for a frame of another size than the one it was placed on.
    """
    path = getattr(image, "filename", "") or "-"
    _check_size(image, placement, orientation, path)
    plate = stored_plate(placement, orientation)
    if image.mode == "P":
        inks = on_palette(image, path)
        drawn = _canvas(image, placement, orientation, inks.dark)
        inks.dye(drawn)
        plate = plate.point(inks.table())
        plate.putpalette(drawn.getpalette() or [])
    else:
        plate = in_mode(plate, image.mode, path)
        keep = placement.style is NoticeStyle.STRIP or not in_place
        drawn = _canvas(image, placement, orientation, black(image.mode)) if keep else image
    drawn.paste(plate, stored_box(placement, orientation))
    return drawn


def _check_size(image: Image, placement: Placement, orientation: int, path: object) -> None:
    """Raise `UnreadableAssetError` where a frame has another size than the one placed on."""
    shown, wanted = displayed_size(image, orientation), picture_size(placement)
    narrow = placement.style is NoticeStyle.STRIP and shown[0] < wanted[0]
    if shown[1] != wanted[1] or (shown[0] != wanted[0] and not narrow):
        detail = f"{shown[0]} x {shown[1]}, not {wanted[0]} x {wanted[1]} pixels"
        raise UnreadableAssetError("kz.error.undecodable", path=path, detail=detail)


def _canvas(
    image: Image, placement: Placement, orientation: int, fill: float | tuple[int, ...]
) -> Image:
    from PIL import Image

    size = stored_size(placement, orientation)
    if placement.style is not NoticeStyle.STRIP:
        return image.copy()
    canvas = Image.new(image.mode, size, fill)
    if image.mode == "P":
        canvas.putpalette(
            image.getpalette(None) or [], image.palette.mode if image.palette else "RGB"
        )
    canvas.info = dict(image.info)
    shown = (0, 0, *displayed_size(image, orientation))
    canvas.paste(image, undo(shown, (placement.width, placement.height), orientation))
    return canvas
