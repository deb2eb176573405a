"""Ogg (Vorbis and Opus): the room; its workings are in `_ogg_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Ogg(Deferred):
    """The Ogg room."""

    spec = FormatSpec(
        name="Ogg",
        medium=Medium.AUDIO,
        media_types=("audio/ogg", "audio/opus", "application/ogg", "audio/vorbis"),
        suffixes=(".ogg", ".oga", ".opus", ".spx"),
        tags=("vorbis",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        return head[:5] == b"OggS\0"

    def workings(self) -> Workings:
        from kzlabel.formats._ogg_room import OggRoom

        return OggRoom()
