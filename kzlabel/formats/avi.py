"""AVI video: the room; its workings are in `_avi_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Avi(Deferred):
    """The AVI room."""

    spec = FormatSpec(
        name="AVI",
        medium=Medium.VIDEO,
        media_types=("video/x-msvideo", "video/avi", "video/msvideo"),
        suffixes=(".avi",),
        tags=("xmp",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        return head[:4] == b"RIFF" and head[8:12] == b"AVI "

    def workings(self) -> Workings:
        from kzlabel.formats._avi_room import AviRoom

        return AviRoom()
