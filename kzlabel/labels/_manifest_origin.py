"""What a manifest store declares about origin, and who says so.

Digital source types stand on actions (C2PA 18.15). What the parent declared is inherited unchanged;
AI that only went into a component makes the whole `ai-modified` (DESIGN 1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kzlabel._source_types import most_ai, origin_of
from kzlabel.labels._manifest_store import Manifest, Store, joined, mapping, words
from kzlabel.model import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PARENT = "parentOf"
_AI = {Origin.AI_GENERATED, Origin.AI_MODIFIED}
_NOT_OF_AI = {Origin.NOT_AI, Origin.UNDECLARED}


class Declared(msgspec.Struct, frozen=True):
    """An origin, and the action that declares it."""

    origin: Origin
    system: str | None = None
    when: str | None = None


def declared(store: Store) -> Declared:
    """Return the most AI origin that the active manifest or what it was made from declares."""
    best = Declared(Origin.UNDECLARED)
    for label, inherited in lineage(store):
        for action in store.manifests[label].actions():
            origin = _origin_of_action(action)
            if label != store.active_manifest:
                origin = _as_seen(origin, inherited=inherited)
            if most_ai(best.origin, origin) is not best.origin:
                best = Declared(origin, _agent(action), words(action.get("when")))
    return best


def lineage(store: Store) -> Iterator[tuple[str, bool]]:
    """Give each manifest the active one rests on, once as parent (True), once as part (False).

    At most two visits a manifest, so the walk ends whatever rings an attacker ties.
    """
    waiting = [(store.active_manifest or "", True)]
    seen = set(waiting)
    while waiting:
        label, inherited = waiting.pop()
        manifest = store.manifests.get(label)
        if manifest is None:
            continue
        yield label, inherited
        steps = dict.fromkeys(_steps(manifest, inherited=inherited))
        new = [step for step in steps if step not in seen]
        seen.update(new)
        waiting += new


def _steps(manifest: Manifest, *, inherited: bool) -> Iterator[tuple[str, bool]]:
    for ingredient in manifest.ingredients or ():
        if ingredient.active_manifest:
            yield ingredient.active_manifest, inherited and ingredient.relationship == _PARENT


def _as_seen(origin: Origin, *, inherited: bool) -> Origin:
    """Weigh what an ingredient declares: the AI of a part alters the whole.

    That an ingredient was not AI's says nothing about what was made of it, by whoever signed next.
    """
    if origin in _NOT_OF_AI:
        return Origin.UNDECLARED
    if inherited or origin not in _AI:
        return origin
    return Origin.AI_MODIFIED


def _origin_of_action(action: Mapping[str, object]) -> Origin:
    kind = words(action.get("digitalSourceType"))
    return origin_of(kind) if kind else Origin.UNDECLARED


def _agent(action: Mapping[str, object]) -> str | None:
    agent = action.get("softwareAgent")
    described = mapping(agent)
    name = words(described.get("name"))
    return joined(name, words(described.get("version"))) if name else words(agent)
