"""Thumbnails are made in a process of their own, beside the worker that looks at the file.

Most files are decoded by nothing else when no notice is looked for: what hangs there, eats memory
or crashes costs the picture, and never the row.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import msgspec

from kzlabel._thumbnail import HAVE_ONE, thumbnail_of
from kzlabel._worker import GRACE, Answer, Worker, start_worker
from kzlabel.model import Thumbnail

SECONDS = 10.0
"""Seconds that a picture may take; the largest within limits take one or two."""
KEPT = 1.0
"""Seconds of the file's time that are left for what comes after."""
ADDRESS_SPACE_LIMIT = 3 * 1024**3
"""Bytes of address space; the worker has its own."""


def drawing() -> Answer:
    """Prepare to make thumbnails: a message is a media type, a NUL and a path."""
    from PIL import JpegImagePlugin, WebPImagePlugin  # noqa: F401  while the first row is made

    from kzlabel.formats import _raster, _raster_view  # noqa: F401  likewise

    return _answer


def _answer(message: bytes) -> bytes:
    media_type, _, path = message.partition(b"\0")
    try:
        thumbnail = thumbnail_of(Path(os.fsdecode(path)), media_type.decode())
        return msgspec.msgpack.encode(thumbnail)
    except Exception:  # noqa: BLE001  a picture less: the row says what is wrong with the file
        return b""


class Thumbnailing:
    """Makes thumbnails for one worker, in a process that is begun at once."""

    def __init__(self) -> None:
        self._worker = _begun()

    def of(self, path: Path, media_type: str | None) -> Thumbnail | None:
        """Return the thumbnail of a file; None where it has none, or none was to be had in time."""
        seconds = min(SECONDS, _left() - KEPT)
        self._worker = self._worker or _begun()
        if media_type not in HAVE_ONE or seconds <= 0 or self._worker is None:
            return None
        message = media_type.encode() + b"\0" + os.fsencode(path)
        answer = self._worker.ask(message, seconds)
        if answer is None:
            self.close()
        return msgspec.msgpack.decode(answer, type=Thumbnail) if answer else None

    def close(self) -> None:
        """End the process."""
        if self._worker:
            self._worker.end()
        self._worker = None


def _begun() -> Worker | None:
    with suppress(OSError):  # a system that has no room for one more
        return start_worker(drawing, ADDRESS_SPACE_LIMIT)
    return None


def _left() -> float:
    """Return how many seconds the worker has for its file, by the alarm that will end it."""
    until, _ = signal.getitimer(signal.ITIMER_REAL)
    return until - GRACE if until else SECONDS + KEPT
