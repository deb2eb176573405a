"""Reports: rows in, text out, piece by piece as the rows come. Each room is one form."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from kzlabel.reports import json_report, jsonl, sarif, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kzlabel.model import AssetReport, Report


class Reporter(Protocol):
    """One form of the report."""

    def __call__(
        self,
        rows: Iterable[AssetReport],
        closing: Callable[[], Report],
        language: str,
        *,
        colour: bool = False,
    ) -> Iterator[str]:
        """Yield the report in pieces without a newline at their ends, each as soon as it is known.

        `closing` gives, once `rows` has ended, the report over them without the rows themselves.
        `language` (kk, ru, en) and `colour` are for forms that people read; the others ignore them.
        """
        ...


REPORTS: Mapping[str, Reporter] = MappingProxyType(
    {
        "text": text.render,
        "json": json_report.render,
        "jsonl": jsonl.render,
        "sarif": sarif.render,
    }
)
"""The forms by the name that `--format` takes."""
