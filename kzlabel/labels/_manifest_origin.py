"""What a manifest store declares about origin, and who says so.

Digital source types stand on actions (C2PA 18.15). What those of a parent and of a part are worth,
the table of `_origins` says (DESIGN 1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kzlabel._origins import WORTH, Voice
from kzlabel._source_types import most_ai, origin_of
from kzlabel.labels._manifest_store import Manifest, Store, joined, mapping, words
from kzlabel.model import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PARENT = "parentOf"
_SOURCE_TYPE = "digitalSourceType"


class Declared(msgspec.Struct, frozen=True):
    """An origin, and the action that declares it."""

    origin: Origin
    system: str | None = None
    when: str | None = None
    path: str = ""
    """Where that stands: the manifest, as what it is there, its assertion and action."""


def declared(store: Store) -> Declared:
    """Return the most AI origin that the active manifest or what it was made from declares."""
    best = Declared(Origin.UNDECLARED)
    for label, inherited in lineage(store):
        voice = _voice(store, label, inherited=inherited)
        for path, action in store.manifests[label].placed_actions():
            origin = WORTH[voice][_origin_of_action(action)]
            if most_ai(best.origin, origin) is not best.origin:
                where = f"{_RELATED[voice]}{label[:LONGEST_LABEL]} {path}.{_SOURCE_TYPE}"
                best = Declared(origin, _agent(action), words(action.get("when")), where)
    return best


_RELATED = {Voice.SIGNED: "", Voice.PARENT: "parentOf ", Voice.PART: "ingredient "}
LONGEST_LABEL = 120
"""Characters; a manifest's label is `urn:c2pa:` and a UUID, maybe with a name, and anybody's."""


def _voice(store: Store, label: str, *, inherited: bool) -> Voice:
    """Return as what a manifest speaks; whether the active one's signature holds comes later."""
    if label == store.active_manifest:
        return Voice.SIGNED
    return Voice.PARENT if inherited else Voice.PART


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


def _origin_of_action(action: Mapping[str, object]) -> Origin:
    kind = words(action.get(_SOURCE_TYPE))
    return origin_of(kind) if kind else Origin.UNDECLARED


def _agent(action: Mapping[str, object]) -> str | None:
    agent = action.get("softwareAgent")
    described = mapping(agent)
    name = words(described.get("name"))
    return joined(name, words(described.get("version"))) if name else words(agent)
