"""How like two small grey pictures are: normalised correlation (-1 to 1), whole and in tiles.

All sums are taken from histograms, which Pillow counts in C: those of a picture, and that of the
difference of two (2ab = aa + bb - (a - b)(a - b)). Exact, and less than importing numpy costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from math import sqrt
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from PIL.Image import Image

    from kzlabel.notices._text import Face

SLACK = 2
"""How far, in samples, a notice is looked for around its declared place."""
GOOD = 0.9
"""A correlation at which looking further cannot change what is said."""
TILE = 2.0
"""Width of a tile along the words, in em: three letters or so."""


class Tile(NamedTuple):
    """A piece of a line: left, top, right, bottom in samples."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Grey:
    """A picture of mode L."""

    image: Image

    def piece(self, tile: Tile) -> Grey:
        """Return the samples of `tile`."""
        return Grey(self.image.crop(tile))

    @cached_property
    def sums(self) -> tuple[int, int, int]:
        """How many samples there are, their sum, and the sum of their squares."""
        counts = self.image.histogram()
        count = self.image.width * self.image.height
        return count, sum(map(mul, counts, LEVELS)), sum(map(mul, counts, SQUARES))


LEVELS = range(256)
SQUARES = tuple(level * level for level in LEVELS)


class Fit(NamedTuple):
    """How a picture follows a pattern."""

    correlation: float
    gain: float
    """Picture contrast by pattern contrast; 1 where both are the same."""


def fit(pattern: Grey, picture: Grey) -> Fit:
    """Return the normalised correlation and the gain; zero where either is flat."""
    from PIL import ImageChops

    (count, a, aa), (_, b, bb) = pattern.sums, picture.sums
    apart = ImageChops.difference(pattern.image, picture.image).histogram()
    ab = count * (aa + bb - sum(map(mul, apart, SQUARES))) / 2 - a * b
    spread, seen = count * aa - a * a, count * bb - b * b
    if spread <= 0 or seen <= 0:
        return Fit(0.0, 0.0)
    return Fit(ab / sqrt(spread * seen), ab / spread)


@dataclass(frozen=True)
class Match:
    """Where in a picture a pattern lies best, and how well."""

    dx: int
    dy: int
    fit: Fit


def match(pattern: Grey, picture: Grey) -> Match:
    """Find `pattern` in a `picture` that is larger by `SLACK` samples on each side."""
    whole = Tile(0, 0, *pattern.image.size)
    best = Match(0, 0, fit(pattern, picture.piece(moved(whole, 0, 0))))
    if best.fit.correlation >= GOOD:
        return best
    shifts = range(-SLACK, SLACK + 1)
    every = [
        Match(dx, dy, fit(pattern, picture.piece(moved(whole, dx, dy))))
        for dx, dy in product(shifts, shifts)
    ]
    return max(every, key=lambda found: found.fit.correlation)


def moved(tile: Tile, dx: int, dy: int) -> Tile:
    """Return the place of a pattern's `tile` in a picture, the pattern shifted by (dx, dy)."""
    right, down = dx + SLACK, dy + SLACK
    return Tile(tile.left + right, tile.top + down, tile.right + right, tile.bottom + down)


def tile_fits(pattern: Grey, picture: Grey, at: Match, tiles: Iterable[Tile]) -> list[Fit]:
    """Return how each tile follows, each at its own best place within one sample of `at`."""
    found = []
    near = range(-1, 2)
    shifts = [
        (dx, dy)
        for dx, dy in product([at.dx + n for n in near], [at.dy + n for n in near])
        if abs(dx) <= SLACK and abs(dy) <= SLACK
    ]
    for tile in tiles:
        part = pattern.piece(tile)
        best = fit(part, picture.piece(moved(tile, at.dx, at.dy)))
        if best.correlation < GOOD:
            best = max(fit(part, picture.piece(moved(tile, dx, dy))) for dx, dy in shifts)
        found.append(best)
    return found


def tiles(face: Face, lines: tuple[str, ...], width: int, height: int) -> Iterator[Tile]:
    """Cut `lines`, drawn by `face` and scaled to `width` x `height`, into tiles."""
    natural = face.size(lines)
    across, down = width / natural[0], height / natural[1]
    beside, above = face.padding
    for row, line in enumerate(lines):
        top = round((above + row * face.line_height) * down)
        bottom = round((above + (row + 1) * face.line_height) * down)
        length = face.width(line)
        pieces = max(1, round(length / (TILE * face.em)))
        edges = [round((beside + length * n / pieces) * across) for n in range(pieces + 1)]
        for left, right in pairwise(edges):
            if right > left and bottom > top:
                yield Tile(left, top, right, min(bottom, height))
