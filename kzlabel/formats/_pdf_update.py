"""An incremental update (ISO 32000-2, 7.5.6): changed objects appended, every earlier byte kept.

    source | object, object, … | cross-references of these (a table, or a stream where the source
    has streams) | trailer with /Prev | startxref | %%EOF

Encrypted documents stay encrypted as they were: what is appended is encrypted with the same key.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

from pypdf.generic import (  # noqa: TID253  imported lazily, with its border
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
)

from kzlabel.errors import LimitError, UnreadableAssetError
from kzlabel.formats._new_file import new_file
from kzlabel.formats._pdf_file import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kzlabel.formats._pdf_file import Document

MOST_OBJECTS = 8_388_607
"""Object numbers (ISO 32000-1, annex C)."""
_KEPT = ("/Root", "/Info", "/Encrypt")
_OFFSET_BYTES, _GENERATION_BYTES = 8, 2

Entry = tuple[int, int, int]
"""Object number, generation, offset."""


class Update:
    """Objects to be appended to a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._reader = document.reader
        self._next = _first_free(document)
        self._changed: dict[int, tuple[int, PdfObject]] = {}
        self._plain: set[int] = set()
        self.trailer = DictionaryObject()
        """Entries that the trailer gets beside those it has."""

    def add(self, value: PdfObject) -> IndirectObject:
        """Append a new object; returns the reference to it."""
        reference = IndirectObject(self._next, 0, self._reader)
        self._next += 1
        self._changed[reference.idnum] = 0, value
        return reference

    def replace(self, reference: IndirectObject, value: PdfObject, *, plain: bool = False) -> None:
        """Put `value` in the place of the object that is referred to; `plain`: not encrypted."""
        self._changed[reference.idnum] = reference.generation, value
        if plain:
            self._plain.add(reference.idnum)

    def _settle(self) -> None:
        """Take what every reader asks for first out of its object stream.

        The next who opens the document need not unpack and parse hundreds of objects for it.
        """
        for name in ("/Root", "/Info"):
            held = self._reader.trailer.raw_get(name) if name in self._reader.trailer else None
            packed = isinstance(held, IndirectObject) and held.idnum in self._reader.xref_objStm
            if packed and isinstance(held, IndirectObject) and held.idnum not in self._changed:
                value = held.get_object()
                if value is not None:
                    self.replace(held, value)

    def write(self, target: Path) -> None:
        """Write the source and the update to a new file."""
        self._settle()
        section = io.BytesIO()
        start = len(self.document.content)
        section.write(b"" if self.document.content[-1:] in (b"\n", b"\r") else b"\n")
        entries = []
        for number, (generation, value) in sorted(self._changed.items()):
            entries.append((number, generation, start + section.tell()))
            held = value
            if number not in self._plain:
                held = self._reader.encrypted(value, number, generation)
            _write_object(section, number, generation, held)
        self._write_references(section, start, entries)
        with new_file(target) as file:
            file.write(self.document.content)
            file.write(section.getbuffer())

    def _write_references(self, section: io.BytesIO, start: int, entries: list[Entry]) -> None:
        at = start + section.tell()
        trailer = self._trailer(section)
        previous = self.document.startxref
        if self.document.content[previous : previous + 4] == b"xref":
            section.write(b"xref\n" + b"".join(_table(entries)) + b"trailer\n")
            trailer.write_to_stream(section)
            section.write(b"\n")
        else:
            trailer[NameObject("/Size")] = NumberObject(self._next + 1)
            _write_stream(section, trailer, [*entries, (self._next, 0, at)])
        section.write(b"startxref\n%d\n%%%%EOF\n" % at)

    def _trailer(self, section: io.BytesIO) -> DictionaryObject:
        held = self._reader.trailer
        kept = {NameObject(name): held.raw_get(name) for name in _KEPT if name in held}
        trailer = DictionaryObject({**kept, **self.trailer})
        trailer[NameObject("/Size")] = NumberObject(self._next)
        trailer[NameObject("/Prev")] = NumberObject(self.document.startxref)
        identity = resolved(held, "/ID")
        if isinstance(identity, ArrayObject) and identity:
            # The first part is of the document, and in its keys; the second of this version.
            version = hashlib.md5(section.getbuffer(), usedforsecurity=False).digest()
            trailer[NameObject("/ID")] = ArrayObject([identity[0], ByteStringObject(version)])
        return trailer


def _first_free(document: Document) -> int:
    reader = document.reader
    known: set[int] = {number for entries in reader.xref.values() for number in entries}
    size = resolved(reader.trailer, "/Size")
    if not isinstance(size, NumberObject):
        raise UnreadableAssetError("kz.error.pdf-damaged", path=document.path, detail="/Size")
    free = max(0, *known, *reader.xref_objStm, int(size) - 1) + 1
    if free >= MOST_OBJECTS:
        raise LimitError("kz.error.pdf-limit", path=document.path, detail=f"{free} objects")
    return free


def _write_object(section: io.BytesIO, number: int, generation: int, value: PdfObject) -> None:
    section.write(b"%d %d obj\n" % (number, generation))
    value.write_to_stream(section)
    section.write(b"\nendobj\n")


def _runs(entries: list[Entry]) -> Iterator[list[Entry]]:
    """Yield runs of consecutive object numbers."""
    run: list[Entry] = []
    for entry in entries:
        if run and entry[0] != run[-1][0] + 1:
            yield run
            run = []
        run.append(entry)
    if run:
        yield run


def _table(entries: list[Entry]) -> Iterator[bytes]:
    for run in _runs(entries):
        yield b"%d %d\n" % (run[0][0], len(run))
        for _, generation, offset in run:
            yield b"%010d %05d n \n" % (offset, generation)


def _write_stream(section: io.BytesIO, trailer: DictionaryObject, entries: list[Entry]) -> None:
    """Write a cross-reference stream (7.5.8); the last of `entries` is its own."""
    rows = [
        b"\x01"
        + offset.to_bytes(_OFFSET_BYTES, "big")
        + generation.to_bytes(_GENERATION_BYTES, "big")
        for _, generation, offset in entries
    ]
    stream = StreamObject()
    stream.update(trailer)
    stream[NameObject("/Type")] = NameObject("/XRef")
    widths = (1, _OFFSET_BYTES, _GENERATION_BYTES)
    stream[NameObject("/W")] = ArrayObject(map(NumberObject, widths))
    index = [part for run in _runs(entries) for part in (run[0][0], len(run))]
    stream[NameObject("/Index")] = ArrayObject(map(NumberObject, index))
    stream.set_data(b"".join(rows))
    number, generation, _ = entries[-1]
    _write_object(section, number, generation, stream)
