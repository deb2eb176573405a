"""SARIF 2.1.0: the structure the standard asks for, one result for what fails, stable ids."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

import jsonschema
import pytest
from msgspec import structs

from kzlabel._seen import uri_of
from kzlabel.errors import UnreadableAssetError, printable
from kzlabel.locale import LANGUAGES
from kzlabel.model import (
    AssetReport,
    Finding,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    NoticeReport,
    NoticeState,
    Origin,
    Report,
    Seen,
    Trust,
    finding,
)
from kzlabel.profiles import load
from kzlabel.reports import REPORTS, _sarif_rules, sarif
from kzlabel.verdict import Axes, error_row, evaluate, premises, summary_of

CHANGED = finding("assertion.dataHash.mismatch", FindingOutcome.FAILURE, LabelKind.MANIFEST)
UNLISTED = finding("signingCredential.untrusted", FindingOutcome.FAILURE, LabelKind.MANIFEST)
FAINT = finding("kz.notice.faint", FindingOutcome.FAILURE, text="AI")
GOOD = ("ai-generated", "intact", "trusted", "perceivable")
BROKEN = ("ai-generated", "broken", "untrusted", "impaired")

TEXT = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": {"type": "string", "minLength": 1}},
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
LOCATION = {
    "type": "object", "required": ["physicalLocation"], "additionalProperties": False,
    "properties": {"message": TEXT, "physicalLocation": {
        "type": "object", "required": ["artifactLocation"], "additionalProperties": False,
        "properties": {
            "artifactLocation": {"type": "object", "required": ["uri"], "additionalProperties": False, "properties": {"uri": {"type": "string", "pattern": "^[A-Za-z0-9._~%/-]*$|^[a-z0-9]+://[A-Za-z0-9._~%/-]+$"}}},
            "region": {"type": "object", "required": ["startLine"], "additionalProperties": False, "properties": {"startLine": {"type": "integer", "minimum": 1}}},
        },
    }},
}  # fmt: skip
TAXON = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {"id": {"type": "string"}, "shortDescription": TEXT, "fullDescription": TEXT},
}
RULE = {
    "type": "object", "required": ["id", "shortDescription", "fullDescription", "help"], "additionalProperties": False,
    "properties": {
        "id": {"type": "string"}, "shortDescription": TEXT, "fullDescription": TEXT, "help": TEXT,
        "defaultConfiguration": {"type": "object", "additionalProperties": False, "properties": {"level": LEVEL}},
        "relationships": {"type": "array", "items": {"type": "object", "required": ["target"], "additionalProperties": False, "properties": {
            "target": {"type": "object", "required": ["id", "index", "toolComponent"], "additionalProperties": False, "properties": {"id": {"type": "string"}, "index": {"type": "integer", "minimum": 0}, "toolComponent": {"type": "object", "required": ["name"]}}},
            "kinds": {"type": "array", "items": {"type": "string"}},
        }}},
        "properties": {"type": "object", "properties": {"tags": {"type": "array", "uniqueItems": True, "items": {"type": "string"}}}},
    },
}  # fmt: skip
RESULT = {
    "type": "object", "required": ["ruleId", "kind", "level", "message", "locations", "partialFingerprints"], "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"}, "ruleIndex": {"type": "integer", "minimum": 0}, "level": LEVEL, "message": TEXT,
        "kind": {"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
        "locations": {"type": "array", "items": LOCATION, "minItems": 1}, "relatedLocations": {"type": "array", "items": LOCATION},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}}, "properties": {"type": "object"},
    },
    # 3.27.10: only what fails has a level
    "oneOf": [{"properties": {"kind": {"const": "fail"}}}, {"properties": {"level": {"const": "none"}}}],
}  # fmt: skip
NOTIFICATION = {
    "type": "object",
    "required": ["message"],
    "additionalProperties": False,
    "properties": {
        "message": TEXT,
        "level": LEVEL,
        "locations": {"type": "array", "items": LOCATION},
        "descriptor": {"type": "object", "required": ["id", "index"]},
    },
}
COMPONENT = {
    "type": "object", "required": ["name"], "additionalProperties": False,
    "properties": {
        "name": {"type": "string"}, "version": {"type": "string"}, "semanticVersion": {"type": "string"}, "language": {"enum": list(LANGUAGES)},
        "releaseDateUtc": {"type": "string"}, "isComprehensive": {"type": "boolean"}, "taxa": {"type": "array", "items": TAXON, "uniqueItems": True},
        "rules": {"type": "array", "items": RULE, "uniqueItems": True}, "notifications": {"type": "array", "items": RULE, "uniqueItems": True},
        "supportedTaxonomies": {"type": "array"},
    },
}  # fmt: skip
INVOCATION = {
    "type": "object", "required": ["executionSuccessful"], "additionalProperties": False,
    "properties": {
        "executionSuccessful": {"type": "boolean"}, "exitCode": {"type": "integer"}, "exitCodeDescription": {"type": "string"},
        "endTimeUtc": {"type": "string", "pattern": "Z$"}, "toolExecutionNotifications": {"type": "array", "items": NOTIFICATION},
    },
}  # fmt: skip
RUN = {
    "type": "object", "required": ["tool", "results"], "additionalProperties": False,
    "properties": {
        "tool": {"type": "object", "required": ["driver"], "additionalProperties": False, "properties": {"driver": COMPONENT}},
        "language": {"enum": list(LANGUAGES)}, "results": {"type": "array", "items": RESULT}, "invocations": {"type": "array", "items": INVOCATION},
        "taxonomies": {"type": "array", "items": COMPONENT}, "properties": {"type": "object"},
        "automationDetails": {"type": "object", "required": ["id"], "additionalProperties": False, "properties": {"id": {"type": "string"}}},
    },
}  # fmt: skip
SUBSET = {
    "type": "object", "required": ["version", "runs", "$schema"], "additionalProperties": False,
    "properties": {"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": {"type": "array", "items": RUN, "minItems": 1, "maxItems": 1}},
}  # fmt: skip
"""What of the standard's schema our logs use, written by hand; nothing else may be in them."""


def asset(
    *axes: str,
    path: str = "a.jpg",
    found: tuple[Finding, ...] = (),
    profile: str = "kz",
    **more: object,
) -> AssetReport:
    origin, integrity, trust, notice = axes
    four = Axes(
        origin=Origin(origin),
        integrity=Integrity(integrity),
        trust=Trust(trust),
        notice=NoticeState(notice),
    )
    verdict, requirements = evaluate(load(profile), four, findings=found)
    return AssetReport(
        path=path, verdict=verdict, origin=four.origin, integrity=four.integrity, trust=four.trust, notice=four.notice,
        sha256="ab" * 32, requirements=requirements, findings=found, **more,
    )  # fmt: skip


def log(*rows: AssetReport, language: str = "en") -> dict[str, object]:
    def closing() -> Report:
        return Report(
            schema="kzlabel.report/1", tool="kzlabel 0.1.0", profile="kz/2026-01-18", verified_at=datetime(2026, 11, 22, tzinfo=UTC),
            premises=premises(), trust_lists=(), assets=(), summary=summary_of(rows),
        )  # fmt: skip

    document = json.loads("\n".join(REPORTS["sarif"].render(iter(rows), closing, language)))
    jsonschema.Draft202012Validator(SUBSET).validate(document)
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        if "ruleIndex" in result:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    (law,) = run["taxonomies"]
    for rule in rules:
        for related in rule.get("relationships", ()):
            assert law["taxa"][related["target"]["index"]]["id"] == related["target"]["id"]
    return run


def results(*rows: AssetReport, language: str = "en") -> list[dict[str, object]]:
    return log(*rows, language=language)["results"]


def outcomes(*rows: AssetReport) -> dict[str, tuple[str, str]]:
    return {one["ruleId"]: (one["kind"], one["level"]) for one in results(*rows)}


def test_what_holds_is_no_result() -> None:
    run = log(asset(*GOOD), asset("undeclared", "absent", "unknown", "absent"))
    assert run["results"] == []
    assert run["invocations"][0]["exitCode"] == 0


def test_what_must_be_is_an_error_and_what_should_be_a_note() -> None:
    said = outcomes(asset(*BROKEN, found=(CHANGED, UNLISTED, FAINT)))
    assert said == {
        "kz.21-2.machine-readable": ("fail", "error"),
        "kz.21-2.notice": ("fail", "error"),
        "kz.22-2.bound": ("fail", "note"),
        "kz.trust": ("fail", "note"),
    }


def test_what_is_not_known_is_a_warning_or_open() -> None:
    said = outcomes(asset("ai-generated", "unreadable", "unknown", "undetermined"))
    assert said == {
        "kz.21-2.machine-readable": ("fail", "warning"),
        "kz.21-2.notice": ("fail", "warning"),
        "kz.22-2.bound": ("open", "none"),
        "kz.trust": ("open", "none"),
    }


def test_in_the_strict_profile_trust_is_an_error() -> None:
    row = asset(
        "ai-generated", "intact", "untrusted", "perceivable", found=(UNLISTED,), profile="kz-strict"
    )
    assert outcomes(row) == {"kz.trust": ("fail", "error")}


def test_a_message_says_what_is_wrong_why_and_what_to_do() -> None:
    first = results(asset(*BROKEN, found=(CHANGED, UNLISTED, FAINT)))[0]
    assert first["message"]["text"] == (
        "Marked in machine-readable form: fail. "
        "The file was changed after it was signed, or the manifest comes from another file. "
        "Do not rely on this label; ask the publisher for the original file, "
        "or label again if the change was yours."
    )
    assert first["properties"]["findings"] == [
        {"code": "assertion.dataHash.mismatch", "outcome": "failure", "message": CHANGED.message}
    ]


@pytest.mark.parametrize(
    ("axes", "advice"),
    [
        (("undeclared", "absent", "unknown", "perceivable"), "Mark it in machine-readable form"),
        (("possibly-ai", "unprotected", "unknown", "absent"), "Ask the publisher whether AI made"),
        (("ai-generated", "unprotected", "unknown", "absent"), "Show people a notice beside"),
        (("ai-generated", "unprotected", "unknown", "perceivable"), "For a mark that cannot be changed"),
    ],
)  # fmt: skip
def test_where_no_finding_says_it_the_axis_does(axes: tuple[str, ...], advice: str) -> None:
    assert any(advice in one["message"]["text"] for one in results(asset(*axes)))


def test_what_was_not_looked_for_says_so() -> None:
    said = finding("kz.notice.not-looked", FindingOutcome.INFORMATIONAL)
    row = asset("ai-generated", "intact", "trusted", "undetermined", found=(said,))
    (only,) = results(row)
    assert (
        "undetermined. No notice was looked for; give --look to search. Look at"
        in only["message"]["text"]
    )


def test_a_rule_has_the_law_s_words_and_its_article() -> None:
    run = log(asset(*BROKEN, found=(CHANGED,)), language="ru")
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert (
        "распространение синтетических результатов"
        in rules["kz.21-2.notice"]["fullDescription"]["text"].lower()
    )
    assert rules["kz.21-2.notice"]["relationships"][0]["target"]["id"] == "21(2)"
    assert rules["kz.22-2.bound"]["relationships"][0]["target"]["id"] == "22(2)"
    assert "law" in rules["kz.trust"]["properties"]["tags"]
    assert rules["assertion.dataHash.mismatch"]["properties"]["tags"] == ["c2pa"]
    assert [taxon["id"] for taxon in run["taxonomies"][0]["taxa"]] == ["21(2)", "22(2)"]
    assert "исходный файл" in rules["assertion.dataHash.mismatch"]["help"]["text"]


def test_a_finding_that_nothing_cites_is_a_note_and_said_once() -> None:
    part = finding("ingredient.manifest.missing", FindingOutcome.WARNING, LabelKind.MANIFEST)
    said = results(asset(*GOOD, found=(part, part)))
    assert [(one["ruleId"], one["level"]) for one in said] == [
        ("ingredient.manifest.missing", "note")
    ]


def test_labels_that_contradict_one_another_are_a_note_on_a_compliant_asset() -> None:
    values = {"first": "iptc", "first_origin": "ai-generated", "second": "c2pa"}
    said = finding("kz.origin.conflict", FindingOutcome.WARNING, **values)
    assert outcomes(asset(*GOOD, found=(said,))) == {"kz.origin.conflict": ("fail", "note")}


def test_what_is_not_asked_of_an_asset_is_not_noted() -> None:
    assert results(asset("undeclared", "intact", "untrusted", "absent", found=(UNLISTED,))) == []


def test_a_notice_that_nobody_could_tell_is_a_note_where_nothing_asks_for_one() -> None:
    for code in ("kz.notice.no-ocr", "kz.notice.product", "kz.notice.mentioned"):
        unsure = finding(code, FindingOutcome.WARNING, text="KLING AI")
        said = results(asset("undeclared", "absent", "unknown", "undetermined", found=(unsure,)))
        assert [(one["ruleId"], one["level"]) for one in said] == [(code, "note")]
        assert "let a person look" in said[0]["message"]["text"].lower()


def test_what_could_not_be_looked_at_is_a_result_and_a_notification() -> None:
    gone = error_row("b c.jpg", FileNotFoundError(2, "No such file or directory"))
    torn = error_row("d.pdf", UnreadableAssetError("kz.error.empty", path="d.pdf"))
    run = log(gone, torn)
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [
        ("kz.error.os", "error"), ("kz.error.empty", "warning"),
    ]  # fmt: skip
    (invocation,) = run["invocations"]
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (2, False)
    notified = invocation["toolExecutionNotifications"]
    described = run["tool"]["driver"]["notifications"]
    assert [described[one["descriptor"]["index"]]["id"] for one in notified] == [
        "kz.error.os",
        "kz.error.empty",
    ]
    assert run["results"][0]["message"]["text"].startswith("The operating system refused (")
    assert log(torn)["invocations"][0]["exitCode"] == 3
    assert log(torn)["invocations"][0]["executionSuccessful"] is True
    assert log(torn, asset(*BROKEN))["invocations"][0]["exitCode"] == 1


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a.jpg", "a.jpg"),
        ("wire/Сурет 1.jpg", "wire/%D0%A1%D1%83%D1%80%D0%B5%D1%82%201.jpg"),
        ("javascript:alert(1).jpg", "javascript%3Aalert%281%29.jpg"),
        ("/srv/a#b?c%20.jpg", "file:///srv/a%23b%3Fc%2520.jpg"),
        ("//host/a.jpg", "file:///host/a.jpg"),
        ("a\\b\nc\udcff\u202e.jpg", "a%5Cb%0Ac%FF%E2%80%AE.jpg"),
    ],
)  # fmt: skip
def test_a_name_is_a_relative_uri_whatever_it_holds(path: str, uri: str) -> None:
    (first, *_) = results(asset(*BROKEN, path=path))
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        (b"a\nb.jpg", "a%0Ab.jpg"),
        (b"a\\nb.jpg", "a%5Cnb.jpg"),
        (b"x\xff/a.jpg", "x%FF/a.jpg"),
        (b"/srv/\xe2\x80\xae.jpg", "file:///srv/%E2%80%AE.jpg"),
    ],
)
def test_a_uri_is_of_the_bytes_a_name_has(name: bytes, uri: str) -> None:
    path = printable(os.fsdecode(name))
    seen = Seen(uri=uri_of(os.fsdecode(name)), modified="2026-01-18T00:00:00.000000000Z", run="r")
    row = structs.replace(asset(*BROKEN, path=path), seen=seen)
    (first, *_) = results(row)
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@pytest.mark.parametrize(
    ("seen", "uri"),
    [
        ("s3://wire/%D0%A1/a%20b.jpg", "s3://wire/%D0%A1/a%20b.jpg"),
        ("s3://wire/a b\n<.jpg", "s3://wire/a%20b%0A%3C.jpg"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
    ],
)
def test_a_row_of_a_bucket_has_its_url(seen: str, uri: str) -> None:
    told = Seen(uri=seen, modified="2026-01-18T00:00:00.000000000Z", run="r")
    (first, *_) = results(structs.replace(asset(*BROKEN), seen=told))
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_a_text_has_a_line_and_a_picture_none() -> None:
    (text, *_) = results(asset(*BROKEN, media_type="text/markdown"))
    (picture, *_) = results(asset(*BROKEN, media_type="image/jpeg"))
    assert text["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}
    assert "region" not in picture["locations"][0]["physicalLocation"]


def test_a_companion_is_a_related_location() -> None:
    beside = LabelReport(
        kind=LabelKind.SIDECAR,
        scheme="kzlabel",
        state=LabelState.INVALID,
        where="a.jpg.kzlabel.json",
        findings=(0,),
    )
    wrong = finding(
        "kz.sidecar.digest-mismatch", FindingOutcome.FAILURE, LabelKind.SIDECAR, name="a.jpg"
    )
    (first, *_) = results(asset(*BROKEN, path="x y/a.jpg", found=(wrong,), labels=(beside,)))
    (related,) = first["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "x%20y/a.jpg.kzlabel.json"
    assert first["properties"]["findings"][0]["where"] == "a.jpg.kzlabel.json"


def test_words_of_a_file_are_neither_links_nor_arguments() -> None:
    hostile = "[click](http://evil.example) {0}\x1b[31m"
    notice = NoticeReport(
        medium="visible", text=hostile, languages=("en",), perceivable=False, code="kz.notice.faint"
    )
    said = finding("kz.notice.faint", FindingOutcome.FAILURE, text=hostile)
    texts = [
        one["message"]["text"] for one in results(asset(*BROKEN, found=(said,), notices=(notice,)))
    ]
    told = next(text for text in texts if "click" in text)
    assert "](" not in told
    assert "{{0}}" in told
    assert "\x1b" not in told


def test_fingerprints_are_stable_and_of_asset_and_rule() -> None:
    def prints(row: AssetReport) -> list[str]:
        return [one["partialFingerprints"]["assetAndRule/v1"] for one in results(row)]

    row = asset(*BROKEN)
    assert prints(row) == prints(structs.replace(row, path="elsewhere.jpg"))
    assert len(set(prints(row))) == len(prints(row))
    assert set(prints(row)).isdisjoint(prints(structs.replace(row, sha256="cd" * 32)))


def test_a_manifest_cannot_flood_the_rules(monkeypatch) -> None:
    monkeypatch.setattr(_sarif_rules, "MOST_RULES", 20)
    found = tuple(
        Finding(code=f"{number}.{'x' * 300}", outcome=FindingOutcome.WARNING, message="")
        for number in range(25)
    )
    run = log(asset(*GOOD, found=found))
    assert len(run["results"]) == 25
    assert len(run["tool"]["driver"]["rules"]) == 20
    assert max(len(one["ruleId"]) for one in run["results"]) == 200


def test_a_folder_full_of_errors_is_not_held(monkeypatch) -> None:
    monkeypatch.setattr(sarif, "MOST_NOTIFICATIONS", 20)
    rows = [error_row("a", OSError(5, "no"))] * 25
    run = log(*rows)
    assert len(run["results"]) == 25
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 20


def test_results_come_while_rows_arrive() -> None:
    def rows():
        yield asset(*BROKEN, path="first.jpg")
        raise InterruptedError

    pieces: list[str] = []
    with pytest.raises(InterruptedError):
        pieces.extend(REPORTS["sarif"].render(rows(), lambda: None, "en"))
    given = list(_until(REPORTS["sarif"].render(rows(), lambda: None, "en")))
    assert any("first.jpg" in piece for piece in given)


def _until(pieces):
    try:
        yield from pieces
    except InterruptedError:
        return


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_run_speaks_the_language_it_was_asked_in(language: str) -> None:
    run = log(asset(*BROKEN, found=(CHANGED, FAINT)), language=language)
    assert run["language"] == run["tool"]["driver"]["language"] == language
    assert run["properties"]["premises"] == list(premises(language))
    assert (run["results"][0]["message"]["text"].isascii()) is (language == "en")
    assert run["automationDetails"]["id"] == "kzlabel/kz/2026-01-18/"
