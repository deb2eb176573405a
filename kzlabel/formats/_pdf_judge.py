"""Notices in a PDF, judged by what its pages show (DESIGN 3).

The text of a page tells where words are that say what a notice says; whether people see them is
told by drawing the page there (`_pdf_judge_ink`). A notice that is only a picture of words is not
read; and words in annotations and form fields do not count, as viewers and scripts hide them,
change them and leave them out in print. They do count as what covers a notice.

A hint is believed in nothing: its words are sought on the whole page, and judged where they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from kzlabel._passwords import password_of
from kzlabel.errors import LimitError
from kzlabel.formats._pdf_judge_ink import forget
from kzlabel.formats._pdf_judge_places import united
from kzlabel.formats._pdf_judge_sight import Seen, judged, place_of
from kzlabel.formats._pdf_outlook import Outlook, outlooks
from kzlabel.formats._pdfium import opened
from kzlabel.model import NoticeReport, NoticeStyle, Placement, Region
from kzlabel.notices._sighting import UNDETERMINED, Run, badness
from kzlabel.notices.phrases import find_phrases
from kzlabel.notices.prose import MAX_WORDS, MENTION, MISSING, judge_pages
from kzlabel.notices.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kzlabel.formats._pdf_judge_places import Box
    from kzlabel.formats._pdfium import Document, Page
    from kzlabel.notices.phrases import Phrase

MOST_JUDGED = 12
"""Phrases drawn on one page, the largest of them; an article on AI has as many, but smaller."""
MOST_PAGES = 24
"""Pages on which a notice declared on every page is sought; of more, some are drawn by lot."""
LEAFED = 20
"""Pages leafed through to say that a notice is not where it is declared, but there."""
WHOLE_PAGE = 1 << 30
"""Characters that may come before a notice: a page is seen at once."""
CONTEXT = 300
"""Characters kept around a phrase, for what is said of it there."""
OTHER_PAGE = "kz.notice.other-page"


def find_notices(
    path: Path, hints: Sequence[Placement], *, search: bool
) -> tuple[NoticeReport, ...]:
    """Judge each hinted notice; without hints and with `search`, look on the first page.

    Raises `RefusedError` where a password is needed that nobody knows, `UnreadableAssetError` where
    the document is damaged, `LimitError` on a page that is too full, and `OSError`.
    """
    if not (hints or search):
        return ()
    forget()
    with opened(path, password_of) as document:
        return _Judge(document, tuple(map(_unwrapped, hints))).reports(search=search)


@dataclass
class _Judge:
    """One document and what is declared of it."""

    document: Document
    hints: tuple[Placement, ...]
    first: list[Seen] = field(default_factory=list)
    """What was seen on the first page."""
    size: tuple[float, float] = (1.0, 1.0)
    """The first page's."""

    def reports(self, *, search: bool) -> tuple[NoticeReport, ...]:
        """Return one report a hint, in order, or what is found."""
        numbers = self._numbers()
        beforehand = outlooks(self.document.path, numbers)
        pages = (self._runs(number, beforehand[number]) for number in numbers)
        found = judge_pages(pages, self.hints, search=search, first=WHOLE_PAGE)
        if not found and not self.hints:
            return tuple(self._further())
        return tuple(self._finished(at, report, numbers) for at, report in enumerate(found))

    def _numbers(self) -> tuple[int, ...]:
        """Return the pages that are looked at, from 0: the first, and those a hint speaks of."""
        there = self.document.pages
        declared = [hint.pages for hint in self.hints if hint.style is NoticeStyle.PAGES]
        if not declared:
            return (0,)
        wanted = max(1, min(there, max(pages if pages > 0 else there for pages in declared)))
        if wanted <= MOST_PAGES:
            return tuple(range(wanted))
        from kzlabel.formats._video_samples import lots_of, strata

        drawn = strata(1, wanted - 1, MOST_PAGES - 2, lots_of(self.document.path))
        return (0, *map(int, drawn), wanted - 1)

    def _runs(self, number: int, outlook: Outlook) -> list[Run]:
        """Return what a page says of AI, judged, with the words around it."""
        with self.document.page(number) as page:
            phrases = find_phrases(page.text)
            mattering = [one for one in phrases if self._matters(one)]
            seen = self._judged(page, outlook, mattering)
            if number == 0:
                self.first, self.size = seen, page.size
            return list(_runs(page.text, phrases, {one.place.phrase: one for one in seen}))

    def _matters(self, phrase: Phrase) -> bool:
        if not self.hints:
            return phrase.others <= MENTION
        return any(hint.statement is phrase.statement for hint in self.hints)

    def _judged(self, page: Page, outlook: Outlook, phrases: Sequence[Phrase]) -> list[Seen]:
        """Judge phrases of a page, the largest first; what is not drawn is open."""
        places = [place_of(page, phrase) for phrase in phrases]
        places.sort(key=lambda place: -place.em)
        most = 0 if self.document.is_form else MOST_JUDGED
        ours = bool(self.hints)
        seen = [judged(page, place, outlook, is_ours=ours) for place in places[:most]]
        return seen + [Seen(place, UNDETERMINED, {}) for place in places[most:]]

    def _finished(self, at: int, report: NoticeReport, numbers: Sequence[int]) -> NoticeReport:
        """Return a report with its place, and its pages as the document counts them."""
        measures = dict(report.measures)
        measures.pop("before", None)  # of the words around it, and not of the page
        looked = min(len(numbers), max(1, int(measures.get("page", 1))))
        number = numbers[looked - 1]
        if report.code == MISSING:
            report, number = self._elsewhere(report, self.hints[at])
        measures["page"] = number + 1.0
        if len(numbers) > 1:
            measures["pages_judged"] = float(len(numbers))
        where = self._where(report) if number == 0 else None
        return msgspec.structs.replace(report, measures=measures, where=where)

    def _elsewhere(self, report: NoticeReport, hint: Placement) -> tuple[NoticeReport, int]:
        """Look whether a later page has the words that the first one lacks."""
        for number, text in self._later():
            if any(phrase.statement is hint.statement for phrase in find_phrases(text)):
                return msgspec.structs.replace(report, code=OTHER_PAGE), number
        return report, 0

    def _further(self) -> Iterator[NoticeReport]:
        """Look for a notice on the pages after the first, and no further than the first of them."""
        for number, text in self._later():
            found = judge_pages(((), (Run(text),)), (), search=True, first=WHOLE_PAGE)
            for report in found:
                yield msgspec.structs.replace(report, measures={"page": number + 1.0})
            if found:
                return

    def _later(self) -> Iterator[tuple[int, str]]:
        """Leaf through the pages after the first; through none where one would take too long."""
        numbers = range(1, min(self.document.pages, LEAFED))
        try:
            outlooks(self.document.path, numbers)
        except LimitError:
            return
        for number in numbers:
            with self.document.page(number) as page:
                text = page.text
            yield number, text

    def _where(self, report: NoticeReport) -> Region | None:
        """Return the place of what a report speaks of, on the first page.

        What is said there more than once is shown where it is seen best, and largest.
        """
        places: dict[str, Box] = {}
        for seen in sorted(self.first, key=lambda seen: badness(seen.code)):
            words = seen.place.phrase.text
            if words in report.text and seen.place.rows:
                places.setdefault(words, seen.place.box)
        return _region(united(places.values()), self.size) if places else None


def _unwrapped(hint: Placement) -> Placement:
    """Return a hint with a phrase a line, however its plate has them; as it is if it has others."""
    if sum(map(len, hint.lines)) > MAX_WORDS:
        return hint
    known = [form for said in WORDS[hint.statement].values() for form in (said.long, said.short)]
    rest, lines = " ".join(hint.lines), []
    while rest:
        fitting = [form for form in known if f"{rest} ".startswith(f"{form} ")]
        if not fitting:
            return hint
        lines.append(max(fitting, key=len))
        rest = rest[len(lines[-1]) + 1 :]
    return msgspec.structs.replace(hint, lines=tuple(lines))


def _runs(text: str, phrases: Sequence[Phrase], seen: dict[Phrase, Seen]) -> Iterator[Run]:
    """Yield each phrase as it was judged, and what stands around it; the rest is left out."""
    end = 0
    starts = [*(phrase.start for phrase in phrases[1:]), len(text)]
    for phrase, following in zip(phrases, starts, strict=bool(phrases)):
        start, last = max(end, phrase.start - CONTEXT), min(following, phrase.end + CONTEXT)
        code, measures = seen[phrase][1:] if phrase in seen else (UNDETERMINED, {})
        yield Run(text[start : phrase.start])
        yield Run(text[phrase.start : phrase.end], code, measures=measures)
        yield Run(text[phrase.end : last])
        end = last


def _region(box: Box, size: tuple[float, float]) -> Region | None:
    """Return a rectangle as fractions of the page, cut at its edges; None where nothing is left."""
    left, right = (min(1.0, max(0.0, x / size[0])) for x in (box.left, box.right))
    top, bottom = (min(1.0, max(0.0, y / size[1])) for y in (box.top, box.bottom))
    if left >= right or top >= bottom:
        return None
    return Region(x=left, y=top, w=right - left, h=bottom - top)
