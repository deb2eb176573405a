from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest
from samples import WHO

from kzlabel import verify
from kzlabel.labels import _report_signing
from kzlabel.locale import LANGUAGES, sentence
from kzlabel.model import REPORT_MEDIA_TYPE
from kzlabel.reports.text import asset_block

NOTE, PICTURE = Path("fixtures/note.txt").resolve(), Path("fixtures/picture.jpg").resolve()


@pytest.fixture
def handed(keyed, tmp_path, monkeypatch):
    """A folder with a signed report over its files."""
    monkeypatch.chdir(tmp_path)
    for path in (NOTE, PICTURE):
        shutil.copy(path, tmp_path / path.name)
    made = keyed(
        "verify", "note.txt", "picture.jpg", "--no-look", "--sign-report", "-o", "REPORT.json"
    )
    assert (made.code, made.out, made.err) == (0, "", "")
    return tmp_path


def rows(ran) -> list[dict]:
    return json.loads(ran.out)["assets"]


def test_a_signed_report_is_made_and_checked(handed, run, monkeypatch) -> None:
    document = json.loads((handed / "REPORT.json").read_bytes())
    assert [row["path"] for row in document["assets"]] == ["note.txt", "picture.jpg"]
    assert document["statement"]["assets"]["count"] == 2
    monkeypatch.chdir("/")
    said = run("verify", handed / "REPORT.json", "--format", "json")
    (row,) = rows(said)
    assert said.code == 0
    assert (row["verdict"], row["media_type"]) == ("undeclared", REPORT_MEDIA_TYPE)
    counts = {one["code"]: one["values"].get("count") for one in row["findings"]}
    assert counts["kz.signed-report.assets-same"] == "2"


def test_people_are_told_of_a_report(handed) -> None:
    row = verify(handed / "REPORT.json")
    for language in LANGUAGES:
        words = " ".join(asset_block(row, language).split())
        for code in ("kz.undeclared-report", "kz.integrity.intact.report", "kz.report.kind.report"):
            assert sentence(code, language) in words
        for code in ("kz.undeclared", "kz.undeclared-by-labels", "kz.notice.not-looked"):
            assert sentence(code, language) not in words


def test_a_changed_report_or_asset_asks_for_a_person(handed, run) -> None:
    raw = (handed / "REPORT.json").read_bytes()
    (handed / "REPORT.json").write_bytes(raw.replace(b"kzlabel 0", b"kzlabel 1", 1))
    broken = run("verify", "REPORT.json")
    assert broken.code == 3
    assert "kz.signed-report.signature-mismatch" in broken.out
    (handed / "REPORT.json").write_bytes(raw)
    (handed / "note.txt").write_bytes(b"another text")
    other = run("verify", "REPORT.json")
    assert other.code == 3
    assert "note.txt: the file that lies there now is not the one" in " ".join(other.out.split())


def test_a_label_that_was_taken_away_is_missed(keyed, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(NOTE, "plain.txt")
    made = keyed("label", "plain.txt", "-o", "note.txt", *WHO, "--manifest", "sidecar")
    assert made.code == 0, made.err
    keyed("verify", "note.txt", "--sign-report", "-o", "REPORT.json")
    (row,) = json.loads(Path("REPORT.json").read_bytes())["assets"]
    beside = [one["name"] for one in row["companions"]]
    assert beside == ["note.txt.c2pa", "note.txt.kzlabel.json"]
    Path(beside[0]).unlink()
    Path(beside[1]).write_bytes(b"{}")
    assert keyed("verify", "REPORT.json").code == 3
    said = verify("REPORT.json")
    for language in LANGUAGES:
        words = " ".join(asset_block(said, language).split())
        for name, code in zip(beside, ("companion-missing", "companion-other"), strict=True):
            assert sentence(f"kz.signed-report.{code}", language, name=name) in words


def test_a_file_that_only_looks_unchanged_is_looked_at_before_it_is_signed(handed, run) -> None:
    asked = ("verify", "note.txt", "--no-look", "--resume", "r.jsonl")
    run(*asked)
    note = handed / "note.txt"
    before = note.stat()
    note.write_bytes(note.read_bytes()[:-1] + b"?")
    os.utime(note, ns=(before.st_atime_ns, before.st_mtime_ns))
    run(*asked, "--sign-report", "-o", "again.json")
    (row,) = json.loads((handed / "again.json").read_bytes())["assets"]
    assert row["sha256"] == hashlib.sha256(note.read_bytes()).hexdigest()


def test_it_goes_to_standard_output_too(keyed) -> None:
    made = keyed("verify", NOTE, "--no-look", "--sign-report", "--format", "json")
    assert set(json.loads(made.out)) == {"statement", "signature", "assets"}


def test_files_name_the_credential_as_for_label(keyed, tmp_path) -> None:
    assert keyed("keys", "init", "other", "--algorithm", "Ed25519").code == 0
    made = keyed("verify", NOTE, "--no-look", "--sign-report", "--credential", "other")
    head = json.loads(made.out)["signature"].split(".")[0]
    assert head.startswith("eyJhbGciOiJFZDI1NTE5Ii")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sign-report", "--format", "csv"], "--format csv: a signed report is JSON"),
        (["--sign-report", "--format", "text"], "--format text: a signed report is JSON"),
        (["--sign-report", "--watch"], "--watch: has no end"),
        (
            ["--sign-report", "--cluster", "tcp://x", "-o", "s3://x/y"],
            "s3://x/y: results that stay",
        ),
        (["--credential", "x"], "--credential: only for signing"),
        (["--tsa", "http://x"], "--tsa: only for signing"),
        (["--sign-report", "--credential", "x"], "x: no key of this name"),
        (["--sign-report", "--chain", "x.pem"], "credential.key"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_before_the_work(keyed, options, said) -> None:
    ran = keyed("verify", "nothing.jpg", *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_one_that_is_too_large_leaves_nothing(keyed, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(_report_signing, "MOST_ROWS", 1)
    path = tmp_path / "REPORT.json"
    ran = keyed("verify", NOTE, PICTURE, "--no-look", "--sign-report", "-o", path)
    assert ran.code == 2
    assert "split it" in ran.err
    assert list(tmp_path.glob("REPORT*")) == []
