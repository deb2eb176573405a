"""Verifying many files: rows in the order of completion, one for each path, whatever it does."""

from __future__ import annotations

import errno
import os
import pickle
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kzlabel._door import require_many, require_work
from kzlabel._options import Options
from kzlabel._worker import LOAD, Worker, start_worker
from kzlabel.batch._executors import through
from kzlabel.batch._pool import STARTING, Failure, Outcome, Pool, Question, cores
from kzlabel.errors import LimitError, UsageError
from kzlabel.model import AssetReport
from kzlabel.profiles import Profile
from kzlabel.trust import TrustStore
from kzlabel.verdict import error_row

if TYPE_CHECKING:
    from concurrent.futures import Executor

TIME_LIMIT = 60.0
"""Seconds one file may take before its worker is killed."""
BYTES_A_SECOND = 20_000_000
"""Files are read, hashed and checked at this rate at the least."""


def verify_each(
    paths: Iterable[Path | None],
    options: Options,
    *,
    worker: Worker | None = None,
    seconds: float = TIME_LIMIT,
    workers: int | None = None,
) -> Iterator[AssetReport]:
    """Yield a row for every path as it is known; one that kills or stalls its worker is one too.

    None among the paths: there is none at the moment, more may come (`Pool.outcomes`).
    `worker`: one that was started before and asked nothing; the others are bred by it. `workers`:
    how many look at files at once, all cores unless told otherwise.
    """
    given = [worker] if worker else []
    size = workers or cores()

    def start() -> Worker:
        nursery = given.pop() if given else start_worker()
        nursery.ask(pickle.dumps(options), STARTING)
        if size > 1:  # it is a nursery
            nursery.ask(LOAD, STARTING)
        return nursery

    pool: Pool[Path] = Pool(start, size)
    nowhere: list[Path] = []
    try:
        for outcome in pool.outcomes(_questions(paths, seconds, nowhere)):
            yield _row(outcome)
            while nowhere:
                yield _no_path(nowhere.pop())
        yield from map(_no_path, nowhere)
    finally:
        pool.close()
        for unused in given:
            unused.end()


def verify_many(  # noqa: PLR0913  as `verify`
    paths: Iterable[str | os.PathLike[str]],
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    seconds: float = TIME_LIMIT,
    profile: str | Profile = "kz",
    trust: TrustStore | None = None,
    synthetic: bool = False,
    look: bool | None = None,
    password: str | None = None,
    personal: bool = False,
) -> Iterator[AssetReport]:
    """Yield the report of each file as it is known, in the order of completion (see `verify`).

    Without an `executor` each file is looked at in a process of ours that can be killed: `workers`
    of them (all cores), `seconds` for a file (more for a large one), 4 GiB of address space. With
    one, any `concurrent.futures.Executor`, the limits are the executor's own. Paths are taken as
    they are needed and rows are not held; an iterator that waits for its next path keeps them
    waiting. Raises `UsageError` for an unknown profile and arguments that cannot be.
    """
    require_many("paths", paths)
    require_work(workers, seconds)
    options = Options.of(
        profile, trust, synthetic=synthetic, look=look, password=password, personal=personal
    )
    files = (Path(path) for path in paths)
    if executor is None:
        return verify_each(files, options, seconds=seconds, workers=workers)
    return _through(executor, files, options, workers or cores())


def time_for(path: Path, seconds: float, rate: int = BYTES_A_SECOND) -> float:
    """Return how long the file at `path` may take: `seconds`, and more by `rate` bytes a second."""
    try:
        return seconds + path.stat().st_size / rate
    except (OSError, ValueError):  # the row will say why
        return seconds


def _questions(
    paths: Iterable[Path | None], seconds: float, nowhere: list[Path]
) -> Iterator[Question[Path] | None]:
    """Yield what is asked of each path; those that no file can have go to `nowhere`."""
    for path in paths:
        if path is None:
            yield None
        elif _is_path(path):
            yield Question(path, os.fsencode(path), time_for(path, seconds))
        else:
            nowhere.append(path)


def _is_path(path: Path) -> bool:
    """Whether the path can be said to the system: a lone surrogate may stand for no byte."""
    try:
        return bool(os.fsencode(path))
    except UnicodeEncodeError:
        return False


def _no_path(path: Path) -> AssetReport:
    error = UsageError("kz.error.closed", path=path, detail=os.strerror(errno.EILSEQ))
    return error_row(path, error)


def _row(outcome: Outcome[Path]) -> AssetReport:
    if not isinstance(outcome.answer, Failure):
        return msgspec.msgpack.decode(outcome.answer, type=AssetReport)
    path, seconds = outcome.about, f"{outcome.seconds:.3g}"
    return error_row(path, LimitError(outcome.answer, path=path, seconds=seconds))


# --- In an executor of the caller's ---------------------------------------------------------------


def _through(
    executor: Executor, paths: Iterable[Path], options: Options, workers: int
) -> Iterator[AssetReport]:
    from concurrent.futures import BrokenExecutor

    for path, row in through(executor, partial(answer, options=options), paths, workers):
        if isinstance(row, BrokenExecutor):
            yield error_row(path, LimitError("kz.error.worker-died", path=path))
        elif isinstance(row, Exception):
            yield error_row(path, LimitError("kz.error.internal", path=path, detail=repr(row)))
        else:
            yield msgspec.msgpack.decode(row, type=AssetReport)


def answer(path: Path, options: Options) -> bytes:
    """Return the encoded row of the file at `path`; what an executor is asked to run."""
    from kzlabel._answering import Answering

    if not _is_path(path):
        return msgspec.msgpack.encode(_no_path(path))
    return Answering(options)(os.fsencode(path))
