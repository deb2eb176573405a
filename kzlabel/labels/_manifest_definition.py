"""The definition of a manifest that we sign (DESIGN 3, "The manifest").

C2PA 2.x: the first action is `c2pa.created` or, where there is a parent, `c2pa.opened`; the digital
source type stands on an action of ours; the notice is an edit with its region. Every assertion is a
*created* one: c2pa-rs would otherwise gather all but the hard binding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel import __version__
from kzlabel.errors import printable
from kzlabel.labels._manifest_disclosure import NAME, disclosure_of
from kzlabel.model import Placement, Region, Span, Statement, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

PARENT = "parent"
"""The ingredient's name inside the definition."""

_ACT = {Statement.CREATED: "created", Statement.MODIFIED: "altered"}


def definition(step: Step, *, with_parent: bool, over_broken: bool) -> dict[str, object]:
    """Return the manifest's definition, without the ingredient itself."""
    assertions = {
        "c2pa.actions.v2": {"actions": _actions(step, with_parent=with_parent)},
        "c2pa.ai-disclosure": _model(step),
        NAME: disclosure_of(step, over_broken=over_broken),
    }
    if step.disclosure.training_allowed is False:
        assertions["cawg.training-mining"] = _TRAINING_FORBIDDEN
    return {
        "claim_generator_info": [{"name": "kzlabel", "version": __version__}],
        "title": printable(step.name),
        "format": step.media_type,
        "assertions": [
            {"label": label, "data": content, "created": True}
            for label, content in assertions.items()
        ],
    }


_TRAINING_FORBIDDEN: dict[str, object] = {
    "entries": {
        "cawg.ai_training": {"use": "notAllowed"},
        "cawg.ai_generative_training": {"use": "notAllowed"},
    }
}
"""Art. 23(5), in the words of CAWG's training and data mining assertion 1.1."""


def _model(step: Step) -> dict[str, object]:
    """Return the content of `c2pa.ai-disclosure` (C2PA 2.4, 18.28).

    How much a person oversaw is left out: only the service knows, and it was not asked.
    """
    return {"modelType": "c2pa.types.model", "modelName": _agent(step)["name"]}


def _agent(step: Step) -> dict[str, str]:
    system = step.disclosure.system
    return {"name": system.name} | ({"version": system.version} if system.version else {})


def _actions(step: Step, *, with_parent: bool) -> list[dict[str, object]]:
    when = step.disclosure.issued.isoformat()
    making: dict[str, object] = {
        "action": "c2pa.edited" if with_parent else "c2pa.created",
        "when": when,
        "softwareAgent": _agent(step),
        "digitalSourceType": step.disclosure.statement.digital_source_type,
    }
    opened: dict[str, object] = {
        "action": "c2pa.opened",
        "when": when,
        "parameters": {"ingredientIds": [PARENT]},
    }
    made = (entry for entry in step.placements if entry not in step.kept_notices)
    notices = [_edit(entry, when) for entry in made if entry.inside]
    return [*([opened] if with_parent else ()), making, *notices]


def _edit(placement: Placement, when: str) -> dict[str, object]:
    act = _ACT[placement.statement]
    described = f"notice that an AI system {act} this: {' / '.join(placement.lines)}"
    edit: dict[str, object] = {"action": "c2pa.edited", "when": when, "description": described}
    where = _where(placement)
    if where:  # words in running text are found by reading it
        change = {"description": f"the {placement.medium} notice", "region": where}
        edit["changes"] = [change]
    return edit


def _where(placement: Placement) -> list[Mapping[str, object]]:
    """Return the regions of interest (C2PA 18.2): where on the picture or page, and when."""
    spatial = [_spatial(placement.region)] if placement.region else []
    pages = [_paged(placement.pages)] if placement.pages else []
    return [*spatial, *pages, *map(_temporal, placement.spans[:MOST_REGIONS])]


MOST_REGIONS = 64
"""Repeats listed in the action; our own assertion has them all."""


def _paged(pages: int) -> Mapping[str, object]:
    """Return the first `pages` pages, as frames counted from 0."""
    return {"type": "frame", "frame": {"start": 0, "end": pages - 1}}


def _temporal(span: Span) -> Mapping[str, object]:
    """Return a stretch of time, in seconds as normal play time (RFC 7826 4.4.2)."""
    start, end = f"{span.start:.3f}", f"{span.end:.3f}"
    return {"type": "temporal", "time": {"type": "npt", "start": start, "end": end}}


def _spatial(region: Region) -> Mapping[str, object]:
    """Return a region of interest (C2PA 18.2), in percent of the displayed picture."""
    return {
        "type": "spatial",
        "shape": {
            "type": "rectangle",
            "unit": "percent",
            "origin": {"x": _percent(region.x), "y": _percent(region.y)},
            "width": _percent(region.w),
            "height": _percent(region.h),
        },
    }


def _percent(fraction: float) -> float:
    return round(fraction * 100.0, 4)
