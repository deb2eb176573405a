"""SARIF for pipelines: what must be and is not, as results that a code host annotates.

SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html), one run. A
result is an asset's requirement that failed or is undetermined; a finding that weighs and that none
of these cites, nor one that does not apply, unless it leaves open whether there is a notice; or an
asset that could not be looked at. Results are written as the rows come, and the run's members are
ordered so that the rules can follow them: no row is held.

| outcome | level | kind |
| --- | --- | --- |
| what must be fails | error | fail |
| what must be is undetermined | warning | fail: `open` has no level (3.27.10), and goes unseen |
| what should be fails; a finding that nothing cites | note | fail |
| what should be is undetermined | none | open |
| not looked at | error where `verify` ends with 2, else warning | fail |
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from kzlabel._seen import named_beside, path_of, uri_of
from kzlabel.locale import _advice, sentence
from kzlabel.model import SIGNED_KINDS, FindingOutcome, Level, NoticeState, Outcome, Seen
from kzlabel.reports._encode import encoded
from kzlabel.reports._sarif_rules import Descriptors, plain, stopped
from kzlabel.reports._todo import NOTICE, OPEN, cited, left_open, todo
from kzlabel.reports._why import no_notice, said_of
from kzlabel.verdict import NOT_REACHED, exit_code, premises

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kzlabel.model import AssetReport, Finding, LabelReport, Report, ReportError, Requirement

VERSION = "2.1.0"
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "assetAndRule/v1"
"""SHA-256 over the asset's SHA-256 (its path, where it could not be read) and the rule's id."""
MOST = 20
"""Findings and notices that one result carries."""
MOST_NOTIFICATIONS = 1000
"""Assets that could not be looked at, beside their results: these are held until the run ends."""
SAID = 3
"""Findings that its message says."""

_WEIGH = (FindingOutcome.FAILURE, FindingOutcome.WARNING)
_INSIDE = (None, "embedded")
_LEVELS = {
    (Level.MUST, Outcome.FAIL): {"kind": "fail", "level": "error"},
    (Level.MUST, Outcome.UNDETERMINED): {"kind": "fail", "level": "warning"},
    (Level.SHOULD, Outcome.FAIL): {"kind": "fail", "level": "note"},
    (Level.SHOULD, Outcome.UNDETERMINED): {"kind": "open", "level": "none"},
}


def render(
    rows: Iterable[AssetReport],
    closing: Callable[[], Report],
    language: str = "en",
    *,
    colour: bool = False,  # noqa: ARG001  one Reporter for all forms
) -> Iterator[str]:
    """Yield one SARIF log, a result a line as the rows come; messages are in `language`."""
    run = _Run(language)
    yield f'{{"$schema": "{SCHEMA}", "version": "{VERSION}", "runs": [{{"results": ['
    comma = ""
    for asset in rows:
        for result in run.results(asset):
            yield comma + encoded(result)
            comma = ","
    yield f"], {encoded(run.closed(closing()))[1:]}]}}"


class _Run:
    """What is known of the run so far, without its results."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._described = Descriptors(language)
        self._notifications: list[dict[str, object]] = []
        self._missed = False

    def results(self, asset: AssetReport) -> Iterator[dict[str, object]]:
        """Yield what is to be said of one asset."""
        if asset.error is not None:
            yield self._unread(asset, asset.error)
            return
        cited: set[int] = set()
        for requirement in asset.requirements:
            if requirement.outcome is not Outcome.PASS:
                cited |= set(requirement.findings)
            if requirement.outcome in OPEN:
                yield self._required(asset, requirement)
        cited -= set(left_open(asset))
        said: set[str] = set()
        for index, finding in enumerate(asset.findings):
            weighs = finding.outcome in _WEIGH and index not in cited
            if weighs and finding.code not in said:
                said.add(finding.code)
                yield self._found(asset, finding)

    def closed(self, report: Report) -> dict[str, object]:
        """Return the run's other members: the tool, the law, how it ended, what it rests on."""
        code = 2 if self._missed else exit_code(report.summary.verdicts)
        invocation = {
            "executionSuccessful": not self._missed,
            "exitCode": code,
            "exitCodeDescription": sentence(f"kz.sarif.exit.{code}", self._language),
            "endTimeUtc": report.verified_at,
            "toolExecutionNotifications": self._notifications,
        }
        return {
            "tool": {"driver": self._described.driver(report.tool)},
            "language": self._language,
            "automationDetails": {"id": f"kzlabel/{report.profile}/"},
            "invocations": [invocation],
            "taxonomies": [self._described.law()],
            "properties": {
                "profile": report.profile,
                "premises": premises(self._language),
                "trustLists": report.trust_lists,
                "summary": report.summary,
            },
        }

    def _required(self, asset: AssetReport, one: Requirement) -> dict[str, object]:
        findings = cited(asset, one)
        weighty = [finding for finding in findings if finding.outcome in _WEIGH]
        for finding in weighty:
            self._described.finding(finding.code)
        said = [f"{sentence(one.id, self._language)}: {self._outcome(one)}"]
        said += self._reasons(asset, one, weighty or findings)
        said.append(sentence(todo(asset, one), self._language))
        properties: dict[str, object] = {
            "requirement": one.level,
            "outcome": one.outcome,
            **_axes(asset),
            "findings": [self._shown(asset, finding) for finding in weighty[:MOST]],
        }
        if one.id == NOTICE:
            properties["notices"] = asset.notices[:MOST]
        return {
            **self._described.requirement(one),
            **_LEVELS[one.level, one.outcome],
            **self._result(asset, one.id, said),
            **self._related(asset, weighty),
            "properties": properties,
        }

    def _outcome(self, one: Requirement) -> str:
        return sentence(f"kz.outcome.{one.outcome}", self._language)

    def _reasons(
        self, asset: AssetReport, one: Requirement, findings: list[Finding]
    ) -> Iterator[str]:
        """Yield what a message gives as its reasons: few, none twice, and nothing that holds."""
        if one.id == NOTICE and asset.notice is NoticeState.ABSENT:
            yield sentence(no_notice(asset), self._language)
        adverse = (each for each in findings if each.outcome is not FindingOutcome.SUCCESS)
        yield from list(dict.fromkeys(said_of(each, self._language) for each in adverse))[:SAID]

    def _found(self, asset: AssetReport, finding: Finding) -> dict[str, object]:
        advice = _advice.advice(finding.code, self._language, finding.outcome)
        said = [said_of(finding, self._language), advice]
        return {
            **self._described.finding(finding.code),
            "kind": "fail",
            "level": "note",
            **self._result(asset, finding.code, said),
            **self._related(asset, [finding]),
            "properties": {**_axes(asset), "findings": [self._shown(asset, finding)]},
        }

    def _unread(self, asset: AssetReport, error: ReportError) -> dict[str, object]:
        missed = error.code in NOT_REACHED
        self._missed |= missed
        level = "error" if missed else "warning"
        rule = self._described.error(error.code, level)
        reason = sentence(error.code, self._language, **error.values)
        reason = reason.removeprefix(f"{error.values.get('path')}: ")  # the location says it
        said = [reason, _advice.advice(error.code, self._language)]
        result = self._result(asset, error.code, said)
        notification = {"message": result["message"], "locations": result["locations"]}
        described = self._described.notification(error.code)
        if len(self._notifications) < MOST_NOTIFICATIONS:
            self._notifications.append({"descriptor": described, "level": level, **notification})
        return {**rule, "kind": "fail", "level": level, **result, "properties": _axes(asset)}

    def _result(self, asset: AssetReport, rule: str, said: list[str]) -> dict[str, object]:
        known = asset.sha256 or asset.path
        digest = hashlib.sha256(f"{known}\n{rule}".encode(errors="surrogateescape"))
        return {
            "message": plain(" ".join(map(stopped, said))),
            "locations": [_location(_uri(asset), asset.media_type)],
            "partialFingerprints": {FINGERPRINT: digest.hexdigest()},
        }

    def _shown(self, asset: AssetReport, finding: Finding) -> dict[str, object]:
        """Return a finding with the label that has it, and where that lies."""
        label = _label_of(asset, finding)
        shown: dict[str, object] = {
            "code": finding.code,
            "outcome": finding.outcome,
            "message": said_of(finding, self._language),
        }
        return shown if label is None else {**shown, "label": label.scheme, "where": label.where}

    def _related(self, asset: AssetReport, findings: list[Finding]) -> dict[str, object]:
        """Return the companions that findings are about, as related locations."""
        beside: dict[str, Finding] = {}
        for finding in findings:
            label = _label_of(asset, finding)
            if label is not None and label.kind in SIGNED_KINDS and label.where not in _INSIDE:
                beside.setdefault(f"{label.where}", finding)
        related = [
            {
                **_location(_uri(asset, name), None),
                "message": plain(stopped(said_of(finding, self._language))),
            }
            for name, finding in beside.items()
        ]
        return {"relatedLocations": related} if related else {}


def _label_of(asset: AssetReport, finding: Finding) -> LabelReport | None:
    """Return the label that a finding belongs to."""
    places = range(len(asset.findings))
    return next(
        (
            label
            for label in asset.labels
            if any(asset.findings[index] is finding for index in label.findings if index in places)
        ),
        None,
    )


def _axes(asset: AssetReport) -> dict[str, object]:
    names = ("verdict", "origin", "integrity", "trust", "notice", "media_type", "sha256")
    return {name: value for name in names if (value := getattr(asset, name)) is not None}


def _location(uri: str, media_type: str | None) -> dict[str, object]:
    """Return where a file is; of a text, its first line, as code hosts want one."""
    physical: dict[str, object] = {"artifactLocation": {"uri": uri}}
    if media_type is not None and media_type.startswith("text/"):
        physical["region"] = {"startLine": 1}
    return {"physicalLocation": physical}


_URL = re.compile(r"[a-z][a-z0-9+.-]*://")


def _uri(asset: AssetReport, name: str | None = None) -> str:
    """Return where an asset is, or its companion `name`: a URL, else a relative or `file:` URI.

    As it was found, whatever bytes that has, where the row tells; else as the report gives it.
    Of paths all but unreserved characters and `/` is percent-encoded: no name is a scheme.
    """
    seen = asset.seen.uri if isinstance(asset.seen, Seen) else None
    if seen is not None and _URL.match(seen):
        return quote(seen if name is None else f"{seen.rpartition('/')[0]}/{name}", ":/%")
    path = asset.path if seen is None else os.fspath(path_of(seen))
    if name is not None:
        folder = path.rpartition("/")
        path = named_beside(path).get(name, f"{folder[0]}{folder[1]}{name}")
    relative = uri_of(path)
    return f"file:///{relative.lstrip('/')}" if path.startswith("/") else relative
