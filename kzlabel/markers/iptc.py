"""The IPTC digital source type: the mark most AI services leave beside or instead of C2PA.

In XMP as `Iptc4xmpExt:DigitalSourceType`, under its plain name in other tags;
https://cv.iptc.org/newscodes/digitalsourcetype/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel import _ai_properties as names
from kzlabel._source_types import source_type
from kzlabel.model import Evidence, FindingOutcome, LabelKind, Marker, finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kzlabel.model import Tags


class IptcMarker:
    """Other people's source type; ours, known by its label id, is the metadata label's."""

    scheme: ClassVar[str] = "iptc"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark where its source type is in the vocabulary; a bare code is a warning."""
        read = ((family, names.read_from(tags, family)) for family in names.FAMILIES)
        found = (_mark(self.scheme, family, said) for family, said in read)
        return next((mark for mark in found if mark), None)


def _mark(scheme: str, family: str, said: Mapping[str, str]) -> Marker | None:
    value = said.get(names.SOURCE_TYPE, "")
    known = source_type(value)
    if known is None or names.is_ours(said):
        return None
    weak = finding("kz.marker.bare-code", FindingOutcome.WARNING, LabelKind.MARKER, value=value)
    return Marker(
        scheme=scheme,
        origin=known.origin,
        tag=f"{family}: {names.FAMILIES[family][names.SOURCE_TYPE]}",
        evidence=Evidence.STANDARD,
        system=names.system_in(said),
        findings=() if known.exact else (weak,),
    )
