"""JSON Lines for programs that read along: one asset a line, the summary last (DESIGN 5).

`asset_line` and `summary_line` are there to be called while a batch runs, so that nothing is held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.reports._encode import encoded

if TYPE_CHECKING:
    from kzlabel.model import AssetReport, Report


def asset_line(asset: AssetReport) -> str:
    """Return one asset as a line, without its newline."""
    return encoded(asset)


def summary_line(report: Report) -> str:
    """Return all of the report but its assets as the last line, without its newline."""
    fields = {name: getattr(report, name) for name in report.__struct_fields__ if name != "assets"}
    return encoded(fields)


def render(report: Report, language: str = "en", *, colour: bool = False) -> str:  # noqa: ARG001  one Reporter for all forms
    """Return the whole report as JSON Lines."""
    return "\n".join((*map(asset_line, report.assets), summary_line(report)))
