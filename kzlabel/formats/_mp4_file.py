"""An MP4 or MOV file: its top-level boxes, its movie header, and how it is laid out."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, UnreadableAssetError
from kzlabel.formats._bmff import Box, DamagedBoxError, top_level
from kzlabel.formats._mp4_parts import find, split

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_MOVIE = 64 << 20
"""Bytes of `moov`, held in memory: some ten hours of pictures and sound."""
MAX_META = 4 << 20
"""Bytes of `meta` at the top of the file that are read for tags."""


@dataclass(frozen=True)
class Movie:
    """A file whose boxes can be walked, with its movie header."""

    path: Path
    boxes: tuple[Box, ...]
    box: Box
    """`moov`."""
    moov: bytes
    """Its payload."""

    @cached_property
    def fragmented(self) -> bool:
        """Whether its samples lie in movie fragments (`moof`), or may come in some."""
        with damage(self.path):
            return find(self.moov, b"mvex") is not None or self.first(b"moof") is not None

    @property
    def faststart(self) -> bool:
        """Whether the movie header comes before what it describes."""
        media = self.first(b"mdat")
        return media is None or self.box.start < media.start

    def first(self, kind: bytes) -> Box | None:
        """Return the first top-level box of a type."""
        return next((box for box in self.boxes if box.kind == kind), None)

    @property
    def brand(self) -> bytes:
        """The major brand; empty where there is no `ftyp`."""
        kind = self.first(b"ftyp")
        return b"" if kind is None else read_range(self.path, kind.payload, kind.payload + 4)

    @cached_property
    def traks(self) -> tuple[bytes, ...]:
        """The payloads of the tracks."""
        with damage(self.path):
            return tuple(each.payload for each in split(self.moov) if each.kind == b"trak")


def read_movie(path: Path) -> Movie:
    """Return the file's structure; raises `UnreadableAssetError` without a movie header."""
    boxes = top_level(path)
    box = next((each for each in boxes if each.kind == b"moov"), None)
    if box is None:
        raise UnreadableAssetError("kz.error.mp4-no-movie", path=path)
    if box.size > MAX_MOVIE:
        raise LimitError("kz.error.box-size", path=path, limit=MAX_MOVIE)
    return Movie(path, boxes, box, read_range(path, box.payload, box.end))


def read_meta(movie: Movie) -> bytes | None:
    """Return what `meta` at the top of the file holds; None where there is none of a likely size.

    Items of any kind may lie there (ISO/IEC 14496-12, 8.11); tags take little room.
    """
    box = movie.first(b"meta")
    if box is None or box.size > MAX_META:
        return None
    return read_range(movie.path, box.payload, box.end)


def read_range(path: Path, start: int, end: int) -> bytes:
    """Return the bytes from `start` to `end`; the caller has bounded them."""
    with path.open("rb") as stream:
        stream.seek(start)
        return stream.read(end - start)


@contextmanager
def damage(path: Path) -> Iterator[None]:
    """Raise `UnreadableAssetError` in the place of `DamagedBoxError` and of tables cut short."""
    try:
        yield
    except DamagedBoxError as exc:
        raise UnreadableAssetError("kz.error.box", path=path, detail=exc) from exc
    except (struct.error, IndexError) as exc:
        short = DamagedBoxError("kz.error.box-short")
        raise UnreadableAssetError("kz.error.box", path=path, detail=short) from exc
