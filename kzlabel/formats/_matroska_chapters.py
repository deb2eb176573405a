"""Matroska's Chapters (RFC 9559 5.1.7), moved by what was inserted before them.

`EditionEntry`s hold `ChapterAtom`s, with `ChapterTimeStart` and `ChapterTimeEnd` in nanoseconds,
and atoms in atoms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._ebml import CRC32, Budget, encoded, nodes, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzlabel.model import Span

_EDITION, _ATOM, _START, _END = 0x45B9, 0xB6, 0x91, 0x92
MAX_DEPTH = 8
"""Atoms in atoms; players show two or three."""
_NANO = 1_000_000_000


def shifted(chapters: bytes, spans: Sequence[Span], budget: Budget, depth: int = 0) -> bytes:
    """Return what Chapters hold with every time where it is in the longer programme.

    `spans`: what was inserted, in the times of the output, in order. Raises `RefusedError` beyond
    `MAX_DEPTH`.
    """
    if depth > MAX_DEPTH:
        raise RefusedError("kz.error.matroska-lost", path=budget.path, value="ChapterAtom")
    parts = []
    for node in nodes(chapters, budget):
        if node.id in (_EDITION, _ATOM):
            parts.append(encoded(node.id, shifted(node.payload, spans, budget, depth + 1)))
        elif node.id in (_START, _END):
            parts.append(number(node.id, _later(node.number, spans, ends=node.id == _END)))
        elif node.id != CRC32:
            parts.append(node.raw)
    return b"".join(parts)


def _later(time: int, spans: Sequence[Span], *, ends: bool) -> int:
    """Return a time of the programme in the output; an end stays before what is inserted there."""
    added = 0
    for span in spans:
        at = round(span.start * _NANO) - added
        if at > time or (ends and at == time):
            break
        added += round((span.end - span.start) * _NANO)
    return time + added
