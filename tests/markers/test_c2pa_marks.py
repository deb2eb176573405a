"""Manifests that others signed, with c2pa alone: what their makers' words come to."""

from __future__ import annotations

import io
import ssl
from pathlib import Path

import c2pa
import pytest
from PIL import Image

from kzlabel import verify
from kzlabel.labels._manifest_marks import LONGEST_TEXT, marks_of
from kzlabel.labels._manifest_store import parse
from kzlabel.markers.c2pa_generator import C2paGeneratorMarker
from kzlabel.markers.c2pa_watermark import C2paWatermarkMarker
from kzlabel.model import AssetReport, Evidence, Integrity, LabelKind, LabelState, Marker, Origin

BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MICROSOFT = "Microsoft Responsible AI Image Provenance"
BING = {"softwareAgent": "Image Creator from Designer", "description": "AI Generated Image"}
BFL = {"label": "c2pa.ai_generated_content", "data": {"ai_generated": True, "prompt": "a secret"}}


def picture(colour: int = 40) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (colour, 90, 30)).save(out, "JPEG")
    return out.getvalue()


def created(**said: object) -> dict[str, object]:
    return {"action": "c2pa.created", **said}


def signed(credential, generator: str, *actions, others=(), part=None) -> bytes:
    """Sign as the program `generator` would; `part`: relationship and bytes of an ingredient."""
    chain = "".join(map(ssl.DER_cert_to_PEM_cert, credential.chain)).encode()
    held = c2pa.C2paSignerInfo(b"es256", chain, credential.private_key, None)
    listed = {"label": "c2pa.actions", "data": {"actions": list(actions)}}
    builder = c2pa.Builder({
        "claim_version": 1,
        "claim_generator_info": [{"name": generator, "version": "1.0"}],
        "assertions": [listed, *others],
    })  # fmt: skip
    if part:
        described = {"relationship": part[0], "label": part[0]}
        builder.add_ingredient(described, "image/jpeg", io.BytesIO(part[1]))
    out = io.BytesIO()
    builder.sign(c2pa.Signer.from_info(held), "image/jpeg", io.BytesIO(picture(99)), out)
    return out.getvalue()


def report(tmp_path: Path, content: bytes, **asked: object) -> AssetReport:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    return verify(path, look=False, **asked)


def marks(row: AssetReport, scheme: str) -> list:
    return [label for label in row.labels if label.scheme == scheme]


@pytest.fixture
def studio(tmp_path, credential):
    return tmp_path, credential


def test_bing_states_no_source_type_and_is_known(tmp_path, credential) -> None:
    content = signed(credential, MICROSOFT, created(**BING))
    row = report(tmp_path, content)
    (mark,) = marks(row, "c2pa-generator")
    assert (row.origin, row.integrity) == (Origin.AI_GENERATED, Integrity.INTACT)
    assert (mark.state, mark.evidence) == (LabelState.VALID, Evidence.SIGNED)
    assert mark.system == "Image Creator from Designer"
    assert mark.where == "c2pa: c2pa.created.description"
    broken = report(tmp_path, content[:-30] + b"x" + content[-29:])
    (mark,) = marks(broken, "c2pa-generator")
    assert (broken.origin, broken.integrity) == (Origin.AI_GENERATED, Integrity.BROKEN)
    assert (mark.state, mark.evidence) == (LabelState.UNSIGNED, Evidence.VENDOR)


@pytest.mark.parametrize(
    ("generator", "action"),
    [
        (MICROSOFT, created(description="AI Generated Image of mine")),
        (MICROSOFT, {"action": "c2pa.edited", "description": "AI Generated Image"}),
        ("Camera", created(description="AI Generated Image")),
        ("Google C2PA Core Generator Library", created(digitalSourceType=BASE + "digitalCapture")),
        ("Adobe Photoshop", created(softwareAgent="Adobe Photoshop")),
        ("Galaxy S25", created(digitalSourceType=BASE + "computationalCapture")),
        (MICROSOFT, created(digitalSourceType=BASE + "trainedAlgorithmicMedia", **BING)),
    ],
)
def test_a_name_alone_or_a_source_type_is_no_rule(tmp_path, credential, generator, action) -> None:
    row = report(tmp_path, signed(credential, generator, action))
    assert not marks(row, "c2pa-generator")


def test_black_forest_labs_says_so_and_the_prompt_is_personal(tmp_path, credential) -> None:
    content = signed(credential, "Black Forest Labs API", created(), others=[BFL])
    row = report(tmp_path, content)
    (mark,) = marks(row, "c2pa-generator")
    assert (row.origin, mark.system) == (Origin.AI_GENERATED, "Black Forest Labs API 1.0")
    assert "secret" not in repr(row)
    (mark,) = marks(report(tmp_path, content, personal=True), "c2pa-generator")
    assert mark.personal == {"prompt": "a secret"}
    denied = {**BFL, "data": {"ai_generated": False}}
    row = report(tmp_path, signed(credential, "Black Forest Labs API", created(), others=[denied]))
    assert not marks(row, "c2pa-generator")


@pytest.mark.parametrize(
    ("relationship", "action", "origin", "place"),
    [
        ("parentOf", "c2pa.opened", Origin.AI_GENERATED, "parent"),
        ("componentOf", "c2pa.placed", Origin.AI_MODIFIED, "part"),
    ],
)
def test_what_stands_in_an_ingredient(studio, relationship, action, origin, place) -> None:
    tmp_path, credential = studio
    part = signed(credential, MICROSOFT, created(**BING))
    entry = {"action": action, "parameters": {"ingredientIds": [relationship]}}
    entries = [entry] if action == "c2pa.opened" else [created(), entry]
    row = report(tmp_path, signed(credential, "Editor", *entries, part=(relationship, part)))
    (mark,) = marks(row, "c2pa-generator")
    assert (row.origin, mark.where) == (origin, f"c2pa: {place}:c2pa.created.description")


def test_synthid_alone_is_possibly_ai(tmp_path, credential) -> None:
    edited = {"action": "c2pa.edited", "description": "Applied imperceptible SynthID watermark."}
    row = report(tmp_path, signed(credential, "Google C2PA Core Generator Library", edited))
    (mark,) = marks(row, "c2pa-generator")
    assert (row.origin, mark.system) == (Origin.POSSIBLY_AI, "SynthID")
    told = created(digitalSourceType=BASE + "trainedAlgorithmicMedia")
    row = report(tmp_path, signed(credential, "Google C2PA Core Generator Library", told, edited))
    assert not marks(row, "c2pa-generator")


def test_the_action_of_a_watermark_says_nothing_of_the_origin(tmp_path, credential) -> None:
    edits = [{"action": f"com.example.edit{n}"} for n in range(20)]
    watermarked = {"action": "c2pa.watermarked"}
    row = report(tmp_path, signed(credential, "Camera", created(), *edits, watermarked))
    (mark,) = marks(row, "c2pa-watermark")
    assert (row.origin, mark.kind) == (Origin.UNDECLARED, LabelKind.WATERMARK)
    assert row.findings[mark.findings[0]].message.endswith("we cannot read: c2pa.watermarked")


def test_a_soft_binding_is_a_watermark_that_we_cannot_read(tmp_path, credential) -> None:
    blocks = [{"scope": {}, "value": "dGVzdA=="}]
    algorithms = ["com.adobe.trustmark.P", "com.digimarc.validate.1"]
    bound = [
        {"label": "c2pa.soft-binding", "data": {"alg": alg, "blocks": blocks}} for alg in algorithms
    ]
    row = report(tmp_path, signed(credential, "Camera", created(), others=bound))
    (mark,) = marks(row, "c2pa-watermark")
    assert (mark.kind, mark.evidence) == (LabelKind.WATERMARK, Evidence.SIGNED)
    assert row.findings[mark.findings[0]].values["alg"] == ", ".join(algorithms)


def test_what_is_taken_from_a_manifest_is_bounded(credential) -> None:
    many = [created(description="d" * 5000, softwareAgent=str(n)) for n in range(100)]
    content = signed(credential, MICROSOFT, *many)
    with c2pa.Reader("image/jpeg", io.BytesIO(content)) as reader:
        store = parse(reader.json())
    held = marks_of(store, Integrity.INTACT, Origin.AI_GENERATED)
    assert len(held) < 100
    assert "c2pa.created.description#2" not in held  # it is the same
    assert max(map(len, held.values())) <= LONGEST_TEXT


# --- The rules alone ------------------------------------------------------------------------------


def watermark(**held: str) -> Marker | None:
    named = {name.replace("_", ":"): value for name, value in held.items()}
    return C2paWatermarkMarker().detect({"c2pa": {"integrity": "intact", **named}})


def test_algorithms_are_named() -> None:
    tags = {"c2pa.soft-binding.alg": "com.adobe.trustmark.P", "c2pa.soft-binding.alg#2": "x.y"}
    mark = C2paWatermarkMarker().detect({"c2pa": tags | {"watermarked": "c2pa.watermarked"}})
    assert mark is not None
    assert (mark.kind, mark.origin) == (LabelKind.WATERMARK, Origin.UNDECLARED)
    assert mark.findings[0].values == {"alg": "com.adobe.trustmark.P, x.y"}


def test_a_fingerprint_is_no_watermark() -> None:
    mark = C2paWatermarkMarker().detect({"c2pa": {"part:c2pa.soft-binding.alg": "io.iscc.v0"}})
    assert mark is not None
    assert mark.kind is LabelKind.MARKER
    assert [finding.code for finding in mark.findings] == ["kz.marker.c2pa.fingerprint"]


@pytest.mark.parametrize("action", ["c2pa.edited", "c2pa.watermarkedx", "watermark"])
def test_another_action_is_none(action) -> None:
    assert watermark(watermarked=action) is None
    assert watermark(action="c2pa.watermarked") is None
    assert watermark() is None


@pytest.mark.parametrize(
    "held",
    [
        {"c2pa.created.softwareAgent": "DALL·E", "generator": "OpenAI-API"},
        {"c2pa.created.softwareAgent": "Adobe Firefly", "generator": "Adobe_Firefly"},
        {"c2pa.created.description": "Created by Google Generative AI."},
    ],
)
def test_software_that_does_nothing_else(held) -> None:
    mark = C2paGeneratorMarker().detect({"c2pa": held})
    assert mark is not None
    assert (mark.origin, mark.evidence) == (Origin.AI_GENERATED, Evidence.VENDOR)
    for declared in ("ai-generated", "nonsense"):
        found = C2paGeneratorMarker().detect({"c2pa": held | {"declared": declared}})
        assert (found is None) == (declared == "ai-generated")
    for name in list(held):
        edited = {name.replace("created", "edited"): held[name]}
        assert C2paGeneratorMarker().detect({"c2pa": edited}) is None
