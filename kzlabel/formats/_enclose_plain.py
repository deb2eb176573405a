r"""Manifests in unstructured text (C2PA 2.4, A.8): invisible variation selectors at its end.

    U+FEFF, then one variation selector for each byte of
    "C2PATXT\0" | version 1 (u8) | length of the store (u32, big-endian) | store | padding

Bytes 0 to 15 are U+FE00 to U+FE0F (three bytes of UTF-8), 16 to 255 are U+E0100 to U+E01EF (four).
Padding brings the wrapper to a length that depends on the store's length alone; it is fixed, so
that nothing can be hidden in it. The hard binding hashes NFC(text without the wrapper), and the
text is written in NFC, so that validators which do not normalise agree with those that do. Whatever
calls itself a wrapper and is not whole is a ruin, never "no manifest": a cut must be seen.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterator, Sequence

from kzlabel.formats._enclosed import cleared, only_one
from kzlabel.model import Enclosed

MAGIC = b"C2PATXT\0"
VERSION = 1
CORRUPTED = "manifest.text.corruptedWrapper"
MULTIPLE = "manifest.text.multipleWrappers"

_HEADER = struct.Struct(">8sBI")
_MARKER = "\ufeff".encode()
_SHORT_BEGINS, _LONG_BEGINS = b"\xef\xb8", b"\xf3\xa0"
_SHORT, _LONG = 3, 4
"""Bytes of UTF-8 of a selector for a byte below 16, and of any other."""
_MARGIN = 6
"""With it every gap that can come about is a sum of threes and fours."""
_JUMBF = b"jumb"
"""The type of a manifest store's outermost box: a run that holds it had been a wrapper."""
_SELECTORS = tuple(chr(0xFE00 + n if n < 16 else 0xE00F0 + n) for n in range(256))  # noqa: PLR2004
_BYTES = {ord(selector): number for number, selector in enumerate(_SELECTORS)}
_RUN = re.compile(
    rb"((?:\xef\xb8[\x80-\x8f]|\xf3\xa0(?:[\x84-\x86][\x80-\xbf]|\x87[\x80-\xaf])){8,}+)"
    rb"(?:(?:\xf3(?:\xa0[\x84-\x87]?)?|\xef\xb8?)(?![\x80-\xbf]))?"
)
"""Selectors, as many as the first word has letters, and half of one where they were cut.

Possessive: no byte is met twice.
"""


class PlainEnclosure:
    """C2PA's wrapper for text that has no place for a manifest but among its characters."""

    least = 16 * 1024
    """A manifest of 4 KB comes to 16 KB of selectors: a shorter text would be mostly invisible."""

    def enclose(self, content: bytes, store: bytes) -> tuple[bytes, Enclosed]:
        text = unicodedata.normalize("NFC", cleared(content, self.enclosed(content)).decode())
        kept = text.encode()
        wrapper = _wrapper(store)
        return kept + wrapper, Enclosed(start=len(kept), length=len(wrapper), store=store)

    def agreed(self, store: bytes) -> bool:
        # encypher-c2pa 1.7 takes padding of 0x00 and 0xff, not the 0x10 that A.8 has as well
        return (_target(len(store)) - len(_unpadded(store))) % _SHORT == 0

    def enclosed(self, content: bytes) -> Sequence[Enclosed]:
        return only_one(tuple(_wrappers(content)), MULTIPLE)

    def bound(self, content: bytes, exclusion: tuple[int, int]) -> bytes:
        start, length = exclusion
        kept = content[:start] + content[start + length :]
        try:
            return unicodedata.normalize("NFC", kept.decode()).encode()
        except UnicodeDecodeError:
            return kept  # no text any more: the hash will say so


def _wrappers(content: bytes) -> Iterator[Enclosed]:
    for run in _RUN.finditer(content, _first_run(content)):
        start = run.start()
        held = bytes(map(_BYTES.__getitem__, map(ord, run[1].decode())))
        marked = content.endswith(_MARKER, 0, start)
        if not held.startswith(MAGIC) and _JUMBF not in held:
            continue  # somebody's selectors, but no wrapper of C2PA
        start -= len(_MARKER) if marked else 0
        length = run.end() - start
        store = _store(held, length) if marked else None
        failure = "" if store else CORRUPTED
        yield Enclosed(start=start, length=length, store=store or b"", failure=failure)


def _first_run(content: bytes) -> int:
    """Return where the first run of selectors that can be a wrapper begins, or the text's end.

    What tells a wrapper is spelt with long selectors; bytes are found far faster than a pattern is.
    """
    at = content.find(_LONG_BEGINS)
    if at < 0:
        return len(content)
    while content.startswith(_SHORT_BEGINS, at - _SHORT) and at >= _SHORT:
        at -= _SHORT
    return at


def _store(held: bytes, length: int) -> bytes | None:
    """Return the store of a wrapper; None where it is not one, or holds anything besides."""
    if len(held) < _HEADER.size:
        return None
    magic, version, size = _HEADER.unpack_from(held)
    store = held[_HEADER.size : _HEADER.size + size]
    if (magic, version) != (MAGIC, VERSION) or not store or len(store) != size:
        return None
    padding = held[_HEADER.size + size :]
    gap = length - len(_unpadded(store)) if padding else 0
    return store if padding in _paddings(gap) else None


def _paddings(gap: int) -> tuple[bytes, ...]:
    """Return what `gap` bytes of padding may be: as specified, and as c2pa-text 3 writes it."""
    threes, fours = divmod(gap, _SHORT)
    threes -= fours
    others = next((n for n in range(gap // _LONG, -1, -1) if (gap - _LONG * n) % _SHORT == 0), 0)
    return (
        b"\x00" * threes + b"\x10" * fours,
        b"\x00" * ((gap - _LONG * others) // _SHORT) + b"\xff" * others,
    )


def _wrapper(store: bytes) -> bytes:
    """Return the wrapper of a store, as long as any other of its length."""
    bare = _unpadded(store)
    return bare + _selectors(_paddings(_target(len(store)) - len(bare))[0])


def _target(length: int) -> int:
    """Return the bytes that the wrapper of a store of this length comes to."""
    return len(_MARKER) + (_HEADER.size + length) * _LONG + _MARGIN


def _unpadded(store: bytes) -> bytes:
    return _MARKER + _selectors(_HEADER.pack(MAGIC, VERSION, len(store)) + store)


def _selectors(held: bytes) -> bytes:
    return "".join(map(_SELECTORS.__getitem__, held)).encode()
