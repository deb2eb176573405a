"""JSON and JSON Lines: the schema's shape, English messages, every name writable."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest

from kzlabel.locale import sentence
from kzlabel.model import (
    AssetReport,
    FindingOutcome,
    Integrity,
    LabelKind,
    NoticeState,
    Origin,
    Report,
    Trust,
    Verdict,
    finding,
)
from kzlabel.profiles import load
from kzlabel.reports import REPORTS
from kzlabel.verdict import Axes, error_row, evaluate, premises, summary_of

AXES = Axes(
    origin=Origin.AI_GENERATED,
    integrity=Integrity.INTACT,
    trust=Trust.TRUSTED,
    notice=NoticeState.PERCEIVABLE,
)


def asset(path: str = "a.jpg") -> AssetReport:
    said = (finding("claimSignature.validated", FindingOutcome.SUCCESS, LabelKind.MANIFEST),)
    verdict, requirements = evaluate(load("kz"), AXES, findings=said)
    return AssetReport(
        path=path, verdict=verdict, origin=AXES.origin, integrity=AXES.integrity, trust=AXES.trust,
        notice=AXES.notice, requirements=requirements, findings=said,
    )  # fmt: skip


def report(*assets: AssetReport) -> Report:
    return Report(
        schema="kzlabel.report/1", tool="kzlabel 0.1.0", profile="kz/2026-01-18",
        verified_at=datetime(2026, 11, 22, 10, tzinfo=UTC), premises=premises(), trust_lists=(),
        assets=assets, summary=summary_of(assets),
    )  # fmt: skip


def whole(name: str, one: Report, language: str = "en") -> str:
    return "\n".join(REPORTS[name].render(one.assets, lambda: one, language))


def test_json_has_the_shape_of_the_schema() -> None:
    text = whole("json", report(asset(), error_row("b", OSError(5, "Input/output error"))), "kk")
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
    hostile = '"\\\udcff\ud800\x00é'
    row = AssetReport(path=hostile, verdict=Verdict.UNDETERMINED)
    text = whole(name, report(row)).encode("utf-8").decode()
    rows = json.loads(text)["assets"] if name == "json" else [json.loads(text.split("\n")[0])]
    assert rows[0]["path"] == '"\\\\xff\\x00\x00é'
    with pytest.raises(UnicodeEncodeError):
        hostile.encode("utf-8")


def test_the_forms_have_names() -> None:
    assert {"text", "json", "jsonl"} <= set(REPORTS)
