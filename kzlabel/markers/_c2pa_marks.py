"""The family `c2pa` of tags: what `labels/_manifest_marks` takes from a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.markers._tag_names import unrepeated
from kzlabel.model import Evidence, Integrity

if TYPE_CHECKING:
    from collections.abc import Mapping

FAMILY = "c2pa"
PLACES = ("", "parent:", "part:")
"""Before a name: the asset's own manifest, one it was made from, one of what only went into it."""


def placed(name: str) -> tuple[str, str]:
    """Return the place of a name, and the name without it and without its repeat."""
    bare = unrepeated(name)
    place = next((place for place in PLACES[1:] if bare.startswith(place)), "")
    return place, bare.removeprefix(place)


def evidence_of(held: Mapping[str, str]) -> Evidence:
    """Return what words in a manifest rest on: its signature where it holds, else themselves."""
    intact = held.get("integrity") == Integrity.INTACT.value
    return Evidence.SIGNED if intact else Evidence.VENDOR
