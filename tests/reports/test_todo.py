"""What to do: wherever something must be and is not, or should be and is not, there is one advice."""

from __future__ import annotations

from itertools import product

import pytest

from kzlabel.locale import table
from kzlabel.locale._advice import NOTHING_TO_DO, OTHER
from kzlabel.model import (
    AssetReport,
    Finding,
    FindingOutcome,
    Integrity,
    NoticeState,
    Origin,
    Outcome,
    Trust,
    finding,
)
from kzlabel.profiles import load
from kzlabel.reports._todo import left_open, todo
from kzlabel.verdict import Axes, evaluate

SOUND = finding("claimSignature.validated", FindingOutcome.SUCCESS)
CHANGED = finding("assertion.dataHash.mismatch", FindingOutcome.FAILURE)
MALFORMED = finding("assertion.cbor.invalid", FindingOutcome.WARNING)
UNKNOWN = finding("assertion.tomorrow", FindingOutcome.FAILURE)
FAINT = finding("kz.notice.faint", FindingOutcome.FAILURE, text="AI")
BARE = finding("kz.marker.bare-code", FindingOutcome.WARNING, value="x")
EXPIRED = finding("signingCredential.expired", FindingOutcome.FAILURE)
NOT_LOOKED = finding("kz.notice.not-looked", FindingOutcome.INFORMATIONAL)


def row(axes: Axes, *found: Finding, profile: str = "kz", synthetic: bool = False) -> AssetReport:
    verdict, requirements = evaluate(load(profile), axes, synthetic=synthetic, findings=found)
    return AssetReport(
        path="a", verdict=verdict, origin=axes.origin, integrity=axes.integrity, trust=axes.trust,
        notice=axes.notice, requirements=requirements, findings=found,
    )  # fmt: skip


def advised(asset: AssetReport) -> dict[str, str]:
    said = {one.id: todo(asset, one) for one in asset.requirements}
    return {name: code.removeprefix("kz.advice.") for name, code in said.items() if code}


@pytest.mark.parametrize("found", [(), (SOUND,), (CHANGED, SOUND), (UNKNOWN, BARE)], ids=len)
@pytest.mark.parametrize("profile", ["kz", "kz-strict"])
def test_whatever_the_axes_are(profile: str, found: tuple[Finding, ...]) -> None:
    for values in product(Origin, Integrity, Trust, NoticeState, (False, True)):
        axes = Axes(origin=values[0], integrity=values[1], trust=values[2], notice=values[3])
        asset = row(axes, *found, profile=profile, synthetic=values[4])
        for one in asset.requirements:
            code = todo(asset, one)
            asked = one.outcome in (Outcome.FAIL, Outcome.UNDETERMINED)
            assert bool(code) is asked, (values, one.id)
            assert code not in (NOTHING_TO_DO, OTHER), (values, one.id)
            assert not asked or code in table()


@pytest.mark.parametrize(
    ("axes", "found", "expected"),
    [
        ("ai-generated broken trusted perceivable", (MALFORMED, CHANGED, SOUND),
         {"kz.21-2.machine-readable": "changed", "kz.22-2.bound": "changed"}),
        ("ai-generated broken trusted perceivable", (BARE,),
         {"kz.21-2.machine-readable": "mark", "kz.22-2.bound": "bind"}),
        ("ai-generated intact untrusted impaired", (EXPIRED, FAINT),
         {"kz.21-2.notice": "notice-weak", "kz.trust": "expired"}),
        ("ai-generated unprotected unknown absent", (),
         {"kz.21-2.notice": "notice-absent", "kz.22-2.bound": "bind", "kz.trust": "untrusted"}),
        ("ai-modified intact trusted undetermined", (NOT_LOOKED,),
         {"kz.21-2.notice": "notice-look"}),
        ("possibly-ai unprotected unknown absent", (BARE,),
         {"kz.21-2.machine-readable": "possibly", "kz.21-2.notice": "possibly"}),
        ("undeclared absent unknown perceivable", (), {"kz.21-2.machine-readable": "mark"}),
        ("undeclared broken untrusted absent", (EXPIRED, CHANGED),
         {"kz.21-2.machine-readable": "changed", "kz.21-2.notice": "changed"}),
        ("undeclared broken untrusted undetermined", (CHANGED, NOT_LOOKED),
         {"kz.21-2.machine-readable": "changed", "kz.21-2.notice": "notice-look"}),
        ("not-ai intact trusted absent", (SOUND,), {}),
    ],
)  # fmt: skip
def test_what_decided_says_what_to_do(
    axes: str, found: tuple[Finding, ...], expected: dict[str, str]
) -> None:
    origin, integrity, trust, notice = axes.split()
    four = Axes(
        origin=Origin(origin),
        integrity=Integrity(integrity),
        trust=Trust(trust),
        notice=NoticeState(notice),
    )
    assert advised(row(four, *found)) == expected


UNREAD = finding("kz.notice.no-ocr", FindingOutcome.WARNING)
PRODUCT = finding("kz.notice.product", FindingOutcome.WARNING, text="KLING AI")
ALONE = finding("kz.notice.symbol", FindingOutcome.WARNING)


def axes_said(said: str) -> Axes:
    origin, integrity, trust, notice = said.split()
    return Axes(Origin(origin), Integrity(integrity), Trust(trust), NoticeState(notice))


@pytest.mark.parametrize(
    ("axes", "found", "expected"),
    [
        ("undeclared absent unknown undetermined", (SOUND, UNREAD), {1: "kz.advice.ocr"}),
        ("undeclared absent unknown undetermined", (PRODUCT, ALONE), {0: "kz.advice.notice-person"}),
        ("undeclared absent unknown undetermined", (NOT_LOOKED,), {}),
        ("undeclared absent unknown absent", (UNREAD,), {}),
        ("ai-generated intact trusted undetermined", (UNREAD,), {}),
    ],
)  # fmt: skip
def test_what_leaves_a_notice_open_where_nothing_asks_for_one(axes, found, expected) -> None:
    assert left_open(row(axes_said(axes), *found)) == expected


def test_a_code_alone_is_not_why_a_notice_is_open() -> None:
    asset = row(axes_said("ai-generated unprotected unknown undetermined"), ALONE, UNREAD)
    assert advised(asset)["kz.21-2.notice"] == "ocr"
