"""The plate on a page with a colour map: greys become indexes, free slots become colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._raster_modes import on_palette

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

WIDE = 257
"""A colour map has 16 bits a channel; a byte times 257."""


@dataclass(frozen=True)
class Paint:
    """A plate in the values of a page."""

    plate: Image
    ground: int = 0
    """What black is among the values."""
    colour_map: tuple[int, ...] = ()
    """A new colour map; () where the old one stays."""


def paint_palette(used: set[int], colours: tuple[int, ...], plate: Image, path: Path) -> Paint:
    """Return the plate in indexes; `used` are those that the picture around it needs.

    Raises `RefusedError` where the colours do not allow enough contrast.
    """
    from PIL import Image

    count = len(colours) // 3
    palette = [colours[channel * count + i] >> 8 for i in range(count) for channel in range(3)]
    around = Image.frombytes("P", (max(1, len(used)), 1), bytes(sorted(used)) or b"\0")
    around.putpalette(palette)
    inks = on_palette(around, path)
    table = inks.table()
    if max(table) >= count:
        raise RefusedError("kz.error.palette", path=path, colours=count)
    changed: tuple[int, ...] = ()
    if inks.changed:
        new = list(colours)
        for index in (inks.dark, inks.light):
            for channel in range(3):
                new[channel * count + index] = inks.palette[index][channel] * WIDE
        changed = tuple(new)
    return Paint(plate.point(table), table[0], changed)
