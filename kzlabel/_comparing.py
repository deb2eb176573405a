"""Two copies of an asset are looked at, one after the other, in a worker that can be killed.

The second copy is also searched for the notices that the first one's labels declare: it may have
lost its own labels, and still show what people can read.
"""

from __future__ import annotations

import os
import pickle
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from kzlabel._changes import Diff
from kzlabel._diff_tags import travelling
from kzlabel._worker import OF_A_COPY, start_worker
from kzlabel.batch import time_for
from kzlabel.diff import diff
from kzlabel.errors import KzlabelError, LimitError, UsageError
from kzlabel.model import AssetReport, Placement, Value
from kzlabel.verdict import error_row

if TYPE_CHECKING:
    from kzlabel._options import Options


class Copy(Value, frozen=True):
    """A copy to be looked at."""

    path: bytes
    elsewhere: tuple[Placement, ...] = ()
    """Notices that the other copy's labels declare."""
    look: bool = False
    """Whether to search for notices: the other copy has some that no label declares."""

    @property
    def file(self) -> Path:
        """Where it lies."""
        return Path(os.fsdecode(self.path))


class Found(Value, frozen=True):
    """What one copy is."""

    row: AssetReport
    tags: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    hints: tuple[Placement, ...] = ()


def compare(before: Path, after: Path, options: Options, *, seconds: float) -> Diff:
    """Return what became of an asset between two copies of it.

    Raises `UsageError` where one could not be looked at, `LimitError` where it took more than
    `seconds` (and a second for every 20 MB), or took the worker down.
    """
    with closing(_Desk(options, seconds)) as desk:
        first = desk.ask(before)
        undeclared = bool(first.row.notices) and not first.hints
        second = desk.ask(after, elsewhere=first.hints, look=undeclared)
    return diff(first.row, first.tags, second.row, second.tags, profile=options.profile.name)


_ONE_FILE = {"kz.error.is-directory": "kz.error.not-a-file"}
"""Codes of errors that would advise what only serves many files, and what is said of one."""


class _Desk:
    """The worker that looks at both."""

    def __init__(self, options: Options, seconds: float) -> None:
        self._worker = start_worker()
        self._seconds = seconds
        self._worker.ask(pickle.dumps(options), seconds)

    def ask(
        self, path: Path, *, elsewhere: tuple[Placement, ...] = (), look: bool = False
    ) -> Found:
        limit = time_for(path, self._seconds)
        asked = Copy(path=os.fsencode(path), elsewhere=elsewhere, look=look)
        answer = self._worker.ask(OF_A_COPY + msgspec.msgpack.encode(asked), limit)
        if answer is None:
            code = "kz.error.worker-slow" if self._worker.late else "kz.error.worker-died"
            raise LimitError(code, path=path, seconds=f"{limit:.3g}")
        found = msgspec.msgpack.decode(answer, type=Found)
        error = found.row.error
        if error is not None:
            raise UsageError(_ONE_FILE.get(error.code, error.code), **error.values)
        return found

    def close(self) -> None:
        self._worker.end()


# --- In the worker --------------------------------------------------------------------------------


def copy_in(message: bytes) -> Copy:
    """Return the copy that a message of ours asks for."""
    return msgspec.msgpack.decode(message.removeprefix(OF_A_COPY), type=Copy)


def find(copy: Copy, options: Options) -> Found:
    """Look at a copy; what could not be looked at is a row with its error."""
    from kzlabel._looking import looked_at

    if copy.look and options.look is None:
        options = structs.replace(options, look=True)
    try:
        seen = looked_at(copy.file, options, elsewhere=copy.elsewhere)
    except (KzlabelError, OSError) as exc:
        return Found(row=error_row(copy.file, exc))
    tags = {family: dict(held) for family, held in travelling(seen.tags).items()}
    return Found(row=seen.row, tags=tags, hints=seen.hints)
