"""Checking signed JSON: the steps that a sidecar and a signed report have in common (DESIGN 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from msgspec import structs

from kzlabel import _identity
from kzlabel.labels import _jws, _signer_trust
from kzlabel.labels._strict_json import StrictJsonError
from kzlabel.model import Finding, FindingOutcome, Integrity, LabelReport, Reading, Trust, finding

if TYPE_CHECKING:
    from kzlabel.trust import TrustStore

SHOWN = 300
"""Characters of what somebody else wrote that are shown."""

Matched: TypeAlias = "tuple[Integrity, tuple[Finding, ...]]"


class Sealed(NamedTuple):
    """The bytes that were signed, and what stands beside them."""

    payload: bytes
    signature: str
    timestamp: str | None
    typ: str


class Codes(NamedTuple):
    """The findings of a signature that does not hold."""

    unreadable: str
    mismatch: str


class SealError(ValueError):
    """Not of the schema; says why, and in which line it is not JSON."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.line = cause.line if isinstance(cause, StrictJsonError) else 0


def checked(
    sealed: Sealed,
    report: LabelReport,
    trust: TrustStore,
    codes: Codes,
    matched: Callable[[], Matched],
) -> tuple[Reading, _jws.Signature | None]:
    """Check what was read; each step is reached only where the one before held.

    `matched` tells whether what was signed is what is there. Returns the reading, and the signature
    where it verifies.
    """
    # 3. The header: an algorithm of ours, the `typ`, the leaf's own, and a chain; nothing else.
    try:
        signature = _jws.parse(sealed.signature, sealed.typ)
    except _jws.JwsError as exc:
        detail = str(exc)[:SHOWN]
        said = finding(codes.unreadable, FindingOutcome.FAILURE, report.kind, detail=detail)
        return Reading(report=report, integrity=Integrity.UNREADABLE, findings=(said,)), None
    signer = _signer_trust.signer_of(signature.certificates[0])
    # 4. The signature over the canonical form. Where it fails, nobody has signed.
    if not _jws.verifies(signature, sealed.payload):
        return Reading(
            report=structs.replace(report, signer=signer),
            integrity=Integrity.BROKEN,
            trust=Trust.UNTRUSTED,
            findings=(finding(codes.mismatch, FindingOutcome.FAILURE, report.kind),),
        ), None
    # 5. The chain, 6. against the caller's list, at the time-stamp's moment if it holds, else now.
    judged = _signer_trust.judge(signature, sealed.timestamp, trust, _identity.now(), report.kind)
    # 7. What is there is what was signed.
    integrity, said_of_it = matched()
    return Reading(
        report=structs.replace(
            report,
            signer=structs.replace(signer, standing=judged.standing),
            state=_signer_trust.state_of(integrity, judged.trust),
        ),
        integrity=integrity,
        trust=judged.trust,
        findings=(*said_of_it, *judged.findings),
    ), signature
