"""A film of 2 GB in bounded memory (`make bench-large`): labelled, verified, and measured.

The film is four seconds of 720p at 100 Mbit/s, joined to itself. Minutes, and 8 GB of disk.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import bench_media
from benchmarks._checks import Checks, note, premises
from benchmarks._timing import described, seconds

BYTES = 2_000_000_000
BOUND = 700
"""Megabytes of resident memory; a worker of `kzlabel verify` is given more."""


def main() -> None:
    """Make the film and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", help="where to put 8 GB", default=None)
    print(premises())
    checks = Checks()
    with tempfile.TemporaryDirectory(dir=parser.parse_args().folder) as name:
        folder = Path(name)
        short, source = folder / "short.mp4", folder / "large.mp4"
        bench_media.film(short, 4, "100M")
        bench_media.repeated(short, source, BYTES)
        note(f"MP4: {described([source])}")
        found: list[float] = []
        spent = seconds(lambda: found.append(bench_media.memory(folder, source)))
        note(f"labelled and verified with and without a notice in {spent:.0f} s")
        checks.line(
            "peak memory with a 2 GB MP4", f"{found[0]:.0f} MB", f"<= {BOUND} MB",
            ok=found[0] <= BOUND,
        )  # fmt: skip
    checks.end()


if __name__ == "__main__":
    main()
