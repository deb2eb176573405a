"""What labels declare of the origin, and what each of them is worth: DESIGN 1 as one table; pure.

The most AI value wins. A label that anybody could have written or broken can raise the origin, and
never clears it; AI in a parent is inherited, AI that only went into a part alters the whole. Labels
that contradict one another are named in pairs, each side with its path and its evidence.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import islice, product
from typing import TYPE_CHECKING, NamedTuple

from kzlabel._source_types import most_ai
from kzlabel.model import (
    Evidence,
    Finding,
    FindingOutcome,
    Integrity,
    LabelKind,
    Marker,
    Origin,
    Reading,
    finding,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_CONFLICTS = 8
"""Pairs that are named; of more, only the count is told."""


class Voice(StrEnum):
    """Who says something of the asset's origin."""

    SIGNED = "signed"
    """An intact signed manifest, of the asset itself."""
    CLAIMED = "claimed"
    """What anybody could have written: a broken manifest, a sidecar, metadata, a mark, a code."""
    PARENT = "parent"
    """The manifest of what the asset was made from: `parentOf`, and so on to the first."""
    PART = "part"
    """The manifest of what went into it: `componentOf`, `inputTo`, or below one of these."""


_MADE, _ALTERED, _MAYBE, _NOT, _NOTHING = Origin
WORTH: Mapping[Voice, Mapping[Origin, Origin]] = {
    voice: dict(zip(Origin, row, strict=True))
    for voice, row in {
        # it says:      ai-generated, ai-modified, possibly-ai, not-ai, undeclared
        Voice.SIGNED: (_MADE, _ALTERED, _MAYBE, _NOT, _NOTHING),
        Voice.CLAIMED: (_MADE, _ALTERED, _MAYBE, _NOTHING, _NOTHING),
        Voice.PARENT: (_MADE, _ALTERED, _MAYBE, _NOTHING, _NOTHING),
        Voice.PART: (_ALTERED, _ALTERED, _MAYBE, _NOTHING, _NOTHING),
    }.items()
}
"""Who says it -> what it says -> what that is worth for the asset."""


class Declaration(NamedTuple):
    """What one label declares, and all that a finding tells of it."""

    voice: Voice
    said: Origin
    path: str
    """The label, where it lies, and where inside it that stands."""
    evidence: Evidence

    @property
    def worth(self) -> Origin:
        """The origin it declares for the asset."""
        return WORTH[self.voice][self.said]


def declarations(readings: Sequence[Reading], markers: Sequence[Marker]) -> tuple[Declaration, ...]:
    """Return what every label and every mark declares."""
    return (*map(_of_label, readings), *map(_of_marker, markers))


def origin_in(declared: Sequence[Declaration]) -> Origin:
    """Return the most AI origin that any of these is worth."""
    return most_ai(*(one.worth for one in declared))


def _of_label(reading: Reading) -> Declaration:
    report = reading.report
    intact = reading.integrity is Integrity.INTACT
    proves = intact and report.kind is LabelKind.MANIFEST
    where = ": ".join(filter(None, (report.where, reading.path)))
    return Declaration(
        Voice.SIGNED if proves else Voice.CLAIMED,
        reading.said or report.origin,
        f"{report.scheme} ({where})" if where else report.scheme,
        report.evidence or (Evidence.SIGNED if intact else Evidence.STANDARD),
    )


def _of_marker(marker: Marker) -> Declaration:
    path = f"{marker.scheme} ({marker.tag})"
    return Declaration(Voice.CLAIMED, marker.origin, path, marker.evidence)


# --- Contradictions -------------------------------------------------------------------------------

_HINTS_AT_AI = (Origin.AI_GENERATED, Origin.AI_MODIFIED, Origin.POSSIBLY_AI)
_ORDER = {value: rank for values in (Origin, Evidence) for rank, value in enumerate(values)}


def conflicts(declared: Sequence[Declaration]) -> tuple[Finding, ...]:
    """Return a finding for each two labels of which one says, or hints at, AI, the other not AI.

    What counts is what they say, and not what it is worth: a broken camera's label contradicts too.
    """
    ai = sorted((one for one in declared if one.said in _HINTS_AT_AI), key=_gravity)
    human = sorted((one for one in declared if one.said is Origin.NOT_AI), key=_gravity)
    named = tuple(_conflict(*pair) for pair in islice(product(ai, human), MOST_CONFLICTS))
    rest = len(ai) * len(human) - len(named)
    if not rest:
        return named
    more = finding("kz.origin.conflict-more", FindingOutcome.INFORMATIONAL, count=rest)
    return (*named, more)


def _gravity(one: Declaration) -> tuple[int, int]:
    return _ORDER[one.said], _ORDER[one.evidence]


def _conflict(first: Declaration, second: Declaration) -> Finding:
    sides = {"first": first, "second": second}
    values = {name: side.path for name, side in sides.items()}
    for name, side in sides.items():
        values |= {f"{name}_origin": side.said, f"{name}_evidence": side.evidence}
        values[f"{name}_evidence.code"] = f"kz.origin.evidence.{side.evidence}"
    return finding("kz.origin.conflict", FindingOutcome.WARNING, **values)
