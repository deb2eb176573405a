"""10,000 files, one in twenty hostile, workers and parent killed at random (`make chaos`).

Three runs over the same files: a quiet one, whose parent's memory is measured; one whose workers
are killed all the time, and which is itself killed five times and resumed; and a last, quiet one
that resumes it, for what the murders left undone. Each file must have exactly one row in the end,
and that of a sound file must be the quiet run's.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from benchmarks import _chaos
from benchmarks._chaos import Made, Rows
from benchmarks._checks import Checks, note, premises

FILES, EARLY = 10_000, 1_000
DEATHS = 5
FLAT = 1.1
"""How much more memory the parent may have at the last row than at the thousandth."""
SEED = 20260118
FIXTURES = Path(__file__).parent.parent / "fixtures"


def quiet(checks: Checks, made: Made, results: Path) -> Rows:
    """Run undisturbed, and measure the parent's memory on the way."""
    start, early = time.monotonic(), min(EARLY, made.total // 10)
    with _chaos.running(_chaos.command(made, results)) as process:
        _chaos.until(early, results, process)
        before = after = _chaos.held(process.pid, "VmRSS")
        while process.poll() is None:
            after = _chaos.held(process.pid, "VmRSS") or after
            time.sleep(0.05)
    took = time.monotonic() - start
    note(f"a quiet run: {took:.0f} s, {made.total / took:.0f} files a second")
    said = f"{before:.1f} MB at {early}, {after:.1f} at {made.total}"
    checks.line("memory of the parent", said, f"<= {FLAT:g} x", ok=after <= before * FLAT)
    return _chaos.rows_of(results)


def disturbed(made: Made, results: Path, deaths: int) -> Rows:
    """Run with workers killed at random; the parent too, so many times, and resumed."""
    draw = random.Random(made.seed)  # noqa: S311  whom to kill, not a secret
    killed: list[int] = []
    start = time.monotonic()
    for death in range(1, deaths + 2):
        with _chaos.running(_chaos.command(made, results)) as process:
            with _chaos.killing(process, draw, killed):
                if death <= deaths:
                    _chaos.until(made.total * death // (deaths + 1), results, process)
                else:
                    process.wait()
            orphans = _chaos.descendants(process.pid)
            process.kill()
            process.wait()
        left = _chaos.outliving(orphans)
        note(f"run {death}: {_chaos.lines(results)} lines, {left} workers outlived their parent")
    note(f"{len(killed)} workers and {deaths} parents killed in {time.monotonic() - start:.0f} s")
    return _chaos.rows_of(results)


def judge(checks: Checks, made: Made, calm: Rows, rows: Rows) -> None:
    """Compare what came of the disturbed run with the quiet one."""
    every = made.sound | made.hostile
    checks.share(
        "files with exactly one row", sum(rows.times.get(p) == 1 for p in every), len(every)
    )
    strays = len(rows.by_path.keys() - every)
    checks.line("rows of no file", str(strays), "0", ok=strays == 0)
    same = sum(rows.by_path.get(p) == calm.by_path[p] for p in made.sound)
    checks.share("sound files with the quiet run's row", same, len(made.sound))
    bad = sum(_axes(rows, p) == _axes(calm, p) for p in made.hostile)
    checks.share("hostile files with its verdict", bad, len(made.hostile))


def _axes(rows: Rows, path: str) -> tuple[object, ...]:
    row = rows.by_path.get(path, {})
    return tuple(row.get(name) for name in ("verdict", "origin", "integrity", "trust", "notice"))


def run(checks: Checks, folder: Path, made: Made, *, deaths: int) -> None:
    """Run all three, and print a line a check."""
    calm = quiet(checks, made, folder / "quiet.jsonl")
    share = sum(calm.times.get(path) == 1 for path in made.sound | made.hostile)
    checks.share("files with exactly one row, quiet", share, made.total)
    results = folder / "results.jsonl"
    rows = disturbed(made, results, deaths)
    note(f"{len(rows.died)} rows say that their worker died twice; they are looked at again")
    with _chaos.running(_chaos.command(made, results)) as process:
        process.wait()
    judge(checks, made, calm, _chaos.rows_of(results))


def main() -> None:
    """Make the files and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path, help="more files to copy from")
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    print(premises())
    checks = Checks()
    known = _chaos.sources(*filter(None, (FIXTURES, asked.corpus)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = _chaos.make(folder / "files", asked.files, known, asked.seed)
        note(
            f"{made.total} files from {len(known)}, {len(made.hostile)} hostile; seed {asked.seed}"
        )
        run(checks, folder, made, deaths=DEATHS)
    checks.end()


if __name__ == "__main__":
    main()
