"""Reports: rows in, text out, piece by piece. Each room is one form."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

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
    ) -> Iterator[str | bytes]:
        """Yield the report in pieces: texts without a newline at their ends, or bytes as they are.

        `closing` gives the report over the rows, without them: in a live form once `rows` has
        ended, in any other from the beginning. There `rows` may be gone through more than once,
        and is never held. `language` (kk, ru, en) and `colour` are for forms that people read.
        """
        ...


class Form(NamedTuple):
    """A form of the report, and what it asks for."""

    render: Reporter
    live: bool = False
    """Whether it is written as rows come; else from the results, after the last."""
    thumbnails: bool = False
    """Whether rows come with pictures."""
    binary: bool = False
    """Whether it is bytes that no terminal shows."""


def _late(room: str) -> Reporter:
    """Return the reporter of a room that is loaded when its form is asked for."""

    def render(
        rows: Iterable[AssetReport],
        closing: Callable[[], Report],
        language: str,
        *,
        colour: bool = False,
    ) -> Iterator[str | bytes]:
        reporter: Reporter = import_module(f"kzlabel.reports.{room}").render
        return reporter(rows, closing, language, colour=colour)

    return render


REPORTS: Mapping[str, Form] = MappingProxyType(
    {
        "text": Form(text.render, live=True),
        "json": Form(json_report.render),
        "jsonl": Form(jsonl.render, live=True),
        "sarif": Form(sarif.render, live=True),
        "html": Form(_late("html"), thumbnails=True),
        "csv": Form(_late("csv_report"), live=True),
        "junit": Form(_late("junit")),
        "parquet": Form(_late("parquet"), live=True, binary=True),
    }
)
"""The forms by the name that `--format` takes."""
