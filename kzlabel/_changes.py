"""What `kzlabel diff` says: the values of the schema `diff-1`; no I/O."""

from __future__ import annotations

from enum import StrEnum

from kzlabel.model import (
    Finding,
    Integrity,
    LabelReport,
    NoticeReport,
    NoticeState,
    Origin,
    Trust,
    Value,
    Verdict,
)


class Fate(StrEnum):
    """What became of something on the way from one copy to the other."""

    SURVIVED = "survived"
    CHANGED = "changed"
    BROKE = "broke"
    """It is there, but holds no longer, or can no longer be perceived."""
    VANISHED = "vanished"
    UNREAD = "unread"
    """Not found in the other copy, which was not read to its end."""
    APPEARED = "appeared"


class Side(Value, frozen=True):
    """One copy: what it is, its axes, and what a profile makes of them."""

    path: str
    verdict: Verdict
    media_type: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    origin: Origin | None = None
    integrity: Integrity | None = None
    trust: Trust | None = None
    notice: NoticeState | None = None


class Change(Value, frozen=True):
    """What became of something."""

    fate: Fate
    lost: bool
    """Whether it says, proves or shows less than before, or nobody can tell."""


class LabelChange(Change, frozen=True):
    """What became of a label; the findings its rows point to are in the copies' own reports."""

    before: LabelReport | None = None
    after: LabelReport | None = None


class Field(Value, frozen=True):
    """One tag that says something of AI."""

    family: str
    name: str
    value: str | None = None
    """Null where a person may have written it."""


class FieldChange(Change, frozen=True):
    """What became of such a tag."""

    before: Field | None = None
    after: Field | None = None


class NoticeChange(Change, frozen=True):
    """What became of a notice."""

    before: NoticeReport | None = None
    after: NoticeReport | None = None


class CompanionChange(Change, frozen=True):
    """What became of a label's file beside the asset."""

    suffix: str


class Others(Value, frozen=True):
    """The other tags of one family, counted: what stands in them is anybody's."""

    family: str
    before: int
    after: int
    kept: int
    """Under the same name, with the same value."""
    changed: int
    """Under the same name, with another value."""


class Diff(Value, frozen=True):
    """What became of an asset's labels, tags and notices between two copies."""

    schema: str
    tool: str
    profile: str
    before: Side
    after: Side
    labels: tuple[LabelChange, ...]
    fields: tuple[FieldChange, ...]
    notices: tuple[NoticeChange, ...]
    companions: tuple[CompanionChange, ...]
    others: tuple[Others, ...]
    losses: int
    """How many labels, fields, notices and companions were lost or broke."""
    unseen: tuple[Finding, ...] = ()
    """Why notices, or tags, were not compared: in a copy they were not sought, or not read."""
