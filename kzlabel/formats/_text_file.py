"""A text file as bytes and as characters: its encoding, byte order mark and line ending.

Characters are decoded so that they encode to the same bytes again, damage included; a place among
the characters is a place among the bytes.
"""

from __future__ import annotations

import codecs
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, TextIO

from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats._assembled import Edit, Stretch, edited
from kzlabel.formats._text_sniff import bom_of, is_mostly
from kzlabel.model import SNIFFED_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHOLE_BYTES = 32 * 1024 * 1024
"""Texts up to this size are read whole where they must be; of larger ones only the head is."""
_BLOCK = 1 << 20
_SAMPLE = 1 << 16
_CYRILLIC = ("cp1251", "koi8-r", "cp866")
_COMMON = frozenset("оеаинтсрвлкмдпу")
"""The commonest letters of Russian; in the wrong code page they become rare ones, or capitals."""
_PAIRS = re.compile(rb"[\x80-\xff]{2}")


@dataclass(frozen=True)
class TextFile:
    """The head of a text, and how to write into it."""

    path: Path
    size: int
    encoding: str
    bom: bytes
    head: str
    """The first characters, after the byte order mark."""

    @property
    def newline(self) -> str:
        """The first line ending; a return alone is one only where there is no other."""
        found = re.search(r"\r?\n", self.head) or re.search(r"\r", self.head)
        return found.group() if found else "\n"

    @property
    def is_whole(self) -> bool:
        """Whether the head is all there is."""
        return self.offset(len(self.head)) >= self.size

    @property
    def shown(self) -> str:
        """The head, with line feeds for the file's line endings."""
        return self.head.replace("\r\n" if "\n" in self.head else "\r", "\n")

    @property
    def rest(self) -> Stretch:
        """What follows the head in the file."""
        return Stretch(self.path, self.offset(len(self.head)), self.size)

    def offset(self, index: int) -> int:
        """Return where in the file the character `index` of the head begins."""
        return len(self.bom) + len(self.kept(self.head[:index]))

    def encoded(self, text: str) -> bytes:
        """Return `text` in the file's encoding; it is never recoded for the sake of a notice.

        Raises `RefusedError` where the encoding has no such letter: Kazakh in Windows-1251, say.
        """
        try:
            return text.encode(self.encoding)
        except UnicodeEncodeError as exc:
            letter = text[exc.start]
            raise RefusedError(
                "kz.error.text-encoding", path=self.path, encoding=self.encoding, letter=letter
            ) from exc

    def kept(self, text: str) -> bytes:
        """Return text of this file as the bytes it was, damage included."""
        return text.encode(self.encoding, _errors(self.encoding))

    def with_words(self, index: int, said: str) -> Iterator[bytes | Stretch]:
        """Return the whole file with words before the character `index` of its head."""
        at = self.offset(index)
        return edited(self.path, self.size, (Edit(at, at, self.encoded(said)),))

    @contextmanager
    def characters(self) -> Iterator[TextIO]:
        """Open the file after its byte order mark; line endings stay as they are."""
        errors = _errors(self.encoding)
        with self.path.open(encoding=self.encoding, errors=errors, newline="") as file:
            if self.bom:
                file.read(1)
            yield file


def read_head(path: Path, limit: int = SNIFFED_BYTES) -> TextFile:
    """Return the head of the text at `path`, its encoding guessed from these bytes alone."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(limit)
    return _text_file(path, size, head, bom_of(head)[1] or encoding_of(head))


def read_whole(path: Path) -> TextFile:
    """Return all of the text at `path`; raises `LimitError` above `WHOLE_BYTES`."""
    if path.stat().st_size > WHOLE_BYTES:
        raise LimitError("kz.error.text-size", path=path, limit=WHOLE_BYTES)
    return read_head(path, WHOLE_BYTES)


def survey(path: Path) -> TextFile:
    """Return the head of the text at `path`, with an encoding that fits all of it.

    An ASCII head says nothing about what follows; the rest is passed through, not held.
    """
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
        file.seek(0)
        sample = next((block for block in _blocks(file) if not block.isascii()), b"")
        size = file.seek(0, 2)
    encoding = bom_of(head)[1] or encoding_of(_around(sample))
    return _text_file(path, size, head, encoding)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _around(block: bytes) -> bytes:
    """Return the part of `block` from its first byte that is not ASCII."""
    found = re.search(rb"[\x80-\xff]", block)
    return block[found.start() : found.start() + _SAMPLE] if found else b""


def _text_file(path: Path, size: int, head: bytes, encoding: str) -> TextFile:
    if not head:
        raise UnreadableAssetError("kz.error.empty", path=path)
    bom = bom_of(head)[0]
    decoder = codecs.getincrementaldecoder(encoding)(_errors(encoding))
    whole = len(head) >= size and not encoding.startswith("utf-16")
    text = decoder.decode(head[len(bom) :], final=whole)
    return TextFile(path, size, encoding, bom, text)


def _errors(encoding: str) -> str:
    return "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"


def encoding_of(sample: bytes) -> str:
    """Return the encoding of a text without a byte order mark, by its validity or its letters."""
    if sample.isascii() or is_mostly(sample.decode("utf-8", "replace")):
        return "utf-8"
    high = sum(byte >= 0x80 for byte in sample)  # noqa: PLR2004  not ASCII
    if len(_PAIRS.findall(sample)) * 4 < high:
        return "cp1252"  # single letters among ASCII ones: a Western text
    return max(_CYRILLIC, key=lambda name: _commonness(sample.decode(name, "replace")))


def _commonness(text: str) -> int:
    return sum(letter in _COMMON for letter in text)


def is_utf8(content: bytes) -> bool:
    """Whether a text is UTF-8 throughout."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
