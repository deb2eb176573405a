"""The cues of SubRip and WebVTT (https://www.w3.org/TR/webvtt1/), and how people see them.

[number or name]
00:00:00.000 --> 00:00:05.000 [settings]
one or more lines, up to an empty one
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.formats._text_sight import BRIEF, HIDDEN, LATE, UNDETERMINED, Mark, runs_of
from kzlabel.model import SHORTEST_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel.notices.prose import Run

FIRST_SECONDS = 10.0
"""A notice that is shown later does not come first."""
_MOST_AT_ONCE = 7
"""Lines shown at one time, two a cue at least; more push it off the picture, or another off it."""
_MOST_CUES = 400
_LONGEST_CUE = 4000
_MOST_LINES = 5
"""Of one cue; players cut off what is higher than the picture."""

_STAMP = r"(?:(\d{1,6}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
TIMING = re.compile(rf"^[ \t]*{_STAMP}[ \t]*-->[ \t]*{_STAMP}([^\n]*)$", re.MULTILINE)
_BODY_END = re.compile(r"\n[ \t\r]*(?:\n|\Z)|\Z")
_TAG = re.compile(r"<[^>]*(?:>|\Z)|\{\\[^}\n]*\}?")
_DRESSED = re.compile(
    r"<(?!/?[bius]>|v [^<>&]{1,80}>|/v>)|\{(?!\\(?:an[1-9]|[ibu]\d)\})"
    r"|&(?!(?:amp|lt|gt|nbsp);)#?\w{1,40};",
    re.IGNORECASE,
)
"""Anything but emphasis, a speaker's name, or the place at the top that SubRip knows."""
_SRT_STAMP, _VTT_STAMP = r"\d\d:[0-5]\d:[0-5]\d,\d{3}", r"(?:\d\d+:)?[0-5]\d:[0-5]\d\.\d{3}"
_SHARE = r"(?:100|\d{1,2}(?:\.\d{1,6})?)%"
_PLAIN_SRT = re.compile(rf"{_SRT_STAMP} --> {_SRT_STAMP}[ \t]*")
_PLAIN_VTT = re.compile(
    rf"{_VTT_STAMP}[ \t]+-->[ \t]+{_VTT_STAMP}(?:[ \t]+(?:align:(?:start|center|end|left|right)"
    rf"|position:{_SHARE}(?:,(?:line-left|center|line-right))?|size:{_SHARE}"
    rf"|line:(?:-?\d{{1,2}}|{_SHARE}(?:,(?:start|center|end))?))){{0,9}}[ \t]*"
)
_LONGEST_STYLE = 10_000
"""Characters of the style sheets of a file, together."""
_STYLE = re.compile(r"^STYLE[ \t]*\n(.*?)(?:\n[ \t]*\n|\Z)", re.MULTILINE | re.DOTALL)
_RULE = re.compile(r"([^{}]*)\{([^}]*)")
_OF_CLASS = re.compile(r"\s*::cue\(\s*[a-z]*(?:\.[\w-]+)+\s*\)\s*")
"""A selector of parts of cues that have a class."""
_ODD = re.compile(r"[\"'\\@/]")
"""Strings, comments and the like, in which braces are none."""
_PROPERTY = re.compile(r"([^\s;:{}]+)\s*:")
_HARMLESS = frozenset(
    {"font-style", "font-weight", "font-family", "text-decoration", "white-space"}
)
_NAMED = re.compile(r"(\w+):(\S+)")
_PERCENT = re.compile(r"(-?\d{1,6}(?:\.\d{1,6})?)(%?)(?:,([\w-]+))?")


class Cue(NamedTuple):
    """One cue."""

    at: int
    """Where its first line begins: its number or name, if it has one."""
    line: int
    """The line of its words, from 1."""
    start: float
    end: float
    timing: str
    """The line of its times and settings."""
    settings: str
    text: str


def cues_of(text: str) -> list[Cue]:
    """Return the first cues of `text`, line feeds its line ends, in the order they stand."""
    cues: list[Cue] = []
    line = counted = 0
    for found in TIMING.finditer(text):
        if len(cues) == _MOST_CUES:
            break
        body = _BODY_END.search(text, found.end())
        end = body.start() if body else len(text)
        line += text.count("\n", counted, found.end())
        counted = found.end()
        stamps = found.groups()
        at = _named(text, found.start())
        cues.append(
            Cue(at, line + 2, _seconds(stamps[:4]), _seconds(stamps[4:8]), found[0], stamps[8],
                text[found.end() + 1 : end][:_LONGEST_CUE])
        )  # fmt: skip
    return cues


def _named(text: str, at: int) -> int:
    """Return where the line before `at` begins, if it is not empty."""
    before = text.rfind("\n", 0, max(at - 1, 0)) + 1
    return before if at and text[before:at].strip() else at


def _seconds(stamp: Sequence[str | None]) -> float:
    hours, minutes, seconds = (int(part or 0) for part in stamp[:3])
    return hours * 3600 + minutes * 60 + seconds + float(f"0.{stamp[3]}")


def runs_of_cues(text: str) -> Iterator[Run]:
    """Yield what people see of the cues, in the order they are shown."""
    cues = sorted(cues_of(text), key=lambda cue: cue.start)
    styled, tagged = _is_styled(text), _is_styled(text, of_class=True)
    plain = _PLAIN_VTT if text.startswith("WEBVTT") else _PLAIN_SRT
    for cue in cues:
        words = _TAG.sub("", cue.text) + "\n\n"
        doubtful = styled or (tagged and "<" in cue.text) or _is_crowded(cue, cues)
        code = UNDETERMINED if doubtful else _code_of(cue, plain)
        marks = [Mark(0, len(words), code)] if code else []
        for run in runs_of(words, marks):
            seconds = {"seconds": cue.end - cue.start}
            yield replace(run, line=cue.line + run.line - 1, measures=seconds)


def _code_of(cue: Cue, plain: re.Pattern[str]) -> str:
    """Return why people cannot read a cue, or nothing."""
    if cue.end - cue.start < SHORTEST_SECONDS:
        return BRIEF
    if cue.start > FIRST_SECONDS:
        return LATE
    doubtful = (
        not plain.fullmatch(cue.timing)
        or _DRESSED.search(cue.text)
        or cue.text.count("\n") > _MOST_LINES
    )
    return _placed(cue.settings) or (UNDETERMINED if doubtful else "")


def _is_crowded(cue: Cue, cues: Sequence[Cue]) -> bool:
    if cue.start > FIRST_SECONDS:
        return False
    beside = [other for other in cues if other.start < cue.end and other.end > cue.start]
    lines = [max(2, other.text.strip().count("\n") + 1) for other in beside]
    steps = [(max(o.start, cue.start), count) for o, count in zip(beside, lines, strict=True)]
    steps += [(other.end, -count) for other, count in zip(beside, lines, strict=True)]
    return max(accumulate(step for _, step in sorted(steps)), default=0) > _MOST_AT_ONCE


def _is_styled(text: str, *, of_class: bool = False) -> bool:
    """Whether a style sheet in the file may take cues, or parts `of_class`, out of sight."""
    styles = _STYLE.findall(text)
    if sum(map(len, styles)) > _LONGEST_STYLE:
        return True  # more than anybody writes by hand: not read
    rules = [
        (rule, _ODD.search(style) or not all(map(_OF_CLASS.fullmatch, selectors.split(","))))
        for style in styles
        for selectors, rule in _RULE.findall(style)
    ]
    named = (name for rule, wide in rules if of_class or wide for name in _PROPERTY.findall(rule))
    return any(name.lower() not in _HARMLESS for name in named)


# --- Where WebVTT places a cue --------------------------------------------------------------------

_TOO_LITTLE, _LITTLE = 10.0, 40.0
"""Per cent of the picture's width that a line of words has."""
_OFF, _TOP, _FAR_LINE = 95.0, 15.0, 12


def _placed(settings: str) -> str:
    """Return what a cue's settings do to it (WebVTT 1, 6.3): nothing, or why it is not read."""
    pairs = _NAMED.findall(settings)
    said = dict(pairs)
    room = min(_percent(said.get("size", ""), 100.0), _width(said))
    if room < _TOO_LITTLE or _is_below(said.get("line", "")):
        return HIDDEN
    doubtful = room < _LITTLE or len(said) < len(pairs)
    return UNDETERMINED if doubtful or _is_far(said.get("line", "")) else ""


def _percent(value: str, default: float) -> float:
    found = _PERCENT.fullmatch(value)
    return float(found[1]) if found and found[2] else default


def _width(said: dict[str, str]) -> float:
    """Return how wide a cue can be where it is anchored."""
    if "position" not in said:
        return 100.0
    position = _percent(said["position"], 50.0)
    anchor = said["position"].partition(",")[2] or said.get("align", "center")
    if anchor in ("start", "left", "line-left"):
        return 100.0 - position
    if anchor in ("end", "right", "line-right"):
        return position
    return 2 * min(position, 100.0 - position)


def _is_below(value: str) -> bool:
    found = _PERCENT.fullmatch(value)
    return bool(found and found[2] and found[3] != "end" and float(found[1]) >= _OFF)


def _is_far(value: str) -> bool:
    found = _PERCENT.fullmatch(value)
    if found and found[2]:
        return found[3] in ("center", "end") and float(found[1]) < _TOP
    return bool(found and abs(float(found[1])) > _FAR_LINE)
