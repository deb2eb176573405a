"""CSV for spreadsheets (RFC 4180): a line an asset, the columns of `Record`, UTF-8 with a BOM.

Texts come from files, and a spreadsheet runs what begins with `=`: OWASP's advice is followed
(https://owasp.org/www-community/attacks/CSV_Injection), and an apostrophe put before it. So it is
after a semicolon, at which spreadsheets in many languages part cells.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from kzlabel.reports._record import Record, record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kzlabel.model import AssetReport, Report

_BOM = "\ufeff"
_BEGINS_FORMULA = re.compile(r'(?:^|;)[\s"]*(?=[=+\-@\uff1d\uff0b\uff0d\uff20])')
"""Where a cell that is a formula may begin; the wide forms are taken for the others."""


def render(
    rows: Iterable[AssetReport],
    closing: Callable[[], Report],  # noqa: ARG001  one Reporter for all forms
    language: str = "en",  # noqa: ARG001  columns and words are those of JSON
    *,
    colour: bool = False,  # noqa: ARG001  likewise
) -> Iterator[bytes]:
    """Yield the names of the columns, then each asset as it comes."""
    yield _line(Record._fields, _BOM)
    for row in rows:
        yield _line(record_of(row))


def _line(cells: Iterable[str | int | None], before: str = "") -> bytes:
    text = io.StringIO(newline="")
    text.write(before)
    csv.writer(text).writerow([_inert(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue().encode()


def _inert(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return _BEGINS_FORMULA.sub(r"\g<0>'", text)
