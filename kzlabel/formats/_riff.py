"""RIFF chunks, walked within limits and left as they are.

https://developers.google.com/speed/webp/docs/riff_container: `RIFF`, the size, the form, then
chunks of a name of four bytes, a size (little endian) and that many bytes, padded to even.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MAX_CHUNKS = 20_000
MAX_BYTES = 512 * 1024 * 1024
HEADER = 12


class Chunk(NamedTuple):
    """One chunk: its name of four bytes, and what it holds without the padding."""

    name: bytes
    payload: bytes

    def encoded(self) -> bytes:
        """Return the chunk's bytes, padded."""
        size = len(self.payload)
        return self.name + size.to_bytes(4, "little") + self.payload + b"\0" * (size & 1)


def read_riff(path: Path, form: bytes) -> tuple[tuple[Chunk, ...], bytes]:
    """Return the chunks of a RIFF file of `form`, and the bytes that follow the RIFF.

    Raises `UnreadableAssetError` where it is cut or another form, `LimitError` beyond a limit.
    """
    if path.stat().st_size > MAX_BYTES:
        raise LimitError("kz.error.riff-bytes", path=path, limit=MAX_BYTES)
    content = path.read_bytes()
    if content[:4] != b"RIFF" or content[8:HEADER] != form:
        raise UnreadableAssetError("kz.error.riff-signature", path=path)
    end = 8 + int.from_bytes(content[4:8], "little")
    if end > len(content):
        raise UnreadableAssetError("kz.error.riff-cut", path=path, at=len(content))
    return parse_chunks(content[HEADER:end], path), content[end:]


def parse_chunks(content: bytes, path: Path) -> tuple[Chunk, ...]:
    """Return the chunks that fill `content`; the last one's padding may be missing."""
    return tuple(_walk(content, path))


def _walk(content: bytes, path: Path) -> Iterator[Chunk]:
    position = count = 0
    while position < len(content):
        start = position + 8
        end = start + int.from_bytes(content[position + 4 : start], "little")
        if start > len(content) or end > len(content):
            raise UnreadableAssetError("kz.error.riff-cut", path=path, at=position)
        count += 1
        if count > MAX_CHUNKS:
            raise LimitError("kz.error.riff-chunks", path=path, limit=MAX_CHUNKS)
        yield Chunk(content[position : position + 4], content[start:end])
        position = end + (end & 1)


def join_chunks(form: bytes, chunks: Iterable[Chunk]) -> bytes:
    """Return a RIFF file of `form` with `chunks`."""
    body = form + b"".join(chunk.encoded() for chunk in chunks)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
