"""Reports: a report in, a string out; pure. Each room is one form."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from kzlabel.reports import json_report, jsonl, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kzlabel.model import Report


class Reporter(Protocol):
    """One form of the report."""

    def __call__(self, report: Report, language: str, *, colour: bool = False) -> str:
        """Return the whole report, without a newline at its end.

        `language` (kk, ru, en) and `colour` are for forms that people read; the others ignore them.
        """
        ...


REPORTS: Mapping[str, Reporter] = MappingProxyType(
    {"text": text.render, "json": json_report.render, "jsonl": jsonl.render}
)
"""The forms by the name that `--format` takes."""
