"""OpenDocument texts, spreadsheets and presentations: the rooms; their workings are `_odf_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._package_sniff import sniffed
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path

_TYPE = "application/vnd.oasis.opendocument."


def _spec(name: str, kind: str, suffixes: tuple[str, ...]) -> FormatSpec:
    types = (_TYPE + kind, f"{_TYPE}{kind}-template")
    return FormatSpec(
        name=name, medium=Medium.DOCUMENT, media_types=types, suffixes=suffixes, tags=("odf",)
    )


class Odt(Deferred):
    """The room of texts."""

    spec = _spec("ODT", "text", (".odt", ".ott"))

    def sniff(self, head: bytes, path: Path) -> bool:
        return sniffed(head, path) in self.spec.media_types

    def workings(self) -> Workings:
        from kzlabel.formats._odf_room import OdfRoom
        from kzlabel.formats._odf_text import Text

        return OdfRoom(Text)


class Ods(Deferred):
    """The room of spreadsheets."""

    spec = _spec("ODS", "spreadsheet", (".ods", ".ots"))

    def sniff(self, head: bytes, path: Path) -> bool:
        return sniffed(head, path) in self.spec.media_types

    def workings(self) -> Workings:
        from kzlabel.formats._odf_room import OdfRoom
        from kzlabel.formats._odf_sheets import Sheets

        return OdfRoom(Sheets)


class Odp(Deferred):
    """The room of presentations."""

    spec = _spec("ODP", "presentation", (".odp", ".otp"))

    def sniff(self, head: bytes, path: Path) -> bool:
        return sniffed(head, path) in self.spec.media_types

    def workings(self) -> Workings:
        from kzlabel.formats._odf_room import OdfRoom
        from kzlabel.formats._odf_slides import Slides

        return OdfRoom(Slides)
