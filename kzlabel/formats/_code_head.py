"""What must stay first in a source file, and what encoding it declares.

A shebang, an encoding declaration (PEP 263), an XML declaration, an open tag of PHP, directives of
YAML, of Docker and of editors: comments put before them would end their meaning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kzlabel.formats._code_syntax import Syntax

_ARMOUR = re.compile(r"[^\n]{0,8}-----BEGIN C2PA MANIFEST-----[^\n]*(?:\n|\Z)")
"""A manifest (C2PA 2.4, A.9): ours or another's, it stays the first line."""
_FIRST = re.compile(
    r"""
    \#!(?!\[)                                                  # a shebang; in Rust, `#![` is none
  | \#(?:cloud-config|compdef|autoload|lang)\b                 # cloud-init, zsh, Racket
  | \#\ *language\ *:                                          # Gherkin
  | [^\n]{0,200}-\*-                                           # Emacs, and what it says of encoding
  | [ \t\f]*\#[^\n]{0,200}?coding[:=]                          # PEP 263, Ruby
  | \#\ *(?:syntax|escape|check)\ *=                           # Dockerfile
  | \#\ *(?:frozen_string_literal|typed|warn_indent)\ *:       # Ruby
  | //\ *(?:swift-tools-version|@flow|@ts-\w+)                 # Swift, Flow, TypeScript
  | /\*[^\n]{0,200}@(?:flow|jest-\w+|jsx\w*|format)\b          # Flow, Jest
  | --!                                                        # Luau
  | %&|%\ *!TEX\b                                              # TeX
  | @charset\b                                                 # CSS
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LINE = re.compile(r"[^\n]*(?:\n|\Z)")
_XML = re.compile(r"<\?xml\s[^>]{0,1000}\?>[ \t]*(?:\r?\n)?")
_YAML = re.compile(
    r"(?:%(?:YAML|TAG)\b[^\n]*\n(?:[#%][^\n]*\n|[ \t]*\r?\n){0,99})?---[ \t]*(?:\r?\n|\Z)"
)
_PHP = re.compile(r"<\?php(?=\s|\Z)[ \t]*(?:\r?\n)?", re.IGNORECASE)
_MOST_LINES = 8
_DECLARED = (
    re.compile(r"(?:[^\n]*\n)?[ \t\f]*#[^\n]{0,200}?coding[:=][ \t]*([-\w.]+)"),
    re.compile(r"<\?xml\s[^>]{0,1000}?encoding\s*=\s*[\"']([A-Za-z][-\w.]*)[\"']"),
    re.compile(r"@charset\s+\"([-\w.]+)\"", re.IGNORECASE),
)


class Head(NamedTuple):
    """Where a comment may be put first, and whether the line before must be ended for it."""

    end: int
    is_open: bool


def head_of(text: str, syntax: Syntax, *, yaml: bool) -> Head | None:
    """Return what must stay first in `text`; None where a program begins in the middle of it."""
    at = 0
    for _ in range(_MOST_LINES):
        found = _ARMOUR.match(text, at)
        if not found and _FIRST.match(text, at):
            found = _LINE.match(text, at)
        if not found:
            break
        at = found.end()
    pattern = _XML if syntax.markup else _PHP if "#" in syntax.line[1:] else _YAML if yaml else None
    found = pattern.match(text, at) if pattern else None
    if pattern is _PHP and not found:
        return None
    at = found.end() if found else at
    return Head(at, is_open=at > 0 and not text.endswith("\n", 0, at))


def without_armour(text: str) -> str:
    """Return `text` without the manifest in its first lines, which nobody reads."""
    at = 0
    for _ in range(_MOST_LINES):
        found = _ARMOUR.match(text, at)
        if found:
            return text[:at] + text[found.end() :]
        line = _LINE.match(text, at)
        at = line.end() if line else at
    return text


def declared_encoding(text: str) -> str:
    """Return the encoding that the first lines declare, in lower case; empty without any."""
    found = next(filter(None, (pattern.match(text) for pattern in _DECLARED)), None)
    return found[1].lower() if found else ""
