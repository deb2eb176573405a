"""Parquet for tables of millions (extra `cluster`): columns and rows are those of `_parquet`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.reports._parquet import pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kzlabel.model import AssetReport, Report


def render(
    rows: Iterable[AssetReport],
    closing: Callable[[], Report],
    language: str = "en",  # noqa: ARG001  columns and words are those of JSON
    *,
    colour: bool = False,  # noqa: ARG001  likewise
) -> Iterator[bytes]:
    """Yield the file, a row group at a time."""
    return pieces(rows, closing)
