"""Directories of a TIFF rewritten at the file's end; every other byte stays where it was.

Values live anywhere in the file, by offset, so an IFD can move while what it points to stays. Only
the pointer to it changes: in the header, or in the IFD before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.errors import RefusedError
from kzlabel.formats._tiff_ifd import TYPE_BYTES, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kzlabel.formats._tiff_ifd import Form, Ifd

CLASSIC_END = 2**32 - 1
Change = tuple[int, bytes]
"""A new value: its type, and its bytes in the file's order."""


class Appender:
    """Writes behind the end of an open copy of a TIFF file, and repoints its directories in turn.

    `rewrite` and `keep` must see every IFD of the chain in order.
    """

    def __init__(self, file: BinaryIO, form: Form, path: Path) -> None:
        self._file = file
        self._form = form
        self._path = path
        self._pointer = form.first
        self._end = file.seek(0, 2)

    def append(self, content: bytes) -> int:
        """Append `content` at a multiple of 8 and return its offset; raises `RefusedError`."""
        offset = -(-self._end // 8) * 8
        self._end = offset + len(content)
        if not self._form.big and self._end > CLASSIC_END:
            raise RefusedError("kz.error.tiff-full", path=self._path)
        self.overwrite(offset, content)
        return offset

    def overwrite(self, offset: int, content: bytes) -> None:
        """Write `content` over what is at `offset`."""
        self._file.seek(offset)
        self._file.write(content)

    def keep(self, ifd: Ifd) -> None:
        """Leave this IFD where it is."""
        form = self._form
        self._pointer = ifd.offset + form.count.size + len(ifd.entries) * form.entry.size

    def rewrite(self, ifd: Ifd, changes: Mapping[int, Change]) -> None:
        """Append this IFD with `changes`, in the order of tags, and repoint the chain to it."""
        form = self._form
        new = [self._entry(tag, kind, value) for tag, (kind, value) in changes.items()]
        kept = [entry for entry in ifd.entries if entry.tag not in changes]
        entries = sorted(kept + new, key=lambda entry: entry.tag)
        table = b"".join(form.entry.pack(e.tag, e.kind, e.count, e.value) for e in entries)
        encoded = form.count.pack(len(entries)) + table + form.offset.pack(ifd.next)
        offset = self.append(encoded)
        self.overwrite(self._pointer, form.offset.pack(offset))
        self.keep(replace(ifd, offset=offset, entries=tuple(entries)))

    def _entry(self, tag: int, kind: int, value: bytes) -> Entry:
        count = len(value) // TYPE_BYTES[kind]
        width = self._form.offset.size
        if len(value) <= width:
            return Entry(tag, kind, count, value.ljust(width, b"\0"))
        return Entry(tag, kind, count, self._form.offset.pack(self.append(value)))
