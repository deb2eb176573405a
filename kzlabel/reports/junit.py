"""JUnit XML for pipelines: an asset is a test case, as Jenkins and GitLab show them.

There is no standard; followed is what both read (https://github.com/testmoapp/junitxml,
https://docs.gitlab.com/ci/testing/unit_test_reports/).

| verdict | test case |
| --- | --- |
| compliant | passes |
| undeclared | passes, and says that nothing was found |
| noncompliant | failure |
| undetermined, or not looked at | error: the test came to no result |

A pipeline takes `skipped` for passed: an asset that nobody could judge must not go out like that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel._markup import escape, quoteattr
from kzlabel.errors import printable
from kzlabel.locale import sentence
from kzlabel.model import Level, Verdict
from kzlabel.reports._lines import asset_lines
from kzlabel.reports._todo import OPEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kzlabel.model import AssetReport, Report

SUITE = "kzlabel"
_MESSAGES = {Verdict.NONCOMPLIANT: "failure", Verdict.UNDETERMINED: "error"}
"""The element that says why a test case did not pass."""


def render(
    rows: Iterable[AssetReport],
    closing: Callable[[], Report],
    language: str,
    *,
    colour: bool = False,  # noqa: ARG001  one Reporter for all forms
) -> Iterator[str]:
    """Yield one test suite, its counts first; messages are in `language`."""
    report = closing()
    counted = report.summary.verdicts
    counts = {
        "tests": report.summary.assets,
        "failures": counted.get(Verdict.NONCOMPLIANT, 0),
        "errors": counted.get(Verdict.UNDETERMINED, 0),
        "skipped": 0,
    }
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<testsuites{_attributes(name=SUITE, **counts)}>"
    moment = f"{report.verified_at:%Y-%m-%dT%H:%M:%S}"
    yield f"<testsuite{_attributes(name=SUITE, **counts, timestamp=moment)}>"
    yield "<properties>"
    for name in ("tool", "profile"):
        yield f"<property{_attributes(name=name, value=getattr(report, name))}/>"
    yield "</properties>"
    for row in rows:
        yield from _case(row, language)
    yield "</testsuite>"
    yield "</testsuites>"


def _case(row: AssetReport, language: str) -> Iterator[str]:
    opened = f"<testcase{_attributes(classname=SUITE, name=row.path, file=row.path)}"
    if row.verdict is Verdict.COMPLIANT:
        yield f"{opened}/>"
        return
    said = escape("\n".join(_lines(row, language)))
    element = _MESSAGES.get(row.verdict)
    yield f"{opened}>"
    if element is None:
        yield f"<system-out>{said}</system-out>"
    else:
        kind = row.error.code if row.error else row.verdict
        attributes = _attributes(message=_message(row, language), type=kind)
        yield f"<{element}{attributes}>{said}</{element}>"
    yield "</testcase>"


def _lines(row: AssetReport, language: str) -> Iterator[str]:
    """Yield what the text report says of an asset, below its name."""
    for line in list(asset_lines(row, language))[1:]:
        yield "".join(span.text for span in line.spans).rstrip()


def _message(row: AssetReport, language: str) -> str:
    """Return why in one line: the error, or what must be and is not, or is not known."""
    if row.error:
        return sentence(row.error.code, language, **row.error.values)
    return "; ".join(
        f"{sentence(one.id, language)}: {sentence(f'kz.outcome.{one.outcome}', language)}"
        for one in row.requirements
        if one.level is Level.MUST and one.outcome in OPEN
    )


def _attributes(**values: object) -> str:
    """Return attributes; what XML 1.0 has no character for is escaped as in the text report."""
    return "".join(f" {name}={quoteattr(printable(value))}" for name, value in values.items())
