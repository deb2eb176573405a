"""`kzlabel verify --format sarif`: the exit code of the log is the one of the process."""

from __future__ import annotations

import json
import shutil

import pytest
from samples import FIXTURES


@pytest.mark.slow
def test_the_log_says_how_the_process_ended(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(FIXTURES / "picture.jpg", "a b.jpg")
    (tmp_path / "not.jpg").write_bytes(b"\0\1\2")
    for paths, code in (("a b.jpg",), 0), (("a b.jpg", "not.jpg"), 3), (("not.jpg", "gone.jpg"), 2):
        ran = run("verify", *paths, "--format", "sarif", "-o", "out.sarif")
        (logged,) = json.loads((tmp_path / "out.sarif").read_bytes())["runs"]
        (invocation,) = logged["invocations"]
        assert (ran.code, invocation["exitCode"]) == (code, code)
        assert invocation["executionSuccessful"] is (code != 2)
        uris = [
            place["physicalLocation"]["artifactLocation"]["uri"]
            for result in logged["results"]
            for place in result["locations"]
        ]
        assert uris == [path for path in paths if path != "a b.jpg"]


def test_what_is_known_to_be_synthetic_and_has_no_label_fails(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(FIXTURES / "picture.jpg", "a b.jpg")
    ran = run(
        "verify", "a b.jpg", "--synthetic", "--no-look", "--format", "sarif", "--ui-lang", "en"
    )
    (logged,) = json.loads(ran.out)["runs"]
    assert ran.code == logged["invocations"][0]["exitCode"] == 1
    said = {result["ruleId"]: result for result in logged["results"]}
    assert said["kz.21-2.machine-readable"]["level"] == "error"
    assert said["kz.21-2.notice"]["level"] == "warning"  # nobody looked
    place = said["kz.21-2.notice"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b.jpg"
