"""`kzlabel label`: names, settings, refusals."""

from __future__ import annotations

import os
import shutil

import pytest
from samples import FIXTURES, WHO

import kzlabel
from kzlabel.formats.pdf import Pdf
from kzlabel.formats.plain import Plain
from kzlabel.locale import sentence
from kzlabel.model import Origin

JPEG, PNG = FIXTURES / "picture.jpg", FIXTURES / "picture.png"
CONFIG = """
[provider]
name = "Provider LLP"
bin = "940740000911"
[system]
name = "Model"
version = "3"
[notice]
languages = ["en"]
corner = "top-left"
[training]
allowed = false
"""


def test_one_source_into_a_file(keyed, tmp_path):
    ran = keyed("label", JPEG, "-o", tmp_path / "out.jpg", *WHO)
    assert ran.code == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.jpg", "out.jpg.kzlabel.json"]
    assert ran.out.split() == [str(tmp_path / "out.jpg"), str(tmp_path / "out.jpg.kzlabel.json")]
    assert "development" in ran.err


def test_many_sources_into_a_directory(keyed, tmp_path):
    assert keyed("label", JPEG, PNG, "-o", tmp_path / "new", *WHO).code == 0
    assert (tmp_path / "new" / "picture.jpg").exists()
    assert (tmp_path / "new" / "picture.png").exists()


def test_two_sources_with_one_name_are_refused_before_any_work(keyed, tmp_path):
    twin = tmp_path / "twin" / "picture.jpg"
    twin.parent.mkdir()
    shutil.copy(JPEG, twin)
    ran = keyed("label", JPEG, twin, "-o", tmp_path / "out", *WHO)
    assert ran.code == 2
    assert str(twin) in ran.err
    assert not (tmp_path / "out").exists()


def test_settings_come_from_the_file_and_flags_lie_over_them(keyed, tmp_path):
    (tmp_path / "my.toml").write_text(CONFIG, "utf-8")
    out = tmp_path / "out.jpg"
    ran = keyed(
        "label", JPEG, "-o", out, "--config", tmp_path / "my.toml", "--modified",
        "--system-name", "Over",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    row = kzlabel.verify(out)
    manifest = next(label for label in row.labels if label.kind == "manifest")
    assert (row.origin, manifest.provider) == (Origin.AI_MODIFIED, "Provider LLP")
    assert manifest.system.startswith("Over")
    assert row.notices[0].text == "AI-modified"
    assert row.notices[0].where.x < 0.1
    assert row.notices[0].where.y < 0.1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CONFIG.replace("bin", "bim"), "bim"),
        (CONFIG.replace("940740000911", "940740000912"), "940740000912"),
        (CONFIG.replace('"top-left"', '"middle"'), "middle"),
        (CONFIG.replace("[system]", "[system"), "my.toml"),
        (CONFIG + "[secrets]\nkey = 1\n", "secrets"),
        ("provider = 3\n", "provider"),
        ("[provider]\nname = 'x'\n", "system.name"),
    ],
)
def test_a_wrong_setting_is_named(keyed, tmp_path, text, said):
    (tmp_path / "my.toml").write_text(text, "utf-8")
    ran = keyed("label", JPEG, "-o", tmp_path / "out.jpg", "--config", tmp_path / "my.toml")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert said in ran.err
    assert not (tmp_path / "out.jpg").exists()


def test_without_settings_it_says_what_is_missing(keyed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = keyed("label", JPEG, "-o", "out.jpg")
    assert ran.code == 2
    assert "provider.name" in ran.err


def test_a_missing_settings_file(keyed, tmp_path):
    ran = keyed("label", JPEG, "-o", tmp_path / "o.jpg", "--config", tmp_path / "none.toml")
    assert ran.code == 2
    assert "none.toml" in ran.err


def test_settings_in_this_directory_are_found(keyed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kzlabel.toml").write_text(CONFIG, "utf-8")
    assert keyed("label", JPEG, "-o", "out.jpg").code == 0


def test_without_a_credential_it_says_how_to_make_one(run, tmp_path):
    ran = run("label", JPEG, "-o", tmp_path / "out.jpg", *WHO)
    assert ran.code == 2
    assert "keys init" in ran.err


def test_a_chain_without_its_key(run, tmp_path):
    ran = run("label", JPEG, "-o", tmp_path / "out.jpg", *WHO, "--chain", "x.pem")
    assert ran.code == 2
    assert "credential" in ran.err


def test_one_refused_source_does_not_stop_the_others(keyed, tmp_path):
    empty = tmp_path / "empty.jpg"
    empty.write_bytes(b"")
    ran = keyed("label", empty, JPEG, "-o", tmp_path / "out", *WHO)
    assert ran.code == 2
    assert "empty.jpg" in ran.err
    assert (tmp_path / "out" / "picture.jpg").exists()
    assert not (tmp_path / "out" / "empty.jpg").exists()


def test_what_is_the_same_for_many_files_is_said_once_and_refusals_last(keyed, tmp_path):
    texts = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for path in texts:
        path.write_text("One two three.", "utf-8")
    odd = tmp_path / "odd.jpg"
    odd.write_bytes(bytes(9))
    ran = keyed("label", odd, *texts, "-o", f"{tmp_path}/out/", *WHO)
    metadata, development, refusal = ran.err.splitlines()
    assert metadata.endswith("; it was left out (2 files)")
    assert development.endswith("not for publishing (2 files)")
    assert "odd.jpg" in refusal
    assert len(ran.out.splitlines()) == 6


@pytest.mark.parametrize(("language", "name"), [("kk", "мәтін"), ("ru", "текст"), ("en", "Text")])
def test_a_format_has_its_name_in_the_readers_language(language, name):
    named = {**Plain.spec.named, "value": "overlay", "known": "inline"}
    assert f": {name} " in sentence("kz.error.notice-style", language, path="a.txt", **named)
    assert "PDF" in sentence("kz.error.notice-style", language, path="a.pdf", **Pdf.spec.named)


def test_force_replaces_and_supersedes_companions(keyed, tmp_path):
    out = tmp_path / "out.jpg"
    assert keyed("label", JPEG, "-o", out, *WHO).code == 0
    stale = out.with_name("out.jpg.c2pa")
    stale.write_bytes(b"an earlier companion")
    first = out.read_bytes()
    refused = keyed("label", JPEG, "-o", out, *WHO)
    assert refused.code == 2
    assert "--force" in refused.err
    assert out.read_bytes() == first
    assert keyed("label", JPEG, "-o", out, *WHO, "--force").code == 0
    assert out.read_bytes() != first
    assert not stale.exists()


def test_over_broken_is_said_in_the_new_label(keyed, tmp_path):
    first, broken, again = (tmp_path / f"{n}.jpg" for n in ("first", "broken", "again"))
    keyed("label", JPEG, "-o", first, *WHO)
    broken.write_bytes(first.read_bytes() + b"appended")
    assert keyed("label", broken, "-o", again, *WHO).code == 2
    assert not again.exists()
    assert keyed("label", broken, "-o", again, *WHO, "--over-broken").code == 0
    codes = [f.code for f in kzlabel.verify(again).findings]
    assert any("over-broken" in code for code in codes), codes


def test_a_name_that_is_not_utf8(keyed, tmp_path):
    name = os.fsdecode(b"photo\xe9.jpg")
    shutil.copy(JPEG, tmp_path / name)
    ran = keyed("label", tmp_path / name, "-o", f"{tmp_path}/out/", *WHO)
    assert ran.code == 0, ran.err
    assert (tmp_path / "out" / name).exists()
    assert keyed("verify", tmp_path / "out" / name, "--format", "json").code == 0


def test_a_destination_whose_name_lies_is_refused(keyed, tmp_path):
    ran = keyed("label", PNG, "-o", tmp_path / "out.jpg", *WHO)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--provider-country", "Kazakhstan"), ("--provider-url", "studio"), ("--provider-bin", "1")],
)
def test_a_provider_that_cannot_be_is_refused(keyed, tmp_path, flag, value):
    ran = keyed("label", JPEG, "-o", tmp_path / "out.jpg", *WHO, flag, value)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert value in ran.err


def test_without_a_notice_it_says_what_the_law_asks(keyed, tmp_path):
    ran = keyed("label", JPEG, "-o", tmp_path / "out.jpg", *WHO, "--notice", "none")
    assert ran.code == 0
    assert "21(2)" in ran.err


def test_a_broken_label_is_named_by_what_broke_it(keyed, tmp_path):
    first, broken = tmp_path / "first.jpg", tmp_path / "broken.jpg"
    keyed("label", JPEG, "-o", first, *WHO)
    broken.write_bytes(first.read_bytes() + b"appended")
    ran = keyed("label", broken, "-o", tmp_path / "again.jpg", *WHO)
    assert ran.code == 2
    assert "trust" not in ran.err
