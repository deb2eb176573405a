"""A batch whose workers and whose parent are killed (`make chaos` does it to 10,000 files)."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from benchmarks import _chaos, chaos
from benchmarks._checks import Checks

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.mark.slow
def test_every_file_has_one_row_whoever_is_killed(tmp_path: Path):
    made = _chaos.make(tmp_path / "files", 300, _chaos.sources(FIXTURES), seed=7)
    assert len(made.hostile) == 15
    checks = Checks()
    chaos.run(checks, tmp_path, made, deaths=2)
    assert checks.short == 0


@pytest.mark.slow
def test_killed_twice_over_one_file_it_is_looked_at_again_by_the_next_run(tmp_path: Path):
    made = _chaos.make(tmp_path / "files", 3, _chaos.sources(FIXTURES), seed=7)
    results = tmp_path / "results.jsonl"
    with _chaos.running(_chaos.command(made, results, "--workers", "1")) as process:
        while process.poll() is None:
            for worker in _chaos.descendants(process.pid):
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
    first = _chaos.rows_of(results)
    assert set(first.times) == made.sound | made.hostile
    assert first.died
    with _chaos.running(_chaos.command(made, results)) as process:
        process.wait()
    again = _chaos.rows_of(results)
    assert not again.died
    assert set(again.times.values()) == {1}


@pytest.mark.slow
def test_each_kind_of_hostile_file_is_made(tmp_path: Path):
    made = _chaos.make(tmp_path, 180, _chaos.sources(FIXTURES), seed=7)
    assert made.total == 180
    assert len(made.vanishing) == 1
    kinds = [
        Path(path).lstat().st_mode & 0o170000
        for path in sorted(made.hostile - {str(made.vanishing[0])})
    ]
    assert len(set(kinds)) == 3  # files, links and a pipe
    again = _chaos.make(tmp_path / "again", 180, _chaos.sources(FIXTURES), seed=7)
    pairs = zip(sorted(made.sound), sorted(again.sound), strict=True)
    assert all(Path(a).read_bytes() == Path(b).read_bytes() for a, b in pairs)


def test_a_lost_or_doubled_row_is_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    made = _chaos.make(tmp_path / "files", 40, _chaos.sources(FIXTURES), seed=7)
    paths = sorted(made.sound | made.hostile)
    rows = _chaos.Rows({p: {"path": p} for p in paths}, dict.fromkeys(paths, 1))
    for times in ({**rows.times, paths[0]: 2}, dict.fromkeys(paths[1:], 1)):
        checks = Checks()
        chaos.judge(checks, made, rows, _chaos.Rows(rows.by_path, times))
        assert checks.short == 1
    checks = Checks()
    chaos.judge(checks, made, rows, rows)
    assert checks.short == 0
    capsys.readouterr()
