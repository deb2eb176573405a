"""What people see of words on a page: their ink, told from everything else by leaving it out.

1. The page is drawn around the words, and drawn again without the text objects that hold them. What
   differs is the ink that these words add to what people see: nothing, where they are covered,
   clipped, transparent, invisible (render mode 3), in a hidden layer, or as light as their ground.
2. Each character must have ink, and words must look like their letters: the text of a PDF is what a
   font says its glyphs mean, and can say anything.
3. The page must follow the ink, piece by piece: where something else lies under or over the words,
   it does not.
4. Ink and ground must contrast as WCAG asks, piece by piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.formats._pdf_judge_rows import SAMPLED_EM, drawn
from kzlabel.notices._match import Grey, Tile, fit
from kzlabel.notices.contrast import contrast, luminances

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

    from kzlabel.formats._pdf_judge_places import Picture
    from kzlabel.formats._pdf_judge_rows import Row

DRAWN_EM = 32.0
"""Pixels for an em when a page is drawn."""


@dataclass(frozen=True)
class Ink:
    """What was measured of one row."""

    peak: int
    """The most by which the words change a pixel, of 255."""
    lacking: float = 1.0
    """Share of its characters that have no ink, or not enough."""
    likeness: float = 0.0
    """How its least like word follows the letters of that word, -1 to 1."""
    is_known: bool = True
    """Whether that could be told of every letter."""
    clarity: float = 0.0
    """How the page follows the ink in the worst piece of it, 0 to 1."""
    contrast: float = 1.0
    """WCAG ratio in the worst piece."""


HARDLY = 6
"""A change of a pixel, of 255, that nobody sees."""
CORE, BARE = 0.85, 0.08
"""Ink by its peak from which on a pixel is the core of a letter, and up to which it is ground."""
SOME = 0.3
"""Ink of a character by that of the same one in Open Sans SemiBold; Light has 0.5."""
PIECE = 4.0
"""Width of a piece of a row, in em: seven letters or so."""
SHORT_WORD = 4
"""Letters; what is shorter is held against the pattern with its neighbour."""


KEPT = 64
"""Strips remembered: pages of one document repeat them."""


class Strip(NamedTuple):
    """A row as the page shows it, with its words and without: all that is measured."""

    letters: str
    columns: tuple[tuple[int, int], ...]
    """The pixels from and to which each letter may have ink."""
    size: tuple[int, int]
    seen: bytes
    ground: bytes

    @property
    def picture(self) -> Image:
        """The row as it is seen."""
        from PIL import Image

        return Image.frombytes("RGB", self.size, self.seen)

    @property
    def ink(self) -> Image:
        """By how much the words change each pixel, in the channel where it is most."""
        from PIL import Image, ImageChops

        ground = Image.frombytes("RGB", self.size, self.ground)
        red, green, blue = ImageChops.difference(self.picture, ground).split()
        return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def look(rows: Sequence[Row], pictures: tuple[Picture, Picture]) -> list[Ink]:
    """Measure rows on a page drawn with them and without."""
    found = []
    for row in rows:
        letters = "".join(glyph.character for glyph in row.glyphs)
        seen, ground = (row.strip(picture) for picture in pictures)
        strip = Strip(letters, row.columns, row.size, seen.tobytes(), ground.tobytes())
        found.append(_measured(strip))
    return found


def forget() -> None:
    """Forget the strips of the document before."""
    _measured.cache_clear()


@lru_cache(KEPT)
def _measured(row: Strip) -> Ink:
    seen, raw = row.picture, row.ink
    peak = _peak(raw)
    if peak < HARDLY:
        return Ink(peak)
    ink = raw.point(_by_peak(peak))
    pattern = Pattern.under(ink, row)
    page, pieces = Grey(seen.convert("L")), _pieces(row, ink)
    return Ink(
        peak=peak,
        lacking=pattern.lacking,
        likeness=pattern.likeness(
            [Tile(left, 0, right, ink.height) for left, right in _words(row)]
        ),
        is_known=pattern.is_known,
        clarity=min(abs(fit(Grey(ink).piece(one), page.piece(one)).correlation) for one in pieces),
        contrast=_contrast(seen, ink, pieces),
    )


@lru_cache(256)
def _by_peak(peak: int) -> tuple[int, ...]:
    return tuple(min(255, round(level * 255 / peak)) for level in range(256))


def _peak(ink: Image) -> int:
    """Return the level that a hundred pixels or a tenth of the inked ones reach."""
    counts = ink.histogram()
    inked = sum(counts[HARDLY:])
    wanted, reached = max(1, inked // 10), 0
    for level in range(255, 0, -1):
        reached += counts[level]
        if reached >= wanted:
            return level
    return 0


class Pattern(NamedTuple):
    """A row as it must look."""

    drawn: Image
    ink: Image
    """What there is of it, but for letters of which nobody knows how they must look."""
    lacking: float
    """Share of its characters that have no ink, or not enough."""
    is_known: bool
    """Whether Open Sans has every letter of it; it has no Chinese ones."""

    @classmethod
    def under(cls, ink: Image, row: Strip) -> Pattern:
        """Draw the letters of a row, each as wide as its ink."""
        from PIL import Image

        pattern, compared, lacking = Image.new("L", ink.size, 0), ink.copy(), 0
        # Each column's mean tells how much ink there is, and where it begins and ends.
        columns = ink.resize((ink.width, 1), Image.Resampling.BOX).tobytes()
        for letter, (left, right) in zip(row.letters, row.columns, strict=True):
            wanted = drawn(letter)
            inked = [at for at in range(left, right) if columns[at] >= INKED]
            if not wanted.is_known:
                compared.paste(0, (left, 0, right, ink.height))
            there = sum(columns[left:right]) * ink.height / 255
            lacking += there < SOME * wanted.ink
            if inked and wanted.image is not None:
                size = (inked[-1] + 1 - inked[0], ink.height)
                letters = wanted.image.resize(size, Image.Resampling.BILINEAR)
                pattern.paste(255, (inked[0], 0), letters)
        known = all(drawn(letter).is_known for letter in row.letters)
        return cls(pattern, compared, lacking / len(row.letters), known)

    def likeness(self, words: Sequence[Tile]) -> float:
        """Return how the least like word follows its letters, of those that can be compared."""
        compared = [word for word in words if self.drawn.crop(word).getbbox() is not None]
        drawn, ink = Grey(self.drawn), Grey(self.ink)
        fits = [fit(drawn.piece(word), ink.piece(word)).correlation for word in compared]
        return min(fits, default=0.0 if self.is_known else 1.0)


INKED = 2
"""Mean of a column of 36 pixels, of 255, from which on there is ink in it: a quarter of a pixel."""


def _words(row: Strip) -> list[tuple[int, int]]:
    """Return where its words begin and end, short ones with their neighbours."""
    spans: list[list[int]] = []
    held = 0
    for number, (left, right) in enumerate(row.columns):
        gap = number and left - row.columns[number - 1][1] > WORD_GAP * SAMPLED_EM
        if not spans or (gap and held >= SHORT_WORD):
            spans.append([left, right])
            held = 0
        spans[-1][1] = max(spans[-1][1], right)
        held += 1
    if held < SHORT_WORD and len(spans) > 1:
        short = spans.pop()
        spans[-1][1] = short[1]
    return [(left, max(left + 1, right)) for left, right in spans]


WORD_GAP = 0.1
"""Between words, in em, less the edges of the characters' cells."""


def _pieces(row: Strip, ink: Image) -> list[Tile]:
    """Cut the strip along the row, no higher than its letters."""
    box = ink.point(_IS_INKED).getbbox() or (0, 0, *ink.size)
    left, right = min(start for start, _ in row.columns), max(end for _, end in row.columns)
    count = max(1, round((right - left) / (PIECE * SAMPLED_EM)))
    edges = [round(left + (right - left) * number / count) for number in range(count + 1)]
    top, bottom = max(0, box[1] - 1), min(ink.height, box[3] + 1)
    return [Tile(start, top, end, bottom) for start, end in pairwise(edges) if end > start]


def _contrast(seen: Image, ink: Image, pieces: Sequence[Tile]) -> float:
    """Return the WCAG contrast of ink and ground; by middles or means, the least of any piece."""
    core, bare = ink.point(_IS_CORE), ink.point(_IS_BARE)
    least = MOST_CONTRAST
    for piece in pieces:
        inked, empty, shown = core.crop(piece), bare.crop(piece), seen.crop(piece)
        if inked.getbbox() is None or empty.getbbox() is None:
            return 1.0
        pairs = zip(luminances(shown, inked), luminances(shown, empty), strict=True)
        least = min(least, *(contrast(one, other) for one, other in pairs))
    return least


MOST_CONTRAST = 21.0
_IS_CORE = [255 if level >= CORE * 255 else 0 for level in range(256)]
_IS_BARE = [255 if level <= BARE * 255 else 0 for level in range(256)]
_IS_INKED = [255 if level >= BARE * 255 else 0 for level in range(256)]
