"""The phrases on one page, with what people see of them.

Runs are joined and searched three times: what is visible, what might be, and everything; so a
phrase is found with a hidden letter inside it, and one that is hidden is told from none at all.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from unicodedata import category

from kzlabel.notices._letters import inked
from kzlabel.notices._sentences import CONTEXT
from kzlabel.notices.phrases import Phrase, find_phrases

PERCEIVABLE = "kz.notice.perceivable"
BURIED = "kz.notice.buried"
TURNED = "kz.notice.turned"
OTHER_SCRIPT = "kz.notice.other-script"
MENTIONED = "kz.notice.mentioned"
UNDETERMINED = "kz.notice.undetermined"
IN_A_ROW = "kz.notice.in-a-row"
"""Of a table: it speaks of what that row has."""
_OPEN = frozenset({UNDETERMINED, MENTIONED})
"""Codes that leave it open whether people perceive the notice."""

FREE_BLANKS = 80
FREE_LINES = 2
"""White space in one place that costs nothing: an indent or a line, an empty line."""
LINE_CHARACTERS = 30
"""What every line counts at least, however short: a line of a phone."""
NEAR_TIMES = 12
"""How many times what may stand before a notice is read of a page first."""
MAX_CHARACTERS = 500_000
"""Of one page: this far it is searched to say that its notice is buried, and not missing."""
MAX_LINE = 10_000
_ODD = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]|[\u0300-\u0333]{2}")
"""Nothing that belongs into a word: control characters, broken ones, marks upon marks."""
_HEAP = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4}")
"""More marks over one letter than any language has: they cover its neighbours."""
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Run:
    r"""Text that is seen, or not, in one way; the last one of a block ends in \n."""

    text: str
    code: str = PERCEIVABLE
    """What a notice in it is judged as: perceivable, undetermined, or why it is not perceived."""
    line: int = 0
    """From 1, where the format has lines."""
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def badness(self) -> int:
        """How badly it is seen."""
        return badness(self.code)


def badness(code: str) -> int:
    """Return how bad a code is: 0 perceivable, 1 open, 2 not perceived."""
    return 0 if code == PERCEIVABLE else 1 if code in _OPEN else 2


@dataclass(frozen=True)
class Sight:
    """A phrase as it is seen."""

    phrase: Phrase
    code: str
    before: int
    """Visible characters before it."""
    run: Run
    """Of the runs it stands in, the worst."""
    is_near: bool
    """Whether it is near enough to the start."""

    @property
    def perceivable(self) -> bool | None:
        """Whether people perceive it; None where that is open."""
        return (True, None, False)[badness(self.code)]

    @property
    def measures(self) -> dict[str, float]:
        """What was measured."""
        line = {"line": float(self.run.line)} if self.run.line else {}
        return {**self.run.measures, **line, "before": float(self.before)}


class Page:
    """The runs of one page; they are taken as far as they are needed."""

    def __init__(self, runs: Iterable[Run], first: int) -> None:
        self._rest = iter(runs)
        self._taken: list[Run] = []
        self._first = first
        self._near = min(NEAR_TIMES * first, MAX_CHARACTERS)

    @cached_property
    def plain(self) -> tuple[Sight, ...]:
        """The phrases near the start, in what is visible; mostly that is enough."""
        self._take(self._near)
        return tuple(self._passage(0, self._near).sights())

    @cached_property
    def sights(self) -> tuple[Sight, ...]:
        """Every phrase: those in what is visible, then those that touch what is less so."""
        self._take(MAX_CHARACTERS)
        present = sorted({run.badness for run in self._taken})
        return tuple(
            sight
            for worst in present
            for sight in self._passage(worst, MAX_CHARACTERS).sights()
            if sight.run.badness == worst
        )

    def _take(self, limit: int) -> None:
        room = limit - sum(len(run.text) for run in self._taken)
        while room > 0 and (run := next(self._rest, None)) is not None:
            self._taken.append(run)
            room -= len(run.text)

    def _passage(self, worst: int, limit: int) -> _Passage:
        seen = (run for run in self._taken if run.badness <= worst)
        return _Passage(tuple(_bounded(seen, limit)), self._first, limit)


class _Passage:
    """Runs, joined: all there are, or as many as make `limit` characters."""

    def __init__(self, runs: Sequence[Run], first: int, limit: int) -> None:
        self._runs, self._first = runs, first
        texts = [f"{run.text}\n" if _ends_block(run) else run.text for run in runs]
        self._text = "".join(texts)
        self._starts = list(accumulate(map(len, texts), initial=0))
        is_cut = sum(len(run.text) for run in runs) >= limit
        # Of a phrase near a cut end too little is known: whether its sentence denies it.
        self._end = len(self._text) - CONTEXT if is_cut else len(self._text)

    def sights(self) -> Iterator[Sight]:
        """Return every phrase with the worst of its runs."""
        before = end = 0
        for phrase in find_phrases(self._text):
            if phrase.end > self._end:
                return
            before += seen_characters(self._text[end : phrase.start])
            run = max(self._touched(phrase), key=lambda run: run.badness)
            near = before <= self._first
            code = _code(phrase, run, is_near=near)
            if code == PERCEIVABLE:
                code = _drawn(self._text, phrase)
            yield Sight(phrase, code, before, run, near)
            end = phrase.end  # a notice in another language does not stand before the notice

    def _touched(self, phrase: Phrase) -> Sequence[Run]:
        first = bisect_right(self._starts, phrase.start) - 1
        return self._runs[first : bisect_left(self._starts, phrase.end)]


def _code(phrase: Phrase, run: Run, *, is_near: bool) -> str:
    if run.badness == badness(BURIED):
        return run.code
    if not is_near:
        return BURIED
    return run.code if phrase.is_native or run.badness else OTHER_SCRIPT


def _drawn(text: str, phrase: Phrase) -> str:
    """Return what the characters around a phrase, and those between its letters, do to it."""
    if _is_reversed(text, phrase):
        return TURNED
    words = text[phrase.start : phrase.end]
    near = text[max(0, phrase.start - CONTEXT) : phrase.end + CONTEXT]
    is_odd = _ODD.search(words) or _HEAP.search(near) or any(map(_is_mark, words))
    return UNDETERMINED if is_odd else PERCEIVABLE


def _is_mark(letter: str) -> bool:
    """Whether it is a mark that is no accent: it may strike its letter out, or enclose it."""
    known = "\u0300" <= letter <= "\u0333" or "\ufe00" <= letter <= "\ufe0f"
    return category(letter) in {"Mn", "Me"} and not known


def _is_reversed(text: str, phrase: Phrase) -> bool:
    """Whether an override (U+202E) earlier in its line shows the letters from right to left."""
    start = text.rfind("\n", max(0, phrase.start - MAX_LINE), phrase.start) + 1
    line = text[max(start, phrase.start - MAX_LINE) : phrase.end]
    _, override, turned = line.rpartition("\u202e")
    return bool(override) and _BIDI.findall(turned)[:1] != ["\u202c"]


def _ends_block(run: Run) -> bool:
    """Whether an empty line is to follow, which no phrase crosses."""
    return run.text.endswith("\n") and not run.text.isspace()


def seen_characters(text: str) -> int:
    """Count the characters of `text` that are seen, and the room that blanks and lines take up."""
    *lines, rest = inked(text).split("\n")
    seen = empty = 0
    for line in lines:
        room = _room(line)
        empty = 0 if room else empty + 1
        seen += max(room, LINE_CHARACTERS) if room or empty > FREE_LINES else 0
    return seen + _room(rest)


def _room(line: str) -> int:
    """Return how many characters a line is worth; as many blanks as letters cost nothing."""
    letters = line.count("x")
    return letters + max(0, len(line) - 2 * letters - FREE_BLANKS)


def _bounded(runs: Iterable[Run], limit: int) -> Iterator[Run]:
    """Take runs until there are `limit` characters; the last one is cut."""
    room = limit
    for run in runs:
        yield run if len(run.text) <= room else replace(run, text=run.text[:room])
        room -= len(run.text)
        if room <= 0:
            return
