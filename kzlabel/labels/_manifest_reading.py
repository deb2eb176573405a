"""From what c2pa-rs found to a reading: the axes, the report and the findings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from kzlabel._origins import WORTH, Voice
from kzlabel.errors import printable
from kzlabel.labels._manifest_disclosure import Said, code_keys_of, hints_of, said_in
from kzlabel.labels._manifest_lists import TIME_OF_ANOTHER_KIND, Again, judge_lists
from kzlabel.labels._manifest_marks import marks_of
from kzlabel.labels._manifest_origin import Declared, declared
from kzlabel.labels._manifest_signer import find_certificate
from kzlabel.labels._manifest_status import findings_of, integrity_of, standing_of, trust_of
from kzlabel.labels._manifest_store import Store, parse
from kzlabel.labels._signer_trust import state_of
from kzlabel.model import (
    Finding,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    Origin,
    Reading,
    Signer,
    Standing,
    finding,
)

if TYPE_CHECKING:
    from kzlabel.trust import TrustStore

SCHEME = "c2pa"
EMBEDDED = "embedded"
LONGEST_NAME = 300
"""Characters of a name from a manifest that a report repeats."""
_DEVELOPMENT = "development"


def reading_of_ruin(
    detail: str, where: str | None, code: str = "kz.manifest.unreadable", **values: object
) -> Reading:
    """Return the reading of something damaged beyond checking; `code` says what is wrong."""
    seen = _finding(code, FindingOutcome.FAILURE, detail=_shown(detail) or "", **values)
    report = _report(LabelState.INVALID, where)
    return Reading(
        report=report, integrity=Integrity.UNREADABLE, findings=(seen,), embedded=where is None
    )


def reading_of_doubt(detail: str) -> Reading:
    """Return the reading of a damaged file that shows no store: whether it holds one is untold.

    There is no label to be reported (its state is `absent`), and none to be relied on.
    """
    seen = _finding("kz.manifest.untold", FindingOutcome.WARNING, detail=_shown(detail))
    report = _report(LabelState.ABSENT, None)
    return Reading(report=report, integrity=Integrity.UNREADABLE, findings=(seen,), embedded=True)


def reading_of_reference(url: str, where: str | None) -> Reading:
    """Return the reading of a file that only names a URL."""
    seen = _finding("kz.manifest.remote", FindingOutcome.INFORMATIONAL, url=_shown(url))
    report = _report(LabelState.REFERENCED, where)
    return Reading(
        report=report, integrity=Integrity.ABSENT, findings=(seen,), embedded=where is None
    )


def reading_of_store(
    text: str,
    held: bytes,
    trust: TrustStore,
    where: str | None,
    again: Again,
) -> Reading:
    """Return the reading of a manifest store that c2pa-rs reports as `text`.

    `held` are the bytes the manifest lies in, as far as they are in memory.
    """
    try:
        store = parse(text)
    except ValueError as exc:
        return reading_of_ruin(str(exc), where)
    integrity = integrity_of(store)
    on_a_list, lists = judge_lists(store, held, trust, again)
    trusted = trust_of(store, listed=on_a_list)
    said = said_in(store)
    notes = (_over_broken(),) if said.over_broken else ()
    origin = declared(store)
    timeless = any(one.code == TIME_OF_ANOTHER_KIND for one in lists)
    signer = _signer(store, held, standing_of(store, trusted, timeless=timeless))
    return Reading(
        report=_report_of(
            store, _Spoken(origin, said), signer, where, state_of(integrity, trusted)
        ),
        integrity=integrity,
        trust=trusted,
        findings=(*findings_of(store), *lists, *notes),
        hints=hints_of(store),
        embedded=where is None,
        said=origin.origin,
        path=_shown(origin.path) or "",
        marks=marks_of(store, integrity, origin.origin),
        code_keys=code_keys_of(store),
    )


def _over_broken() -> Finding:
    return _finding("kz.manifest.over-broken", FindingOutcome.WARNING)


class _Spoken(NamedTuple):
    """What the actions of a manifest declare, and what our own assertion in it does."""

    origin: Declared
    said: Said


def _report_of(
    store: Store, spoken: _Spoken, signer: Signer | None, where: str | None, state: LabelState
) -> LabelReport:
    origin, said = spoken
    signature = store.active.signature_info
    times = (signature.time if signature else None, origin.when, said.issued)
    return _report(
        state,
        where,
        origin=WORTH[_voice(state)][origin.origin],
        system=_shown(said.system or origin.system or store.active.generator),
        provider=_shown(said.provider),
        signer=signer,
        created=next((moment for moment in map(_moment, times) if moment), None),
        label_id=_shown(said.label_id),
    )


def _voice(state: LabelState) -> Voice:
    """Return what a manifest speaks as: a broken one is worth what anybody could have written."""
    return Voice.CLAIMED if state is LabelState.INVALID else Voice.SIGNED


def _signer(store: Store, held: bytes, standing: Standing | None) -> Signer | None:
    signature = store.active.signature_info
    if signature is None:
        return None
    name = signature.common_name or signature.issuer
    certificate = find_certificate(held, signature)
    return Signer(
        name=_shown(name),
        issuer=_shown(certificate.issuer) if certificate else None,
        not_after=certificate.not_after if certificate else None,
        standing=standing,
        development=_DEVELOPMENT in f"{name} {signature.issuer}".casefold(),
    )


def _moment(text: str | None) -> datetime | None:
    """Return an ISO 8601 moment in UTC; None for what is not one."""
    try:
        moment = datetime.fromisoformat(text or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _shown(text: str | None) -> str | None:
    return printable(text[:LONGEST_NAME]) if text else None


def _finding(code: str, outcome: FindingOutcome, **values: object) -> Finding:
    return finding(code, outcome, LabelKind.MANIFEST, **values)


def _report(  # noqa: PLR0913  the members of a report, each by its name
    state: LabelState,
    where: str | None,
    *,
    origin: Origin = Origin.UNDECLARED,
    system: str | None = None,
    provider: str | None = None,
    signer: Signer | None = None,
    created: datetime | None = None,
    label_id: str | None = None,
) -> LabelReport:
    return LabelReport(
        kind=LabelKind.MANIFEST,
        scheme=SCHEME,
        state=state,
        origin=origin,
        system=system,
        provider=provider,
        signer=signer,
        created=created,
        label_id=label_id,
        where=where or EMBEDDED,
    )
