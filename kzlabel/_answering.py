"""What a worker does: it is told the options once, then answers what it is asked of each path."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from kzlabel._looking import row_of
from kzlabel._options import Options
from kzlabel._seen import state_of, uri_of
from kzlabel._worker import LOAD, OF_A_COPY
from kzlabel.errors import LimitError
from kzlabel.model import AssetReport, Seen
from kzlabel.verdict import error_row

if TYPE_CHECKING:
    from kzlabel._thumbnailing import Thumbnailing


class Answering:
    """The first message is the options, every other a path; a path's answer is its row.

    `LOAD` is no path. What begins with `OF_A_COPY` asks for one of two copies (`_comparing`).
    """

    def __init__(self, options: Options | None = None) -> None:
        self._options = options
        self._run = options.run if options else ""
        self._thumbnailing: Thumbnailing | None = None

    def __call__(self, message: bytes) -> bytes:
        """Return the answer to one message, whatever it asks for."""
        if self._options is None:
            self._options = pickle.loads(message)  # noqa: S301  our own parent's words
            self._run = self._options.run
            return b""
        options = self._options
        if message == LOAD:
            return _load(options)
        if message.startswith(OF_A_COPY):
            from kzlabel._comparing import Found, copy_in, find

            copy = copy_in(message)
            return _answer(copy.file, lambda: find(copy, options), lambda row: Found(row=row))
        path = Path(os.fsdecode(message))
        look = partial(self._pictured if options.thumbnails else row_of, path, options)
        return _answer(path, lambda: _watched(path, look, self._run), lambda row: row)

    def _pictured(self, path: Path, options: Options) -> AssetReport:
        """Return the row of a file, with a thumbnail where it has one."""
        from kzlabel._thumbnailing import Thumbnailing

        # Begun first: it loads what it needs while the row is made.
        beside = self._thumbnailing = self._thumbnailing or Thumbnailing()
        row = row_of(path, options)
        thumbnail = beside.of(path, row.media_type)
        return structs.replace(row, thumbnail=thumbnail) if thumbnail else row


def _load(options: Options) -> bytes:
    """Load the libraries of signed labels and pictures: a tenth of a second, once for all bred.

    They are only loaded: what they make (contexts, decoders) would not survive a fork.
    """
    from kzlabel import _chain, _x509  # noqa: F401
    from kzlabel.labels import _c2pa  # noqa: F401

    if options.look is not False:
        from kzlabel.formats import _raster, _raster_judge  # noqa: F401
        from kzlabel.notices import _judge  # noqa: F401
    return b""


def _watched(path: Path, look: Callable[[], AssetReport], run: str) -> AssetReport:
    """Return the row of a file that stood still while it was looked at; else it is an error's."""
    before = state_of(path)
    row = look()
    if before is None:
        return row  # it says itself that there is no such file
    if state_of(path) != before:
        row = error_row(path, LimitError("kz.error.changed", path=path))
    seen = Seen(uri=uri_of(path), modified=before.modified, run=run, bytes=before.bytes)
    return structs.replace(row, seen=seen)


def _answer(
    path: Path,
    look: Callable[[], msgspec.Struct],
    failed: Callable[[AssetReport], msgspec.Struct],
) -> bytes:
    try:
        return msgspec.msgpack.encode(look())  # text that cannot travel is caught here
    except MemoryError:
        row = error_row(path, LimitError("kz.error.memory", path=path))
    except Exception as exc:  # noqa: BLE001  one bad file is one row, never the end of the batch
        row = error_row(path, LimitError("kz.error.internal", path=path, detail=repr(exc)))
    return msgspec.msgpack.encode(failed(row))
