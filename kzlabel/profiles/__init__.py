"""Profiles: dated data that turn the axes into requirements; one JSON file each, replaceable.

No order fixes the form of the mark (Law No. 230-VIII, Art. 22(3)), so what is required, how
strictly and by which words of the law is data; only the order of the rows (DESIGN 1) is code, in
`verdict`.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from kzlabel.errors import UsageError
from kzlabel.model import Citation, Integrity, Level, NoticeState, Outcome, Trust, Value

SCHEMA = "kzlabel.profile/1"
ANY = "*"
"""In a rule: every other value of the axis."""


class Situation(StrEnum):
    """What the asset's labels and notices come to, before any requirement is judged."""

    DECLARED = "declared"
    """A label says that AI made or altered it."""
    UNMARKED = "unmarked"
    """People or the caller say so, no label does."""
    DOUBTFUL = "doubtful"
    """Nothing says so, but a label is damaged or ambiguous."""
    SILENT = "silent"
    """Nothing says so."""


class JudgedAxis(StrEnum):
    """The axis that a requirement looks at."""

    INTEGRITY = "integrity"
    TRUST = "trust"
    NOTICE = "notice"

    @property
    def states(self) -> frozenset[str]:
        """All values of this axis."""
        axis: type[StrEnum] = {"integrity": Integrity, "trust": Trust, "notice": NoticeState}[self]
        return frozenset(axis)


class Rule(Value, frozen=True, forbid_unknown_fields=True):
    """One requirement: what it looks at, and what each value comes to in each situation."""

    id: str
    level: Level
    axis: JudgedAxis
    outcomes: dict[Situation, dict[str, Outcome]]
    """By situation, then by the axis' value; `*` stands for every value not named."""
    citation: Citation
    evidence: tuple[str, ...]
    """Prefixes of the codes of findings that bear on it."""

    def __post_init__(self) -> None:
        """Refuse a rule with a hole: a verdict must never rest on a missing line."""
        for situation in Situation:
            named = set(self.outcomes.get(situation, {}))
            missing = self.axis.states - named
            if named - self.axis.states - {ANY} or (missing and ANY not in named):
                raise ValueError(f"{self.id}: {situation} does not cover the axis {self.axis}")

    def outcome(self, situation: Situation, value: str) -> Outcome:
        """Return what `value` of this rule's axis comes to in `situation`."""
        row = self.outcomes[situation]
        return row[value] if value in row else row[ANY]


class Profile(Value, frozen=True, forbid_unknown_fields=True):
    """What is required, from which date on."""

    schema: str
    id: str
    date: str
    """ISO 8601: the day from which the law that it follows is in force."""
    requirements: tuple[Rule, ...]

    @property
    def name(self) -> str:
        """What a report calls it: `kz/2026-01-18`."""
        return f"{self.id}/{self.date}"


_FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Return the names of the profiles that come with kzlabel, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def load(name: str) -> Profile:
    """Return the profile called `name`.

    Raises `UsageError` for an unknown one, naming those that are known.
    """
    if name not in names():
        raise UsageError("kz.error.unknown-profile", name=name, known=", ".join(names()))
    return msgspec.json.decode((_FOLDER / f"{name}.json").read_bytes(), type=Profile)
