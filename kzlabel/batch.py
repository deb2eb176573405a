"""Many files, none of them trusted: each is verified in a worker that can be killed.

The worker is forked before c2pa is imported (its contexts do not survive a fork), under an
address-space limit; a file that takes too long, or takes the worker down, is one undetermined row,
and the next file gets a new worker (DESIGN 7).
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec

from kzlabel._looking import Options
from kzlabel._staging import PREFIX
from kzlabel.errors import LimitError
from kzlabel.labels import COMPANION_SUFFIXES
from kzlabel.model import AssetReport
from kzlabel.verdict import error_row
from kzlabel.workflow import verify

ADDRESS_SPACE_LIMIT = 4 * 1024**3
"""Bytes of address space a worker may have: the largest picture within limits needs about 1 GiB."""
TIME_LIMIT = 60.0
"""Seconds one file may take before its worker is killed."""


def verify_each(
    paths: Iterable[Path],
    options: Options,
    *,
    seconds: float = TIME_LIMIT,
    address_space: int = ADDRESS_SPACE_LIMIT,
) -> Iterator[AssetReport]:
    """Yield a row for every path, in order; a file that kills or stalls its worker is such a row."""
    worker: _Worker | None = None
    try:
        for path in paths:
            worker = worker or _Worker(options, address_space)
            row = worker.verify(path, seconds)
            if row is None:
                worker, code = None, worker.end()
                row = error_row(str(path), LimitError(code, path=path, seconds=f"{seconds:g}"))
            yield row
    finally:
        if worker:
            worker.end()


class _Worker:
    """One forked process that verifies the paths it is sent, one at a time."""

    def __init__(self, options: Options, address_space: int) -> None:
        context = multiprocessing.get_context("fork")
        self._pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(
            target=_work, args=(theirs, self._pipe, options, address_space), daemon=True
        )
        self._process.start()
        theirs.close()

    def verify(self, path: Path, seconds: float) -> AssetReport | None:
        """Return the row for `path`, or None where the worker died or took too long."""
        with suppress(EOFError, OSError):
            self._pipe.send_bytes(os.fsencode(path))
            if self._pipe.poll(seconds):
                return _received(self._pipe.recv_bytes())
        return None

    def end(self) -> str:
        """Kill the worker; return the code that says how it had ended."""
        slow = self._process.is_alive()
        self._process.kill()
        self._process.join()
        self._pipe.close()
        return "kz.error.worker-slow" if slow else "kz.error.worker-died"


def _received(message: bytes) -> AssetReport:
    return msgspec.msgpack.decode(message, type=AssetReport)


def _work(pipe: Connection, parents: Connection, options: Options, address_space: int) -> None:
    """Be the worker: verify what is asked until the parent hangs up."""
    parents.close()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.__stderr__.fileno() if sys.__stderr__ else 2)  # decoders chatter there
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            path = Path(os.fsdecode(pipe.recv_bytes()))
            pipe.send_bytes(msgspec.msgpack.encode(_row(path, options)))


def _row(path: Path, options: Options) -> AssetReport:
    try:
        return verify(
            path, profile=options.profile, trust=options.trust,
            synthetic=options.synthetic, look=options.look,
        )  # fmt: skip
    except MemoryError:
        return error_row(str(path), LimitError("kz.error.memory", path=path))
    except Exception as exc:  # noqa: BLE001  one bad file is one row, never the end of the batch
        return error_row(str(path), LimitError("kz.error.internal", path=path, detail=repr(exc)))


# --- Which files ----------------------------------------------------------------------------------


def is_asset(path: Path) -> bool:
    """Whether a file found in a folder is an asset: not hidden, not a companion."""
    name = path.name
    return not name.startswith((".", PREFIX)) and not name.endswith(COMPANION_SUFFIXES)


def walk(folder: Path) -> Iterator[Path]:
    """Yield the assets below `folder`, sorted by name; links to folders are not followed."""
    for directory, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(directory) / name
            if is_asset(path):
                yield path
