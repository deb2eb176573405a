"""Text for people: one block an asset, then the summary and what it rests on; kk, ru or en.

The border of rich: it is imported only where there is colour to show. Nothing is parsed as markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import printable
from kzlabel.locale import sentence
from kzlabel.model import Verdict
from kzlabel.reports._lines import INDENT, Line, Span, Style, asset_lines
from kzlabel.verdict import premises

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kzlabel.model import AssetReport, Report

_COLOURS = {
    Style.PLAIN: "",
    Style.TITLE: "bold",
    Style.FAINT: "dim",
    Style.GOOD: "green",
    Style.POOR: "yellow",
    Style.BAD: "bold red",
}


def render(
    rows: Iterable[AssetReport],
    closing: Callable[[], Report],
    language: str,
    *,
    colour: bool = False,
) -> Iterator[str]:
    """Yield one block an asset, then the summary; `colour` only where a terminal shows it."""
    for asset in rows:
        yield asset_block(asset, language, colour=colour) + "\n"
    yield footer(closing(), language, colour=colour)


def asset_block(asset: AssetReport, language: str, *, colour: bool = False) -> str:
    """Return one asset's block."""
    return _drawn(asset_lines(asset, language), colour=colour)


def footer(report: Report, language: str, *, colour: bool = False) -> str:
    """Return what comes last: counts, trust lists, premises."""
    return _drawn(_footer(report, language), colour=colour)


def _footer(report: Report, language: str) -> Iterator[Line]:
    count = sentence("kz.report.assets", language, count=report.summary.assets)
    verdicts = (
        f"{sentence(f'kz.verdict.{verdict}', language)}: {report.summary.verdicts[verdict]}"
        for verdict in Verdict
        if verdict in report.summary.verdicts
    )
    yield _titled("summary", "; ".join((count, *verdicts)), language)
    yield _titled("profile", f"{report.profile}; {report.tool}", language)
    yield _titled("trust-lists", _trust_lists(report, language), language)
    yield _titled("premises", "", language)
    for premise in premises(language):
        yield (Span(f"{INDENT}{premise}", Style.FAINT),)


def _titled(heading: str, text: str, language: str) -> Line:
    title = sentence(f"kz.report.{heading}", language)
    return (Span(f"{title}:", Style.TITLE), Span(f" {printable(text)}" if text else ""))


def _trust_lists(report: Report, language: str) -> str:
    if not report.trust_lists:
        return sentence("kz.report.no-trust-list", language)
    return "; ".join(
        sentence("kz.report.trust-list", language, name=one.name, kind=one.kind, date=one.date)
        for one in report.trust_lists
    )


def _drawn(lines: Iterable[Line], *, colour: bool) -> str:
    if colour:
        return _coloured(lines)
    return "\n".join("".join(span.text for span in line).rstrip() for line in lines)


def _coloured(lines: Iterable[Line]) -> str:
    """Return the lines with ANSI colours; `Text` takes spans as they are, never as markup."""
    from rich.console import Console
    from rich.text import Text

    console = Console(force_terminal=True, color_system="standard", legacy_windows=False)
    with console.capture() as capture:
        for line in lines:
            text = Text.assemble(*((span.text, _COLOURS[span.style]) for span in line))
            console.print(text, soft_wrap=True, highlight=False)
    return capture.get().removesuffix("\n")
