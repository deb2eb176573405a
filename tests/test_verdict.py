"""Axes and verdict, exhaustively, against tables written by hand from DESIGN 1."""

from __future__ import annotations

import itertools

import pytest

from kzlabel.errors import UnreadableAssetError
from kzlabel.model import (
    Evidence,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    Level,
    Marker,
    NoticeReport,
    NoticeState,
    Origin,
    Outcome,
    Reading,
    Trust,
    Verdict,
    finding,
)
from kzlabel.profiles import load
from kzlabel.verdict import (
    Axes,
    axes_of,
    counted,
    error_row,
    evaluate,
    exit_code,
    origin_of,
    premises,
    summary_of,
)

LETTERS = {
    "C": Verdict.COMPLIANT,
    "N": Verdict.NONCOMPLIANT,
    "D": Verdict.UNDECLARED,
    "U": Verdict.UNDETERMINED,
}
NOTICES = ("perceivable", "impaired", "absent", "undetermined")
"""The columns of the tables below."""

KZ = {
    # origin: integrity -> a verdict by notice
    "ai-generated": {
        "intact": "CNNU",
        "broken": "NNNN",
        "unreadable": "UNNU",
        "unprotected": "CNNU",
        "absent": "CNNU",
    },
    "ai-modified": {
        "intact": "CNNU",
        "broken": "NNNN",
        "unreadable": "UNNU",
        "unprotected": "CNNU",
        "absent": "CNNU",
    },
    "possibly-ai": {
        "intact": "NNUU",
        "broken": "NNUU",
        "unreadable": "NNUU",
        "unprotected": "NNUU",
        "absent": "NNUU",
    },
    "not-ai": {
        "intact": "NNDD",
        "broken": "NNUU",
        "unreadable": "NNUU",
        "unprotected": "NNDD",
        "absent": "NNDD",
    },
    "undeclared": {
        "intact": "NNDD",
        "broken": "NNUU",
        "unreadable": "NNUU",
        "unprotected": "NNDD",
        "absent": "NNDD",
    },
}
STRICT_AI = {
    # integrity: trust -> a verdict by notice, where origin is ai-*
    "intact": {"trusted": "CNNU", "untrusted": "NNNN", "unknown": "UNNU"},
    "broken": {"trusted": "NNNN", "untrusted": "NNNN", "unknown": "NNNN"},
    "unreadable": {"trusted": "UNNU", "untrusted": "NNNN", "unknown": "UNNU"},
    "unprotected": {"trusted": "NNNN", "untrusted": "NNNN", "unknown": "NNNN"},
    "absent": {"trusted": "NNNN", "untrusted": "NNNN", "unknown": "NNNN"},
}
ALL_AXES = [
    Axes(origin=origin, integrity=integrity, trust=trust, notice=notice)
    for origin, integrity, trust, notice in itertools.product(Origin, Integrity, Trust, NoticeState)
]


def expected(profile: str, axes: Axes, *, synthetic: bool) -> Verdict:
    row = KZ[axes.origin][axes.integrity]
    if axes.origin.startswith("ai-"):
        if profile == "kz-strict":
            row = STRICT_AI[axes.integrity][axes.trust]
    elif synthetic:
        row = "NNNN"
    return LETTERS[row[NOTICES.index(axes.notice)]]


@pytest.mark.parametrize("profile", ["kz", "kz-strict"])
@pytest.mark.parametrize("synthetic", [False, True])
def test_every_combination_of_the_axes(*, profile: str, synthetic: bool) -> None:
    assert len(ALL_AXES) == 5 * 5 * 3 * 4
    for axes in ALL_AXES:
        verdict, requirements = evaluate(load(profile), axes, synthetic=synthetic)
        assert verdict is expected(profile, axes, synthetic=synthetic), (axes, requirements)


@pytest.mark.parametrize("synthetic", [False, True])
def test_the_profiles_differ_in_levels_only(*, synthetic: bool) -> None:
    for axes in ALL_AXES:
        plain = evaluate(load("kz"), axes, synthetic=synthetic)[1]
        strict = evaluate(load("kz-strict"), axes, synthetic=synthetic)[1]
        assert [one.outcome for one in plain] == [one.outcome for one in strict]
        assert [one.level for one in plain] == ["must", "must", "should", "should"]
        assert {one.level for one in strict} == {Level.MUST}


def outcomes(
    origin: str, integrity: str, trust: str, notice: str, *, synthetic: bool = False
) -> str:
    axes = Axes(
        origin=Origin(origin),
        integrity=Integrity(integrity),
        trust=Trust(trust),
        notice=NoticeState(notice),
    )
    short = {
        Outcome.PASS: "+",
        Outcome.FAIL: "x",
        Outcome.UNDETERMINED: "?",
        Outcome.NOT_APPLICABLE: "-",
    }
    _, requirements = evaluate(load("kz"), axes, synthetic=synthetic)
    assert [one.id for one in requirements] == [
        "kz.21-2.machine-readable", "kz.21-2.notice", "kz.22-2.bound", "kz.trust",
    ]  # fmt: skip
    return "".join(short[one.outcome] for one in requirements)


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ("ai-generated intact trusted perceivable", "++++"),
        ("ai-generated intact untrusted impaired", "+x+x"),
        ("ai-modified intact unknown absent", "+x+?"),
        ("ai-modified broken trusted undetermined", "x?x+"),
        ("ai-generated unreadable unknown perceivable", "?+??"),
        ("ai-generated unprotected unknown perceivable", "++x?"),
        ("ai-generated absent unknown perceivable", "++x?"),
        ("undeclared absent unknown perceivable", "x+--"),
        ("not-ai intact trusted impaired", "xx--"),
        ("not-ai broken untrusted absent", "??--"),
        ("possibly-ai unprotected unknown undetermined", "??--"),
        ("undeclared absent unknown absent", "----"),
        ("not-ai intact trusted undetermined", "----"),
    ],
)
def test_requirements(axes: str, said: str) -> None:
    assert outcomes(*axes.split()) == said


def test_what_the_caller_knows_and_no_label_says() -> None:
    assert outcomes("undeclared", "absent", "unknown", "absent", synthetic=True) == "xx--"
    assert outcomes("undeclared", "absent", "unknown", "undetermined", synthetic=True) == "x?--"
    assert outcomes("ai-generated", "intact", "trusted", "perceivable", synthetic=True) == "++++"


def test_requirements_point_to_their_findings() -> None:
    codes = [
        "claimSignature.validated", "signingCredential.untrusted", "assertion.dataHash.mismatch",
        "kz.notice.covered", "claimSignature.outsideValidity", "kz.format.suffix", "kz.sidecar.mismatch",
    ]  # fmt: skip
    found = [finding(code, FindingOutcome.INFORMATIONAL) for code in codes]
    _, requirements = evaluate(load("kz"), ALL_AXES[0], findings=found)
    assert {one.id: one.findings for one in requirements} == {
        "kz.21-2.machine-readable": (0, 2, 6),
        "kz.21-2.notice": (3,),
        "kz.22-2.bound": (0, 2, 6),
        "kz.trust": (1, 4),
    }


# --- From labels to axes --------------------------------------------------------------------------


def signed(kind: str, origin: str, integrity: str, trust: str = "untrusted") -> Reading:
    report = LabelReport(
        kind=LabelKind.SIDECAR if kind == "sidecar" else LabelKind.MANIFEST,
        scheme="kzlabel" if kind == "sidecar" else "c2pa",
        state=LabelState.VALID if integrity == "intact" else LabelState.INVALID,
        origin=Origin(origin),
        where=kind,
    )
    return Reading(
        report=report,
        integrity=Integrity(integrity),
        trust=Trust(trust),
        embedded=kind == "embedded",
    )


def referenced() -> Reading:
    report = LabelReport(kind=LabelKind.MANIFEST, scheme="c2pa", state=LabelState.REFERENCED)
    return Reading(report=report, integrity=Integrity.ABSENT, embedded=True)


def metadata(origin: str) -> Reading:
    report = LabelReport(
        kind=LabelKind.METADATA, scheme="kzlabel", state=LabelState.UNSIGNED, origin=Origin(origin)
    )
    return Reading(report=report, integrity=Integrity.UNPROTECTED)


def marker(origin: str) -> Marker:
    return Marker(scheme="iptc", origin=Origin(origin), tag="xmp", evidence=Evidence.STANDARD)


SIDES = [
    None, ("ai-modified", "intact"), ("not-ai", "intact"), ("undeclared", "intact"),
    ("ai-generated", "broken"), ("not-ai", "broken"), ("undeclared", "unreadable"),
]  # fmt: skip
EMBEDDED = [None, *itertools.product(Origin, ("intact", "broken", "unreadable"))]
UNSIGNED = [None, "ai-generated", "possibly-ai", "not-ai", "undeclared"]


def literal_axes(embedded, companion, sidecar, meta, mark):
    """DESIGN 1's sentences, one by one, over what each label says."""
    there = [label for label in (embedded, companion, sidecar) if label]
    integrity = there[0][1] if there else ("unprotected" if meta or mark else "absent")
    said = [label[0] for label in there] + [one for one in (meta, mark) if one]
    origin = "undeclared"
    for word in ("ai-generated", "ai-modified", "possibly-ai"):
        if word in said:
            origin = word
            break
    else:
        if ("not-ai", "intact") in (embedded, companion):
            origin = "not-ai"
    hints = sum(word in ("ai-generated", "ai-modified", "possibly-ai") for word in said)
    conflict = said.count("not-ai") * hints  # each pair is named
    mismatches = 0
    if there and there[0][1] == "intact":
        mismatches = sum(label[1] in ("broken", "unreadable") for label in there[1:])
    return origin, integrity, conflict, mismatches


@pytest.mark.slow
@pytest.mark.parametrize("remote", [False, True])
def test_axes_of_every_combination_of_labels(*, remote: bool) -> None:
    for case in itertools.product(EMBEDDED, SIDES, SIDES, UNSIGNED, UNSIGNED):
        embedded, companion, sidecar, meta, mark = case
        kinds = zip(
            ("embedded", "companion", "sidecar"), (embedded, companion, sidecar), strict=True
        )
        trusts = {"embedded": "trusted", "companion": "untrusted", "sidecar": "trusted"}
        labels = [signed(kind, *one, trusts[kind]) for kind, one in kinds if one]
        readings = [*([metadata(meta)] if meta else []), *reversed(labels)]
        readings += [referenced()] if remote else []
        markers = [marker(mark)] if mark else []
        axes, found = axes_of(readings, markers, (), external=False)
        origin, integrity, conflict, mismatches = literal_axes(*case)
        codes = [one.code for one in found]
        trust = trusts[labels[0].report.where] if labels else "unknown"
        assert (axes.origin, axes.integrity, axes.trust) == (origin, integrity, trust), case
        assert codes == ["kz.origin.conflict"] * conflict + ["kz.sidecar.mismatch"] * mismatches, (
            case
        )
        assert origin_of(readings, markers) == origin


def test_a_mismatch_names_the_file_laid_beside() -> None:
    sidecar = signed("sidecar", "undeclared", "broken")
    _, found = axes_of(
        [sidecar, signed("embedded", "undeclared", "intact")], (), (), external=False
    )
    assert [(one.code, one.label, one.values["name"]) for one in found] == [
        ("kz.sidecar.mismatch", LabelKind.SIDECAR, "sidecar")
    ]


@pytest.mark.parametrize("integrity", ["intact", "broken", "unreadable"])
@pytest.mark.parametrize("beside", ["sidecar", "companion"])
def test_the_signature_in_a_report_decides_whatever_lies_beside(beside, integrity) -> None:
    report = LabelReport(kind=LabelKind.REPORT, scheme="kzlabel", state=LabelState.VALID)
    held = Reading(report=report, integrity=Integrity(integrity), trust=Trust.TRUSTED)
    readings = [signed(beside, "not-ai", "intact"), held]
    axes, _ = axes_of(readings, (), (), external=False)
    assert (axes.integrity, axes.trust) == (integrity, "trusted")


def test_notice_states() -> None:
    table = {
        # what was judged, and whether a label says "shown beside the asset"
        ((), False): "absent",
        ((), True): "undetermined",
        ((True,), False): "perceivable",
        ((True,), True): "perceivable",
        ((False,), False): "impaired",
        ((False,), True): "undetermined",
        ((None,), False): "undetermined",
        ((False, None), False): "undetermined",
        ((False, True), False): "perceivable",
        ((None, True), True): "perceivable",
        ((False, False), False): "impaired",
    }
    for (judged, external), state in table.items():
        notices = [
            NoticeReport(medium="visible", text="", languages=(), perceivable=one, code="kz.x")
            for one in judged
        ]
        axes, found = axes_of((), (), notices, external=external)
        assert axes.notice == state, (judged, external)
        said = external and state != "perceivable"
        assert [one.code for one in found] == ["kz.notice.external"] * said


# --- Rows, counts, exit codes ---------------------------------------------------------------------


def test_an_asset_that_could_not_be_read_is_a_row() -> None:
    row = error_row("a\udcff.jpg", UnreadableAssetError("kz.x.damaged", path="a", detail="cut"))
    assert row.verdict is Verdict.UNDETERMINED
    assert (row.origin, row.integrity, row.trust, row.notice) == (None, None, None, None)
    assert row.path == "a\\xff.jpg"
    assert row.error
    assert (row.error.code, row.error.message) == ("kz.x.damaged", "kz.x.damaged: cut")


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError("odd")])
def test_what_the_system_refuses_is_a_row(error: OSError) -> None:
    row = error_row("b.jpg", error)
    assert row.error
    assert row.error.code == "kz.error.os"
    assert str(error.strerror or error).lower() in row.error.message
    assert row.error.values["path"] == "b.jpg"


def test_exit_codes_are_frozen() -> None:
    table = {
        "": 0,
        "C": 0,
        "D": 0,
        "CD": 0,
        "N": 1,
        "CN": 1,
        "UN": 1,
        "U": 3,
        "CU": 3,
        "DCU": 3,
        "CDUN": 1,
    }
    for letters, code in table.items():
        assert exit_code(LETTERS[letter] for letter in letters) == code


def test_a_summary_is_counted_one_at_a_time() -> None:
    rows = [error_row(name, OSError(5, "Input/output error")) for name in "abc"]
    summary = summary_of(iter(rows))
    assert (summary.assets, summary.verdicts, summary.origins) == (3, {"undetermined": 3}, {})
    more = counted(
        summary, rows[0].__class__(path="d", verdict=Verdict.COMPLIANT, origin=Origin.AI_MODIFIED)
    )
    assert summary.assets == 3
    assert list(more.verdicts.items()) == [("compliant", 1), ("undetermined", 3)]
    assert more.origins == {"ai-modified": 1}
    assert exit_code(more.verdicts) == 3


def test_premises_are_said_in_three_languages() -> None:
    assert premises()[2] == "this is a technical finding, not legal advice"
    assert len({premises(language) for language in ("kk", "ru", "en")}) == 3
