"""How the threads of this process are scheduled, which an encoder changes behind our back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_THREADS = Path("/proc/self/task")


@contextmanager
def as_scheduled() -> Iterator[None]:
    """Schedule this thread, and those started meanwhile, as this one was scheduled before.

    SVT-AV1, run by root, makes itself and whoever opens it real-time (SCHED_FIFO, priority 99), for
    good: all else on the machine then waits for it, and what the process starts is so, too.
    """
    if not hasattr(os, "sched_getscheduler"):  # macOS
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    before = _threads()
    try:
        yield
    finally:
        for thread in {0, *_threads()} - before:
            with suppress(OSError):  # it has ended, or it may not be asked
                if os.sched_getscheduler(thread) != policy:
                    os.sched_setscheduler(thread, policy, parameters)


def _threads() -> set[int]:
    """Return the threads of this process; none where the system does not tell."""
    with suppress(OSError):
        return {int(thread.name) for thread in _THREADS.iterdir()}
    return set()
