"""FLAC: the room; its workings are in `_flac_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Flac(Deferred):
    """The FLAC room."""

    spec = FormatSpec(
        name="FLAC",
        medium=Medium.AUDIO,
        media_types=("audio/flac", "audio/x-flac"),
        suffixes=(".flac",),
        tags=("vorbis",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        if head[:3] != b"ID3":
            return head[:4] == b"fLaC"
        from kzlabel.formats._id3 import tag_size

        begin = tag_size(head)
        with path.open("rb") as file:
            file.seek(begin)
            return begin > 0 and file.read(4) == b"fLaC"

    def workings(self) -> Workings:
        from kzlabel.formats._flac_room import FlacRoom

        return FlacRoom()
