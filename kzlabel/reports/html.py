"""HTML for people: one page that needs nothing else, in kk, ru or en; readable without its script.

The page is its own wall: a policy (CSP) lets it load nothing and run nothing but its own script,
and every text is escaped where it enters (`_html_markup`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.reports._html_asset import card
from kzlabel.reports._html_frame import Counts, beginning, ending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kzlabel.model import AssetReport, Report

FEW = 3
"""Assets that are shown with all that was found."""


def render(
    rows: Iterable[AssetReport],
    closing: Callable[[], Report],
    language: str,
    *,
    colour: bool = False,  # noqa: ARG001  one Reporter for all forms
) -> Iterator[str]:
    """Yield the page piece by piece; `rows` are gone through twice, to count and to show."""
    counts, report = Counts(rows), closing()
    yield from beginning(report, counts, language)
    for asset in rows:
        yield card(asset, language, is_open=counts.assets <= FEW)
    yield from ending(report, counts, language)
