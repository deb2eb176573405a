"""What two copies differ in, as people read it, in three languages."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from kzlabel._changes import Fate
from kzlabel.diff import diff
from kzlabel.locale import sentence
from kzlabel.model import (
    AssetReport,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    NoticeReport,
    NoticeState,
    Origin,
    Trust,
    Verdict,
    finding,
)
from kzlabel.reports.difference import FORMS

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def label(kind: str, state: str, where: str = "embedded") -> LabelReport:
    return LabelReport(
        kind=LabelKind(kind), scheme="c2pa", state=LabelState(state),
        origin=Origin.AI_GENERATED, where=where, system="M\x1b[1m",
    )  # fmt: skip


def notice(code: str, *, perceivable: bool) -> NoticeReport:
    return NoticeReport(
        medium="visible", text="AI", languages=(), perceivable=perceivable, code=code
    )


BEFORE = AssetReport(
    path="a\u202e.jpg", verdict=Verdict.COMPLIANT, media_type="image/jpeg", bytes=10,
    origin=Origin.AI_GENERATED, integrity=Integrity.INTACT, trust=Trust.TRUSTED,
    notice=NoticeState.PERCEIVABLE,
    labels=(label("manifest", "valid"), label("sidecar", "valid", "a.jpg.kzlabel.json")),
    notices=(notice("kz.notice.perceivable", perceivable=True),),
)  # fmt: skip
AFTER = AssetReport(
    path="b.jpg", verdict=Verdict.NONCOMPLIANT, media_type="image/jpeg", bytes=9,
    origin=Origin.AI_GENERATED, integrity=Integrity.BROKEN, trust=Trust.UNTRUSTED,
    notice=NoticeState.IMPAIRED, labels=(label("manifest", "invalid"), label("marker", "unsigned")),
    notices=(notice("kz.notice.faint", perceivable=False),),
)  # fmt: skip
TAGS = {"xmp": {"Iptc4xmpExt:DigitalSourceType": AI}, "exif": {"Make": "A"}}
FOUND = diff(BEFORE, TAGS, AFTER, {"exif": {"Make": "B"}}, profile="kz")
WORDS = {
    "en": (
        "label broke: manifest",
        "now: manifest",
        "notice no longer perceived: “AI”",
        "lost or broken: 5",
    ),
    "ru": (
        "метка нарушена: манифест",
        "теперь:",
        "предупреждение больше не воспринимается",
        "нарушено: 5",
    ),
    "kk": ("таңба бұзылды: манифест", "енді:", "ескерту енді қабылданбайды", "бұзылғаны: 5"),
}


@pytest.mark.parametrize("language", WORDS)
def test_text(language) -> None:
    (text,) = FORMS["text"](FOUND, language)
    for words in WORDS[language]:
        assert words in text
    assert "{" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "kz." not in text.replace(".kzlabel.json", "")
    assert max(map(len, text.splitlines())) <= 100


def test_every_fate_has_its_mark() -> None:
    (text,) = FORMS["text"](FOUND, "en")
    starts = {line.split(":")[0].strip() for line in text.splitlines()}
    assert {
        "✗ label broke", "✗ label vanished", "+ label appeared", "✗ companion vanished",
        "✗ tag vanished", "✗ notice no longer perceived", "· other tags, exif",
    } <= starts  # fmt: skip
    (same,) = FORMS["text"](diff(BEFORE, TAGS, BEFORE, TAGS, profile="kz"), "en")
    assert same.splitlines()[-1] == "nothing was lost"
    assert "✗" not in same
    assert "→" not in same


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("? notices were not compared: no notice was looked", "that was looked at was lost"),
        ),
        ("ru", ("? предупреждения не сравнивались: предупреждение не", "из проверенного ничего")),
        ("kk", ("? ескертулер салыстырылмады: ескерту ізделмеді", "қаралғаннан ештеңе")),
    ],
)
def test_what_was_not_compared_is_not_said_to_be_there(language, words) -> None:
    unasked, unread = (
        structs.replace(
            BEFORE, notice=NoticeState.UNDETERMINED, notices=(),
            findings=(finding(code, FindingOutcome.WARNING),),
        )
        for code in ("kz.notice.not-looked", "kz.notice.no-ocr")
    )  # fmt: skip
    (text,) = FORMS["text"](diff(unasked, {}, unread, {}, profile="kz"), language)
    for each in words:
        assert each in " ".join(text.split())
    advice = sentence("kz.advice.ocr", language)
    assert f"→ {advice}" in " ".join(text.split())
    assert sentence("kz.diff.nothing-lost", language) not in text.splitlines()


@pytest.mark.parametrize("kind", ["label", "companion", "field", "notice"])
def test_every_fate_of_every_thing_has_its_sentence(kind) -> None:
    impossible = {("companion", "changed"), ("companion", "broke"), ("field", "broke")}
    impossible |= {("companion", "unread"), ("notice", "unread")}
    for fate in Fate:
        if (kind, fate) not in impossible:
            code = f"kz.diff.{kind}.{fate}"
            said = {sentence(code, language, text="x") for language in WORDS}
            assert len(said) == 3, code
            assert not any(one.startswith("kz.") or "{" in one for one in said)


def test_a_tag_that_moved_is_told_in_one_line() -> None:
    there = {"vorbis": {"DIGITALSOURCETYPE": AI.replace("http", "https")}}
    (text,) = FORMS["text"](diff(BEFORE, TAGS, BEFORE, there, profile="kz"), "en")
    words = " ".join(text.split())
    assert (
        f"~ tag changed: xmp: Iptc4xmpExt:DigitalSourceType → vorbis: DIGITALSOURCETYPE = {AI} → "
    ) in words


def test_a_signature_that_cannot_be_read_is_not_called_absent() -> None:
    ruined = structs.replace(AFTER, integrity=Integrity.UNREADABLE, trust=Trust.UNKNOWN)
    (text,) = FORMS["text"](diff(BEFORE, {}, ruined, {}, profile="kz"), "en")
    words = " ".join(text.split())
    assert "unknown: the signature that decides could not be judged" in words
    untold = structs.replace(ruined, labels=())
    (text,) = FORMS["text"](diff(BEFORE, {}, untold, {}, profile="kz"), "en")
    assert "whether it holds a label cannot be told" in " ".join(text.split())


def test_a_label_that_can_no_longer_be_read_is_not_said_to_have_failed() -> None:
    ruined = LabelReport(
        kind=LabelKind.MANIFEST, scheme="c2pa", state=LabelState.INVALID, where="embedded"
    )
    after = structs.replace(AFTER, labels=(ruined,), integrity=Integrity.UNREADABLE)
    (text,) = FORMS["text"](diff(BEFORE, {}, after, {}, profile="kz"), "ru")
    assert "✗ метку больше не прочитать: манифест c2pa" in text
    assert "теперь: манифест c2pa (внутри файла): не удалось прочитать" in text


def test_what_changed_and_is_no_loss() -> None:
    mended = diff(AFTER, {}, BEFORE, {}, profile="kz")
    (text,) = FORMS["text"](mended, "en")
    assert "~ label changed: manifest" in text
    assert "~ notice changed" in text
    assert "+ label appeared: sidecar" in text


def test_a_terminal_gets_colours() -> None:
    (text,) = FORMS["text"](FOUND, "en", colour=True)
    assert "\x1b[" in text


def test_json() -> None:
    (text,) = FORMS["json"](FOUND, "ru")
    document = json.loads(text)
    assert (document["schema"], document["losses"]) == ("kzlabel.diff/1", 5)
    assert document["fields"][0]["before"]["value"] == AI
