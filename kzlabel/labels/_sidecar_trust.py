"""Who signed a sidecar, and whether the caller's trust list vouches for them, at what moment."""

from __future__ import annotations

import base64
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import CredentialError
from kzlabel.model import Finding, FindingOutcome, LabelKind, Signer, Standing, Trust, finding
from kzlabel.trust import ChainStatus, ChainTrust, TrustKind, TrustStore, chain_trust

if TYPE_CHECKING:
    from cryptography.x509 import Name

    from kzlabel._x509 import Certificate
    from kzlabel.labels._jws import Signature


class Judged(NamedTuple):
    """What became of a signer."""

    trust: Trust
    standing: Standing
    findings: tuple[Finding, ...]


_STANDINGS = {
    ChainStatus.TRUSTED: Standing.UNLISTED,  # to an anchor of no list
    ChainStatus.UNTRUSTED: Standing.UNLISTED,
    ChainStatus.EXPIRED: Standing.EXPIRED,
}


def judge(signature: Signature, timestamp: str | None, trust: TrustStore, now: datetime) -> Judged:
    """Judge a signer whose signature verifies, at the time-stamp's moment where it holds."""
    at, said = _moment(signature, timestamp, trust)
    lists = trust.of(TrustKind.SIDECAR)
    result = _chain(signature, tuple(entry.pem for entry in lists), at or now)
    if result.status is not ChainStatus.TRUSTED or result.anchor is None:
        why = _finding(result.code, FindingOutcome.FAILURE, path=result.certificate)
        untrusted = _finding("kz.trust.sidecar-untrusted", FindingOutcome.FAILURE)
        return Judged(Trust.UNTRUSTED, _STANDINGS[result.status], (*said, untrusted, why))
    trusted = _finding(
        "kz.trust.sidecar-trusted", FindingOutcome.SUCCESS, name=lists[result.anchor].name
    )
    return Judged(Trust.TRUSTED, Standing.TRUSTED, (*said, trusted))


def signer_of(leaf: Certificate) -> Signer:
    """Return who a leaf certificate names."""
    name, issuer = _names(leaf)
    return Signer(
        name=name,
        issuer=issuer,
        not_after=leaf.not_after,
        development="development" in name.casefold(),
    )


def _moment(
    signature: Signature, timestamp: str | None, trust: TrustStore
) -> tuple[datetime | None, tuple[Finding, ...]]:
    """Return when the signature existed by its time-stamp; None where that proves nothing."""
    if timestamp is None:
        return None, ()
    from kzlabel import _timestamp

    try:
        token = base64.b64decode(timestamp, validate=True)
        anchors = [entry.pem for entry in trust.of(TrustKind.TSA)]
        at = _timestamp.verify(token, signature.value, anchors)
    except (CredentialError, ValueError) as exc:
        said = _finding("kz.trust.sidecar-timestamp-failed", FindingOutcome.WARNING, detail=exc)
        return None, (said,)
    when = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return at, (_finding("kz.trust.sidecar-timestamp", FindingOutcome.SUCCESS, when=when),)


def _chain(signature: Signature, anchors: tuple[str, ...], at: datetime) -> ChainTrust:
    """Judge the chain; the answer is kept, for it only changes where a certificate's dates do."""
    dates: set[datetime] = set()
    for certificate in signature.certificates:
        dates |= {certificate.not_before, certificate.not_after + timedelta(microseconds=1)}
    turns = sorted(dates)
    passed = bisect_right(turns, at)
    return _judged(signature.chain, anchors, turns[passed - 1] if passed else _EARLIEST)


_EARLIEST = datetime.min.replace(tzinfo=UTC)


@lru_cache(maxsize=64)
def _judged(chain: tuple[bytes, ...], anchors: tuple[str, ...], at: datetime) -> ChainTrust:
    return chain_trust(chain, anchors, at)


def _names(leaf: Certificate) -> tuple[str, str]:
    return _common_name(leaf.parsed.subject), _common_name(leaf.parsed.issuer)


def _common_name(name: Name) -> str:
    from cryptography.x509.oid import NameOID

    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(oid):
            return str(attribute.value)
    return name.rfc4514_string()


def _finding(code: str, outcome: FindingOutcome, **values: object) -> Finding:
    return finding(code, outcome, LabelKind.SIDECAR, **values)
