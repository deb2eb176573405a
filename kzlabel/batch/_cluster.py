"""The same work on a cluster: Dask schedules, retries and moves on; what a task does is ours.

Objects are listed here, in chunks as they are needed; each chunk is one task. A worker that is lost
costs its tasks a new try elsewhere. What takes workers down again and again is tried object by
object, and those that do it alone become rows with an error. https://distributed.dask.org
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from kzlabel import __version__
from kzlabel.batch._cluster_executor import Tasks
from kzlabel.batch._cluster_objects import Chunk, Object, chunks_of
from kzlabel.batch._cluster_task import Asked, verify_chunk, version_here
from kzlabel.batch._executors import through
from kzlabel.batch._pool import cores
from kzlabel.batch._tally import Tally
from kzlabel.errors import KzlabelError, LimitError, MissingExtraError, UsageError
from kzlabel.model import AssetReport

if TYPE_CHECKING:
    from distributed import Client

LOCAL = "local"
"""The address of a cluster that is made of this machine, and gone in the end."""
CONNECTING = 5.0
"""Seconds it may take to reach a scheduler."""
ANSWERING = 1.0
"""Seconds more until it has said that it is one: whatever else listens may never say a word."""
GATHERING = 30.0
"""Seconds until it has a worker."""

Done = TypeVar("Done")


class Cluster(NamedTuple):
    """A cluster we are connected to."""

    executor: Executor
    slots: int
    """How many tasks its workers are at together."""


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Connect to the scheduler at `address` (`tcp://…`, `tls://…`), or to this machine's own.

    Raises `UsageError` where none answers, it has no workers, or they have another kzlabel.
    """
    try:
        from distributed import Client
    except ImportError as exc:
        raise MissingExtraError("kz.error.cluster-extra", path=address, detail=exc) from exc
    for name in [*logging.root.manager.loggerDict]:
        if name.startswith("distributed"):  # each has a level of its own
            logging.getLogger(name).setLevel(logging.CRITICAL)
    with (
        _made(address) as reached,
        Client(reached, timeout=CONNECTING, set_as_default=False) as client,
    ):
        _require_workers(client, address)
        _require_scheduler(client, address)
        slots = sum(client.nthreads().values())
        with Tasks(client, address) as tasks:
            yield Cluster(tasks, slots)


@contextmanager
def _made(address: str) -> Iterator[object]:
    if address != LOCAL:
        asyncio.run(_greet(address))  # a Client that cannot connect leaves threads that complain
        yield address
        return
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=cores(),
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        yield cluster


async def _greet(address: str) -> None:
    from distributed.comm.core import connect

    try:
        async with asyncio.timeout(CONNECTING + ANSWERING):
            link = await connect(address, timeout=CONNECTING)
            await link.close()
    except Exception as exc:
        detail = str(exc).partition("\n")[0][:200] or type(exc).__name__
        if isinstance(exc, MemoryError):  # it says something else, and that is read as a size
            detail = "no Dask protocol"
        raise UsageError("kz.error.cluster-scheduler", path=address, detail=detail) from exc


def _require_workers(client: Client, address: str) -> None:
    """Raise `UsageError` where there is no worker, or one whose kzlabel is not ours."""
    try:
        client.wait_for_workers(1, timeout=GATHERING)
        versions = client.run(version_here, on_error="return")
    except Exception as exc:
        raise UsageError("kz.error.cluster-workers", path=address, value=f"{GATHERING:g}") from exc
    for worker, version in versions.items():
        if version != __version__:
            told = version if isinstance(version, str) else f"{type(version).__name__}: {version}"
            raise UsageError("kz.error.cluster-version", path=worker, value=told[:200])


def _require_scheduler(client: Client, address: str) -> None:
    """Raise `UsageError` where the scheduler, which reads tasks too, has not our kzlabel."""
    try:
        version = client.run_on_scheduler(version_here)
    except Exception as exc:
        detail = f"{type(exc).__name__}: {exc}"[:200]
        values = {"path": address, "value": __version__, "detail": detail}
        raise UsageError("kz.error.cluster-scheduler-version", **values) from exc
    if version != __version__:
        values = {"path": address, "value": __version__, "detail": version}
        raise UsageError("kz.error.cluster-scheduler-version", **values)


# --- A batch --------------------------------------------------------------------------------------


def verify_objects(
    cluster: Cluster, objects: Iterable[Object], asked: Asked, tally: Tally
) -> Iterator[AssetReport]:
    """Yield the rows of all objects as chunks come home, counted.

    With `asked.parts` there are none: they are left there, and the parts of earlier states go.
    Raises a `KzlabelError` where a task could not do its work at all.
    """
    parts: set[str] = set()
    for came in came_of(cluster, partial(verify_chunk, asked), chunks_of(objects)):
        tally.add(came.counts)
        parts.add(came.part)
        for row in came.rows:
            yield msgspec.json.decode(row, type=AssetReport)
    if asked.parts:
        asked.parts.end(parts, tally.report())


def came_of(
    cluster: Cluster, task: Callable[[Chunk], Done], chunks: Iterable[Chunk]
) -> Iterator[Done]:
    """Yield what the task came to for each chunk, or for its objects one by one.

    An object that no worker outlives is given up: the task is told so, and touches it no more.
    """
    for again, at_once in ((_alone, True), (_alone, True), (_given_up, False), (None, True)):
        lost: list[tuple[Object, str]] = []
        for chunk, done in _tried(cluster, task, chunks, at_once=at_once):
            if isinstance(done, KzlabelError) or (isinstance(done, Exception) and again is None):
                raise done
            if isinstance(done, Exception):
                lost += ((one, f"{type(done).__name__}: {done}"[:200]) for one in chunk)
            else:
                yield done
        if not lost or again is None:
            return
        chunks = [again(one, why) for one, why in lost]


def _tried(
    cluster: Cluster, task: Callable[[Chunk], Done], chunks: Iterable[Chunk], *, at_once: bool
) -> Iterator[tuple[Chunk, Done | Exception]]:
    """Yield what came of each chunk; one after the other, none is lost for its neighbour's sake."""
    if at_once:
        yield from through(cluster.executor, task, chunks, cluster.slots)
        return
    for chunk in chunks:
        yield from through(cluster.executor, task, [chunk], 1)


def _alone(one: Object, _: str) -> Chunk:
    return (one,)


def _given_up(one: Object, why: str) -> Chunk:
    """Return an object that no task touches any more: its row is the error."""
    failure = LimitError("kz.error.cluster-lost", path=one.url, detail=why)
    return (one._replace(failure=failure),)
