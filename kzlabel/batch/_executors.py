"""Work in an executor of the caller's: a bounded number of tasks waits, results come as they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from queue import SimpleQueue
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
    rest = iter(asked)
    running: dict[Future[Done], Asked] = {}
    over: SimpleQueue[Future[Done]] = SimpleQueue()
    try:
        while True:
            for one in islice(rest, workers * AHEAD - len(running)):
                future = _submitted(executor, task, one)
                running[future] = one
                future.add_done_callback(over.put)  # of those that others cancel, too
            if not running:
                return
            future = over.get()
            came: Done | Exception = _result(future)
            yield running.pop(future), came
    finally:
        for future in running:
            future.cancel()


def _submitted(executor: Executor, task: Callable[[Asked], Done], one: Asked) -> Future[Done]:
    """Submit a task; where the executor is broken or shut down, that is what it comes to."""
    from concurrent.futures import BrokenExecutor, Future

    failed: Future[Done] = Future()
    try:
        return executor.submit(task, one)
    except RuntimeError as exc:  # it was shut down
        failed.set_exception(BrokenExecutor(str(exc)))
    except Exception as exc:  # noqa: BLE001  as in `_result`
        failed.set_exception(exc)
    return failed


def _result(future: Future[Done]) -> Done | Exception:
    from concurrent.futures import BrokenExecutor, CancelledError

    try:
        return future.result()
    except CancelledError as exc:
        return BrokenExecutor(str(exc))
    except Exception as exc:  # noqa: BLE001  told apart by whoever asked
        return exc
