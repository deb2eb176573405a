"""`kzlabel label` over folders: mirrored, told apart, gone on with."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from samples import FIXTURES, WHO

import kzlabel
from kzlabel import _schemas
from kzlabel.model import Integrity

JPEG, PNG, TEXT = (FIXTURES / name for name in ("picture.jpg", "small.png", "text.txt"))


@pytest.fixture
def tree(tmp_path) -> Path:
    folder = tmp_path / "in"
    (folder / "x" / "y").mkdir(parents=True)
    shutil.copy(PNG, folder / "a.png")
    shutil.copy(TEXT, folder / "x" / "b.txt")
    shutil.copy(PNG, folder / "x" / "y" / "c\nd.png")
    return folder


def files_below(folder: Path) -> list[str]:
    return sorted(os.path.relpath(p, folder) for p in folder.rglob("*") if p.is_file())


LABELLED = [
    "a.png", "a.png.kzlabel.json", "x/b.txt", "x/b.txt.kzlabel.json",
    "x/y/c\nd.png", "x/y/c\nd.png.kzlabel.json",
]  # fmt: skip


def test_a_folder_is_mirrored_and_what_was_refused_is_said(keyed, tree, tmp_path):
    (tree / "Thumbs.db").write_bytes(bytes(range(200)))
    shutil.copytree(tree, tmp_path / "before")
    ran = keyed("label", "-r", tree, "-o", tmp_path / "out", *WHO, "--workers", 1)
    assert ran.code == 2
    assert files_below(tmp_path / "out") == LABELLED
    assert len(ran.out.splitlines()) == 6
    assert r"c\nd.png" in ran.out
    assert "Thumbs.db" in ran.err.splitlines()[0]
    assert ran.err.splitlines()[-1].endswith("labelled: 3, refused: 1")
    assert files_below(tmp_path / "before") == files_below(tree)
    assert all((tmp_path / "before" / n).read_bytes() == (tree / n).read_bytes() for n in files_below(tree))  # fmt: skip
    for name in LABELLED[::2]:
        assert kzlabel.verify(tmp_path / "out" / name).integrity is Integrity.INTACT


@pytest.mark.slow
def test_results_in_the_folder_itself_are_left_out(keyed, tree):
    arguments = ("label", "-r", tree, "-o", tree / "out", *WHO, "--workers", 1, "--include", "a.*")
    assert keyed(*arguments).code == 0
    again = keyed(*arguments)
    assert again.code == 2
    assert "give --force" in again.err
    assert "results go here" in again.err
    assert not (tree / "out" / "out").exists()


@pytest.mark.parametrize("output", ["", "x"])
def test_a_folder_of_results_that_holds_sources_is_refused(keyed, tree, output):
    before = files_below(tree)
    ran = keyed("label", "-r", tree / "x", "-o", tree / output, *WHO)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert files_below(tree) == before


def test_two_results_with_one_name_are_refused_before_any_work(keyed, tree, tmp_path):
    shutil.copytree(tree, tmp_path / "other")
    ran = keyed("label", "-r", tree, tmp_path / "other", "-o", tmp_path / "more", *WHO)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert not (tmp_path / "more").exists()


@pytest.mark.slow
def test_rows_for_programs(keyed, tree, tmp_path):
    (tree / "empty.png").touch()
    (tree / "a.png.c2pa").write_bytes(JPEG.read_bytes())
    ran = keyed(
        "label", "-r", tree, "--exclude", "y", "-o", tmp_path / "out", *WHO, "--format", "jsonl"
    )
    *rows, last = map(json.loads, ran.out.splitlines())
    assert ran.code == 2
    assert {Path(row["source"]).name: (row["error"] or {}).get("code") for row in rows} == {
        "a.png": "kz.error.broken-parent", "b.txt": None, "empty.png": "kz.error.empty",
        "a.png.c2pa": "kz.error.label-name",
    }  # fmt: skip
    assert last["schema"] == "kzlabel.labelling/1"
    check_valid("labelling-1", {**last, "sources": rows})
    assert last["summary"] == {
        "sources": 4, "labelled": 1,
        "refused": {"kz.error.broken-parent": 1, "kz.error.empty": 1, "kz.error.label-name": 1},
    }  # fmt: skip


@pytest.mark.slow
def test_a_list_below_a_base(keyed, tree, tmp_path):
    names = tmp_path / "names"
    names.write_bytes(os.fsencode(tree / "x" / "b.txt") + b"\0")
    ran = keyed(
        "label", "--from-file", names, "-0", "--base", tree, "-o", tmp_path / "out", *WHO, "--quiet"
    )
    assert (ran.code, ran.err) == (0, "")
    assert files_below(tmp_path / "out") == LABELLED[2:4]


def check_valid(name: str, value: object) -> None:
    Draft202012Validator(json.loads(_schemas.load(name))).validate(value)


def rows_in(path: Path) -> dict[str, dict[str, object]]:
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    named = [row for row in rows if "source" in row]
    by_name = {Path(row["source"]).name: row for row in named}
    assert len(by_name) == len(named)
    return by_name


def test_rows_of_sources_that_are_not_asked_for_stay(keyed, tree, tmp_path):
    out, results = tmp_path / "out", tmp_path / "results.jsonl"
    (tree / "bad.jpg").write_bytes(b"\0\1bad")
    asked = (*WHO, "--workers", 1, "--resume", results, "--notice", "none")
    assert keyed("label", "-r", tree, "-o", out, *asked).code == 2
    first = rows_in(results)
    os.utime(out / "a.png", (0, 0))
    assert keyed("label", "-r", tree / "x", "-o", out / "x", *asked).code == 2
    assert rows_in(results).keys() == first.keys()


@pytest.mark.slow
def test_it_goes_on_where_it_stopped(keyed, tree, tmp_path):
    out, results = tmp_path / "out", tmp_path / "results.jsonl"
    arguments = ("label", "-r", tree, "-o", out, *WHO, "--workers", 1, "--resume", results)
    assert keyed(*arguments).code == 0
    first = rows_in(results)
    released = {name: (out / name).read_bytes() for name in LABELLED}
    (out / "a.png").unlink()
    (out / "a.png.kzlabel.json").unlink()
    lines = results.read_bytes().splitlines(keepends=True)
    lost = next(line for line in lines if b"b.txt" in line)
    results.write_bytes(b"".join(line for line in lines[:-1] if line != lost) + lost[:40])
    assert keyed(*arguments).code == 0, "what was released and not written down is found again"
    second = rows_in(results)
    assert second.keys() == first.keys()
    assert {name for name in LABELLED if (out / name).read_bytes() != released[name]} == {
        "a.png", "a.png.kzlabel.json",
    }  # fmt: skip
    assert second["b.txt"]["label_id"] == first["b.txt"]["label_id"]
    assert second["a.png"]["label_id"] != first["a.png"]["label_id"]


@pytest.mark.slow
@pytest.mark.parametrize("elsewhere", [("-o", "other"), ("-o", "out", "--base", ".")])
def test_what_lies_elsewhere_is_not_taken_for_labelled(keyed, tmp_path, monkeypatch, elsewhere):
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    shutil.copy(PNG, "in/a.png")
    arguments = ("label", "-r", "in", *WHO, "--workers", 1, "--resume", "results.jsonl")
    assert keyed(*arguments, "-o", "out").code == 0
    ran = keyed(*arguments, *elsewhere)
    assert ran.code == 0
    assert "1 results lie elsewhere" in ran.err
    made = Path("out/in/a.png" if "--base" in elsewhere else "other/a.png")
    assert rows_in(Path("results.jsonl"))["a.png"]["destination"] == str(made)
    assert kzlabel.verify(made).integrity is Integrity.INTACT
    assert "lie elsewhere" not in keyed(*arguments, *elsewhere).err


# --- Interrupted ----------------------------------------------------------------------------------


def many(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        shutil.copy(JPEG, folder / f"{number}.jpg")
    return folder


def check_whole(out: Path) -> int:
    """Every asset is whole, no companion is without one, and nothing private is left."""
    files = {path.name for path in out.iterdir()}
    assets = {name for name in files if name.endswith(".jpg")}
    assert files == assets | {f"{name}.kzlabel.json" for name in assets}
    for name in assets:
        assert kzlabel.verify(out / name, look=False).integrity is Integrity.INTACT
    return len(assets)


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_batch_is_whole_and_goes_on(keyed, tmp_path, stop, capfd):
    folder, out, results = many(tmp_path / "in", 50), tmp_path / "out", tmp_path / "results.jsonl"
    arguments = ["label", "-r", str(folder), "-o", str(out), *WHO, "--resume", str(results)]
    draw = random.Random(os.urandom(8))
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-m", "kzlabel", *arguments, "--workers", "2"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        before = 0 if not out.exists() else len(list(out.glob("*.jpg")))
        for _ in range(before * 2 + draw.randrange(2, 20)):
            assert process.stdout.readline()
        process.send_signal(stop)
        process.communicate()
        assert process.returncode == (130 if stop != signal.SIGKILL else -9)
        if stop != signal.SIGKILL:
            check_whole(out)
    assert keyed(*arguments).code == 0
    assert check_whole(out) == 50
    assert len(rows_in(results)) == 50
    print(capfd.readouterr().err)


def descendants(process: int) -> list[int]:
    """Return the workers of a run: its nursery's children."""
    found = []
    for parent in _children(process):
        found += _children(parent)
    return found


def _children(process: int) -> list[int]:
    try:
        return [
            int(n) for n in Path(f"/proc/{process}/task/{process}/children").read_text().split()
        ]
    except OSError:
        return []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks /proc for workers")
def test_workers_that_are_killed_at_random_lose_nothing(keyed, tmp_path):
    """Each source is one row; what a row calls labelled is whole, and nothing else is there."""
    folder, out = many(tmp_path / "in", 40), tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "kzlabel", "label", "-r", str(folder), "-o", str(out), *WHO,
         "--format", "jsonl", "--workers", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    draw, rows = random.Random(os.urandom(8)), []
    for line in process.stdout:
        rows.append(json.loads(line))
        workers = descendants(process.pid)
        if workers and draw.random() < 0.2:
            with suppress(ProcessLookupError):
                os.kill(draw.choice(workers), signal.SIGKILL)
    process.communicate()
    *rows, last = rows
    refused = [row for row in rows if row["error"]]
    assert len({row["source"] for row in rows}) == len(rows) == 40
    assert {row["error"]["code"] for row in refused} <= {"kz.error.labelling-died"}
    assert check_whole(out) == 40 - len(refused) == last["summary"]["labelled"]
    assert process.returncode == (2 if refused else 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("harm", "force", "code"),
    [("emptied", (), 2), ("bare", (), 2), ("bare", ("--force",), 0), ("touched", (), 0)],
)
def test_what_is_not_as_it_was_released_is_not_taken_for_labelled(
    keyed, tmp_path, harm, force, code
):
    (tmp_path / "in").mkdir()
    shutil.copy(PNG, tmp_path / "in" / "a.png")
    out, results = tmp_path / "out", tmp_path / "results.jsonl"
    arguments = ("label", "-r", tmp_path / "in", "-o", out, *WHO, "--workers", 1, "--resume", results)  # fmt: skip
    assert keyed(*arguments).code == 0
    made = out / "a.png"
    if harm == "emptied":
        made.write_bytes(b"")
    elif harm == "bare":
        (out / "a.png.kzlabel.json").unlink()
    else:
        os.utime(made, ns=(1, 1))
        os.utime(out / "a.png.kzlabel.json", ns=(1, 1))
    ran = keyed(*arguments, *force)
    assert ran.code == code
    assert "not as they were released" in ran.err
    assert ("give --force" in ran.err) is (code == 2)
    if code == 0:
        assert kzlabel.verify(made).integrity is Integrity.INTACT
        assert (out / "a.png.kzlabel.json").exists()
    else:
        ran = keyed(*arguments)
        assert ran.code == 2
        assert "refused that time" in ran.err
        assert "changed since" not in ran.err
