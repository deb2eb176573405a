"""What the text report says, as lines of spans: no colour yet, no terminal.

Whatever comes from a file (names, systems, signers) goes through `printable`: a control or a
direction-changing character in it must not reach a terminal.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from kzlabel.errors import printable
from kzlabel.locale import nested, sentence
from kzlabel.model import (
    CODE_ALONE,
    SIGNED_KINDS,
    AssetReport,
    Integrity,
    LabelKind,
    NoticeState,
    Origin,
    Trust,
    Verdict,
)
from kzlabel.reports._labels import label_line, personal_said, signer_parts
from kzlabel.reports._why import NO_UPRIGHT_WORDS, no_notice, said_of, why
from kzlabel.reports._wrap import Line, Span, Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel.model import Finding, LabelReport, NoticeReport, ReportError, Signer

INDENT = "  "
AXIS_HEADINGS = ("verdict", "origin", "integrity", "trust", "notice", "found", "error", "why")

_STYLES: dict[StrEnum, Style] = {
    Verdict.COMPLIANT: Style.GOOD,
    Verdict.NONCOMPLIANT: Style.BAD,
    Verdict.UNDECLARED: Style.PLAIN,
    Verdict.UNDETERMINED: Style.POOR,
    Integrity.INTACT: Style.GOOD,
    Integrity.BROKEN: Style.BAD,
    Integrity.UNREADABLE: Style.POOR,
    Trust.TRUSTED: Style.GOOD,
    Trust.UNTRUSTED: Style.POOR,
    NoticeState.PERCEIVABLE: Style.GOOD,
    NoticeState.IMPAIRED: Style.BAD,
}
NOTHING_SAID = ("kz.undeclared", "kz.undeclared-by-labels", "kz.undeclared-report")
"""What an undeclared asset's verdict is explained with: nothing was found, or nothing about AI."""
NOT_JUDGED = "kz.notice.undetermined"
UNJUDGED = (
    "kz.notice.not-looked", "kz.notice.external", NOT_JUDGED,
    "kz.notice.no-ocr", "kz.notice.no-ocr-data", "kz.notice.too-many-words",
)  # fmt: skip
"""Why a notice is undetermined, the plainest first."""


def row(heading: str, spans: tuple[Span, ...], language: str, *, hang: int = 0) -> Line:
    """Return a heading, padded to the widest of its language, and what follows it.

    What goes on below stands under what follows, `hang` columns further in.
    """
    width = max(len(sentence(f"kz.report.{name}", language)) for name in AXIS_HEADINGS)
    text = sentence(f"kz.report.{heading}", language) if heading else ""
    cell = f"{INDENT}{text:<{width}}  "
    return Line((Span(cell, Style.FAINT), *spans), hang=len(cell) + hang)


def asset_lines(asset: AssetReport, language: str) -> Iterator[Line]:
    """Yield one asset's block: verdict, axes, what was found, why."""
    yield Line((Span(printable(asset.path), Style.TITLE),), hang=None)
    yield row("verdict", verdict_said(asset, language), language)
    if asset.error is not None:
        reason = error_said(asset.error, language)
        yield row("error", (Span(printable(reason), Style.POOR),), language)
        return
    above = said_above(asset)
    for heading, spans in axes_said(asset, language):
        yield row(heading, spans, language)
    yield from _under("found", _found(asset, above, language), language)
    reasons = ((hang, spans) for hang, spans, _ in why(asset, above, language))
    yield from _under("why", reasons, language)


def error_said(error: ReportError, language: str) -> str:
    """Return why an asset could not be looked at."""
    return sentence(error.code, language, **error.values)


def said_above(asset: AssetReport) -> frozenset[str]:
    """Return the codes that the verdict and the axes say, so that they are not said again."""
    verdict = NOTHING_SAID if asset.verdict is Verdict.UNDECLARED else ()
    notice = _reasons(asset) if asset.notice is NoticeState.UNDETERMINED else ()
    return frozenset((*verdict, *notice))


def _reasons(asset: AssetReport) -> tuple[str, ...]:
    """Return the codes that may say why a notice is undetermined."""
    unsure = (notice.code for notice in asset.notices if notice.perceivable is None)
    return (*UNJUDGED, *(code for code in unsure if code != CODE_ALONE))


def _under(
    heading: str, rows: Iterator[tuple[int, tuple[Span, ...]]], language: str
) -> Iterator[Line]:
    """Yield the rows, each with its own indent, beside one heading, named once."""
    for index, (hang, spans) in enumerate(rows):
        yield row("" if index else heading, spans, language, hang=hang)


def verdict_said(asset: AssetReport, language: str) -> tuple[Span, Span]:
    """Return the verdict in capitals, and what it means."""
    code = f"kz.verdict.{asset.verdict}"
    reason = "kz.verdict.error.why" if asset.error else f"{code}.why"
    if asset.verdict is Verdict.UNDECLARED:
        reason = next((one.code for one in asset.findings if one.code in NOTHING_SAID), reason)
    return (
        Span(sentence(code, language).upper(), _STYLES[asset.verdict]),
        Span(f": {sentence(reason, language)}"),
    )


def axes_said(asset: AssetReport, language: str) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """Yield the heading of each axis that has a value, and its words."""
    axes: tuple[tuple[str, str, Origin | Integrity | Trust | NoticeState | None], ...] = (
        ("origin", "origin", asset.origin),
        ("integrity", "integrity", asset.integrity),
        ("trust", "trust", asset.trust),
        ("notice", "notice-state", asset.notice),
    )
    for heading, room, value in axes:
        if value is None:
            continue
        ending = nuance(value, asset.integrity, asset.labels)
        if value is NoticeState.ABSENT and no_notice(asset) == NO_UPRIGHT_WORDS:
            ending = ".upright"
        words = sentence(f"kz.{room}.{value}{ending}", language)
        said = Span(words, _STYLES.get(value, Style.PLAIN))
        open_ = value is NoticeState.UNDETERMINED and not ending
        reason = _unjudged(asset, language) if open_ else ""
        more = (Span(f": {printable(reason)}"),) if reason else ()
        yield heading, (said, *more)


def nuance(
    value: StrEnum, integrity: Integrity | None, labels: Sequence[LabelReport | None]
) -> str:
    """Return the ending of an axis value's code where the plain sentence would not be true.

    `labels` are those that were found: a signed code has a signature, but decides nothing.
    """
    there = [label for label in labels if label is not None]
    if value in _OF_A_REPORT and {label.kind for label in there} == {LabelKind.REPORT}:
        return ".report"
    signed = any(label.kind in SIGNED_KINDS for label in there)
    if value is Integrity.UNREADABLE and not signed:
        return ".untold"
    doubtful = integrity in (Integrity.UNREADABLE, Integrity.BROKEN)
    if value is Trust.UNKNOWN and signed and doubtful:
        return ".unread"
    coded = any(label.kind is LabelKind.CODE for label in there)
    return ".coded" if value in (Integrity.UNPROTECTED, Trust.UNKNOWN) and coded else ""


_OF_A_REPORT = (Integrity.INTACT, Integrity.BROKEN, NoticeState.UNDETERMINED)
"""What has words of its own where the asset is a signed report."""


def _unjudged(asset: AssetReport, language: str) -> str:
    """Return why the notice is undetermined, as the findings say; else nothing."""
    for code in _reasons(asset):
        for finding in asset.findings:
            if finding.code == code:
                return _reason(finding, language)
    return ""


def _reason(finding: Finding, language: str) -> str:
    """Return what a finding adds to "not judged": where it says no more itself, its own reason."""
    if finding.code != NOT_JUDGED:
        return said_of(finding, language)
    values = finding.values
    if "detail.code" in values:
        return nested("detail", values, language)
    detail = values.get("detail", "")
    return "" if detail == values.get("text") else detail  # the notice itself, which is found below


def _found(
    asset: AssetReport, above: frozenset[str], language: str
) -> Iterator[tuple[int, tuple[Span, ...]]]:
    for label in asset.labels:
        yield len(INDENT), (Span(printable(label_line(label, language))),)
        if label.signer is not None:
            yield from _signer(label.signer, language)
        for words in personal_said(label):
            yield 2 * len(INDENT), (Span(INDENT + printable(words), Style.FAINT),)
    for notice in asset.notices:
        spans = notice_said(notice, language, bare=notice.code in above)
        if spans:
            yield len(INDENT), spans


def _signer(signer: Signer, language: str) -> Iterator[tuple[int, tuple[Span, ...]]]:
    parts = signer_parts(signer, language)
    if parts:
        words = Span(INDENT + printable("; ".join(parts)), Style.FAINT)
        yield 2 * len(INDENT), (words,)
    if signer.development:
        words = Span(INDENT + sentence("kz.report.development", language), Style.POOR)
        yield 2 * len(INDENT), (words,)


def notice_said(notice: NoticeReport, language: str, *, bare: bool) -> tuple[Span, ...]:
    """Return a notice and what was perceived of it; `bare` where the axis has said why not."""
    name = printable(sentence("kz.report.notice-found", language, text=notice.text))
    if bare:
        return (Span(name),) if notice.text else ()
    judged = {True: Style.GOOD, False: Style.BAD, None: Style.POOR}[notice.perceivable]
    said = judgement(notice, language)
    words = () if not notice.text or notice.text in said else (Span(f"{name}: "),)
    return (*words, Span(printable(said), judged), *_times(notice, language))


def judgement(notice: NoticeReport, language: str) -> str:
    """Return what was perceived of a notice; no measure takes the place of its text."""
    values = {name: f"{value:.2f}" for name, value in notice.measures.items()}
    said = sentence(notice.code, language, **{**values, "text": notice.text, "detail": ""})
    return said.rstrip(": ")


def _times(notice: NoticeReport, language: str) -> tuple[Span, ...]:
    """Return when a notice is heard or shown, where that is not the whole time."""
    if not notice.spans:
        return ()
    first = ", ".join(f"{_clock(s.start)}-{_clock(s.end)}" for s in notice.spans[:SHOWN_TIMES])
    more = "" if len(notice.spans) <= SHOWN_TIMES else ", …"
    words = sentence("kz.report.times", language, times=first + more)
    return (Span(f" ({words})", Style.FAINT),)


SHOWN_TIMES = 4
"""Repeats of one notice that a person is told."""


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
