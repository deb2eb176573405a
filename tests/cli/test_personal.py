"""Prompts and names of users: shown where they are asked for, and nowhere else."""

from __future__ import annotations

import json

import pytest
from marked import exif, png

from kzlabel import verify

SECRETS = ("zanzibar", "quokka", "xylophone", "ada_lovelace")
SETTINGS = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12345, Version: v1.6.0"
WEB_UI = f"zanzibar quokka\nNegative prompt: xylophone\n{SETTINGS}"
MIDJOURNEY = "zanzibar quokka --v 6.1 Job ID: 0f2b3c4d-1a2b-4c3d-8e9f-0123456789ab"
GRAPH = json.dumps({"1": {"class_type": "CLIPTextEncode", "inputs": {"text": "zanzibar quokka"}}})
NOVELAI = {"Software": "NovelAI", "Source": "NovelAI Diffusion V4", "Description": "zanzibar",
           "Comment": json.dumps({"steps": 8, "uc": "xylophone", "prompt": "zanzibar"})}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    png(tmp_path / "midjourney.png", Description=MIDJOURNEY, Author="ada_lovelace")
    png(tmp_path / "webui.png", parameters=WEB_UI)
    png(tmp_path / "comfyui.png", prompt=GRAPH)
    png(tmp_path / "novelai.png", **NOVELAI)
    exif(tmp_path / "webui.jpg", WEB_UI, Artist="ada_lovelace")
    whole = (tmp_path / "webui.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:-20])  # what cannot be read says no more
    return tmp_path


def told(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "sarif"])
def test_nothing_personal_is_said_unasked(run, folder, form):
    target = folder / "report"
    ran = run("verify", "-r", folder, "--no-look", "--format", form, "-o", target)
    assert told(ran.out + ran.err + target.read_text("utf-8")) == []
    assert "webui.png" in target.read_text("utf-8")


@pytest.mark.slow
def test_nor_by_diff(run, folder):
    for form in ("text", "json"):
        both = folder / "webui.png", folder / "midjourney.png"
        ran = run("diff", *both, "--no-look", "--format", form)
        assert (ran.code, told(ran.out + ran.err)) == (1, [])


@pytest.mark.parametrize("form", ["text", "json"])
def test_all_of_it_is_said_where_asked(run, folder, form):
    ran = run("verify", "-r", folder, "--no-look", "--format", form, "--personal")
    assert told(ran.out) == list(SECRETS)


def test_the_same_from_python(folder):
    quiet = verify(folder / "midjourney.png", look=False).labels
    asked = verify(folder / "midjourney.png", look=False, personal=True).labels
    assert [label.personal for label in quiet] == [{}]
    assert [label.personal for label in asked] == [
        {"prompt": "zanzibar quokka --v 6.1", "author": "ada_lovelace"}
    ]
