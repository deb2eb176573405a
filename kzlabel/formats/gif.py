"""GIF pictures, still and animated: the room; its workings are in `_gif_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Gif(Deferred):
    """The GIF room."""

    spec = FormatSpec(
        name="GIF",
        medium=Medium.IMAGE,
        media_types=("image/gif",),
        suffixes=(".gif",),
        tags=("xmp",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        return head.startswith((b"GIF87a", b"GIF89a"))

    def workings(self) -> Workings:
        from kzlabel.formats._gif_room import GifRoom

        return GifRoom()
