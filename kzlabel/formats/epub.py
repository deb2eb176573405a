"""EPUB books: the room; its workings are in `_epub_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._package_sniff import sniffed
from kzlabel.model import FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Epub(Deferred):
    """The room of books."""

    spec = FormatSpec(
        name="EPUB",
        medium=Medium.DOCUMENT,
        media_types=("application/epub+zip",),
        suffixes=(".epub",),
        tags=("epub",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        return sniffed(head, path) in self.spec.media_types

    def workings(self) -> Workings:
        from kzlabel.formats._epub_room import EpubRoom

        return EpubRoom()
