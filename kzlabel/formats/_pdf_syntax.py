"""Whether every object of a PDF is written in syntax that lopdf reads.

lopdf (c2pa-rs 0.91) leaves out, in silence, each object that it cannot parse: a page with a number
such as `--5` or `1e5`, a name such as `/a#zz`, or brackets a hundred deep is gone from the document
that it writes. Other readers guess. So the objects in use are matched against the plain syntax of
ISO 32000-2, 7.3; what departs from it goes unread past c2pa-rs. Reals that single precision would
round visibly count as departing too.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from pypdf.generic import IndirectObject, StreamObject  # noqa: TID253  imported lazily

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzlabel.formats._pdf_file import Document

DEEPEST = 64
"""Brackets within brackets; lopdf gives up at a hundred."""
_SPACE = rb"\0\t\n\f\r "
_END = rb"(?=[%b()<>\[\]/%%]|$)" % _SPACE
_TOKENS = (
    rb"[%b]++" % _SPACE,
    rb"/(?:[^%b()<>\[\]{}/%%#]|#[0-9A-Fa-f]{2})*+" % _SPACE,
    rb"[+-]?(?:\d{1,18}|\d{0,5}\.\d++|\d{1,18}\.0*+)" + _END,
    rb"<<|>>|\[|\]",
    rb"(?:R|true|false|null)" + _END,
    rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*+\))*+\))*+\)",
    rb"<[0-9A-Fa-f%b]*+>" % _SPACE,
    rb"%[^\r\n]*+",
)
_BRACKETS = re.compile(rb"<<|>>|\[|\]")
_LENGTH = re.compile(rb"/Length\s+(?:(\d+)\s+(\d+)\s+R|\d)")


@cache
def _plain() -> re.Pattern[bytes]:
    return re.compile(rb"(?:%b)*+" % b"|".join(_TOKENS), re.DOTALL)


@cache
def _object() -> re.Pattern[bytes]:
    body = rb"(?P<body>(?:%b)*+)" % b"|".join(_TOKENS)
    return re.compile(rb"\s?(\d+)\s+(\d+)\s+obj" + body + rb"(?P<end>endobj|stream)?", re.DOTALL)


def is_plain(document: Document) -> bool:
    """Whether lopdf reads all that is in use, and rounds nothing."""
    reader = document.reader
    if reader.lost or "/Root" not in reader.trailer:
        return False
    return all(_objects(document)) and all(_packed(document))


def _objects(document: Document) -> Iterator[bool]:
    """Tell of each object in the file, in the order they stand."""
    places = sorted(
        (offset, number, generation)
        for generation, entries in document.reader.xref.items()
        for number, offset in entries.items()
        if offset
    )
    for offset, number, generation in places:
        found = _object().match(document.content, offset)
        if found is None or (int(found[1]), int(found[2])) != (number, generation):
            yield False
            return
        body = found["body"]
        is_stream = found["end"] == b"stream" and _has_length(document, body)
        whole = found["end"] == b"endobj" or is_stream
        yield whole and _depth(body) <= DEEPEST


def _has_length(document: Document, body: bytes) -> bool:
    said = _LENGTH.search(body)
    if said is None:
        return False
    reader = document.reader
    if said[1] is None or int(said[1]) in reader.xref_objStm:
        return True
    return int(said[1]) in reader.xref.get(int(said[2]), {})


def _packed(document: Document) -> Iterator[bool]:
    """Tell of each object stream in use."""
    reader = document.reader
    for number in {stream for stream, _ in reader.xref_objStm.values()}:
        stream = reader.get_object(IndirectObject(number, 0, reader))
        if not isinstance(stream, StreamObject):
            yield False
            return
        content = stream.get_data()
        found = _plain().match(content)
        yield found is not None and found.end() == len(content) and _depth(content) <= DEEPEST


def _depth(body: bytes) -> int:
    """Return how deep brackets nest; one in a string may count, which errs to the safe side."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(body):
        depth += 1 if bracket in (b"<<", b"[") else -1
        deepest = max(deepest, depth)
    return deepest
