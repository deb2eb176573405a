"""Dask's executor, which says so when nobody is left to do its tasks: it would wait for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, InvalidStateError
from contextlib import suppress
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from kzlabel.errors import UsageError

if TYPE_CHECKING:
    from distributed import Client

RETRIES = 2
"""How often Dask tries a task again that failed without its worker being lost."""
WATCHED = 1.0
"""Seconds between two looks at whether the client has given its scheduler up."""

DESERTED = 120.0
"""Seconds a scheduler may be without any worker before the batch ends."""

_Asked = ParamSpec("_Asked")
_Done = TypeVar("_Done")


class Tasks(Executor):
    """Tasks of a client; those that nobody is left to do fail with a `UsageError`."""

    def __init__(self, client: Client, address: str) -> None:
        self._client, self._address = client, address
        self._inner: Executor = client.get_executor(pure=False, retries=RETRIES)
        self._waiting: dict[int, Callable[[BaseException], None]] = {}
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(
        self, fn: Callable[_Asked, _Done], /, *args: _Asked.args, **kwargs: _Asked.kwargs
    ) -> Future[_Done]:
        """Submit a task."""
        if self._client.status == "closed":
            raise self._gone()
        future = self._inner.submit(fn, *args, **kwargs)
        self._waiting[id(future)] = future.set_exception
        future.add_done_callback(lambda done: self._waiting.pop(id(done), None))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  as its base has it
        """Watch no longer; what still runs is the client's to end."""
        self._over.set()

    def _watch(self) -> None:
        idle = 0.0
        while not self._over.wait(WATCHED):
            idle = 0.0 if self._has_workers() else idle + WATCHED
            if self._client.status == "closed" or idle > DESERTED:
                for fail in tuple(self._waiting.values()):
                    with suppress(InvalidStateError):
                        fail(self._gone())

    def _has_workers(self) -> bool:
        """Whether the scheduler has workers, as it last told the client."""
        with suppress(Exception):
            return bool(self._client.nthreads())
        return True  # it does not answer: the client will find out

    def _gone(self) -> UsageError:
        if self._client.status != "closed":
            return UsageError("kz.error.cluster-workers", path=self._address, value=f"{DESERTED:g}")
        return UsageError("kz.error.cluster-scheduler", path=self._address, detail="closed")
