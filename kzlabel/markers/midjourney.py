"""Midjourney: the description ends with the parameters of the prompt and the job's id.

    Description  PROMPT --ar 16:9 --v 6.1 Job ID: 01234567-89ab-cdef-0123-456789abcdef
    Author       the user's name

In XMP `Iptc4xmpExt:DigImageGUID` and the digital source type go with it; the latter is IPTC's mark.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from kzlabel.markers._texts import first, is_uuid, name_of, personal, said
from kzlabel.model import Evidence, Marker, Origin

if TYPE_CHECKING:
    from kzlabel.model import Tags

_PLACES = (
    ("png-text", "Description"),
    ("xmp", "dc:description"),
    ("exif", "ImageDescription"),
    ("iim", "Caption-Abstract"),
)
_AUTHORS = (("png-text", "Author"), ("xmp", "dc:creator"), ("exif", "Artist"))
_JOB = "Job ID:"
_TAIL = 1000
"""Characters before the job's id in which the parameters stand."""
_PARAMETERS = r"--(?:v|version|niji|ar|aspect|s|stylize|style|c|chaos|q|quality|seed|raw|tile)\b"
_VERSION = r"--(v|version|niji) (\d{1,2}(?:\.\d{1,2})?)\b"


class MidjourneyMarker:
    """The job's id after parameters in Midjourney's grammar, or beside the picture's own id."""

    scheme: ClassVar[str] = "midjourney"

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark with the version that the prompt asked for."""
        for where, text in said(tags, _PLACES):
            prompt, key, job = text.rpartition(_JOB)
            job = job.strip()
            if not key or not is_uuid(job):
                continue
            parameters = prompt[-_TAIL:]
            known = re.search(_PARAMETERS, parameters) is not None
            if known or is_uuid(first(tags, ("xmp", "Iptc4xmpExt:DigImageGUID"))):
                return Marker(
                    scheme=self.scheme, origin=Origin.AI_GENERATED, tag=where,
                    evidence=Evidence.VENDOR, system=_system(parameters), provider="Midjourney",
                    label_id=job, personal=personal(prompt=prompt, author=first(tags, *_AUTHORS)),
                )  # fmt: skip
        return None


def _system(parameters: str) -> str | None:
    version = re.search(_VERSION, parameters)
    if version is None:
        return "Midjourney"
    return name_of("Midjourney", "niji" if version[1] == "niji" else "", version[2])
