"""Word, Excel and PowerPoint files of Office Open XML: the rooms; `_ooxml_room` has the workings.

ECMA-376 / ISO/IEC 29500, https://ecma-international.org/publications-and-standards/standards/ecma-376/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._package_sniff import sniffed
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path

_OPEN = "application/vnd.openxmlformats-officedocument"


class Docx(Deferred):
    """The room of Word documents."""

    spec = FormatSpec(
        name="DOCX",
        medium=Medium.DOCUMENT,
        media_types=(
            f"{_OPEN}.wordprocessingml.document",
            f"{_OPEN}.wordprocessingml.template",
            "application/vnd.ms-word.document.macroEnabled.12",
            "application/vnd.ms-word.template.macroEnabled.12",
        ),
        suffixes=(".docx", ".docm", ".dotx", ".dotm"),
        tags=("ooxml",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        return sniffed(head, path) == "docx"

    def workings(self) -> Workings:
        from kzlabel.formats._docx_judge import pages_of
        from kzlabel.formats._docx_notice import put_notice
        from kzlabel.formats._ooxml_room import OfficeRoom

        return OfficeRoom(put_notice, pages_of)


class Xlsx(Deferred):
    """The room of Excel workbooks."""

    spec = FormatSpec(
        name="XLSX",
        medium=Medium.DOCUMENT,
        media_types=(
            f"{_OPEN}.spreadsheetml.sheet",
            f"{_OPEN}.spreadsheetml.template",
            "application/vnd.ms-excel.sheet.macroEnabled.12",
            "application/vnd.ms-excel.template.macroEnabled.12",
        ),
        suffixes=(".xlsx", ".xlsm", ".xltx", ".xltm"),
        tags=("ooxml",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        return sniffed(head, path) == "xlsx"

    def workings(self) -> Workings:
        from kzlabel.formats._ooxml_room import OfficeRoom
        from kzlabel.formats._xlsx_judge import pages_of
        from kzlabel.formats._xlsx_notice import put_notice

        return OfficeRoom(put_notice, pages_of)


class Pptx(Deferred):
    """The room of PowerPoint presentations."""

    spec = FormatSpec(
        name="PPTX",
        medium=Medium.DOCUMENT,
        media_types=(
            f"{_OPEN}.presentationml.presentation",
            f"{_OPEN}.presentationml.slideshow",
            f"{_OPEN}.presentationml.template",
            "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
            "application/vnd.ms-powerpoint.slideshow.macroEnabled.12",
            "application/vnd.ms-powerpoint.template.macroEnabled.12",
        ),
        suffixes=(".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"),
        tags=("ooxml",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        return sniffed(head, path) == "pptx"

    def workings(self) -> Workings:
        from kzlabel.formats._ooxml_room import OfficeRoom
        from kzlabel.formats._pptx_judge import pages_of
        from kzlabel.formats._pptx_notice import put_notice

        return OfficeRoom(put_notice, pages_of)
