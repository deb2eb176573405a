"""Source types in the tags that no label's row is about: a row names one place, files have several.

They may contradict a label. The origin rests on what the report shows, and a mark's row shows the
most AI of its places, so they raise nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel import _ai_properties as names
from kzlabel._origins import Declaration, Voice
from kzlabel.markers._schema_org_terms import any_source_type
from kzlabel.markers._tag_names import fields
from kzlabel.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel.model import Marker, Reading, Tags


def unclaimed(
    tags: Tags, readings: Sequence[Reading], markers: Sequence[Marker]
) -> Iterator[Declaration]:
    """Give each source type that stands in a place no row names."""
    told = {mark.tag for mark in markers} | {reading.report.where for reading in readings}
    for own, tag in fields(tags):
        if names.OWN_NAMES.get(own) == names.SOURCE_TYPE and tag.where not in told:
            known = any_source_type(tag.value)
            if known:
                path = f"iptc ({tag.where})"
                yield Declaration(Voice.CLAIMED, known.origin, path, Evidence.STANDARD)
