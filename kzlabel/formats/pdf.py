"""PDF documents: the room; its workings are in `_pdf_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path

HEADER = b"%PDF-"
HEADER_WITHIN = 1024
"""Bytes in which readers look for the header (ISO 32000-1, implementation note 13 of PDF 1.7)."""


class Pdf(Deferred):
    """The PDF room."""

    spec = FormatSpec(
        name="PDF",
        medium=Medium.DOCUMENT,
        media_types=("application/pdf",),
        suffixes=(".pdf",),
        tags=("xmp", "pdf-info"),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  the head is enough
        return HEADER in head[:HEADER_WITHIN]

    def workings(self) -> Workings:
        from kzlabel.formats._pdf_room import PdfRoom

        return PdfRoom()
