"""JPEG XL pictures, bare codestream or container: the room; its workings are in `_jxl_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path

_CODESTREAM = b"\xff\x0a"
_CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"


class Jxl(Deferred):
    """The JXL room."""

    spec = FormatSpec(
        name="JPEG XL",
        medium=Medium.IMAGE,
        media_types=("image/jxl",),
        suffixes=(".jxl",),
        tags=("xmp",),
        extra="jxl",
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        return head.startswith((_CODESTREAM, _CONTAINER))

    def workings(self) -> Workings:
        from kzlabel.formats._jxl_room import JxlRoom

        return JxlRoom()
