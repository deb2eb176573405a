"""A notice on every picture of a PNG file, every pixel outside the plate as it was."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.formats._animation import Box, FramePlan, FrameRect, plan
from kzlabel.formats._new_file import new_file
from kzlabel.formats._png_pictures import Anatomy, Picture, Rewriter, anatomy
from kzlabel.formats._png_pixels import PALETTE, Pixels, Stamp
from kzlabel.formats._raster import (
    check_pixels,
    decoding,
    displayed_size,
    place_on,
    stored_box,
    stored_plate,
    stored_size,
)
from kzlabel.formats._raster_orientation import undo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from PIL.Image import Image

    from kzlabel.formats._png_pixels import Layers
    from kzlabel.formats._raster_modes import Inks
    from kzlabel.model import Notice, Placement

MAX_EXIF = 65536
ORIENTATION = 0x0112
SHORT = 3
ORIENTATIONS = range(1, 9)


def write_notice(src: Path, file: BinaryIO, dst: Path, notice: Notice) -> Placement:
    """Write `src`, opened as `file`, to `dst` with the notice on every picture."""
    parts = anatomy(file, src)
    head = parts.header
    check_pixels(src, head.width, head.height, len(parts.pictures))
    turn = orientation(file, parts)
    with decoding(src):
        sheet = _Sheet(src, file, parts, _pixels(file, parts))
        placement = place_on(sheet.shown(), notice, turn)
        inks = sheet.inks()
        stamper = _Stamper(sheet, sheet.stamp(placement, turn, inks))
        width, height = stored_size(placement, turn)
        fresh = head._replace(width=width, height=height, interlaced=False)
        with new_file(dst) as target:
            Rewriter(parts, fresh, sheet.palette(inks), stamper.picture).write(file, target)
    return placement


def orientation(file: BinaryIO, parts: Anatomy) -> int:
    """Return the orientation that an eXIf chunk says, 1 to 8; 1 where it is missing or damaged."""
    chunk = parts.first(b"eXIf")
    if chunk is None or chunk.length > MAX_EXIF:
        return 1
    value = _orientation(chunk.data(file))
    return value if value in ORIENTATIONS else 1


def _orientation(exif: bytes) -> int:
    """Look the tag up in the first directory (EXIF 4.6.2); Pillow would warn of damage."""
    order = "<" if exif.startswith(b"II") else ">"
    try:
        (directory,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, directory)
        for entry in range(count):
            tag, kind, _, value = struct.unpack_from(
                order + "HHIH", exif, directory + 2 + 12 * entry
            )
            if (tag, kind) == (ORIENTATION, SHORT):
                return int(value)
    except struct.error:
        return 1
    return 1


def _pixels(file: BinaryIO, parts: Anatomy) -> Pixels:
    palette, transparency = parts.first(b"PLTE"), parts.first(b"tRNS")
    return Pixels(
        parts.header,
        b"" if palette is None else palette.data(file),
        None if transparency is None else transparency.data(file),
    )


@dataclass(frozen=True)
class _Sheet:
    """A PNG file, taken apart."""

    path: Path
    file: BinaryIO
    parts: Anatomy
    pixels: Pixels

    def layers(self, picture: Picture) -> Layers:
        return self.pixels.decode(picture.rect.size, picture.payloads(self.file))

    def shown(self) -> Image:
        """Return the first picture, good enough to choose a place on."""
        layer = self.layers(self.parts.pictures[0])[0]
        return layer.convert("RGBA") if layer.mode == "P" else layer

    def inks(self) -> Inks | None:
        """Return the plate's inks where the pictures share a palette: no frame's colours change."""
        if self.parts.header.colour != PALETTE:
            return None
        used: set[int] = set()
        for picture in self.parts.pictures:
            counts = self.layers(picture)[0].histogram()
            used.update(index for index, count in enumerate(counts) if count)
        return self.pixels.inks(used, self.path)

    def palette(self, inks: Inks | None) -> Mapping[bytes, bytes]:
        """Return the data of PLTE where they change."""
        if inks is None or not inks.changed:
            return {}
        count = max(len(self.pixels.palette) // 3, inks.dark + 1, inks.light + 1)
        return {b"PLTE": b"".join(bytes(colour[:3]) for colour in inks.palette[:count])}

    def stamp(self, placement: Placement, turn: int, inks: Inks | None) -> Stamp:
        from PIL import Image

        plate = stored_plate(placement, turn)
        if inks is None:
            plate = self.pixels.plate(plate, self.path)
        else:
            indexes = plate.point(inks.table())
            plate = Image.frombytes("P", plate.size, indexes.tobytes())
        header = self.parts.header
        shown = displayed_size((header.width, header.height), turn)
        old = undo((0, 0, *shown), (placement.width, placement.height), turn)
        box = stored_box(placement, turn)
        return Stamp(self.pixels, plate, Box(*box), Box(*old), 0 if inks is None else inks.dark)


class _Stamper:
    """Makes each picture anew, as the animation's plan says."""

    def __init__(self, sheet: _Sheet, stamp: Stamp) -> None:
        self.sheet = sheet
        self.stamp = stamp
        pictures = sheet.parts.pictures
        frames = [picture for picture in pictures if picture.control is not None]
        # A picture that is no frame is shown alone.
        self.plans = dict(zip(map(id, frames), self._plan(frames), strict=True))
        for picture in pictures:
            self.plans.setdefault(id(picture), self._plan([picture])[0])

    def _plan(self, pictures: list[Picture]) -> tuple[FramePlan, ...]:
        frames = [self._moved(picture.frame) for picture in pictures]
        return plan(frames, self.stamp.box, path=self.sheet.path)

    def _moved(self, frame: FrameRect) -> FrameRect:
        rect = frame.rect.shifted(self.stamp.old.left, self.stamp.old.top)
        return FrameRect(rect, frame.dispose, frame.over)

    def picture(self, old: Picture) -> tuple[Box, list[bytes]]:
        planned = self.plans[id(old)]
        rect = self._moved(old.frame).rect
        drawn = self.stamp.on(self.sheet.layers(old), rect, planned, self.sheet.path)
        return planned.rect, list(self.sheet.pixels.encode(drawn))
