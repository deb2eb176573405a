"""Progress: what is said of how far a batch has come, to whom, and that nothing of it stays."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import StringIO
from itertools import chain, repeat
from pathlib import Path

import pytest
from rich.console import Console
from samples import FIXTURES

from kzlabel.batch import Among
from kzlabel.cli import _progress
from kzlabel.cli._choosing import Chosen
from kzlabel.cli._course import Course
from kzlabel.cli._working import Work
from kzlabel.model import AssetReport, LabellingReport, ReportError, Verdict

SECOND_ROW = AssetReport(path="b", verdict=Verdict.UNDECLARED, bytes=3_000_000)
ROWS = [AssetReport(path="a", verdict=Verdict.COMPLIANT, bytes=1_000_000), SECOND_ROW, SECOND_ROW]
KZLABEL = (sys.executable, "-m", "kzlabel", "verify", "--no-look")


def chosen(*paths: Path, recursive=True) -> Chosen:
    return Chosen(paths, None, null=False, recursive=recursive, among=Among())


def at(seconds: float):
    """Return a clock that has gone so far since it was first looked at."""
    return chain([0.0], repeat(seconds)).__next__


def test_a_course_is_said_in_one_line():
    course = Course(clock=at(2.0))
    for row in ROWS:
        course.note(row)
    assert course.line() == "files: 3; 1.5 files/s; 3.5 MB/s; 7.0 MB; undeclared: 2; compliant: 1"
    course.total = 5403
    assert "files: 3 of 5403; " in course.line()
    assert "; 1:00:00 left; " in course.line()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_narrow_terminal_shows_what_matters(width):
    course = Course(clock=at(321.0))
    for row in ROWS:
        course.note(row)
    course.total = 5403
    console = Console(width=width, file=StringIO())
    console.print(_progress._board(course, width))
    first, *rest = console.file.getvalue().splitlines()
    assert "files: 3 of 5403; 160:30:00 left" in first
    assert "undeclared: 2; compliant: 1" in " ".join(rest)
    assert first.startswith("files") == (width < 80)  # there is no room for a bar


def test_what_was_done_before_is_not_waited_for():
    course = Course(before=90, clock=at(1.0))
    course.note(SECOND_ROW)
    course.total = 100
    assert "files: 1 of 10; " in course.line()
    assert "0:00:09 left" in course.line()


def test_labelling_has_words_of_its_own():
    course = Course(clock=at(1.0))
    course.note(LabellingReport(source="a", destination="b"))
    error = ReportError(code="x", message="x", values={})
    course.note(LabellingReport(source="a", destination="b", error=error))
    assert course.line() == "files: 2; 2.0 files/s; labelled: 1; refused: 1"


def test_lines_come_now_and_then(capfd):
    now = [0.0]
    show = _progress.lines_of(Course(clock=lambda: now[0]), every=30)
    said = []
    for now[0] in (1, 29, 30, 31, 59, 61, 200):
        show()
        said.append(capfd.readouterr().err.count("\n"))
    assert said == [0, 0, 1, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("quiet", "recursive", "streaming", "shows"),
    [(False, True, False, True), (True, True, False, False), (False, False, False, False)],
)
def test_who_is_shown_progress(tmp_path, quiet, recursive, streaming, shows):
    work = Work(None, 60, quiet)
    one = _progress.progress(chosen(tmp_path, recursive=recursive), work, streaming=streaming)
    assert (one._display is not None) is shows
    assert list(one.following(iter(ROWS))) == ROWS


def test_the_first_row_waits_for_no_count(tmp_path):
    class Endless(Chosen):
        def found(self, **_: object) -> Iterator[None]:
            counting.set()
            return repeat(None)

    counting, before = threading.Event(), threading.active_count()
    course = Course()
    with _progress._counting(course, Endless(*chosen(tmp_path))):
        assert counting.wait(30)
        assert course.total is None
    assert threading.active_count() == before  # it was told to stop


def test_files_are_counted_beside_the_work(tmp_path):
    for name in "abc":
        (tmp_path / name).touch()
    course = Course()
    with _progress._counting(course, chosen(tmp_path)):
        for thread in threading.enumerate():
            if thread.daemon and thread is not threading.current_thread():
                thread.join(30)
    assert course.total == 3


# --- On a terminal --------------------------------------------------------------------------------


class Terminal:
    """A command whose standard error, and its output where asked, is a terminal of ours."""

    def __init__(self, *arguments: object, output: bool = False, **environment: str) -> None:
        self._ours, theirs = os.openpty()
        root = {"PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm"}
        self.process = subprocess.Popen(
            [*KZLABEL, *map(str, arguments)], stderr=theirs, start_new_session=True,
            stdout=theirs if output else subprocess.DEVNULL, env=os.environ | root | environment,
        )  # fmt: skip
        os.close(theirs)
        self.shown = b""

    def read(self, until: bytes = b"") -> bytes:
        """Read until the text was shown, or the end."""
        while not until or until not in self.shown:
            try:
                piece = os.read(self._ours, 65536)
            except OSError:  # the other side has gone
                break
            self.shown += piece
        return self.shown

    def end(self) -> int:
        self.read()
        os.close(self._ours)
        return self.process.wait(60)


@pytest.fixture
def folder(tmp_path):
    for number in range(12):
        shutil.copy(FIXTURES / "picture.png", tmp_path / f"{number}.png")
    return tmp_path


def test_people_see_it_and_nothing_stays(folder):
    terminal = Terminal("-r", folder, "--format", "json")
    assert terminal.end() == 0
    assert b"of 12" in terminal.shown
    assert b"undeclared: 12" in terminal.shown
    assert terminal.shown.endswith(b"\x1b[2K")
    assert b"\x1b[?25h" in terminal.shown.rpartition(b"\x1b[?25l")[2]  # the cursor is back


@pytest.mark.slow
def test_rows_on_the_same_terminal_are_the_progress(folder):
    terminal = Terminal("-r", folder, output=True)
    assert terminal.end() == 0
    assert b"\x1b[?25l" not in terminal.shown
    assert terminal.shown.count(b".png") >= 12


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--quiet"], []])
def test_a_dumb_or_a_quiet_one_sees_nothing(folder, arguments):
    terminal = Terminal(
        "-r", folder, "--format", "json", *arguments, TERM="dumb" if not arguments else "xterm"
    )
    assert (terminal.end(), terminal.shown) == (0, b"")


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_batch_leaves_the_terminal_clean(folder, stop):
    os.mkfifo(folder / "names")
    feeding = os.open(folder / "names", os.O_RDWR)  # a list that does not end
    os.write(feeding, f"{folder / '0.png'}\n".encode() * 9)
    terminal = Terminal("--from-file", folder / "names", "--workers", "1", "--format", "jsonl")
    terminal.read(b"undeclared")
    os.killpg(terminal.process.pid, stop)
    assert terminal.end() == 130
    assert b"\x1b[?25h" in terminal.shown.rpartition(b"\x1b[?25l")[2]
    assert b"Traceback" not in terminal.shown
    os.close(feeding)
