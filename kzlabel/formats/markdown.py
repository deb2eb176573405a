"""Markdown: the room; its workings are in `_markdown_room`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._text_sniff import is_text
from kzlabel.model import Enclosure, FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


class Markdown(Deferred):
    """The Markdown room."""

    spec = FormatSpec(
        name="Markdown",
        medium=Medium.TEXT,
        media_types=("text/markdown",),
        suffixes=(".md", ".markdown"),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        return path.suffix.lower() in self.spec.suffixes and is_text(head)

    def enclosure(self, path: Path) -> Enclosure | None:  # noqa: ARG002  one for all
        from kzlabel.formats._enclose_plain import PlainEnclosure

        return PlainEnclosure()

    def workings(self) -> Workings:
        from kzlabel.formats._markdown_room import MarkdownRoom

        return MarkdownRoom()
