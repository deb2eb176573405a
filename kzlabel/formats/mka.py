"""Matroska and WebM with nothing but sound: the room; its workings are in `_matroska_room`.

Many such files are named as films are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._ebml_sniff import kind_of
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Mka(Deferred):
    """The Matroska audio room."""

    spec = FormatSpec(
        name="Matroska audio",
        medium=Medium.AUDIO,
        media_types=("audio/x-matroska", "audio/matroska", "audio/webm"),
        suffixes=(".mka", ".weba", ".webm", ".mkv"),
        tags=("matroska",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        kind = kind_of(head)
        return kind is not None and kind.audio_only

    def workings(self) -> Workings:
        from kzlabel.formats._matroska_room import MatroskaRoom

        return MatroskaRoom()
