"""The IPTC digital source type in XMP: the mark most AI services leave beside or instead of C2PA.

https://cv.iptc.org/newscodes/digitalsourcetype/, property `Iptc4xmpExt:DigitalSourceType`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel import _ai_properties as names
from kzlabel._source_types import source_type
from kzlabel.model import FindingOutcome, LabelKind, Marker, finding

if TYPE_CHECKING:
    from kzlabel.model import Tags


class IptcMarker:
    """Other people's source type; ours, known by its label id, is the metadata label's."""

    scheme: ClassVar[str] = "iptc"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark where its source type is in the vocabulary; a bare code is a warning."""
        value = tags.get("xmp", {}).get(names.SOURCE_TYPE, "")
        known = source_type(value)
        if known is None or names.our_label_id(tags):
            return None
        weak = finding("kz.marker.bare-code", FindingOutcome.WARNING, LabelKind.MARKER, value=value)
        return Marker(
            scheme=self.scheme,
            origin=known.origin,
            tag=f"xmp: {names.SOURCE_TYPE}",
            system=names.system_of(tags),
            findings=() if known.exact else (weak,),
        )
