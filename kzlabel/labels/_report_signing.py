"""Signing a report: its rows pass once, and none is held."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TYPE_CHECKING

import msgspec

from kzlabel import _identity
from kzlabel.errors import RefusedError
from kzlabel.labels._report_statement import (
    MAX_REPORT,
    MOST_ROWS,
    ROWS,
    SCHEMA,
    TYPE,
    ReportHead,
    ReportStatement,
    RowsDigest,
    RowsHash,
)
from kzlabel.labels._sidecar_statement import members
from kzlabel.labels._signing import signature_of
from kzlabel.labels._strict_json import MAX_PIECE, StrictJsonError, canonical

if TYPE_CHECKING:
    from kzlabel.credential import Credential
    from kzlabel.model import AssetReport, Report

_CHUNK = 1 << 20
_END = b"\n  ]\n}\n"


def signed_pieces(
    rows: Iterable[AssetReport], closing: Callable[[], Report], credential: Credential
) -> Iterator[bytes]:
    """Yield the signed report over `rows` in pieces; `closing` gives the report without them.

    The statement and its signature come first, then a row a line, in its RFC 8785 form. Raises
    `RefusedError` for a report that is too large, `CredentialError` where it cannot be signed.
    """
    with tempfile.TemporaryFile() as spool:
        digest = _spooled(bounded(rows), spool)
        statement = members(_statement(closing(), digest))
        signed = {
            "statement": statement,
            **signature_of(_canonical(statement), credential, TYPE),
        }
        text = json.dumps(signed, ensure_ascii=False, indent=2).removesuffix("\n}")
        head = f'{text},\n  "{ROWS}": [\n'.encode()
        if len(head) + spool.tell() + len(_END) > MAX_REPORT:
            raise _too_large()
        yield head
        spool.seek(0)
        while chunk := spool.read(_CHUNK):
            yield chunk
        yield _END


def bounded(rows: Iterable[AssetReport]) -> Iterator[AssetReport]:
    """Yield the rows; raises `RefusedError` as soon as there are more than can be signed."""
    size = 0
    for number, row in enumerate(rows):
        length = _length(row)
        size += length
        if number >= MOST_ROWS or size > MAX_REPORT or length > MAX_PIECE:
            raise _too_large()
        yield row


def _length(row: AssetReport) -> int:
    """Return the bytes of its RFC 8785 form, give or take a number's."""
    try:
        return len(msgspec.json.encode(row))
    except UnicodeEncodeError as exc:
        raise _unsignable(exc) from exc


def _spooled(rows: Iterable[AssetReport], spool: IO[bytes]) -> RowsDigest:
    """Write the rows, parted by commas, and return their digest."""
    passed = RowsHash()
    for number, row in enumerate(rows):
        form = _canonical(msgspec.to_builtins(row))
        spool.write(b",\n" + form if number else form)
        passed.add(form)
    return passed.digest()


def _statement(report: Report, digest: RowsDigest) -> ReportStatement:
    head = {name: getattr(report, name) for name in ReportHead.__struct_fields__}
    return ReportStatement(
        schema=SCHEMA, report=ReportHead(**head), assets=digest, issued=_identity.now()
    )


def _canonical(value: object) -> bytes:
    try:
        return canonical(value)
    except StrictJsonError as exc:
        raise _unsignable(exc) from exc


def _unsignable(error: Exception) -> RefusedError:
    return RefusedError("kz.error.signed-report-text", path="--sign-report", detail=error)


def _too_large() -> RefusedError:
    return RefusedError(
        "kz.error.signed-report-size", path="--sign-report", count=MOST_ROWS, limit=MAX_REPORT
    )
