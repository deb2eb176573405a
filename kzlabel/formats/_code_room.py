"""Source code and configuration: the notice is a comment in the first lines, for who reads them.

    [shebang, declarations] # words · words <newline> the text as it was

The file means what it meant: what must stay first stays first, and what is declared about its
encoding is kept to.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._code_head import declared_encoding, head_of, without_armour
from kzlabel.formats._code_syntax import HASH, Syntax, syntax_of
from kzlabel.formats._text_room import SEPARATOR, EnclosingRoom
from kzlabel.formats._text_sight import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kzlabel.formats._assembled import Stretch
    from kzlabel.formats._text_file import TextFile
    from kzlabel.notices.prose import Run

_KNOWN = re.compile(r"ascii|utf-8|cp125\d|cp866|iso8859-\d+|koi8-[rtu]|kz1048|ptcp154|mac-cyrillic")
"""Encodings in which ASCII is ASCII."""
_YAML = (".yaml", ".yml")
_BEFORE = {"#": r"(?<!\S)", ";": r"(?<!\S)", "//": r"(?<![:\w])", "%": r"(?<!\\)",
           '"': r"^[ \t]*", "@rem": r"^[ \t]*"}  # fmt: skip
"""What may stand before a comment's beginning, so that it is one: `$#` is not, nor is `http://`."""
_SHOWN = re.compile(r"\S")


class CodeRoom(EnclosingRoom):
    """What the room of source code does."""

    carrier = "kz.carrier.text-comment"

    def opened(self, path: Path) -> TextFile:
        file = super().opened(path)
        name = declared_encoding(file.head)
        if file.bom or name in ("", "utf-8", "utf8"):
            return file
        try:
            encoding = codecs.lookup(name).name
        except LookupError:
            encoding = ""
        if not _KNOWN.fullmatch(encoding):
            raise RefusedError("kz.error.text-declared", path=path, encoding=name)
        return replace(file, encoding=encoding)

    def parts(self, file: TextFile, lines: tuple[str, ...]) -> Iterable[bytes | Stretch]:
        syntax = _syntax(file)
        newline = file.newline
        head = head_of(file.head, syntax, yaml=file.path.suffix.lower() in _YAML)
        if head is None:
            raise RefusedError("kz.error.text-place", path=file.path)
        opening, closing = syntax.pair
        said = f"{opening}{SEPARATOR.join(lines)}{closing}{newline}"
        if head.is_open:
            said = newline + said
        if not file.head.startswith(("\n", "\r"), head.end):
            said += newline
        return file.with_words(head.end, said)

    def runs(self, file: TextFile) -> Iterable[Run]:
        syntax = _syntax(file)
        text = without_armour(file.shown)
        return runs_of(_comments(text, syntax))


def _syntax(file: TextFile) -> Syntax:
    return syntax_of(file.path, file.head[:512].encode("utf-8", "replace")) or HASH


def _comments(text: str, syntax: Syntax) -> str:
    """Return `text` with marks that end a sentence in the place of all that is no comment."""
    kept, at = [], 0
    for token in _tokens(syntax).finditer(text):
        if token["comment"] is not None:
            kept += [_SHOWN.sub(";", text[at : token.start()]), token[0]]
            at = token.end()
    kept.append(_SHOWN.sub(";", text[at:]))
    return "".join(kept)


@cache
def _tokens(syntax: Syntax) -> re.Pattern[str]:
    """Return what finds comments and strings; each alternative matches to its end or the text's."""
    comments = [
        f"{re.escape(opening)}.*?(?:{re.escape(closing)}|\\Z)" for opening, closing in syntax.block
    ]
    comments += [f"{_BEFORE.get(mark, '')}{re.escape(mark)}[^\\n]*+" for mark in syntax.line]
    strings = []
    if syntax.docstrings:
        comments.append(r"^[ \t]*[rRuU]?(?:\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z))")
        strings.append(r"\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)")
    strings += [
        rf"{mark}(?:[^{mark}\\\n]|\\.)*+{mark}?" if mark != "`" else r"`(?:[^`\\]|\\.)*+`?"
        for mark in syntax.quotes
    ]
    other = f"|{'|'.join(strings)}" if strings else ""
    return re.compile(f"(?P<comment>{'|'.join(comments)}){other}", re.DOTALL | re.MULTILINE)
