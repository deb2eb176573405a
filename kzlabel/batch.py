"""Many files, none of them trusted: each is verified in a worker that can be killed.

The worker has an address-space limit; a file that takes too long, or takes the worker down, is one
undetermined row, and the next file gets a new worker (DESIGN 7).
"""

from __future__ import annotations

import os
import pickle
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import msgspec

from kzlabel import __version__
from kzlabel._identity import now
from kzlabel._options import Options
from kzlabel._staging import PREFIX
from kzlabel._worker import Worker, start_worker
from kzlabel.errors import LimitError
from kzlabel.model import COMPANION_SUFFIXES, AssetReport, Report, Summary, TrustListReport
from kzlabel.verdict import NOT_REACHED, counted, error_row, exit_code, premises

TIME_LIMIT = 60.0
"""Seconds one file may take before its worker is killed."""
BYTES_A_SECOND = 20_000_000
"""A large file gets more: read, hashed and checked at this rate at the least."""


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
            limit = time_for(path, seconds)
            answer = worker.ask(os.fsencode(path), limit)
            if answer is not None:
                yield msgspec.msgpack.decode(answer, type=AssetReport)
                continue
            code = "kz.error.worker-slow" if worker.late else "kz.error.worker-died"
            worker.end()
            worker = None
            yield error_row(path, LimitError(code, path=path, seconds=f"{limit:.3g}"))
    finally:
        if worker:
            worker.end()


def time_for(path: Path, seconds: float) -> float:
    """Return how long the file at `path` may take: a large one more than `seconds`."""
    try:
        return seconds + path.stat().st_size / BYTES_A_SECOND
    except (OSError, ValueError):  # the row will say why
        return seconds


# --- Which files ----------------------------------------------------------------------------------

Listed = Callable[[Path], Mapping[str, frozenset[str]]]
"""A folder in, the names in it by their stem out."""


def assets_of(paths: Iterable[Path], *, recursive: bool) -> Iterator[Path]:
    """Yield the assets that `paths` name: files, and with `recursive` what lies in directories.

    A companion is passed over only where its asset is looked at too, and never where it is itself
    a picture: no file slips through by its name. A folder that cannot be listed is yielded itself,
    and so becomes a row with its error.
    """
    named = list(paths)
    together = set(named)
    listed = lru_cache(maxsize=1)(_by_stem)  # each folder is listed once, and anew every time
    for path in named:
        if recursive and path.is_dir():
            yield from _walk(path, listed)
        elif not (together & _owners(path, listed)) or _holds_content(path):
            yield path


def _walk(folder: Path, listed: Listed) -> Iterator[Path]:
    """Yield the assets below `folder` by name; links to folders are not followed."""
    refused: list[Path] = []
    listing = os.walk(folder, onerror=lambda error: refused.append(Path(error.filename)))
    for directory, folders, files in listing:
        folders[:] = sorted(name for name in folders if not name.startswith(PREFIX))
        for name in sorted(files):
            path = Path(directory) / name
            if not _owners(path, listed) or _holds_content(path):
                yield path
    yield from refused


def _owners(path: Path, listed: Listed) -> set[Path]:
    """Return the assets beside `path` that it may be a companion of, by its name."""
    names = {path.name.removesuffix(s) for s in COMPANION_SUFFIXES if path.name.endswith(s)}
    if path.suffix == ".c2pa":
        names |= listed(path.parent).get(path.stem, frozenset())
    return {path.with_name(name) for name in names if name and path.with_name(name).is_file()}


def _by_stem(folder: Path) -> Mapping[str, frozenset[str]]:
    """Return the names in `folder` by their stem, companions left out; listed once a folder."""
    found: dict[str, set[str]] = {}
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.endswith(COMPANION_SUFFIXES):
                found.setdefault(os.path.splitext(entry.name)[0], set()).add(entry.name)  # noqa: PTH122  names, not paths
    return {stem: frozenset(names) for stem, names in found.items()}


def _holds_content(path: Path) -> bool:
    """Whether a file with a companion's name holds what a format of ours recognises."""
    from kzlabel.formats import recognise

    try:
        return stat.S_ISREG(path.stat().st_mode) and recognise(path) is not None
    except OSError:
        return True  # it is looked at, and that says why it cannot be


# --- What came of them ----------------------------------------------------------------------------


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
            self._missed |= row.error is not None and row.error.code in NOT_REACHED
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
