"""Rows as a worker would make them, without one."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from msgspec import structs

from kzlabel._seen import state_of, uri_of
from kzlabel.errors import LimitError
from kzlabel.model import AssetReport, Seen, Verdict
from kzlabel.verdict import error_row

RUN = "kzlabel/0 kz/0 00"


def row_of(path: Path, run: str = RUN, code: str = "") -> AssetReport:
    """Return the row of a file in the state it is in; with `code` one that was not read."""
    state = state_of(path)
    row = AssetReport(path=repr(path), verdict=Verdict.UNDECLARED)
    if code:
        row = error_row(path, LimitError(code, path=path))
    elif path.is_file():
        row = structs.replace(row, sha256=sha256(path.read_bytes()).hexdigest())
    seen = Seen(uri=uri_of(path), modified=state.modified, bytes=state.bytes, run=run)
    return structs.replace(row, seen=seen)
