"""Measuring side by side: alternating runs, and the peak memory of a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

RUNS = 7
_WAIT = """
import os, sys
null = os.open(os.devnull, os.O_WRONLY)
actions = [(os.POSIX_SPAWN_DUP2, null, 1)]
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=actions)
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes, in seconds of wall time."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def alternating(
    ours: Callable[[], object], peer: Callable[[], object], runs: int = RUNS
) -> list[float]:
    """Return `peer / ours` in time for each of the alternating runs, after one that warms both."""
    ours()
    peer()
    ratios = []
    for _ in range(runs):
        mine, theirs = seconds(ours), seconds(peer)
        ratios.append(theirs / mine)
    return ratios


def described(paths: Sequence[Path]) -> str:
    """Return the count and bytes of the files a ratio rests on."""
    sizes = [path.stat().st_size for path in paths]
    return f"{len(paths)} files, {sum(sizes)} bytes ({min(sizes)}-{max(sizes)})"


def peak(command: Sequence[str]) -> float:
    """Return the peak resident memory of `command`, in megabytes (`ru_maxrss`).

    A small process starts it: one that is started here would be charged with this one's pages.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _WAIT, *command], stdout=subprocess.PIPE, check=True
    )
    return int(done.stdout) / 1024
