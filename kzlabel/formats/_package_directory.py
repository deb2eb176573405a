"""The central directory of a ZIP package, read fail-closed: readers must agree on what is inside.

APPNOTE.TXT 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT; OPC and OCF allow
the methods `stored` and `deflated` only. All integers little-endian::

    local header  50 4B 03 04  need flags method time date crc csize usize nlen elen  name extra
    directory     50 4B 01 02  made need flags method time date crc csize usize nlen elen clen
                               disk internal external offset  name extra comment
    end           50 4B 05 06  disk disk n n size offset clen  comment
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.errors import LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_PACKAGE_BYTES = 2 << 30
MAX_ENTRIES = 20_000
MAX_DIRECTORY_BYTES = 8 << 20
MAX_INFLATED_BYTES = 4 << 30
"""Of all parts together, as they declare it."""
MAX_RATIO = 500
"""Inflated by deflated bytes of one part; deflate itself ends at 1032."""
MIN_BOMB_BYTES = 16 << 20
"""Smaller parts may be as repetitive as they like."""

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
_LOCATOR = struct.Struct("<4sIQI")
_END64 = struct.Struct("<4sQ2H2I4Q")
STORED, DEFLATED = 0, 8
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
DESCRIPTOR, UTF8 = 0x0008, 0x0800
_UNKNOWN_32, _UNKNOWN_16 = 0xFFFFFFFF, 0xFFFF
ZIP64 = 0x0001
_UNIX, _TYPE, _LINK = 3, 0o170000, 0o120000
_DIRECTORY_ENTRY, _END_ENTRY = b"PK\x01\x02", b"PK\x05\x06"
LOCAL_ENTRY = b"PK\x03\x04"


@dataclass(frozen=True)
class Entry:
    """One part of a package, and where it lies in the file."""

    name: str
    raw_name: bytes
    made: int
    need: int
    flags: int
    method: int
    stamp: tuple[int, int]
    """Time and date as MS-DOS has them."""
    crc: int
    deflated: int
    inflated: int
    extra: bytes
    comment: bytes
    attributes: tuple[int, int]
    """Internal and external."""
    start: int
    """Of the local header."""
    body: int
    """Of the deflated bytes."""
    end: int
    """Where the next entry, or the directory, begins: descriptor and gap are this entry's."""
    local_extra: bytes


@dataclass(frozen=True)
class Directory:
    """All entries in the directory's order, and the package's comment."""

    entries: tuple[Entry, ...]
    start: int
    comment: bytes


def damaged(path: Path, detail: object) -> UnreadableAssetError:
    """Return the error for a part, named by `detail`, that is not what it must be."""
    return UnreadableAssetError("kz.error.package-damaged", path=path, detail=detail)


def _unlisted(path: Path, detail: object) -> UnreadableAssetError:
    """Return the error for a package whose directory is not what it must be."""
    return UnreadableAssetError("kz.error.package-directory", path=path, detail=detail)


def _limit(path: Path, what: str, value: int, limit: int) -> LimitError:
    values = {"what": what, "what.code": f"kz.package.{what}", "value": value, "limit": limit}
    return LimitError("kz.error.package-limit", path=path, **values)


def read_directory(path: Path, file: BinaryIO) -> Directory:
    """Read and check the directory; raises `UnreadableAssetError`, `LimitError`."""
    size = os.fstat(file.fileno()).st_size
    if size > MAX_PACKAGE_BYTES:
        raise _limit(path, "bytes", size, MAX_PACKAGE_BYTES)
    count, length, start, comment = _end(path, file, size)
    if count > MAX_ENTRIES:
        raise _limit(path, "entries", count, MAX_ENTRIES)
    if length > MAX_DIRECTORY_BYTES:
        raise _limit(path, "directory", length, MAX_DIRECTORY_BYTES)
    file.seek(start)
    listed = list(_listed(path, file.read(length)))
    if len(listed) != count or len({entry.name.casefold() for entry in listed}) != count:
        raise _unlisted(path, _twice(listed) or f"{len(listed)} / {count}")
    _check_size(path, listed)
    return Directory(_placed(path, file, listed, start), start, comment)


def _twice(listed: list[Entry]) -> str:
    seen: set[str] = set()
    for entry in listed:
        if entry.name.casefold() in seen:
            return f"{entry.name} x 2"
        seen.add(entry.name.casefold())
    return ""


def _end(path: Path, file: BinaryIO, size: int) -> tuple[int, int, int, bytes]:
    """Return count, length and start of the directory, and the comment after it."""
    before = max(0, size - END.size - _UNKNOWN_16)
    file.seek(before)
    tail = file.read()
    at = tail.rfind(_END_ENTRY)
    while at >= 0:
        if at + END.size <= len(tail):
            _, disk, first, here, count, length, start, comment = END.unpack_from(tail, at)
            if at + END.size + comment == len(tail):
                break
        at = tail.rfind(_END_ENTRY, 0, at)
    else:
        raise _unlisted(path, "end of central directory")
    position = before + at
    if _UNKNOWN_32 in (length, start) or _UNKNOWN_16 in (here, count):
        count, length, start, position = _end64(path, file, position)
    elif disk or first or here != count:
        raise _unlisted(path, "multi-disk")
    if start + length != position:
        raise _unlisted(path, f"central directory {start} + {length} / {position}")
    return count, length, start, tail[at + END.size :]


def _end64(path: Path, file: BinaryIO, end: int) -> tuple[int, int, int, int]:
    """Return count, length and start of a ZIP64 directory, and where its own end record lies."""
    at = end - _LOCATOR.size - _END64.size
    file.seek(max(at, 0))
    records = file.read(_END64.size + _LOCATOR.size)
    if at < 0 or records[:4] != b"PK\x06\x06" or records[_END64.size :][:4] != b"PK\x06\x07":
        raise _unlisted(path, "ZIP64")
    _, size, _, _, disk, first, here, count, length, start = _END64.unpack_from(records)
    _, _, offset, _ = _LOCATOR.unpack_from(records, _END64.size)
    if disk or first or here != count or offset != at or size != _END64.size - 12:
        raise _unlisted(path, "ZIP64")
    return count, length, start, at


def _listed(path: Path, directory: bytes) -> Iterator[Entry]:
    at = 0
    while at < len(directory):
        if directory[at : at + 4] != _DIRECTORY_ENTRY or at + CENTRAL.size > len(directory):
            raise _unlisted(path, f"central directory, {at}")
        (_, made, need, flags, method, time, date, crc, deflated, inflated,
         names, extras, comments, disk, internal, external, start) = CENTRAL.unpack_from(
            directory, at
        )  # fmt: skip
        at += CENTRAL.size
        raw, extra, comment = _cut(directory, at, names, extras, comments)
        at += names + extras + comments
        name = _name(path, raw, flags)
        if len(raw) + len(extra) + len(comment) != names + extras + comments or disk:
            raise damaged(path, name)
        inflated, deflated, start = _wide(path, name, extra, (inflated, deflated, start))
        entry = Entry(
            name, raw, made, need, flags, method, (time, date), crc, deflated, inflated,
            extra, comment, (internal, external), start, 0, 0, b"",
        )  # fmt: skip
        _check(path, entry)
        yield entry


def _cut(content: bytes, at: int, *lengths: int) -> list[bytes]:
    pieces = []
    for length in lengths:
        pieces.append(content[at : at + length])
        at += length
    return pieces


def _name(path: Path, raw: bytes, flags: int) -> str:
    try:
        name = raw.decode("utf-8" if flags & UTF8 else "cp437")
    except UnicodeDecodeError as exc:
        raise _unlisted(path, exc) from exc
    steps = name.removesuffix("/").split("/")
    drive = len(steps[0]) > 1 and steps[0][1] == ":"
    if drive or "\\" in name or "\0" in name or not {"", ".", ".."}.isdisjoint(steps):
        raise UnreadableAssetError("kz.error.package-name", path=path, name=name)
    return name


def _wide(path: Path, name: str, extra: bytes, values: tuple[int, int, int]) -> Iterator[int]:
    """Return sizes and offset, those of 32 bits that are all ones from the ZIP64 field."""
    field = next((body for kind, body in fields(extra) if kind == ZIP64), b"")
    at = 0
    found = []
    for value in values:
        if value == _UNKNOWN_32:
            if len(field) < at + 8:
                raise damaged(path, name)
            value = int.from_bytes(field[at : at + 8], "little")  # noqa: PLW2901  its real one
            at += 8
        found.append(value)
    return iter(found)


def fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Return an extra field's records; what is cut off at its end is left out."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if at + 4 + length > len(extra):
            return
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _check(path: Path, entry: Entry) -> None:
    if entry.flags & _ENCRYPTED:
        raise UnreadableAssetError("kz.error.package-encrypted", path=path, name=entry.name)
    if entry.method not in (STORED, DEFLATED):
        raise UnreadableAssetError(
            "kz.error.package-method", path=path, name=entry.name, method=entry.method
        )
    if entry.method == STORED and entry.inflated != entry.deflated:
        raise damaged(path, entry.name)
    if entry.made >> 8 == _UNIX and (entry.attributes[1] >> 16) & _TYPE == _LINK:
        raise UnreadableAssetError("kz.error.package-name", path=path, name=f"{entry.name} ->")


def _check_size(path: Path, listed: list[Entry]) -> None:
    total = sum(entry.inflated for entry in listed)
    if total > MAX_INFLATED_BYTES:
        raise _limit(path, "inflated", total, MAX_INFLATED_BYTES)
    for entry in listed:
        if entry.inflated > max(MIN_BOMB_BYTES, MAX_RATIO * entry.deflated):
            raise _limit(path, entry.name, entry.inflated, MAX_RATIO * entry.deflated)


def _placed(path: Path, file: BinaryIO, listed: list[Entry], directory: int) -> tuple[Entry, ...]:
    """Return the entries with their place in the file, once the local headers say the same."""
    starts = sorted(entry.start for entry in listed)
    following = dict(zip(starts, [*starts[1:], directory], strict=True))
    placed = tuple(_at(path, file, entry, following[entry.start]) for entry in listed)
    if not starts or starts[0] != 0 or len(following) != len(listed):
        raise _unlisted(path, "local headers")
    return placed


def _at(path: Path, file: BinaryIO, entry: Entry, end: int) -> Entry:
    from dataclasses import replace

    file.seek(entry.start)
    header = file.read(LOCAL.size)
    if len(header) < LOCAL.size or header[:4] != LOCAL_ENTRY:
        raise damaged(path, entry.name)
    _, _, flags, method, _, _, crc, deflated, inflated, names, extras = LOCAL.unpack(header)
    raw, extra = _cut(file.read(names + extras), 0, names, extras)
    body = entry.start + LOCAL.size + names + extras
    same = (raw, method, flags & _ENCRYPTED) == (entry.raw_name, entry.method, 0)
    sizes = (crc, deflated, inflated) == (entry.crc, entry.deflated, entry.inflated)
    later = flags & DESCRIPTOR or _UNKNOWN_32 in (deflated, inflated)
    if not same or not (sizes or later) or body + entry.deflated > end:
        raise damaged(path, entry.name)
    return replace(entry, body=body, end=end, local_extra=extra)
