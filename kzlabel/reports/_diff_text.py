"""`kzlabel diff` for people: the axes before and after, then what became of each thing.

Losses are marked, and counted at the end. Whatever comes from a file goes through `printable`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel._changes import Diff, Fate
from kzlabel.errors import printable
from kzlabel.locale import sentence
from kzlabel.locale._advice import advice_code
from kzlabel.reports._labels import is_unread, label_line
from kzlabel.reports._lines import INDENT, judgement, nuance, row
from kzlabel.reports._why import ARROW, SAID_ABOVE, said_of
from kzlabel.reports._wrap import Line, Span, Style
from kzlabel.reports.text import drawn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel._changes import (
        Change,
        CompanionChange,
        FieldChange,
        LabelChange,
        NoticeChange,
        Others,
        Side,
    )
    from kzlabel.model import LabelReport

_LOST, _UNKNOWN = Span("✗", Style.BAD), Span("?", Style.POOR)
_MARKS = {
    Fate.SURVIVED: Span("✓", Style.GOOD),
    Fate.CHANGED: Span("~", Style.POOR),
    Fate.APPEARED: Span("+", Style.PLAIN),
}
_AXES = (
    ("verdict", "verdict"),
    ("origin", "origin"),
    ("integrity", "integrity"),
    ("trust", "trust"),
    ("notice", "notice-state"),
)
"""Member of a side, which is its heading too -> the room of its values' sentences."""


def render(diff: Diff, language: str, *, colour: bool = False) -> Iterator[str]:
    """Yield the comparison as one block."""
    yield drawn(_lines(diff, language), colour=colour)


def _lines(diff: Diff, language: str) -> Iterator[Line]:
    yield _side("before", diff.before, language)
    yield _side("after", diff.after, language)
    yield from _axes(diff, language)
    for change in diff.labels:
        yield from _label(change, language)
    for companion in diff.companions:
        yield _companion(companion, language)
    for field in diff.fields:
        yield _field(field, language)
    for notice in diff.notices:
        yield from _notice(notice, language)
    for others in diff.others:
        yield _others(others, language)
    yield from _unseen(diff, language)
    yield _count(diff, language)


def _side(name: str, side: Side, language: str) -> Line:
    values = {"path": side.path, "media_type": side.media_type, "bytes": side.bytes}
    return Line((Span(printable(sentence(f"kz.diff.{name}", language, **values)), Style.TITLE),))


def _axes(diff: Diff, language: str) -> Iterator[Line]:
    before = [change.before for change in diff.labels]
    after = [change.after for change in diff.labels]
    for member, room in _AXES:
        words = [
            _axis(side, member, room, labels, language)
            for side, labels in ((diff.before, before), (diff.after, after))
        ]
        yield row(member, (Span(" → ".join(dict.fromkeys(words))),), language)


def _axis(
    side: Side, member: str, room: str, labels: Sequence[LabelReport | None], language: str
) -> str:
    value = getattr(side, member)
    return sentence(f"kz.{room}.{value}{nuance(value, side.integrity, labels)}", language)


def _entry(change: Change, kind: str, text: str, language: str) -> Line:
    """Return one line: a mark, what became of it, what it is."""
    words = sentence(f"kz.diff.{kind}.{change.fate}", language, text=text)
    mark = _LOST if change.lost else _MARKS.get(change.fate, _MARKS[Fate.CHANGED])
    return Line((Span(INDENT), mark, Span(f" {printable(words)}")), hang=2 * len(INDENT) + 2)


def _now(text: str, language: str) -> Line:
    words = printable(sentence("kz.diff.now", language, text=text))
    return Line((Span(f"{INDENT * 3}{words}", Style.FAINT),), hang=4 * len(INDENT))


def _label(change: LabelChange, language: str) -> Iterator[Line]:
    first = change.before or change.after
    if first is None:
        return
    ruined = change.fate is Fate.BROKE and change.after is not None and is_unread(change.after)
    kind = "label.ruined" if ruined else "label"
    yield _entry(change, kind, label_line(first, language), language)
    if change.after and change.before and change.fate is not Fate.SURVIVED:
        yield _now(label_line(change.after, language), language)


def _companion(change: CompanionChange, language: str) -> Line:
    return _entry(change, "companion", change.suffix, language)


def _field(change: FieldChange, language: str) -> Line:
    sides = [side for side in (change.before, change.after) if side]
    places = dict.fromkeys(f"{side.family}: {side.name}" for side in sides)
    values = dict.fromkeys(side.value for side in sides if side.value is not None)
    told = " = ".join(filter(None, (" → ".join(places), " → ".join(values))))
    return _entry(change, "field", told, language)


def _notice(change: NoticeChange, language: str) -> Iterator[Line]:
    first = change.before or change.after
    if first is None:
        return
    yield _entry(change, "notice", first.text or first.medium, language)
    if change.after and change.fate is not Fate.SURVIVED:
        yield _now(judgement(change.after, language), language)


def _others(others: Others, language: str) -> Line:
    counts = {
        "family": others.family, "before": others.before, "after": others.after,
        "kept": others.kept, "changed": others.changed,
    }  # fmt: skip
    words = printable(sentence("kz.diff.others", language, **counts))
    return Line((Span(f"{INDENT}· {words}", Style.FAINT),), hang=2 * len(INDENT))


def _unseen(diff: Diff, language: str) -> Iterator[Line]:
    """Yield why notices were not compared, and what to do about it."""
    for one in diff.unseen:
        code = "kz.diff.unread" if one.code == "kz.tags.unread" else "kz.diff.unseen"
        words = sentence(code, language, text=said_of(one, language))
        yield Line((Span(INDENT), _UNKNOWN, Span(f" {printable(words)}")), hang=2 * len(INDENT) + 2)
        code = advice_code(one.code, one.outcome)
        if code != SAID_ABOVE:
            arrow = f"{INDENT * 2}{ARROW}"
            yield Line((Span(f"{arrow}{sentence(code, language)}"),), hang=len(arrow))


def _count(diff: Diff, language: str) -> Line:
    if not diff.losses and diff.unseen:
        return Line((Span(sentence("kz.diff.nothing-seen-lost", language), Style.POOR),))
    if not diff.losses:
        return Line((Span(sentence("kz.diff.nothing-lost", language), Style.GOOD),))
    words = sentence("kz.diff.losses", language, count=diff.losses)
    return Line((Span(words, Style.BAD),))
