"""`--code`: on the command line and in kzlabel.toml, and `--trust code=` that believes it."""

from __future__ import annotations

import json

import pytest
from PIL import Image
from samples import WHO

from kzlabel import _keyfiles
from kzlabel.config import read_config

NAMES = {("provider", "name"): "P", ("system", "name"): "S"}
SETTINGS = "[provider]\nname = 'P'\n[system]\nname = 'S'\n[notice]\ncode = true\n"


def test_a_code_is_a_setting_and_a_flag_over_it(tmp_path):
    written = tmp_path / "kzlabel.toml"
    written.write_text(SETTINGS, "utf-8")
    assert read_config(written, {}).notice.code
    assert not read_config(written, {("notice", "code"): False}).notice.code
    assert not read_config(None, NAMES).notice.code


@pytest.mark.slow
def test_a_code_is_drawn_and_a_screenshot_of_it_believed_by_its_leaf(keyed, tmp_path):
    Image.effect_noise((800, 720), 50).convert("RGB").save(tmp_path / "in.png")
    out, shot = tmp_path / "out.png", tmp_path / "shot.png"
    (tmp_path / "kzlabel.toml").write_text(SETTINGS, "utf-8")
    settings = ("--config", tmp_path / "kzlabel.toml")
    assert keyed("label", tmp_path / "in.png", "-o", out, *settings).code == 0
    Image.open(out).convert("RGB").save(shot)
    leaf = _keyfiles.existing("development") / _keyfiles.CHAIN
    ran = keyed("verify", shot, "--look", "--trust", f"code={leaf}", "--format", "json")
    (asset,) = json.loads(ran.out)["assets"]
    (row,) = asset["labels"]
    assert (row["kind"], row["state"], asset["integrity"]) == ("code", "trusted", "unprotected")


def test_no_code_on_the_command_line_wins(keyed, tmp_path):
    Image.new("RGB", (300, 200), "teal").save(tmp_path / "in.png")
    (tmp_path / "kzlabel.toml").write_text(SETTINGS, "utf-8")
    arguments = ("label", tmp_path / "in.png", "-o", tmp_path / "out.png")
    refused = keyed(*arguments, "--config", tmp_path / "kzlabel.toml")
    assert refused.code == 2
    assert "300 x 200" in refused.err
    assert not (tmp_path / "out.png").exists()
    assert keyed(*arguments, *WHO, "--no-code").code == 0
