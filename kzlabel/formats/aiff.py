"""AIFF and AIFF-C: the room; its workings are in `_aiff_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Aiff(Deferred):
    """The AIFF room."""

    spec = FormatSpec(
        name="AIFF",
        medium=Medium.AUDIO,
        media_types=("audio/aiff", "audio/x-aiff"),
        suffixes=(".aiff", ".aif", ".aifc"),
        tags=("id3",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        return head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")

    def workings(self) -> Workings:
        from kzlabel.formats._aiff_room import AiffRoom

        return AiffRoom()
