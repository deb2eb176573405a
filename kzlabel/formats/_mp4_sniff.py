"""What kind of ISO or QuickTime file this is, from a few box headers: for sniffing, so light.

`ftyp` (ISO/IEC 14496-12 4.3) names the family; which tracks `moov` holds says audio or video. Files
of QuickTime before 2004 have no `ftyp` and begin with `moov`, `mdat`, `wide`, `free` or `skip`
(QuickTime File Format, "Movie files"). Never raises: what cannot be walked is not claimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.formats._brands import AUDIO, QUICKTIME, STILL, brands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_STEPS = 512
"""Boxes stepped over at one level before a file is left to its brand."""
_OLD_STARTS = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_MOVIE_PARTS = (b"mvhd", b"cmov", b"rmra")
_HEADER, _LARGE = 8, 16


class Kind(Enum):
    """Which room a file belongs to."""

    AUDIO = "audio"
    VIDEO = "video"
    QUICKTIME = "quicktime"


@dataclass(frozen=True)
class _Span:
    kind: bytes
    start: int
    end: int


def kind_of(head: bytes, path: Path) -> Kind | None:
    """Return the room's kind of a file that begins with `head`; None for other files."""
    listed = brands(head)
    old = not listed and head[4:8] in _OLD_STARTS
    if not old and (not listed or listed & STILL):
        return None
    try:
        with path.open("rb") as stream:
            return _kind(stream, head[8:12] if listed else b"", listed)
    except OSError:
        return None


def _kind(stream: BinaryIO, major: bytes, listed: frozenset[bytes]) -> Kind | None:
    movie = next((box for box in _top(stream) if box.kind == b"moov"), None)
    if movie is None:
        return _by_brand(major) if listed else None
    parts = [box for box in _walk(stream, movie.start, movie.end) if box.kind != b"free"]
    if not listed and not any(box.kind in _MOVIE_PARTS for box in parts):
        return None
    handlers = [_handler(stream, box) for box in parts if box.kind == b"trak"]
    if b"vide" not in handlers and b"soun" in handlers:
        return Kind.AUDIO
    return Kind.QUICKTIME if not listed or major == QUICKTIME else _by_handlers(major, handlers)


def _by_brand(major: bytes) -> Kind:
    if major == QUICKTIME:
        return Kind.QUICKTIME
    return Kind.AUDIO if major in AUDIO else Kind.VIDEO


def _by_handlers(major: bytes, handlers: list[bytes]) -> Kind:
    """Return the kind of an ISO file; an audio book's chapters may have pictures of their own."""
    book = major in AUDIO and b"soun" in handlers
    return Kind.AUDIO if book or (major in AUDIO and not handlers) else Kind.VIDEO


def _top(stream: BinaryIO) -> Iterator[_Span]:
    return _walk(stream, 0, stream.seek(0, 2))


def _walk(stream: BinaryIO, start: int, end: int) -> Iterator[_Span]:
    for _ in range(MAX_STEPS):
        if start >= end:  # a size of 64 bits may lie beyond what can be sought
            return
        stream.seek(start)
        header = stream.read(min(_LARGE, end - start))
        if len(header) < _HEADER:
            return
        size, payload = int.from_bytes(header[:4]), start + _HEADER
        if size == 1:
            size, payload = int.from_bytes(header[8:16]), start + _LARGE
        stop = end if size == 0 else start + size
        if stop < payload:
            return
        yield _Span(header[4:8], payload, min(stop, end))
        start = stop


def _handler(stream: BinaryIO, trak: _Span) -> bytes:
    """Return the handler type of a track: `vide`, `soun`, `text`…; empty where there is none."""
    for media in _walk(stream, trak.start, trak.end):
        if media.kind == b"mdia":
            for box in _walk(stream, media.start, media.end):
                if box.kind == b"hdlr":
                    stream.seek(box.start + 8)
                    return stream.read(4)
    return b""
