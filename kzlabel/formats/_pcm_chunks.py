"""Chunks of sound files, walked where they lie; none is held but those asked for.

RIFF (https://learn.microsoft.com/windows/win32/xaudio2/resource-interchange-file-format--riff-) and
IFF (EA IFF 85, AIFF 1.3) are the same but for the order of bytes: `RIFF` or `FORM`, a size, the
form, then chunks of a name of four bytes, a size and that many bytes, padded to even.
RF64 (EBU Tech 3306) and BW64 (ITU-R BS.2088) are RIFF whose sizes of 64 bits stand in the first
chunk: `ds64` = size of the file, of `data`, samples, then a table of other chunks, name and size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple

from kzlabel.errors import LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Order = Literal["little", "big"]
MAX_CHUNKS = 20_000
MAX_HELD = 64 * 1024 * 1024
"""Bytes of one chunk that is read whole: tags, markers."""
UNKNOWN = 0xFFFFFFFF
"""A size of 32 bits that stands elsewhere, or that a stream's writer never knew."""
PLACEHOLDERS = (UNKNOWN, UNKNOWN - 36, 0x80000000, 0x7FFFFFFF, 0x7FFFFFFF - 36, 0x7FFFF000)
"""Sizes of `data` from writers that could not go back: FFmpeg's, SoX's and eSpeak NG's, others'."""
HEADER = 12
DS64 = 28
"""Bytes of `ds64` before the entries of its table."""
_ORDERS: Mapping[bytes, Order] = {
    b"RIFF": "little", b"RF64": "little", b"BW64": "little", b"FORM": "big",
}  # fmt: skip
_WIDE = (b"RF64", b"BW64")


class Chunk(NamedTuple):
    """One chunk: its name, where its header of eight bytes begins, and how much it holds."""

    name: bytes
    at: int
    size: int
    stop: int
    """Where the next one begins; the last one's padding may be missing."""

    @property
    def body(self) -> int:
        """Where what it holds begins."""
        return self.at + 8


@dataclass(frozen=True)
class Container:
    """A file's chunks, and what follows them."""

    path: Path
    kind: bytes
    """`RIFF`, `RF64`, `BW64` or `FORM`."""
    form: bytes
    chunks: tuple[Chunk, ...]
    end: int
    """Where the last chunk ends; other bytes may follow."""
    size: int
    cut: bool
    """Whether a chunk claims more than the file holds; `size` of that chunk is what there is."""
    honest: bool
    """Whether the size in the header is where the chunks end, and each has its padding."""

    @property
    def order(self) -> Order:
        """The order of bytes in its numbers."""
        return _ORDERS[self.kind]

    def all(self, *names: bytes) -> tuple[Chunk, ...]:
        """Return the chunks of these names, in their order."""
        return tuple(chunk for chunk in self.chunks if chunk.name in names)

    def find(self, *names: bytes) -> Chunk | None:
        """Return the first chunk of one of these names."""
        return next((chunk for chunk in self.chunks if chunk.name in names), None)

    def read(self, file: BinaryIO, chunk: Chunk) -> bytes:
        """Return what a chunk holds; raises `LimitError` beyond `MAX_HELD`."""
        if chunk.size > MAX_HELD:
            raise LimitError("kz.error.pcm-chunk", path=self.path, name=named(chunk.name),
                             size=chunk.size, limit=MAX_HELD)  # fmt: skip
        file.seek(chunk.body)
        return file.read(chunk.size)

    def whole(self) -> Container:
        """Return itself; raises `UnreadableAssetError` where it is cut: nobody writes on that."""
        if self.cut:
            raise UnreadableAssetError("kz.error.pcm-cut", path=self.path, at=self.size)
        return self


def named(name: bytes) -> str:
    """Return the name of a chunk or a codec as text that prints."""
    return name.decode("latin-1").strip()


def read_chunks(file: BinaryIO, path: Path, forms: tuple[bytes, ...]) -> Container:
    """Walk the chunks of an open file of one of these forms.

    Raises `UnreadableAssetError` where it is none, `LimitError` beyond `MAX_CHUNKS`.
    """
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(HEADER)
    if head[:4] not in _ORDERS or head[8:HEADER] not in forms:
        raise UnreadableAssetError("kz.error.pcm-header", path=path, name=named(forms[0]))
    walk = _Walk(file, path, head[:4], size, int.from_bytes(head[4:8], _ORDERS[head[:4]]))
    chunks = tuple(walk.chunks())
    padded = not any(chunk.size % 2 and chunk.stop == chunk.body + chunk.size for chunk in chunks)
    honest = padded and walk.declared == walk.position
    return Container(path, head[:4], head[8:12], chunks, walk.position, size, walk.cut, honest)


class _Walk:
    """One pass over the headers of a file's chunks."""

    def __init__(self, file: BinaryIO, path: Path, kind: bytes, size: int, said: int) -> None:
        self.cut = False
        self.position = HEADER
        self.declared = said + 8
        self._file, self._path, self._size = file, path, size
        self._order: Order = _ORDERS[kind]
        self._wide = _wide_sizes(file) if kind in _WIDE else {}
        if b"RIFF" in self._wide and said == UNKNOWN:
            self.declared = self._wide[b"RIFF"] + 8
        self._unknown = said in (0, UNKNOWN) and kind not in _WIDE
        self._limit = size if self._unknown else min(size, self.declared)

    def chunks(self) -> Iterator[Chunk]:
        """Yield each chunk; afterwards `position` is where they end."""
        count = 0
        while self.position + 8 <= self._limit and not self.cut:
            self._file.seek(self.position)
            header = self._file.read(8)
            if header == bytes(8):
                return  # zeros that fill up a sector: no chunk has such a name
            count += 1
            if count > MAX_CHUNKS:
                raise LimitError("kz.error.pcm-chunks", path=self._path, limit=MAX_CHUNKS)
            yield self._chunk(header[:4], int.from_bytes(header[4:], self._order))

    def _chunk(self, name: bytes, said: int) -> Chunk:
        body, size = self.position + 8, self._length(name, said)
        if body + size > self._size:
            self.cut, size = True, self._size - body
        stop = body + size + (size & 1)
        chunk = Chunk(name, self.position, size, min(stop, max(self._size, body)))
        self.position = stop
        return chunk

    def _length(self, name: bytes, said: int) -> int:
        """Return a chunk's size; `data` of a writer who never came back to say lasts to the end."""
        if said == UNKNOWN and name in self._wide:
            return self._wide[name]
        body = self.position + 8
        never = said in PLACEHOLDERS and body + said > self._size
        streamed = never or (said == 0 and (self._unknown or body >= self._limit))
        if name == b"data" and self._order == "little" and streamed:
            return self._size - body
        return said


def _wide_sizes(file: BinaryIO) -> dict[bytes, int]:
    """Return the sizes that `ds64` gives, the file's own under `RIFF`; {} where there is none."""
    head = file.read(8)
    size = int.from_bytes(head[4:], "little")
    held = file.read(min(size, DS64 + 12 * MAX_CHUNKS)) if head[:4] == b"ds64" else b""
    if len(held) < DS64 - 4:
        return {}
    count = int.from_bytes(held[24:28], "little")
    entries = (held[at : at + 12] for at in range(DS64, len(held) - 11, 12))
    table = {e[:4]: int.from_bytes(e[4:], "little") for e, _ in zip(entries, range(count))}  # noqa: B905  the shorter
    return table | {
        b"RIFF": int.from_bytes(held[:8], "little"),
        b"data": int.from_bytes(held[8:16], "little"),
    }
