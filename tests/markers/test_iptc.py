from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from PIL import Image

from kzlabel.formats import recognise
from kzlabel.markers.iptc import IptcMarker
from kzlabel.model import Evidence, FindingOutcome, Marker, Origin

BASE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MADE = BASE + "trainedAlgorithmicMedia"
SOURCE = "Iptc4xmpExt:DigitalSourceType"


def mark_of(tags: dict[str, dict[str, str]]) -> Marker | None:
    return IptcMarker().detect(tags)


def detect(value: str, **more: str) -> Marker | None:
    named = {f"Iptc4xmpExt:{name}": text for name, text in more.items()}
    return mark_of({"xmp": {SOURCE: value, **named}})


def codes(mark: Marker | None) -> list[str]:
    assert mark is not None
    return [finding.code for finding in mark.findings]


@pytest.mark.parametrize(
    ("code", "origin"),
    [
        ("trainedAlgorithmicMedia", Origin.AI_GENERATED),
        ("compositeWithTrainedAlgorithmicMedia", Origin.AI_MODIFIED),
        ("compositeSynthetic", Origin.AI_MODIFIED),
        ("composite", Origin.POSSIBLY_AI),
        ("digitalCapture", Origin.NOT_AI),
        ("algorithmicMedia", Origin.NOT_AI),
    ],
)
def test_the_vocabulary(code, origin) -> None:
    mark = detect(BASE + code)
    assert mark is not None
    assert (mark.scheme, mark.origin, mark.tag) == ("iptc", origin, f"xmp: {SOURCE}")
    assert mark.evidence is Evidence.STANDARD
    assert mark.findings == ()


def test_https_and_a_slash_at_the_end_are_as_good() -> None:
    mark = detect("https://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia/")
    assert mark is not None
    assert mark.findings == ()


def test_a_bare_code_counts_with_a_warning() -> None:
    mark = detect("trainedAlgorithmicMedia")
    assert mark is not None
    assert mark.origin is Origin.AI_GENERATED
    assert [(f.code, f.outcome) for f in mark.findings] == [
        ("kz.marker.bare-code", FindingOutcome.WARNING)
    ]
    assert "trainedAlgorithmicMedia" in mark.findings[0].message


TERM = "TrainedAlgorithmicMediaDigitalSource"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (f"https://schema.org/{TERM}", []),
        (f"schema:{TERM}", []),
        (TERM, ["kz.marker.bare-code"]),
        (f"https://example.org/{TERM}", None),
        ("TrainedAlgorithmicMediaDigitalSourceX", None),
    ],
)
def test_the_terms_of_schema_org(value, told) -> None:
    mark = detect(value)
    assert (mark and codes(mark)) == told


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("id3", "TXXX:DigitalSourceType"),
        ("vorbis", "DIGITALSOURCETYPE"),
        ("mp4", "----:com.apple.iTunes:DigitalSourceType"),
        ("mp4", "mdta:org.iptc.digital-source-type"),
        ("matroska", "DIGITAL_SOURCE_TYPE"),
        ("png-text", "DigitalSourceType"),
        ("html-meta", "iptc:DigitalSourceType"),
        ("ooxml", "DigitalSourceType"),
        ("pdf-info", "DigitalSourceType"),
        ("front-matter", "digitalSourceType"),
        ("xmp", "Iptc4xmpExt:DigitalSourcefileType"),
        ("vorbis", "DIGITALSOURCETYPE#2"),
    ],
)
def test_the_name_is_the_same_in_every_container(family, name) -> None:
    mark = mark_of({family: {name: MADE}})
    assert mark is not None
    assert (mark.origin, mark.tag) == (Origin.AI_GENERATED, f"{family}: {name}")


@pytest.mark.parametrize(
    ("family", "name"),
    [("c2pa", "digitalSourceType"), ("png-text", "Comment"), ("xmp", "dc:source")],
)
def test_the_word_elsewhere_is_no_source_type(family, name) -> None:
    assert mark_of({family: {name: MADE}}) is None


def test_the_most_ai_of_several_counts_and_the_rest_is_told() -> None:
    mark = mark_of({
        "xmp": {SOURCE: BASE + "digitalCapture"},
        "vorbis": {"DIGITALSOURCETYPE": BASE + "composite", "DIGITALSOURCETYPE#2": MADE},
    })  # fmt: skip
    assert mark is not None
    assert (mark.origin, mark.tag) == (Origin.AI_GENERATED, "vorbis: DIGITALSOURCETYPE#2")
    assert codes(mark) == ["kz.marker.iptc.several"]
    assert "digitalCapture, composite, trainedAlgorithmicMedia" in mark.findings[0].message


def test_a_bag_of_types_is_several() -> None:
    mark = detect(f"{BASE}digitalCapture; {MADE}")
    assert mark is not None
    assert mark.origin is Origin.AI_GENERATED
    assert codes(mark) == ["kz.marker.iptc.several"]
    assert detect("a; b; c") is None


def test_the_system_is_named() -> None:
    mark = detect(MADE, AISystemUsed="Tau", AISystemVersionUsed="2")
    assert mark is not None
    assert mark.system == "Tau 2"
    assert detect(MADE, AISystemVersionUsed="2").system is None


def test_a_system_without_a_type_is_possibly_ai() -> None:
    mark = mark_of({"xmp": {"Iptc4xmpExt:AISystemUsed": "Tau"}})
    assert mark is not None
    assert (mark.origin, mark.system) == (Origin.POSSIBLY_AI, "Tau")
    assert codes(mark) == ["kz.marker.iptc.no-type"]


@pytest.mark.parametrize("nothing", ["", " ", "None", "n/a", "-", "No"])
def test_a_system_that_is_none_is_none(nothing) -> None:
    assert mark_of({"xmp": {"Iptc4xmpExt:AISystemUsed": nothing}}) is None
    assert mark_of({"xmp": {"Iptc4xmpExt:AISystemVersionUsed": "2"}}) is None


def test_a_capture_that_names_a_system_contradicts_itself() -> None:
    mark = detect(BASE + "digitalCapture", AISystemUsed="Tau")
    assert mark is not None
    assert mark.origin is Origin.POSSIBLY_AI
    assert codes(mark) == ["kz.marker.iptc.contrary"]


def test_prompts_and_their_writers_are_personal() -> None:
    said = {"AIPromptInformation": "my secret garden", "AIPromptWriterName": "Aigerim"}
    mark = detect(MADE, **said)
    assert mark is not None
    assert mark.personal == {"prompt": "my secret garden", "prompt_writer": "Aigerim"}
    shown = [mark.tag, mark.system, mark.provider, *(f.message for f in mark.findings)]
    assert not any("secret" in str(text) or "Aigerim" in str(text) for text in shown)


def test_a_label_of_ours_is_not_other_peoples() -> None:
    ours = {"DIGITALSOURCETYPE": MADE, "KZLABEL_LABELID": "urn:uuid:1"}
    assert mark_of({"vorbis": ours}) is None
    mark = mark_of({"vorbis": ours | {"DIGITALSOURCETYPE#2": BASE + "composite"}})
    assert mark is not None
    assert mark.tag == "vorbis: DIGITALSOURCETYPE#2"


@pytest.mark.parametrize(
    "value",
    ["", "AI", BASE, BASE + "other", "http://example.org/trainedAlgorithmicMedia", "x" * 100_000],
)
def test_what_is_not_in_the_vocabulary_is_no_mark(value) -> None:
    assert detect(value) is None
    assert mark_of({}) is None


def test_any_text_is_taken() -> None:
    hostile = {"\udc80:DigitalSourceType": MADE, "x" * 1_000_000: MADE, "#2": MADE, ":.#": "\ud800"}
    mark = mark_of({"xmp": hostile | {"Iptc4xmpExt:AIPromptInformation": "\ud800"}})
    assert mark is not None
    assert mark.tag.isprintable()
    assert mark.personal["prompt"].encode()


@pytest.mark.slow
@pytest.mark.needs("exiftool")
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_picture_that_exiftool_wrote(tmp_path: Path, suffix: str) -> None:
    path, other = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    for made in (path, other):
        Image.new("RGB", (8, 8)).save(made)
    said = [f"-XMP-iptcExt:DigitalSourceType={MADE}"]
    subprocess.run(["exiftool", "-q", "-overwrite_original", "-n", *said, path], check=True)
    near = [f"-XMP-dc:Source={MADE}", "-XMP-photoshop:Source=trainedAlgorithmicMedia"]
    subprocess.run(["exiftool", "-q", "-overwrite_original", "-n", *near, other], check=True)
    mark = mark_of(recognise(path).read_tags(path))
    assert mark is not None
    assert (mark.origin, mark.findings) == (Origin.AI_GENERATED, ())
    assert mark_of(recognise(other).read_tags(other)) is None
