"""Plain text, with `.txt`, `.log` or no suffix: the room; its workings are in `_plain_room`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._text_sniff import bom_of, is_text
from kzlabel.model import Enclosure, FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path

_MISNAMED = (".srt", ".vtt")
"""Subtitles are known by their content; text without it that is called so is plain."""
_STRUCTURED = re.compile(rb"\s*(?:<[!?/a-zA-Z]|\{\s*[\"}]|\[\s*[\[{\"\]]|-----BEGIN |#!)")
"""What programs read: without a suffix to say otherwise, a line before it would spoil it."""


class Plain(Deferred):
    """The room of plain text: the last, for what no other knows."""

    spec = FormatSpec(
        name="Text",
        medium=Medium.TEXT,
        media_types=("text/plain",),
        suffixes=(".txt", ".text", ".log"),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        suffix = path.suffix.lower()
        if suffix in self.spec.suffixes or suffix in _MISNAMED:
            return is_text(head)
        bare = head.removeprefix(bom_of(head)[0])
        if suffix or path.name.startswith(".") or _STRUCTURED.match(bare):
            return False
        return is_text(head)

    def enclosure(self, path: Path) -> Enclosure | None:  # noqa: ARG002  the name says nothing
        from kzlabel.formats._enclose_plain import PlainEnclosure

        return PlainEnclosure()

    def workings(self) -> Workings:
        from kzlabel.formats._plain_room import PlainRoom

        return PlainRoom()
