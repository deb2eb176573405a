"""`kzlabel verify --format csv|junit|parquet`: where each is written, and what it comes to."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest
from samples import FIXTURES

from kzlabel.reports._parquet import read_rows

GOOD, BAD = "фото;=1.jpg", "not.jpg"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(FIXTURES / "picture.jpg", GOOD)
    (tmp_path / BAD).write_bytes(b"\0\1\2")
    return tmp_path


def test_parquet_is_a_file_and_not_for_a_terminal(run, folder, monkeypatch):
    ran = run("verify", GOOD, BAD, "--no-look", "--format", "parquet", "-o", "out.parquet")
    assert ran.code == 3
    with (folder / "out.parquet").open("rb") as file:
        assert [row.path for row in read_rows(file)] == [GOOD, BAD]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    ran = run("verify", GOOD, "--format", "parquet", "--ui-lang", "en")
    assert (ran.code, ran.out) == (2, "")
    assert "name a file with -o FILE" in ran.err


def test_csv_is_bytes_whatever_the_locale(folder):
    """A spreadsheet is told by the mark at its beginning, and by nothing else."""
    command = [sys.executable, "-m", "kzlabel", "verify", GOOD, "--no-look", "--format", "csv"]
    environment = {
        **os.environ,
        "PYTHONIOENCODING": "latin-1",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    ran = subprocess.run(command, capture_output=True, env=environment, check=True)
    (line,) = csv.DictReader(ran.stdout.decode("utf-8-sig").splitlines())
    assert ran.stdout.startswith(b"\xef\xbb\xbf")
    assert line["path"] == "фото;'=1.jpg"


def test_junit_counts_what_came(run, folder):
    ran = run("verify", GOOD, BAD, "gone", "--no-look", "--format", "junit", "-o", "out.xml")
    suite = ET.parse(folder / "out.xml").getroot()  # noqa: S314  our own
    assert ran.code == 2
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "0", "2")
    kinds = {case.get("name"): case[0].get("type") for case in suite.iter("testcase")}
    assert kinds == {GOOD: None, BAD: "kz.error.unknown-format", "gone": "kz.error.closed"}
