"""Texts in chunks of RIFF and IFF: `LIST` of `INFO`, Broadcast Wave's `bext`, and unknown chunks.

`INFO` (RIFF 1.0, 1991): chunks of a name of four bytes and a text that ends in a zero, in whatever
encoding the writer had. `bext` (EBU Tech 3285): description(256) originator(32) … and behind the
602nd byte the coding history. A chunk that nobody here knows and that is nothing but printable
text is told too: so GB 45438-2025 has `AIGC`, and iXML its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Protocol

from kzlabel.errors import LimitError
from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_TEXT = 1 << 24
"""Bytes of a text chunk that is read."""
MAX_INFO = 256
"""Lists, and texts in all of them, that are read."""
MAX_COUNTED = 10_000
"""Texts in all lists that a file may have."""
MAX_OTHERS = 64
"""Unknown chunks that are looked at."""
_SAMPLE = 64
_BEXT_HISTORY = 602
_BEXT = ((0, 256), (256, 288), (_BEXT_HISTORY, MAX_TEXT))
"""Description, originator, coding history."""
_KNOWN = frozenset((
    b"LIST", b"fmt ", b"data", b"fact", b"cue ", b"plst", b"smpl", b"inst", b"PEAK", b"ds64",
    b"id3 ", b"ID3 ", b"_PMX", b"JUNK", b"junk", b"PAD ", b"FLLR", b"Fake", b"C2PA", b"bext",
    b"levl", b"umid", b"chna", b"axml", b"MD5 ", b"acid", b"slnt", b"idx1", b"indx", b"movi",
    b"hdrl", b"strl", b"COMM", b"SSND", b"MARK", b"INST", b"FVER", b"APPL", b"AESD", b"CHAN",
    b"COMT",
))  # fmt: skip
"""Chunks whose content is known, and is no text, or is read elsewhere."""


class Chunk(Protocol):
    """What is asked of a chunk."""

    @property
    def name(self) -> bytes:
        """Four bytes."""

    @property
    def body(self) -> int:
        """Where what it holds begins."""

    @property
    def size(self) -> int:
        """How many bytes it holds."""


def text_of(held: bytes) -> str:
    """Return a text up to its zero: UTF-8, or else as Windows wrote it."""
    said = held.split(b"\0", 1)[0]
    try:
        return said.decode().strip()
    except UnicodeError:
        return said.decode("cp1252", "replace").strip()


def read_chunk(file: BinaryIO, chunk: Chunk) -> bytes:
    """Return what a chunk of text holds; nothing of one beyond `MAX_TEXT`, which is noted."""
    file.seek(chunk.body)
    if chunk.size > MAX_TEXT:
        if plain(file.read(_SAMPLE).decode("utf-8", "ignore").encode()):
            cut("riff")
        return b""
    return file.read(chunk.size)


def info_texts(file: BinaryIO, lists: Iterable[Chunk]) -> Iterator[tuple[str, str]]:
    """Yield the texts of all lists of `INFO`, by the names of their chunks.

    Raises `LimitError` for more than `MAX_COUNTED`: for each, FFmpeg looks through those before.
    """
    counted = iter(range(MAX_COUNTED))
    for number, outer in enumerate(lists):
        if number == MAX_INFO:
            cut("riff-info")
            return
        file.seek(outer.body)
        if file.read(4) == b"INFO":
            yield from _texts(file, outer.body + 4, outer.body + outer.size, counted)


def _texts(file: BinaryIO, at: int, end: int, counted: Iterator[int]) -> Iterator[tuple[str, str]]:
    for number in counted:
        if at + 8 > end:
            return
        file.seek(at)
        header = file.read(8)
        size = min(int.from_bytes(header[4:], "little"), end - at - 8)
        name = header[:4].decode("latin-1")
        if name != "LIST" and name.isascii() and name.isalnum():
            if size > MAX_TEXT or number >= MAX_INFO:
                cut("riff-info")
            else:
                yield name, text_of(file.read(size))
        at += 8 + size + (size & 1)
    if at + 8 <= end:
        raise LimitError("kz.error.riff-chunks", path=file.name, limit=MAX_COUNTED)


def other_texts(file: BinaryIO, chunks: Sequence[Chunk]) -> Iterator[tuple[str, str]]:
    """Yield the texts of `bext`, and of chunks that are nothing but text, by their names."""
    for chunk in chunks:
        if chunk.name == b"bext":
            held = read_chunk(file, chunk)
            yield from (("bext", text_of(held[begin:end])) for begin, end in _BEXT)
    unknown = [chunk for chunk in chunks if chunk.name not in _KNOWN and plain(chunk.name)]
    if len(unknown) > MAX_OTHERS:
        cut("riff")
    for chunk in unknown[:MAX_OTHERS]:
        yield chunk.name.decode("latin-1").strip(), plain(read_chunk(file, chunk))


def plain(held: bytes) -> str:
    """Return what is nothing but printable UTF-8, up to zeros that end it; else nothing."""
    try:
        text = held.rstrip(b"\0").decode()
    except UnicodeError:
        return ""
    shown = text.translate(_SPACES)
    return text.strip() if shown.isprintable() else ""


_SPACES = dict.fromkeys(map(ord, "\t\r\n\ufeff"), " ")
