"""The signed report: what was verified, by which tool and lists, and when, in one signed document.

A report of `kzlabel verify` with the digests of all that it looked at, for whoever was not there:
`kzlabel verify REPORT.json` checks it. Its form is the sidecar's (DESIGN 3), its `typ` its own.
"""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kzlabel._assets import open_regular
from kzlabel.credential import Algorithm
from kzlabel.labels import _report_beside, _report_statement, _signer_trust
from kzlabel.labels._report_signing import signed_pieces
from kzlabel.labels._report_statement import MAX_REPORT, TYPE, ReadReport, ReportStatement
from kzlabel.labels._sealed import SHOWN, Codes, Matched, Sealed, SealError, checked
from kzlabel.model import (
    Asset,
    Finding,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    Reading,
    finding,
)

if TYPE_CHECKING:
    from kzlabel.credential import Credential
    from kzlabel.model import Report
    from kzlabel.trust import TrustStore

_ENDS = 65536
"""Bytes of either end of a file in which a signed report is recognised."""


def sign_report(report: Report, credential: Credential) -> bytes:
    """Return the report, signed: JSON of schema `signed-report-1`, which `verify` checks.

    Raises `RefusedError` for one that is too large (100,000 assets, 256 MiB), `CredentialError`
    where it cannot be signed.
    """
    return b"".join(signed_pieces(report.assets, lambda: report, credential))


def check_report(asset: Asset, trust: TrustStore) -> Sequence[Reading]:
    """Check a signed report; empty where the asset is none. Raises `OSError`, `UsageError`."""
    if not _is_signed_report(asset):
        return ()
    if asset.size > MAX_REPORT:
        return (_unreadable("kz.signed-report.too-large", MAX_REPORT),)
    return (_checked(_content(asset), asset, trust),)


# --- What is one ----------------------------------------------------------------------------------

_SCHEMA = re.compile(rb'"schema"\s*:\s*"urn:kzlabel:schema:signed-report:')
_JSON = "application/json"
_BOM = codecs.BOM_UTF8 + codecs.BOM_UTF16


def _headers() -> re.Pattern[bytes]:
    """Return what finds the beginning of a report's signature, whatever its algorithm."""
    heads = (f'{{"alg":"{name}","typ":"{TYPE}"'.encode() for name in Algorithm)
    whole = (head[: len(head) // 3 * 3] for head in heads)
    return re.compile(b"|".join(base64.urlsafe_b64encode(head) for head in whole))


_SIGNATURE = _headers()


def _is_signed_report(asset: Asset) -> bool:
    """Whether it is one, or what is left of one: a single changed byte does not hide it.

    Nor does UTF-16, as PowerShell writes what it is given: JSON it is not, and that is said.
    """
    ends = _ends(asset)
    if ends[0].startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        ends = [end.strip(_BOM).replace(b"\0", b"") for end in ends]
    is_json = asset.format is not None and _JSON in asset.format.spec.media_types
    if not (is_json or ends[0].lstrip(_BOM + b" \t\r\n").startswith(b"{")):
        return False
    return any(mark.search(end) for end in ends for mark in (_SCHEMA, _SIGNATURE))


def _ends(asset: Asset) -> list[bytes]:
    if asset.content is not None:
        return [asset.content[:_ENDS], asset.content[-_ENDS:]]
    with open_regular(asset.path) as file:
        head = file.read(_ENDS)
        file.seek(max(0, asset.size - _ENDS))
        return [head, file.read(_ENDS)]


def _content(asset: Asset) -> bytes:
    if asset.content is not None:
        return asset.content
    with open_regular(asset.path) as file:
        return file.read(MAX_REPORT)


# --- Checking -------------------------------------------------------------------------------------


def _checked(raw: bytes, asset: Asset, trust: TrustStore) -> Reading:
    """Check a signed report, step by step (`_sealed.checked`)."""
    # 1. Parse strictly; 2. decode by the schema; the signature covers the parsed statement.
    try:
        found = _report_statement.read(raw)
    except SealError as exc:
        code = "kz.signed-report.not-json" if exc.line else "kz.signed-report.unreadable"
        return _unreadable(code, exc, line=exc.line)
    sealed = Sealed(found.payload, found.sealed.signature, found.sealed.timestamp, TYPE)
    codes = Codes("kz.signed-report.signature-unreadable", "kz.signed-report.signature-mismatch")
    # 3. to 6. The signature and who made it; 7. the rows are those that were signed, all of them,
    # in their order, and what lies beside the report is what it lists.
    return checked(sealed, _report(found), trust, codes, lambda: _matched(found, asset))[0]


def _matched(found: ReadReport, asset: Asset) -> Matched:
    """Compare the rows with their digest, then what they list with what lies beside."""
    statement = found.sealed.statement
    if found.rows != statement.assets:
        values = {"count": found.rows.count, "signed": statement.assets.count}
        said = _finding("kz.signed-report.rows-mismatch", FindingOutcome.FAILURE, **values)
        return Integrity.BROKEN, (said,)
    held = _finding("kz.signed-report.intact", FindingOutcome.SUCCESS)
    compared = _report_beside.compare(found.listed, asset.path)
    integrity = Integrity.BROKEN if compared.differ else Integrity.INTACT
    return integrity, (held, _told(statement), *compared.findings)


def _told(statement: ReportStatement) -> Finding:
    """Return what the report says of itself: when, over how much, by which tool and lists."""
    head = statement.report
    lists = ", ".join(f"{one.name} ({one.date})" for one in head.trust_lists[:SHOWN])
    return _finding(
        "kz.signed-report.says", FindingOutcome.INFORMATIONAL,
        when=f"{_signer_trust.utc(head.verified_at):%Y-%m-%dT%H:%M:%SZ}",
        count=statement.assets.count, tool=head.tool, profile=head.profile, lists=lists or "-",
    )  # fmt: skip


def _report(found: ReadReport) -> LabelReport:
    return LabelReport(
        kind=LabelKind.REPORT,
        scheme="kzlabel",
        state=LabelState.INVALID,
        created=_signer_trust.utc(found.sealed.statement.issued),
    )


def _unreadable(code: str, detail: object, **values: object) -> Reading:
    report = LabelReport(kind=LabelKind.REPORT, scheme="kzlabel", state=LabelState.INVALID)
    said = _finding(code, FindingOutcome.FAILURE, detail=detail, **values)
    return Reading(report=report, integrity=Integrity.UNREADABLE, findings=(said,))


def _finding(code: str, outcome: FindingOutcome, **values: object) -> Finding:
    short = {name: str(value)[:SHOWN] for name, value in values.items()}
    return finding(code, outcome, LabelKind.REPORT, **short)
