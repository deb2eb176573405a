"""From axes to a verdict (DESIGN 1), and from verdicts to a summary and an exit code: pure, no I/O.

A profile turns the axes into requirements; the `must` requirements make the verdict.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from kzlabel._axes import DAMAGED, DECLARED_AI, Axes, axes_of, origin_of
from kzlabel.errors import KzlabelError, UsageError, printable
from kzlabel.locale import sentence
from kzlabel.model import (
    AssetReport,
    Finding,
    Level,
    NoticeState,
    Origin,
    Outcome,
    ReportError,
    Requirement,
    Summary,
    Verdict,
)
from kzlabel.profiles import Profile, Rule, Situation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "NOT_REACHED",
    "Axes",
    "axes_of",
    "counted",
    "error_row",
    "evaluate",
    "exit_code",
    "origin_of",
    "premises",
    "situation_of",
    "summary_of",
    "summed",
]

PREMISES = ("kz.premise.synthetic", "kz.premise.duty", "kz.premise.technical")
"""Codes of what every report takes for granted."""

NOT_REACHED = frozenset(
    {
        "kz.error.closed",
        "kz.error.os",
        "kz.error.not-a-file",
        "kz.error.is-directory",
        "kz.error.cluster-store",
        "kz.error.cluster-credentials",
    }
)
"""Codes of a path that is missing, or that the system would not let us read: exit code 2."""

NOTICE_READ = frozenset({NoticeState.PERCEIVABLE, NoticeState.IMPAIRED})


def situation_of(axes: Axes, *, synthetic: bool) -> Situation:
    """Return the first row of DESIGN 1's table that applies (row 1 is `error_row`).

    | row | when                                  | situation                           |
    |-----|---------------------------------------|-------------------------------------|
    | 2   | origin ai-*                           | declared                            |
    | 3   | an AI notice was read                 | unmarked: people know, machines not |
    | 4   | integrity broken or unreadable        | doubtful                            |
    | 5   | possibly-ai                           | doubtful                            |
    | 6   | not-ai, undeclared                    | silent                              |

    `synthetic` turns rows 3 to 6 into unmarked: the caller knows what no label says.
    """
    if axes.origin in DECLARED_AI:
        return Situation.DECLARED
    if synthetic or axes.notice in NOTICE_READ:
        return Situation.UNMARKED
    if axes.integrity in DAMAGED or axes.origin is Origin.POSSIBLY_AI:
        return Situation.DOUBTFUL
    return Situation.SILENT


def evaluate(
    profile: Profile, axes: Axes, *, synthetic: bool = False, findings: Sequence[Finding] = ()
) -> tuple[Verdict, tuple[Requirement, ...]]:
    """Return what `profile` makes of the axes, and what became of each of its requirements.

    `findings` are the asset's, in the report's order: requirements point to them by index.
    """
    situation = situation_of(axes, synthetic=synthetic)
    requirements = tuple(
        _requirement(rule, rule.outcome(situation, _value(axes, rule)), findings)
        for rule in profile.requirements
    )
    return _verdict(requirements), requirements


def _value(axes: Axes, rule: Rule) -> str:
    return {"integrity": axes.integrity, "trust": axes.trust, "notice": axes.notice}[rule.axis]


def _requirement(rule: Rule, outcome: Outcome, findings: Sequence[Finding]) -> Requirement:
    evidence = tuple(
        index for index, one in enumerate(findings) if one.code.startswith(rule.evidence)
    )
    return Requirement(
        id=rule.id, level=rule.level, outcome=outcome, citation=rule.citation, findings=evidence
    )


_WORST_FIRST = (
    (Outcome.FAIL, Verdict.NONCOMPLIANT),
    (Outcome.UNDETERMINED, Verdict.UNDETERMINED),
    (Outcome.PASS, Verdict.COMPLIANT),
)


def _verdict(requirements: Sequence[Requirement]) -> Verdict:
    """Return the worst outcome among what must be; where nothing applies, nothing is declared."""
    outcomes = {one.outcome for one in requirements if one.level is Level.MUST}
    for outcome, verdict in _WORST_FIRST:
        if outcome in outcomes:
            return verdict
    return Verdict.UNDECLARED


def error_row(path: object, error: KzlabelError | OSError) -> AssetReport:
    """Return the row of an asset that could not be looked at (row 1): null axes, undetermined."""
    name = printable(path)
    if isinstance(error, OSError):
        error = UsageError("kz.error.os", path=path, detail=error)
    code, values = error.code, dict(error.values)
    why = ReportError(code=code, message=sentence(code, "en", **values), values=values)
    return AssetReport(path=name, verdict=Verdict.UNDETERMINED, error=why)


# --- A batch --------------------------------------------------------------------------------------


def exit_code(verdicts: Iterable[str]) -> int:
    """Return the frozen exit code of `verify`: 1 any noncompliant, 3 any undetermined, else 0.

    Takes verdicts, or a summary's `verdicts` (its keys). 2 (usage, missing paths) is the CLI's.
    """
    seen = set(verdicts)
    if Verdict.NONCOMPLIANT in seen:
        return 1
    return 3 if Verdict.UNDETERMINED in seen else 0


def counted(summary: Summary, asset: AssetReport) -> Summary:
    """Return `summary` with `asset` in it; a batch keeps this and forgets the asset."""
    origins = [] if asset.origin is None else [asset.origin]
    return Summary(
        assets=summary.assets + 1,
        verdicts=_count(summary.verdicts, [asset.verdict], list(Verdict)),
        origins=_count(summary.origins, origins, list(Origin)),
    )


def summed(one: Summary, other: Summary) -> Summary:
    """Return the counts over both batches."""
    return Summary(
        assets=one.assets + other.assets,
        verdicts=_sum(one.verdicts, other.verdicts, list(Verdict)),
        origins=_sum(one.origins, other.origins, list(Origin)),
    )


def _sum(one: dict[str, int], other: dict[str, int], order: Sequence[str]) -> dict[str, int]:
    totals = {str(name): one.get(name, 0) + other.get(name, 0) for name in order}
    return {name: total for name, total in totals.items() if total}


def _count(counts: dict[str, int], seen: Sequence[str], order: Sequence[str]) -> dict[str, int]:
    """Return `counts` and `seen` together, in a fixed order, without zeros."""
    totals = {str(name): counts.get(name, 0) + (name in seen) for name in order}
    return {name: total for name, total in totals.items() if total}


def summary_of(assets: Iterable[AssetReport]) -> Summary:
    """Return the counts over `assets`, one at a time: nothing is held."""
    return reduce(counted, assets, Summary(assets=0, verdicts={}, origins={}))


def premises(language: str = "en") -> tuple[str, ...]:
    """Return the premises every report states, as sentences."""
    return tuple(sentence(code, language) for code in PREMISES)
