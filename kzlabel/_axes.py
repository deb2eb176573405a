"""The four axes of DESIGN 1, found from what labels, markers and notices say: pure, no I/O.

Origin is the most AI value declared; integrity and trust are the deciding label's; the notice is
what a person can perceive. They are never folded into one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel._origins import Declaration, conflicts, declarations, origin_in
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
DAMAGED = frozenset({Integrity.BROKEN, Integrity.UNREADABLE})
NOT_THERE = frozenset({LabelState.ABSENT, LabelState.REFERENCED})
"""States of a label whose bytes are not at hand: unless nobody can tell, they decide nothing."""


class Axes(Value, frozen=True):
    """The four things that are never folded into one another."""

    origin: Origin
    integrity: Integrity
    trust: Trust
    notice: NoticeState


def axes_of(
    readings: Sequence[Reading],
    markers: Sequence[Marker],
    notices: Sequence[NoticeReport],
    external: bool,  # noqa: FBT001  the contract every caller was given
    also: Sequence[Declaration] = (),
) -> tuple[Axes, tuple[Finding, ...]]:
    """Return the axes, and what the labels come to only when they are seen together.

    `external` is whether a label declares that its notice is shown beside the asset; `also` is what
    else is declared: it may contradict a label, and raises nothing.
    """
    declared = declarations(readings, markers)
    signed = _by_rank(readings)
    deciding = signed[0] if signed else None
    notice = _notice(notices, external=external)
    axes = Axes(
        origin=origin_in(declared),
        integrity=deciding.integrity if deciding else _unsigned(readings, markers),
        trust=deciding.trust if deciding else Trust.UNKNOWN,
        notice=notice,
    )
    found = (
        *conflicts((*declared, *also)),
        *_mismatches(signed),
        *_external(notice, external=external),
    )
    return axes, found


def origin_of(readings: Sequence[Reading], markers: Sequence[Marker]) -> Origin:
    """Return the most AI value that any of these declares, before notices are looked at."""
    return origin_in(declarations(readings, markers))


def _rank(reading: Reading) -> int | None:
    """Return a signed label's place in the order of deciding; None where it cannot decide."""
    if reading.report.state in NOT_THERE and reading.integrity is Integrity.ABSENT:
        return None
    if reading.report.kind is LabelKind.MANIFEST:
        return 0 if reading.embedded else 1
    return {LabelKind.REPORT: 0, LabelKind.SIDECAR: 2}.get(reading.report.kind)


def _by_rank(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Return the signed labels that are there, the deciding one first."""
    ranked = [(rank, reading) for reading in readings if (rank := _rank(reading)) is not None]
    return tuple(reading for _, reading in sorted(ranked, key=lambda pair: pair[0]))


def _unsigned(readings: Sequence[Reading], markers: Sequence[Marker]) -> Integrity:
    there = any(reading.report.state not in NOT_THERE for reading in readings)
    marked = any(not _says_nothing(marker) for marker in markers)
    return Integrity.UNPROTECTED if there or marked else Integrity.ABSENT


def _says_nothing(marker: Marker) -> bool:
    """Whether it is the claim of a watermark that we cannot read: nothing to be protected."""
    return marker.kind is LabelKind.WATERMARK and marker.origin is Origin.UNDECLARED


def _notice(notices: Sequence[NoticeReport], *, external: bool) -> NoticeState:
    judged = {notice.perceivable for notice in notices}
    if True in judged:
        return NoticeState.PERCEIVABLE
    if None in judged or external:
        return NoticeState.UNDETERMINED
    return NoticeState.IMPAIRED if judged else NoticeState.ABSENT


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
