"""Lists of paths, one a line or ended by NULs: read as they are needed, whatever is in them.

Names are bytes; a list of lines may have been made on another system, and begin with a byte-order
mark or end its lines with CR LF.
"""

from __future__ import annotations

import codecs
import errno
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kzlabel.batch._sifting import sifted
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
    return (path for path in _paths(_chunks(source), source, null=null) if path is not None)


def arriving_in(source: Path, *, null: bool) -> Iterator[Path | None]:
    """Yield the paths in a list that may be slow to come, as `paths_in`; None: no more just now."""
    return _paths(_arriving(source), source, null=null)


def _paths(chunks: Iterator[bytes | None], source: Path, *, null: bool) -> Iterator[Path | None]:
    entries = _entries(chunks, b"\0" if null else b"\n")
    for entry in sifted(entries if null else _lines(entries), bool):
        if entry is None:
            yield None
        elif b"\0" in entry:
            raise UsageError("kz.error.list-null", path=source)
        else:
            yield Path(os.fsdecode(entry))


def _chunks(source: Path) -> Iterator[bytes]:
    """Yield what is there as soon as it is there: a pipe may be slow."""
    with _opened(source) as file:
        while chunk := os.read(file, _CHUNK):
            yield chunk


def _arriving(source: Path) -> Iterator[bytes | None]:
    """Yield what is there, and None while there is nothing."""
    with _opened(source) as file:
        coming = select.poll()
        coming.register(file, select.POLLIN)
        while True:
            if not coming.poll(0):
                yield None
            elif chunk := os.read(file, _CHUNK):
                yield chunk
            else:
                return


@contextmanager
def _opened(source: Path) -> Iterator[int]:
    try:
        file = _standard_input() if source == STANDARD_INPUT else os.open(source, os.O_RDONLY)
        try:
            yield file
        finally:
            os.close(file)
    except (OSError, ValueError) as exc:  # a NUL in its name
        raise UsageError("kz.error.list-closed", path=source, detail=exc) from exc


def _standard_input() -> int:
    if sys.stdin is None:  # it was closed before we began: what has its number now is not it
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return os.dup(0)


def _entries(chunks: Iterator[bytes | None], end: bytes) -> Iterator[bytes | None]:
    """Yield what lies between ends; of an endless one the beginning."""
    rest = b""
    for chunk in chunks:
        if chunk is None:
            yield None
            continue
        *whole, tail = chunk.split(end)
        for piece in whole:
            yield (rest + piece)[:LONGEST]
            rest = b""
        rest = (rest + tail)[:LONGEST]
    yield rest


def _lines(entries: Iterator[bytes | None]) -> Iterator[bytes | None]:
    mark = codecs.BOM_UTF8
    for entry in entries:
        if entry is None:
            yield None
            continue
        yield entry.removeprefix(mark).removesuffix(b"\r")
        mark = b""
