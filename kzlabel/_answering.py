"""What a worker does with one path: verify it, whatever it is, and send the row back."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import msgspec

from kzlabel.errors import LimitError
from kzlabel.verdict import error_row
from kzlabel.workflow import verify


def answered(message: bytes) -> bytes:
    """Return the row for the path and options in `message`, as the message it travels in."""
    name, options = pickle.loads(message)  # noqa: S301  our own parent's words
    path = Path(os.fsdecode(name))
    try:
        row = verify(
            path, profile=options.profile, trust=options.trust,
            synthetic=options.synthetic, look=options.look,
        )  # fmt: skip
        return msgspec.msgpack.encode(row)
    except MemoryError:
        row = error_row(path, LimitError("kz.error.memory", path=path))
    except Exception as exc:  # noqa: BLE001  one bad file is one row, never the end of the batch
        row = error_row(path, LimitError("kz.error.internal", path=path, detail=repr(exc)))
    return msgspec.msgpack.encode(row)
