"""What a worker does: it is told the options once, then verifies each path it is sent."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import msgspec

from kzlabel._looking import row_of
from kzlabel._options import Options
from kzlabel.errors import LimitError
from kzlabel.model import AssetReport
from kzlabel.verdict import error_row


class Answering:
    """The first message is the options, every other a path; a path's answer is its row."""

    def __init__(self) -> None:
        self._options: Options | None = None

    def __call__(self, message: bytes) -> bytes:
        """Return the answer to one message, whatever it asks for."""
        if self._options is None:
            self._options = pickle.loads(message)  # noqa: S301  our own parent's words
            return b""
        return msgspec.msgpack.encode(_row(Path(os.fsdecode(message)), self._options))


def _row(path: Path, options: Options) -> AssetReport:
    try:
        row = row_of(path, options)
        msgspec.msgpack.encode(row)  # text that cannot travel is caught here
    except MemoryError:
        return error_row(path, LimitError("kz.error.memory", path=path))
    except Exception as exc:  # noqa: BLE001  one bad file is one row, never the end of the batch
        return error_row(path, LimitError("kz.error.internal", path=path, detail=repr(exc)))
    return row
