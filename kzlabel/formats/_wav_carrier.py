"""Whether c2pa-rs writes its manifest into a WAV without harm (0.91: `riff_io.rs`, crate `riff`).

It reads every chunk into memory, goes into each `LIST`, and writes everything again: what does not
follow the letter is refused, or lost (bytes behind the RIFF, padding that is not zero).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._pcm_chunks import MAX_CHUNKS
from kzlabel.formats._wav_structure import read_wave, written_on

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from kzlabel.formats._pcm_chunks import Chunk, Container

MAX_EMBEDDED = 256 * 1024 * 1024
"""Bytes of a file that c2pa-rs is given to write again: it takes three times as much memory."""
MAX_DEPTH = 16
"""Of lists in lists; c2pa-rs follows 32."""
_SUBDIVIDED = (b"LIST", b"RIFF", b"seqt")


def companion_reason(path: Path) -> str | None:
    """Return why the manifest has to go beside the file; None: it goes inside.

    Raises `UnreadableAssetError` where the file is cut.
    """
    with path.open("rb") as file:
        container = written_on(read_wave(file, path))
        if container.kind != b"RIFF":
            return "kz.carrier.wav-rf64"
        if container.size > MAX_EMBEDDED:
            return "kz.carrier.wav-large"
        sound = container.honest and container.end == container.size
        if not sound or not _padding_is_zero(file, container) or not _lists_hold(file, container):
            return "kz.carrier.wav-structure"
    return None


def _padding_is_zero(file: BinaryIO, container: Container) -> bool:
    for chunk in container.chunks:
        if chunk.size & 1:
            file.seek(chunk.stop - 1)
            if file.read(1) != b"\0":
                return False
    return True


def _lists_hold(file: BinaryIO, container: Container) -> bool:
    """Whether each list is filled by whole, padded chunks, and by no more than there may be."""
    ranges = [(chunk, 0) for chunk in container.all(*_SUBDIVIDED)]
    seen = 0
    while ranges:
        chunk, depth = ranges.pop()
        if depth >= MAX_DEPTH or chunk.name != b"LIST":
            return False
        inner = _inside(file, chunk)
        seen += len(inner)
        if (not inner and chunk.size != 4) or seen > MAX_CHUNKS:  # noqa: PLR2004  its form
            return False
        ranges += [(child, depth + 1) for child in inner if child.name in _SUBDIVIDED]
    return True


def _inside(file: BinaryIO, outer: Chunk) -> list[Chunk]:
    """Return the chunks of a list; none where one does not fit, or there are too many."""
    found: list[Chunk] = []
    at, end = outer.body + 4, outer.body + outer.size
    while at < end:
        file.seek(at)
        header = file.read(8)
        size = int.from_bytes(header[4:], "little")
        stop = at + 8 + size + (size & 1)
        file.seek(stop - 1)
        padded = not size & 1 or file.read(1) == b"\0"
        if len(header) < 8 or stop > end or not padded or len(found) >= MAX_CHUNKS:  # noqa: PLR2004  a header
            return []
        found.append(outer._replace(name=header[:4], at=at, size=size, stop=stop))
        at = stop
    return found
