"""AVI: RIFF of the form `AVI `, and where its chunks lie.

https://learn.microsoft.com/windows/win32/directshow/avi-riff-file-reference: `LIST hdrl` (how many
streams, of what), `LIST INFO`, `LIST movi` (the media), `idx1`. OpenDML 1.02 lets any number of
`RIFF AVIX` follow, each with a `movi`, for files beyond 1 GB; its indexes (`indx`, `ix##`) count
from the file's first byte, `idx1` from `movi` or from the first byte. So nothing before the media
may move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

HEADER = 12
CHUNK_HEADER = 8
MAX_CHUNKS = 20_000
"""Chunks at the top of all RIFFs of one file; a file of 2 GB has some dozens."""
MAX_DEPTH = 8
MAX_RIFF = 0xFFFFFFFF
MAX_HELD = 4 << 20
"""Bytes of a chunk that is read into memory (XMP)."""
_LISTS = (b"LIST", b"RIFF")


class Chunk(NamedTuple):
    """One chunk: its name, where its header begins, and how much it holds without padding."""

    name: bytes
    at: int
    size: int

    @property
    def body(self) -> int:
        """Where what it holds begins."""
        return self.at + CHUNK_HEADER

    @property
    def stop(self) -> int:
        """Where the next one begins."""
        return self.body + self.size + (self.size & 1)


@dataclass(frozen=True)
class Riff:
    """One RIFF of the file."""

    form: bytes
    at: int
    end: int
    """Where what it holds ends, as its header says."""
    chunks: tuple[Chunk, ...]

    @property
    def full(self) -> bool:
        """Whether its chunks end, padding and all, where it ends."""
        return not self.chunks or self.chunks[-1].stop == self.end


@dataclass(frozen=True)
class Avi:
    """Where the parts of one file lie."""

    path: Path
    riffs: tuple[Riff, ...]
    """The first is `AVI `, others `AVIX`."""
    size: int
    """Bytes of the file; other bytes may follow the RIFFs."""

    @property
    def end(self) -> int:
        """Where the last RIFF ends."""
        return self.riffs[-1].end

    def all(self, name: bytes) -> Iterator[Chunk]:
        """Yield the chunks of that name at the top of any RIFF."""
        return (c for riff in self.riffs for c in riff.chunks if c.name == name)

    def find(self, name: bytes) -> Chunk | None:
        """Return the first of them."""
        return next(self.all(name), None)

    def read(self, chunk: Chunk) -> bytes:
        """Return what a chunk holds; raises `LimitError` beyond `MAX_HELD`."""
        if chunk.size > MAX_HELD:
            raise LimitError("kz.error.avi-chunk", path=self.path, limit=MAX_HELD)
        with self.path.open("rb") as file:
            file.seek(chunk.body)
            return file.read(chunk.size)


def read_avi(path: Path) -> Avi:
    """Return where things lie; raises `UnreadableAssetError`, `LimitError`, `OSError`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        riffs = tuple(_riffs(file, path, size))
    if not riffs or not any(chunk.name == b"LIST" for chunk in riffs[0].chunks):
        raise UnreadableAssetError("kz.error.avi-damaged", path=path, at=0)
    return Avi(path, riffs, size)


def _riffs(file: BinaryIO, path: Path, size: int) -> Iterator[Riff]:
    at, left = 0, MAX_CHUNKS
    while True:
        file.seek(at)
        head = file.read(HEADER)
        if head[:4] != b"RIFF" or head[8:] != (b"AVIX" if at else b"AVI "):
            return
        end = at + CHUNK_HEADER + int.from_bytes(head[4:8], "little")
        if end > size or end < at + HEADER:
            raise UnreadableAssetError("kz.error.avi-cut", path=path, at=at)
        chunks = []
        for chunk in chunks_in(file, path, at + HEADER, end):
            chunks.append(chunk)
            left -= 1
            if left < 0:
                raise LimitError("kz.error.avi-chunks", path=path, limit=MAX_CHUNKS)
        yield Riff(head[8:], at, end, tuple(chunks))
        at = end + (end & 1)


def chunks_in(file: BinaryIO, path: Path, at: int, end: int) -> Iterator[Chunk]:
    """Yield the chunks from `at` to `end`; the last one's padding may be missing.

    Raises `UnreadableAssetError` where one goes beyond the end.
    """
    while at < end:
        file.seek(at)
        head = file.read(min(CHUNK_HEADER, end - at))
        chunk = Chunk(head[:4], at, int.from_bytes(head[4:], "little"))
        if len(head) < CHUNK_HEADER or chunk.body + chunk.size > end:
            raise UnreadableAssetError("kz.error.avi-cut", path=path, at=at)
        yield chunk
        at = chunk.stop


def list_form(file: BinaryIO, chunk: Chunk) -> bytes:
    """Return the first four bytes that a chunk holds: of a list, its form."""
    file.seek(chunk.body)
    return file.read(min(chunk.size, 4))


def inside(file: BinaryIO, avi: Avi, outer: Chunk) -> Iterator[Chunk]:
    """Yield the chunks of a list; raises as `chunks_in`, and `LimitError` beyond `MAX_CHUNKS`."""
    chunks = chunks_in(file, avi.path, outer.body + 4, outer.body + outer.size)
    for count, chunk in enumerate(chunks):
        if count >= MAX_CHUNKS:
            raise LimitError("kz.error.avi-chunks", path=avi.path, limit=MAX_CHUNKS)
        yield chunk
