"""What an ID3v2 tag may cost those who read all of it, as FFmpeg and c2pa-rs do, without a limit.

FFmpeg looks through all names for each name it adds, and both inflate whatever is compressed.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError
from kzlabel.formats._id3 import HEADER, MAX_FRAMES, MAX_TAG, parsed, tag_size
from kzlabel.formats._id3_text import is_compressed, stored

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.formats._id3 import Tag

MAX_CHAINED = 64
"""Tags, one after another."""
_PIECE = 1 << 16


def check_id3(before: bytes, path: Path) -> None:
    """Raise `LimitError` for tags at its start that have too many frames, or bombs."""
    at = frames = 0
    left = MAX_TAG
    for _ in range(MAX_CHAINED):
        size = tag_size(before[at : at + HEADER])
        if not size:
            return
        if tag := parsed(before[at : at + size]):
            frames += len(tag.frames)
            left -= _inflated(tag, left)
        if left < 0 or frames >= MAX_FRAMES:
            raise LimitError("kz.error.id3-inflated", path=path, limit=MAX_TAG, frames=MAX_FRAMES)
        at += size


def _inflated(tag: Tag, limit: int) -> int:
    """Return how many bytes the compressed frames take inflated; not much more than `limit`."""
    total = 0
    for frame in tag.frames:
        if total > limit:
            break
        if is_compressed(frame.flags, tag.version):
            held = stored(frame.content, frame.flags, tag.version,
                          unsynchronised=tag.unsynchronised)  # fmt: skip
            total += _size(held or b"", limit - total)
    return total


def _size(content: bytes, limit: int) -> int:
    """Return how many bytes come out, counted until they are more than `limit`; none is kept."""
    inflate = zlib.decompressobj()
    size = 0
    try:
        while content and not inflate.eof and size <= limit:
            size += len(inflate.decompress(content, _PIECE))
            content = inflate.unconsumed_tail
    except zlib.error:
        pass
    return size
