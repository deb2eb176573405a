"""Many files, none of them trusted: each is verified in a worker that can be killed.

The worker is forked before c2pa is imported (its contexts do not survive a fork), under an
address-space limit; a file that takes too long, or takes the worker down, is one undetermined row,
and the next file gets a new worker (DESIGN 7).
"""

from __future__ import annotations

import glob
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

from kzlabel import __version__
from kzlabel._identity import now
from kzlabel._looking import Options
from kzlabel.errors import LimitError
from kzlabel.labels import COMPANION_SUFFIXES
from kzlabel.model import AssetReport, Report, Summary, TrustListReport
from kzlabel.verdict import counted, error_row, exit_code, premises
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
    """Yield a row for every path, in order; a file that kills or stalls its worker is one too."""
    worker: _Worker | None = None
    try:
        for path in paths:
            worker = worker or _Worker(options, address_space)
            row = worker.verify(path, seconds)
            if row is None:
                code = worker.end()
                worker = None
                row = error_row(path, LimitError(code, path=path, seconds=f"{seconds:g}"))
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
            pipe.send_bytes(_row(path, options))


def _row(path: Path, options: Options) -> bytes:
    """Return the row for `path` as the message it travels in."""
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


# --- Which files ----------------------------------------------------------------------------------


def assets_of(paths: Iterable[Path], *, recursive: bool) -> Iterator[Path]:
    """Yield the assets that `paths` name: files, and with `recursive` what lies in directories.

    A companion is passed over only where its asset lies beside it: a lone one is looked at, so that
    no file can slip through by its name.
    """
    for path in paths:
        if recursive and path.is_dir():
            yield from _walk(path)
        elif not is_companion(path):
            yield path


def is_companion(path: Path) -> bool:
    """Whether `path` is a companion of an asset that lies beside it."""
    names = [path.name.removesuffix(s) for s in COMPANION_SUFFIXES if path.name.endswith(s)]
    if any(name and path.with_name(name).is_file() for name in names):
        return True
    stem = path.name.removesuffix(".c2pa")
    siblings = path.parent.glob(f"{glob.escape(stem)}.*") if stem != path.name else ()
    return any(one.stem == stem and one != path for one in siblings)


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the assets below `folder` by name; hidden ones and links to folders are left out."""
    for directory, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(directory) / name
            if not name.startswith(".") and not is_companion(path):
                yield path


# --- What came of them ----------------------------------------------------------------------------

_NOT_REACHED = {"kz.error.closed", "kz.error.os", "kz.error.not-a-file", "kz.error.is-directory"}


class Tally:
    """Counts rows as they pass, so that none has to be held, and closes the report over them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._summary = Summary(assets=0, verdicts={}, origins={})
        self._missed = False

    def counting(self, rows: Iterable[AssetReport]) -> Iterator[AssetReport]:
        """Yield `rows` as they come, counted."""
        for row in rows:
            self._summary = counted(self._summary, row)
            self._missed |= row.error is not None and row.error.code in _NOT_REACHED
            yield row

    def report(self) -> Report:
        """Return the report over all rows counted so far, without the rows."""
        return Report(
            schema="kzlabel.report/1", tool=f"kzlabel {__version__}",
            profile=self._options.profile.name, verified_at=now(), premises=premises(),
            trust_lists=tuple(
                TrustListReport(
                    name=one.name, kind=" ".join(sorted(one.kinds)),
                    date=one.date, sha256=one.sha256,
                )
                for one in self._options.trust.lists
            ),
            assets=(), summary=self._summary,
        )  # fmt: skip

    def exit_code(self) -> int:
        """Return 2 where a path was missing or unreadable, else the frozen code of the verdicts."""
        return 2 if self._missed else exit_code(self._summary.verdicts)
