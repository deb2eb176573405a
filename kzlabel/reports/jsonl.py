"""JSON Lines for programs that read along: one asset a line, the summary last (DESIGN 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.reports._encode import encoded, encoded_without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kzlabel.model import AssetReport, Report


def render(
    rows: Iterable[AssetReport],
    closing: Callable[[], Report],
    language: str = "en",  # noqa: ARG001  one Reporter for all forms
    *,
    colour: bool = False,  # noqa: ARG001  likewise
) -> Iterator[str]:
    """Yield each asset as a line, then all of the report but its assets."""
    yield from map(encoded, rows)
    yield last_line(closing())


def last_line(report: Report) -> str:
    """Return the line of all that is in a report but its assets."""
    return encoded_without("assets", report)
