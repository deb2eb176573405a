"""The notice on every frame of a GIF; all that is outside the plate keeps its colours and times."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._animation import Box, plan
from kzlabel.formats._gif_blocks import TABLE_FLAG
from kzlabel.formats._gif_frames import Control, encode_frame, read_frames
from kzlabel.formats._raster import check_pixels, stored_box, stored_plate, stored_size
from kzlabel.formats._raster_modes import on_palette

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

    from kzlabel.formats._animation import FramePlan
    from kzlabel.formats._gif_blocks import GifFile
    from kzlabel.formats._gif_frames import Frame
    from kzlabel.formats._raster_modes import Inks
    from kzlabel.model import Placement

COLOURS = 256


def check_frames(gif: GifFile, path: Path) -> tuple[Frame, ...]:
    """Return the frames that could be drawn on.

    Raises `UnreadableAssetError` where there is none, `LimitError` on a bomb.
    """
    frames = read_frames(gif, path)
    if not frames:
        raise UnreadableAssetError("kz.error.gif-empty", path=path)
    whole = Box(0, 0, *gif.size)
    for frame in frames:  # Pillow makes the screen larger where a frame lies outside
        whole = whole.hull(frame.rect)
    check_pixels(path, whole.right, whole.bottom, frames=len(frames))
    return frames


def stamp(gif: GifFile, placement: Placement, path: Path) -> bytes:
    """Return the file with the plate on every frame.

    Frames that show it already, because they paint elsewhere, stay byte for byte. Raises
    `RefusedError` where colours or frames do not allow it.
    """
    frames = check_frames(gif, path)
    canvas = Box(0, 0, *gif.size)
    if any(canvas.hull(frame.rect) != canvas for frame in frames):
        raise RefusedError("kz.error.gif-outside", path=path)
    where = Box(*stored_box(placement, 1))
    plans = plan([frame.planned for frame in frames], where, path=path)
    plate = stored_plate(placement, 1)
    blocks = [gif.content[block.start : block.end] for block in gif.blocks]
    for frame, planned in zip(frames, plans, strict=True):
        if planned.extended or not planned.stamp.empty:
            piece = plate.crop(planned.stamp.shifted(-where.left, -where.top))
            control, image = _stamped(frame, planned, piece, path)
            blocks[frame.number] = image
            if frame.control_number is not None:
                blocks[frame.control_number] = control.encoded()
            elif control != frame.control:
                blocks[frame.number] = control.encoded() + image
    return b"".join([_screen(gif, placement), *blocks, gif.content[gif.trailer :]])


def _screen(gif: GifFile, placement: Placement) -> bytes:
    """Return header, screen and global table; the size is the new one, and the version of 1989."""
    size = b"".join(side.to_bytes(2, "little") for side in stored_size(placement, 1))
    end = gif.blocks[0].start if gif.blocks else gif.trailer
    return b"GIF89a" + size + gif.content[10:end]


class _Stamped(NamedTuple):
    control: Control
    image: bytes


def _stamped(frame: Frame, planned: FramePlan, piece: Image, path: Path) -> _Stamped:
    if not frame.table:
        raise RefusedError("kz.error.gif-no-table", path=path)
    picture, control, table = _grown(frame, planned, path)
    picture.putpalette(table)
    if control.transparent is not None:
        picture.info["transparency"] = control.transparent
    where = planned.stamp.shifted(-planned.rect.left, -planned.rect.top)
    if not planned.stamp.empty:
        inks = _inks_outside(picture, where, path)
        picture.paste(piece.point(inks.table()), where)
        if inks.changed:
            table = bytes(channel for colour in inks.palette for channel in colour[:3])
    local = None if table == frame.table and not frame.flags & TABLE_FLAG else table
    return _Stamped(control, encode_frame(planned.rect, picture.tobytes(), local))


def _grown(frame: Frame, planned: FramePlan, path: Path) -> tuple[Image, Control, bytes]:
    """Return the frame on its new rectangle, with an index and a colour for what shows through."""
    from PIL import Image

    old = Image.frombytes("P", frame.rect.size, frame.indices(path))
    control, table = frame.control, frame.table
    if not planned.extended:
        return old, control, table
    if control.transparent is None and _shows_through(frame.rect, planned):
        index = _free_index(old, len(table) // 3, path)
        control = replace(control, flags=control.flags | 1, index=index)
        table = table.ljust(3 * (index + 1), b"\0")
    grown = Image.new("P", planned.rect.size, control.index)
    grown.paste(old, (frame.rect.left - planned.rect.left, frame.rect.top - planned.rect.top))
    return grown, control, table


def _shows_through(old: Box, planned: FramePlan) -> bool:
    """Whether the larger frame has pixels that neither it nor the plate paints."""
    return any(
        not rest.empty for part in planned.rect.without(old) for rest in part.without(planned.stamp)
    )


def _free_index(picture: Image, colours: int, path: Path) -> int:
    """Return an index that no pixel uses, beyond the table where there is room."""
    if colours < COLOURS:
        return colours
    counts = picture.histogram()
    if 0 in counts:
        return counts.index(0)
    raise RefusedError("kz.error.palette", path=path, colours=colours)


def _inks_outside(picture: Image, where: Box, path: Path) -> Inks:
    """Return the inks, given that what lies under the plate needs its colours no more."""
    outside = picture.copy()
    outside.paste(picture.info.get("transparency", 0), where)
    return on_palette(outside, path)
