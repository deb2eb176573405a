"""A look at the bytes of a PDF, before any parser gets them.

Parsers unpack all cross-reference and object streams at once (ISO 32000-2, 7.5.7, 7.5.8), so these
are measured here, with a limit; c2pa-rs has none, and takes gigabytes for a file of some kilobytes.
Signatures name the bytes they cover in a `/ByteRange`, in the clear.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterator
    from pathlib import Path

MOST_STRUCTURE = 64 * 1024 * 1024
"""Unpacked bytes of all cross-reference and object streams; 2,000 pages have about 2 MB."""
MOST_STREAMS = 20_000
"""Such streams; each holds a hundred objects or more."""
_PIECE = 1 << 16
_DICTIONARY = 1 << 14
"""Bytes before its name in which the dictionary of such a stream begins."""
_UNPACKED_PIECE = 1 << 20


def _name(name: str) -> bytes:
    """Return a pattern for a name; any letter of it may be written as # and two digits (7.3.5)."""
    return b"/" + b"".join(b"(?:%c|#(?i:%02x))" % (byte, byte) for byte in name.encode())


_STRUCTURE = re.compile(b"(?:" + _name("ObjStm") + b"|" + _name("XRef") + rb")(?![\w#])")
_BYTE_RANGE = re.compile(_name("ByteRange"))
_FILTER = re.compile(rb"/(\w+Decode|Fl|LZW|A85|AHx|RL|Crypt)\b")
_HASHED_FILTER = re.compile(rb"/[A-Za-z]*#")
_PLAIN: tuple[list[bytes], ...] = ([], [b"FlateDecode"], [b"Fl"])


@dataclass(frozen=True)
class Survey:
    """What the bytes show."""

    has_signature: bool


def survey_of(path: Path, content: bytes | mmap.mmap) -> Survey:
    """Look at the bytes; raises `LimitError` for streams that would be a bomb to parsers."""
    signed = _BYTE_RANGE.search(content) is not None
    unpacked = 0
    for count, (start, end) in enumerate(_structure_streams(content)):
        filters = _FILTER.findall(content, start, end)
        if filters not in _PLAIN or _HASHED_FILTER.search(content, start, end):
            said = b" ".join(filters).decode("ascii", "replace")
            raise LimitError("kz.error.pdf-filters", path=path, detail=said)
        if count >= MOST_STREAMS:
            raise LimitError("kz.error.pdf-limit", path=path, detail=f"{count} object streams")
        for piece in _unpacked(content, end):
            unpacked += len(piece)
            signed = signed or _BYTE_RANGE.search(piece) is not None
            if unpacked > MOST_STRUCTURE:
                raise LimitError("kz.error.pdf-bomb", path=path, limit=MOST_STRUCTURE)
    return Survey(signed)


def _structure_streams(content: bytes | mmap.mmap) -> Iterator[tuple[int, int]]:
    """Yield where the dictionary of each such stream begins, and where its bytes do."""
    known = -1
    for found in _STRUCTURE.finditer(content):
        if found.end() <= known:
            continue  # the stream that follows was seen already
        known = content.find(b"stream", found.end())
        if known < 0:
            return
        if content[known - 3 : known] != b"end":
            earliest = max(0, found.start() - _DICTIONARY)
            yield max(earliest, content.rfind(b"obj", earliest, found.start())), known


def _unpacked(content: bytes | mmap.mmap, at: int) -> Iterator[bytes]:
    """Yield what is packed after the keyword at `at`, piece by piece, as far as it can be read."""
    at += len(b"stream")
    at += 2 if content[at : at + 2] == b"\r\n" else 1
    unpacker = zlib.decompressobj()
    packed = b""
    while not unpacker.eof:
        packed = unpacker.unconsumed_tail
        if not packed:
            packed, at = content[at : at + _PIECE], at + _PIECE
        if not packed:
            return
        try:
            yield unpacker.decompress(packed, _UNPACKED_PIECE)
        except zlib.error:
            return
