"""Why: what became of the requirements, and the findings that weigh, each said once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import printable
from kzlabel.locale import sentence
from kzlabel.model import FindingOutcome, LabelKind, Level, NoticeState, Outcome
from kzlabel.reports._todo import NOTICE, left_open, todo
from kzlabel.reports._wrap import Span, Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzlabel.model import AssetReport, Finding, Requirement

_WARNING = Span("!", Style.POOR)
_MARKS = {
    Outcome.PASS: Span("✓", Style.GOOD),
    Outcome.FAIL: Span("✗", Style.BAD),
    Outcome.UNDETERMINED: Span("?", Style.POOR),
}
_FINDING_MARKS = {
    FindingOutcome.FAILURE: Span("✗", Style.BAD),
    FindingOutcome.WARNING: _WARNING,
    FindingOutcome.INFORMATIONAL: Span("·", Style.FAINT),
}
ARROW = "→ "
SAID_ABOVE = "kz.advice.notice-look"
"""The notice's own line says it already."""
UNDER_MARK = 2
"""Columns: a mark and a space."""
SAID_BELOW = "kz.trust.none"
"""The footer says it for the whole report."""
NO_NOTICE, NO_UPRIGHT_WORDS = "kz.notice.absent", "kz.notice.absent-upright"


def no_notice(asset: AssetReport) -> str:
    """Return the code that says that no notice was found, and no more than was looked at."""
    is_seen = (asset.media_type or "").startswith(("image/", "video/"))
    return NO_UPRIGHT_WORDS if is_seen else NO_NOTICE


class Reason(NamedTuple):
    """A row of the reasons: by how much it goes on below itself, its mark, and its words."""

    hang: int
    spans: tuple[Span, ...]
    """The first is the mark, or blank where the row belongs to the one before."""
    article: str = ""
    """Of a requirement: what its last span cites, as it is."""


def why(asset: AssetReport, above: frozenset[str], language: str) -> Iterator[Reason]:
    """Yield the reasons; `above` are the codes that were said already."""
    advised = {SAID_ABOVE}
    for requirement in asset.requirements:
        if requirement.outcome is not Outcome.NOT_APPLICABLE:
            article = requirement.citation.article
            yield Reason(UNDER_MARK, _requirement(requirement, language), article)
            if requirement.id == NOTICE and asset.notice is NoticeState.ABSENT:
                words = Span(sentence(no_notice(asset), language), Style.FAINT)
                yield Reason(UNDER_MARK, (Span(" " * UNDER_MARK), words))
            yield from _advised(asset, requirement, advised, language)
    for code in left_open(asset).values():
        yield from _told(code, advised, language)
    codes = {notice.code for notice in asset.notices} | {SAID_BELOW, NO_NOTICE} | above
    yield from _findings(asset, codes, language)


def _advised(
    asset: AssetReport, requirement: Requirement, advised: set[str], language: str
) -> Iterator[Reason]:
    """Yield what to do where what must be is not, or is not known: in one line, and once."""
    code = todo(asset, requirement) if requirement.level is Level.MUST else ""
    yield from _told(code, advised, language)


def _told(code: str, advised: set[str], language: str) -> Iterator[Reason]:
    if code and code not in advised:
        advised.add(code)
        arrow = " " * UNDER_MARK + ARROW
        yield Reason(len(arrow), (Span(arrow), Span(sentence(code, language))))


def _findings(asset: AssetReport, codes: set[str], language: str) -> Iterator[Reason]:
    """Yield each finding that weighs; what comes often is counted, none is said twice."""
    weighty = [
        (index, one)
        for index, one in enumerate(asset.findings)
        if one.outcome in _FINDING_MARKS and one.code not in codes
    ]
    counts = Counter(_alike(one, language) for _, one in weighty)
    said: set[tuple[LabelKind | None, str]] = set()
    for index, finding in weighty:
        count = counts.pop(_alike(finding, language), 0)
        words = _words(finding, language) if count else ""
        if not count or (finding.label, words) in said:
            continue
        said.add((finding.label, words))
        code = "" if words.startswith(finding.code) else f" [{finding.code}]"
        more = f" (x{count})" if count > 1 else ""
        mark = _mark(asset, index, finding)
        faint = Span(printable(f"{code}{more}"), Style.FAINT)
        yield Reason(UNDER_MARK, (mark, Span(f" {printable(words)}"), faint))


def _alike(finding: Finding, language: str) -> tuple[str, ...]:
    """Return what is counted as one: of ours what says the same, as each names what it is about.

    Of others' a code is enough: a manifest may have a thousand, with whatever details.
    """
    about = said_of(finding, language) if finding.code.startswith("kz.") else ""
    return (finding.outcome, finding.code, about)


def _mark(asset: AssetReport, index: int, finding: Finding) -> Span:
    """Return a finding's mark: it is no failure of the asset where all that must hold holds."""
    cited = [one for one in asset.requirements if index in one.findings]
    grave = any(one.level is Level.MUST and one.outcome is not Outcome.PASS for one in cited)
    if finding.outcome is FindingOutcome.FAILURE and cited and not grave:
        return _WARNING
    return _FINDING_MARKS[finding.outcome]


def _words(finding: Finding, language: str) -> str:
    said = said_of(finding, language)
    return sentence("kz.report.of-ingredient", language, said=said) if _of_part(finding) else said


def _of_part(finding: Finding) -> bool:
    """Whether C2PA's status is an ingredient's: of the asset's own, none is a warning.

    A code `ingredient.*` says so itself.
    """
    ours = finding.code.startswith(("kz.", "ingredient."))
    return (
        finding.label is LabelKind.MANIFEST
        and finding.outcome is FindingOutcome.WARNING
        and not ours
    )


def said_of(finding: Finding, language: str) -> str:
    """Return a finding as a sentence, the axis values it names in the words of `language`."""
    spoken = {
        f"{name}.code": f"kz.origin.{value}"
        for name, value in finding.values.items()
        if name.endswith("_origin")
    }
    return sentence(finding.code, language, **finding.values, **spoken).rstrip(": ")


def _requirement(requirement: Requirement, language: str) -> tuple[Span, ...]:
    mark = _MARKS[requirement.outcome]
    if requirement.outcome is Outcome.FAIL and requirement.level is Level.SHOULD:
        mark = _WARNING
    level = sentence(f"kz.level.{requirement.level}", language)
    outcome = sentence(f"kz.outcome.{requirement.outcome}", language)
    cited = citation(requirement.citation.article, language)
    return (
        mark,
        Span(f" {printable(sentence(requirement.id, language))}: "),
        Span(outcome, mark.style),
        Span(f" ({level}; {printable(cited)})", Style.FAINT),
    )


def citation(article: str, language: str) -> str:
    """Return `21(2)` as the language cites it."""
    number, _, paragraph = article.rstrip(")").partition("(")
    return sentence("kz.report.cite", language, article=number, paragraph=paragraph)
