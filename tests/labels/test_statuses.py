"""Which validation status moves which axis; the walk over a store; stores nobody would write."""

from __future__ import annotations

import json

import msgspec
import pytest
from cryptography import x509

from kzlabel.labels._manifest_disclosure import hints_of, said_in
from kzlabel.labels._manifest_lists import judge_lists
from kzlabel.labels._manifest_origin import declared, lineage
from kzlabel.labels._manifest_reading import reading_of_store
from kzlabel.labels._manifest_signer import find_certificate
from kzlabel.labels._manifest_status import (
    SHOWN_STATUSES,
    findings_of,
    integrity_of,
    trust_of,
    verified_claims,
)
from kzlabel.labels._manifest_store import Assertion, SignatureInfo, Store, parse
from kzlabel.model import FindingOutcome, Integrity, Origin, Trust
from kzlabel.trust import TrustKind

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
GOOD = ("claimSignature.validated", "signingCredential.trusted", "assertion.dataHash.match")


def statuses(*codes: str, label: str = "a") -> list[dict[str, str]]:
    url = f"self#jumbf=/c2pa/{label}/c2pa.signature"
    return [{"code": code, "url": url, "explanation": "why"} for code in codes]


def store(failure=(), success=GOOD, informational=(), deltas=(), manifests=None) -> Store:
    results = {
        "activeManifest": {
            "success": statuses(*success),
            "informational": statuses(*informational),
            "failure": statuses(*failure),
        },
        "ingredientDeltas": list(deltas),
    }
    written = {
        "active_manifest": "a",
        "manifests": manifests or {"a": {}},
        "validation_results": results,
    }
    return parse(json.dumps(written))


def delta(*failure: str, label: str = "b") -> dict:
    codes = {"success": [], "informational": [], "failure": statuses(*failure, label=label)}
    return {"ingredientAssertionURI": "u", "validationDeltas": codes}


@pytest.mark.parametrize(
    "code",
    [
        "signingCredential.untrusted",
        "signingCredential.expired",
        "signingCredential.ocsp.revoked",
        "signingCredential.invalid",
        "claimSignature.outsideValidity",
    ],
)
def test_a_status_of_the_signer_moves_trust_alone(code: str) -> None:
    seen = store(failure=[code])
    assert integrity_of(seen) is Integrity.INTACT
    assert trust_of(seen, listed=True) is Trust.UNTRUSTED


@pytest.mark.parametrize(
    "code", ["timeStamp.mismatch", "cawg.x509.credential.untrusted", "ingredient.manifest.missing"]
)
def test_a_status_about_something_else_moves_nothing(code: str) -> None:
    seen = store(failure=[code])
    assert integrity_of(seen) is Integrity.INTACT
    assert trust_of(seen, listed=True) is Trust.TRUSTED


@pytest.mark.parametrize(
    "code",
    [
        "assertion.dataHash.mismatch",
        "assertion.bmffHash.mismatch",
        "assertion.hashedURI.mismatch",
        "assertion.missing",
        "claim.hardBindings.missing",
        "claimSignature.mismatch",
        "claimSignature.missing",
        "algorithm.unsupported",
        "general.error",
        "a.code.of.next.year",
    ],
)
def test_every_other_failure_breaks(code: str) -> None:
    assert integrity_of(store(failure=[code])) is Integrity.BROKEN


def test_a_claim_that_was_not_seen_to_verify_is_not_intact() -> None:
    assert integrity_of(store(success=["assertion.dataHash.match"])) is Integrity.BROKEN
    assert integrity_of(parse('{"active_manifest": "a", "manifests": {}}')) is Integrity.BROKEN


def test_a_signature_that_does_not_match_trusts_nobody() -> None:
    assert trust_of(store(failure=["claimSignature.mismatch"]), listed=True) is Trust.UNTRUSTED


def test_an_ingredients_failure_is_a_warning() -> None:
    seen = store(deltas=[delta("assertion.dataHash.mismatch", "claimSignature.mismatch")])
    assert integrity_of(seen) is Integrity.INTACT
    outcomes = {entry.code: entry.outcome for entry in findings_of(seen)}
    assert outcomes["assertion.dataHash.mismatch"] is FindingOutcome.WARNING
    assert outcomes["assertion.dataHash.match"] is FindingOutcome.SUCCESS


def test_every_status_is_a_finding_with_its_explanation() -> None:
    seen = list(findings_of(store(failure=["assertion.missing"], informational=["a.b"])))
    assert [entry.code for entry in seen] == ["assertion.missing", "a.b", *GOOD]
    assert {entry.values["detail"] for entry in seen} == {"why"}


def test_a_flood_of_statuses_is_counted_and_the_grave_come_first() -> None:
    seen = list(findings_of(store(failure=["assertion.missing"], success=["x"] * 5000)))
    assert seen[0].code == "assertion.missing"
    assert len(seen) == SHOWN_STATUSES + 1
    assert (seen[-1].code, seen[-1].values["count"]) == (
        "kz.manifest.more",
        str(5001 - SHOWN_STATUSES),
    )


def test_whose_claims_verify() -> None:
    recorded = {
        "validation_results": {
            "activeManifest": {"success": statuses("claimSignature.validated", label="b")}
        }
    }
    manifests = {"a": {"ingredients": [recorded]}, "b": {}, "c": {}}
    assert verified_claims(store(manifests=manifests)) == {"a", "b"}
    spoilt = store(manifests=manifests, deltas=[delta("claimSignature.mismatch")])
    assert verified_claims(spoilt) == {"a"}


def action(kind: object, agent: object = None) -> dict:
    return {"action": "c2pa.created", "digitalSourceType": kind, "softwareAgent": agent}


def manifest(
    *entries: object, parts: tuple[tuple[str, str], ...] = (), label: str = "c2pa.actions.v2"
) -> dict:
    return {
        "assertions": [{"label": label, "data": {"actions": list(entries)}}],
        "ingredients": [{"relationship": how, "active_manifest": whose} for how, whose in parts],
    }


def test_the_most_ai_action_decides_and_names_the_system() -> None:
    seen = store(
        manifests={
            "a": manifest(
                action(IPTC + "digitalCapture", "Camera"),
                action(IPTC + "trainedAlgorithmicMedia/", {"name": "Painter", "version": "3"}),
                action(IPTC + "compositeSynthetic", "Other"),
            )
        }
    )
    found = declared(seen)
    assert (found.origin, found.system) == (Origin.AI_GENERATED, "Painter 3")


@pytest.mark.parametrize("label", ["c2pa.actions", "c2pa.actions__2", "c2pa.actions.v2__7"])
def test_every_actions_assertion_is_read(label: str) -> None:
    assert (
        declared(store(manifests={"a": manifest(action("composite"), label=label)})).origin
        is Origin.POSSIBLY_AI
    )


@pytest.mark.parametrize(
    "entry", [None, 3, [], "x", {}, action(7), action([]), action("nonsense"), action("")]
)
def test_an_odd_action_declares_nothing(entry: object) -> None:
    assert declared(store(manifests={"a": manifest(entry)})).origin is Origin.UNDECLARED


@pytest.mark.parametrize(
    "content", [None, 3, "x", [], {}, {"actions": 3}, {"actions": {"a": 1}}, {"templates": None}]
)
def test_an_odd_actions_assertion_declares_nothing(content: object) -> None:
    entry = {
        "assertions": [
            {"label": "c2pa.actions", "data": content},
            {"label": "kzlabel.disclosure", "data": content},
        ]
    }
    seen = store(manifests={"a": entry})
    assert declared(seen).origin is Origin.UNDECLARED
    assert said_in(seen).label_id is None
    assert hints_of(seen) == ()


AI, CAPTURE = IPTC + "trainedAlgorithmicMedia", IPTC + "digitalCapture"


@pytest.mark.parametrize(
    ("chain", "origin"),
    [
        (("parentOf",), Origin.AI_GENERATED),
        (("parentOf", "parentOf"), Origin.AI_GENERATED),
        (("componentOf",), Origin.AI_MODIFIED),
        (("inputTo",), Origin.AI_MODIFIED),
        (("parentOf", "componentOf"), Origin.AI_MODIFIED),
        (("componentOf", "parentOf"), Origin.AI_MODIFIED),
        (("something",), Origin.AI_MODIFIED),
    ],
)
def test_ai_in_the_chain(chain: tuple[str, ...], origin: Origin) -> None:
    manifests = {}
    names = "abcdef"
    for number, how in enumerate(chain):
        manifests[names[number]] = manifest(action(CAPTURE), parts=((how, names[number + 1]),))
    manifests[names[len(chain)]] = manifest(action(AI))
    assert declared(store(manifests=manifests)).origin is origin


def test_a_ring_of_ingredients_ends() -> None:
    parts = tuple((how, name) for name in "abc" for how in ("parentOf", "componentOf")) * 50
    manifests = {name: manifest(action(AI), parts=parts) for name in "abc"}
    seen = store(manifests=manifests)
    assert len(list(lineage(seen))) == 6
    assert declared(seen).origin is Origin.AI_GENERATED


def test_a_wide_and_deep_store_is_walked_twice_at_most() -> None:
    names = [f"m{number}" for number in range(2000)]
    manifests = {
        name: manifest(
            parts=(("parentOf", following), ("componentOf", following), ("parentOf", "a"))
        )
        for name, following in zip(names, [*names[1:], "end"], strict=True)
    }
    manifests["a"] = manifest(parts=(("parentOf", "m0"),))
    manifests["end"] = manifest(action(AI))
    seen = store(manifests=manifests)
    assert declared(seen).origin is Origin.AI_GENERATED
    assert len(list(lineage(seen))) <= 2 * len(manifests)


def test_a_disclosure_is_inherited_from_the_parent_not_from_a_part() -> None:
    ours = {"assertions": [{"label": "kzlabel.disclosure", "data": {"label_id": "urn:uuid:1"}}]}
    for how, label_id in (("parentOf", "urn:uuid:1"), ("componentOf", None)):
        seen = store(manifests={"a": manifest(parts=((how, "b"),)), "b": ours})
        assert said_in(seen).label_id == label_id


def test_an_assertion_that_nests_too_deep_is_left_out() -> None:
    deep = "[" * 900 + "]" * 900
    text = '{"active_manifest": "a", "manifests": {"a": {"assertions": [{"label": "c2pa.actions", "data": %s}]}}}'
    assert declared(parse(text % deep)).origin is Origin.UNDECLARED


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"manifests": 3}', "[" * 100_000, '{"manifests": {"a": []}}']
)
def test_a_store_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@pytest.fixture(scope="module")
def leaf(credential) -> bytes:
    return credential.chain[0]


def described(leaf: bytes) -> SignatureInfo:
    parsed = x509.load_der_x509_certificate(leaf)
    (name,) = parsed.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return SignatureInfo(common_name=name.value, cert_serial_number=str(parsed.serial_number))


def test_the_signers_certificate_is_found_where_it_lies(leaf: bytes) -> None:
    parsed = x509.load_der_x509_certificate(leaf)
    found = find_certificate(b"jumb" * 99 + leaf + b"more", described(leaf))
    assert found is not None
    assert found.not_after == parsed.not_valid_after_utc
    (issuer,) = parsed.issuer.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    assert found.issuer == issuer.value


def test_a_certificate_that_is_cut_or_another_is_not_shown(leaf: bytes) -> None:
    signature = described(leaf)
    end = leaf.rindex(signature.common_name.encode())
    for length in range(end):
        assert find_certificate(leaf[:length], signature) is None
    for place in range(len(leaf)):
        find_certificate(leaf[:place] + bytes([leaf[place] ^ 0xFF]) + leaf[place + 1 :], signature)
    assert find_certificate(leaf, msgspec.structs.replace(signature, common_name="another")) is None
    for serial in (None, "", "-1", "x", "9" * 61, "9" * 5000, "٣", "0"):
        assert (
            find_certificate(leaf, msgspec.structs.replace(signature, cert_serial_number=serial))
            is None
        )


def test_a_status_an_ingredient_gained_is_told() -> None:
    gained = delta()
    gained["validationDeltas"]["informational"] = statuses(
        "ingredient.unknownProvenance", label="b"
    )
    assert "ingredient.unknownProvenance" in {
        entry.code for entry in findings_of(store(deltas=[gained]))
    }


def test_an_ingredient_whose_manifest_is_missing_declares_nothing() -> None:
    seen = store(
        manifests={
            "a": manifest(action(CAPTURE), parts=(("parentOf", "gone"), ("componentOf", "gone")))
        }
    )
    assert declared(seen).origin is Origin.NOT_AI


def test_content_that_no_recursion_could_read_is_left_out() -> None:
    raw = msgspec.Raw(b"[" * 200_000 + b"]" * 200_000)
    assert Assertion(label="c2pa.actions", raw=raw).content() is None


def test_the_claim_generator_is_named_as_well_as_it_names_itself() -> None:
    for written, name in (
        (
            {"claim_generator_info": [{"name": "App", "version": "2"}], "claim_generator": "old/1"},
            "App 2",
        ),
        ({"claim_generator_info": [{"version": "2"}], "claim_generator": "old/1"}, "old/1"),
        ({}, None),
    ):
        assert store(manifests={"a": written}).active.generator == name


def test_a_store_that_cannot_be_parsed_is_unreadable(trust) -> None:
    reading = reading_of_store("{", b"", trust, None, str)
    assert reading.integrity is Integrity.UNREADABLE


def test_a_second_reading_that_fails_vouches_for_nobody(trust) -> None:
    for answer in ("{", None, "{}"):
        trusted, remarks = judge_lists(store(), b"", trust, {TrustKind.CLAIM: answer}.get)
        assert not trusted
        assert [entry.code for entry in remarks] == ["kz.trust.kind"]
