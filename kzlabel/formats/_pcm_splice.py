"""A new sound file out of pieces: stretches of the old one, and what takes their place.

Every size is known before a byte is written, so that a file of any length is written in one pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from kzlabel._progress import done
from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._pcm_chunks import UNKNOWN

if TYPE_CHECKING:
    from kzlabel.formats._pcm_chunks import Chunk, Container

BLOCK = 1 << 20


@dataclass(frozen=True)
class Stretch:
    """Bytes of the source."""

    at: int
    size: int


@dataclass(frozen=True)
class Made:
    """Bytes that are made while they are written; exactly `size` of them."""

    size: int
    blocks: Iterable[bytes]


if TYPE_CHECKING:
    Piece = bytes | Stretch | Made
    Edits = Mapping[Chunk, Sequence[Piece] | None]
    """What a chunk shall hold instead; None takes it away."""
    Added = Sequence[tuple[bytes, Sequence[Piece]]]
    """New chunks, behind the others."""


def size_of(pieces: Iterable[Piece]) -> int:
    """Return how many bytes the pieces are."""
    return sum(len(piece) if isinstance(piece, bytes) else piece.size for piece in pieces)


def respliced(container: Container, edits: Edits, added: Added = ()) -> list[Piece]:
    """Return the pieces of all chunks, headers and padding included.

    A size that 32 bits cannot say is written as 0xFFFFFFFF: the caller's `ds64` says it.
    """
    pieces: list[Piece] = []
    for chunk in container.chunks:
        if chunk not in edits:
            pieces += _kept(container, chunk)
        elif (held := edits[chunk]) is not None:
            pieces += _chunk(container, chunk.name, held)
    for name, held in added:
        pieces += _chunk(container, name, held)
    return pieces


def _kept(container: Container, chunk: Chunk) -> list[Piece]:
    """Return a chunk as it is, with its padding; a size that was never said is said now."""
    if chunk.name == b"data" and not container.honest:
        return _chunk(container, chunk.name, [Stretch(chunk.body, chunk.size)])
    pad = chunk.size & 1 and chunk.stop == chunk.body + chunk.size
    whole = Stretch(chunk.at, chunk.stop - chunk.at)
    return [whole, b"\0"] if pad else [whole]


def _chunk(container: Container, name: bytes, held: Sequence[Piece]) -> list[Piece]:
    size = size_of(held)
    header = name + min(size, UNKNOWN).to_bytes(4, container.order)
    return [header, *held, *([b"\0"] if size & 1 else [])]


def write_pieces(source: BinaryIO, target: BinaryIO, pieces: Sequence[Piece]) -> None:
    """Write the pieces in order; raises `OSError`, and `UnreadableAssetError` on a shrunk source.

    Says how far it has come.
    """
    total, written = max(size_of(pieces), 1), 0
    for piece in pieces:
        for block in _blocks(source, piece):
            target.write(block)
            written += len(block)
            done(written / total)


def _blocks(source: BinaryIO, piece: Piece) -> Iterable[bytes | memoryview]:
    if isinstance(piece, bytes):
        return (piece,)
    return piece.blocks if isinstance(piece, Made) else blocks_of(source, piece)


def blocks_of(source: BinaryIO, stretch: Stretch, block: int = BLOCK) -> Iterable[memoryview]:
    """Yield a stretch in blocks, each overwritten by the next."""
    buffer = memoryview(bytearray(min(block, stretch.size)))
    left = stretch.size
    source.seek(stretch.at)
    while left:
        read = source.readinto(buffer[: min(left, block)])  # type: ignore[attr-defined]  # BinaryIO lacks it, no file does
        if not read:
            raise UnreadableAssetError("kz.error.pcm-cut", path=source.name, at=source.tell())
        yield buffer[:read]
        left -= read
