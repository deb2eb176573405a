"""Work in an executor of the caller's: a bounded number of tasks waits, results come as they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

AHEAD = 4
"""Tasks that an executor of the caller's has waiting for each that it may be at."""

Asked = TypeVar("Asked")
Done = TypeVar("Done")


def through(
    executor: Executor,
    task: Callable[[Asked], Done],
    asked: Iterable[Asked],
    workers: int,
) -> Iterator[tuple[Asked, Done | Exception]]:
    """Yield what `task` came to for each of `asked`, in the order of completion.

    `asked` are taken as there is room for them. An executor may lose a task in ways of its own:
    what it raises then stands in place of the result.
    """
    from concurrent.futures import FIRST_COMPLETED, wait

    rest = iter(asked)
    running: dict[Future[Done], Asked] = {}
    try:
        while True:
            for one in islice(rest, workers * AHEAD - len(running)):
                running[_submitted(executor, task, one)] = one
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                came: Done | Exception = _result(future)
                yield running.pop(future), came
    finally:
        for future in running:
            future.cancel()


def _submitted(executor: Executor, task: Callable[[Asked], Done], one: Asked) -> Future[Done]:
    """Submit a task; where the executor is broken or shut down, that is what it comes to."""
    from concurrent.futures import Future

    try:
        return executor.submit(task, one)
    except Exception as exc:  # noqa: BLE001  as in `_result`
        failed: Future[Done] = Future()
        failed.set_exception(exc)
        return failed


def _result(future: Future[Done]) -> Done | Exception:
    try:
        return future.result()
    except Exception as exc:  # noqa: BLE001  told apart by whoever asked
        return exc
