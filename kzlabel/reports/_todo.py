"""What to do about a requirement that is not met or not decided: one advice, from what decided it.

Never more than one: the gravest finding that the requirement cites, else the axis it is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.locale import _advice
from kzlabel.model import CODE_ALONE, FindingOutcome, Integrity, NoticeState, Origin, Outcome

if TYPE_CHECKING:
    from kzlabel.model import AssetReport, Finding, Requirement

OPEN = (Outcome.FAIL, Outcome.UNDETERMINED)
"""Outcomes of a requirement that ask for something."""
NOTICE = "kz.21-2.notice"
MARK = "kz.21-2.machine-readable"
_DECLARED = (Origin.AI_GENERATED, Origin.AI_MODIFIED)
_DAMAGED = (Integrity.BROKEN, Integrity.UNREADABLE)
_GRAVEST_FIRST = (FindingOutcome.FAILURE, FindingOutcome.WARNING, FindingOutcome.INFORMATIONAL)
_POSSIBLY = "kz.advice.possibly"
_SILENT = Outcome.NOT_APPLICABLE
_MARKS = ("kz.origin.", "kz.marker.", "kz.metadata.", CODE_ALONE)
"""Findings on what labels say; none of them says why a signed label, or a notice, does not hold."""


def todo(asset: AssetReport, requirement: Requirement) -> str:
    """Return the code of the advice for `requirement`, or nothing where it asks for nothing."""
    if requirement.outcome not in OPEN:
        return ""
    if requirement.id == NOTICE and not _of_notice(asset, requirement):
        mark = next((one for one in asset.requirements if one.id == MARK), None)
        return todo(asset, mark) if mark else _advice.advice_code(NOTICE)
    if requirement.id == NOTICE:
        absent = asset.notice is NoticeState.ABSENT
        cited = None if absent else _gravest(asset, requirement)
    elif asset.integrity not in _DAMAGED and asset.origin not in _DECLARED:
        possibly = requirement.outcome is Outcome.UNDETERMINED
        return _POSSIBLY if possibly else _advice.advice_code(requirement.id)
    else:
        cited = _gravest(asset, requirement)
    code, outcome = (cited.code, cited.outcome) if cited else (requirement.id, "")
    advice = _advice.advice_code(code, outcome)
    return advice if advice != _advice.NOTHING_TO_DO else _advice.advice_code(requirement.id)


def left_open(asset: AssetReport) -> dict[int, str]:
    """Return what to do about a notice that nobody could tell, where nothing asks for one.

    By the index of each finding that leaves it open, the code of its advice.
    """
    asked = any(one.id == NOTICE and one.outcome is not _SILENT for one in asset.requirements)
    if asked or asset.notice is not NoticeState.UNDETERMINED:
        return {}
    return {
        index: _advice.advice_code(one.code, one.outcome)
        for index, one in enumerate(asset.findings)
        if one.outcome is FindingOutcome.WARNING
        and one.code.startswith("kz.notice.")
        and one.code != CODE_ALONE
    }


def _of_notice(asset: AssetReport, requirement: Requirement) -> bool:
    """Whether the notice itself is open, and not only what the file is."""
    undecided = requirement.outcome is Outcome.UNDETERMINED
    return not undecided or asset.notice is NoticeState.UNDETERMINED


def cited(asset: AssetReport, requirement: Requirement) -> list[Finding]:
    """Return the findings that `requirement` rests on; a row may have been made by anybody."""
    places = range(len(asset.findings))
    return [asset.findings[index] for index in requirement.findings if index in places]


def _gravest(asset: AssetReport, requirement: Requirement) -> Finding | None:
    """Return the finding that weighs most of those that `requirement` rests on."""
    order = {outcome: weight for weight, outcome in enumerate(_GRAVEST_FIRST)}
    rests = cited(asset, requirement)
    found = (one for one in rests if one.outcome in order and not one.code.startswith(_MARKS))
    return min(found, key=lambda one: order[one.outcome], default=None)
