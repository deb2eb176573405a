"""JUnit XML: the rules of those who read it, and no asset that passes without having passed."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree as ET

import pytest
from reported import asset, missed, mixed, report, written

from kzlabel.model import AssetReport
from kzlabel.reports import REPORTS

COUNTS = ("tests", "failures", "errors", "skipped")
MAY_HAVE = {
    "testsuites": {"name", "time", *COUNTS},
    "testsuite": {"name", "time", "timestamp", "hostname", "id", "package", *COUNTS},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"name", "classname", "time", "file", "status"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "system-out": set(),
}
"""Elements and attributes of Jenkins' schema, and `file`, which GitLab reads."""
MUST_HAVE = {
    "testsuite": {"name", "tests"}, "testcase": {"name", "classname"}, "property": {"name", "value"},
    "failure": {"message", "type"}, "error": {"message", "type"},
}  # fmt: skip
INSIDE = {
    "testsuites": {"testsuite"}, "testsuite": {"properties", "testcase"},
    "properties": {"property"}, "testcase": {"failure", "error", "system-out"},
}  # fmt: skip


def read(*rows: AssetReport, language: str = "en") -> ET.Element:
    root = ET.fromstring(written("junit", report(*rows), language))  # noqa: S314  our own
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.keys()) <= MAY_HAVE[element.tag]
        assert set(element.keys()) >= MUST_HAVE.get(element.tag, set())
        assert {child.tag for child in element} <= INSIDE.get(element.tag, set())
    cases = list(root.iter("testcase"))
    found = Counter(child.tag for case in cases for child in case)
    expected = {
        "tests": len(cases),
        "failures": found["failure"],
        "errors": found["error"],
        "skipped": 0,
    }
    for suite in (root, *root.iter("testsuite")):
        assert {name: int(suite.get(name, "")) for name in COUNTS} == expected
    assert all(len(case) <= 1 for case in cases)
    return root


def outcomes(root: ET.Element) -> dict[str | None, str]:
    return {case.get("name"): case[0].tag if len(case) else "" for case in root.iter("testcase")}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_verdict_has_its_outcome(language: str) -> None:
    assert outcomes(read(*mixed(), language=language)) == {
        "a.jpg": "", "silent": "system-out", "broken": "failure", "doubtful": "error", "b": "error",
    }  # fmt: skip


def test_why_is_said() -> None:
    cases = {case.get("name"): case[0] for case in read(*mixed()).iter("testcase") if len(case)}
    assert cases["broken"].get("type") == "noncompliant"
    assert cases["doubtful"].get("type") == "undetermined"
    assert cases["b"].get("type") == "kz.error.os"
    assert cases["broken"].get("message", "").count(": fail") == 2
    assert "input/output error" in cases["b"].get("message", "")
    assert "this does not mean that a human made it" in (cases["silent"].text or "")
    assert "21(2)" in (cases["broken"].text or "")


def test_an_empty_batch_is_a_suite_without_cases() -> None:
    assert outcomes(read()) == {}


@pytest.mark.parametrize(
    "name",
    [
        "<b>&\"'",
        "]]>",
        "a\nb\tc\r",
        "\x00\x1b[31m",
        "\ufffe\uffff",
        "\udcff\ud800",
        "\U0001f600",
        "\u202egpj",
    ],
)
def test_any_name_is_text(name: str) -> None:
    root = read(asset(name), missed(name))
    assert len(list(root.iter("testcase"))) == 2
    held = "".join(root.itertext()) + "".join(v for e in root.iter() for v in e.attrib.values())
    assert "\x1b" not in held
    assert "\u202e" not in held


def test_counts_come_before_the_first_row_is_read() -> None:
    def rows() -> None:
        raise AssertionError
        yield

    pieces = REPORTS["junit"].render(rows(), lambda: report(*mixed()), "en")
    head = [next(pieces) for _ in range(3)]
    assert 'tests="5" failures="1" errors="2"' in str(head[1])
