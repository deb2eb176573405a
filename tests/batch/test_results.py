"""Results that last: whole lines, one writer, and what stays of an earlier run."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec import structs
from rows import RUN, row_of

from kzlabel._assets import companion
from kzlabel._options import Options
from kzlabel._seen import path_of, state_of, uri_of
from kzlabel.batch import Results, _sifting
from kzlabel.batch._journal import Journal
from kzlabel.batch._resuming import Fate
from kzlabel.errors import LimitError, UsageError
from kzlabel.model import AssetReport, FindingOutcome, LabellingReport, finding
from kzlabel.verdict import error_row

OTHER = "kzlabel/0 kz-strict/0 11"
LAST = '{"schema":"kzlabel.report/1","summary":{}}'
HOSTILE = [
    b"plain.jpg", b"two\nlines.jpg", b"\xe2\x80\xaertl.jpg", b"\xff\xfe.jpg", b"%41 #?&:.jpg",
    b'<img src=x onerror="1">.jpg', b'{"path":.jpg', b"x" * 255,
]  # fmt: skip


@pytest.fixture
def files(tmp_path) -> list[Path]:
    folder = tmp_path / "files"
    folder.mkdir()
    made = [folder / f"{number}.jpg" for number in range(6)]
    for path in made:
        path.write_bytes(path.name.encode())
    return made


@pytest.fixture
def place(tmp_path) -> Path:
    return tmp_path / "r.jsonl"


def resumed(place: Path, **asked) -> Results[AssetReport]:
    return Results.resuming(place, AssetReport, asked.pop("runs", (RUN,)), **asked)


def written(place: Path, rows, last: str = "") -> None:
    with resumed(place) as results:
        for _ in results.keeping(rows):
            pass
        if last:
            results.finish(last)


def looked_at(place: Path, files: list[Path], **asked) -> list[Path]:
    """Return which files a run that goes on with the results would look at."""
    with resumed(place, **asked) as results:
        return list(results.undone(files))


def fates(place: Path, **asked) -> dict[str, int]:
    with resumed(place, **asked) as results:
        return {fate.value: count for fate, count in results.resumed.fates.items()}


def test_a_first_run_makes_the_file_and_each_row_is_there_at_once(place, files):
    with resumed(place) as results:
        for count, row in enumerate(results.keeping(map(row_of, files)), 1):
            lines = place.read_bytes().splitlines()
            assert msgspec.json.decode(lines[-1], type=AssetReport) == row
            assert len(lines) == count


def test_what_is_there_is_not_looked_at_again(place, files):
    written(place, map(row_of, files[:4]))
    with resumed(place) as results:
        assert list(results.undone(files)) == files[4:]
        rows = list(results.continued(map(row_of, files[4:])))
        assert [path_of(row.seen.uri) for row in rows] == files
        assert list(results) == list(results) == rows  # as often as one likes
    assert looked_at(place, files) == []


def test_rows_can_be_read_while_others_are_written(place, files):
    with resumed(place) as results:
        pairs = [len(list(results)) for _ in results.keeping(map(row_of, files))]
    assert pairs == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("missing", [1, 2, 40, 300])
def test_a_torn_last_line_is_repaired(place, files, missing):
    written(place, map(row_of, files[:3]))
    whole = place.read_bytes()
    place.write_bytes(whole[:-missing])
    assert looked_at(place, files[:3]) == [files[2]]
    assert whole.startswith(place.read_bytes())
    assert place.read_bytes().endswith(b"\n")


@pytest.mark.parametrize("size", [1, 5, 9, 30])
def test_a_torn_first_line_is_repaired(place, files, size):
    written(place, map(row_of, files[:1]))
    place.write_bytes(place.read_bytes()[:size])
    assert looked_at(place, files[:1]) == files[:1]
    assert place.read_bytes() == b""


def test_a_summary_a_torn_line_and_doubles_go_from_within(place, files):
    written(place, [*map(row_of, files[:3]), row_of(files[0])], LAST)
    with place.open("ab") as file:
        file.write(b'{"path":"torn\n' + b"\0" * 100 + b"\n")
    written(place, map(row_of, files[3:4]), LAST)
    assert fates(place) == {"stays": 4, "closing": 1}
    assert len(place.read_bytes().splitlines()) == 4
    assert looked_at(place, files) == files[4:]


def test_lines_that_stay_are_kept_byte_for_byte(place, files):
    written(place, map(row_of, files), LAST)
    lines = place.read_bytes().splitlines(keepends=True)
    newer = lines[1].replace(b'{"path"', b'{"path":"","newer":[1, 2],"path"', 1)
    place.write_bytes(lines[0] + b"torn\n" + newer + lines[3])
    place.chmod(0o640)
    assert fates(place) == {"stays": 3, "damaged": 1}
    assert place.read_bytes() == lines[0] + newer + lines[3]
    assert place.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in place.parent.iterdir()] == ["files", "r.jsonl"]


def changed_bytes(path: Path) -> None:
    path.write_bytes(b"another")


def changed_time(path: Path) -> None:
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))


def changed_size(path: Path) -> None:
    before = path.stat()
    path.write_bytes(b"longer than it was")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def a_sidecar(path: Path) -> None:
    beside = path.with_name(path.name + ".kzlabel.json")
    beside.write_bytes(b"{}")
    os.utime(beside, ns=(1, 1))


def a_manifest(path: Path) -> None:
    path.with_suffix(".c2pa").write_bytes(b"x")


@pytest.mark.parametrize(
    "change", [changed_bytes, changed_time, changed_size, a_sidecar, a_manifest]
)
def test_what_changed_is_looked_at_again(place, files, change):
    written(place, map(row_of, files), LAST)
    change(files[2])
    assert looked_at(place, files) == [files[2]]


def test_a_digest_tells_what_size_and_time_do_not(place, files):
    written(place, map(row_of, files), LAST)
    before = files[2].stat()
    files[2].write_bytes(b"X.jpg")
    os.utime(files[2], ns=(before.st_atime_ns, before.st_mtime_ns))
    assert looked_at(place, files) == []
    assert looked_at(place, files, digests=True) == [files[2]]


def test_a_digest_tells_it_of_companions_too(place, files):
    beside = files[2].with_name(files[2].name + ".c2pa")
    beside.write_bytes(b"store")
    row = structs.replace(row_of(files[2]), companions=(companion(beside, b"store"),))
    written(place, [*map(row_of, files[:2]), row, *map(row_of, files[3:])], LAST)
    assert looked_at(place, files, digests=True) == []
    before = beside.stat()
    beside.write_bytes(b"STORE")
    os.utime(beside, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert looked_at(place, files) == []
    assert looked_at(place, files, digests=True) == [files[2]]


def test_a_companion_that_has_come_is_told_whatever_its_size_and_time(place, files):
    written(place, map(row_of, files), LAST)
    beside = files[2].with_name(files[2].name + ".c2pa")
    beside.touch()
    os.utime(beside, (0, 0))
    assert looked_at(place, files) == []
    assert looked_at(place, files, digests=True) == [files[2]]


def test_a_companion_that_could_not_be_opened_is_tried_again(place, files):
    closed = finding("kz.sidecar.closed", FindingOutcome.FAILURE, detail="x")
    written(place, [structs.replace(row_of(files[0]), findings=(closed,)), row_of(files[1])])
    assert looked_at(place, files[:2]) == files[:1]


@pytest.mark.parametrize("code", ["kz.error.label-alone", "kz.error.label-itself"])
def test_a_companion_that_was_alone_has_no_row_once_its_asset_has_come(place, files, code):
    written(place, [row_of(files[0], code=code), row_of(files[1])])
    assert fates(place) == {"again": 1, "stays": 1}


def test_what_cannot_be_kept_for_the_moment_promises_nothing(files, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with Results(AssetReport) as results, pytest.raises(UsageError) as caught:
        list(results.keeping([row_of(files[0])]))
    assert caught.value.code == "kz.error.os"


@pytest.mark.parametrize(
    "code", ["kz.error.changed", "kz.error.worker-died", "kz.error.worker-slow", "kz.error.os"]
)
def test_what_could_not_be_looked_at_is_looked_at_again(place, files, code):
    written(place, [row_of(files[0], code=code), row_of(files[1], code="kz.error.memory")])
    assert looked_at(place, files[:2]) == files[:1]


def test_a_row_whose_worker_did_not_tell_is_not_believed(place, files):
    written(place, [error_row(files[0], LimitError("kz.error.worker-died", path=files[0]))])
    assert looked_at(place, files[:1]) == files[:1]
    assert place.read_bytes() == b""


def test_rows_of_another_run_are_not_believed_and_are_counted_by_its_name(place, files):
    written(place, [row_of(files[0]), row_of(files[1], OTHER), row_of(files[2], OTHER)])
    with resumed(place) as results:
        assert results.resumed.runs == {OTHER: 2}
        assert list(results.undone(files[:3])) == files[1:3]
        assert len(list(results)) == 1
    assert looked_at(place, files[:1], runs=(OTHER, RUN)) == []


def test_rows_of_files_that_went_go_too(place, files):
    written(place, map(row_of, files), LAST)
    files[0].unlink()
    assert fates(place) == {"gone": 1, "stays": 5, "closing": 1}


def test_results_whose_files_are_all_elsewhere_are_refused(place, files, monkeypatch):
    (place.parent / "elsewhere").mkdir()
    monkeypatch.chdir(place.parent)
    named = [path.relative_to(place.parent) for path in files]
    written(place, map(row_of, named), LAST)
    assert looked_at(place, files) == []  # however they are named
    whole = place.read_bytes()
    monkeypatch.chdir("elsewhere")
    with pytest.raises(UsageError, match="none of the 6 files") as caught:
        resumed(place)
    assert caught.value.code == "kz.error.results-elsewhere"
    assert place.read_bytes() == whole


def test_in_a_log_every_row_stays_and_only_what_is_so_now_counts(place, files):
    written(place, [*map(row_of, files[:3]), row_of(files[3], OTHER)], LAST)
    files[0].unlink()
    changed_size(files[1])
    assert looked_at(place, files[1:4], log=True) == [files[1], files[3]]
    assert len(place.read_bytes().splitlines()) == 4
    assert looked_at(place, files[1:3], log=True) == [files[1]]


def test_a_row_may_be_asked_for_more(place, files):
    written(place, map(row_of, files[:2]))
    assert looked_at(
        place, files[:2], still=lambda row: (Fate.LOST, Fate.STAYS)["0.jpg" in row.path]
    ) == [files[1]]


def test_rows_of_labelling_are_resumed_alike(place, files):
    def made(path: Path) -> LabellingReport:
        return LabellingReport(source=str(path), destination="x", seen=row_of(path).seen)

    with Results.resuming(place, LabellingReport, [RUN]) as results:
        list(results.keeping(map(made, files[:2])))
    with Results.resuming(place, LabellingReport, [RUN]) as results:
        assert list(results.undone(files[:3])) == [files[2]]
    whole = place.read_bytes()
    with pytest.raises(UsageError, match="no results file of this command"):
        resumed(place)
    assert place.read_bytes() == whole


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_survives_the_round_trip(place, tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(b"x")
    written(place, [row_of(path)])
    assert looked_at(place, [path]) == []
    with resumed(place) as results:
        assert [os.fsencode(path_of(row.seen.uri)) for row in results] == [os.fsencode(path)]


def test_a_path_of_4000_bytes_survives_it(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    deep = Path("d" * 200)
    while len(os.fsencode(tmp_path / deep)) < 3800:
        deep /= "d" * 200
    deep.mkdir(parents=True)
    path = deep / "a.jpg"
    path.write_bytes(b"x")
    written(place, [row_of(path)])
    assert looked_at(place, [path]) == []


# --- What is no results file ----------------------------------------------------------------------

NONE = {
    "picture": b"\xff\xd8\xff\xe0" + bytes(100), "json": b'{"path": "x"}\n', "text": b"path\n",
    "report": b'{"schema":"kzlabel.report/1","assets":[],"summary":{}}\n',
    "lines": b'{"path":"x","size":1}\n{"path":"y","size":2}\n',
    "one": b'{"path":"x","size":1}', "nul": bytes(10), "empty line": b"\n", "torn": b'{"a',
}  # fmt: skip


@pytest.mark.parametrize("kind", NONE)
def test_what_is_no_results_file_is_refused_and_untouched(place, kind):
    place.write_bytes(NONE[kind])
    for _ in range(2):  # and let go of
        with pytest.raises(UsageError) as caught:
            resumed(place)
        assert caught.value.code == "kz.error.results-none"
    assert place.read_bytes() == NONE[kind]


def a_link(place: Path) -> None:
    place.with_name("file").write_bytes(b"")
    place.symlink_to("file")


@pytest.mark.parametrize("make", [a_link, Path.mkdir, os.mkfifo], ids=["link", "folder", "fifo"])
def test_a_place_that_is_no_file_is_refused(place, make):
    make(place)
    with pytest.raises(UsageError) as caught:
        resumed(place)
    assert caught.value.code == "kz.error.results-place"


@pytest.mark.parametrize("where", ["none/r.jsonl", "/proc/r.jsonl", "/sys/r.jsonl", "x" * 300])
def test_a_place_that_cannot_be_written_is_one_sentence(place, where):
    with pytest.raises(UsageError) as caught:
        resumed(place.parent / where)
    assert caught.value.code == "kz.error.os"


# --- One writer -----------------------------------------------------------------------------------


def test_a_second_batch_is_refused(place, files):
    with resumed(place) as results:
        list(results.keeping(map(row_of, files[:1])))
        for second in (resumed, lambda place: Results.begun(place, AssetReport)):
            with pytest.raises(UsageError) as caught:
                second(place)
            assert caught.value.code == "kz.error.results-in-use"
    assert looked_at(place, files[:2]) == [files[1]]


def test_the_lock_moves_to_the_file_that_takes_its_place(place, files):
    written(place, [row_of(files[0]), row_of(files[0]), row_of(files[1])])
    with resumed(place), pytest.raises(UsageError, match="another batch"):  # rewritten
        resumed(place)


def test_a_file_that_was_replaced_before_it_was_locked_is_opened_anew(place, monkeypatch):
    flock = fcntl.flock
    place.write_bytes(b"old")

    def late(descriptor: int, how: int) -> None:
        if place.read_bytes() == b"old":
            place.with_name("new").write_bytes(b"newer")
            place.with_name("new").replace(place)
        flock(descriptor, how)

    monkeypatch.setattr("kzlabel.batch._journal.fcntl.flock", late)
    journal = Journal.locked(place)
    assert list(journal.lines()) == [b"newer"]
    journal.close()


def test_a_child_that_outlives_us_does_not_keep_the_lock(place):
    ended, end = os.pipe()
    begun, begin = os.pipe()
    results = resumed(place)
    child = os.fork()
    if child == 0:
        os.close(end)
        os.write(begin, b"x")
        os.read(ended, 1)
        os._exit(0)
    os.read(begun, 1)
    results.close()
    resumed(place).close()
    for descriptor in (end, ended, begun, begin):
        os.close(descriptor)
    os.waitpid(child, 0)


def test_results_that_were_begun_anew_replace_finished_ones_only(place, files):
    with Results.begun(place, AssetReport) as results:
        list(results.keeping(map(row_of, files)))
    with pytest.raises(UsageError, match="resume it with --resume, or remove it"):
        Results.begun(place, AssetReport)
    written(place, [], LAST)
    with Results.begun(place, AssetReport) as results:
        assert place.read_bytes() == b""
        list(results.keeping(map(row_of, files[:1])))
    place.write_text("a report of another form\n")
    Results.begun(place, AssetReport).close()
    assert place.read_bytes() == b""


# --- A full disk ----------------------------------------------------------------------------------


@pytest.fixture
def little_room() -> Iterator[int]:
    """Let no file be longer than this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, before[1]))
    yield 1500
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_whole_rows(place, files, little_room):
    done = []
    with (
        resumed(place) as results,
        pytest.raises(UsageError, match="what is there is whole") as caught,
    ):
        done.extend(results.keeping(map(row_of, files)))
    assert caught.value.code == "kz.error.results-unwritten"
    assert 0 < place.stat().st_size < little_room
    assert fates(place) == {"stays": place.read_bytes().count(b"\n")}


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda place: os.truncate(place, 0), lambda place: place.rename("moved")]
)
def test_results_that_others_take_away_are_missed(place, files, monkeypatch, harm, late):
    monkeypatch.chdir(place.parent)
    with resumed(place) as results:
        rows = results.keeping(map(row_of, files[:2]))
        next(rows)
        if late:
            next(rows)
        harm(place)
        with pytest.raises(UsageError) as caught:
            results.finish(LAST) if late else next(rows)
        assert caught.value.code == "kz.error.results-taken"
        assert not place.exists() or place.read_bytes() == b""


def test_a_full_disk_while_rewriting_leaves_the_file(place, files, monkeypatch):
    written(place, [*map(row_of, files[:2]), row_of(files[0]), row_of(files[2])])
    whole = place.read_bytes()

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Journal, "_copy", full)
    with pytest.raises(UsageError, match="no space left"):
        resumed(place)
    assert place.read_bytes() == whole
    assert {path.name for path in place.parent.iterdir()} == {"files", "r.jsonl"}


# --- However it is torn ---------------------------------------------------------------------------


def test_any_byte_may_be_lost_or_flipped(place, files):
    """Whatever happens to the file, a row that is believed is one that was written."""
    written(place, map(row_of, files), LAST)
    whole, known = place.read_bytes(), {row_of(path).seen.uri for path in files}
    draw = random.Random(6)
    for _ in range(60):
        harmed = bytearray(whole)
        at = draw.randrange(len(harmed))
        if draw.random() < 0.5:
            harmed[at] ^= 1 << draw.randrange(8)
        else:
            del harmed[at : at + draw.choice([1, 10, 200])]
        place.write_bytes(harmed)
        try:
            with resumed(place) as results:
                kept = [row.seen.uri for row in results]
        except UsageError as exc:
            assert exc.code == "kz.error.results-none"  # noqa: PT017
            assert at < len('{"path":')
            continue
        assert len(kept) == len(set(kept)) >= len(files) - 2
        assert set(kept) <= known


MEMORY = """
import re, sys, time
from pathlib import Path
from kzlabel.batch import Results
from kzlabel.model import AssetReport
place = Path(sys.argv[1])
def held(): return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
import sqlite3, kzlabel.batch._resuming
before = held()
with Results.resuming(place, AssetReport, ("run",)) as results:
    count = sum(1 for _ in results)
    assert not any(map(results.is_done, map(Path, ["a", "b"])))
print(count, held() - before, time.process_time())
"""


@pytest.mark.slow
def test_200_000_rows_are_not_held(place, capsys):
    folder = place.parent / "many"
    folder.mkdir()
    made = folder / "0"
    made.write_bytes(b"x")
    for number in range(1, 200_000):
        if number % 50_000 == 0:  # a file system allows no more links
            made = folder / f"of{number}"
            made.write_bytes(b"x")
        (folder / str(number)).hardlink_to(made)
    with place.open("w", encoding="ascii") as file:
        for number in range(200_000):
            path = folder / str(number)
            file.write(
                f'{{"path":"p","verdict":"compliant","seen":{{"uri":"{uri_of(path)}",'
                f'"modified":"{state_of(path).modified}","run":"run","bytes":1}}}}\n'
            )
    ran = subprocess.run(
        [sys.executable, "-c", MEMORY, place], capture_output=True, text=True, check=True
    )
    count, kibibytes, seconds = ran.stdout.split()
    with capsys.disabled():
        print(f"\n{count} rows resumed in {seconds} s of CPU: {kibibytes} KiB more held")
    assert int(count) == 200_000
    assert int(kibibytes) < 30_000


HARM = {
    "deep": b'{"path":' + b"[" * 200_000, "name": b'"uri":"%00"', "no name": b'"uri":""',
    "large": b'"bytes":' + b"9" * 400, "fifo": b'"uri":"/dev/tty"',
}  # fmt: skip


@pytest.mark.parametrize("kind", HARM)
def test_hostile_rows_are_not_believed_and_harm_nothing(place, files, kind):
    written(place, map(row_of, files[:2]))
    first, second = place.read_bytes().splitlines(keepends=True)
    start = HARM[kind][:7]
    at = second.index(start)
    ends = {b'"bytes"': second.index(b"}", at), b'{"path"': len(second)}
    end = ends.get(start, second.index(b",", at))
    for asked in ({}, {"digests": True}):
        place.write_bytes(first + second[:at] + HARM[kind] + second[end:].rstrip() + b"\n")
        assert looked_at(place, files[:2], **asked) == [files[1]]
        assert place.read_bytes() == first


def test_nothing_is_left_of_temporary_results(tmp_path, files, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "files"))
    with Results(AssetReport) as results:
        list(results.keeping(map(row_of, files)))
        assert len(list(results)) == len(files)
        assert results.path is None
    assert len(list((tmp_path / "files").iterdir())) == len(files)
    assert Fate.STAYS.value == "stays"


def test_a_run_is_told_apart_by_its_options_and_not_by_its_password():
    """Rows are published: a digest over the password would let it be guessed."""

    def run(**asked: object) -> str:
        return Options.of("kz", None, **{"synthetic": False, "look": None, **asked}).run

    known = [run(password=word) for word in ("one", "two")]
    assert known[0] == known[1] != run()
    runs = {run(), run(synthetic=True), run(look=True), run(look=False), run(personal=True)}
    assert len(runs) == 5


def test_what_is_done_keeps_nobody_waiting(place, files, monkeypatch):
    monkeypatch.setattr(_sifting, "SPELL", 0.0)
    written(place, map(row_of, files[:1]))
    with resumed(place) as results:
        assert None in results.undone(files[:1] * 100)
