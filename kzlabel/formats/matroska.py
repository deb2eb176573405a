"""Matroska video: the room; its workings are in `_matroska_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._ebml_sniff import kind_of
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Matroska(Deferred):
    """The Matroska room."""

    spec = FormatSpec(
        name="Matroska",
        medium=Medium.VIDEO,
        media_types=(
            "video/x-matroska",
            "video/matroska",
            "video/matroska-3d",
        ),
        suffixes=(
            ".mkv",
            ".mk3d",
        ),
        tags=("matroska",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        kind = kind_of(head)
        return kind is not None and kind.doc_type == "matroska" and not kind.audio_only

    def workings(self) -> Workings:
        from kzlabel.formats._matroska_room import MatroskaRoom

        return MatroskaRoom()
