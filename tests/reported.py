"""Rows and reports of every verdict, for the tests of what is made of them."""

from __future__ import annotations

from datetime import UTC, datetime

from kzlabel.model import (
    AssetReport,
    FindingOutcome,
    Integrity,
    LabelKind,
    NoticeState,
    Origin,
    Report,
    Trust,
    Verdict,
    finding,
)
from kzlabel.profiles import load
from kzlabel.reports import REPORTS
from kzlabel.verdict import Axes, error_row, evaluate, premises, summary_of

AXES = Axes(
    origin=Origin.AI_GENERATED,
    integrity=Integrity.INTACT,
    trust=Trust.TRUSTED,
    notice=NoticeState.PERCEIVABLE,
)
SAID = finding("claimSignature.validated", FindingOutcome.SUCCESS, LabelKind.MANIFEST)
SILENT = Axes(
    origin=Origin.UNDECLARED,
    integrity=Integrity.ABSENT,
    trust=Trust.UNKNOWN,
    notice=NoticeState.ABSENT,
)
BROKEN = Axes(
    origin=Origin.AI_GENERATED,
    integrity=Integrity.BROKEN,
    trust=Trust.UNKNOWN,
    notice=NoticeState.IMPAIRED,
)
DOUBTFUL = Axes(
    origin=Origin.POSSIBLY_AI,
    integrity=Integrity.UNPROTECTED,
    trust=Trust.UNKNOWN,
    notice=NoticeState.UNDETERMINED,
)


def asset(path: str = "a.jpg", axes: Axes = AXES) -> AssetReport:
    verdict, requirements = evaluate(load("kz"), axes, findings=(SAID,))
    return AssetReport(
        path=path, verdict=verdict, origin=axes.origin, integrity=axes.integrity, trust=axes.trust,
        notice=axes.notice, requirements=requirements, findings=(SAID,),
    )  # fmt: skip


def missed(path: str = "b") -> AssetReport:
    return error_row(path, OSError(5, "Input/output error"))


def mixed() -> tuple[AssetReport, ...]:
    """Return a row of every verdict, and one that could not be looked at."""
    rows = (
        asset(), asset("silent", SILENT), asset("broken", BROKEN), asset("doubtful", DOUBTFUL),
        missed(),
    )  # fmt: skip
    assert {row.verdict for row in rows} == set(Verdict)
    return rows


def report(*assets: AssetReport) -> Report:
    return Report(
        schema="kzlabel.report/1", tool="kzlabel 0.1.0", profile="kz/2026-01-18",
        verified_at=datetime(2026, 11, 22, 10, tzinfo=UTC), premises=premises(), trust_lists=(),
        assets=assets, summary=summary_of(assets),
    )  # fmt: skip


def written(name: str, one: Report, language: str = "en") -> bytes:
    """Return the report in the form of that name, as a file holds it."""
    pieces = REPORTS[name].render(one.assets, lambda: one, language)
    return b"".join(p if isinstance(p, bytes) else f"{p}\n".encode() for p in pieces)
