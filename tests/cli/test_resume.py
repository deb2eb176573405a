"""`kzlabel verify --resume` and `--watch`: results that last, whatever ends the run."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, nullcontext, suppress
from pathlib import Path

import pytest
from rows import row_of
from samples import FIXTURES

from kzlabel._options import Options
from kzlabel._seen import path_of
from kzlabel.batch import Among, Results, Tally
from kzlabel.cli import _keeping
from kzlabel.cli._choosing import Chosen
from kzlabel.cli._keeping import Kept
from kzlabel.cli._output import write
from kzlabel.errors import UsageError
from kzlabel.model import AssetReport
from kzlabel.reports.jsonl import last_line
from kzlabel.trust import TrustStore

SMALL = ["picture.jpg", "picture.png", "picture.webp", "animation.gif", "text.txt", "page.html"]


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    shutil.copy(FIXTURES / "picture.jpg", folder)
    (folder / "odd.jpg").write_bytes(b"neither picture nor anything")
    return folder


@pytest.fixture
def place(folder) -> Path:
    return folder / "results.jsonl"  # it lies where it would be an asset itself


def lines(text: str | bytes) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def names(rows: list[dict]) -> list[str]:
    return sorted(Path(row["path"]).name for row in rows if "path" in row)


def test_a_finished_run_is_gone_on_with(run, folder, place):
    first = run("verify", "-r", folder, "--no-look", "--resume", place, "--format", "jsonl")
    assert first.code == 3
    assert lines(first.out)[:-1] == lines(place.read_bytes())[:-1]
    assert names(lines(first.out)) == ["odd.jpg", "picture.jpg"]
    shutil.copy(FIXTURES / "picture.png", folder)
    again = run("verify", "-r", folder, "--no-look", "--resume", place, "--format", "json")
    assert again.code == 3
    assert "2 files were looked at before" in again.err
    report = json.loads(again.out)
    assert names(report["assets"]) == ["odd.jpg", "picture.jpg", "picture.png"]
    assert report["summary"]["assets"] == 3
    assert names(lines(place.read_bytes())) == names(report["assets"])
    assert lines(place.read_bytes())[-1]["summary"] == report["summary"]


@pytest.mark.slow
def test_rows_of_another_profile_are_looked_at_again_and_this_is_said(run, folder, place):
    run("verify", "-r", folder, "--no-look", "--resume", place)
    ran = run("verify", "-r", folder, "--no-look", "--resume", place, "--profile", "kz-strict")
    assert len(ran.err.splitlines()) == 1
    assert "2 rows are of another run (kzlabel/" in ran.err
    assert {row["seen"]["run"].split()[1] for row in lines(place.read_bytes())[:-1]} == {
        "kz-strict/2026-01-18"
    }


@pytest.mark.slow
def test_json_lines_in_a_file_are_there_at_once_and_unfinished_ones_are_not_lost(run, folder):
    output = folder.parent / "out.jsonl"
    asked = ("verify", "-r", folder, "--no-look", "--format", "jsonl", "-o", output)
    assert (run(*asked).code, run(*asked).code) == (3, 3)
    output.write_bytes(output.read_bytes().splitlines(keepends=True)[0])
    ran = run(*asked)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "--resume" in ran.err
    assert run(*asked, "--resume", output).code == 3
    assert names(lines(output.read_bytes())) == ["odd.jpg", "picture.jpg"]


@pytest.mark.parametrize(
    "form",
    ["html", "jsonl", *(pytest.param(f, marks=pytest.mark.slow) for f in ("text", "csv", "json"))],
)
def test_a_report_replaces_no_unfinished_results(run, folder, form):
    output = folder.parent / "out.jsonl"
    asked = ("verify", "-r", folder, "--no-look", "-o", output)
    assert run(*asked, "--format", "jsonl").code == 3
    whole = output.read_bytes()
    output.write_bytes(whole.splitlines(keepends=True)[0])
    ran = run(*asked, "--format", form)
    assert ran.code == 2
    assert "--resume" in ran.err
    assert output.read_bytes() == whole.splitlines(keepends=True)[0]
    output.write_bytes(whole)
    assert run(*asked, "--format", form).code == 3


def test_a_place_that_is_closed_is_said_before_the_work(run, folder, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    output = folder.parent / "out.html"
    ran = run("verify", "-r", folder, "--no-look", "-o", output, "--format", "html")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert str(output) in ran.err


def test_a_list_is_not_replaced_by_its_report(run, folder):
    names_of = folder.parent / "names"
    names_of.touch()
    ran = run("verify", "--from-file", names_of, "-o", names_of)
    assert ran.code == 2
    assert "same file" in ran.err


def test_what_cannot_be_used_is_one_sentence(run, folder, tmp_path):
    (tmp_path / "link").symlink_to("nothing")
    os.mkfifo(tmp_path / "pipe")
    used = tmp_path / "used"
    picture = (folder / "picture.jpg").read_bytes()
    with Results.resuming(used, AssetReport, ["run"]):
        for place in (
            folder, folder / "picture.jpg", tmp_path / "link", tmp_path / "pipe", used, "/dev/full",
            tmp_path / "none" / "r.jsonl",
        ):  # fmt: skip
            ran = run("verify", folder / "odd.jpg", "--no-look", "--resume", place)
            assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1), place
    assert (folder / "picture.jpg").read_bytes() == picture


def test_a_full_disk_under_a_report_names_the_report(run, folder):
    ran = run("verify", folder / "picture.jpg", "--no-look", "--format", "json", "-o", "/dev/full")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert ran.err.startswith("kzlabel: /dev/full: ")


def test_a_report_over_no_files_is_said_to_be_written(run, tmp_path):
    (tmp_path / "none").mkdir()
    ran = run("verify", "-r", tmp_path / "none", "-o", tmp_path / "r.txt")
    assert ran.err.endswith(": the report is written; assets: 0\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--watch", ".", "--format", "html"], "--format html"),
        (["--watch", "text.txt"], "for folders"),
        (["--watch", "none"], "for folders"),
        (["--watch", ".", "--settle", "nan"], "--settle"),
        (["text.txt", "--settle", "3"], "--watch"),
        (["text.txt", "--check-digests"], "--resume"),
        (["text.txt", "--resume", "r.jsonl", "--format", "html", "-o", "r.jsonl"], "r.jsonl"),
    ],
)
def test_what_does_not_go_together_is_refused(run, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    shutil.copy(FIXTURES / "text.txt", tmp_path)
    (tmp_path / "r.jsonl").touch()
    ran = run("verify", *arguments)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert said in ran.err


def test_results_that_a_batch_is_writing_are_no_place_for_a_report(run, folder, place):
    asked = ("verify", folder / "odd.jpg", "--no-look", "-o", place)
    with Results.resuming(place, AssetReport, ["run"]) as results:
        ran = run(*asked)
        assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
        assert "another batch" in ran.err
        results.finish("{}")
        assert place.read_bytes() == b"{}\n"
    place.write_bytes(b"")
    assert run(*asked).code == 3


def test_nor_are_those_that_it_began_to_write_meanwhile(place):
    with ExitStack() as stack, pytest.raises(UsageError, match="another batch"):
        write(
            (stack.enter_context(Results.begun(place, AssetReport)) and "row" for _ in "1"), place
        )
    assert place.read_bytes() == b""


@pytest.mark.parametrize("place", ["r.jsonl", "./r.jsonl", "link"])
def test_results_that_are_still_to_be_made_are_no_place_for_a_report(
    run, tmp_path, monkeypatch, place
):
    monkeypatch.chdir(tmp_path)
    shutil.copy(FIXTURES / "text.txt", tmp_path)
    (tmp_path / "link").symlink_to("r.jsonl")
    asked = ("verify", "text.txt", "--resume", "r.jsonl", "-o", place)
    ran = run(*asked, "--format", "html")
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert "the same file" in ran.err
    assert not (tmp_path / "r.jsonl").exists()


# --- In processes of their own --------------------------------------------------------------------


def started(*arguments: object, **more) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "kzlabel", "verify", "--no-look", *map(str, arguments)],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more,
    )  # fmt: skip


def rows_in(place: Path) -> int:
    with suppress(FileNotFoundError):
        return place.read_bytes().count(b"\n")
    return 0


def many(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        name = SMALL[number % len(SMALL)]
        shutil.copy(FIXTURES / name, folder / f"{number}{Path(name).suffix}")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_over_and_over_it_stops_once(tmp_path, how):
    folder, place = many(tmp_path / "files", 100), tmp_path / "r.jsonl"
    process = started("-r", folder, "--resume", place, "--format", "jsonl")
    process.stdout.readline()
    while process.poll() is None:
        process.send_signal(how)
    _, err = process.communicate()
    assert process.returncode == 130
    (said,) = err.strip().splitlines()
    assert b"--resume goes on from it" in said
    assert all(names(lines(place.read_bytes())))


@pytest.mark.slow
def test_a_terminal_that_closes_does_not_end_what_it_is_told_not_to(tmp_path):
    def nohup() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    folder = many(tmp_path / "files", 30)
    process = started("-r", folder, "--format", "jsonl", preexec_fn=nohup)
    process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert lines(out)[-1]["summary"]["assets"] == 30


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_ended_five_times_has_each_asset_once(tmp_path, how, capsys):
    folder, place = many(tmp_path / "files", 300), tmp_path / "r.jsonl"
    asked = ("-r", folder, "--resume", place, "--format", "jsonl")
    draw, counts = random.Random(6), []
    for _ in range(5):
        process = started(*asked)
        wanted = rows_in(place) + draw.randrange(5, 50)
        for line in process.stdout:
            if b'"path"' in line and rows_in(place) >= wanted:
                break
        process.send_signal(how)
        _, err = process.communicate()
        assert process.returncode == (130 if how is signal.SIGINT else -how)
        assert (b"--resume goes on from it" in err) == (how is signal.SIGINT)
        counts.append(rows_in(place))
    process = started(*asked)
    out, err = process.communicate()
    assert process.returncode == 0, err
    paths = Counter(row["path"] for row in lines(place.read_bytes())[:-1])
    assert paths == Counter(map(str, folder.iterdir()))
    assert lines(out)[:-1] == lines(place.read_bytes())[:-1]
    assert lines(out)[-1]["summary"]["assets"] == 300
    with capsys.disabled():
        print(f"\n{how.name} with {counts} rows there; in the end 300 of 300, each once")


@pytest.mark.slow
def test_a_full_disk_is_one_sentence_and_can_be_resumed(tmp_path):
    folder, place = many(tmp_path / "files", 40), tmp_path / "r.jsonl"
    command = 'ulimit -f 40; exec "$@"'
    asked = [sys.executable, "-m", "kzlabel", "verify", "-r", folder, "--no-look", "--resume"]
    full = subprocess.run(
        ["sh", "-c", command, "sh", *asked, place], capture_output=True, text=True, check=False
    )
    assert (full.returncode, len(full.stderr.splitlines())) == (2, 1)
    assert "what is there is whole, and --resume goes on from it" in full.stderr
    kept = rows_in(place)
    assert 0 < kept < 40
    again = subprocess.run([*asked, place], capture_output=True, text=True, check=False)
    assert again.returncode == 0
    assert f"{kept} files were looked at before" in again.stderr
    assert rows_in(place) == 41


@pytest.mark.parametrize("reported", [False, True])
def test_a_watch_shows_what_it_sums_up(folder, place, monkeypatch, reported):
    """Printed are new rows only; a report has all, and an earlier one is none of the assets."""
    options = Options.of("kz", TrustStore(), synthetic=False, look=False)
    output = folder / "report.jsonl" if reported else None
    kept = Kept(place, check_digests=False, watch=True, settle=0.01)
    chosen = Chosen((folder,), None, null=False, recursive=True, among=Among(), own=output)
    shown = []

    def watched(wanted: int) -> Tally:
        stop = nullcontext(lambda: rows_in(place) >= wanted)
        monkeypatch.setattr(_keeping, "until_stopped", lambda: stop)
        tally = Tally(options)
        with kept.results(options, "jsonl", output, live=True, quiet=True) as results:
            rows = kept.rows(chosen, results, tally, looked)
            shown[:] = names([{"path": path_of(row.seen.uri)} for row in rows])
            results.finish(last_line(tally.report()))
        return tally

    def looked(paths):
        return (row_of(path, options.run) for path in paths if path)

    watched(2)
    if output:
        shutil.copy(place, output)
    (folder / "later.txt").write_text("x")
    tally = watched(3)
    assert shown == (["later.txt", "odd.jpg", "picture.jpg"] if reported else ["later.txt"])
    assert tally.report().summary.assets == len(shown)
    assert tally.whole().summary.assets == 3


@pytest.mark.slow
def test_what_a_watch_writes_is_not_watched(tmp_path):
    hot = many(tmp_path / "hot", 1)
    place, printed = hot / "r.jsonl", hot / "printed"
    with printed.open("wb") as out:
        process = started("--watch", hot, "--resume", place, "--settle", "0.1", stdout=out)
        for count in range(1, 5):
            while rows_in(printed) < count:
                assert process.poll() is None
            (hot / f"{count}.txt").write_text("x")
        process.terminate()
        process.communicate()
        assert process.returncode == 0
    assert set(names(lines(place.read_bytes()))) <= {"0.jpg", "1.txt", "2.txt", "3.txt", "4.txt"}


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_watch_survives_a_burst_and_a_restart(tmp_path, how):
    hot, place = many(tmp_path / "hot", 4), tmp_path / "r.jsonl"
    asked = ("--watch", hot, "--resume", place, "--settle", "0.3")
    process = started(*asked)
    found = names([json.loads(process.stdout.readline()) for _ in range(4)])
    many(tmp_path / "burst", 100)
    for path in (tmp_path / "burst").iterdir():
        path.rename(hot / f"burst{path.name}")
    found += names([json.loads(process.stdout.readline()) for _ in range(100)])
    process.send_signal(how)
    out, _ = process.communicate()
    assert process.returncode == (-9 if how is signal.SIGKILL else 0)
    assert [row["summary"]["assets"] for row in lines(out)] == (
        [] if how is signal.SIGKILL else [104]
    )
    (hot / "0.jpg").unlink()  # it was moved on; its row stays
    (hot / "late.txt").write_text("while nobody watched")
    process = started(*asked)
    found += names([json.loads(process.stdout.readline())])
    process.terminate()
    out, err = process.communicate()
    assert [row["summary"]["assets"] for row in lines(out)] == [1]
    assert lines(place.read_bytes())[-1]["summary"]["assets"] == 105
    assert b"103 files were looked at before" in err
    assert Counter(found) == Counter(["0.jpg", *(path.name for path in hot.iterdir())])
    assert names(lines(place.read_bytes())) == sorted(found)
