"""Labelling many files: each in a process that can be killed, released whole or not at all."""

from __future__ import annotations

import errno
import os
import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeAlias

import msgspec

from kzlabel._door import (
    require_many,
    require_or_function,
    require_work,
    valid,
    valid_disclosure,
)
from kzlabel._seen import state_of
from kzlabel._staging import sweep
from kzlabel._worker import Worker, start_worker
from kzlabel.batch._executors import through
from kzlabel.batch._labeller import WAS_DONE, Job, answer, labelling, message_of, refused
from kzlabel.batch._order import LABELLING_TIME_LIMIT, Kept, Load, Order, load_from
from kzlabel.batch._pool import STARTING, Failure, Outcome, Pool, Question, cores
from kzlabel.batch._verifying import time_for
from kzlabel.credential import Credential
from kzlabel.errors import KzlabelError, LimitError, UsageError
from kzlabel.formats import BY_SUFFIX
from kzlabel.model import Disclosure, LabellingReport, ManifestPlace, Medium, NoticeConfig

BYTES_A_SECOND = {Medium.VIDEO: 20_000, Medium.AUDIO: 500_000}
"""A large one gets more, at this rate; a film is encoded again. Measured on one of two busy cores:
4K at 60 Mbit/s 950,000, 1080p at 5 Mbit/s 380,000; a film that is packed well has fewer bytes."""
BYTES_A_SECOND_ELSE = 1_000_000
ADDRESS_SPACE, ADDRESS_SPACE_A_CORE = 8 * 1024**3, 256 * 1024**2
"""Bytes a worker may have: 4K takes 2.6 GiB with two cores, and more with more."""
FAILURES = {
    Failure.DIED: "kz.error.labelling-died",
    Failure.SLOW: "kz.error.labelling-slow",
}
SWEEPS, BETWEEN_SWEEPS = 50, 0.02
"""How often, and after how many seconds again, we look whether killed workers have let go."""

_Place: TypeAlias = "str | os.PathLike[str]"


def label_each(
    jobs: Iterable[Job | None],
    order: Order,
    *,
    seconds: float = LABELLING_TIME_LIMIT,
    workers: int | None = None,
) -> Iterator[LabellingReport]:
    """Yield a row for every job as it is done; one that kills or stalls its worker is one too.

    None among the jobs: there is none at the moment, more may come (`Pool.outcomes`).
    """
    if isinstance(order.load, Kept):
        return _in_threads(filter(None, jobs), order, workers or cores())
    return _in_workers(jobs, order, seconds, workers or cores())


def label_many(  # noqa: PLR0913  as `label`
    sources: Iterable[_Place],
    destination: _Place | Callable[[Path], _Place],
    disclosure: Disclosure,
    credential: Credential | Load,
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    seconds: float = LABELLING_TIME_LIMIT,
    notice: NoticeConfig | None = None,
    force: bool = False,
    over_broken: bool = False,
    manifest: ManifestPlace = ManifestPlace.AUTO,
    password: str | None = None,
) -> Iterator[LabellingReport]:
    """Yield what came of each source as it is known, in the order of completion (see `label`).

    `destination`: a folder, in which each keeps its name, or a function that is told a source and
    returns its destination; folders are made as needed, no two may be the same. What the disclosure
    says is shared, but each label has an id and a moment of its own. A source that cannot be
    labelled is a row with its error, and the others go on. With `force` all sources are taken
    before the first is labelled, so that none of them, and no result of this batch, is replaced.

    Without an `executor` each file is labelled in a process of ours that can be killed: `workers`
    of them (all cores), `seconds` for a file (more for a large one, and for a film), 8 GiB of
    address space and more with many cores. With one, any `concurrent.futures.Executor`, the limits
    are the executor's own.

    A key in memory goes to processes on this machine, ours or a `ProcessPoolExecutor`'s. One that
    stays in an HSM or a KMS (`from_callback`) signs in threads of this process, without those
    limits. To any other place give for `credential` a function that loads it there. Raises
    `UsageError` for a disclosure or a notice that cannot be.
    """
    require_many("sources", sources)
    require_work(workers, seconds)
    require_or_function("credential", credential, Credential)
    require_or_function("destination", destination, str, os.PathLike)
    if manifest not in set(ManifestPlace):
        raise UsageError("kz.error.argument", path="manifest", detail=repr(manifest))
    order = Order(
        disclosure=valid_disclosure(disclosure), load=load_from(credential, executor),
        notice=valid(notice or NoticeConfig(), NoticeConfig), force=force,
        over_broken=over_broken, manifest=ManifestPlace(manifest), password=password,
    )  # fmt: skip
    place = destination if callable(destination) else partial(_into, Path(destination))
    jobs = (Job(source, Path(place(source))) for source in map(Path, sources))
    if executor is None:
        done = partial(label_each, order=order, seconds=seconds, workers=workers)
    else:
        done = partial(_through, executor, order=order, workers=workers or cores())
    return _apart(jobs, done) if force else done(jobs)


def _apart(
    jobs: Iterable[Job], done: Callable[[Iterable[Job]], Iterator[LabellingReport]]
) -> Iterator[LabellingReport]:
    """Yield rows of `done`; what would replace a source or a result of the batch is refused."""
    from kzlabel.batch._apart import Apart

    apart = Apart()
    refusals: list[LabellingReport] = []

    def free() -> Iterator[Job]:
        for job, error in apart.told():
            if error is None:
                yield job
            else:
                refusals.append(refused(job, error))

    try:
        yield from map(_no_path, apart.take(jobs))
        for row in done(free()):
            yield row
            while refusals:
                yield refusals.pop()
        yield from refusals
    finally:
        apart.close()


def _into(folder: Path, source: Path) -> Path:
    return folder / source.name


def time_to_label(source: Path, seconds: float) -> float:
    """Return how long a source may take: `seconds`, and more for a large one by its medium."""
    room = BY_SUFFIX.get(source.suffix.lower())  # of a name that lies nothing is labelled
    medium = room.spec.medium if room else Medium.TEXT
    return time_for(source, seconds, BYTES_A_SECOND.get(medium, BYTES_A_SECOND_ELSE))


# --- In workers -----------------------------------------------------------------------------------


def _in_workers(
    jobs: Iterable[Job | None], order: Order, seconds: float, workers: int
) -> Iterator[LabellingReport]:
    """Yield rows of workers; what those that die leave behind is swept."""
    shared = _pickled(order)
    left: set[Path] = set()
    begun: set[Job] = set()
    nowhere: list[Job] = []

    def start() -> Worker:
        nursery = start_worker(labelling, ADDRESS_SPACE + cores() * ADDRESS_SPACE_A_CORE)
        why = nursery.ask(shared, STARTING)
        if why:
            nursery.end()
            raise UsageError("kz.error.load-elsewhere", path="credential", detail=why.decode())
        return nursery

    def questions() -> Iterator[Question[Job] | None]:
        for job in jobs:
            if job is None:
                yield None
                continue
            try:
                message = message_of(job)
            except UnicodeEncodeError:
                nowhere.append(job)
                continue
            begun.add(job)
            yield Question(job, message, time_to_label(job.source, seconds))

    pool: Pool[Job] = Pool(start, workers)
    try:
        for outcome in pool.outcomes(questions()):
            begun.discard(outcome.about)
            if isinstance(outcome.answer, Failure):
                left.add(outcome.about.destination.parent)
            yield _row(outcome, pool)
            while nowhere:
                yield _no_path(nowhere.pop())
        yield from map(_no_path, nowhere)
    finally:
        pool.close()
        _sweep_all(left | {job.destination.parent for job in begun})


def _no_path(job: Job) -> LabellingReport:
    """Return the row of a source, or a destination, of a name that no file can have."""
    detail = os.strerror(errno.EILSEQ)
    return refused(job, UsageError("kz.error.closed", path=job.source, detail=detail))


def _pickled(order: Order) -> bytes:
    try:
        return pickle.dumps(order)
    except (pickle.PicklingError, TypeError, AttributeError) as exc:
        raise UsageError("kz.error.load-elsewhere", path="credential", detail=exc) from exc


def _row(outcome: Outcome[Job], pool: Pool[Job]) -> LabellingReport:
    job, said, seconds = outcome
    if isinstance(said, Failure) and state_of(job.destination):  # it may all be done but to say so
        said = pool.ask_apart(WAS_DONE + message_of(job), seconds) or said
    if not isinstance(said, Failure):
        return msgspec.msgpack.decode(said, type=LabellingReport)
    return refused(job, LimitError(FAILURES[said], path=job.source, seconds=f"{seconds:.3g}"))


def _sweep_all(folders: Iterable[Path]) -> None:
    """Sweep what killed workers leave; the system may take a moment to end them.

    Where another run is at work in a folder it never becomes empty; what is locked stays.
    """
    for folder in folders:
        for _ in range(SWEEPS):
            if sweep(folder):
                break
            time.sleep(BETWEEN_SWEEPS)


# --- In this process, or in an executor of the caller's -------------------------------------------


def _in_threads(jobs: Iterable[Job], order: Order, workers: int) -> Iterator[LabellingReport]:
    with ThreadPoolExecutor(workers) as executor:
        yield from _through(executor, jobs, order, workers)


def _through(
    executor: Executor, jobs: Iterable[Job], order: Order, workers: int
) -> Iterator[LabellingReport]:
    """Yield rows of an executor's tasks; what those that died leave behind is swept."""
    left: set[Path] = set()
    try:
        for job, row in through(executor, partial(answer, order=order), jobs, workers):
            if isinstance(row, Exception):
                left.add(job.destination.parent)
                yield refused(job, _why(job, row))
            else:
                yield msgspec.msgpack.decode(row, type=LabellingReport)
    finally:
        _sweep_all(left)


def _why(job: Job, error: Exception) -> KzlabelError:
    if isinstance(error, KzlabelError):
        return error
    if isinstance(error, BrokenExecutor):
        return LimitError("kz.error.executor-broken", path=job.source)
    return LimitError("kz.error.internal", path=job.source, detail=repr(error))
