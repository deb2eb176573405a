"""Looking at one asset: tags, labels, marks, notices, axes, verdict, report; in that order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from msgspec import structs

from kzlabel._assets import open_asset, room_of
from kzlabel._options import Options
from kzlabel.errors import KzlabelError, LimitError, UsageError, printable
from kzlabel.formats import suffix_is_honest
from kzlabel.labels import LABELS
from kzlabel.markers import MARKERS
from kzlabel.model import (
    Asset,
    AssetReport,
    Finding,
    FindingOutcome,
    LabelKind,
    LabelReport,
    LabelState,
    Marker,
    NoticeReport,
    Origin,
    Placement,
    Reading,
    finding,
)
from kzlabel.trust import TrustStore
from kzlabel.verdict import axes_of, error_row, evaluate, origin_of

_AI = (Origin.AI_GENERATED, Origin.AI_MODIFIED)


def row_of(path: Path, options: Options) -> AssetReport:
    """Return the row of the file at `path`; what could not be looked at is a row with its error."""
    try:
        return look_at(open_asset(path), options)
    except KzlabelError as exc:
        return error_row(path, exc)
    except OSError as exc:
        return error_row(path, UsageError("kz.error.os", path=path, detail=exc.strerror))


def look_at(asset: Asset, options: Options) -> AssetReport:
    """Return the asset's row; raises a `KzlabelError` where it could not be looked at."""
    asset, said = _with_tags(asset)
    readings = read_labels(asset, options.trust)
    markers = tuple(m for d in MARKERS if (m := d.detect(asset.tags)) is not None)
    if not readings:
        room_of(asset)  # nothing beside it, and not a container we know: we could not look
    hints = _hints(readings)
    declared = origin_of(readings, markers)
    notices, seen, unjudged = _notices(asset, hints, declared, look=options.look)
    external = any(hint.region is None for hint in hints)
    axes, noted = axes_of(readings, markers, unjudged or notices, external=external)
    if axes.origin is Origin.UNDECLARED:
        noted = (*noted, finding("kz.undeclared", FindingOutcome.INFORMATIONAL))
    labels, findings = _numbered(readings, markers, (*said, *seen, *noted))
    verdict, requirements = evaluate(
        options.profile, axes, synthetic=options.synthetic, findings=findings
    )
    return AssetReport(
        path=printable(asset.path), verdict=verdict,
        media_type=asset.media_type, bytes=asset.size, sha256=asset.sha256,
        origin=axes.origin, integrity=axes.integrity, trust=axes.trust, notice=axes.notice,
        requirements=requirements, labels=labels, notices=notices, findings=findings,
    )  # fmt: skip


def read_labels(asset: Asset, trust: TrustStore) -> tuple[Reading, ...]:
    """Return what every label of ours and of others' says; a broken one hides none of the rest."""
    return tuple(reading for label in LABELS for reading in label.check(asset, trust))


def region_hints(readings: Sequence[Reading]) -> tuple[Placement, ...]:
    """Return the notices that were drawn, as the first label that declares any declares them."""
    return tuple(hint for hint in _hints(readings) if hint.region is not None)


def _hints(readings: Sequence[Reading]) -> tuple[Placement, ...]:
    return next((reading.hints for reading in readings if reading.hints), ())


def _with_tags(asset: Asset) -> tuple[Asset, tuple[Finding, ...]]:
    """Read the unsigned metadata; a named limit stops the whole verification, damage does not."""
    if asset.format is None:
        return asset, ()
    said: list[Finding] = []
    if not suffix_is_honest(asset.path, asset.format):
        values = {"suffix": asset.path.suffix, "name": asset.format.spec.name}
        said.append(finding("kz.format.suffix", FindingOutcome.WARNING, **values))
    try:
        return replace(asset, tags=asset.format.read_tags(asset.path)), tuple(said)
    except LimitError:
        raise
    except KzlabelError as exc:
        said.append(finding("kz.tags.unreadable", FindingOutcome.WARNING, detail=exc))
        return asset, tuple(said)


def _notices(
    asset: Asset, hints: Sequence[Placement], origin: Origin, *, look: bool | None
) -> tuple[tuple[NoticeReport, ...], tuple[Finding, ...], tuple[NoticeReport, ...]]:
    """Return the notices judged, what was found of them, and a stand-in where none was sought."""
    drawn = [hint for hint in hints if hint.region is not None]
    search = origin in _AI if look is None else look
    if look is False or not (drawn or search):
        return (), (), (_unjudged("kz.notice.not-looked", ()),)
    if asset.format is None:
        return (), (), (_unjudged("kz.notice.undetermined", ()),)
    try:
        notices = tuple(asset.format.find_notices(asset.path, drawn, search=search))
    except (KzlabelError, OSError) as exc:
        said = finding("kz.notice.undetermined", FindingOutcome.WARNING, detail=exc)
        return (
            tuple(_unjudged(said.code, hint.lines) for hint in drawn),
            (said,),
            (_unjudged(said.code, ()),),
        )
    return notices, tuple(map(_notice_finding, notices)), ()


def _unjudged(code: str, lines: Iterable[str]) -> NoticeReport:
    return NoticeReport(
        medium="visible", text=" / ".join(lines), languages=(), perceivable=None, code=code
    )


def _notice_finding(notice: NoticeReport) -> Finding:
    outcome = {
        True: FindingOutcome.SUCCESS,
        False: FindingOutcome.FAILURE,
        None: FindingOutcome.WARNING,
    }[notice.perceivable]
    measures = {name: f"{value:.2f}" for name, value in notice.measures.items()}
    return finding(notice.code, outcome, text=notice.text, detail="", **measures)


def _numbered(
    readings: Sequence[Reading], markers: Sequence[Marker], said: Sequence[Finding]
) -> tuple[tuple[LabelReport, ...], tuple[Finding, ...]]:
    """Lay all findings in one row, and give each label the indexes of its own."""
    findings: list[Finding] = []
    labels: list[LabelReport] = []
    rows = [*((r.report, r.findings) for r in readings), *((_row(m), m.findings) for m in markers)]
    for report, own in rows:
        first = len(findings)
        findings += own
        labels.append(structs.replace(report, findings=tuple(range(first, len(findings)))))
    return tuple(labels), (*findings, *said)


def _row(marker: Marker) -> LabelReport:
    return LabelReport(
        kind=LabelKind.MARKER, scheme=marker.scheme, state=LabelState.UNSIGNED,
        origin=marker.origin, system=marker.system, provider=marker.provider,
        label_id=marker.label_id, where=marker.tag,
    )  # fmt: skip
