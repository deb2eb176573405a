"""Options that choose files, and that say what a batch may take: one value each, or one sentence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from samples import FIXTURES

PNG = FIXTURES / "picture.png"
KZLABEL = (sys.executable, "-m", "kzlabel", "verify", "--format", "jsonl", "--no-look")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in ("a.png", "b.png", "wire/c.png", "wire/.d.png", "wire/e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(PNG, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def paths(out: str | bytes) -> list[str]:
    return sorted(row["path"] for row in map(json.loads, out.splitlines()) if "path" in row)


def piped(names: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*KZLABEL, *arguments], input=names, capture_output=True, check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip


def test_no_row_waits_for_the_next_name(tree):
    with subprocess.Popen(
        [*KZLABEL, "--from-file", "-", "--workers", "2"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    ) as one:  # fmt: skip
        for name in ("a.png", "b.png"):
            one.stdin.write(f"{name}\na.png\n".encode())  # the second was named before
            assert json.loads(one.stdout.readline())["path"] == name
        one.stdin.close()
        assert "summary" in json.loads(one.stdout.readline())
    assert one.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["-r", ".", "--include", "*.png", "--no-hidden"], ["a.png", "b.png", "wire/c.png"]),
        (["-r", ".", "--exclude", "wire", "--exclude", "b.*"], ["a.png"]),
        (["*.png"], ["a.png", "b.png"]),
        (["--workers", "2", "--time-limit", "30", "a.png", "./a.png"], ["a.png"]),
        (["a.png", "wire/e.txt", "--include", "*.png"], ["a.png"]),
        (["wire/*.png", "--no-hidden"], ["wire/c.png"]),
    ],
)
def test_files_are_chosen(run, tree, arguments, left):
    ran = run("verify", "--no-look", "--format", "jsonl", *arguments)
    assert (paths(ran.out), ran.err) == (left, "")


def test_links_are_followed_where_asked(run, tree):
    Path("wire/back").symlink_to("..")
    few = run("verify", "-r", "wire", "--include", "?.png", "--format", "jsonl")
    more = run("verify", "-r", "wire", "--include", "?.png", "--format", "jsonl", "--follow-links")
    assert paths(few.out) == ["wire/c.png"]
    assert paths(more.out) == ["wire/back/a.png", "wire/back/b.png", "wire/c.png"]


def test_paths_come_through_a_pipe(tree):
    ran = piped(b"a.png\r\nnone.png\nwire\n", "--from-file", "-", "-r")
    assert paths(ran.stdout) == ["a.png", "none.png", "wire/.d.png", "wire/c.png", "wire/e.txt"]
    assert ran.returncode == 2
    ran = piped(b"a.png\n./a.png\nwire/c.png\nwire\na.png\n", "--from-file", "-", "-r", "a.png")
    assert paths(ran.stdout) == ["a.png", "wire/.d.png", "wire/c.png", "wire/e.txt"]
    ran = piped(b"a.png\0wire/c.png\0", "--from-file", "-", "-0", "b.png")
    assert paths(ran.stdout) == ["a.png", "b.png", "wire/c.png"]
    assert ran.returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--include", "", "a.png"],
        ["--null", "a.png"],
        ["--no-hidden", "a.png"],
        ["--follow-links", "a.png"],
        ["s3://bucket/a.png"],
        ["--from-file", "none"],
        ["--from-file", "."],
        ["--from-file", "nul"],
        ["--workers", "0", "a.png"],
        ["--workers", "1.5", "a.png"],
        ["--workers", "nan", "a.png"],
        ["--time-limit", "-1", "a.png"],
        ["--time-limit", "inf", "a.png"],
        ["-r"],
    ],
)
def test_what_cannot_be_chosen_is_one_sentence(run, tree, arguments):
    Path("nul").write_bytes(b"a.png\0b.png\0")
    ran = run("verify", *arguments)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert "internal" not in ran.err


def test_a_list_on_a_closed_standard_input_is_refused(tree):
    command = f'"{sys.executable}" -m kzlabel verify --from-file - <&-'
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, check=False, env=environment, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)


def test_what_names_begin_with_is_no_option(run, tree):
    shutil.copy(PNG, "-r.png")
    ran = run("verify", "--format", "jsonl", "--", "-r.png")
    assert (paths(ran.out), ran.code) == (["-r.png"], 0)


def test_a_report_replaces_no_picture_of_the_folder_it_is_about(run, tree):
    before = PNG.read_bytes()
    ran = run("verify", "-r", ".", "--no-look", "-o", "wire/c.png")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert Path("wire/c.png").read_bytes() == before
    for _ in range(2):  # an earlier report is replaced
        assert run("verify", "-r", "wire", "--no-look", "-o", "wire/report.txt").code == 0


def test_that_nothing_was_found_is_said(run, tree):
    ran = run("verify", "-r", ".", "--include", "*.jgp")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert "no file" in ran.err
    Path("empty").mkdir()
    ran = run("verify", "-r", "empty")
    assert (ran.code, len(ran.err.splitlines())) == (0, 1)


def test_what_was_not_looked_at_is_said_beside_a_report_in_a_file(run, tree):
    ran = run("verify", "none.png", "-r", "--format", "html", "-o", "r.html")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 2)
    assert "none.png" in ran.err
    assert "r.html" in ran.err
    ran = run("verify", "none.png", "--format", "html", "-o", "r.html", "--quiet")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)


@pytest.mark.parametrize("name", ["wire/page.html", "list", "wire/c.png.kzlabel.json"])
def test_a_report_replaces_nothing_but_a_report(run, tree, name):
    Path(name).write_text("wire/c.png\n", encoding="utf-8")
    ran = run("verify", "-r", "wire", "--from-file", "list", "--no-look", "-o", name)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert Path(name).read_text(encoding="utf-8") == "wire/c.png\n"


@pytest.mark.slow
def test_the_report_of_an_earlier_run_is_no_asset(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(FIXTURES / "note.txt", tmp_path / "note.txt")
    for _ in range(2):
        run("verify", "-r", ".", "--format", "json", "-o", "report.json")
        paths = [row["path"] for row in json.loads(Path("report.json").read_bytes())["assets"]]
        assert paths == ["note.txt"]


@pytest.mark.slow
def test_an_empty_list_is_no_mistake_and_a_pattern_that_fits_nothing_is(run, tmp_path):
    (tmp_path / "list").touch()
    ran = run("verify", "--from-file", tmp_path / "list", "--format", "jsonl")
    assert (ran.code, "no file" in ran.err) == (0, True)
    shutil.copy(FIXTURES / "note.txt", tmp_path / "note.txt")
    assert run("verify", "-r", tmp_path, "--include", "*.JPG").code == 2
