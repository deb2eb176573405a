"""Who signed a sidecar or a report, and whether the caller's lists vouch for them, and when."""

from __future__ import annotations

import base64
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import CredentialError
from kzlabel.model import (
    Finding,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelState,
    Signer,
    Standing,
    Trust,
    finding,
)
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


def judge(
    signature: Signature, timestamp: str | None, trust: TrustStore, now: datetime, kind: LabelKind
) -> Judged:
    """Judge a signer whose signature verifies, at the time-stamp's moment where it holds.

    `kind` is what was signed, a sidecar or a report: the same lists vouch for both.
    """
    at, said = _moment(signature, timestamp, trust, kind)
    lists = trust.of(TrustKind.SIDECAR)
    result = _chain(signature, tuple(entry.pem for entry in lists), at or now)
    if result.status is not ChainStatus.TRUSTED or result.anchor is None:
        why = finding(result.code, FindingOutcome.FAILURE, kind, path=result.certificate)
        untrusted = finding(f"kz.trust.{kind}-untrusted", FindingOutcome.FAILURE, kind)
        return Judged(Trust.UNTRUSTED, _STANDINGS[result.status], (*said, untrusted, why))
    name = lists[result.anchor].name
    trusted = finding(f"kz.trust.{kind}-trusted", FindingOutcome.SUCCESS, kind, name=name)
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


def state_of(integrity: Integrity, trust: Trust) -> LabelState:
    """Return how a signed label stands whose signature verifies."""
    if integrity is not Integrity.INTACT:
        return LabelState.INVALID
    return LabelState.TRUSTED if trust is Trust.TRUSTED else LabelState.VALID


def utc(moment: datetime) -> datetime:
    """Return a moment that was read, in UTC."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or last day there is, in a zone beyond it
        return moment


def _moment(
    signature: Signature, timestamp: str | None, trust: TrustStore, kind: LabelKind
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
        code = f"kz.trust.{kind}-timestamp-failed"
        return None, (finding(code, FindingOutcome.WARNING, kind, detail=exc),)
    when = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    said = finding(f"kz.trust.{kind}-timestamp", FindingOutcome.SUCCESS, kind, when=when)
    return at, (said,)


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
