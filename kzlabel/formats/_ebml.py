"""EBML (RFC 8794, https://www.rfc-editor.org/rfc/rfc8794): elements, read within limits.

An element is an ID (1 to 4 bytes, the first bits say how many), a size (1 to 8 bytes, likewise; all
ones: unknown) and that many bytes, which in a master are elements again. Nothing here recurses: who
knows what a master holds asks for its children. CRC-32 (`BF`), if there, is a master's first child
and covers what follows it; Void (`EC`) is room.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

EBML = 0x1A45DFA3
VOID = 0xEC
CRC32 = 0xBF
DOC_TYPE = 0x4282
MAX_HEADER = 12
"""Bytes of the longest ID and size."""
MAX_ELEMENTS = 100_000
"""Elements that are read from the masters of one file; a film has a few thousand."""
_MAX_ID = 4
_MAX_SIZE = 8


class DamagedError(Exception):
    """Not EBML here; translated to `UnreadableAssetError` where the file is known."""


class Budget:
    """How many elements of one file may still be read."""

    def __init__(self, path: Path, elements: int = MAX_ELEMENTS) -> None:
        self.path = path
        self._limit = self._left = elements

    def take(self) -> None:
        """Count one element; raises `LimitError` when there were too many."""
        self._left -= 1
        if self._left < 0:
            raise LimitError("kz.error.ebml-elements", path=self.path, limit=self._limit)


class Header(NamedTuple):
    """What an element begins with."""

    id: int
    length: int
    """Bytes of the header itself."""
    size: int | None
    """Bytes that follow it; None: unknown."""


class Node(NamedTuple):
    """An element in memory."""

    id: int
    payload: bytes
    raw: bytes
    """The element as it is stored, header and all."""

    @property
    def number(self) -> int:
        """The payload as an unsigned integer; 0 where it is longer than one may be."""
        return int.from_bytes(self.payload) if len(self.payload) <= _MAX_SIZE else 0

    @property
    def text(self) -> str:
        """The payload as text: ended by a zero, what is not UTF-8 replaced."""
        return self.payload.split(b"\0", 1)[0].decode("utf-8", "replace")


def header_of(content: bytes, at: int = 0) -> Header:
    """Return the header that stands at `at`; raises `DamagedError` where none does."""
    id_length = _length(content, at, _MAX_ID)
    size_at = at + id_length
    size_length = _length(content, size_at, _MAX_SIZE)
    end = size_at + size_length
    ones = (1 << 7 * size_length) - 1
    size = int.from_bytes(content[size_at:end]) & ones
    return Header(int.from_bytes(content[at:size_at]), end - at, None if size == ones else size)


def _length(content: bytes, at: int, longest: int) -> int:
    """Return how many bytes the number at `at` takes, which its first bits say."""
    first = content[at] if at < len(content) else 0
    length = 9 - first.bit_length()
    if length > longest or at + length > len(content):
        raise DamagedError
    return length


def nodes(content: bytes, budget: Budget) -> tuple[Node, ...]:
    """Return the elements that fill `content`, every byte of it.

    Raises `UnreadableAssetError` where they do not, `LimitError` beyond the budget.
    """
    found, at = [], 0
    while at < len(content):
        budget.take()
        try:
            header = header_of(content, at)
        except DamagedError as exc:
            raise UnreadableAssetError("kz.error.ebml-damaged", path=budget.path, at=at) from exc
        start = at + header.length
        end = start + (len(content) if header.size is None else header.size)
        if end > len(content):
            raise UnreadableAssetError("kz.error.ebml-damaged", path=budget.path, at=at)
        found.append(Node(header.id, content[start:end], content[at:end]))
        at = end
    return tuple(found)


def first(children: Iterable[Node], name: int) -> Node | None:
    """Return the first element with that ID."""
    return next((node for node in children if node.id == name), None)


def encoded(name: int, payload: bytes, size_length: int = 0) -> bytes:
    """Return an element, its size written in `size_length` bytes, or as few as it takes."""
    return head(name, len(payload), size_length) + payload


def head(name: int, size: int, size_length: int = 0) -> bytes:
    """Return an element's header; raises `OverflowError` where the size needs more bytes."""
    length = size_length or (size + 1).bit_length() // 7 + bool((size + 1).bit_length() % 7)
    if size >= (1 << 7 * length) - 1:
        raise OverflowError(size)
    return name.to_bytes((name.bit_length() + 7) // 8) + (size | 1 << 7 * length).to_bytes(length)


def number(name: int, value: int) -> bytes:
    """Return an element that holds an unsigned integer."""
    return encoded(name, value.to_bytes(max((value.bit_length() + 7) // 8, 1)))


def text(name: int, value: str) -> bytes:
    """Return an element that holds text."""
    return encoded(name, value.encode("utf-8", "replace"))


def checked(payload: bytes) -> bytes:
    """Return what a master holds, with its CRC-32 before it (RFC 8794 11.3.1)."""
    return encoded(CRC32, zlib.crc32(payload).to_bytes(4, "little")) + payload


def void(size: int) -> bytes:
    """Return a Void element of `size` bytes in all: 0, or at least 2."""
    if size == 0:
        return b""
    width = 1 if size <= 0x80 else _MAX_SIZE  # noqa: PLR2004  126 is what a size of one byte says
    return encoded(VOID, bytes(size - 1 - width), width)


def fitted(name: int, payload: bytes, room: int) -> bytes | None:
    """Return an element and the Void that fill `room` bytes between them; None: too little."""
    element = encoded(name, payload)
    if room - len(element) == 1:  # no Void is that short: the size is written longer
        element = encoded(name, payload, _size_length(element, name, payload) + 1)
    spare = room - len(element)
    return element + void(spare) if spare >= 0 else None


def _size_length(element: bytes, name: int, payload: bytes) -> int:
    return len(element) - len(payload) - (name.bit_length() + 7) // 8
