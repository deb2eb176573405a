"""Text for people: one block an asset, then the summary and what it rests on; kk, ru or en.

The border of rich: it is imported only where there is colour to show. Nothing is parsed as markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import printable
from kzlabel.locale import sentence
from kzlabel.model import Verdict
from kzlabel.reports._lines import INDENT, asset_lines
from kzlabel.reports._open import OpenCases
from kzlabel.reports._rests import trust_lists_said
from kzlabel.reports._wrap import Line, Span, Style, columns, wrapped
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
    cases = OpenCases()
    for asset in rows:
        cases.note(asset)
        yield asset_block(asset, language, colour=colour) + "\n"
    yield footer(closing(), language, colour=colour, cases=cases)


def asset_block(asset: AssetReport, language: str, *, colour: bool = False) -> str:
    """Return one asset's block."""
    return drawn(asset_lines(asset, language), colour=colour)


def footer(
    report: Report, language: str, *, colour: bool = False, cases: OpenCases | None = None
) -> str:
    """Return what comes last: the assets to look at, counts, trust lists, premises."""
    listed = list(cases.lines(language)) if cases else []
    gap = [Line((Span(""),))] if listed else []
    return drawn((*listed, *gap, *_footer(report, language)), colour=colour)


def _footer(report: Report, language: str) -> Iterator[Line]:
    count = sentence("kz.report.assets", language, count=report.summary.assets)
    verdicts = (
        f"{sentence(f'kz.verdict.{verdict}', language)}: {report.summary.verdicts[verdict]}"
        for verdict in Verdict
        if verdict in report.summary.verdicts
    )
    yield _titled("summary", "; ".join((count, *verdicts)), language)
    yield _titled("profile", f"{report.profile}; {report.tool}", language)
    yield _titled("trust-lists", "; ".join(trust_lists_said(report, language)), language)
    yield _titled("premises", "", language)
    for premise in premises(language):
        yield Line((Span(f"{INDENT}{premise}", Style.FAINT),), hang=len(INDENT))


def _titled(heading: str, text: str, language: str) -> Line:
    title = sentence(f"kz.report.{heading}", language)
    words = Span(f" {printable(text)}" if text else "")
    return Line((Span(f"{title}:", Style.TITLE), words), hang=len(INDENT))


def drawn(lines: Iterable[Line], *, colour: bool) -> str:
    """Return lines as text, fitted to the terminal's width or to a file's."""
    width = columns(terminal=colour)
    pieces = [piece for line in lines for piece in wrapped(line, width)]
    if colour:
        return _coloured(pieces)
    return "\n".join("".join(span.text for span in piece).rstrip() for piece in pieces)


def _coloured(pieces: Iterable[tuple[Span, ...]]) -> str:
    """Return the lines with ANSI colours; `Text` takes spans as they are, never as markup."""
    from rich.console import Console
    from rich.text import Text

    console = Console(force_terminal=True, color_system="standard", legacy_windows=False)
    with console.capture() as capture:
        for piece in pieces:
            text = Text.assemble(*((span.text, _COLOURS[span.style]) for span in piece))
            console.print(text, soft_wrap=True, highlight=False)
    return capture.get().removesuffix("\n")
