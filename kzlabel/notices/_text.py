"""Words as pixels: Open Sans SemiBold (Apache-2.0, from the package ttf_opensans), basic layout.

Basic layout is deterministic and needs no raqm; Kazakh Cyrillic has no joining or reordering.
"""

from __future__ import annotations

import math
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel.errors import MissingExtraError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

FONT = "Open Sans SemiBold"
SIDE_PADDING = 0.35
"""Left and right of the words, in em."""
EDGE_PADDING = 0.1
"""Above and below the lines, in em; the line height has room of its own."""


@cache
def _font_file() -> Path:
    # find_spec does not import the package: its own imports are not needed.
    spec = find_spec("ttf_opensans")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder, "ttf", "OpenSans-SemiBold.ttf")
        if file.is_file():
            return file
    raise MissingExtraError("kz.error.notice-font", font=FONT)


class Face:
    """The font at one size (em, in pixels)."""

    def __init__(self, em: float) -> None:
        self.em = em
        self._widths: dict[str, int] = {}

    @cached_property
    def font(self) -> FreeTypeFont:
        """The font as Pillow has it; not shared between threads."""
        from PIL import ImageFont

        return ImageFont.truetype(_font_file(), self.em, layout_engine=ImageFont.Layout.BASIC)

    @property
    def padding(self) -> tuple[int, int]:
        """Room beside the words, and above and below the lines."""
        return math.ceil(self.em * SIDE_PADDING), math.ceil(self.em * EDGE_PADDING)

    @cached_property
    def line_height(self) -> int:
        """Distance of two lines: ascent and descent, letters such as Й, Ө and ң included."""
        return sum(self.font.getmetrics())

    def width(self, line: str) -> int:
        """Return how far `line` runs."""
        if line not in self._widths:
            self._widths[line] = math.ceil(self.font.getlength(line))
        return self._widths[line]

    def size(self, lines: tuple[str, ...]) -> tuple[int, int]:
        """Return width and height of the plate that `lines` need."""
        beside, above = self.padding
        widest = max(self.width(line) for line in lines)
        return widest + 2 * beside, len(lines) * self.line_height + 2 * above

    def wrap(self, lines: tuple[str, ...], room: int) -> tuple[str, ...]:
        """Return `lines` broken between words so that their plate fits `room`, where it can be."""
        free = room - 2 * self.padding[0]
        wrapped: list[str] = []
        for line in lines:
            row = ""
            for word in line.split():
                longer = f"{row} {word}".lstrip()
                if row and self.width(longer) > free:
                    wrapped.append(row)
                    longer = word
                row = longer
            wrapped.append(row)
        return tuple(wrapped)

    def draw(self, lines: tuple[str, ...]) -> Image:
        """Return `lines` in white on a black plate of their `size`, mode L."""
        from PIL import Image, ImageDraw

        drawn = Image.new("L", self.size(lines), 0)
        pen = ImageDraw.Draw(drawn)
        beside, above = self.padding
        for row, line in enumerate(lines):
            pen.text((beside, above + row * self.line_height), line, fill=255, font=self.font)
        return drawn
