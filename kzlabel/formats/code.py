"""Source code and configuration: one room for all languages with comments, see `_code_syntax`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._code_syntax import BY_SUFFIX, Syntax, syntax_of
from kzlabel.formats._deferred import Deferred, Workings
from kzlabel.formats._text_sniff import bom_of, is_text
from kzlabel.model import Enclosure, FormatSpec, Medium

if TYPE_CHECKING:
    from pathlib import Path


_FIRST_LINE = 512


class Code(Deferred):
    """The room of source code."""

    spec = FormatSpec(
        name="Source code",
        medium=Medium.TEXT,
        media_types=("text/x-source",),
        suffixes=tuple(BY_SUFFIX),
    )

    def sniff(self, head: bytes, path: Path) -> bool:
        return self.syntax(head, path) is not None and is_text(head)

    def syntax(self, head: bytes, path: Path) -> Syntax | None:
        """Return how comments are written in a file of this name that begins with `head`."""
        return syntax_of(path, head.removeprefix(bom_of(head)[0]))

    def enclosure(self, path: Path) -> Enclosure | None:
        from kzlabel.formats import _enclose_comment

        with path.open("rb") as file:
            syntax = self.syntax(file.read(_FIRST_LINE), path)
        if syntax is None:
            return None
        pair = _enclose_comment.XML if syntax.markup else syntax.pair
        return _enclose_comment.CommentEnclosure(pair)

    def workings(self) -> Workings:
        from kzlabel.formats._code_room import CodeRoom

        return CodeRoom()
