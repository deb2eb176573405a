"""Opening a container for reading: one demuxer, by name, and nothing but the file itself.

A hostile file must not choose its demuxer (playlists and `concat` scripts open other files), nor
name one: FFmpeg is given an open file, and so has neither a path nor a protocol to follow.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import av  # noqa: TID253  this is the border; its users import it inside functions

from kzlabel.errors import UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer

BUFFER_BYTES = 1 << 18
"""Read at once; each read is a Python call."""
MAX_STREAMS = 64
"""Streams in one file; FFmpeg's own limit is 1000."""
_OPTIONS = {
    "max_streams": str(MAX_STREAMS),
    "enable_drefs": "0",  # MOV: external data
    "use_absolute_path": "0",
}


@contextmanager
def opened(path: Path, demuxer: str) -> Iterator[InputContainer]:
    """Open `path` with the demuxer of that name; raises `UnreadableAssetError`, and `OSError`.

    FFmpeg's errors inside the block are translated too.
    """
    with path.open("rb") as file, translating(path):
        options = _OPTIONS if demuxer in ("mov", "mp4") else {"max_streams": str(MAX_STREAMS)}
        with av.open(
            file, "r", format=demuxer, options=options,
            buffer_size=BUFFER_BYTES, metadata_errors="replace",
        ) as container:  # fmt: skip
            yield container


@contextmanager
def translating(path: Path) -> Iterator[None]:
    """Raise `UnreadableAssetError` in the place of FFmpeg's errors."""
    try:
        yield
    except av.error.FFmpegError as exc:
        raise UnreadableAssetError(
            "kz.error.media-undecodable", path=path, detail=exc.strerror
        ) from exc
    except OSError as exc:
        if exc.errno != errno.EINVAL:
            raise
        # A demuxer that reckons with a damaged length seeks before the file's beginning.
        raise UnreadableAssetError("kz.error.media-undecodable", path=path, detail=exc) from exc
