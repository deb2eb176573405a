"""What Samsung's apps leave behind a picture: JSON objects in the trailer that ends with `SEFT`.

Blocks, then the directory `SEFH, version (4), count (4), entries`, its length (4), `SEFT`; numbers
are little endian. An entry is `0 (2), type (2), distance from the directory back to the block (4),
size (4)`, a block `0 (2), type (2), length of its name (4), name, content`. As ExifTool's
Image::ExifTool::Samsung reads it; the photo editor says there how a picture was edited.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from kzlabel.formats._repeats import gathered

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DIRECTORY = 12 + 12 * 256
"""Bytes of the directory: 256 blocks."""
MAX_BLOCK = 256 * 1024
"""Bytes of a block of JSON; motion pictures, which are blocks too, are passed over."""
MAX_DEPTH = 8
MAX_KEYS = 1024
_END = 8
_HEAD = 12


def read_samsung(file: BinaryIO, end: int | None = None) -> dict[str, str]:
    """Return the keys of the JSON objects in the trailer before `end`; {} where there is none."""
    end = file.seek(0, 2) if end is None else end
    file.seek(max(0, end - _END))
    tail = file.read(_END)
    if tail[4:] != b"SEFT":
        return {}
    return gathered(pair for block in _blocks(file, end - _END, tail) for pair in _pairs(block))


def _blocks(file: BinaryIO, end: int, tail: bytes) -> Iterator[bytes]:
    """Yield the contents of the blocks that are small enough, without their names."""
    length = int.from_bytes(tail[:4], "little")
    if not _HEAD <= length <= min(MAX_DIRECTORY, end):
        return
    at = end - length
    file.seek(at)
    directory = file.read(length)
    if not directory.startswith(b"SEFH"):
        return
    table = directory[_HEAD : length - length % 12]
    for _, distance, size in struct.iter_unpack("<III", table):
        if _END < size <= MAX_BLOCK and size <= distance <= at:
            file.seek(at - distance)
            block = file.read(size)
            yield block[_END + int.from_bytes(block[4:_END], "little") :]


def _pairs(block: bytes) -> Iterator[tuple[str, str]]:
    """Yield the keys of an object and of the objects in it with their values, as JSON has them."""
    pending = [(_parsed(block), 0)]
    keys = 0
    while pending:
        value, depth = pending.pop()
        if not isinstance(value, dict) or depth > MAX_DEPTH:
            continue
        for name, content in value.items():
            keys += 1
            if keys > MAX_KEYS:
                return
            if isinstance(content, str):
                yield name, content
                pending.append((_parsed(content.encode()), depth + 1))
            elif isinstance(content, dict):
                pending.append((content, depth + 1))
            elif content is not None:
                yield name, msgspec.json.encode(content).decode()


def _parsed(text: bytes) -> object:
    """Return the object that a text is, None for anything else; the editor nests some so."""
    if text.lstrip()[:1] != b"{":
        return None
    try:
        found: object = msgspec.json.decode(text.rstrip(b"\0"))
    except (msgspec.DecodeError, RecursionError):
        return None
    return found
