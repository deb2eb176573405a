"""Advice: every code a report may have says, in three languages, what it means and what to do."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import kzlabel
from kzlabel.locale import LANGUAGES, _advice, table
from kzlabel.locale._advice import advice, advice_code, codes, family, meaning

ROOT = Path(kzlabel.__file__).parent
ENTRIES = json.loads((ROOT / "locale" / "advice.json").read_bytes())
NAMED = [term for entry in ENTRIES.values() for term in entry.get("for", "").split()]
NEWER = [term for entry in ENTRIES.values() for term in entry.get("newer", "").split()]
FINDING = re.compile(
    r"kz\.(certificate|chain|code|diff|format|manifest|marker|metadata|notice|origin|sidecar|signer"
    r"|signed-report|symbol|tags|trust|undeclared)[a-z0-9.-]*"
)


def served(code: str) -> bool:
    """Whether an entry names the code, or a prefix of it."""
    return any(code == term or (term[-1] == "." and code.startswith(term)) for term in NAMED)


def test_every_code_has_an_advice() -> None:
    lacking = [code for code in codes() if not served(code)]
    assert lacking == [], (
        f"name these under `for` in kzlabel/locale/advice.json, or, where they are only words of "
        f"other sentences, in _WORDS of kzlabel/locale/_advice.py: {lacking}"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_meaning_of_its_own(language: str) -> None:
    bare = [
        code
        for code in codes()
        if len(meaning(code, language)) < 6 or meaning(code, language).startswith(code)
    ]
    assert bare == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_meaning_names_no_value(language: str) -> None:
    hollow = [code for code in codes() if re.search(r"[{}]|\(…\)|: …$", meaning(code, language))]
    assert hollow == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("kz.notice.faint", "the notice is too faint"),
        ("kz.error.unknown-profile", "no such profile"),
        ("kz.sidecar.not-json", "the signed sidecar cannot be read: it is damaged or cut off"),
        ("kz.certificate.expired", "expired on …"),
        ("kz.certificate.gost", "a GOST certificate cannot sign C2PA; use RSA or ECDSA"),
    ],
)
def test_a_meaning_is_the_sentence_without_what_is_not_known(code: str, words: str) -> None:
    assert meaning(code) == words


def literals() -> set[str]:
    """The codes of findings that the code names outright."""
    trees = (ast.parse(path.read_text("utf-8")) for path in ROOT.rglob("*.py"))
    texts = (
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {text for text in texts if FINDING.fullmatch(text) and text[-1] not in ".-"}


@pytest.mark.slow
def test_every_code_in_the_code_has_a_sentence() -> None:
    said = literals()
    assert len(said) > 50
    assert sorted(code for code in said if code not in table()) == []


def test_what_is_named_is_there() -> None:
    gone = [
        term
        for term in NAMED
        if not any(code == term or (term[-1] == "." and code.startswith(term)) for code in codes())
    ]
    assert gone == [], f"no such codes any more: {gone}"
    assert len(set(NAMED)) == len(NAMED)
    assert len(set(NEWER)) == len(NEWER)


def test_every_advice_is_given() -> None:
    by_axis = {"kz.advice.possibly", "kz.advice.other"}
    assert {code for code, entry in ENTRIES.items() if "for" not in entry} == by_axis


@pytest.mark.parametrize(("code", "entry"), ENTRIES.items(), ids=list(ENTRIES))
def test_an_advice_is_one_line_in_each_language(code: str, entry: dict[str, str]) -> None:
    assert code.startswith(_advice.PREFIX)
    assert set(entry) - {"for", "newer"} == {*LANGUAGES, "kk_source"}
    assert entry["en"].isascii()
    assert len({entry[language] for language in LANGUAGES}) == len(LANGUAGES)
    for language in LANGUAGES:
        text = entry[language]
        assert text == text.strip()
        assert text.isprintable()
        assert text[-1] != "."
        assert "{" not in text
        assert len(text) <= 150
        assert (re.search("[\u0430-\u044f]", text) is None) == (language == "en")
    commands = {lang: set(re.findall(r"kzlabel [a-z]+", entry[lang])) for lang in LANGUAGES}
    flags = {lang: set(re.findall(r"--[a-z-]+", entry[lang])) for lang in LANGUAGES}
    assert commands["kk"] == commands["ru"] >= commands["en"] - {"kzlabel does"}
    assert flags["kk"] == flags["ru"] == flags["en"]


def test_commands_and_flags_that_are_advised_exist() -> None:
    from kzlabel.cli.label import label
    from kzlabel.cli.main import kzlabel as group
    from kzlabel.cli.verify import verify

    flags = {flag for command in (label, verify) for one in command.params for flag in one.opts}
    words = {"does"}
    for entry in ENTRIES.values():
        assert set(re.findall(r"--[a-z-]+", entry["en"])) <= flags
        for command in re.findall(r"(?<=kzlabel )[a-z]+", entry["ru"]):
            assert command in words or command in group.list_commands(None)


@pytest.mark.parametrize(
    ("code", "outcome", "expected"),
    [
        ("assertion.dataHash.mismatch", "failure", "changed"),
        ("assertion.dataHash.match", "success", "holds"),
        ("assertion.hashedURI.mismatch", "", "forged"),
        ("assertion.cloud-data.somethingNew", "failure", "malformed"),
        ("assertion.tomorrow.mismatch", "failure", "malformed"),
        ("assertion.tomorrow.match", "success", "holds"),
        ("assertion.tomorrow", "informational", "holds"),
        ("cawg.tomorrow", "failure", "identity"),
        ("signingCredential.tomorrow", "failure", "untrusted"),
        ("kz.marker.any", "warning", "hint"),
        ("kz.marker.bare-code", "warning", "whole-uri"),
        ("kz.notice.tomorrow", "failure", "notice-hidden"),
        ("org.example.tomorrow", "failure", "other"),
        ("assertionx", "failure", "other"),
        ("", "", "other"),
    ],
)
def test_an_advice_fits_the_code(code: str, outcome: str, expected: str) -> None:
    assert advice_code(code, outcome) == f"kz.advice.{expected}"
    assert advice(code, "en", outcome) == ENTRIES[f"kz.advice.{expected}"]["en"]


def test_a_hostile_code_is_no_work() -> None:
    assert advice_code("a." * 500_000, "failure") == "kz.advice.other"
    assert meaning("\0" * 1000) == ""


def test_words_are_no_codes() -> None:
    assert not {"kz.verdict.compliant", "kz.origin.ai-generated", "kz.cli.help"} & set(codes())
    assert {"kz.21-2.notice", "kz.trust", "kz.origin.conflict", "claim.missing"} <= set(codes())
    assert family("kz.notice.faint") == "kz.notice"
    assert family("kz.21-2.notice") == family("kz.undeclared") == "kz"
    assert family("cawg.ica.revoked") == "cawg"


def test_missing_data_of_tesseract_are_not_mended_by_pip() -> None:
    for language in ("kk", "ru", "en"):
        assert "pip" not in advice("kz.notice.no-ocr-data", language)
        assert "tesseract-ocr-kaz" in advice("kz.notice.no-ocr-data", language)


def test_one_word_for_picture_in_kazakh() -> None:
    assert [
        code for code, entry in table().items() if "кескін" in entry.get("kk", "").lower()
    ] == []


def test_a_meaning_without_its_values_is_a_whole_sentence() -> None:
    assert meaning("kz.code.signed", "ru") == "этот код подписан"
    assert meaning("kz.marker.gb45438.empty", "ru").endswith("поля")
