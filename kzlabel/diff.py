"""What became of an asset's labels, tags and notices between two copies; pure.

Two rows of a report and the tags they rest on come in, a `Diff` (schema `diff-1`) comes out. The
copies may be of different formats and names: a newsroom's system, a platform or a messenger has had
the file in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import structs

from kzlabel import __version__
from kzlabel._changes import (
    Change,
    CompanionChange,
    Diff,
    Fate,
    FieldChange,
    LabelChange,
    NoticeChange,
    Side,
)
from kzlabel._diff_tags import fields_between, marked_in, others_between
from kzlabel._pairing import paired
from kzlabel._source_types import RANK
from kzlabel.model import (
    COMPANION_SUFFIXES,
    SIGNED_KINDS,
    SYMBOL,
    AssetReport,
    Finding,
    LabelReport,
    LabelState,
    NoticeReport,
    NoticeState,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzlabel.model import Tags

SCHEMA = "kzlabel.diff/1"
_Changed = TypeVar("_Changed", LabelChange, FieldChange)

_STRENGTH = {
    LabelState.TRUSTED: 3,
    LabelState.VALID: 2,
    LabelState.UNSIGNED: 1,
    LabelState.INVALID: 0,
    LabelState.REFERENCED: 0,
    LabelState.ABSENT: 0,
}
_HELD = frozenset({LabelState.TRUSTED, LabelState.VALID})
_WEIGHTY = ("state", "origin", "system", "provider", "label_id", "created")
"""What two rows must agree in to be of a label that survived unchanged."""


def diff(
    before: AssetReport, tags_before: Tags, after: AssetReport, tags_after: Tags, *, profile: str
) -> Diff:
    """Return what became of everything on the way between two copies that could be looked at.

    `profile` names the one that both rows were judged by.
    """
    marked = marked_in(before) | marked_in(after)
    labels = tuple(_labels(before, after))
    fields = tuple(fields_between(tags_before, tags_after, marked))
    if _unread(after):
        labels = tuple(each if _is_signed(each) else _unsure(each) for each in labels)
        fields = tuple(map(_unsure, fields))
    notices = tuple(_notices(before, after))
    companions = tuple(_companions(before, after))
    changes: tuple[Change, ...] = (*labels, *fields, *notices, *companions)
    return Diff(
        schema=SCHEMA, tool=f"kzlabel {__version__}", profile=profile,
        before=_side(before), after=_side(after),
        labels=labels, fields=fields, notices=notices, companions=companions,
        others=tuple(others_between(tags_before, tags_after, marked)),
        losses=sum(change.lost for change in changes),
        unseen=(
            *(() if any(map(_is_compared, notices)) else _unseen(before, after)),
            *(_unread(before) or _unread(after)),
        ),
    )  # fmt: skip


def _side(row: AssetReport) -> Side:
    return Side(
        path=row.path, verdict=row.verdict, media_type=row.media_type, bytes=row.bytes,
        sha256=row.sha256, origin=row.origin, integrity=row.integrity, trust=row.trust,
        notice=row.notice,
    )  # fmt: skip


def _unread(row: AssetReport) -> tuple[Finding, ...]:
    """Return what says that tags of a copy were not read to their end."""
    return tuple(one for one in row.findings if one.code == "kz.tags.unread")


def _unsure(change: _Changed) -> _Changed:
    """Return a change where what was not found may stand in what was not read."""
    if change.fate is not Fate.VANISHED:
        return change
    return structs.replace(change, fate=Fate.UNREAD, lost=False)


def _is_signed(change: LabelChange) -> bool:
    return change.before is not None and change.before.kind in SIGNED_KINDS


# --- Labels ---------------------------------------------------------------------------------------


def _labels(before: AssetReport, after: AssetReport) -> Iterator[LabelChange]:
    loosely = ((_by_kind, _nameless), (_nameless, _by_kind))
    for old, new in paired(before.labels, after.labels, _by_place, _by_name, *loosely):
        lost = old is not None and (new is None or _says_less(old, new))
        yield LabelChange(fate=_fate(old, new), lost=lost, before=old, after=new)


def _by_place(label: LabelReport) -> tuple[object, ...]:
    return *_by_name(label), _suffix(label) or label.where


def _by_name(label: LabelReport) -> tuple[object, ...]:
    return label.kind, label.scheme, label.label_id


def _by_kind(label: LabelReport) -> tuple[object, ...]:
    return label.kind, label.scheme


def _nameless(label: LabelReport) -> tuple[object, ...] | None:
    """Return the key of a label without an id: of one that is ruined, none can be read."""
    return _by_kind(label) if label.label_id is None else None


def _fate(old: LabelReport | None, new: LabelReport | None) -> Fate:
    if old is None or new is None:
        return Fate.APPEARED if old is None else Fate.VANISHED
    if old.state in _HELD and new.state not in {*_HELD, LabelState.UNSIGNED}:
        return Fate.BROKE  # one that is unsigned now was not checked: nobody knows its signer
    same = all(getattr(old, part) == getattr(new, part) for part in _WEIGHTY)
    return Fate.SURVIVED if same else Fate.CHANGED


def _says_less(old: LabelReport, new: LabelReport) -> bool:
    return _STRENGTH[new.state] < _STRENGTH[old.state] or RANK[new.origin] > RANK[old.origin]


# --- Companions -----------------------------------------------------------------------------------


def _companions(before: AssetReport, after: AssetReport) -> Iterator[CompanionChange]:
    old, new = ({_suffix(label) for label in row.labels} for row in (before, after))
    for suffix in COMPANION_SUFFIXES:
        if suffix in old | new:
            fate = _FATES[suffix in old, suffix in new]
            yield CompanionChange(fate=fate, lost=fate is Fate.VANISHED, suffix=suffix)


_FATES = {
    (True, True): Fate.SURVIVED,
    (True, False): Fate.VANISHED,
    (False, True): Fate.APPEARED,
}


def _suffix(label: LabelReport) -> str | None:
    """Return the suffix of the companion that a label lies in; its name is the asset's own."""
    if label.kind not in SIGNED_KINDS:
        return None
    return next((end for end in COMPANION_SUFFIXES if (label.where or "").endswith(end)), None)


# --- Notices --------------------------------------------------------------------------------------


def _notices(before: AssetReport, after: AssetReport) -> Iterator[NoticeChange]:
    pairs = paired(
        [notice for notice in before.notices if notice.medium != SYMBOL],
        [notice for notice in after.notices if notice.medium != SYMBOL],
        lambda notice: (notice.medium, notice.text),
        lambda notice: notice.medium,
    )
    for old, new in pairs:
        if old is None and new is not None and not new.perceivable:
            continue  # nobody had it before, and nobody perceives it now
        yield NoticeChange(fate=_fate_of_notice(old, new), lost=_is_lost(old, new),
                           before=old, after=new)  # fmt: skip


def _is_compared(change: NoticeChange) -> bool:
    return change.before is not None and change.after is not None


def _unseen(before: AssetReport, after: AssetReport) -> Iterator[Finding]:
    """Yield each reason once for which nobody knows whether a copy shows a notice."""
    said: set[str] = set()
    for row in (before, after):
        for one in row.findings if row.notice is NoticeState.UNDETERMINED else ():
            if one.code in _UNSEEN and one.code not in said:
                said.add(one.code)
                yield one


_UNSEEN = frozenset(
    f"kz.notice.{why}"
    for why in ("not-looked", "no-ocr", "no-ocr-data", "too-many-words", "undetermined")
)
"""Codes of findings that stand for notices nobody looked for, or could see."""


def _fate_of_notice(old: NoticeReport | None, new: NoticeReport | None) -> Fate:
    if old is None or new is None:
        return Fate.APPEARED if old is None else Fate.VANISHED
    if old.perceivable and new.perceivable is False:
        return Fate.BROKE
    same = (old.perceivable, old.text) == (new.perceivable, new.text)
    return Fate.SURVIVED if same else Fate.CHANGED


def _is_lost(old: NoticeReport | None, new: NoticeReport | None) -> bool:
    """Whether people perceived it before, and do not now, or nobody can tell.

    Of one that could not be judged before, its being gone is a loss too.
    """
    if old is None or old.perceivable is False:
        return False
    return new is None or (bool(old.perceivable) and not new.perceivable)
