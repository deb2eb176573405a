"""A row of characters on a page, drawn as it must look, and the strip of the page where it stands.

A strip is upright and as wide as the row, whatever way the row runs on the page: `SAMPLED_EM`
pixels for an em, `PAD` of an em beside it, `ABOVE` and `BELOW` its baseline. The pattern has the
characters in Open Sans, each where the page has it and as wide as it is there, so that other fonts
can be held against it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from math import ceil, hypot
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.formats._pdf_judge_places import united
from kzlabel.notices._text import Face

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PIL.Image import Image

    from kzlabel.formats._pdf_judge_places import Box, Glyph, Picture, Point

SAMPLED_EM = 24
"""Pixels for an em."""
PAD, ABOVE, BELOW = 0.15, 1.125, 0.375
"""Room around a row, in em: the breve of Й is at 1.0, the tail of Ң at -0.25. The baseline lies
between two pixels, so that patterns need not be moved by a part of one."""
ON_BASELINE = 0.25
"""How far from the baseline a character still stands in the row, in em."""
SAME_EM = 0.8
"""How like two sizes are in one row."""
NEAR = 4.0
"""How far from one character to the next, in em: words set wide apart, and no further."""
KEPT = 512
"""Characters remembered, and rows by their letters."""
LEAST_ROW, LONGEST_ROW = 0.1, 120.0
"""Em; three languages on one line take 60."""


@dataclass(frozen=True)
class Row:
    """Characters that stand on one baseline, in one size; none of them is a blank."""

    glyphs: tuple[Glyph, ...]

    @cached_property
    def along(self) -> Point:
        """The direction in which it is read."""
        across = self.glyphs[0].across
        length = hypot(*across)
        return across[0] / length, across[1] / length

    @property
    def is_mirrored(self) -> bool:
        """Whether its letters are seen from behind."""
        (across, up) = self.glyphs[0].across, self.glyphs[0].up
        return across[0] * up[1] - across[1] * up[0] > 0

    @property
    def is_upside_down(self) -> bool:
        """Whether it runs to the left; up and down a page is read all the same."""
        return self.along[0] < UPSIDE_DOWN

    @cached_property
    def box(self) -> Box:
        """Around all of it, upright on the page."""
        return united(glyph.box for glyph in self.glyphs)

    @cached_property
    def em(self) -> float:
        """The em in points of a font with the proportions of Open Sans and letters of this size."""
        nominal = _height(self.glyphs[0])
        tall = self.box.height if self._is_level else self.box.width
        if self._is_slanted or tall <= 0:
            return nominal
        edges = [_edges(glyph.character) for glyph in self.glyphs]
        seen = tall / (max(edge[0] for edge in edges) + max(edge[1] for edge in edges))
        return nominal if ALIKE <= seen / nominal <= 1 / ALIKE else seen

    @cached_property
    def legible_em(self) -> float:
        """The em, or less where the row is squashed."""
        drawn = _natural_width("".join(glyph.character for glyph in self.glyphs))
        wide = hypot(self.box.width, self.box.height) if self._is_slanted else self._length
        return min(self.em, wide / drawn / NARROWEST)

    @property
    def _is_slanted(self) -> bool:
        return min(map(abs, self.along)) >= STRAIGHT

    @property
    def _length(self) -> float:
        return self.box.width if self._is_level else self.box.height

    @property
    def _is_level(self) -> bool:
        return abs(self.along[0]) > abs(self.along[1])

    @cached_property
    def cells(self) -> tuple[tuple[float, float], ...]:
        """Where each character begins and ends along the row, in em from the first one's origin."""
        spans = self._advances if self._is_slanted else [self._outline(g) for g in self.glyphs]
        return tuple(
            (start - CELL_EDGE, min(end, start + WIDEST_GLYPH) + CELL_EDGE) for start, end in spans
        )

    @property
    def _advances(self) -> list[tuple[float, float]]:
        """From one origin to the next: upright boxes say little of what is slanted."""
        starts = [self._at(glyph.origin) for glyph in self.glyphs]
        ends = [
            min(following, start + _natural_width(glyph.character))
            for glyph, start, following in zip(
                self.glyphs, starts, [*starts[1:], LONGEST_ROW], strict=True
            )
        ]
        return list(zip(starts, ends, strict=True))

    def _outline(self, glyph: Glyph) -> tuple[float, float]:
        box = glyph.box
        corners = [(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
        places = [self._at(corner) for corner in corners]
        return min(places), max(places)

    def _at(self, point: Point) -> float:
        """Return how far along the row a place is, in em from the first character's origin."""
        origin = self.glyphs[0].origin
        across, down = point[0] - origin[0], point[1] - origin[1]
        return (across * self.along[0] + down * self.along[1]) / self.em

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height of its strip, in pixels."""
        length = max(LEAST_ROW, min(max(end for _, end in self.cells), LONGEST_ROW))
        return ceil((length + 2 * PAD) * SAMPLED_EM), STRIP_HEIGHT

    def strip(self, picture: Picture) -> Image:
        """Return the strip of a picture of the page; black where the picture has nothing."""
        from PIL import Image

        step, (x, y) = self.em / SAMPLED_EM, self.along
        down = (-y, x)
        origin = self.glyphs[0].origin
        left = origin[0] - self.em * (PAD * x + ABOVE * down[0]) - picture.left
        top = origin[1] - self.em * (PAD * y + ABOVE * down[1]) - picture.top
        (wide, tall) = picture.scale
        matrix = (
            step * x * wide, step * down[0] * wide, left * wide,
            step * y * tall, step * down[1] * tall, top * tall,
        )  # fmt: skip
        return picture.image.transform(
            self.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
        )

    @cached_property
    def columns(self) -> tuple[tuple[int, int], ...]:
        """The pixels of its strip from and to which each character may have ink."""
        width = self.size[0]
        found = []
        for start, end in self.cells:
            left = min(width - 1, max(0, round((start + PAD) * SAMPLED_EM)))
            found.append((left, min(width, max(left + 1, round((end + PAD) * SAMPLED_EM)))))
        return tuple(found)


STRAIGHT = 0.02
"""Sine of an angle that is as good as none."""
ALIKE = 0.8
"""How like the size of the letters and that of their font are, where the font tells it truly: the
proportions of fonts differ by that much."""
UPSIDE_DOWN = -0.5
"""Cosine of the angle from which on words must be turned to be read."""
NARROWEST = 0.6
"""A condensed font by the width of Open Sans SemiBold; narrower ones count as smaller."""
CELL_EDGE = 0.02
"""Room beside a character, in em: antialiasing, and the slant of an italic."""
WIDEST_GLYPH = 1.5
STRIP_HEIGHT = ceil((ABOVE + BELOW) * SAMPLED_EM)
_BASELINE = round(ABOVE * SAMPLED_EM)


def rows_of(glyphs: Iterable[Glyph]) -> list[Row]:
    """Return the rows in which characters stand, in their order; blanks are left out."""
    rows: list[list[Glyph]] = []
    for glyph in glyphs:
        if (
            not glyph.ink
            or glyph.character.isspace()
            or not _height(glyph) > 0 < hypot(*glyph.across)
        ):
            continue
        if rows and _follows(rows[-1], glyph):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return [Row(tuple(row)) for row in rows]


def _follows(row: Sequence[Glyph], glyph: Glyph) -> bool:
    """Whether a character stands in the row, near its last."""
    first, last, em = row[0], row[-1], _height(row[0])
    across, length = first.across, hypot(*first.across)
    aside = (glyph.origin[0] - first.origin[0], glyph.origin[1] - first.origin[1])
    off = abs(aside[0] * across[1] - aside[1] * across[0]) / length
    ratio = min(em, _height(glyph)) / max(em, _height(glyph))
    turned = across[0] * glyph.across[0] + across[1] * glyph.across[1]
    return (
        off <= ON_BASELINE * em
        and ratio >= SAME_EM
        and turned >= SAME_EM * length * hypot(*glyph.across)
        and hypot(glyph.origin[0] - last.origin[0], glyph.origin[1] - last.origin[1]) <= NEAR * em
    )


def _height(glyph: Glyph) -> float:
    """Return the em across the baseline."""
    across, up = glyph.across, glyph.up
    length = hypot(*across)
    return abs(across[0] * up[1] - across[1] * up[0]) / length if length else 0.0


# --- As it must look ------------------------------------------------------------------------------


class Drawn(NamedTuple):
    """A character of Open Sans, as high as a strip, and no wider than its ink."""

    image: Image | None
    """None where it has no ink."""
    ink: float
    """Pixels of it, in full ink; of a letter that is not known, the least that any has."""
    is_known: bool = True
    """Whether Open Sans has it."""


@lru_cache(KEPT)
def drawn(character: str) -> Drawn:
    """Return a character as it must look."""
    from PIL import Image, ImageDraw

    face = Face(SAMPLED_EM)
    if bytes(face.font.getmask(character)) == bytes(face.font.getmask(NOT_DEFINED)):
        return Drawn(None, LEAST_INK, is_known=False)
    canvas = Image.new("L", (3 * SAMPLED_EM, STRIP_HEIGHT), 0)
    pen = ImageDraw.Draw(canvas)
    pen.text((SAMPLED_EM, _BASELINE), character, fill=255, font=face.font, anchor="ls")
    box = canvas.getbbox()
    if box is None:
        return Drawn(None, 0.0)
    image = canvas.crop((box[0], 0, box[2], STRIP_HEIGHT))
    return Drawn(image, sum(level * count for level, count in enumerate(image.histogram())) / 255)


NOT_DEFINED = "\U0010ffff"
"""Drawn as the glyph that stands for all that a font does not have."""
LEAST_INK = 10.0


@lru_cache(KEPT)
def _edges(character: str) -> tuple[float, float]:
    """Return how far a character reaches above and below its baseline, in em."""
    box = _large().font.getbbox(character, anchor="ls")
    return -box[1] / LARGE, box[3] / LARGE


@lru_cache(KEPT)
def _natural_width(letters: str) -> float:
    return max(0.1, _large().font.getlength(letters) / LARGE)


LARGE = 100


@cache
def _large() -> Face:
    return Face(LARGE)
