"""JSON: the room; its workings are in `_json_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._text_sniff import is_text
from kzlabel.model import COMPANION_SUFFIXES, FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class JsonData(Deferred):
    """The JSON room."""

    spec = FormatSpec(
        name="JSON",
        medium=Medium.TEXT,
        media_types=("application/json",),
        suffixes=(".json", ".geojson"),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        if path.name.endswith(COMPANION_SUFFIXES):
            return False  # a label, and never an asset itself
        return path.suffix.lower() in self.spec.suffixes and is_text(head)

    def workings(self) -> Workings:
        from kzlabel.formats._json_room import JsonRoom

        return JsonRoom()
