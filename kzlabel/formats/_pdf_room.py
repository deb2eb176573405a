"""PDF documents (ISO 32000): notice and tags are appended as incremental updates.

Every byte of the source stays, and what is changed is written after it (`_pdf_update`), so that
links, forms, outlines, attachments, layers and structure need no copying. `_pdf_file` is the
border to pypdf, `_pdf_survey` the look at the bytes before any parser of others gets them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.model import Carrier, Notice, NoticeReport, Placement, Tags


class PdfRoom:
    """What the PDF room does."""

    def manifest_carrier(self, path: Path) -> Carrier:
        from kzlabel.formats._pdf_carrier import carrier_of

        return carrier_of(path)

    def read_tags(self, path: Path) -> Tags:
        from kzlabel.formats._pdf_tags import read_document_tags

        return read_document_tags(path)

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        from kzlabel.formats._pdf_tags import write_document_tags

        write_document_tags(src, dst, tags)

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._pdf_notice import give

        return give(src, dst, notice)

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        from kzlabel.formats._pdf_judge import find_notices

        return find_notices(path, hints, search=search)
