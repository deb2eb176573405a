"""HEIC and HEIF pictures: the room; its workings are in `_heic_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._brands import AVIF, HEIF, brands
from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Heic(Deferred):
    """The HEIC room."""

    spec = FormatSpec(
        name="HEIC",
        medium=Medium.IMAGE,
        media_types=("image/heic", "image/heif"),
        suffixes=(".heic", ".heif", ".hif"),
        tags=("xmp",),
        extra="heic",
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  content decides
        found = brands(head)
        return bool(found & HEIF) and not found & AVIF

    def workings(self) -> Workings:
        from kzlabel.formats._heic_room import HeicRoom

        return HeicRoom()
