"""JSON for programs: one document, schema `kzlabel.report/1` (DESIGN 4), messages in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kzlabel.reports._encode import encoded

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
    """Yield the report as one indented JSON document; the rows are held until the last is known."""
    assets = tuple(rows)
    report = msgspec.structs.replace(closing(), assets=assets)
    yield msgspec.json.format(encoded(report), indent=2)
