"""Bombs and floods through the command, at a tenth of their size (`make hostile` takes all)."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import _hostile, hostile
from benchmarks._checks import Checks
from benchmarks._hostile import Scale

LESS = Scale(
    bomb=100_000_000, side=10_000, largest=2_000, boxes=100_000, blocks=200_000,
    packet=20_000_000, sparse=300_000_000, depth=100_000,
)  # fmt: skip


@pytest.mark.slow
def test_each_has_its_row_within_its_time_and_memory(tmp_path: Path):
    made = _hostile.make(tmp_path / "hostile", LESS)
    assert len(made) == len(_hostile.FILES)
    checks = Checks()
    hostile.run(checks, tmp_path / "hostile", made)
    assert checks.short == 0


def test_what_is_small_on_disk_is_large_when_it_is_opened(tmp_path: Path):
    scale = Scale(bomb=10_000_000)
    for name in (
        "bomb.docx",
        "bomb.epub",
        "bomb.pdf",
        "twice.pdf",
        "references.pdf",
        "nested.docx",
    ):
        _hostile.FILES[name](tmp_path / name, scale)
        assert (tmp_path / name).stat().st_size < 100_000


@pytest.mark.slow
def test_a_file_without_a_row_is_short(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    there, lost = tmp_path / "set" / "there.svg", tmp_path / "lost.svg"
    there.parent.mkdir()
    _hostile.FILES["laughs.svg"](there, Scale())
    checks = Checks()
    hostile.run(checks, there.parent, [there, lost])
    said = capsys.readouterr().out
    assert checks.short == 3  # its own line, and of all those that must have a row and a verdict
    assert "kz.error.svg-entities" in said
