"""`kzlabel verify`: exit codes, forms, trust, folders."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from samples import FIXTURES, WHO

JPEG, PNG = FIXTURES / "picture.jpg", FIXTURES / "picture.png"


@pytest.fixture
def labelled(keyed, tmp_path):
    out = tmp_path / "labelled.jpg"
    assert keyed("label", JPEG, "-o", out, *WHO).code == 0
    return out


@pytest.fixture
def root(tmp_path_factory):
    return lambda: f"{os.environ['XDG_CONFIG_HOME']}/kzlabel/keys/development/root.pem"


def test_compliant_or_undeclared_is_0(run, labelled):
    assert run("verify", labelled, PNG).code == 0


def test_noncompliant_is_1(run, labelled, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(labelled.read_bytes() + b"x")
    assert run("verify", broken, PNG).code == 1


def test_undetermined_is_3(run, tmp_path):
    odd = tmp_path / "odd.jpg"
    odd.write_bytes(b"neither picture nor anything")
    assert run("verify", odd, PNG).code == 3


def test_synthetic_and_undeclared_is_1(run):
    assert run("verify", PNG, "--synthetic", "--no-look").code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify"],
        ["verify", "x", "--format", "yaml"],
        ["verify", "x", "--no-such"],
        ["nothing"],
        ["verify", "x", "--trust", "none.pem"],
    ],
)
def test_usage_is_2_and_one_sentence(run, arguments):
    ran = run(*arguments)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)


def test_a_missing_path_is_2_and_the_others_are_looked_at(run, tmp_path):
    ran = run("verify", tmp_path / "none.jpg", PNG, "--format", "json")
    rows = json.loads(ran.out)["assets"]
    assert (ran.code, len(rows)) == (2, 2)
    assert rows[0]["error"]["code"] == "kz.error.closed"
    assert rows[1]["verdict"] == "undeclared"


def test_a_directory_needs_r(run, tmp_path):
    ran = run("verify", tmp_path)
    assert ran.code == 2
    assert "-r" in ran.out


def test_a_fifo_does_not_hang(run, tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    assert run("verify", tmp_path / "pipe.jpg").code == 2


def test_folders_leave_out_companions_and_scraps(run, labelled, tmp_path):
    (tmp_path / ".kzlabel-left").mkdir()
    (tmp_path / ".kzlabel-left" / "scrap.jpg").write_bytes(b"x")
    shutil.copy(PNG, tmp_path / "other.png")
    ran = run("verify", "-r", tmp_path, "--format", "json")
    found = {Path(row["path"]).name for row in json.loads(ran.out)["assets"]}
    assert found == {"labelled.jpg", "other.png"}


def test_a_lone_companion_name_does_not_slip_through(run, tmp_path):
    shutil.copy(JPEG, tmp_path / "evil.jpg.kzlabel.json")
    (tmp_path / "evil.c2pa").write_bytes(b"not a manifest")
    ran = run("verify", "-r", tmp_path, "--format", "json")
    assert len(json.loads(ran.out)["assets"]) == 2
    assert ran.code == 3


@pytest.mark.slow
def test_trust_lists_by_kind(run, labelled, root):
    def trust(*options: object) -> str:
        ran = run("verify", labelled, "--format", "json", *options)
        return json.loads(ran.out)["assets"][0]["trust"]

    assert trust() == "untrusted"
    assert trust("--trust", root()) == "trusted"
    assert trust("--trust", f"claim={root()}") == "trusted"
    assert trust("--trust", f"tsa={root()}") == "untrusted"
    assert trust("--trust", f"sidecar={root()}") == "untrusted"


@pytest.mark.slow
def test_installed_lists_are_used_until_a_list_is_given(run, labelled, root, tmp_path):
    assert run("trust", "add", root(), "--kind", "claim").code == 0
    ran = run("verify", labelled, "--format", "json")
    report = json.loads(ran.out)
    assert report["assets"][0]["trust"] == "trusted"
    assert report["trust_lists"][0]["sha256"]
    other = ["--trust", f"tsa={root()}"]
    ran = run("verify", labelled, "--format", "json", *other)
    assert json.loads(ran.out)["assets"][0]["trust"] == "untrusted"
    ran = run("verify", labelled, "--format", "json", *other, "--trust-installed")
    assert json.loads(ran.out)["assets"][0]["trust"] == "trusted"


def test_json_lines_end_with_the_summary(run, labelled):
    lines = run("verify", labelled, PNG, "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["verdict"] for line in lines[:2]] == ["compliant", "undeclared"]
    assert json.loads(lines[2])["summary"]["assets"] == 2


def test_the_report_into_a_file(run, labelled, tmp_path):
    out = tmp_path / "report.json"
    ran = run("verify", labelled, "--format", "json", "-o", out)
    assert (ran.code, ran.out) == (0, "")
    assert json.loads(out.read_text("utf-8"))["summary"]["verdicts"] == {"compliant": 1}


@pytest.mark.slow
def test_look_finds_a_notice_whose_labels_were_lost(run, labelled, tmp_path):
    from PIL import Image

    stripped = tmp_path / "stripped.jpg"
    with Image.open(labelled) as picture:
        picture.save(stripped, quality=88)
    assert run("verify", stripped).code == 0
    assert run("verify", stripped, "--look").code == 1


def test_undeclared_never_reads_as_human(run):
    assert "does not mean that a human made it" in run("verify", PNG).out


def test_strict_wants_a_trusted_signer(run, labelled, root):
    assert run("verify", labelled, "--profile", "kz-strict").code == 1
    assert run("verify", labelled, "--profile", "kz-strict", "--trust", root()).code == 0


def test_a_companion_named_alone_is_looked_at(run, labelled):
    sidecar = labelled.with_name(labelled.name + ".kzlabel.json")
    assert run("verify", sidecar).code == 3
    assert run("verify", sidecar, labelled).code == 0


@pytest.mark.slow
def test_a_label_without_its_file_says_whose_it_is(run, labelled, tmp_path):
    labelled.rename(tmp_path / "moved.jpg")
    ran = run("verify", "-r", tmp_path, "--format", "json")
    errors = {row["path"]: row["error"] for row in json.loads(ran.out)["assets"]}
    (said,) = (each for each in errors.values() if each)
    assert said["message"].endswith(": the label of labelled.jpg, which is not here")
    assert ran.code == 3
    assert run("verify", said["values"]["path"]).code == 3
    shutil.copy(tmp_path / "moved.jpg", labelled)
    assert "name that file instead" in run("verify", said["values"]["path"]).out


def test_utf_16_without_a_mark_is_named(run, tmp_path):
    text = tmp_path / "a.txt"
    text.write_bytes("Plain words.".encode("utf-16-le"))
    ran = run("verify", text)
    assert ran.code == 3
    assert "perhaps it is UTF-16 without a byte-order mark" in " ".join(ran.out.split())


def test_a_damaged_file_without_labels_is_not_said_to_have_one(run, tmp_path):
    cut = tmp_path / "cut.png"
    cut.write_bytes(PNG.read_bytes()[:500])
    said = run("verify", cut)
    assert said.code == 3
    assert "whether it holds a signed label cannot be told" in " ".join(said.out.split())
    assert "manifest c2pa" not in said.out
    assert json.loads(run("verify", cut, "--format", "json").out)["assets"][0]["labels"] == []


@pytest.mark.parametrize("place", ["", "none/report.txt"])
def test_a_place_for_the_report_is_refused_before_the_work(run, tmp_path, place):
    ran = run("verify", PNG, "-o", tmp_path / place)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert str(tmp_path) in ran.err


def test_a_reader_that_went_away_is_no_verdict():
    command = f"{sys.executable} -m kzlabel verify {PNG} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert done.returncode in {0, 2}
    assert b"Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("alphabet", ["ascii", "cp1251", "koi8-r"])
def test_any_terminal_can_show_the_report(alphabet):
    done = subprocess.run(
        [sys.executable, "-m", "kzlabel", "verify", PNG, "--ui-lang", "kk"],
        capture_output=True, check=False, env=os.environ | {"PYTHONIOENCODING": alphabet},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_without_a_command_it_helps(run):
    ran = run()
    assert ran.code == 2
    assert "verify" in ran.err + ran.out


def test_what_was_not_looked_for_is_said(run):
    assert "--look" in run("verify", PNG).out


@pytest.mark.slow
def test_synthetic_looks_for_the_notice(run, labelled, tmp_path):
    from PIL import Image

    stripped = tmp_path / "stripped.jpg"
    with Image.open(labelled) as picture:
        picture.save(stripped, quality=88)
    ran = run("verify", stripped, "--synthetic", "--format", "json")
    row = json.loads(ran.out)["assets"][0]
    assert (ran.code, row["notice"], row["verdict"]) == (1, "perceivable", "noncompliant")


def test_reasons_are_said_in_the_readers_language(tmp_path):
    path = tmp_path / "cut.png"
    path.write_bytes(PNG.read_bytes()[:500])
    done = subprocess.run(
        [sys.executable, "-m", "kzlabel", "verify", path, "--ui-lang", "ru"],
        capture_output=True, check=False,
    )  # fmt: skip
    said = done.stdout.decode()
    assert "structure is damaged" not in said
    assert done.returncode in {0, 3}


@pytest.mark.slow
def test_a_picture_named_like_a_companion_is_looked_at(run, labelled, tmp_path):
    bad = tmp_path / "labelled.jpg.kzlabel.json"
    bad.write_bytes(labelled.read_bytes() + b"x")
    note = tmp_path / "note.c2pa"
    note.write_bytes(labelled.read_bytes() + b"x")
    (tmp_path / "note.txt").write_text("a note")
    for arguments in ([bad], [labelled, bad], [note, tmp_path / "note.txt"], ["-r", tmp_path]):
        assert run("verify", *arguments).code == 1, arguments


@pytest.mark.slow
@pytest.mark.parametrize("make", ["mkdir", "fifo", "dangling", "loop", "empty"])
def test_a_companion_that_is_no_file_is_not_absent(keyed, tmp_path, make):
    source, target = FIXTURES / "picture.bmp", tmp_path / "out.bmp"
    assert keyed("label", source, "-o", target, *WHO).code == 0
    (tmp_path / "out.bmp.kzlabel.json").unlink()
    companion = tmp_path / "out.bmp.c2pa"
    companion.unlink()
    {
        "mkdir": companion.mkdir,
        "fifo": lambda: os.mkfifo(companion),
        "dangling": lambda: companion.symlink_to(tmp_path / "nowhere"),
        "loop": lambda: companion.symlink_to(companion),
        "empty": companion.touch,
    }[make]()
    assert keyed("verify", target).code in {2, 3}


def test_hidden_files_in_a_folder_are_looked_at(run, labelled, tmp_path):
    (tmp_path / ".d").mkdir()
    (tmp_path / ".d" / ".bad.jpg").write_bytes(labelled.read_bytes() + b"x")
    assert run("verify", "-r", tmp_path).code == 1


def test_the_report_never_replaces_what_it_is_about(run, labelled):
    before = labelled.read_bytes()
    assert run("verify", labelled, "-o", labelled).code == 2
    assert labelled.read_bytes() == before


def test_the_report_goes_into_a_pipe_and_leaves_it_a_pipe(labelled, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    done = subprocess.run(
        [sys.executable, "-m", "kzlabel", "verify", labelled, "-o", pipe], check=False
    )
    out, _ = reader.communicate(timeout=60)
    assert done.returncode == 0
    assert b"labelled.jpg" in out
    assert pipe.is_fifo()


def test_a_report_needs_an_output_that_is_open(labelled, tmp_path):
    asked = f"{sys.executable} -m kzlabel verify {labelled}"
    nowhere, there = (
        subprocess.run(["bash", "-c", f"{asked} {more} >&-"], capture_output=True, check=False)
        for more in ("", f"-o {tmp_path / 'report'}")
    )
    assert nowhere.returncode == 2
    assert nowhere.stderr == b"kzlabel: -: standard output is closed, the report would be nowhere\n"
    assert (there.returncode, there.stderr) == (0, b"")
    assert (tmp_path / "report").stat().st_size


def test_a_damaged_container_is_undetermined(run, tmp_path):
    (tmp_path / "head.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "entity.svg").write_text(
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    )
    assert run("verify", tmp_path / "head.jpg").code == 3
    assert run("verify", tmp_path / "entity.svg").code == 3


@pytest.mark.slow
@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize("command", [[], ["label"], ["verify"], ["keys"], ["trust", "add"]])
def test_help_has_no_english_words_of_clicks(command, language):
    done = subprocess.run(
        [sys.executable, "-m", "kzlabel", *command, "--help", "--ui-lang", language],
        capture_output=True, check=True,
    )  # fmt: skip
    said = done.stdout.decode()
    assert not [w for w in ("[OPTIONS]", "[required]", "[default", "Usage:", "Show") if w in said]
