"""Many files, none of them trusted: each is verified in a worker that can be killed.

The worker has an address-space limit; a file that takes too long, or takes the worker down, is one
undetermined row, and the next file gets a new worker (DESIGN 7).
"""

from __future__ import annotations

import glob
import os
import pickle
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from kzlabel import __version__
from kzlabel._identity import now
from kzlabel._options import Options
from kzlabel._worker import Worker, start_worker
from kzlabel.errors import LimitError
from kzlabel.model import COMPANION_SUFFIXES, AssetReport, Report, Summary, TrustListReport
from kzlabel.verdict import counted, error_row, exit_code, premises

TIME_LIMIT = 60.0
"""Seconds one file may take before its worker is killed."""


def verify_each(
    paths: Iterable[Path],
    options: Options,
    *,
    worker: Worker | None = None,
    seconds: float = TIME_LIMIT,
) -> Iterator[AssetReport]:
    """Yield a row for every path, in order; a file that kills or stalls its worker is one too.

    `worker`: one that was started before; it is ended with the others.
    """
    told: Worker | None = None
    try:
        for path in paths:
            if told is not worker or worker is None:
                worker = worker or start_worker()
                worker.ask(pickle.dumps(options), seconds)
                told = worker
            answer = worker.ask(os.fsencode(path), seconds)
            if answer is not None:
                yield msgspec.msgpack.decode(answer, type=AssetReport)
                continue
            code = "kz.error.worker-slow" if worker.late else "kz.error.worker-died"
            worker.end()
            worker = None
            yield error_row(path, LimitError(code, path=path, seconds=f"{seconds:g}"))
    finally:
        if worker:
            worker.end()


# --- Which files ----------------------------------------------------------------------------------


def assets_of(paths: Iterable[Path], *, recursive: bool) -> Iterator[Path]:
    """Yield the assets that `paths` name: files, and with `recursive` what lies in directories.

    A companion is passed over only where its asset is looked at too: no file slips through by its
    name. A folder that cannot be listed is yielded itself, and so becomes a row with its error.
    """
    named = list(paths)
    for path in named:
        if recursive and path.is_dir():
            yield from _walk(path)
        elif not any(owner in named for owner in _owners(path)):
            yield path


def _owners(path: Path) -> list[Path]:
    """Return the assets beside `path` that it may be a companion of."""
    names = [path.name.removesuffix(s) for s in COMPANION_SUFFIXES if path.name.endswith(s)]
    owners = [path.with_name(name) for name in names if name]
    stem = path.name.removesuffix(".c2pa")
    if stem != path.name:
        siblings = path.parent.glob(f"{glob.escape(stem)}.*")
        owners += [one for one in siblings if one.stem == stem and one != path]
    return [owner for owner in owners if owner.is_file()]


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the assets below `folder` by name; hidden ones and links to folders are left out."""
    refused: list[Path] = []
    listing = os.walk(folder, onerror=lambda error: refused.append(Path(error.filename)))
    for directory, folders, files in listing:
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(directory) / name
            if not name.startswith(".") and not _owners(path):
                yield path
    yield from refused


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
