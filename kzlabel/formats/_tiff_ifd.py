"""The directories (IFD) of a TIFF file, read within limits; nothing else of the file is touched.

TIFF 6.0 section 2 and BigTIFF (https://www.awaresystems.be/imaging/tiff/bigtiff.html): a header
names the byte order and where the first IFD is; an IFD is a count, entries (tag, type, count, value
or its offset) and the offset of the next IFD.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.errors import LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

MAX_IFDS = 2000
MAX_ENTRIES = 4096
MAX_ALL_ENTRIES = 100_000
"""Of all directories together: fifty in each of the most pages there may be."""
MAX_VALUES = 1_000_000
"""Strips or tiles of one page."""
MAX_VALUE_BYTES = 64 * 1024 * 1024
TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4,
              16: 8, 17: 8, 18: 8}  # fmt: skip
BYTE, SHORT, LONG, LONG8 = 1, 3, 4, 16
_CODES = {1: "B", 3: "H", 4: "I", 7: "B", 13: "I", 16: "Q", 18: "Q"}

NEW_SUBFILE_TYPE, OLD_SUBFILE_TYPE = 254, 255
XMP, SUB_IFDS = 700, 330
WIDTH, LENGTH = 256, 257
_HEADERS = {b"II*\0": ("<", False), b"MM\0*": (">", False),
            b"II+\0": ("<", True), b"MM\0+": (">", True)}  # fmt: skip
MAGICS = tuple(_HEADERS)


@dataclass(frozen=True)
class Form:
    """Byte order, and the widths that set BigTIFF apart."""

    order: str
    """`<` or `>`, as struct has it."""
    big: bool

    @cached_property
    def count(self) -> struct.Struct:
        """The number of entries of an IFD."""
        return struct.Struct(self.order + ("Q" if self.big else "H"))

    @cached_property
    def entry(self) -> struct.Struct:
        """One entry: tag, type, count, value."""
        return struct.Struct(self.order + ("HHQ8s" if self.big else "HHI4s"))

    @cached_property
    def offset(self) -> struct.Struct:
        """A place in the file."""
        return struct.Struct(self.order + ("Q" if self.big else "I"))

    @property
    def first(self) -> int:
        """Where the header keeps the offset of the first IFD."""
        return 8 if self.big else 4

    def pack(self, kind: int, values: tuple[int, ...]) -> bytes:
        """Return the bytes of `values`, numbers of type `kind`."""
        return struct.pack(f"{self.order}{len(values)}{_CODES[kind]}", *values)


@dataclass(frozen=True)
class Entry:
    """One entry of an IFD, its value as it lies there."""

    tag: int
    kind: int
    count: int
    value: bytes

    @property
    def size(self) -> int:
        """Bytes of the value; 0 for a type nobody knows."""
        return TYPE_BYTES.get(self.kind, 0) * self.count


@dataclass(frozen=True)
class Ifd:
    """One directory."""

    offset: int
    entries: tuple[Entry, ...]
    next: int
    """Offset of the next IFD; 0 for none."""

    def find(self, tag: int) -> Entry | None:
        """Return the first entry of `tag`."""
        return next((entry for entry in self.entries if entry.tag == tag), None)


class Tiff:
    """An open file: its form, and the chain of its directories."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.file = file
        self.path = path
        self.size = file.seek(0, 2)
        header = self.read(0, min(self.size, 16))
        if header[:4] not in _HEADERS:
            raise UnreadableAssetError("kz.error.tiff-header", path=path)
        self.form = Form(*_HEADERS[header[:4]])
        if self.form.big and header[4:8] != struct.pack(self.form.order + "HH", 8, 0):
            raise UnreadableAssetError("kz.error.tiff-header", path=path)
        self.ifds = self._chain()

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset`; raises `UnreadableAssetError` where they are not."""
        if offset + size > self.size:
            raise UnreadableAssetError("kz.error.tiff-cut", path=self.path, at=offset)
        self.file.seek(offset)
        return self.file.read(size)

    def _chain(self) -> tuple[Ifd, ...]:
        found: dict[int, Ifd] = {}
        entries = 0
        offset = self.form.offset.unpack(self.read(self.form.first, self.form.offset.size))[0]
        while offset:
            if offset in found:
                raise UnreadableAssetError("kz.error.tiff-loop", path=self.path, at=offset)
            if len(found) >= MAX_IFDS:
                raise LimitError("kz.error.tiff-ifds", path=self.path, limit=MAX_IFDS)
            found[offset] = self.ifd(offset)
            entries += len(found[offset].entries)
            if entries > MAX_ALL_ENTRIES:
                raise LimitError("kz.error.tiff-entries", path=self.path, limit=MAX_ALL_ENTRIES)
            offset = found[offset].next
        if not found:
            raise UnreadableAssetError("kz.error.tiff-header", path=self.path)
        return tuple(found.values())

    def ifd(self, offset: int) -> Ifd:
        """Return the directory at `offset`."""
        form = self.form
        count = form.count.unpack(self.read(offset, form.count.size))[0]
        if count > MAX_ENTRIES:
            raise LimitError("kz.error.tiff-entries", path=self.path, limit=MAX_ENTRIES)
        table = self.read(offset + form.count.size, count * form.entry.size)
        entries = tuple(Entry(*fields) for fields in form.entry.iter_unpack(table))
        behind = offset + form.count.size + len(table)
        following = form.offset.unpack(self.read(behind, form.offset.size))[0]
        return Ifd(offset, entries, following)

    def bytes_of(self, entry: Entry) -> bytes:
        """Return an entry's value as bytes; raises `LimitError` where it is huge."""
        if entry.size > MAX_VALUE_BYTES:
            raise LimitError("kz.error.tiff-value", path=self.path, tag=entry.tag)
        if entry.size <= self.form.offset.size:
            return entry.value[: entry.size]
        return self.read(self.form.offset.unpack(entry.value)[0], entry.size)

    def numbers(self, ifd: Ifd, tag: int) -> tuple[int, ...]:
        """Return a tag's whole numbers; () where it is absent or no number."""
        entry = ifd.find(tag)
        if entry is None or entry.kind not in _CODES:
            return ()
        if entry.count > MAX_VALUES:
            raise LimitError("kz.error.tiff-value", path=self.path, tag=tag)
        code = f"{self.form.order}{entry.count}{_CODES[entry.kind]}"
        return struct.unpack(code, self.bytes_of(entry))

    def number(self, ifd: Ifd, tag: int, default: int = 0) -> int:
        """Return a tag's first whole number, else `default`."""
        return next(iter(self.numbers(ifd, tag)), default)

    @property
    def pages(self) -> tuple[int, ...]:
        """Indexes of the IFDs that are pages: no thumbnail, no mask (TIFF 6.0, NewSubfileType).

        The first is what viewers open, whatever it says of itself, and what is as large as a page
        is shown as one.
        """
        sizes = [self._size(ifd) for ifd in self.ifds]
        plain = {0} | {index for index, ifd in enumerate(self.ifds) if not self._is_minor(ifd)}
        smallest = min((sizes[index] for index in plain if sizes[index]), default=1)
        large = {index for index, size in enumerate(sizes) if size >= smallest}
        return tuple(sorted(plain | large))

    def is_mask(self, ifd: Ifd) -> bool:
        """Whether it says which pixels of another are transparent."""
        return bool(self.number(ifd, NEW_SUBFILE_TYPE) & 4)

    def _is_minor(self, ifd: Ifd) -> bool:
        """Whether it says of itself that it is of reduced resolution, or a mask."""
        reduced = self.number(ifd, OLD_SUBFILE_TYPE) == 2  # noqa: PLR2004  as SubfileType has it
        return reduced or bool(self.number(ifd, NEW_SUBFILE_TYPE) & 5)

    def _size(self, ifd: Ifd) -> int:
        return self.number(ifd, WIDTH) * self.number(ifd, LENGTH)
