"""What the system tells of changes below folders: the border of watchfiles.

It is a hint and no more. Bursts are lost count of, network drives say nothing, names that are no
Unicode come garbled: `_arrivals` goes through the folders all the same.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

MOST = 10_000
"""Paths that are held until they are asked for; what is told beyond is found by a pass."""
_DEBOUNCE, _STEP, _TIMEOUT = 200, 50, 1000
"""Milliseconds: the most that changes are gathered, a pause that ends it, a look at `end`."""


class Events:
    """Paths below `folders` that something happened to, gathered by a thread while we work."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._real = {folder: os.path.realpath(folder) for folder in folders}
        self._told: set[Path] = set()
        self._lost = False
        self._lock = threading.Lock()
        self._any = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._end.set()
        self._thread.join()

    def wait(self, seconds: float) -> None:
        """Return once there is something, or after so long."""
        self._any.wait(seconds)

    def taken(self) -> tuple[set[Path], bool]:
        """Return what was told since, as paths below the folders, and whether there was more."""
        with self._lock:
            told, lost = self._told, self._lost
            self._told, self._lost = set(), False
            self._any.clear()
        return told, lost

    def _listen(self) -> None:
        from watchfiles import watch

        with suppress(Exception):  # no more watches, a folder that went: passes find what comes
            for changes in watch(
                *self._real.values(), watch_filter=None, debounce=_DEBOUNCE, step=_STEP,
                rust_timeout=_TIMEOUT, stop_event=self._end, ignore_permission_denied=True,
                force_polling=False,
            ):  # fmt: skip
                self._tell({path for _, path in changes})

    def _tell(self, paths: set[str]) -> None:
        with self._lock:
            room = MOST - len(self._told)
            self._lost |= len(paths) > room
            for path in list(paths)[:room]:
                self._told.update(self._below(path))
            self._any.set()

    def _below(self, path: str) -> list[Path]:
        """Return a path as one below each folder it lies in, as that was named."""
        return [
            folder / os.path.relpath(path, real) for folder, real in self._real.items()
            if path.startswith(os.path.join(real, ""))  # noqa: PTH118
        ]  # fmt: skip


def is_written(path: Path) -> bool:
    """Whether somebody has the file open for writing, where the system tells (Linux, own files).

    A lease for reading is only given on a file that nobody writes to. It is held for no longer
    than the call; whoever opens the file at that moment waits so long, and the signal that asks us
    to let go of it, SIGIO, must be ignored.
    """
    lease = getattr(fcntl, "F_SETLEASE", None)
    if lease is None:
        return False
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return False
    try:
        fcntl.fcntl(descriptor, lease, fcntl.F_RDLCK)
    except OSError as exc:
        return exc.errno == errno.EAGAIN  # EACCES, EINVAL: it cannot be told
    finally:
        os.close(descriptor)
    return False
