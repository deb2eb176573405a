"""Bombs, floods and depths through `kzlabel verify -r --look` (`make hostile`).

First by one worker, so that time and memory can be told by the file; then by all, as a batch is.
Each file must have its row, with a reason where it could not be looked at, within its time; and no
worker may ever have more address space than it is given.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks import _chaos, _hostile
from benchmarks._checks import Checks, note, premises
from benchmarks._hostile import Scale
from kzlabel._worker import ADDRESS_SPACE_LIMIT, GRACE
from kzlabel.batch import TIME_LIMIT, time_for

STARTED = 3.0
"""Seconds that the command, and a worker after one that was killed, may take to start."""


class Cost(NamedTuple):
    """What the row of one file took."""

    row: Mapping[str, object]
    seconds: float
    resident: float
    """The most that was seen of any worker, in MB."""


class Watch:
    """Looks at the workers of a process until it is told to stop."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._over = threading.Event()
        self._resident = 0.0
        self.address_space = 0.0
        """The most that any had, in MB."""
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            for worker in _chaos.descendants(self._process):
                with suppress(OSError):
                    self._resident = max(self._resident, _chaos.held(worker, "VmRSS"))
                    self.address_space = max(self.address_space, _chaos.held(worker, "VmPeak"))

    def taken(self) -> float:
        """Return the most resident memory seen since this was asked last."""
        most, self._resident = self._resident, 0.0
        return most

    def stop(self) -> None:
        """End."""
        self._over.set()
        self._thread.join()


def verified(folder: Path, *more: str) -> tuple[dict[str, Cost], float]:
    """Return what the row of each file took, by name, and the most address space of a worker."""
    command = [sys.executable, "-m", "kzlabel", "verify", "-r", "--look", "--format", "jsonl"]
    costs: dict[str, Cost] = {}
    with subprocess.Popen(
        [*command, *more, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        watch, last = Watch(process.pid), time.monotonic()
        for line in process.stdout:
            row, now = json.loads(line), time.monotonic()
            if "path" in row:
                name = Path(row["path"]).name
                assert name not in costs, name
                costs[name] = Cost(row, now - last, watch.taken())
            last = now
        watch.stop()
    return costs, watch.address_space


def run(checks: Checks, folder: Path, made: Sequence[Path], seconds: float = TIME_LIMIT) -> None:
    """Verify by one worker, then by all, and print a line a check."""
    limit = ("--time-limit", f"{seconds:g}")
    costs, space = verified(folder, "--workers", "1", *limit)
    for path in made:
        cost = costs.get(path.name)
        most = time_for(path, seconds) + GRACE + STARTED
        if cost is None:
            checks.line(path.name, "no row", f"<= {most:.0f} s", ok=False)
            continue
        said = f"{cost.seconds:.1f} s, {cost.resident:.0f} MB, {_reason(cost.row)}"
        checks.line(path.name, said, f"<= {most:.0f} s", ok=cost.seconds <= most)
    together, more = verified(folder, *limit)
    checks.share("files with a row, all workers", len(together), len(made))
    same = sum(
        together[n].row["verdict"] == costs[n].row["verdict"] for n in together if n in costs
    )
    checks.share("files with the same verdict", same, len(made))
    given = ADDRESS_SPACE_LIMIT / 1024**2
    most = max(space, more)
    checks.line(
        "address space of a worker", f"{most:.0f} MB", f"<= {given:.0f} MB", ok=most <= given
    )


def _reason(row: Mapping[str, object]) -> str:
    error = row.get("error")
    return str(error["code"] if isinstance(error, dict) else row.get("verdict"))


def main() -> None:
    """Make the files and run."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(premises())
    checks = Checks()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "hostile"
        made = _hostile.make(folder, Scale())
        sizes = [path.stat().st_blocks * 512 for path in made]
        note(f"{len(made)} files, {sum(sizes) / 1e6:.0f} MB on disk")
        run(checks, folder, made)
    checks.end()


if __name__ == "__main__":
    main()
