"""What a phrase on a PDF's page is worth to people who look at it.

Words must lie on the page, upright or on their side, and look like their letters; none of them may
be hidden, covered or lost in what is around them; they must contrast with their ground, and be
large enough, both in points and by the page. Where an annotation lies over them that each viewer
draws in its own way, it is open.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.formats._pdf_judge_ink import DRAWN_EM, Ink, look
from kzlabel.formats._pdf_judge_places import united
from kzlabel.formats._pdf_judge_rows import Row, rows_of
from kzlabel.notices._sighting import PERCEIVABLE, UNDETERMINED
from kzlabel.notices.contrast import MIN_CONTRAST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzlabel.formats._pdf_judge_places import Box
    from kzlabel.formats._pdf_outlook import Outlook
    from kzlabel.formats._pdfium import Page
    from kzlabel.notices.phrases import Phrase

LEAST_EM = 7.0
"""Points below which words are not read with ease. Particulars on food need an x-height of 1.2 mm
(Regulation (EU) No 1169/2011, Art. 13(2)), which is an em of 6.4 points in Open Sans."""
LEAST_RATIO = 0.011
"""Em by the page's shorter side: half of what a notice has when it is made, so that one on a page
that is put on a larger sheet stays perceivable; pages are shown as large as the screen."""
ROUNDING = 0.98
MEASURABLE = 0.25
"""Share of the least size under which nothing is drawn to be measured."""
MOST_LACKING = 0.1
"""Share of characters without ink with which words are still read."""
LIKE_OURS = 0.75
"""Likeness of words that we wrote, in Open Sans SemiBold. Measured over 150 sizes, places and
angles: 0.85 and more; of other words in the same font 0.57 and less."""
LIKE, UNLIKE = 0.6, 0.5
"""The same for words in any font. Measured over 27 faces: upright 0.73 and more, italic 0.63, light
italic 0.58; other words 0.57 and less. Between the two it is open."""
CLEAR_OURS = 0.9
"""Clarity of words that we wrote, on a plate. Measured: 0.99 and more; struck out 0.86 and less."""
CLEAR = 0.7
"""The same for words of others; as much is asked of a tile of a notice on a picture."""
APART = 2.0
"""How far one row of a phrase may be from the next, in em."""


class Place(NamedTuple):
    """Where a phrase stands on a page."""

    phrase: Phrase
    rows: tuple[Row, ...]

    @property
    def em(self) -> float:
        """Its smallest letters, in points."""
        return min((row.legible_em for row in self.rows), default=0.0)

    @property
    def box(self) -> Box:
        """Around all of it."""
        return united(row.box for row in self.rows)

    @property
    def is_scattered(self) -> bool:
        """Whether people would not read its rows one after another."""
        return any(one.box.gap(other.box) > APART * one.em for one, other in pairwise(self.rows))


class Seen(NamedTuple):
    """A phrase, judged."""

    place: Place
    code: str
    measures: dict[str, float]


def place_of(page: Page, phrase: Phrase) -> Place:
    """Return where `phrase` of the page's text stands."""
    return Place(phrase, tuple(rows_of(page.glyphs(phrase.start, phrase.end))))


def judged(page: Page, place: Place, outlook: Outlook, *, is_ours: bool) -> Seen:
    """Judge a phrase; `is_ours` where a label says that we wrote it."""
    if not place.rows:
        return Seen(place, HIDDEN, {})
    if place.is_scattered:
        return Seen(place, OTHER_WORDS, {})
    least = max(LEAST_EM, LEAST_RATIO * min(page.size)) * ROUNDING
    if _is_outside(page, place.box):
        return Seen(place, OUTSIDE, {})
    measures = {"em_points": round(place.em, 2)}
    if place.em < MEASURABLE * least:
        return Seen(place, SMALL, measures)
    inks = _inks(page, place.rows, {glyph.ink for row in place.rows for glyph in row.glyphs})
    code = _code(place, inks, least, is_ours=is_ours)
    if code not in (PERCEIVABLE, SMALL, TURNED):
        # Words printed twice, a hair apart, are bold; without one of them the other is still there.
        again = _inks(page, place.rows, page.text_objects())
        if _code(place, again, least, is_ours=is_ours) == PERCEIVABLE:
            code, inks = PERCEIVABLE, again
    if code == PERCEIVABLE and _is_open(page, place, outlook):
        code = UNDETERMINED
    return Seen(place, code, measures | _measures(inks))


def _is_open(page: Page, place: Place, outlook: Outlook) -> bool:
    """Whether another viewer may show something else there."""
    lids = (page.frame.box(*lid) for lid in outlook.lids)
    return outlook.is_doubtful or any(not lid.gap(place.box) for lid in lids)


def _inks(page: Page, rows: Sequence[Row], objects: set[int]) -> list[Ink]:
    """Measure what the page looks like with these text objects and without."""
    em = min(row.em for row in rows)
    area = united(row.box for row in rows).grown(max(row.em for row in rows) * AROUND)
    with_words = page.picture(area, DRAWN_EM / em)
    with page.without(objects):
        without = page.picture(area, DRAWN_EM / em)
    return look(rows, (with_words, without))


def _measures(inks: Sequence[Ink]) -> dict[str, float]:
    return {
        "contrast": round(min(ink.contrast for ink in inks), 2),
        "correlation": round(min(ink.likeness for ink in inks), 3),
        "clarity": round(min(ink.clarity for ink in inks), 3),
    }


def _code(place: Place, inks: Sequence[Ink], least: float, *, is_ours: bool) -> str:
    """Return what keeps the words from being read, the plainest reason first."""
    likeness = min(ink.likeness for ink in inks)
    clear, like, unlike = (CLEAR_OURS, LIKE_OURS, LIKE_OURS) if is_ours else (CLEAR, LIKE, UNLIKE)
    reasons = (
        (min(ink.lacking for ink in inks) == 1.0, HIDDEN),
        (place.em < least, SMALL),
        (max(ink.lacking for ink in inks) > MOST_LACKING, COVERED),
        (any(row.is_mirrored or row.is_upside_down for row in place.rows), TURNED),
        (min(ink.contrast for ink in inks) < MIN_CONTRAST, FAINT),
        (min(ink.clarity for ink in inks) < clear, CLUTTERED),
        (likeness < unlike, OTHER_WORDS),
        (likeness < like or not all(ink.is_known for ink in inks), UNDETERMINED),
    )
    return next((code for holds, code in reasons if holds), PERCEIVABLE)


def _is_outside(page: Page, box: Box) -> bool:
    """Whether the middle of the words does not lie on the displayed page."""
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return not (0 <= x <= page.size[0] and 0 <= y <= page.size[1])


AROUND = 0.5
"""Room drawn around the words, in em: strips are a little larger than what is measured in them."""
HIDDEN = "kz.notice.hidden"
OUTSIDE = "kz.notice.outside"
COVERED = "kz.notice.covered-words"
OTHER_WORDS = "kz.notice.other-words"
CLUTTERED = "kz.notice.cluttered"
FAINT = "kz.notice.faint"
SMALL = "kz.notice.small"
TURNED = "kz.notice.turned"
