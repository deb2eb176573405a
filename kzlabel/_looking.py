"""Looking at one asset: tags, labels, marks, notices, axes, verdict, report; in that order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from msgspec import structs

from kzlabel._assets import open_asset, room_of
from kzlabel._axes import Axes
from kzlabel._judging import Judged, judge
from kzlabel._options import Options
from kzlabel._passwords import knowing
from kzlabel._stated import unclaimed
from kzlabel.errors import KzlabelError, LimitError, printable
from kzlabel.formats import suffix_is_honest
from kzlabel.formats._unread import FAMILY, read_noting
from kzlabel.labels import LABELS
from kzlabel.labels._code_reading import missing_codes, read_codes
from kzlabel.markers import MARKERS
from kzlabel.model import (
    REPORT_MEDIA_TYPE,
    Asset,
    AssetReport,
    Evidence,
    Finding,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    Marker,
    Medium,
    Origin,
    Placement,
    Reading,
    Tags,
    finding,
)
from kzlabel.trust import TrustStore
from kzlabel.verdict import axes_of, error_row, evaluate, origin_of

_AI = (Origin.AI_GENERATED, Origin.AI_MODIFIED)
_UNSIGNED = (Integrity.ABSENT, Integrity.UNPROTECTED)


def row_of(path: Path, options: Options) -> AssetReport:
    """Return the row of the file at `path`; what could not be looked at is a row with its error."""
    try:
        return looked_at(path, options).row
    except (KzlabelError, OSError) as exc:
        return error_row(path, exc)


def looked_at(path: Path, options: Options, *, elsewhere: Sequence[Placement] = ()) -> Looked:
    """Open the file at `path` with what the caller knows, and look at it. Raises as `look_at`."""
    with knowing(lambda _: options.password):
        return look_at(open_asset(path), options, elsewhere=elsewhere)


@dataclass(frozen=True)
class Looked:
    """An asset's row, and what it rests on."""

    row: AssetReport
    tags: Tags
    hints: tuple[Placement, ...]
    """The notices that its labels declare."""


def look_at(asset: Asset, options: Options, *, elsewhere: Sequence[Placement] = ()) -> Looked:
    """Return the asset's row; raises a `KzlabelError` where it could not be looked at.

    `elsewhere`: notices that labels of another copy declare, looked for where this one's do not.
    """
    asset, said, damage = _with_tags(asset)
    readings = read_labels(asset, options.trust)
    asset = _named(replace(asset, tags=_with_marks(asset.tags, readings)), readings)
    markers = _marks(asset.tags)
    if not readings:
        room_of(asset)  # nothing beside it, and not a container we know: we could not look
        if damage:
            raise damage
    hints = _hints(readings)
    searched = options.synthetic or origin_of(readings, markers) in _AI
    judged = judge(asset, hints or elsewhere, skip=options.look is False,
                   search=searched if options.look is None else options.look)  # fmt: skip
    if elsewhere and not hints and options.look is not False:
        judged = _moved(asset, judged, elsewhere)
    if options.look is not False:
        said = (*said, *missing_codes(judged.reports, hints))
    codes = read_codes(judged.reports, readings, options.trust)
    readings, said = (*readings, *codes.readings), (*said, *codes.findings)
    judged = judged.telling(codes.told)
    external = any(not hint.inside for hint in hints)
    also = tuple(unclaimed(asset.tags, readings, markers))
    axes, noted = axes_of(readings, markers, judged.basis, external=external, also=also)
    if axes.origin in (Origin.UNDECLARED, Origin.NOT_AI):
        noted = (*noted, _nothing_said(readings, markers))
    axes = _doubted(axes, asset.tags)
    labels, findings = _numbered(readings, markers, (*said, *judged.findings, *noted))
    if not options.personal:
        labels = tuple(structs.replace(label, personal={}) for label in labels)
    verdict, requirements = evaluate(
        options.profile, axes, synthetic=options.synthetic, findings=findings
    )
    row = AssetReport(
        path=printable(asset.path), verdict=verdict,
        media_type=asset.media_type, bytes=asset.size, sha256=asset.sha256,
        companions=tuple(one.companion for one in readings if one.companion),
        origin=axes.origin, integrity=axes.integrity, trust=axes.trust, notice=axes.notice,
        requirements=requirements, labels=labels, notices=judged.reports, findings=findings,
    )  # fmt: skip
    return Looked(row, asset.tags, hints)


def _moved(asset: Asset, judged: Judged, elsewhere: Sequence[Placement]) -> Judged:
    """Look for notices, and their codes, anywhere that are not where another copy had them."""
    held = any(report.perceivable for report in judged.reports)
    read = {report.symbol for report in judged.reports}
    if held and all(hint.code in read for hint in elsewhere if hint.code):
        return judged
    found = judge(asset, (), search=True, skip=False)
    seen = {report.perceivable for report in found.reports}
    if True in seen or (False in seen and not held):
        return found
    reports, said = judged.reports + found.reports, judged.findings + found.findings
    return Judged(reports, said, judged.unknown or found.unknown)


def read_labels(asset: Asset, trust: TrustStore) -> tuple[Reading, ...]:
    """Return what every label of ours and of others' says; a broken one hides none of the rest."""
    found = tuple(reading for label in LABELS for reading in label.check(asset, trust))
    if asset.format is not None and asset.format.spec.medium is not Medium.TEXT:
        return found
    from kzlabel.labels.report import check_report  # nothing else needs it loaded

    return (*found, *check_report(asset, trust))


def _named(asset: Asset, readings: Sequence[Reading]) -> Asset:
    """Return the asset; a signed report is called what it is."""
    is_report = any(reading.report.kind is LabelKind.REPORT for reading in readings)
    return replace(asset, media_type=REPORT_MEDIA_TYPE) if is_report else asset


def _nothing_said(readings: Sequence[Reading], markers: Sequence[Marker]) -> Finding:
    """Return what is said where nothing says AI."""
    kinds = {one.report.kind for one in readings if one.report.state is not LabelState.ABSENT}
    if kinds == {LabelKind.REPORT} and not markers:
        code = "kz.undeclared-report"
    else:
        code = "kz.undeclared-by-labels" if kinds or markers else "kz.undeclared"
    return finding(code, FindingOutcome.INFORMATIONAL)


def inside_hints(readings: Sequence[Reading]) -> tuple[Placement, ...]:
    """Return the notices inside the asset, as the first label that declares any declares them."""
    return tuple(hint for hint in _hints(readings) if hint.inside)


def _hints(readings: Sequence[Reading]) -> tuple[Placement, ...]:
    return next((reading.hints for reading in readings if reading.hints), ())


def _with_tags(asset: Asset) -> tuple[Asset, tuple[Finding, ...], KzlabelError | None]:
    """Read the unsigned metadata; a named limit stops the whole verification, damage does not."""
    if asset.format is None:
        return asset, (), None
    said: list[Finding] = []
    if not suffix_is_honest(asset.path, asset.format):
        values = {"suffix": asset.path.suffix, **asset.format.spec.named}
        said.append(finding("kz.format.suffix", FindingOutcome.WARNING, **values))
    try:
        tags = read_noting(asset.format.read_tags, asset.path)
    except LimitError:
        raise
    except KzlabelError as exc:
        said.append(finding("kz.tags.unreadable", FindingOutcome.WARNING, detail=exc))
        return asset, tuple(said), exc
    if cuts := tags.get(FAMILY):
        said.append(finding("kz.tags.unread", FindingOutcome.WARNING, where=", ".join(cuts)))
    return replace(asset, tags=tags), tuple(said), None


def _doubted(axes: Axes, tags: Tags) -> Axes:
    """Return the axes; where nothing declares anything, what was not read may be the label."""
    nothing = axes.origin is Origin.UNDECLARED and axes.integrity in _UNSIGNED
    if not nothing or FAMILY not in tags:
        return axes
    return structs.replace(axes, integrity=Integrity.UNREADABLE)


def _marks(tags: Tags) -> tuple[Marker, ...]:
    """Return the marks of others; most files have no tags that could hold one."""
    return tuple(m for each in MARKERS if (m := each.detect(tags))) if any(tags.values()) else ()


def _with_marks(tags: Tags, readings: Sequence[Reading]) -> Tags:
    """Return the tags with what the first manifest that says anything for third parties says."""
    marks = next((reading.marks for reading in readings if reading.marks), None)
    return {**tags, "c2pa": marks} if marks else tags


def _numbered(
    readings: Sequence[Reading], markers: Sequence[Marker], said: Sequence[Finding]
) -> tuple[tuple[LabelReport, ...], tuple[Finding, ...]]:
    """Lay all findings in one row, and give each label that is there the indexes of its own."""
    findings: list[Finding] = []
    labels: list[LabelReport] = []
    rows = [*((r.report, r.findings) for r in readings), *((_row(m), m.findings) for m in markers)]
    for report, own in rows:
        first = len(findings)
        findings += own
        if report.state is not LabelState.ABSENT:
            labels.append(structs.replace(report, findings=tuple(range(first, len(findings)))))
    return tuple(labels), (*findings, *said)


def _row(marker: Marker) -> LabelReport:
    signed = marker.evidence is Evidence.SIGNED
    return LabelReport(
        kind=marker.kind, scheme=marker.scheme,
        state=LabelState.VALID if signed else LabelState.UNSIGNED,
        origin=marker.origin, system=marker.system, provider=marker.provider,
        label_id=marker.label_id, where=marker.tag,
        evidence=marker.evidence, personal=marker.personal,
    )  # fmt: skip
