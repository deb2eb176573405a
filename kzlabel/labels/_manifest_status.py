"""C2PA validation statuses, and the two axes they move: integrity and trust (DESIGN 1).

Codes are C2PA's own (https://spec.c2pa.org, 15.2.2) and become findings verbatim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.locale import sentence
from kzlabel.model import Finding, FindingOutcome, Integrity, LabelKind, Standing, Trust, finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzlabel.labels._manifest_store import Codes, Status, Store

SHOWN_STATUSES = 1000
"""More findings than this are only counted: a hostile store may hold a million assertions."""

LONGEST_EXPLANATION = 500
"""Characters; an explanation may repeat what a stranger wrote."""

_OF_TRUST = ("signingCredential.", "timeStamp.", "cawg.", "claimSignature.outsideValidity")
_OF_INGREDIENTS = "ingredient."
_VALIDATED = "claimSignature.validated"
SIGNER_TRUSTED = "signingCredential.trusted"
TIME_TRUSTED = "timeStamp.trusted"
_REFUSED = ("signingCredential.", "claimSignature.")
_SIGNATURE = "/c2pa.signature"
_STORE_URI = "self#jumbf=/c2pa/"


def integrity_of(store: Store) -> Integrity:
    """Return `intact` only where the claim's signature was seen to verify and nothing else fails.

    A failure inside an ingredient is not the asset's own; one of trust is on another axis.
    """
    codes = store.codes
    if any(_breaks(status.code) for status in codes.failure):
        return Integrity.BROKEN
    validated = any(status.code == _VALIDATED for status in codes.success)
    return Integrity.INTACT if validated else Integrity.BROKEN


def _breaks(code: str) -> bool:
    return not code.startswith((*_OF_TRUST, _OF_INGREDIENTS))


def succeeded(store: Store, code: str) -> Status | None:
    """Return the active manifest's success of this code, whose explanation may name a list."""
    return next((status for status in store.codes.success if status.code == code), None)


def trust_of(store: Store, *, listed: bool) -> Trust:
    """Return `trusted` where the signer is `listed` and nothing speaks against its certificate."""
    refused = any(status.code.startswith(_REFUSED) for status in store.codes.failure)
    return Trust.TRUSTED if listed and not refused else Trust.UNTRUSTED


_STANDINGS = {
    Standing.REVOKED: {"signingCredential.ocsp.revoked", "signingCredential.revoked"},
    Standing.EXPIRED: {"signingCredential.expired", "claimSignature.outsideValidity"},
    Standing.UNSUITABLE: {"signingCredential.invalid"},
}
"""What failures say of the signer's certificate, the gravest first."""


def standing_of(store: Store, trust: Trust, *, timeless: bool = False) -> Standing | None:
    """Return how the signer's certificate stands; None where the signature was not verified.

    `timeless`: the time-stamp that it needs, having run out, is vouched for by no list of such.
    """
    if not any(status.code == _VALIDATED for status in store.codes.success):
        return None
    failed = {status.code for status in store.codes.failure}
    for standing, codes in _STANDINGS.items():
        if failed & codes:
            return standing
    if trust is Trust.TRUSTED:
        return Standing.TRUSTED
    return Standing.EXPIRED if timeless else Standing.UNLISTED


def verified_claims(store: Store) -> frozenset[str]:
    """Return the labels of the manifests whose claim signature verifies, whatever the hashes say.

    An ingredient's success is recorded with it; c2pa-rs checks it again and reports what changed.
    """
    good: set[str] = set()
    bad: set[str] = set()
    for codes in _all_codes(store):
        good |= {_label(status) for status in codes.success if status.code == _VALIDATED}
        bad |= {_label(entry) for entry in codes.failure if entry.code.startswith(_REFUSED[1])}
    return frozenset((good - bad) & set(store.manifests))


def _all_codes(store: Store) -> Iterator[Codes]:
    yield store.codes
    for delta in store.deltas:
        yield delta.codes
    for manifest in store.manifests.values():
        for ingredient in manifest.ingredients or ():
            results = ingredient.validation_results
            if results and results.active:
                yield results.active


def _label(status: Status) -> str:
    return (status.url or "").removeprefix(_STORE_URI).removesuffix(_SIGNATURE)


def findings_of(store: Store) -> Iterator[Finding]:
    """Give every status as a finding: the asset's own, then its ingredients' as warnings."""
    shown = 0
    total = 0
    for outcome, status in _weighed(store):
        total += 1
        if shown < SHOWN_STATUSES:
            shown += 1
            yield _finding(status, outcome)
    if total > shown:
        count = total - shown
        kind = LabelKind.MANIFEST
        yield finding("kz.manifest.more", FindingOutcome.INFORMATIONAL, kind, count=count)


def _weighed(store: Store) -> Iterator[tuple[FindingOutcome, Status]]:
    """Give the statuses, the gravest first."""
    for status in store.codes.failure:
        ingredient = status.code.startswith(_OF_INGREDIENTS)
        yield (FindingOutcome.WARNING if ingredient else FindingOutcome.FAILURE), status
    for delta in store.deltas:
        yield from ((FindingOutcome.WARNING, status) for status in delta.codes.failure)
    for codes in (store.codes, *(delta.codes for delta in store.deltas)):
        yield from ((FindingOutcome.INFORMATIONAL, status) for status in codes.informational)
    for codes in (store.codes, *(delta.codes for delta in store.deltas)):
        yield from ((FindingOutcome.SUCCESS, status) for status in codes.success)


def _finding(status: Status, outcome: FindingOutcome) -> Finding:
    detail = (status.explanation or "")[:LONGEST_EXPLANATION]
    if not detail.isprintable():
        return finding(status.code, outcome, LabelKind.MANIFEST, detail=detail)
    # The same finding: twenty a file are made, and most of the time would go into escaping nothing.
    message = sentence(status.code, "en", detail=detail)
    values = {"detail": detail}
    return Finding(
        code=status.code, outcome=outcome, message=message, label=LabelKind.MANIFEST, values=values
    )
