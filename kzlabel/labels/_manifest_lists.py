"""Which trust list vouches for the signer and for the time: their kinds, which c2pa-rs ignores.

c2pa-rs takes any anchor for any purpose and names the list it found. A list of another kind may
only have hidden the right one, so the file is read again with the lists of the right kind alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kzlabel._identity import now
from kzlabel.labels._c2pa_settings import kind_of_list
from kzlabel.labels._manifest_signer import find_certificate
from kzlabel.labels._manifest_status import SIGNER_TRUSTED, TIME_TRUSTED, succeeded
from kzlabel.labels._manifest_store import Store, parse
from kzlabel.model import Finding, FindingOutcome, LabelKind, finding
from kzlabel.trust import TrustKind

if TYPE_CHECKING:
    from kzlabel.trust import TrustStore

TIME_OF_ANOTHER_KIND = "kz.trust.time-kind"
"""Code of the remark that only a list of another kind vouches for the time-stamp."""
Again = Callable[[TrustKind], str | None]
"""Reads the same file with the lists of one kind alone; gives the store's JSON."""


def judge_lists(
    store: Store, held: bytes, trust: TrustStore, again: Again
) -> tuple[bool, tuple[Finding, ...]]:
    """Say whether a list of claim signers vouches for the signer, and what there is to remark."""
    if not trust.of(TrustKind.CLAIM):
        return False, (_remark("kz.trust.none", FindingOutcome.INFORMATIONAL),)
    if succeeded(store, SIGNER_TRUSTED) is None:
        return False, ()
    if not _vouched(store, SIGNER_TRUSTED, TrustKind.CLAIM, again):
        return False, (_remark("kz.trust.kind", FindingOutcome.WARNING),)
    stamped = succeeded(store, TIME_TRUSTED) is not None
    if not stamped or _vouched(store, TIME_TRUSTED, TrustKind.TSA, again):
        return True, ()
    remark = _remark(TIME_OF_ANOTHER_KIND, FindingOutcome.WARNING)
    return not _rests_on_time(store, held), (remark,)


def _vouched(store: Store, code: str, kind: TrustKind, again: Again) -> bool:
    """Whether a list of `kind` explains this success; claims of version 1 name none for a time."""
    status = succeeded(store, code)
    named = kind_of_list((status and status.explanation) or "")
    if named is kind or (named is None and code == TIME_TRUSTED):
        return True
    text = again(kind)
    try:
        return text is not None and succeeded(parse(text), code) is not None
    except ValueError:
        return False


def _rests_on_time(store: Store, held: bytes) -> bool:
    """Whether the signer's certificate holds only by the time-stamp, or that cannot be told."""
    signature = store.active.signature_info
    certificate = find_certificate(held, signature) if signature else None
    return certificate is None or certificate.not_after <= now()


def _remark(code: str, outcome: FindingOutcome) -> Finding:
    return finding(code, outcome, LabelKind.MANIFEST)
