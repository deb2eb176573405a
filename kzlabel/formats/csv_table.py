"""Tables of values parted by commas or tabs: the room; its workings are in `_csv_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._text_sniff import is_text
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class CsvTable(Deferred):
    """The CSV room."""

    spec = FormatSpec(
        name="CSV",
        medium=Medium.TEXT,
        media_types=("text/csv", "text/tab-separated-values"),
        suffixes=(".csv", ".tsv"),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        return path.suffix.lower() in self.spec.suffixes and is_text(head)

    def workings(self) -> Workings:
        from kzlabel.formats._csv_room import CsvRoom

        return CsvRoom()
