"""A signed report as values: schema `signed-report-1`.

The statement is the whole report but its rows, and a digest of these: SHA-256 over the RFC 8785
form of each, in their order, each followed by a line feed, which no such form holds. So rows are
signed and checked one at a time, however many there are, and any JSON tool may write the file anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from kzlabel.labels._sealed import SealError
from kzlabel.labels._sidecar_statement import Moment, Sha256
from kzlabel.labels._strict_json import StrictJsonError, canonical, decode_apart
from kzlabel.model import AssetReport, Companion, Summary, TrustListReport, Value

SCHEMA: Final = "urn:kzlabel:schema:signed-report:1"
TYPE: Final = "kzlabel-report+jws"
"""Of its signature: it is a report's and nothing else's."""
ROWS: Final = "assets"
MAX_REPORT = 256 * 1024 * 1024
"""Bytes; ten thousand labelled photographs come to about 100 MB."""
MOST_ROWS = 100_000


class ReportHead(Value, frozen=True):
    """A report (schema `report-1`) without its rows."""

    schema: Literal["kzlabel.report/1"]
    tool: str
    profile: str
    verified_at: Moment
    premises: tuple[str, ...]
    trust_lists: tuple[TrustListReport, ...]
    summary: Summary


class RowsDigest(Value, frozen=True):
    """The rows, as the statement binds them."""

    count: Annotated[int, Meta(ge=0)]
    sha256: Sha256
    """Over the RFC 8785 form of each row, in their order, each followed by a line feed."""


class ReportStatement(Value, frozen=True):
    """What is signed, in its RFC 8785 form; unknown members are kept and covered."""

    schema: Literal["urn:kzlabel:schema:signed-report:1"]
    report: ReportHead
    assets: RowsDigest
    issued: Moment


class SealedStatement(Value, frozen=True, forbid_unknown_fields=True):
    """The file but its rows; nothing stands in it that is not signed."""

    statement: ReportStatement
    signature: str
    """Detached JWS, RFC 7515 appendix F."""
    timestamp: str | None = None
    """Base64 of an RFC 3161 token over the bytes of the signature."""


class SignedReport(SealedStatement, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file: a statement, the signature over it, and the rows that it has the digest of."""

    assets: Annotated[tuple[AssetReport, ...], Meta(max_length=MOST_ROWS)]


class ListedAsset(NamedTuple):
    """An asset as a row lists it."""

    name: str
    uri: str | None
    """Where it was, percent-encoded; None where the row only has its printable name."""
    size: int | None
    sha256: str
    companions: tuple[Companion, ...] = ()


class ReadReport(NamedTuple):
    """A signed report, the bytes that its signature covers, and what its rows come to."""

    sealed: SealedStatement
    payload: bytes
    rows: RowsDigest
    listed: tuple[ListedAsset, ...]
    """Those that were looked at."""


class RowsHash:
    """The digest of rows that are passed by, one after another."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._count = 0

    def add(self, form: bytes) -> None:
        """Take the RFC 8785 form of the next row in."""
        self._hash.update(form + b"\n")
        self._count += 1

    def digest(self) -> RowsDigest:
        """Return the digest of all rows so far."""
        return RowsDigest(count=self._count, sha256=self._hash.hexdigest())


def read(raw: bytes) -> ReadReport:
    """Parse a signed report: strict JSON, then the schema, then the canonical forms.

    Raises `SealError`.
    """
    try:
        top, rows = decode_apart(raw, ROWS, MOST_ROWS)
        sealed = msgspec.convert(top, SealedStatement)
        digest, listed = _taken(rows)
        return ReadReport(sealed, canonical(top["statement"]), digest, listed)
    except (StrictJsonError, msgspec.ValidationError) as exc:
        raise SealError(exc) from exc


def _taken(rows: Iterable[object]) -> tuple[RowsDigest, tuple[ListedAsset, ...]]:
    passed = RowsHash()
    listed: list[ListedAsset] = []
    for row in rows:
        passed.add(canonical(row))
        listed += _listed(msgspec.convert(row, AssetReport))
    return passed.digest(), tuple(listed)


def _listed(row: AssetReport) -> Sequence[ListedAsset]:
    if row.sha256 is None:
        return ()
    uri = row.seen.uri if row.seen else None
    return (ListedAsset(row.path, uri, row.bytes, row.sha256, row.companions),)
