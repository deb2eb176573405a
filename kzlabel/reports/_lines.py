"""What the text report says, as lines of spans: no colour yet, no terminal.

Whatever comes from a file (names, systems, signers) goes through `printable`: a control or a
direction-changing character in it must not reach a terminal.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import printable
from kzlabel.locale import sentence
from kzlabel.model import (
    AssetReport,
    Finding,
    FindingOutcome,
    Integrity,
    Level,
    NoticeState,
    Origin,
    Outcome,
    Trust,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzlabel.model import LabelReport, NoticeReport, Requirement, Signer


class Style(StrEnum):
    """How a span weighs."""

    PLAIN = "plain"
    TITLE = "title"
    FAINT = "faint"
    GOOD = "good"
    POOR = "poor"
    BAD = "bad"


class Span(NamedTuple):
    """Some words in one style."""

    text: str
    style: Style = Style.PLAIN


Line = tuple[Span, ...]

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
_MARKS = {
    Outcome.PASS: Span("✓", Style.GOOD),
    Outcome.FAIL: Span("✗", Style.BAD),
    Outcome.UNDETERMINED: Span("?", Style.POOR),
}
_FINDING_MARKS = {
    FindingOutcome.FAILURE: Span("✗", Style.BAD),
    FindingOutcome.WARNING: Span("!", Style.POOR),
    FindingOutcome.INFORMATIONAL: Span("·", Style.FAINT),
}
SAID_BELOW = "kz.trust.none"
"""The footer says it for the whole report."""
SAID_ABOVE = "kz.undeclared"
"""The verdict says it, in the same words."""


def row(heading: str, spans: Line, language: str) -> Line:
    """Return a heading, padded to the widest of its language, and what follows it."""
    width = max(len(sentence(f"kz.report.{name}", language)) for name in AXIS_HEADINGS)
    text = sentence(f"kz.report.{heading}", language) if heading else ""
    return (Span(f"{INDENT}{text:<{width}}  ", Style.FAINT), *spans)


def asset_lines(asset: AssetReport, language: str) -> Iterator[Line]:
    """Yield one asset's block: verdict, axes, what was found, why."""
    yield (Span(printable(asset.path), Style.TITLE),)
    yield row("verdict", _verdict(asset, language), language)
    if asset.error is not None:
        why = sentence(asset.error.code, language, **asset.error.values)
        yield row("error", (Span(printable(why), Style.POOR),), language)
        return
    yield from _axes(asset, language)
    yield from _under("found", _found(asset, language), language)
    yield from _under("why", _why(asset, language), language)


def _under(heading: str, lines: Iterator[Line], language: str) -> Iterator[Line]:
    """Yield the lines beside one heading, named once."""
    for index, line in enumerate(lines):
        yield row("" if index else heading, line, language)


def _verdict(asset: AssetReport, language: str) -> Line:
    code = f"kz.verdict.{asset.verdict}"
    why = "kz.verdict.error.why" if asset.error else f"{code}.why"
    style = _STYLES[asset.verdict]
    return (
        Span(sentence(code, language).upper(), style),
        Span(f": {sentence(why, language)}"),
    )


def _axes(asset: AssetReport, language: str) -> Iterator[Line]:
    axes: tuple[tuple[str, str, Origin | Integrity | Trust | NoticeState | None], ...] = (
        ("origin", "origin", asset.origin),
        ("integrity", "integrity", asset.integrity),
        ("trust", "trust", asset.trust),
        ("notice", "notice-state", asset.notice),
    )
    for heading, room, value in axes:
        if value is not None:
            said = Span(sentence(f"kz.{room}.{value}", language), _STYLES.get(value, Style.PLAIN))
            yield row(heading, (said,), language)


def _found(asset: AssetReport, language: str) -> Iterator[Line]:
    for label in asset.labels:
        yield (Span(printable(_label(label, language))),)
        if label.signer is not None:
            yield from _signer(label.signer, language)
    for notice in asset.notices:
        yield _notice(notice, language)


def _label(label: LabelReport, language: str) -> str:
    """Return a label in one line: what it is, how it stands, what it says, who by."""
    kind = sentence(f"kz.report.kind.{label.kind}", language)
    where = f" ({label.where})" if label.where else ""
    parts = [
        f"{kind} {label.scheme}{where}: {sentence(f'kz.report.state.{label.state}', language)}"
    ]
    if label.origin is not Origin.UNDECLARED:
        parts.append(sentence(f"kz.origin.{label.origin}", language))
    for name, value in (("system", label.system), ("provider", label.provider)):
        if value:
            parts.append(sentence(f"kz.report.{name}", language, **{name: value}))
    if label.created is not None:
        day = label.created.date().isoformat()
        parts.append(sentence("kz.report.created", language, date=day))
    return "; ".join(parts)


def _signer(signer: Signer, language: str) -> Iterator[Line]:
    parts = []
    if signer.name:
        parts.append(sentence("kz.report.signer", language, signer=signer.name))
    if signer.issuer:
        parts.append(sentence("kz.report.issuer", language, issuer=signer.issuer))
    if signer.not_after is not None:
        day = signer.not_after.date().isoformat()
        parts.append(sentence("kz.report.until", language, date=day))
    if parts:
        yield (Span(INDENT + printable("; ".join(parts)), Style.FAINT),)
    if signer.development:
        yield (Span(INDENT + sentence("kz.report.development", language), Style.POOR),)


def _notice(notice: NoticeReport, language: str) -> Line:
    judged = {True: Style.GOOD, False: Style.BAD, None: Style.POOR}[notice.perceivable]
    values = {name: f"{value:.2f}" for name, value in notice.measures.items()}
    said = sentence(notice.code, language, text=notice.text, detail="", **values)
    name = sentence("kz.report.notice-found", language, text=notice.text)
    words = () if not notice.text or notice.text in said else (Span(f"{printable(name)}: "),)
    return (*words, Span(printable(said), judged))


def _why(asset: AssetReport, language: str) -> Iterator[Line]:
    for requirement in asset.requirements:
        if requirement.outcome is not Outcome.NOT_APPLICABLE:
            yield _requirement(requirement, language)
    said = {notice.code for notice in asset.notices} | {SAID_BELOW}
    if asset.verdict is Verdict.UNDECLARED:
        said.add(SAID_ABOVE)
    weighty = [one for one in asset.findings if one.outcome in _FINDING_MARKS]
    counts = Counter((one.outcome, one.code) for one in weighty)
    for finding in weighty:
        count = counts.pop((finding.outcome, finding.code), 0)
        if count and finding.code not in said:
            more = () if count == 1 else (Span(f" (x{count})", Style.FAINT),)
            yield (*_finding(finding, language), *more)


def _requirement(requirement: Requirement, language: str) -> Line:
    mark = _MARKS[requirement.outcome]
    if requirement.outcome is Outcome.FAIL and requirement.level is Level.SHOULD:
        mark = Span("!", Style.POOR)
    level = sentence(f"kz.level.{requirement.level}", language)
    outcome = sentence(f"kz.outcome.{requirement.outcome}", language)
    cited = citation(requirement.citation.article, language)
    return (
        mark,
        Span(f" {sentence(requirement.id, language)}: "),
        Span(outcome, mark.style),
        Span(f" ({level}; {cited})", Style.FAINT),
    )


def citation(article: str, language: str) -> str:
    """Return `21(2)` as the language cites it."""
    number, _, paragraph = article.rstrip(")").partition("(")
    return sentence("kz.report.cite", language, article=number, paragraph=paragraph)


def _finding(finding: Finding, language: str) -> Line:
    mark = _FINDING_MARKS[finding.outcome]
    said = finding.sentence(language)
    code = "" if said.startswith(finding.code) else f" [{finding.code}]"
    return (mark, Span(f" {printable(said)}"), Span(printable(code), Style.FAINT))
