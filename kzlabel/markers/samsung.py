"""Samsung Galaxy AI: `"genAIType": N` in the JSON that its editor leaves behind the picture.

Not documented by Samsung. In files of Galaxy phones any number but 0 goes with a generative edit
(the numbers differ by tool), so the picture is taken to be altered, and a finding says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._texts import said
from kzlabel.model import Evidence, FindingOutcome, LabelKind, Marker, Origin, finding

if TYPE_CHECKING:
    from kzlabel.model import Tags

_KEY = (("samsung", "genAIType"),)
_MAX_DIGITS = 4


class SamsungMarker:
    """A number that is not 0."""

    scheme: ClassVar[str] = "samsung"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark of a picture that Galaxy AI edited."""
        for where, text in said(tags, _KEY):
            value = text.strip()
            if len(value) <= _MAX_DIGITS and value.isdecimal() and int(value):
                code = "kz.marker.samsung"
                said_ = finding(code, FindingOutcome.INFORMATIONAL, LabelKind.MARKER, value=value)
                return Marker(
                    scheme=self.scheme, origin=Origin.AI_MODIFIED, tag=where,
                    evidence=Evidence.VENDOR, system="Galaxy AI", provider="Samsung",
                    findings=(said_,),
                )  # fmt: skip
        return None
