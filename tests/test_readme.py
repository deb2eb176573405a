"""The README cannot drift: its commands run, its table is the code's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from samples import FIXTURES, repeated

from kzlabel.cli.formats import table

README = Path(__file__).parent.parent / "README.md"
MARKED = re.compile(r"<!-- formats:[^\n]*-->\n(.*?)<!-- end of formats -->", re.DOTALL)

DOCUMENTS = {
    "report.pdf": "document.pdf", "letter.docx": "document.docx", "article.md": "text.md",
    "page.html": "page.html", "script.py": "script.py",
}  # fmt: skip


def blocks(kind: str) -> list[str]:
    return re.findall(
        rf"^```{kind}\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A directory in which the README's commands find their files, and `kzlabel` on the path."""
    for name in (
        "picture.jpg",
        "upload.jpg",
        "published.jpg",
        "wire/one.jpg",
        "uploads/one.jpg",
        "outputs/day/one.jpg",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FIXTURES / "picture.jpg", tmp_path / name)
    shutil.copy(FIXTURES / "sound.mp3", tmp_path / "talk.mp3")
    for name, fixture in DOCUMENTS.items():
        shutil.copy(FIXTURES / fixture, tmp_path / name)
    repeated(FIXTURES / "film.mp4", tmp_path / "film.mp4", 7)
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "kzlabel").write_text(f'#!/bin/sh\nexec {sys.executable} -m kzlabel "$@"\n')
    (bin_folder / "kzlabel").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(README.parent))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_every_command_runs(desk):
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) >= 4
    for command in commands:
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602  the README's own lines
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert (desk / "labelled" / "picture.jpg.kzlabel.json").exists()


@pytest.mark.slow
def test_the_python_example_runs(desk):
    subprocess.run("kzlabel keys init", shell=True, check=True, capture_output=True)  # noqa: S602  as above
    for block in blocks("python"):
        subprocess.run([sys.executable, "-W", "ignore::ResourceWarning", "-c", block], check=True)


def test_only_two_set_up_commands():
    set_up = blocks("")[0].splitlines()
    assert [line.split("#")[0].strip() for line in set_up] == ["make demo", "make test"]


def test_the_table_of_formats_is_the_code_s():
    found = MARKED.search(README.read_text("utf-8"))
    assert found is not None
    assert found[1].strip() == table()


def test_the_settings_example_is_read(tmp_path):
    from kzlabel.config import read_config

    (tmp_path / "kzlabel.toml").write_text(blocks("toml")[0], "utf-8")
    config = read_config(tmp_path / "kzlabel.toml", {})
    assert config.provider.bin == "940740000911"
    assert config.training.allowed is False


def test_ci_installs_every_tool_that_tests_read_back_with():
    """`needs` fails in CI for want of a tool; so CI names its package."""
    wanted = {
        tool
        for path in README.parent.glob("tests/**/test_*.py")
        for tool in re.findall(r'\bneeds\("([\w-]+)"\)', path.read_text("utf-8"))
    }
    script = (README.parent / ".ci" / "run").read_text("utf-8")
    assert wanted <= set(re.findall(r"\[([\w-]+)\]=", script))
