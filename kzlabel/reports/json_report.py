"""JSON for programs: one document, schema `kzlabel.report/1` (DESIGN 4), messages in English."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING

import msgspec

from kzlabel.reports._encode import encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kzlabel.model import AssetReport, Report

_INDENT = 2
_ROWS = '  "assets": '
"""Where the rows belong in the document: every other member is written at once."""


def render(
    rows: Iterable[AssetReport],
    closing: Callable[[], Report],
    language: str = "en",  # noqa: ARG001  one Reporter for all forms
    *,
    colour: bool = False,  # noqa: ARG001  likewise
) -> Iterator[str]:
    """Yield the report as one indented JSON document, asset by asset."""
    report = msgspec.structs.replace(closing(), assets=())
    before, after = _indented(report).split(f"{_ROWS}[]")
    yield before.removesuffix("\n")
    lines = chain(map(_element, rows), [None])
    first = next(lines)
    yield f"{_ROWS}[]{after}" if first is None else f"{_ROWS}["
    for line, following in pairwise(chain([first], lines)):
        yield f"{line}," if following else f"{line}\n  ]{after}"


def _element(row: AssetReport) -> str:
    margin = "\n" + " " * 2 * _INDENT
    return margin.removeprefix("\n") + _indented(row).replace("\n", margin)


def _indented(value: msgspec.Struct) -> str:
    return msgspec.json.format(encoded(value), indent=_INDENT)
