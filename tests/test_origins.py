"""Origins that disagree: the table of DESIGN 1, against an oracle written from its sentences."""

from __future__ import annotations

import itertools
import json

import pytest

from kzlabel._axes import axes_of
from kzlabel._origins import MOST_CONFLICTS, WORTH, Voice
from kzlabel._stated import unclaimed
from kzlabel.labels._manifest_origin import declared
from kzlabel.labels._manifest_reading import reading_of_store
from kzlabel.labels._manifest_store import parse
from kzlabel.model import (
    Evidence,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    Marker,
    Origin,
    Reading,
    Trust,
)
from kzlabel.trust import TrustStore

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE_TYPES = {
    "ai-generated": "trainedAlgorithmicMedia",
    "ai-modified": "compositeWithTrainedAlgorithmicMedia",
    "possibly-ai": "digitalArt",
    "not-ai": "digitalCapture",
    "undeclared": "somethingNew",
}


def told(origin: str, kind: LabelKind, integrity: Integrity) -> Reading:
    state = LabelState.VALID if integrity is Integrity.INTACT else LabelState.INVALID
    report = LabelReport(kind=kind, scheme="x", state=state, origin=Origin(origin), where=kind)
    return Reading(report=report, integrity=integrity, trust=Trust.UNTRUSTED, embedded=True)


def mark(origin: str, kind=LabelKind.MARKER, evidence=Evidence.RESIDUE, tag="png-text: x"):
    return Marker(scheme="m", origin=Origin(origin), tag=tag, evidence=evidence, kind=kind)


# --- The table -------------------------------------------------------------------------------------


def oracle(who: str, says: str) -> str:
    """DESIGN 1, sentence by sentence, in words and not in our types."""
    if says == "not-ai":  # needs an intact signed manifest that says so, of the asset itself
        return "not-ai" if who == "signed" else "undeclared"
    if who == "part" and says == "ai-generated":  # AI only in a part makes the whole ai-modified
        return "ai-modified"
    return says  # raised by anyone, inherited unchanged from a parent


def test_the_table_is_the_law_of_design_1() -> None:
    cells = [(voice, origin) for voice in Voice for origin in Origin]
    assert len(cells) == 4 * 5
    for voice, origin in cells:
        assert WORTH[voice][origin] == oracle(voice, origin), (voice, origin)


LABELS = [
    None,
    *itertools.product(
        Origin,
        (LabelKind.MANIFEST, LabelKind.SIDECAR, LabelKind.CODE),
        (Integrity.INTACT, Integrity.BROKEN, Integrity.UNREADABLE, Integrity.UNPROTECTED),
    ),
]
MARKS = [
    None,
    *itertools.product(Origin, (LabelKind.MARKER, LabelKind.CODE, LabelKind.WATERMARK), Evidence),
]
RANKS = ["ai-generated", "ai-modified", "possibly-ai", "not-ai", "undeclared"]


@pytest.mark.slow
def test_the_most_ai_value_wins_of_every_two_labels_and_a_mark() -> None:
    for first, second, third in itertools.product(LABELS, LABELS[::3], MARKS[::7]):
        readings = [told(*one) for one in (first, second) if one]
        markers = [mark(*third)] if third else []
        axes, _ = axes_of(readings, markers, (), external=False)
        worth = ["undeclared"]
        for origin, kind, integrity in filter(None, (first, second)):
            proves = (kind, integrity) == ("manifest", "intact")
            worth.append(oracle("signed" if proves else "claimed", origin))
        worth += [oracle("claimed", third[0])] if third else []
        assert axes.origin == min(worth, key=RANKS.index), (first, second, third)


@pytest.mark.parametrize("kind", [LabelKind.MARKER, LabelKind.CODE, LabelKind.WATERMARK])
def test_a_mark_never_clears(kind) -> None:
    axes, _ = axes_of((), [mark("not-ai", kind, Evidence.SIGNED)], (), external=False)
    assert axes.origin is Origin.UNDECLARED


def test_a_watermark_that_cannot_be_read_adds_nothing() -> None:
    claim = mark("undeclared", LabelKind.WATERMARK)
    axes, found = axes_of((), [claim], (), external=False)
    assert (axes.origin, axes.integrity, found) == (Origin.UNDECLARED, Integrity.ABSENT, ())
    axes, _ = axes_of((), [claim, mark("undeclared")], (), external=False)
    assert axes.integrity is Integrity.UNPROTECTED
    axes, _ = axes_of((), [mark("possibly-ai", LabelKind.WATERMARK)], (), external=False)
    assert (axes.origin, axes.integrity) == (Origin.POSSIBLY_AI, Integrity.UNPROTECTED)


# --- Inside a manifest ----------------------------------------------------------------------------


def manifest(origin: str | None, *ingredients: tuple[str, str], name="c2pa.actions.v2") -> dict:
    action = {"action": "c2pa.created"}
    if origin:
        action["digitalSourceType"] = IPTC + SOURCE_TYPES[origin]
    return {
        "assertions": [{"label": name, "data": {"actions": [{"action": "c2pa.x"}, action]}}],
        "ingredients": [{"relationship": how, "active_manifest": one} for how, one in ingredients],
    }


def store(*codes: str, **manifests: dict) -> str:
    results = {"activeManifest": {"success": [{"code": "claimSignature.validated"}]}}
    results["activeManifest"]["failure"] = [{"code": code} for code in codes]
    return json.dumps(
        {"active_manifest": "a", "manifests": manifests, "validation_results": results}
    )


CHAINS = list(itertools.product(("parentOf", "componentOf", "inputTo"), repeat=2))


@pytest.mark.parametrize("relations", CHAINS, ids="-".join)
def test_what_an_ingredient_of_an_ingredient_declares(relations) -> None:
    first, second = relations
    for own, near, far in itertools.product([None, *SOURCE_TYPES], repeat=3):
        held = parse(
            store(a=manifest(own, (first, "b")), b=manifest(near, (second, "c")), c=manifest(far))
        )
        voices = [
            "signed",
            "parent" if first == "parentOf" else "part",
            "parent" if relations == ("parentOf", "parentOf") else "part",
        ]
        said = zip(voices, (own, near, far), strict=True)
        worth = [oracle(who, says) for who, says in said if says]
        expected = min([*worth, "undeclared"], key=RANKS.index)
        assert declared(held).origin == expected, (own, near, far)


def test_where_an_origin_stands_is_a_path() -> None:
    held = parse(store(a=manifest("not-ai", ("parentOf", "b")), b=manifest(None)))
    assert declared(held).path == "a c2pa.actions.v2 actions[1].digitalSourceType"
    part = manifest("ai-generated", name="c2pa.actions__2")
    for relation, word in (("parentOf", "parentOf"), ("inputTo", "ingredient")):
        held = parse(store(a=manifest(None, (relation, "b")), b=part))
        assert declared(held).path == f"{word} b c2pa.actions__2 actions[1].digitalSourceType"
    assert declared(parse(store(a=manifest(None)))).path == ""
    long = {"active_manifest": "x" * 9999, "manifests": {"x" * 9999: manifest("not-ai")}}
    assert len(declared(parse(json.dumps(long))).path) < 200


# --- Contradictions -------------------------------------------------------------------------------


def camera(*failures: str) -> Reading:
    text = store(*failures, a=manifest("not-ai"))
    return reading_of_store(text, b"", TrustStore(), None, lambda _: None)


DIFFUSION = Marker(
    scheme="stable-diffusion", origin=Origin.AI_GENERATED, tag="exif: UserComment",
    evidence=Evidence.RESIDUE,
)  # fmt: skip


@pytest.mark.parametrize(
    "failures", [(), ("assertion.dataHash.mismatch",)], ids=["intact", "broken"]
)
def test_a_camera_s_manifest_with_a_stable_diffusion_block(failures) -> None:
    axes, found = axes_of([camera(*failures)], [DIFFUSION], (), external=False)
    assert axes.origin is Origin.AI_GENERATED
    assert [(one.code, one.outcome) for one in found] == [
        ("kz.origin.conflict", FindingOutcome.WARNING)
    ]
    assert found[0].values == {
        "first": "stable-diffusion (exif: UserComment)",
        "first_origin": "ai-generated",
        "first_evidence": "residue",
        "first_evidence.code": "kz.origin.evidence.residue",
        "second": "c2pa (embedded: a c2pa.actions.v2 actions[1].digitalSourceType)",
        "second_origin": "not-ai",
        "second_evidence": "standard" if failures else "signed",
        "second_evidence.code": f"kz.origin.evidence.{'standard' if failures else 'signed'}",
    }
    basis = "standard metadata" if failures else "signature"
    assert found[0].message == (
        "labels contradict one another: stable-diffusion (exif: UserComment) [workflow residue]"
        " says ai-generated, c2pa (embedded: a c2pa.actions.v2 actions[1].digitalSourceType)"
        f" [{basis}] says not AI"
    )
    assert "[след рабочего процесса]" in found[0].sentence("ru")
    assert "[жұмыс процесінің ізі]" in found[0].sentence("kk")


def test_a_broken_camera_s_manifest_alone_clears_nothing() -> None:
    reading = camera("assertion.dataHash.mismatch")
    assert (reading.report.origin, reading.said) == (Origin.UNDECLARED, Origin.NOT_AI)
    axes, found = axes_of([reading], (), (), external=False)
    assert (axes.origin, found) == (Origin.UNDECLARED, ())
    assert axes_of([camera()], (), (), external=False)[0].origin is Origin.NOT_AI


def test_families_of_tags_that_disagree() -> None:
    tags = {
        "xmp": {"Iptc4xmpExt:DigitalSourceType": IPTC + "digitalCapture"},
        "id3": {"TXXX:DIGITALSOURCETYPE": IPTC + "trainedAlgorithmicMedia"},
        "vorbis": {"DIGITALSOURCETYPE#2": "digitalCapture", "DIGITALSOURCETYPE": "what?"},
    }
    shown = mark("ai-generated", evidence=Evidence.STANDARD, tag="id3: TXXX:DIGITALSOURCETYPE")
    _, found = axes_of((), [shown], (), external=False, also=tuple(unclaimed(tags, (), [shown])))
    assert [(one.values["first"], one.values["second"]) for one in found] == [
        ("m (id3: TXXX:DIGITALSOURCETYPE)", "iptc (xmp: Iptc4xmpExt:DigitalSourceType)"),
        ("m (id3: TXXX:DIGITALSOURCETYPE)", "iptc (vorbis: DIGITALSOURCETYPE#2)"),
    ]
    del tags["id3"]
    assert axes_of((), (), (), external=False, also=tuple(unclaimed(tags, (), ())))[1] == ()


def test_what_only_the_tags_say_raises_nothing_without_a_row() -> None:
    tags = {"xmp": {"Iptc4xmpExt:DigitalSourceType": IPTC + "trainedAlgorithmicMedia"}}
    axes, found = axes_of([camera()], (), (), external=False, also=tuple(unclaimed(tags, (), ())))
    assert axes.origin is Origin.NOT_AI
    assert [one.code for one in found] == ["kz.origin.conflict"]


def test_every_pair_is_named_once_and_no_more_than_some() -> None:
    ai = [mark("ai-generated", tag=f"a{n}") for n in range(3)]
    human = [mark("not-ai", tag=f"h{n}") for n in range(2)]
    _, found = axes_of((), [*human, *ai], (), external=False)
    pairs = {(one.values["first"], one.values["second"]) for one in found}
    assert len(found) == len(pairs) == 6
    _, found = axes_of((), [*human * 50, *ai * 50], (), external=False)
    assert [one.code for one in found] == [
        *["kz.origin.conflict"] * MOST_CONFLICTS, "kz.origin.conflict-more"
    ]  # fmt: skip
    assert found[-1].values == {"count": str(150 * 100 - MOST_CONFLICTS)}


def test_the_gravest_and_the_best_founded_come_first() -> None:
    marks = [
        mark("possibly-ai", evidence=Evidence.SIGNED, tag="1"),
        mark("ai-generated", evidence=Evidence.RESIDUE, tag="2"),
        mark("ai-generated", evidence=Evidence.VENDOR, tag="3"),
        mark("not-ai", evidence=Evidence.RESIDUE, tag="4"),
        mark("not-ai", evidence=Evidence.STANDARD, tag="5"),
    ]
    _, found = axes_of((), marks, (), external=False)
    order = [(one.values["first"], one.values["second"]) for one in found]
    assert order[0] == ("m (3)", "m (5)")
    assert order[-1] == ("m (1)", "m (4)")


def test_made_and_altered_do_not_contradict() -> None:
    marks = [mark("ai-generated"), mark("ai-modified"), mark("possibly-ai"), mark("undeclared")]
    assert axes_of((), marks, (), external=False)[1] == ()
