"""Lists of paths, one a line or ended by NULs: read as they are needed, whatever is in them.

Names are bytes; a list of lines may have been made on another system, and begin with a byte-order
mark or end its lines with CR LF.
"""

from __future__ import annotations

import codecs
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from kzlabel.errors import UsageError

LONGEST = 4097
"""Bytes of a path that are kept: one more than Linux takes, so that its row says it is too long."""
STANDARD_INPUT = Path("-")
_CHUNK = 65536


def paths_in(source: Path, *, null: bool) -> Iterator[Path]:
    """Yield the paths in the list at `source` (`-`: standard input), one named twice again.

    Raises `UsageError` where the list cannot be read, or where it turns out that its paths are
    ended by NULs though nobody said so.
    """
    entries = _entries(_chunks(source), b"\0" if null else b"\n")
    for entry in entries if null else _lines(entries):
        if b"\0" in entry:
            raise UsageError("kz.error.list-null", path=source)
        if entry:
            yield Path(os.fsdecode(entry))


def _chunks(source: Path) -> Iterator[bytes]:
    """Yield what is there as soon as it is there: a pipe may be slow."""
    try:
        file = _standard_input() if source == STANDARD_INPUT else os.open(source, os.O_RDONLY)
        try:
            while chunk := os.read(file, _CHUNK):
                yield chunk
        finally:
            os.close(file)
    except (OSError, ValueError) as exc:  # a NUL in its name
        raise UsageError("kz.error.list-closed", path=source, detail=exc) from exc


def _standard_input() -> int:
    if sys.stdin is None:  # it was closed before we began: what has its number now is not it
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return os.dup(0)


def _entries(chunks: Iterator[bytes], end: bytes) -> Iterator[bytes]:
    """Yield what lies between ends; of an endless one the beginning."""
    rest = b""
    for chunk in chunks:
        *whole, tail = chunk.split(end)
        for piece in whole:
            yield (rest + piece)[:LONGEST]
            rest = b""
        rest = (rest + tail)[:LONGEST]
    yield rest


def _lines(entries: Iterator[bytes]) -> Iterator[bytes]:
    mark = codecs.BOM_UTF8
    for entry in entries:
        yield entry.removeprefix(mark).removesuffix(b"\r")
        mark = b""
