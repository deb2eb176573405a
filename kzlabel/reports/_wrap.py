"""Lines of styled words, and how a line that is too long goes on below itself."""

from __future__ import annotations

import shutil
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

NARROWEST = 60
"""Columns; a narrower terminal breaks our lines itself."""
PIPED = 100
"""Columns where there is no terminal to ask."""
GLUED = ("№", "No.", "Art.", "ст.", "п.")
"""What a citation does not leave at the end of a line."""


class Style(StrEnum):
    """How a span weighs."""

    PLAIN = "plain"
    TITLE = "title"
    FAINT = "faint"
    GOOD = "good"
    POOR = "poor"
    BAD = "bad"


class Span(NamedTuple):
    """Some words in one style."""

    text: str
    style: Style = Style.PLAIN


class Line(NamedTuple):
    """One line, before it is fitted to a width."""

    spans: tuple[Span, ...]
    hang: int | None = 0
    """Columns by which it goes on below itself; None: never broken (a path, to be copied)."""


def columns(*, terminal: bool) -> int:
    """Return how wide the report may be."""
    if not terminal:
        return PIPED
    return max(NARROWEST, shutil.get_terminal_size((PIPED, 24)).columns)


def wrapped(line: Line, width: int) -> Iterator[tuple[Span, ...]]:
    """Yield `line` in pieces of at most `width` columns, broken at words.

    Only a word that is longer than a whole line is broken inside.
    """
    text = "".join(span.text for span in line.spans)
    if line.hang is None or len(text) <= width:
        yield line.spans
        return
    hang, start, first = line.hang, 0, True
    while start < len(text):
        room = width if first else width - hang
        end = _end(text, start, room, keep=hang if first else 0)
        piece = _cut(line.spans, start, end)
        yield piece if first else (Span(" " * hang), *piece)
        start, first = _next_word(text, end), False


def _end(text: str, start: int, room: int, *, keep: int) -> int:
    """Return where a piece ends: before a space, and after the `keep` columns it begins with."""
    if len(text) - start <= room:
        return len(text)
    least = start + keep
    space = text.rfind(" ", least, start + room + 1)
    while space > least and text.endswith(GLUED, least, space):
        space = text.rfind(" ", least, space)
    return space if space > least else start + room


def _next_word(text: str, at: int) -> int:
    while text[at : at + 1] == " ":
        at += 1
    return at


def _cut(spans: tuple[Span, ...], start: int, end: int) -> tuple[Span, ...]:
    """Return what lies between two columns of a line."""
    pieces: list[Span] = []
    at = 0
    for span in spans:
        piece = span.text[max(0, start - at) : max(0, end - at)]
        if piece:
            pieces.append(Span(piece, span.style))
        at += len(span.text)
    return tuple(pieces)
