"""Our own texts, looked for where no label says where they are.

1. The picture is reduced until the words of a notice are some 12 pixels tall.
2. One word of each phrase is correlated with it, at every size that resizing, cropping and small
   pictures give (fast Fourier transform; J. P. Lewis, "Fast Normalized Cross-Correlation", 1995).
3. Around the best words every layout of ours is tried, line by line; the longest is taken.
4. Its size is refined, and it is handed back as a hint: what is found is judged like what is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from kzlabel.model import NoticeStyle, Placement, Region
from kzlabel.notices._coded import with_code
from kzlabel.notices._judge import gauge, look
from kzlabel.notices._layouts import ANCHORS, PROPORTIONS, Layout, layouts
from kzlabel.notices._planes import Plane, correlate, rendered
from kzlabel.notices._sight import PERCEIVABLE, Sight
from kzlabel.notices._symbols import read_symbols
from kzlabel.notices._text import FONT, Face
from kzlabel.notices.visible import MIN_EM, font_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel.notices._judge import View

SEARCH_SIDE = 240
"""Shorter side to which the picture is reduced: an em of 5 % is then 12 pixels."""
MAX_ENLARGED = 2.0
"""A small picture is enlarged no further than this."""
LOWEST_RATIO, HIGHEST_RATIO = 0.036, 0.082
"""Em by shorter side: a tall band counts to the picture, a crop or the floor of 16 pixels raises
it (16 / 200 is the most an overlay has)."""
SMALLEST_EM, LARGEST_EM = 7.5, 18.0
"""The same for a picture that was so small that the floor of 16 pixels rules, or half of it."""
SMALL_PICTURE = 320
"""Shorter side at which 5 % is that floor."""
STEP = 1.045
"""Ratio of one size to the next: half a step is a pixel and a half over the longest word."""
MIN_HIT = 0.65
"""Correlation of one word from which the layouts around it are tried."""
SURE_HIT = 0.85
"""A word that correlates so is there."""
MAX_HITS = 3
"""Words around which layouts are tried."""
MIN_LINE = 0.45
"""Correlation of each line of a layout, before its size is refined."""
JUDGED = 3
"""Layouts around one word that are judged."""
LIKE = 0.3
"""How much worse a longer layout may fit than the best: more lines, more chance of a bad one."""
SHARPENED = tuple(1 + step / 100 for step in range(-6, 7))
"""Sizes tried of the word itself."""
REFINED = tuple(1 + step / 100 for step in range(-3, 4))
"""Sizes tried around the one in which a word was found: one per cent is two samples of a line."""
HOPELESS = 0.5
"""A correlation of the whole that half a per cent in size cannot mend."""
DONE = 0.93
"""A correlation of the whole at which no better size is looked for."""
LARGEST_ROUNDED = 60
"""Em up to which whole-pixel advances and line heights of the font show: it is tried as drawn."""


class Hit(NamedTuple):
    """A word in the reduced picture."""

    correlation: float
    word: str
    em: float
    left: int
    top: int


@dataclass(frozen=True)
class Found:
    """A layout in the reduced picture: the plate's corner, the em, and the font it was drawn in."""

    layout: Layout
    face: Face
    em: float
    left: float
    top: float
    weakest: float
    pivot: float
    """How far right of the corner, in em, the word stands that led here."""

    def corner(self, em: float) -> float:
        """Return where the plate begins if its words are of `em`: the word stays in its place."""
        return self.left + self.pivot * (self.em - em)

    @property
    def rank(self) -> tuple[int, float]:
        """The longer layout wins: a part of a notice fits wherever the whole does."""
        return self.layout.letters, self.weakest


def search(view: View) -> Sequence[Placement]:
    """Return the notice that is found in `view`, as a hint to be judged; none where none is.

    The short English form alone ("AI") is too little to be told from texture.
    """
    scale = min(SEARCH_SIDE / min(view.size), MAX_ENLARGED)
    plane = Plane.of(view, scale)
    likely: dict[tuple[Layout, float, float], Found] = {}
    for hit in _hits(plane, _sizes(min(view.size), scale)):
        for found in _layouts_at(plane, hit, scale):
            # Several words lead to the same layout.
            key = found.layout, found.face.em, round(found.em, 1)
            likely[key] = max(found, likely.get(key, found), key=lambda each: each.weakest)
    best: tuple[int, tuple[bool, float], Placement] | None = None
    for found in sorted(likely.values(), key=lambda each: each.rank, reverse=True):
        if best is not None and (found.layout.letters < best[0] or best[1] >= (True, DONE)):
            break
        for sight, hint in _judged(view, found, scale):
            if sight.found and not sight.continued and (best is None or sight.badness > best[1]):
                best = found.layout.letters, sight.badness, hint
    return [_whole(view, best[2])] if best else []


def _whole(view: View, words: Placement) -> Placement:
    """Return the notice with the code that stands beside its words, where one does."""
    shown = view.crop((0, 0, *view.size))[-1]
    coded = with_code(words, read_symbols(shown).found)
    if coded.region is None or gauge(coded, view.size) is None:
        return words
    return structs.replace(coded, style=_style(coded.region, view.size))


def _sizes(side: int, scale: float) -> list[float]:
    """Return the ems to try, in pixels of the reduced picture; the likely ones first."""
    low, high = max(LOWEST_RATIO * side, SMALLEST_EM) * scale, HIGHEST_RATIO * side * scale
    if side < SMALL_PICTURE:
        low, high = SMALLEST_EM * scale, max(high, LARGEST_EM * scale)
    likely = max(low, font_size(side, side) * scale)
    sizes = [likely]
    for factor in (STEP, 1 / STEP):
        em = likely * factor
        while low <= em <= high:
            sizes.append(em)
            em *= factor
    return sizes


def _hits(plane: Plane, sizes: list[float]) -> list[Hit]:
    hits: list[Hit] = []
    for em in sizes:
        hits += _hits_of(plane, em)
        if any(hit.correlation >= SURE_HIT for hit in hits):
            # A word is seen a step away from its size too, and the longer ones only at it.
            hits += [hit for near in (em * STEP, em / STEP) for hit in _hits_of(plane, near)]
            break
    best = {hit.word: hit for hit in sorted(hits)}
    return [_sharp(plane, hit) for hit in sorted(best.values(), reverse=True)[:MAX_HITS]]


def _sharp(plane: Plane, hit: Hit) -> Hit:
    """Return the hit in the size that fits it best."""
    ems = [hit.em * factor for factor in SHARPENED]
    peaks = [(plane.near(hit.word, em, hit.left, hit.top), em) for em in ems]
    return max(Hit(peak.correlation, hit.word, em, peak.left, peak.top) for peak, em in peaks)


def _hits_of(plane: Plane, em: float) -> Iterator[Hit]:
    for word in ANCHORS:
        peak = correlate(plane, rendered((word,), em))
        if peak is not None and peak.correlation >= MIN_HIT:
            yield Hit(peak.correlation, word, em, peak.left, peak.top)


def _layouts_at(plane: Plane, hit: Hit, scale: float) -> list[Found]:
    """Return the longest layouts that fit around a word, in each face it may be drawn in."""
    # In small sizes whole-pixel advances show: words of 19 pixels are as wide as those of 20.
    rounded = hit.em / scale <= LARGEST_ROUNDED
    scales = [None, scale] if rounded else [None]
    return [found for drawn in scales for found in _longest(plane, hit, drawn)]


@lru_cache(maxsize=LARGEST_ROUNDED)
def _face(em: int) -> Face:
    return Face(em)


def _longest(plane: Plane, hit: Hit, drawn: float | None) -> list[Found]:
    fitting = [
        found
        for layout in layouts()
        if hit.word in " ".join(layout.lines)
        for found in [_best_size(plane, layout, hit, drawn)]
        if found is not None
    ]
    least = max((found.weakest for found in fitting), default=0.0) - LIKE
    alike = [found for found in fitting if found.weakest >= least]
    return sorted(alike, key=lambda found: found.rank, reverse=True)[:JUDGED]


def _best_size(plane: Plane, layout: Layout, hit: Hit, drawn: float | None) -> Found | None:
    """Return `layout` in its best size; its face in proportion, or as it was `drawn` at a scale."""
    found = []
    for factor in REFINED:
        em = hit.em * factor
        face = _face(max(MIN_EM, round(em / drawn))) if drawn else PROPORTIONS
        found.append(_fitted(plane, layout, hit, face, em))
    return max(filter(None, found), key=lambda each: each.weakest, default=None)


def _fitted(plane: Plane, layout: Layout, hit: Hit, face: Face, em: float) -> Found | None:
    """Return `layout` around a word, if each of its lines is there."""
    anchor, shrunk = layout.anchor(hit.word, face), em / face.em
    if anchor is None:
        return None
    left, top = hit.left - anchor[0] * shrunk, hit.top - anchor[1] * shrunk
    beside, above = (side * shrunk for side in face.padding)
    peaks = []
    for row, line in enumerate(layout.lines):
        down = top + above + row * face.line_height * shrunk
        peaks.append(plane.near(line, em, round(left + beside), round(down)))
        if peaks[-1].correlation < MIN_LINE:
            return None
    weakest = min(peak.correlation for peak in peaks)
    corner = peaks[0].left - beside, peaks[0].top - above
    return Found(layout, face, em, *corner, weakest, anchor[0] / face.em)


def _judged(view: View, found: Found, scale: float) -> list[tuple[Sight, Placement]]:
    """Judge what was found like a hint, its size taken a little smaller and larger; the best."""
    best: tuple[Sight, Placement] | None = None
    for factor in (1.0, 1.005, 0.995, 1.01, 0.99, 1.02, 0.98):
        hint = _hint(view.size, found, found.em * factor / scale, scale)
        held = gauge(hint, view.size)
        if held is None:
            continue
        sight = look(view, held)
        if best is None or sight.badness > best[0].badness:
            best = sight, hint
        # A size that was found is an estimate: one that is large enough and fits is preferred.
        done = best[0].code == PERCEIVABLE and best[0].correlation >= DONE
        if done or sight.correlation < HOPELESS:
            break
    return [best] if best else []


def _style(region: Region, size: tuple[int, int]) -> NoticeStyle:
    """A plate without a margin, down to the last row, is a band."""
    bottom = (region.y + region.h) * size[1]
    at_edge = region.x <= BAND_SLACK and bottom >= size[1] * (1 - BAND_SLACK) - 1
    return NoticeStyle.STRIP if at_edge else NoticeStyle.OVERLAY


BAND_SLACK = 0.006
"""How far above the lowest row a band may seem to end; an overlay's margin is 1 %."""


def _hint(size: tuple[int, int], found: Found, em: float, scale: float) -> Placement:
    """Return the hint of a notice that is seen with `em` in a picture of `size`."""
    seen = em / found.face.em
    width, height = (side * seen for side in found.face.size(found.layout.lines))
    region = Region(
        x=min(max(0.0, found.corner(em * scale) / scale), size[0] - width) / size[0],
        y=min(max(0.0, found.top / scale), size[1] - height) / size[1],
        w=width / size[0],
        h=height / size[1],
    )
    return Placement(
        statement=found.layout.statement,
        style=_style(region, size),
        languages=found.layout.languages,
        lines=found.layout.lines,
        font=FONT,
        font_size=found.face.em,
        width=round(size[0] / seen),
        height=round(size[1] / seen),
        region=region,
    )
