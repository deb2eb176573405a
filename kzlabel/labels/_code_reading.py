"""What the 2D barcodes of ours on a picture say, and whether it holds; a row of the report each.

1. Parse. A QR code mends its own damage or is not read at all, so what begins with our magic and
   does not parse is another version's, or somebody else's: it says nothing, and that is said.
2. Find the key by its id: on the caller's lists of kind `code`, else among those that intact labels
   of this very file vouch for. Without one nobody can say whose it is: it is an unsigned mark.
3. Verify the signature. Where it fails, the code is broken.
4. Hold it against the file's labels: one of another label was copied here.

A code is never bound to the pixels, so it decides neither integrity nor trust; its row says both.
"""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from kzlabel.labels import _code
from kzlabel.model import (
    CodeKey,
    Evidence,
    Finding,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    Reading,
    Signer,
    Standing,
    Trust,
    finding,
)
from kzlabel.trust import TrustKind, TrustList, TrustStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel._x509 import Certificate
    from kzlabel.model import NoticeReport, Placement

SCHEME = "kzlabel"
WHERE = "symbol"
MOST_CODES = 8
"""Codes of one file that are reported."""


_WORTH = (LabelState.TRUSTED, LabelState.VALID, LabelState.UNSIGNED, LabelState.INVALID)
"""Which come first where there are more."""


class Codes(NamedTuple):
    """What the codes of a file say."""

    readings: tuple[Reading, ...] = ()
    told: frozenset[str] = frozenset()
    """Those that have a reading, in base64."""
    findings: tuple[Finding, ...] = ()


class _Known(NamedTuple):
    """A key that verified a code, and what that makes of it."""

    state: LabelState
    signer: Signer | None
    findings: tuple[Finding, ...]


def read_codes(
    notices: Sequence[NoticeReport], readings: Sequence[Reading], trust: TrustStore
) -> Codes:
    """Return what each different code says that was read beside notices, or alone.

    Every one is checked: of too many those are told whose signature holds, as far as they go.
    """
    symbols = dict.fromkeys(notice.symbol for notice in notices if notice.symbol)
    read = [(symbol, _read(symbol, readings, trust)) for symbol in symbols]
    if len(read) <= MOST_CODES:
        return Codes(tuple(one for _, one in read), frozenset(symbols))
    told = sorted(read, key=lambda each: _worth(each[1]))[:MOST_CODES]
    count, shown = len(read), len(told)
    more = _finding("kz.code.more", FindingOutcome.WARNING, count=count, shown=shown)
    return Codes(tuple(one for _, one in told), frozenset(symbol for symbol, _ in told), (more,))


def _worth(reading: Reading) -> int:
    state = reading.report.state
    return _WORTH.index(state) if state in _WORTH else len(_WORTH)


def missing_codes(
    notices: Sequence[NoticeReport], hints: Sequence[Placement]
) -> tuple[Finding, ...]:
    """Say which codes that labels declare were not read, or were replaced by others."""
    read = [notice.symbol for notice in notices if notice.symbol]
    declared = dict.fromkeys(hint.code for hint in hints if hint.code)
    code = "kz.code.other" if read else "kz.code.unread"
    return tuple(_finding(code, FindingOutcome.WARNING) for each in declared if each not in read)


def _read(symbol: str, readings: Sequence[Reading], trust: TrustStore) -> Reading:
    # 1. Parse.
    try:
        code = _code.parse(base64.b64decode(symbol, validate=True))
    except (_code.CodeError, binascii.Error) as exc:
        said = _finding("kz.code.malformed", FindingOutcome.WARNING, detail=exc)
        none = LabelReport(kind=LabelKind.CODE, scheme=SCHEME, state=LabelState.ABSENT)
        return Reading(report=none, integrity=Integrity.ABSENT, findings=(said,))
    foreign = _foreign(code, symbol, readings)
    report = LabelReport(
        kind=LabelKind.CODE, scheme=SCHEME, state=_INVALID, origin=code.statement.origin,
        created=code.issued, label_id=code.label_id, where=WHERE, evidence=Evidence.VENDOR,
    )  # fmt: skip
    # 2. The key, and 3. the signature.
    known = _listed(code, trust) or _vouched(code, readings)
    if known is None and _is_known(code, readings, trust):
        said = _finding("kz.code.broken", FindingOutcome.FAILURE)
        return _reading(report, (said, *foreign))
    if known is None:
        said = _finding("kz.code.unknown-key", FindingOutcome.WARNING, key=code.key_id.hex())
        report = structs.replace(report, state=LabelState.UNSIGNED)
        return _reading(report, (said, _unbound(), *foreign))
    # 4. What it is worth here.
    report = structs.replace(
        report, state=known.state, signer=known.signer, evidence=Evidence.SIGNED
    )
    return _reading(report, (*known.findings, _unbound(), *foreign))


_INVALID = LabelState.INVALID


def _reading(report: LabelReport, findings: tuple[Finding, ...]) -> Reading:
    return Reading(report=report, integrity=Integrity.UNPROTECTED, findings=findings)


# --- Keys -----------------------------------------------------------------------------------------


def _certificates(code: _code.Code, trust: TrustStore) -> Iterator[tuple[TrustList, Certificate]]:
    for entry in trust.of(TrustKind.CODE):
        for certificate in _signers(entry.pem).get(code.key_id, ()):
            yield entry, certificate


@lru_cache(maxsize=16)
def _signers(pem: str) -> dict[bytes, tuple[Certificate, ...]]:
    """Return the certificates of a list that may sign labels, by the ids of their keys."""
    from kzlabel import _chain, _pem, _x509

    found: dict[bytes, tuple[Certificate, ...]] = {}
    try:
        ders = _pem.blocks(pem.encode("utf-8", "replace"))
    except ValueError:
        return found
    for der in ders:
        try:
            certificate = _x509.read(der)
        except _x509.CertificateError:
            continue  # one that cannot be read vouches for nobody
        if _chain.signs(certificate):
            key_id = _code.key_id_of(_x509.public_bytes(certificate.key))
            found[key_id] = (*found.get(key_id, ()), certificate)
    return found


def _listed(code: _code.Code, trust: TrustStore) -> _Known | None:
    """Return the signer by a certificate on a list: trusted if it was valid on the code's date."""
    from kzlabel import _x509
    from kzlabel.labels._signer_trust import signer_of

    dated = None
    for entry, certificate in _certificates(code, trust):
        if not _code.verifies(code, _x509.public_bytes(certificate.key)):
            continue
        in_time = certificate.not_before <= code.issued <= certificate.not_after
        standing = Standing.TRUSTED if in_time else Standing.EXPIRED
        signer = structs.replace(signer_of(certificate), standing=standing)
        if in_time:
            listed = _finding("kz.code.listed", FindingOutcome.SUCCESS, name=entry.name)
            return _Known(LabelState.TRUSTED, signer, (_signed(signer), listed))
        when = code.issued.date().isoformat()
        late = _finding("kz.code.outside-validity", FindingOutcome.WARNING, when=when)
        dated = _Known(LabelState.VALID, signer, (_signed(signer), late))
    return dated


def _vouching(readings: Sequence[Reading]) -> Iterator[tuple[Reading, CodeKey]]:
    for reading in readings:
        if reading.integrity is Integrity.INTACT:
            for key in reading.code_keys:
                yield reading, key


def _vouched(code: _code.Code, readings: Sequence[Reading]) -> _Known | None:
    """Return the signer by a label of this file; it is trusted as that label's own signer is."""
    found = [each for each in _vouching(readings) if _code.verifies(code, each[1].key)]
    found.sort(key=lambda each: (not each[1].own, each[0].trust is not Trust.TRUSTED))
    for reading, key in found:
        trusted = key.own and reading.trust is Trust.TRUSTED
        signer = reading.report.signer if key.own else _unlisted(key.signer)
        vouched = _finding("kz.code.vouched", FindingOutcome.SUCCESS)
        state = LabelState.TRUSTED if trusted else LabelState.VALID
        return _Known(state, signer, (_signed(signer), vouched))
    return None


def _unlisted(signer: Signer | None) -> Signer | None:
    """Return an earlier label's signer, whose chain nobody has held against a list."""
    return structs.replace(signer, standing=Standing.UNLISTED) if signer else None


def _is_known(code: _code.Code, readings: Sequence[Reading], trust: TrustStore) -> bool:
    """Whether the key that the code names is at hand, so that its signature could be checked."""
    listed = any(True for _ in _certificates(code, trust))
    return listed or any(_code.key_id_of(key.key) == code.key_id for _, key in _vouching(readings))


# --- Where it belongs -----------------------------------------------------------------------------


def _foreign(code: _code.Code, symbol: str, readings: Sequence[Reading]) -> tuple[Finding, ...]:
    """Say where the code is of another label than the file's, and none that one of them declares.

    Labels declare notices under a signature that verifies, whether or not the file has changed.
    """
    ids = {reading.report.label_id for reading in readings}
    ids |= {key.label_id for reading in readings for key in reading.code_keys}
    ids.discard(None)
    declared = any(hint.code == symbol for reading in readings for hint in reading.hints)
    if declared or not ids or code.label_id in ids:
        return ()
    return (_finding("kz.code.foreign", FindingOutcome.FAILURE, label_id=code.label_id),)


def _signed(signer: Signer | None) -> Finding:
    name = (signer and signer.name) or "-"
    return _finding("kz.code.signed", FindingOutcome.SUCCESS, name=name)


def _unbound() -> Finding:
    return _finding("kz.code.unbound", FindingOutcome.INFORMATIONAL)


def _finding(code: str, outcome: FindingOutcome, **values: object) -> Finding:
    return finding(code, outcome, LabelKind.CODE, **values)
