"""Hugging Face: PNG `hf-job-id`, the UUID of the hosted job that made the picture.

It names the job and no model, so the picture may be AI: most such jobs run generators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._texts import first, is_uuid
from kzlabel.model import Evidence, FindingOutcome, LabelKind, Marker, Origin, finding

if TYPE_CHECKING:
    from kzlabel.model import Tags


class HuggingFaceMarker:
    """The id of a job."""

    scheme: ClassVar[str] = "hugging-face"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark of a picture that a hosted job made."""
        job = first(tags, ("png-text", "hf-job-id"))
        if not is_uuid(job):
            return None
        said = finding("kz.marker.hosted-job", FindingOutcome.INFORMATIONAL, LabelKind.MARKER)
        return Marker(
            scheme=self.scheme, origin=Origin.POSSIBLY_AI, tag="png-text: hf-job-id",
            evidence=Evidence.RESIDUE, provider="Hugging Face", label_id=job, findings=(said,),
        )  # fmt: skip
