"""The notices of one asset: judged where they are declared, searched for where that was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kzlabel.errors import KzlabelError
from kzlabel.model import (
    CODE_ALONE,
    STYLES,
    SYMBOL,
    Asset,
    Finding,
    FindingOutcome,
    NoticeReport,
    Placement,
    finding,
)
from kzlabel.notices.reasons import NOT_READ, values_of


class Judged(NamedTuple):
    """What became of the notices."""

    reports: tuple[NoticeReport, ...]
    findings: tuple[Finding, ...]
    unknown: NoticeReport | None = None
    """Stands in for what was not looked for, or could not be looked at."""

    @property
    def basis(self) -> tuple[NoticeReport, ...]:
        """What the notice axis rests on."""
        said = [each for each in self.reports if each.medium != SYMBOL]
        return (*said, self.unknown) if self.unknown else tuple(said)

    def telling(self, symbols: frozenset[str]) -> Judged:
        """Return it without the codes alone that are not of these, each with its finding."""
        left = {row.symbol for row in self.reports if row.medium == SYMBOL} - {"", *symbols}
        reports = tuple(r for r in self.reports if r.medium != SYMBOL or r.symbol not in left)
        count = len(self.reports) - len(reports)
        alone = [at for at, one in enumerate(self.findings) if one.code == CODE_ALONE][:count]
        kept = tuple(one for at, one in enumerate(self.findings) if at not in alone)
        return self._replace(reports=reports, findings=kept)


def judge(asset: Asset, hints: Sequence[Placement], *, search: bool, skip: bool) -> Judged:
    """Judge the notices that `hints` declare; without any, and with `search`, look for our own."""
    inside = [hint for hint in hints if hint.inside]
    if skip or not (inside or search):
        if hints and not inside:
            return Judged((), ())  # shown by the publisher: there is nothing in the file to seek
        said = finding("kz.notice.not-looked", FindingOutcome.INFORMATIONAL)
        return Judged((), (said,), _unjudged(said.code))
    if asset.format is None:
        return Judged((), (), _unjudged("kz.notice.undetermined"))
    styles = STYLES[asset.format.spec.medium]
    fitting = [hint for hint in inside if hint.style in styles]
    search = search or len(fitting) < len(inside)  # what no such file can have is not believed
    try:
        reports = tuple(asset.format.find_notices(asset.path, fitting, search=search))
    except (KzlabelError, OSError) as exc:
        said = finding("kz.notice.undetermined", FindingOutcome.WARNING, detail=exc)
        unjudged = tuple(_unjudged(said.code, hint.medium, hint.lines) for hint in fitting)
        return Judged(unjudged, (said,), _unjudged(said.code))
    unread = next((each for each in reports if each.code in NOT_READ), None)
    return Judged(
        tuple(each for each in reports if each is not unread), tuple(map(_finding, reports)), unread
    )


def _unjudged(code: str, medium: str = "visible", lines: Sequence[str] = ()) -> NoticeReport:
    return NoticeReport(
        medium=medium, text=" · ".join(lines), languages=(), perceivable=None, code=code
    )


def _finding(notice: NoticeReport) -> Finding:
    outcome = {
        True: FindingOutcome.SUCCESS,
        False: FindingOutcome.FAILURE,
        None: FindingOutcome.WARNING,
    }[notice.perceivable]
    return finding(notice.code, outcome, **values_of(notice))
