"""Texts from end to end: names that say what they are, and refusals that say why."""

from __future__ import annotations

import pytest

from kzlabel import label, label_bytes, verify, verify_bytes
from kzlabel.errors import RefusedError, UsageError
from kzlabel.model import Verdict

PYTHON = "print(1)\n"


@pytest.mark.parametrize("name", ["fresh", "fresh.js", "fresh.txt", "requirements.txt"])
def test_a_program_is_given_a_name_of_its_language(tmp_path, credential, disclosure, name):
    source = tmp_path / "a.py"
    source.write_text(PYTHON)
    with pytest.raises(RefusedError) as caught:
        label(source, tmp_path / name, disclosure, credential)
    assert caught.value.code == "kz.error.suffix-target"
    assert "give it another name" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]


NAMES = {"a.py": "b.pyw", "notes": "notes.txt", "CMakeLists.txt": "x.cmake", "a.yml": "a.yaml"}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_one_kind_are_free(tmp_path, credential, trust, disclosure, name):
    source, made = tmp_path / name, tmp_path / "out" / NAMES[name]
    made.parent.mkdir()
    source.write_text("x\n")
    label(source, made, disclosure, credential)
    assert verify(made, trust=trust).verdict is Verdict.COMPLIANT


CUES = "WEBVTT\n\nSTYLE\n{}\n\n00:01.000 --> 00:02.000\nx\n"


def test_a_style_sheet_for_other_words_is_no_matter(tmp_path, credential, trust, disclosure):
    source, made = tmp_path / "a.vtt", tmp_path / "b.vtt"
    source.write_text(CUES.format("::cue(c.red), ::cue(.loud) { color: red; opacity: 0 }"))
    label(source, made, disclosure, credential)
    assert verify(made, trust=trust).verdict is Verdict.COMPLIANT


@pytest.mark.parametrize(
    "style", ["::cue{opacity:0}", "/* } ::cue(.a){ */ ::cue { opacity:0 }", "::cue(*){color:#111}"]
)
def test_a_notice_that_may_be_hidden_is_refused_in_words(tmp_path, credential, disclosure, style):
    source = tmp_path / "a.vtt"
    source.write_text(CUES.format(style))
    with pytest.raises(RefusedError) as caught:
        label(source, tmp_path / "b.vtt", disclosure, credential)
    assert "--notice external" in str(caught.value)
    assert "kz." not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('// c\n{"a": 1}', "kz.error.json-comment"),
        ('{"a": 1, /* c */ "b": 2}', "kz.error.json-comment"),
        ('{"a": 1}\n{"a": 2}\n', "kz.error.json-lines"),
        ("[1]", "kz.error.json-object"),
    ],
)
def test_what_is_no_plain_json_is_called_by_its_name(
    tmp_path, credential, disclosure, content, code
):
    source = tmp_path / "a.json"
    source.write_text(content)
    with pytest.raises(RefusedError) as caught:
        label(source, tmp_path / "b.json", disclosure, credential)
    assert caught.value.code == code
    assert "--notice external" in str(caught.value)


def test_bytes_are_bytes(credential, disclosure):
    with pytest.raises(UsageError, match="str"):
        label_bytes("words", "a.txt", disclosure, credential)
    with pytest.raises(UsageError, match="str"):
        verify_bytes("words", "a.txt")
