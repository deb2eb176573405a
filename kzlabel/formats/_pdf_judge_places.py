"""Places on a PDF's page as it is displayed, in points: x to the right, y down."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL.Image import Image

Point = tuple[float, float]

MAX_PIXELS = 8_000_000
"""Of one picture of a page, or of a piece of one; it takes four bytes for each."""
MAX_CANVAS = 10_000_000
"""Pixels along a side of the page of which a piece is drawn: pdfium counts them in 32 bits."""


class Box(NamedTuple):
    """A rectangle on the displayed page."""

    left: float
    top: float
    right: float
    bottom: float

    def grown(self, by: float) -> Box:
        """Return it with so much more on every side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def gap(self, other: Box) -> float:
        """Return how far apart two are, across or down, whichever is more; 0 where they touch."""
        across = max(self.left, other.left) - min(self.right, other.right)
        down = max(self.top, other.top) - min(self.bottom, other.bottom)
        return max(0.0, across, down)

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top


class Glyph(NamedTuple):
    """A character as it stands on the page."""

    character: str
    origin: Point
    """Where it stands on its baseline."""
    box: Box
    """Around its outline, upright."""
    across: Point
    """The em along the baseline, as a vector."""
    up: Point
    """The em from the baseline to the top of the letters."""
    ink: int
    """The text object that draws it; 0 where none does (a blank that pdfium made up)."""


class Frame(NamedTuple):
    """The crop box in user space (y up), and by how many quarters it is turned clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    quarters: int

    def place(self, x: float, y: float) -> Point:
        """Return where a point of user space lies."""
        return (
            (x - self.left, self.top - y),
            (y - self.bottom, x - self.left),
            (self.right - x, y - self.bottom),
            (self.top - y, self.right - x),
        )[self.quarters]

    def vector(self, x: float, y: float) -> Point:
        """Return a vector of user space as displayed."""
        return ((x, -y), (y, x), (-x, y), (-y, -x))[self.quarters]

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Return a rectangle of user space as displayed."""
        one, other = self.place(left, bottom), self.place(right, top)
        return Box(*map(min, one, other), *map(max, one, other))


def united(boxes: Iterable[Box]) -> Box:
    """Return the least rectangle around all."""
    every = list(boxes)
    return Box(
        min(box.left for box in every),
        min(box.top for box in every),
        max(box.right for box in every),
        max(box.bottom for box in every),
    )


class Raster(NamedTuple):
    """The pixels in which a piece of a page is drawn."""

    left: int
    top: int
    size: tuple[int, int]
    canvas: tuple[int, int]
    """Of the whole page."""
    scale: Point
    """Pixels for a point, across and down."""

    @classmethod
    def of(cls, page: Point, area: Box, scale: float) -> Raster | None:
        """Return the raster for `area` of a page of this size; None where it lies beside it."""
        left, top = max(0.0, area.left), max(0.0, area.top)
        width, height = min(page[0], area.right) - left, min(page[1], area.bottom) - top
        if not (width > 0 < height):
            return None
        # A pixel may be added on each side, and a sliver is one pixel wide at least.
        scale = min(scale, MAX_CANVAS / max(page), (MAX_PIXELS / (width * height)) ** 0.5)
        scale = min(scale, MAX_PIXELS / 4 / max(width, height))
        canvas = max(1, round(page[0] * scale)), max(1, round(page[1] * scale))
        exact = canvas[0] / page[0], canvas[1] / page[1]
        corner = floor(left * exact[0]), floor(top * exact[1])
        right, bottom = ceil((left + width) * exact[0]), ceil((top + height) * exact[1])
        size = max(1, right - corner[0]), max(1, bottom - corner[1])
        return cls(*corner, size, canvas, exact)


class Picture(NamedTuple):
    """A piece of a page in pixels."""

    image: Image
    """RGB, on white."""
    left: float
    top: float
    """Where on the page its upper left corner lies."""
    scale: Point
    """Pixels for a point, across and down."""
