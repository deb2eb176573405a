"""Whether people can read a notice that stands in the words of a document or a text.

A room turns what it holds into runs: stretches of text with what a notice in them would be judged
as. Here the phrases in them (`phrases`) are weighed:

1. A phrase is as good as the worst run it stands in.
2. It must come first: among the first `FIRST_CHARACTERS` that are seen, white space that is piled
   up before it included.
3. It must be written in the script of its language.
4. A hint is believed in nothing: its lines must be our words for its statement, and each language
   of them must be found, on every page where the style says so.
5. Without a hint, phrases near the start are reported; one amid other words may be prose about AI.
   Further down, and on later pages, only those are that stand alone: they come too late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby, islice

from kzlabel.model import NoticeReport, NoticeStyle, Placement
from kzlabel.notices._sighting import (
    BURIED,
    IN_A_ROW,
    MENTIONED,
    PERCEIVABLE,
    UNDETERMINED,
    Page,
    Run,
    Sight,
    badness,
)
from kzlabel.notices.phrases import find_phrases
from kzlabel.notices.words import says

__all__ = ["FIRST_CHARACTERS", "Run", "judge_pages", "judge_runs"]

FIRST_CHARACTERS = 600
"""About one screen: a phone shows 15 to 20 lines of 35 to 40 letters. A notice that people have to
scroll to does not accompany the result."""
MISSING = "kz.notice.missing"
MISSING_PAGES = "kz.notice.missing-pages"
INCOMPLETE = "kz.notice.incomplete"
SEPARATOR = " \u00b7 "
"""Between the languages of a notice in a report, as in a text."""
MAX_HINTS = 8
MAX_WORDS = 500
"""Characters of a hint's lines together; three languages need 90."""
BESIDE = 6
"""Words of the same part of a sentence, at most, amid which declared words are a notice."""
MENTION = 3
"""Words beside a phrase, at most, with which it may yet be a notice that nobody declared."""
MAX_SEARCHED = 50
"""Pages searched for a notice that nobody declared, where the first one has none."""


def judge_runs(
    runs: Iterable[Run], hints: Sequence[Placement], *, search: bool, first: int = FIRST_CHARACTERS
) -> tuple[NoticeReport, ...]:
    """Judge the notices of a text that has no pages."""
    return judge_pages((runs,), hints, search=search, first=first)


def judge_pages(
    pages: Iterable[Iterable[Run]],
    hints: Sequence[Placement],
    *,
    search: bool,
    first: int = FIRST_CHARACTERS,
) -> tuple[NoticeReport, ...]:
    """Return one report a hint, in order; without hints, and with `search`, what is found.

    Pages after the first are taken only where a hint says that every page has the notice, or where
    one is looked for; of a page no more runs than are needed: those near the start, where a
    declared notice is seen there. `first` is how many characters may come before it: more where a
    page is seen at once.
    """
    rest = iter(pages)
    page = Page(next(rest, ()), first)
    if not hints:
        return _searched(page, rest, first) if search else ()
    claims = [_Claim(hint) for hint in hints[:MAX_HINTS]]
    for claim in claims:
        claim.look(page)
    everywhere = [c for c in claims if c.hint.style is NoticeStyle.PAGES and c.languages]
    for runs in rest if everywhere else ():
        page = Page(runs, first)
        for claim in everywhere:
            claim.look(page)
    return (*(claim.report() for claim in claims), *map(_unjudged, hints[MAX_HINTS:]))


# --- A notice that is declared --------------------------------------------------------------------


@dataclass
class _Claim:
    """A hint, held against one page after another; the worst page counts."""

    hint: Placement
    languages: frozenset[str] = field(init=False)
    """In which its lines are; none where they are not our words for its statement."""
    worst: tuple[Sight, ...] = ()
    """The best sight of each language, on the page where they are worst."""
    code: str = ""
    page: int = 0
    """The worst page, from 1."""
    pages: int = 0
    carrying: int = 0

    def __post_init__(self) -> None:
        lines = self.hint.lines
        sound = sum(map(len, lines)) <= MAX_WORDS and says(lines, self.hint.statement)
        self.languages = _languages(lines) if sound else frozenset()

    def look(self, page: Page) -> None:
        """Judge the next page."""
        self.pages += 1
        best = self._best(page.plain)
        code = self._judged(best)
        if badness(code):  # it is seen as well as can be; or else all of the page is looked at
            best = self._best(page.sights)
            code = self._judged(best)
        self.carrying += bool(best)
        if not self.code or badness(code) > badness(self.code):
            self.code, self.worst, self.page = code, best, self.pages

    def _best(self, sights: Sequence[Sight]) -> tuple[Sight, ...]:
        """Return the best sight of each language, in the order they are read."""
        best: dict[str, Sight] = {}
        for sight in sights:
            language = sight.phrase.language
            if sight.phrase.statement is not self.hint.statement or language not in self.languages:
                continue
            if sight.phrase.amid > BESIDE:
                continue
            if language not in best or badness(sight.code) < badness(best[language].code):
                best[language] = sight
        return tuple(sorted(best.values(), key=lambda sight: sight.phrase.start))

    def _judged(self, best: Sequence[Sight]) -> str:
        if not best:
            return MISSING if self.pages == 1 else MISSING_PAGES
        worst = max(best, key=lambda sight: badness(sight.code))
        if badness(worst.code) < badness(INCOMPLETE) and len(best) < len(self.languages):
            return INCOMPLETE
        return worst.code

    def report(self) -> NoticeReport:
        """Return the report row."""
        if not self.languages:
            return _unjudged(self.hint)
        code = self.code
        if code == MISSING and self.carrying:
            code = MISSING_PAGES
        measures = _worst(self.worst).measures if self.worst else {}
        if self.hint.style is not NoticeStyle.INLINE:
            measures |= {"page": float(self.page), "pages": float(self.carrying)}
        return _report(code, self.worst, measures, SEPARATOR.join(self.hint.lines))


@lru_cache(maxsize=64)
def _languages(lines: tuple[str, ...]) -> frozenset[str]:
    return frozenset(phrase.language for phrase in find_phrases("\n\n".join(lines)))


def _unjudged(hint: Placement) -> NoticeReport:
    return _report(UNDETERMINED, (), {}, SEPARATOR.join(hint.lines)[:MAX_WORDS])


# --- A notice that nobody declared ----------------------------------------------------------------


def _searched(page: Page, rest: Iterable[Iterable[Run]], first: int) -> tuple[NoticeReport, ...]:
    """Report what is said near the start, or alone further down: a row for each statement."""
    found = [sight for sight in page.sights if _may_be_notice(sight)]
    if not any(_seen_as(sight) == PERCEIVABLE for sight in found):
        for number, runs in enumerate(islice(rest, MAX_SEARCHED), 2):
            sights = (sight for sight in Page(runs, first).sights if _is_apart(sight))
            found += [_on_page(sight, number) for sight in sights]
    found.sort(key=lambda sight: str(sight.phrase.statement))
    grouped = groupby(found, key=lambda sight: sight.phrase.statement)
    return tuple(_undeclared(tuple(sights)) for _, sights in grouped)


def _may_be_notice(sight: Sight) -> bool:
    if sight.is_near and sight.code != BURIED:
        return sight.phrase.others <= MENTION
    return _is_apart(sight) and sight.run.code != IN_A_ROW


def _is_apart(sight: Sight) -> bool:
    """Whether the words are a notice wherever they stand: a line of their own."""
    return sight.phrase.is_alone and not sight.phrase.others


def _on_page(sight: Sight, number: int) -> Sight:
    """Return a sight on a later page, where no notice accompanies the result."""
    run = replace(sight.run, measures={**sight.run.measures, "page": float(number)})
    code = sight.code if badness(sight.code) == badness(BURIED) else BURIED
    return replace(sight, code=code, run=run)


def _undeclared(sights: Sequence[Sight]) -> NoticeReport:
    """Report one statement: what is best seen of it counts, once for each language."""
    best = min(map(_seen_as, sights), key=badness)
    shown: dict[str, Sight] = {}
    for sight in sights:
        if _seen_as(sight) == best:
            shown.setdefault(sight.phrase.language, sight)
    kept = sorted(shown.values(), key=lambda sight: sight.phrase.start)
    return _report(best, kept, kept[0].measures, "")


def _seen_as(sight: Sight) -> str:
    """Return the code of a sight that nobody declared: amid other words it may be a mention."""
    return MENTIONED if sight.code == IN_A_ROW or sight.phrase.others else sight.code


def _worst(sights: Iterable[Sight]) -> Sight:
    return max(sights, key=lambda sight: badness(sight.code))


def _report(
    code: str, sights: Sequence[Sight], measures: dict[str, float], words: str
) -> NoticeReport:
    return NoticeReport(
        medium="visible",
        text=SEPARATOR.join(_texts(sights)) or words,
        languages=tuple(sight.phrase.language for sight in sights),
        perceivable=(True, None, False)[badness(code)],
        code=code,
        measures=measures,
    )


def _texts(sights: Iterable[Sight]) -> Iterator[str]:
    return (sight.phrase.text for sight in sights)
