"""The four axes of DESIGN 1, found from what labels, markers and notices say: pure, no I/O.

Origin is the most AI value declared; integrity and trust are the deciding label's; the notice is
what a person can perceive. They are never folded into one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kzlabel.model import (
    Finding,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelState,
    Marker,
    NoticeReport,
    NoticeState,
    Origin,
    Reading,
    Trust,
    Value,
    finding,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

DECLARED_AI = frozenset({Origin.AI_GENERATED, Origin.AI_MODIFIED})
AI_OR_MAYBE = DECLARED_AI | {Origin.POSSIBLY_AI}
DAMAGED = frozenset({Integrity.BROKEN, Integrity.UNREADABLE})
NOT_THERE = frozenset({LabelState.ABSENT, LabelState.REFERENCED})
"""States of a label whose bytes are not at hand: unless nobody can tell, they decide nothing."""


class Axes(Value, frozen=True):
    """The four things that are never folded into one another."""

    origin: Origin
    integrity: Integrity
    trust: Trust
    notice: NoticeState


class _Declaration(NamedTuple):
    """What one label declares, and what it is called in a finding."""

    origin: Origin
    name: str
    counts: bool = True
    """False: it may contradict another, but proves nothing itself (an unsigned `not-ai`)."""


def axes_of(
    readings: Sequence[Reading],
    markers: Sequence[Marker],
    notices: Sequence[NoticeReport],
    external: bool,  # noqa: FBT001  the contract every caller was given
) -> tuple[Axes, tuple[Finding, ...]]:
    """Return the axes, and what the labels come to only when they are seen together.

    `external` is whether a label declares that its notice is shown beside the asset.
    """
    declarations = _declarations(readings, markers)
    signed = _by_rank(readings)
    deciding = signed[0] if signed else None
    notice = _notice(notices, external=external)
    axes = Axes(
        origin=_origin(declarations),
        integrity=deciding.integrity if deciding else _unsigned(readings, markers),
        trust=deciding.trust if deciding else Trust.UNKNOWN,
        notice=notice,
    )
    found = (*_conflict(declarations), *_mismatches(signed), *_external(notice, external=external))
    return axes, found


def origin_of(readings: Sequence[Reading], markers: Sequence[Marker]) -> Origin:
    """Return the most AI value that any of these declares, before notices are looked at."""
    return _origin(_declarations(readings, markers))


def _declarations(
    readings: Sequence[Reading], markers: Sequence[Marker]
) -> tuple[_Declaration, ...]:
    return (*map(_declared_by_label, readings), *map(_declared_by_marker, markers))


def _declared_by_label(reading: Reading) -> _Declaration:
    report = reading.report
    name = f"{report.scheme} ({report.where})" if report.where else report.scheme
    proves = report.kind is LabelKind.MANIFEST and reading.integrity is Integrity.INTACT
    return _Declaration(report.origin, name, proves or report.origin is not Origin.NOT_AI)


def _declared_by_marker(marker: Marker) -> _Declaration:
    name = f"{marker.scheme} ({marker.tag})"
    return _Declaration(marker.origin, name, marker.origin is not Origin.NOT_AI)


def _origin(declarations: Sequence[_Declaration]) -> Origin:
    """Return the most AI value declared, in the order of the enum."""
    said = {declaration.origin for declaration in declarations if declaration.counts}
    return next((origin for origin in Origin if origin in said), Origin.UNDECLARED)


def _rank(reading: Reading) -> int | None:
    """Return a signed label's place in the order of deciding; None where it cannot decide."""
    if reading.report.state in NOT_THERE and reading.integrity is Integrity.ABSENT:
        return None
    if reading.report.kind is LabelKind.MANIFEST:
        return 0 if reading.embedded else 1
    return 2 if reading.report.kind is LabelKind.SIDECAR else None


def _by_rank(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Return the signed labels that are there, the deciding one first."""
    ranked = [(rank, reading) for reading in readings if (rank := _rank(reading)) is not None]
    return tuple(reading for _, reading in sorted(ranked, key=lambda pair: pair[0]))


def _unsigned(readings: Sequence[Reading], markers: Sequence[Marker]) -> Integrity:
    there = any(reading.report.state not in NOT_THERE for reading in readings)
    return Integrity.UNPROTECTED if there or markers else Integrity.ABSENT


def _notice(notices: Sequence[NoticeReport], *, external: bool) -> NoticeState:
    judged = {notice.perceivable for notice in notices}
    if True in judged:
        return NoticeState.PERCEIVABLE
    if None in judged or external:
        return NoticeState.UNDETERMINED
    return NoticeState.IMPAIRED if judged else NoticeState.ABSENT


def _conflict(declarations: Sequence[_Declaration]) -> tuple[Finding, ...]:
    """Return one finding where a label says `not-ai` and another says, or hints at, AI."""
    order = list(Origin)
    ai = [one for one in declarations if one.origin in AI_OR_MAYBE]
    human = [one for one in declarations if one.origin is Origin.NOT_AI]
    if not ai or not human:
        return ()
    most = min(ai, key=lambda one: order.index(one.origin))
    values = {"first": most.name, "first_origin": most.origin, "second": human[0].name}
    return (finding("kz.origin.conflict", FindingOutcome.WARNING, **values),)


def _mismatches(signed: Sequence[Reading]) -> tuple[Finding, ...]:
    """Warn of each damaged label beside an intact deciding one: anyone can lay a file there."""
    if not signed or signed[0].integrity is not Integrity.INTACT:
        return ()
    return tuple(
        finding(
            "kz.sidecar.mismatch",
            FindingOutcome.WARNING,
            reading.report.kind,
            name=reading.report.where or reading.report.scheme,
        )
        for reading in signed[1:]
        if reading.integrity in DAMAGED
    )


def _external(notice: NoticeState, *, external: bool) -> tuple[Finding, ...]:
    if not external or notice is NoticeState.PERCEIVABLE:
        return ()
    return (finding("kz.notice.external", FindingOutcome.INFORMATIONAL),)
