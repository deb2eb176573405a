"""A new file out of stretches of others and bytes of our own, streamed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._new_file import new_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

_BLOCK = 1 << 20


class Stretch(NamedTuple):
    """Bytes of a file, from `at` to `end`."""

    path: Path
    at: int
    end: int


class Edit(NamedTuple):
    """What stands in the place of the bytes from `at` to `end`."""

    at: int
    end: int
    content: bytes


def assemble(dst: Path, parts: Iterable[bytes | Stretch]) -> None:
    """Write `parts` one after the other to a new file; raises `FileExistsError`, `OSError`."""
    with new_file(dst) as out:
        for part in parts:
            if isinstance(part, bytes):
                out.write(part)
            else:
                with part.path.open("rb") as file:
                    _copy(part, file, out)


def edited(path: Path, size: int, edits: Iterable[Edit]) -> Iterator[bytes | Stretch]:
    """Yield a file of `size` bytes with `edits`, which do not overlap, in it."""
    at = 0
    for edit in sorted(edits):
        yield Stretch(path, at, edit.at)
        yield edit.content
        at = edit.end
    yield Stretch(path, at, size)


def _copy(stretch: Stretch, file: BinaryIO, out: BinaryIO) -> None:
    file.seek(stretch.at)
    left = stretch.end - stretch.at
    while left > 0:
        block = file.read(min(left, _BLOCK))
        if not block:  # the file became shorter under our hands
            raise UnreadableAssetError("kz.error.file-changed", path=stretch.path)
        out.write(block)
        left -= len(block)
