"""Packages of office files and books (ZIP): parts read bounded, and some of them replaced.

OPC (ECMA-376 part 2), ODF 1.4 part 2 and EPUB OCF 3.3 lie in ZIP files. What is not replaced is
copied as it lies in the file, compressed bytes, headers, gaps and all. Recognising one is in
`_package_sniff`, reading its directory in `_package_directory`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.errors import LimitError
from kzlabel.formats._new_file import new_file
from kzlabel.formats._package_directory import (
    CENTRAL,
    DEFLATED,
    END,
    LOCAL,
    LOCAL_ENTRY,
    MAX_PACKAGE_BYTES,
    UTF8,
    ZIP64,
    Directory,
    Entry,
    damaged,
    fields,
    read_directory,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_PART_BYTES = 64 << 20
"""Inflated bytes of a part that we read; those we only copy may be larger."""
_PIECE = 1 << 20
_NEED, _EPOCH = 20, (0, 0x21)
"""Of a new part: version 2.0, and the first day MS-DOS knows, so that no clock is asked."""


@dataclass(frozen=True)
class Package:
    """A package that was found sound, as far as its directory goes."""

    path: Path
    directory: Directory

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """The parts by name, in the directory's order."""
        return {entry.name: entry for entry in self.directory.entries}

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def part(self, name: str, limit: int = MAX_PART_BYTES) -> bytes:
        """Return a part's content; raises `LimitError`, and `UnreadableAssetError` without it."""
        entry = self.entries.get(name)
        if entry is None:
            raise damaged(self.path, name)
        if entry.inflated > limit:
            raise LimitError(
                "kz.error.package-limit",
                path=self.path, what=name, value=entry.inflated, limit=limit,
            )  # fmt: skip
        with self.path.open("rb") as file:
            file.seek(entry.body)
            raw = file.read(entry.deflated)
        content = _inflated(raw, entry.inflated) if entry.method == DEFLATED else raw
        if content is None or len(content) != entry.inflated or zlib.crc32(content) != entry.crc:
            raise damaged(self.path, name)
        return content


def opened(path: Path) -> Package:
    """Read the package's directory; raises `UnreadableAssetError`, `LimitError`, `OSError`."""
    with path.open("rb") as file:
        return Package(path, read_directory(path, file))


def _inflated(raw: bytes, size: int) -> bytes | None:
    """Return what `raw` inflates to, or None where that is not `size` bytes, all of `raw` used."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflater.decompress(raw, size + 1)
    except zlib.error:
        return None
    return content if inflater.eof and not inflater.unused_data else None


def rewritten(
    package: Package, dst: Path, changed: Mapping[str, bytes], added: Mapping[str, bytes]
) -> None:
    """Copy a package to the new file `dst` with parts `changed`, and others `added` at its end.

    Every other entry keeps its bytes; a changed one its place, method, times and comment. Raises
    `OSError`, and `LimitError` where it would become too large.
    """
    directory = package.directory
    in_place = sorted(directory.entries, key=lambda entry: entry.start)
    records: dict[str, bytes] = {}
    with package.path.open("rb") as src, new_file(dst) as out:
        for entry in in_place:
            offset = out.tell()
            if entry.name in changed:
                entry = _written(out, entry, changed[entry.name])  # noqa: PLW2901  as it is now
            else:
                _copy(src, out, entry.start, entry.end - entry.start)
            records[entry.name] = _record(entry, offset)
        for name, content in added.items():
            offset = out.tell()
            records[name] = _record(_written(out, _new(name), content), offset)
        order = [*package.entries, *added]
        _finish(package.path, out, [records[name] for name in order], directory.comment)


def _new(name: str) -> Entry:
    raw = name.encode()
    flags = 0 if name.isascii() else UTF8
    return Entry(
        name, raw, _NEED, _NEED, flags, DEFLATED, _EPOCH, 0, 0, 0,
        b"", b"", (0, 0), 0, 0, 0, b"",
    )  # fmt: skip


def _written(out: BinaryIO, entry: Entry, content: bytes) -> Entry:
    """Write an entry with new content; return it as its directory record must have it."""
    from dataclasses import replace

    body = content
    if entry.method == DEFLATED:
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        body = deflater.compress(content) + deflater.flush()
    flags = entry.flags & UTF8  # sizes stand in the header; how hard it was deflated is unsaid
    extra = _without_sizes(entry.local_extra)
    entry = replace(
        entry, flags=flags, crc=zlib.crc32(content), deflated=len(body), inflated=len(content)
    )
    out.write(
        LOCAL.pack(
            LOCAL_ENTRY, entry.need, flags, entry.method, *entry.stamp, entry.crc,
            entry.deflated, entry.inflated, len(entry.raw_name), len(extra),
        )
    )  # fmt: skip
    out.write(entry.raw_name + extra + body)
    return entry


def _record(entry: Entry, offset: int) -> bytes:
    """Return the directory's record; a package below 4 GiB needs no ZIP64 there."""
    extra = _without_sizes(entry.extra)
    head = CENTRAL.pack(
        b"PK\x01\x02", entry.made, entry.need, entry.flags, entry.method, *entry.stamp, entry.crc,
        entry.deflated, entry.inflated, len(entry.raw_name), len(extra), len(entry.comment), 0,
        *entry.attributes, offset,
    )  # fmt: skip
    return head + entry.raw_name + extra + entry.comment


def _without_sizes(extra: bytes) -> bytes:
    kinds = list(fields(extra))
    if all(kind != ZIP64 for kind, _ in kinds):
        return extra
    return b"".join(
        kind.to_bytes(2, "little") + len(body).to_bytes(2, "little") + body
        for kind, body in kinds
        if kind != ZIP64
    )


def _finish(path: Path, out: BinaryIO, records: list[bytes], comment: bytes) -> None:
    start, directory, count = out.tell(), b"".join(records), len(records)
    if start + len(directory) > MAX_PACKAGE_BYTES:
        raise LimitError(
            "kz.error.package-limit",
            path=path, what="bytes", value=start + len(directory), limit=MAX_PACKAGE_BYTES,
            **{"what.code": "kz.package.bytes"},
        )  # fmt: skip
    out.write(directory)
    end = (b"PK\x05\x06", 0, 0, count, count, len(directory), start, len(comment))
    out.write(END.pack(*end) + comment)


def _copy(src: BinaryIO, out: BinaryIO, start: int, length: int) -> None:
    src.seek(start)
    while length > 0:
        piece = src.read(min(_PIECE, length))
        if not piece:
            raise OSError(0, "file became shorter while it was read")
        out.write(piece)
        length -= len(piece)


__all__ = ["Package", "opened", "rewritten"]
