"""Makers that sign with exact words in exact tags: no more, and no less, is their mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kzlabel._source_types import RANK
from kzlabel.markers._texts import Place, said
from kzlabel.model import Evidence, Marker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kzlabel.model import Origin, Tags


class Maker(NamedTuple):
    """Who signs so."""

    scheme: str
    provider: str
    system: str | None = None


def exact(
    tags: Tags, places: Sequence[Place], words: Mapping[str, Origin], maker: Maker
) -> Marker | None:
    """Return the mark where a tag is exactly one of `words`; the most AI of them wins."""
    texts = ((text.strip(), where) for where, text in said(tags, places))
    found = [(words[text], where) for text, where in texts if text in words]
    if not found:
        return None
    origin, where = min(found, key=lambda one: RANK[one[0]])
    return Marker(
        scheme=maker.scheme, origin=origin, tag=where, evidence=Evidence.VENDOR,
        system=maker.system, provider=maker.provider,
    )  # fmt: skip
