"""The manifest label: written, read back, tampered with, relabelled."""

from __future__ import annotations

import gc
import hashlib
import io
import itertools
import json
import os
import signal
import ssl
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import c2pa
import encypher_c2pa
import msgspec
import pytest
from PIL import Image

from kzlabel.credential import Algorithm, development
from kzlabel.errors import CredentialError, RefusedError
from kzlabel.labels import _manifest_companion, manifest
from kzlabel.labels.manifest import ManifestLabel
from kzlabel.model import (
    Asset,
    Carrier,
    CarrierKind,
    Disclosure,
    FindingOutcome,
    Integrity,
    LabelState,
    NoticeConfig,
    NoticeStyle,
    Origin,
    Placement,
    Provider,
    Region,
    Span,
    Statement,
    Step,
    System,
    Trust,
)
from kzlabel.trust import TrustKind, TrustStore, store_of

if TYPE_CHECKING:
    from pathlib import Path

LABEL = ManifestLabel()
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
CAPTURE = IPTC + "digitalCapture"
COMPOSITE = IPTC + "compositeWithTrainedAlgorithmicMedia"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
PLACEMENT = Placement(
    statement=Statement.CREATED,
    style=NoticeStyle.OVERLAY,
    languages=("kk", "ru"),
    lines=("Жасанды интеллект жасаған", "Создано искусственным интеллектом"),
    font="OpenSans",
    font_size=24.5,
    width=640,
    height=480,
    region=Region(x=0.02, y=0.9, w=0.41, h=0.061),
)


class Room:
    """A container, as far as a manifest needs one."""

    def __init__(self, kind: CarrierKind = CarrierKind.EMBEDDED) -> None:
        self.kind = kind

    def manifest_carrier(self, path: Path) -> Carrier:  # noqa: ARG002  the contract's
        return Carrier(kind=self.kind, reason="kz.carrier.test")

    def enclosure(self, path: Path) -> None:  # noqa: ARG002  likewise
        return None


class Studio:
    """Makes labelled files in one directory."""

    def __init__(self, folder: Path, credential, trust) -> None:
        self.folder, self.credential, self.trust = folder, credential, trust
        self.number = itertools.count()

    def picture(self, kind: str = "JPEG", colour: int = 40) -> Path:
        if kind == "SVG":
            content = SVG.replace(b"9", str(9 + colour).encode())
        else:
            out = io.BytesIO()
            frames = [Image.linear_gradient("L").resize((64, 48)).convert("RGB")]
            frames[0].paste((colour, 90, 120), (0, 0, 20, 20))
            frames[0].save(out, kind)
            content = out.getvalue()
        path = self.folder / f"source{next(self.number)}.{kind.lower()}"
        path.write_bytes(content)
        return path

    def step(self, source: Path, media_type: str = "image/jpeg", **changes: object) -> Step:
        folder = self.folder / f"step{next(self.number)}"
        folder.mkdir()
        said = Disclosure(
            statement=Statement.CREATED,
            system=System(name="Test Model", version="1.0"),
            provider=Provider(name="Test LLP", bin="940740000911", country="KZ"),
        )
        step = Step(
            source=source,
            asset=source,
            folder=folder,
            name=source.name,
            format=Room(),
            media_type=media_type,
            disclosure=said,
            notice=NoticeConfig(),
            credential=self.credential,
            trust=self.trust,
            prior=tuple(LABEL.check(asset_of(source, media_type), self.trust)),
        )
        return replace(step, **changes)

    def labelled(self, source: Path | None = None, media_type="image/jpeg", **changes) -> Path:
        return LABEL.apply(self.step(source or self.picture(), media_type, **changes)).asset

    def modified(self, source: Path, **changes) -> Path:
        return self.labelled(source, disclosure=saying(Statement.MODIFIED), **changes)


def saying(statement: Statement, **changes: object) -> Disclosure:
    return Disclosure(
        statement=statement, system=System(name="M"), provider=Provider(name="P"), **changes
    )


def asset_of(path: Path, media_type: str = "image/jpeg", *, held: bool = True) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return Asset(path, None, media_type, len(content), digest, content if held else None)


def check(path: Path, trust: TrustStore, media_type: str = "image/jpeg", *, held: bool = True):
    readings = LABEL.check(asset_of(path, media_type, held=held), trust)
    assert len(readings) == 1
    return readings[0]


def axes(reading) -> tuple[Origin, Integrity, Trust]:
    return reading.report.origin, reading.integrity, reading.trust


def manifest_of(path: Path) -> dict:
    with c2pa.Reader("image/jpeg", io.BytesIO(path.read_bytes())) as reader:
        store = json.loads(reader.json())
    return store["manifests"][store["active_manifest"]]


def assertion(manifest: dict, label: str) -> dict:
    return next(entry["data"] for entry in manifest["assertions"] if entry["label"] == label)


def signed_by_another(source: bytes, credential, definition: dict, parts=()) -> bytes:
    """Sign as some other program would, with c2pa alone."""
    chain = "".join(map(ssl_pem, credential.chain)).encode()
    held = c2pa.C2paSignerInfo(b"es256", chain, credential.private_key, None)
    builder = c2pa.Builder(definition)
    for relationship, part in parts:
        builder.add_ingredient(
            {"relationship": relationship, "label": relationship}, "image/jpeg", io.BytesIO(part)
        )
    out = io.BytesIO()
    builder.sign(c2pa.Signer.from_info(held), "image/jpeg", io.BytesIO(source), out)
    return out.getvalue()


def ssl_pem(der: bytes) -> str:
    return ssl.DER_cert_to_PEM_cert(der)


def actions(*entries: dict) -> dict:
    return {"assertions": [{"label": "c2pa.actions.v2", "data": {"actions": list(entries)}}]}


@pytest.fixture
def studio(tmp_path: Path, credential, trust) -> Studio:
    return Studio(tmp_path, credential, trust)


# --- Clean and labelled ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", "image/jpeg"),
        (b"hello", "text/plain"),
        (b"hello", "application/octet-stream"),
        (b"BM", "image/bmp"),
    ],
)
def test_what_is_no_container_has_no_manifest(
    tmp_path: Path, trust, content: bytes, media_type: str
) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert not LABEL.check(asset_of(path, media_type), trust)


def test_a_clean_picture_has_no_manifest(studio: Studio) -> None:
    assert not LABEL.check(asset_of(studio.picture()), studio.trust)


KINDS = [
    ("JPEG", "image/jpeg"),
    ("PNG", "image/png"),
    ("WEBP", "image/webp"),
    ("GIF", "image/gif"),
    ("TIFF", "image/tiff"),
    ("AVIF", "image/avif"),
    ("SVG", "image/svg+xml"),
]


@pytest.mark.parametrize(("kind", "media_type"), KINDS)
def test_a_labelled_picture_is_intact_and_trusted(
    studio: Studio, kind: str, media_type: str
) -> None:
    source = studio.picture(kind)
    before = source.read_bytes()
    signed = studio.labelled(source, media_type, placements=(PLACEMENT,))
    for held in (True, False):
        reading = check(signed, studio.trust, media_type, held=held)
        assert axes(reading) == (Origin.AI_GENERATED, Integrity.INTACT, Trust.TRUSTED)
        assert reading.report.state is LabelState.TRUSTED
        assert reading.embedded
        assert reading.hints == (PLACEMENT,)
    assert source.read_bytes() == before
    for path in (
        signed,
        studio.modified(source, media_type=media_type),
        studio.labelled(signed, media_type),
    ):
        check_independently(path, media_type, studio)


def check_independently(path: Path, media_type: str, studio: Studio) -> None:
    """Have a verifier of other hands say that the manifest holds, and why not where it does not."""
    told = encypher_c2pa.verify(
        path.read_bytes(),
        media_type,
        trust_pem=ssl_pem(studio.credential.root),
        no_default_trust=True,
        telemetry=False,
    )
    said = told["validation_state"], told["integrity"], told["hard_binding"], told["signature"]
    assert said == ("Trusted", "valid", "match", "valid"), told["validation_results"]
    assert not told["validation_results"]["failure"]


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("in_memory", [True, False])
def test_every_algorithm_signs(tmp_path: Path, algorithm: Algorithm, *, in_memory: bool) -> None:
    credential = development(algorithm)
    if not in_memory:
        credential = replace(credential, private_key=None)
    studio = Studio(tmp_path, credential, store_of(credential))
    assert check(studio.labelled(), studio.trust).report.state is LabelState.TRUSTED


def test_the_report_says_who_and_with_what(studio: Studio) -> None:
    step = studio.step(studio.picture())
    report = check(LABEL.apply(step).asset, studio.trust).report
    assert (report.scheme, report.system, report.provider) == ("c2pa", "Test Model 1.0", "Test LLP")
    assert (report.label_id, report.created) == (step.disclosure.label_id, step.disclosure.issued)
    assert report.where == "embedded"
    assert report.signer is not None
    assert report.signer.development
    assert "signer" in (report.signer.name or "")
    assert "root" in (report.signer.issuer or "")
    assert report.signer.not_after is not None
    assert report.signer.not_after > step.disclosure.issued


def test_what_the_manifest_holds(studio: Studio) -> None:
    said = saying(Statement.CREATED, training_allowed=False)
    external = Placement(
        statement=Statement.CREATED, style=NoticeStyle.EXTERNAL, languages=("kk",), lines=()
    )
    kept = msgspec.structs.replace(PLACEMENT, font_size=30.0)
    signed = studio.labelled(
        disclosure=said, placements=(PLACEMENT, external, kept), kept_notices=(kept,)
    )
    manifest = manifest_of(signed)
    assert all(entry.get("created") for entry in manifest["assertions"])
    first, *edits = assertion(manifest, "c2pa.actions.v2")["actions"]
    assert (first["action"], first["softwareAgent"]["name"]) == ("c2pa.created", "M")
    assert first["digitalSourceType"] == IPTC + "trainedAlgorithmicMedia"
    (edit,) = edits  # the kept notice was not drawn by this act, the external one not at all
    shape = edit["changes"][0]["region"][0]["shape"]
    assert (shape["unit"], shape["origin"], shape["width"]) == (
        "percent",
        {"x": 2.0, "y": 90.0},
        41.0,
    )
    disclosed = assertion(manifest, "kzlabel.disclosure")
    assert disclosed["law"]["article"] == "21(2)"
    assert disclosed["training_allowed"] is False
    assert len(disclosed["notices"]) == 3
    mining = assertion(manifest, "cawg.training-mining")["entries"]
    assert {entry["use"] for entry in mining.values()} == {"notAllowed"}
    assert assertion(manifest, "c2pa.ai-disclosure")["modelType"] == "c2pa.types.model"
    assert manifest["claim_generator_info"][0]["name"] == "kzlabel"
    assert "thumbnail" not in manifest


def test_training_is_not_mentioned_unless_it_is_forbidden(studio: Studio) -> None:
    manifest = manifest_of(studio.labelled())
    assert "cawg.training-mining" not in {entry["label"] for entry in manifest["assertions"]}


def test_a_container_that_carries_none_is_left_alone(studio: Studio) -> None:
    step = studio.step(studio.picture(), format=Room(CarrierKind.NONE))
    done = LABEL.apply(step)
    assert done.asset == step.asset
    assert not done.companions
    assert [entry.code for entry in done.findings] == ["kz.carrier.test"]


# --- Tampering ------------------------------------------------------------------------------------


def test_one_byte_is_seen_wherever_it_flips(studio: Studio) -> None:
    signed = studio.labelled()
    content = signed.read_bytes()
    start = content.index(b"c2pa.signature")
    inside = content.index(b"kzlabel.disclosure")
    for place in (len(content) - 40, len(content) // 2, inside, start + 700):
        signed.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        reading = check(signed, studio.trust)
        assert reading.integrity in {Integrity.BROKEN, Integrity.UNREADABLE}, place
        assert reading.report.state is LabelState.INVALID
        assert FindingOutcome.FAILURE in {entry.outcome for entry in reading.findings}


@pytest.mark.parametrize(("kind", "media_type"), KINDS)
def test_a_cut_file_is_never_intact(studio: Studio, kind: str, media_type: str) -> None:
    signed = studio.labelled(studio.picture(kind), media_type)
    content = signed.read_bytes()
    for length in range(1, len(content) - 1, max(1, len(content) // 40)):
        signed.write_bytes(content[:length])
        for reading in LABEL.check(asset_of(signed, media_type), studio.trust):
            assert reading.integrity in {Integrity.BROKEN, Integrity.UNREADABLE}, length
    assert length > 100


def test_a_damaged_file_without_a_label_is_not_said_to_have_one(studio: Studio) -> None:
    cut = studio.picture("PNG")
    cut.write_bytes(cut.read_bytes()[:-30])
    (reading,) = LABEL.check(asset_of(cut, "image/png"), studio.trust)
    assert (reading.integrity, reading.report.state) == (Integrity.UNREADABLE, LabelState.ABSENT)
    assert [entry.code for entry in reading.findings] == ["kz.manifest.untold"]
    large = replace(asset_of(cut, "image/png"), content=None)
    assert LABEL.check(large, studio.trust) == (reading,)


def test_a_damaged_file_that_shows_a_store_is_said_to_have_one(studio: Studio) -> None:
    signed = studio.labelled(studio.picture("PNG"), "image/png")
    signed.write_bytes(signed.read_bytes()[:-30])
    (reading,) = LABEL.check(asset_of(signed, "image/png"), studio.trust)
    assert (reading.integrity, reading.report.state) == (Integrity.UNREADABLE, LabelState.INVALID)


def test_a_package_without_a_store_is_not_asked_for_one(studio: Studio) -> None:
    package = studio.picture("PNG").with_name("a.docx")
    package.write_bytes(b"PK\x03\x04 cut off")
    assert not LABEL.check(asset_of(package, "application/epub+zip"), studio.trust)
    package.write_bytes(b"PK\x03\x04 META-INF/content_credential.c2pa")
    (reading,) = LABEL.check(asset_of(package, "application/epub+zip"), studio.trust)
    assert (reading.integrity, reading.report.state) == (Integrity.UNREADABLE, LabelState.INVALID)


@pytest.mark.parametrize(("kind", "media_type"), KINDS)
def test_appended_bytes_break(studio: Studio, kind: str, media_type: str) -> None:
    signed = studio.labelled(studio.picture(kind), media_type)
    signed.write_bytes(signed.read_bytes() + b"\n<!-- more -->")
    reading = check(signed, studio.trust, media_type)
    assert reading.integrity in {Integrity.BROKEN, Integrity.UNREADABLE}


def app11(content: bytes) -> bytes:
    """Return the APP11 segments of a JPEG."""
    found, at = b"", 2
    while content[at + 1] != 0xDA:
        size = 2 + int.from_bytes(content[at + 2 : at + 4])
        found += content[at : at + size] if content[at + 1] == 0xEB else b""
        at += size
    return found


def test_a_manifest_moved_to_another_picture_is_broken(studio: Studio) -> None:
    signed, other = studio.labelled(), studio.picture(colour=200)
    content = other.read_bytes()
    other.write_bytes(content[:2] + app11(signed.read_bytes()) + content[2:])
    reading = check(other, studio.trust)
    assert axes(reading) == (Origin.AI_GENERATED, Integrity.BROKEN, Trust.TRUSTED)
    assert "assertion.dataHash.mismatch" in {entry.code for entry in reading.findings}


def test_a_broken_hash_still_gives_the_hints_and_a_broken_signature_none(studio: Studio) -> None:
    signed = studio.labelled(placements=(PLACEMENT,))
    content = signed.read_bytes()
    signed.write_bytes(content[:-40] + bytes([content[-40] ^ 1]) + content[-39:])
    assert check(signed, studio.trust).hints == (PLACEMENT,)
    at = content.index(b"c2pa.signature") + 900
    for offset in range(at, at + 400):
        signed.write_bytes(content[:offset] + bytes([content[offset] ^ 1]) + content[offset + 1 :])
        reading = check(signed, studio.trust)
        if "claimSignature.mismatch" in {entry.code for entry in reading.findings}:
            assert not reading.hints
            assert reading.trust is Trust.UNTRUSTED
            return
    pytest.fail("no byte of the signature was met")


# --- Trust ----------------------------------------------------------------------------------------


def test_no_list_says_how_to_add_one(studio: Studio) -> None:
    reading = check(studio.labelled(), TrustStore())
    assert axes(reading) == (Origin.AI_GENERATED, Integrity.INTACT, Trust.UNTRUSTED)
    assert reading.report.state is LabelState.VALID
    said = next(entry for entry in reading.findings if entry.code == "kz.trust.none")
    assert "--trust" in said.message


def test_an_unlisted_signer_is_untrusted(studio: Studio) -> None:
    reading = check(studio.labelled(), store_of(development(name="another")))
    assert (reading.integrity, reading.trust) == (Integrity.INTACT, Trust.UNTRUSTED)
    assert "signingCredential.untrusted" in {entry.code for entry in reading.findings}


def of_kind(trust: TrustStore, *kinds: TrustKind) -> TrustStore:
    return TrustStore(tuple(replace(entry, kinds=frozenset(kinds)) for entry in trust.lists))


def test_a_list_of_time_stampers_vouches_for_no_claim(studio: Studio) -> None:
    signed = studio.labelled()
    others = store_of(development(name="another")).lists
    for trust in (of_kind(studio.trust, TrustKind.TSA), of_kind(studio.trust, TrustKind.SIDECAR)):
        assert check(signed, trust).trust is Trust.UNTRUSTED
        reading = check(signed, TrustStore((*trust.lists, *others)))
        assert (reading.integrity, reading.trust) == (Integrity.INTACT, Trust.UNTRUSTED)
        assert reading.report.state is LabelState.VALID
    codes = {
        entry.code
        for entry in check(
            signed, TrustStore((*of_kind(studio.trust, TrustKind.TSA).lists, *others))
        ).findings
    }
    assert "kz.trust.kind" in codes


def test_a_list_of_both_kinds_vouches(studio: Studio) -> None:
    signed = studio.labelled()
    both = of_kind(studio.trust, TrustKind.TSA, TrustKind.CLAIM)
    assert check(signed, both).trust is Trust.TRUSTED
    tsa, claim = of_kind(studio.trust, TrustKind.TSA).lists, studio.trust.lists
    for lists in ((*tsa, *claim), (*claim, *tsa)):
        assert check(signed, TrustStore(lists)).trust is Trust.TRUSTED


# --- Others' manifests ----------------------------------------------------------------------------


def test_a_capture_by_somebody_else_is_not_ai_while_it_holds(studio: Studio, credential) -> None:
    content = signed_by_another(
        studio.picture().read_bytes(),
        credential,
        actions({"action": "c2pa.created", "digitalSourceType": CAPTURE}),
    )
    path = studio.folder / "camera.jpg"
    path.write_bytes(content)
    reading = check(path, TrustStore())
    assert axes(reading) == (Origin.NOT_AI, Integrity.INTACT, Trust.UNTRUSTED)
    path.write_bytes(content[:-40] + bytes([content[-40] ^ 1]) + content[-39:])
    assert axes(check(path, studio.trust)) == (Origin.UNDECLARED, Integrity.BROKEN, Trust.TRUSTED)


@pytest.mark.parametrize(
    ("relationship", "action", "origin"),
    [
        ("parentOf", "c2pa.opened", Origin.AI_GENERATED),
        ("componentOf", "c2pa.placed", Origin.AI_MODIFIED),
        ("inputTo", "c2pa.edited", Origin.AI_MODIFIED),
    ],
)
def test_what_an_ingredient_declares(
    studio: Studio, credential, relationship, action, origin
) -> None:
    part = studio.labelled().read_bytes()
    with_part = {"action": action, "parameters": {"ingredientIds": [relationship]}}
    created = {"action": "c2pa.created", "digitalSourceType": CAPTURE}
    entries = [with_part] if action == "c2pa.opened" else [created, with_part]
    path = studio.folder / "mixed.jpg"
    picture = studio.picture(colour=99).read_bytes()
    path.write_bytes(
        signed_by_another(picture, credential, actions(*entries), [(relationship, part)])
    )
    assert axes(check(path, studio.trust)) == (origin, Integrity.INTACT, Trust.TRUSTED)


def test_a_notice_in_time_is_an_edit_with_its_stretches(studio: Studio) -> None:
    spans = (Span(start=0.0, end=9.25), Span(start=60.5, end=69.75))
    spoken = Placement(
        statement=Statement.CREATED, style=NoticeStyle.PREPEND, languages=("kk",), lines=("w",),
        medium="audible", spans=spans, duration=69.75,
    )  # fmt: skip
    signed = studio.labelled(placements=(spoken,))
    manifest = manifest_of(signed)
    _, edit = assertion(manifest, "c2pa.actions.v2")["actions"]
    times = [region["time"] for region in edit["changes"][0]["region"]]
    assert [(time["type"], time["start"], time["end"]) for time in times] == [
        ("npt", "0.000", "9.250"),
        ("npt", "60.500", "69.750"),
    ]
    assert check(signed, studio.trust).hints == (spoken,)


def test_a_parent_that_was_not_ai_says_nothing_about_its_edit(studio: Studio, credential) -> None:
    created = actions({"action": "c2pa.created", "digitalSourceType": CAPTURE})
    part = signed_by_another(studio.picture().read_bytes(), credential, created)
    opened = actions({"action": "c2pa.opened", "parameters": {"ingredientIds": ["parentOf"]}})
    path = studio.folder / "edit.jpg"
    path.write_bytes(signed_by_another(part, credential, opened, [("parentOf", part)]))
    assert check(path, studio.trust).report.origin is Origin.UNDECLARED


def test_odd_notices_of_somebody_else_are_left_out(studio: Studio, credential) -> None:
    sound = msgspec.to_builtins(PLACEMENT)
    odd = [
        3,
        None,
        [],
        {},
        {**sound, "style": "neon"},
        {**sound, "lines": ["x" * 501]},
        {**sound, "lines": ["x"] * 17},
        {**sound, "font_size": -1.0},
        {**sound, "width": 10**9},
        {**sound, "region": {"x": 0.9, "y": 0.9, "w": 0.5, "h": 0.5}},
        {**sound, "region": {"x": 0.1, "y": 0.1, "w": 0.0, "h": 0.5}},
        {**sound, "duration": -1.0},
        {**sound, "duration": 1e9},
        {**sound, "duration": 9.0, "spans": [{"start": 3.0, "end": 3.0}]},
        {**sound, "duration": 9.0, "spans": [{"start": -1.0, "end": 3.0}]},
        {**sound, "duration": 9.0, "spans": [{"start": 1.0, "end": 9.1}]},
        {**sound, "duration": 9.0, "spans": [{"start": 1.0, "end": 2.0}] * 2001},
        sound,
        sound,
    ]
    manifest = actions({"action": "c2pa.created", "digitalSourceType": CAPTURE})
    manifest["assertions"].append(
        {"label": "kzlabel.disclosure", "data": {"notices": odd, "provider": 7, "system": []}}
    )
    path = studio.folder / "odd.jpg"
    path.write_bytes(signed_by_another(studio.picture().read_bytes(), credential, manifest))
    reading = check(path, studio.trust)
    assert reading.hints == (PLACEMENT,)
    assert reading.report.provider is None


def test_a_manifest_known_by_its_url_is_not_fetched(studio: Studio, credential) -> None:
    held = c2pa.C2paSignerInfo(
        b"es256", "".join(map(ssl_pem, credential.chain)).encode(), credential.private_key, None
    )
    builder = c2pa.Builder(actions({"action": "c2pa.created", "digitalSourceType": CAPTURE}))
    builder.set_no_embed()
    builder.set_remote_url("http://127.0.0.1:9/manifest.c2pa")
    out = io.BytesIO()
    builder.sign(
        c2pa.Signer.from_info(held), "image/jpeg", io.BytesIO(studio.picture().read_bytes()), out
    )
    path = studio.folder / "remote.jpg"
    path.write_bytes(out.getvalue())
    reading = check(path, studio.trust)
    assert axes(reading) == (Origin.UNDECLARED, Integrity.ABSENT, Trust.UNKNOWN)
    assert reading.report.state is LabelState.REFERENCED
    assert [(entry.code, entry.values["url"]) for entry in reading.findings] == [
        ("kz.manifest.remote", "http://127.0.0.1:9/manifest.c2pa")
    ]
    relabelled = studio.labelled(path)
    assert axes(check(relabelled, studio.trust)) == (
        Origin.AI_GENERATED,
        Integrity.INTACT,
        Trust.TRUSTED,
    )
    assert manifest_of(relabelled)["ingredients"][0]["relationship"] == "parentOf"


# --- Modified, relabelled -------------------------------------------------------------------------


def test_a_modified_picture_names_its_unsigned_source(studio: Studio) -> None:
    signed = studio.modified(studio.picture())
    assert axes(check(signed, studio.trust)) == (
        Origin.AI_MODIFIED,
        Integrity.INTACT,
        Trust.TRUSTED,
    )
    manifest = manifest_of(signed)
    opened, edited = assertion(manifest, "c2pa.actions.v2")["actions"]
    assert (opened["action"], edited["action"]) == ("c2pa.opened", "c2pa.edited")
    assert "digitalSourceType" not in opened
    assert edited["digitalSourceType"] == COMPOSITE
    assert [part["relationship"] for part in manifest["ingredients"]] == ["parentOf"]


def test_relabelling_keeps_the_parent(studio: Studio) -> None:
    first = studio.labelled(placements=(PLACEMENT,))
    second = studio.labelled(first)
    reading = check(second, studio.trust)
    assert axes(reading) == (Origin.AI_GENERATED, Integrity.INTACT, Trust.TRUSTED)
    assert reading.hints == (PLACEMENT,)  # the parent's claim verifies too
    manifest = manifest_of(second)
    (parent,) = manifest["ingredients"]
    assert parent["active_manifest"] == manifest_of(first)["label"]
    opened, edited = assertion(manifest, "c2pa.actions.v2")["actions"]
    assert (opened["action"], edited["digitalSourceType"]) == (
        "c2pa.opened",
        IPTC + "trainedAlgorithmicMedia",
    )
    assert "over_broken" not in assertion(manifest, "kzlabel.disclosure")


def test_an_altered_ai_picture_stays_ai_generated(studio: Studio) -> None:
    assert (
        check(studio.modified(studio.labelled()), studio.trust).report.origin is Origin.AI_GENERATED
    )


def test_a_label_over_a_broken_one_says_so(studio: Studio) -> None:
    first = studio.labelled()
    content = first.read_bytes()
    first.write_bytes(content[:-40] + bytes([content[-40] ^ 1]) + content[-39:])
    done = LABEL.apply(studio.step(first))
    assert "kz.manifest.over-broken" in {entry.code for entry in done.findings}
    assert assertion(manifest_of(done.asset), "kzlabel.disclosure")["over_broken"] is True
    reading = check(done.asset, studio.trust)
    assert reading.integrity is Integrity.INTACT
    assert "kz.manifest.over-broken" in {entry.code for entry in reading.findings}
    (parent,) = manifest_of(done.asset)["ingredients"]
    failures = parent["validation_results"]["activeManifest"]["failure"]
    assert "assertion.dataHash.mismatch" in {entry["code"] for entry in failures}


def test_a_label_over_an_unreadable_one_says_so(studio: Studio) -> None:
    first = studio.labelled()
    content = first.read_bytes()
    claim = content.index(b"c2pa.claim.v2\0") + 14 + 8  # the claim's CBOR: no map begins with 0xff
    first.write_bytes(content[:claim] + b"\xff" + content[claim + 1 :])
    reading = check(first, studio.trust)
    assert axes(reading) == (Origin.UNDECLARED, Integrity.UNREADABLE, Trust.UNKNOWN)
    assert [entry.code for entry in reading.findings] == ["kz.manifest.unreadable"]
    for signed in (studio.labelled(first), studio.modified(first)):
        assert check(signed, studio.trust).integrity is Integrity.INTACT
        assert assertion(manifest_of(signed), "kzlabel.disclosure")["over_broken"] is True


# --- Companions -----------------------------------------------------------------------------------


def beside(studio: Studio, source: Path, media_type: str = "image/bmp", **changes: object) -> Path:
    """Label `source` by a companion and put that beside it."""
    done = LABEL.apply(
        studio.step(source, media_type, format=Room(CarrierKind.COMPANION), **changes)
    )
    (made,) = done.companions
    assert done.asset == source
    assert made.name == source.name + ".c2pa"
    return made.rename(source.with_name(made.name))


@pytest.mark.parametrize(("kind", "media_type"), [*KINDS, ("BMP", "image/bmp")])
def test_a_companion_round_trip(studio: Studio, kind: str, media_type: str) -> None:
    source = studio.picture(kind)
    made = beside(studio, source, media_type, placements=(PLACEMENT,))
    for held in (True, False):
        reading = check(source, studio.trust, media_type, held=held)
        assert axes(reading) == (Origin.AI_GENERATED, Integrity.INTACT, Trust.TRUSTED)
        assert (reading.embedded, reading.report.where) == (False, made.name)
        assert reading.hints == (PLACEMENT,)
    source.write_bytes(source.read_bytes() + b" ")
    assert check(source, studio.trust, media_type).integrity is Integrity.BROKEN


def test_a_bare_jpeg_xl_codestream_has_none_inside_and_takes_a_companion(studio: Studio) -> None:
    source = studio.folder / "bare.jxl"
    source.write_bytes(b"\xff\x0a" + bytes(range(200)))
    assert not LABEL.check(asset_of(source, "image/jxl"), studio.trust)
    for _ in range(2):  # the second keeps the first as its parent
        made = beside(studio, source, "image/jxl", disclosure=saying(Statement.MODIFIED))
        for held in (True, False):
            reading = check(source, studio.trust, "image/jxl", held=held)
            assert axes(reading) == (Origin.AI_MODIFIED, Integrity.INTACT, Trust.TRUSTED)
    assert made.read_bytes().count(b"kzlabel.disclosure\0") == 2
    source.write_bytes(source.read_bytes()[:-1])
    assert check(source, studio.trust, "image/jxl").integrity is Integrity.BROKEN


def test_a_companion_of_another_file_is_broken(studio: Studio) -> None:
    first, second = studio.picture("BMP"), studio.picture("BMP", colour=200)
    beside(studio, first).rename(second.with_name(second.name + ".c2pa"))
    assert check(second, studio.trust, "image/bmp").integrity is Integrity.BROKEN


@pytest.mark.parametrize(
    "content", [b"", b"junk", bytes(5000), b"\x00\x00\x00\x10jumb\x00\x00\x00\x08"]
)
def test_a_companion_that_is_none_is_unreadable(studio: Studio, content: bytes) -> None:
    source = studio.picture("BMP")
    source.with_name(source.name + ".c2pa").write_bytes(content)
    reading = check(source, studio.trust, "image/bmp")
    assert reading.integrity is Integrity.UNREADABLE
    assert [entry.code for entry in reading.findings] == ["kz.manifest.unreadable"]


def test_a_cut_companion_is_never_intact(studio: Studio) -> None:
    source = studio.picture("BMP")
    made = beside(studio, source)
    content = made.read_bytes()
    for length in range(0, len(content), 97):
        made.write_bytes(content[:length])
        assert check(source, studio.trust, "image/bmp").integrity in {
            Integrity.BROKEN,
            Integrity.UNREADABLE,
        }


def test_the_companion_of_a_stem_counts_while_it_is_one_assets(studio: Studio) -> None:
    source = studio.picture("BMP")
    beside(studio, source).rename(source.with_suffix(".c2pa"))
    assert check(source, studio.trust, "image/bmp").integrity is Integrity.INTACT
    source.with_suffix(".bmp.kzlabel.json").write_text("{}")
    assert check(source, studio.trust, "image/bmp").integrity is Integrity.INTACT
    source.with_suffix(".jpg").write_bytes(b"another of that name")
    assert not LABEL.check(asset_of(source, "image/bmp"), studio.trust)


def test_embedded_and_companion_are_both_read(studio: Studio) -> None:
    signed = studio.labelled()
    signed.with_name(signed.name + ".c2pa").write_bytes(b"junk")
    first, second = LABEL.check(asset_of(signed), studio.trust)
    assert (first.embedded, first.integrity) == (True, Integrity.INTACT)
    assert (second.embedded, second.integrity) == (False, Integrity.UNREADABLE)


def test_relabelling_a_companion_only_asset_keeps_the_parent(studio: Studio) -> None:
    source = studio.picture("BMP")
    made = beside(studio, source, placements=(PLACEMENT,))
    with c2pa.Reader("image/bmp", io.BytesIO(source.read_bytes()), made.read_bytes()) as reader:
        first = json.loads(reader.json())["active_manifest"]
    beside(studio, source)
    reading = check(source, studio.trust, "image/bmp")
    assert axes(reading) == (Origin.AI_GENERATED, Integrity.INTACT, Trust.TRUSTED)
    assert reading.hints == (PLACEMENT,)
    with c2pa.Reader("image/bmp", io.BytesIO(source.read_bytes()), made.read_bytes()) as reader:
        store = json.loads(reader.json())
    (parent,) = store["manifests"][store["active_manifest"]]["ingredients"]
    assert (parent["relationship"], parent["active_manifest"]) == ("parentOf", first)


def test_a_companion_over_a_broken_one_says_so(studio: Studio) -> None:
    source = studio.picture("BMP")
    made = beside(studio, source)
    source.write_bytes(source.read_bytes() + b" ")
    beside(studio, source)
    reading = check(source, studio.trust, "image/bmp")
    assert reading.integrity is Integrity.INTACT
    assert "kz.manifest.over-broken" in {entry.code for entry in reading.findings}
    made.write_bytes(b"junk")
    beside(studio, source)
    assert check(source, studio.trust, "image/bmp").integrity is Integrity.INTACT


def test_a_modified_companion_asset_has_its_source_as_parent(studio: Studio) -> None:
    source = studio.picture("BMP")
    beside(studio, source, disclosure=saying(Statement.MODIFIED))
    assert check(source, studio.trust, "image/bmp").report.origin is Origin.AI_MODIFIED


def test_a_companion_too_large_to_be_one_is_not_read(studio: Studio, monkeypatch) -> None:
    source = studio.picture("BMP")
    beside(studio, source)
    monkeypatch.setattr(_manifest_companion, "LARGEST_COMPANION", 1000)
    assert check(source, studio.trust, "image/bmp").integrity is Integrity.UNREADABLE


def test_a_stem_among_too_many_files_is_nobodys(studio: Studio, monkeypatch) -> None:
    source = studio.picture("BMP")
    beside(studio, source).rename(source.with_suffix(".c2pa"))
    monkeypatch.setattr(_manifest_companion, "MOST_SIBLINGS", 1)
    assert not LABEL.check(asset_of(source, "image/bmp"), studio.trust)


def test_a_name_that_leaves_no_room_for_a_companions_has_none(studio: Studio) -> None:
    source = studio.picture("BMP")
    long = source.rename(source.with_name("n" * 251 + ".bmp"))
    assert not LABEL.check(asset_of(long, "image/bmp"), studio.trust)


@pytest.mark.parametrize("kind", [CarrierKind.EMBEDDED, CarrierKind.COMPANION])
def test_large_files_are_streamed(studio: Studio, monkeypatch, kind: CarrierKind) -> None:
    monkeypatch.setattr(manifest, "IN_MEMORY_BYTES", 100)
    source = studio.picture()
    before = source.read_bytes()
    step = studio.step(source, format=Room(kind), disclosure=saying(Statement.MODIFIED))
    done = LABEL.apply(step)
    assert source.read_bytes() == before
    if done.companions:
        done.companions[0].rename(source.with_name(source.name + ".c2pa"))
    assert axes(check(done.asset, studio.trust, held=False)) == (
        Origin.AI_MODIFIED,
        Integrity.INTACT,
        Trust.TRUSTED,
    )


def test_a_name_that_is_no_text_is_escaped(studio: Studio) -> None:
    source = studio.picture()
    odd = source.rename(source.with_name("a\udcff\u202e\n.jpg"))
    signed = studio.labelled(odd)
    assert check(signed, studio.trust).integrity is Integrity.INTACT
    assert manifest_of(signed)["title"] == "a\\xff\\u202e\\n.jpg"


# --- Refusals -------------------------------------------------------------------------------------


def test_a_failing_callback_is_named_with_its_cause(studio: Studio) -> None:
    def away(message: bytes) -> bytes:
        raise ConnectionError("the key store is away")

    step = studio.step(
        studio.picture(), credential=replace(studio.credential, private_key=None, sign=away)
    )
    with pytest.raises(CredentialError, match="the key store is away") as caught:
        LABEL.apply(step)
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert not list(step.folder.iterdir())


def test_a_callback_of_another_key_is_refused(studio: Studio) -> None:
    other = replace(studio.credential, private_key=None, sign=development(name="other").sign)
    step = studio.step(studio.picture(), credential=other)
    with pytest.raises(CredentialError):
        LABEL.apply(step)
    assert not list(step.folder.iterdir())


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/tsa", "not a url"])
def test_a_time_stamper_out_of_reach_is_named(studio: Studio, url: str) -> None:
    for kind in (CarrierKind.EMBEDDED, CarrierKind.COMPANION):
        for key in (studio.credential.private_key, None):
            stamped = replace(studio.credential, tsa=url, private_key=key)
            step = studio.step(studio.picture(), credential=stamped, format=Room(kind))
            with pytest.raises(CredentialError) as caught:
                LABEL.apply(step)
            assert url in str(caught.value)
            assert not list(step.folder.iterdir())


def test_a_certificate_authority_cannot_sign(studio: Studio) -> None:
    root = replace(studio.credential, chain=(studio.credential.root,))
    with pytest.raises(CredentialError):
        studio.labelled(credential=root)


def test_a_file_that_takes_no_manifest_is_refused(studio: Studio) -> None:
    step = studio.step(studio.picture("BMP"), "image/bmp")
    with pytest.raises(RefusedError, match=step.name):
        LABEL.apply(step)
    assert not list(step.folder.iterdir())


# --- Processes and threads ------------------------------------------------------------------------


def test_a_child_of_a_fork_reads_and_signs(studio: Studio) -> None:
    signed = studio.labelled()
    assert check(signed, studio.trust).trust is Trust.TRUSTED
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of any thread
        child = os.fork()
    if not child:
        trusted = False
        try:
            gc.freeze()  # an earlier test's decoder would wait for threads that stayed behind
            signal.alarm(20)
            again = studio.labelled()
            trusted = all(
                check(path, studio.trust).trust is Trust.TRUSTED for path in (signed, again)
            )
        finally:
            os._exit(0 if trusted else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.slow
def test_eight_threads_sign_and_verify(studio: Studio) -> None:
    callback = replace(studio.credential, private_key=None)

    def work(number: int) -> Trust:
        credential = callback if number % 2 else studio.credential
        return check(studio.labelled(credential=credential), studio.trust).trust

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(work, range(64))) == {Trust.TRUSTED}
