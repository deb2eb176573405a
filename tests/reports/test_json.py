"""JSON and JSON Lines: the schema's shape, English messages, every name writable."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
import pytest
from reported import asset, missed, mixed, report, written

from kzlabel.locale import sentence
from kzlabel.model import AssetReport, Report, Verdict
from kzlabel.reports import REPORTS
from kzlabel.reports._encode import encoded
from kzlabel.verdict import error_row

HOSTILE = '"\\\udcff\ud800\x00é'


def whole(name: str, one: Report, language: str = "en") -> str:
    return written(name, one, language).decode().removesuffix("\n")


def test_json_has_the_shape_of_the_schema() -> None:
    text = whole("json", report(asset(), missed()), "kk")
    document = json.loads(text)
    assert list(document) == [
        "schema", "tool", "profile", "verified_at", "premises", "trust_lists", "assets", "summary",
    ]  # fmt: skip
    assert document["schema"] == "kzlabel.report/1"
    assert document["verified_at"] == "2026-11-22T10:00:00Z"
    assert document["premises"][2] == "this is a technical finding, not legal advice"
    first, second = document["assets"]
    assert (first["verdict"], first["origin"], first["trust"]) == (
        "compliant",
        "ai-generated",
        "trusted",
    )
    assert first["requirements"][0]["citation"]["article"] == "21(2)"
    assert first["requirements"][0]["findings"] == [0]
    assert first["findings"][0]["message"] == sentence("claimSignature.validated", "en")
    assert (second["verdict"], second["origin"], second["notice"]) == ("undetermined", None, None)
    assert second["error"]["code"] == "kz.error.os"
    assert document["summary"] == {
        "assets": 2,
        "verdicts": {"compliant": 1, "undetermined": 1},
        "origins": {"ai-generated": 1},
    }
    assert text.startswith('{\n  "schema"')
    assert "Жасанды" in text


def test_json_reads_back_as_the_report() -> None:
    one = report(asset(), asset("Сурет \u202e\n.png"))
    assert msgspec.json.decode(whole("json", one), type=Report) == one


def test_json_lines_come_one_asset_a_line_and_the_summary_last() -> None:
    one = report(asset("a\nb.jpg"), error_row("c", OSError(5, "no")))
    lines = whole("jsonl", one).split("\n")
    assert len(lines) == 3
    assert [json.loads(line)["path"] for line in lines[:2]] == ["a\nb.jpg", "c"]
    last = json.loads(lines[2])
    assert last["summary"]["assets"] == 2
    assert last["schema"] == "kzlabel.report/1"
    assert "assets" not in last


@pytest.mark.parametrize("name", ["text", "jsonl"])
def test_a_row_is_said_before_the_next_is_known(name: str) -> None:
    rows = iter([asset("first"), asset("second")])
    pieces = REPORTS[name].render(rows, report, "en")
    assert "first" in next(pieces)
    assert next(rows).path == "second"


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_a_name_that_is_no_unicode_can_be_written(name: str) -> None:
    row = AssetReport(path=HOSTILE, verdict=Verdict.UNDETERMINED)
    text = whole(name, report(row, row))
    rows = json.loads(text)["assets"] if name == "json" else [json.loads(text.split("\n")[0])]
    assert rows[0]["path"] == '"\\\\xff\\x00\x00é'
    with pytest.raises(UnicodeEncodeError):
        HOSTILE.encode("utf-8")


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_json_is_the_document_that_it_would_be_at_once(count: int) -> None:
    one = report(*mixed()[:count])
    assert whole("json", one) == msgspec.json.format(encoded(one), indent=2)


def test_json_holds_two_rows_at_most() -> None:
    taken = 0

    def rows() -> Iterator[AssetReport]:
        nonlocal taken
        for number in range(9):
            taken = number + 1
            yield asset(f"asset-{number}")

    for piece in REPORTS["json"].render(rows(), report, "en"):
        said = [number for number in range(9) if f'"asset-{number}"' in piece]
        assert taken <= (said[0] if said else -1) + 2


# --- Every form -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(REPORTS))
@pytest.mark.parametrize("rows", ["none", "mixed", "hostile"])
def test_every_form_can_be_written_of_any_rows(name: str, rows: str) -> None:
    hostile = AssetReport(path=HOSTILE, verdict=Verdict.UNDETERMINED)
    given = {
        "none": (),
        "mixed": mixed(),
        "hostile": (
            hostile,
            asset("<img src=x onerror=alert(1)>\n\u202e=&\uffff"),
            missed(HOSTILE),
        ),
    }[rows]
    content = written(name, report(*given), "kk")
    assert content
    if not REPORTS[name].binary:
        assert "\x00" not in content.decode()


@pytest.mark.parametrize("name", sorted(name for name in REPORTS if REPORTS[name].live))
def test_a_live_form_asks_for_the_end_when_the_last_row_is_known(name: str) -> None:
    asked = []

    def rows() -> Iterator[AssetReport]:
        for row in mixed():
            assert not asked
            yield row

    def closing() -> Report:
        asked.append(True)
        return report(*mixed())

    assert list(REPORTS[name].render(rows(), closing, "en"))
