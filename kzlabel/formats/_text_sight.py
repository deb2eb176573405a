r"""What people see of a text in a terminal, a browser or an editor: Runs for `notices.prose`.

Words are in the file and yet not seen where blanks push them off the screen, a carriage return or
backspaces write over them, U+202E turns them round, or a terminal conceals them (ECMA-48, 8.3.117:
SGR 8). Each such stretch is a `Mark`; a room adds those of its own syntax.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HIDDEN = "kz.notice.hidden"
FAINT = "kz.notice.faint"
SMALL = "kz.notice.small"
BRIEF = "kz.notice.brief-cue"
LATE = "kz.notice.late-cue"
BURIED = "kz.notice.buried"
IN_A_ROW = "kz.notice.in-a-row"
UNDETERMINED = "kz.notice.undetermined"
PERCEIVABLE = "kz.notice.perceivable"
_WORST = (HIDDEN, SMALL, FAINT, BRIEF, LATE, BURIED, IN_A_ROW, UNDETERMINED, PERCEIVABLE)

_COLUMNS = 80
"""Blanks that push a line's rest out of the window."""

_BLANK = " \\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u2800\u3164\uffa0"
_GAP = re.compile(rf"(?:\t|[{_BLANK}]{{8}}){{{_COLUMNS // 8},}}+")
_WRAPPER = re.compile("(?:\ufeff|\\A)[\ufe00-\ufe0f\U000e0100-\U000e01ef]{8,}+")
_ENDS = re.compile("\r\n|\n")
_CONTROL = re.compile("[\0-\x07\x0b\x0e-\x1a\x1c-\x1f\x80-\x9f\ud800-\udfff]")
"""Has no place in a text: what it does to the words after it is a terminal's choice."""
_LINE = re.compile("[^\n\x0b\x0c\x85\u2028\u2029]+")
_SGR = re.compile(r"\x1b\[([0-9;:]{0,64})m")
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|[^\[])?")
_NOISE = re.compile(r"\x1b\[[0-9;:]{0,64}m|[\0-\x08\x0e-\x1f\x7f]|" + _WRAPPER.pattern, re.DOTALL)
_CONCEAL, _FAINT, _REVEALED, _BRIGHT, _RESET = "8", "2", "28", "22", ("", "0")


class Mark(NamedTuple):
    """A stretch of characters, and what a notice in it would be judged as."""

    start: int
    end: int
    code: str


def runs_of(text: str, marks: Iterable[Mark] = ()) -> Iterator[Run]:
    """Yield `text` as runs, cut at its lines and where what people see of it changes.

    A line's end is a run of its own, so that it ends no block: a phrase may go on below.
    """
    found = sorted((*marks, *_marks(text)))
    ends = list(_ENDS.finditer(text))
    lines = [end.end() for end in ends]
    cuts = {
        0,
        len(text),
        *lines,
        *(end.start() for end in ends),
        *(at for mark in found for at in mark[:2]),
    }
    edges = sorted(cut for cut in cuts if 0 <= cut <= len(text))
    for start, end, code in _stretches(edges, found):
        yield Run(_NOISE.sub("", text[start:end]), code, bisect_right(lines, start) + 1)


def _stretches(edges: Sequence[int], marks: Sequence[Mark]) -> Iterator[tuple[int, int, str]]:
    """Yield each stretch between two edges with the worst code that lies over it."""
    counts = dict.fromkeys(_WORST, 0)
    starts = sorted(marks, key=lambda mark: mark.start)
    ends = sorted(marks, key=lambda mark: mark.end)
    opened = closed = 0
    for start, end in pairwise(edges):
        while opened < len(starts) and starts[opened].start <= start:
            counts[starts[opened].code] += 1
            opened += 1
        while closed < len(ends) and ends[closed].end <= start:
            counts[ends[closed].code] -= 1
            closed += 1
        yield start, end, next((code for code in _WORST if counts[code] > 0), PERCEIVABLE)


def _marks(text: str) -> Iterator[Mark]:
    yield from _beyond(text)
    yield from _reversed(text)
    yield from _overwritten(text)
    yield from _controlled(text)
    yield from _terminal(text)


def _beyond(text: str) -> Iterator[Mark]:
    """Mark what stands far to the right."""
    for gap in _GAP.finditer(text):
        end = _ENDS.search(text, gap.end())
        yield Mark(gap.end(), end.start() if end else len(text), HIDDEN)


def _reversed(text: str) -> Iterator[Mark]:
    """Mark what a right-to-left override turns round, up to its paragraph's end (UAX 9, X3)."""
    at = text.find("\u202e")
    while at >= 0:
        end = re.compile("[\n\u2029]").search(text, at)
        stop = end.start() if end else len(text)
        yield Mark(at, stop, HIDDEN)
        at = text.find("\u202e", stop)


def _overwritten(text: str) -> Iterator[Mark]:
    """Mark lines that a terminal writes over: a return or a backspace with more text behind it."""
    for line in _LINE.finditer(text):
        held = line[0].rstrip("\r")
        if "\b" in held or "\x7f" in held or "\r" in held:
            yield Mark(line.start(), line.end(), HIDDEN)


def _controlled(text: str) -> Iterator[Mark]:
    """Mark what follows a control character, or bytes that are no character."""
    found = _CONTROL.search(text)
    if found:
        yield Mark(found.start(), len(text), UNDETERMINED)


def _terminal(text: str) -> Iterator[Mark]:
    """Mark what a terminal conceals, dims, or may move, clear or draw in its own colour."""
    if "\x1b" not in text:
        return
    if any(not _SGR.fullmatch(found[0]) for found in _ESCAPES.finditer(text)):
        yield Mark(0, len(text), UNDETERMINED)
    since: dict[str, int] = {}
    for found in _SGR.finditer(text):
        for code, end in _shown_again(found[1], since):
            yield Mark(end, found.start(), code)
        for code in _unseen(found[1]):
            since.setdefault(code, found.end())
    for code, start in since.items():
        yield Mark(start, len(text), code)


def _unseen(parameters: str) -> Iterator[str]:
    """Yield what the parameters of one SGR sequence do to the text after it."""
    given = parameters.replace(":", ";").split(";")
    if _CONCEAL in _without_colours(given):
        yield HIDDEN
    if _FAINT in _without_colours(given):
        yield FAINT
    if any(code[:1] in "34" and len(code) == 2 and code[1] != "9" for code in given):  # noqa: PLR2004
        fore = [code[1:] for code in given if len(code) == 2 and code[0] == "3"]  # noqa: PLR2004
        back = [code[1:] for code in given if len(code) == 2 and code[0] == "4"]  # noqa: PLR2004
        if fore == ["0"] or "8" in fore or back:
            yield UNDETERMINED


def _without_colours(given: list[str]) -> list[str]:
    """Return the parameters up to a colour of 256 or more, whose own numbers follow it."""
    for at, code in enumerate(given):
        if code in ("38", "48", "58"):
            return given[:at]
    return [code.lstrip("0") or "0" for code in given]


def _shown_again(parameters: str, since: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Yield, and forget, what one SGR sequence ends."""
    given = parameters.split(";")
    for code in tuple(since):
        ends = {HIDDEN: _REVEALED, FAINT: _BRIGHT}.get(code, "39")
        if ends in given or any(reset in given for reset in _RESET):
            yield code, since.pop(code)
