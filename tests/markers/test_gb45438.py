"""The implicit label of GB 45438: in every container, as the standard has it, and as it is found."""

from __future__ import annotations

import html
import json
import subprocess
from pathlib import Path

import mutagen
import openpyxl
import pypdf
import pytest
from mutagen.id3 import ID3, TXXX
from odf.meta import UserDefined
from odf.opendocument import load as load_odf
from openpyxl.packaging.custom import StringProperty
from PIL import Image, PngImagePlugin
from samples import FIXTURES

from kzlabel.formats import recognise
from kzlabel.markers.gb45438 import Gb45438Marker
from kzlabel.model import Evidence, FindingOutcome, Marker, Origin

PRODUCER, PRODUCT = "001191110102MACQD9K64010000", "7f3c-0001"
INNER = {
    "Label": "1", "ContentProducer": PRODUCER, "ProduceID": PRODUCT, "ReservedCode1": "r",
    "ContentPropagator": PRODUCER, "PropagateID": PRODUCT, "ReservedCode2": "",
}  # fmt: skip
LABEL = json.dumps({"AIGC": INNER})
PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    'syntax-ns#"><rdf:Description rdf:about="" xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"'
    "{}</rdf:Description></rdf:RDF></x:xmpmeta>"
)
ELEMENT = PACKET.format(f"><TC260:AIGC>{html.escape(LABEL)}</TC260:AIGC>")
ATTRIBUTE = PACKET.format(f' TC260:AIGC="{html.escape(LABEL)}">')


def detect(value: object, family: str = "xmp", name: str = "TC260:AIGC") -> Marker | None:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Gb45438Marker().detect({family: {name: text}})


def rules(mark: Marker | None) -> list[str]:
    assert mark is not None
    assert all(finding.outcome is FindingOutcome.WARNING for finding in mark.findings)
    return [finding.code.removeprefix("kz.marker.gb45438.") for finding in mark.findings]


@pytest.mark.parametrize(
    ("label", "origin"),
    [("1", Origin.AI_GENERATED), ("2", Origin.POSSIBLY_AI), ("3", Origin.POSSIBLY_AI)],
)
def test_the_standard(label, origin) -> None:
    mark = detect({"AIGC": INNER | {"Label": label}})
    assert mark is not None
    assert (mark.origin, mark.evidence) == (origin, Evidence.STANDARD)
    assert (mark.provider, mark.label_id) == (PRODUCER, PRODUCT)
    assert (mark.tag, mark.findings) == ("xmp: TC260:AIGC", ())


@pytest.mark.parametrize(
    ("label", "origin"),
    [(1, Origin.AI_GENERATED), ("AIGC", Origin.AI_GENERATED), (3, Origin.POSSIBLY_AI)],
)
def test_another_form_is_told(label, origin) -> None:
    mark = detect({"AIGC": INNER | {"Label": label}})
    assert mark is not None
    assert mark.origin is origin
    assert rules(mark) == ["label"]


@pytest.mark.parametrize("label", ["9", "0", 0, "", True, [1], None, "no", "not AI, by John Smith"])
def test_what_the_standard_does_not_know_is_possibly_ai_and_told(label) -> None:
    mark = detect({"AIGC": INNER | {"Label": label}})
    assert mark is not None
    assert mark.origin is Origin.POSSIBLY_AI
    assert rules(mark) == ["unknown"]


@pytest.mark.parametrize(
    ("label", "shown"),
    [("0", "0"), ("", ""), ("John Smith", "…"), ("a b", "…"), ("\x1b[1m", "…"), ("12345", "…")],
)
def test_of_an_unknown_value_little_is_repeated(label, shown) -> None:
    mark = detect({"AIGC": INNER | {"Label": label}})
    assert mark is not None
    assert mark.findings[0].values == {"value": shown, "length": str(len(label.strip()))}
    assert "John" not in mark.findings[0].message


@pytest.mark.parametrize(
    ("family", "name", "label"),
    [("xmp", "TC260:AIGC", "0"), ("xmp", "TC260:AIGC#2", "cat"), ("png-text", "AIGC", "4")],
)
def test_one_that_has_nothing_else_is_one_too(family, name, label) -> None:
    mark = detect({"AIGC": {"Label": label}}, family, name)
    assert mark is not None
    assert mark.origin is Origin.POSSIBLY_AI
    assert rules(mark) == ["unknown", "empty"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(INNER),
        html.escape(LABEL),
        LABEL.replace('"', '\\"'),
        json.dumps(LABEL),
        json.dumps({"AIGC": json.dumps(INNER)}),
        "AIGC" + json.dumps(INNER),
        "AIGC: " + json.dumps(INNER),
        f" {LABEL}\0",
    ],
)
def test_what_is_done_to_the_quotes(text) -> None:
    mark = detect(text)
    assert mark is not None
    assert (mark.origin, mark.provider, mark.findings) == (Origin.AI_GENERATED, PRODUCER, ())


def test_empty_members_are_a_warning() -> None:
    mark = detect({"AIGC": INNER | {"ContentPropagator": "", "PropagateID": " "}})
    assert rules(mark) == ["empty"]
    assert mark.findings[0].values["names"] == "ContentPropagator, PropagateID"
    assert rules(detect({"AIGC": {"Label": "1"}})) == ["empty"]


@pytest.mark.parametrize("name", ["北京抖音科技有限公司", "Minimax Agent AI"])
def test_characters_beyond_the_set_are_a_warning(name) -> None:
    mark = detect({"AIGC": INNER | {"ContentProducer": name}})
    assert rules(mark) == ["characters"]
    assert mark.provider == name


def test_more_than_one_is_a_warning_and_the_most_ai_counts() -> None:
    other = json.dumps({"AIGC": INNER | {"Label": "3"}})
    mark = Gb45438Marker().detect({
        "exif": {"UserComment": other},
        "png-text": {"AIGC": other, "AIGC#2": LABEL},
    })  # fmt: skip
    assert mark is not None
    assert (mark.origin, mark.tag) == (Origin.AI_GENERATED, "png-text: AIGC#2")
    assert rules(mark) == ["several"]
    assert mark.findings[0].values["count"] == "3"
    twice = {"exif": {"UserComment": LABEL}, "xmp": {"TC260:AIGC": LABEL}}
    assert rules(Gb45438Marker().detect(twice)) == ["several"]


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("exif", "UserComment"),
        ("exif", "ImageDescription"),
        ("jpeg-app", "APP4"),
        ("comment", "COM"),
        ("mp4", "mdta:AIGC"),
        ("mp4", "----:com.apple.iTunes:AIGC"),
        ("matroska", "AIGC"),
        ("riff-info", "AIGC"),
        ("riff", "AIGC"),
        ("id3", "TXXX:AIGC"),
        ("vorbis", "AIGC"),
        ("json", "AIGC"),
    ],
)
def test_its_places(family, name) -> None:
    mark = detect(LABEL, family, name)
    assert mark is not None
    assert mark.tag == f"{family}: {name}"


@pytest.mark.parametrize(
    ("family", "name", "value"),
    [
        ("exif", "UserComment", "AIGC art contest, second prize"),
        ("exif", "UserComment", '{"AIGC": "yes"}'),
        ("exif", "UserComment", '{"Label": "1", "Song": "AIGC"}'),
        ("png-text", "AIGC", "1"),
        ("png-text", "AIGC", '{"AIGC": {"Labels": ["1"]}}'),
        ("png-text", "AIGC", '{"AIGC": {"Label": "cat"}}'),
        ("png-text", "AIGC", '{"AIGC": [{"Label": "1"}]}'),
        ("png-text", "Label", "1"),
        ("vorbis", "COMMENT", '{"ContentProducer": "x"}'),
        ("vorbis", "AIGC", '{"AIGC": ' * 50_000),
        ("vorbis", "AIGC", LABEL.replace("r", "r" * 70_000)),
        ("c2pa", "AIGC", LABEL),
    ],
)
def test_what_is_near_is_none(family, name, value) -> None:
    assert detect(value, family, name) is None


def test_the_reserved_codes_are_nobodys_business() -> None:
    assert detect({"AIGC": INNER | {"ReservedCode1": {"x": ["\udc80"]}}}) is not None


# --- Files that other programs made ---------------------------------------------------------------


def exiftool(path: Path, *said: object) -> None:
    subprocess.run(["exiftool", "-q", "-overwrite_original", *map(str, said), path], check=True)


def with_packet(path: Path, packet: str) -> None:
    source = path.with_suffix(".xmp")
    source.write_text(packet)
    exiftool(path, f"-xmp<={source}")


def png(path: Path, label: str) -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("AIGC", label, zip=True)
    Image.new("RGB", (8, 8)).save(path, pnginfo=told)


def ffmpeg(path: Path, label: str) -> None:
    source = FIXTURES / path.name
    options = ["-c", "copy", "-movflags", "use_metadata_tags", "-metadata", f"AIGC={label}"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, *options, path], check=True)


def id3(path: Path, label: str) -> None:
    path.write_bytes((FIXTURES / "sound.mp3").read_bytes())
    held = ID3(path)
    held.add(TXXX(encoding=1, desc="AIGC", text=[label]))
    held.save()


def vorbis(path: Path, label: str) -> None:
    path.write_bytes((FIXTURES / path.name).read_bytes())
    held = mutagen.File(path)
    held["AIGC"] = label
    held.save()


def pdf(path: Path, label: str) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/AIGC": label})
    writer.write(path)


def workbook(path: Path, label: str) -> None:
    book = openpyxl.Workbook()
    book.custom_doc_props.append(StringProperty(name="AIGC", value=label))
    book.save(path)


def odt(path: Path, label: str) -> None:
    document = load_odf(FIXTURES / path.name)
    document.meta.addElement(UserDefined(name="AIGC", valuetype="string", text=label))
    document.save(path)


def markdown(path: Path, label: str) -> None:
    path.write_text(f"---\ntitle: x\nAIGC: {label}\n---\n# A text\n")


def nested(path: Path, label: str) -> None:
    members = json.loads(label)
    members = members.get("AIGC", members)
    told = "\n".join(f"  {name}: '{value}'" for name, value in members.items())
    path.write_text(f"---\nAIGC:\n{told}\n---\n# A text\n")


def data(path: Path, label: str) -> None:
    path.write_text(json.dumps({"type": "FeatureCollection", **json.loads(label)}))


def page(path: Path, label: str) -> None:
    path.write_text(f'<!doctype html><meta name="AIGC" content="{html.escape(label)}"><p>x')


PICTURES = (".png", ".webp", ".tiff", ".gif")
MADE = {
    "a.png": png, "film.mp4": ffmpeg, "film.mkv": ffmpeg, "a.mp3": id3, "sound.flac": vorbis,
    "sound.ogg": vorbis, "a.pdf": pdf, "a.xlsx": workbook, "document.odt": odt, "a.md": markdown,
    "b.md": nested, "a.geojson": data, "a.html": page,
}  # fmt: skip
NEEDS = {ffmpeg: "ffmpeg"}


@pytest.mark.parametrize(
    ("name", "make"),
    [
        pytest.param(name, make, marks=pytest.mark.needs(NEEDS[make]) if make in NEEDS else ())
        for name, make in MADE.items()
    ],
)
def test_a_file_that_another_program_made(tmp_path, name, make) -> None:
    path, near = tmp_path / "label" / name, tmp_path / "near" / name
    for target, label in ((path, LABEL), (near, '{"AIGC": {"Label": "a label"}}')):
        target.parent.mkdir()
        make(target, label)
    mark = Gb45438Marker().detect(recognise(path).read_tags(path))
    assert mark is not None
    assert (mark.origin, mark.provider, mark.label_id) == (Origin.AI_GENERATED, PRODUCER, PRODUCT)
    assert mark.findings == ()
    assert Gb45438Marker().detect(recognise(near).read_tags(near)) is None


@pytest.mark.needs("exiftool")
@pytest.mark.parametrize(
    "suffix", [".jpg", *(pytest.param(s, marks=pytest.mark.slow) for s in PICTURES)]
)
def test_a_picture_with_a_packet(tmp_path, suffix) -> None:
    for packet in (ELEMENT, ATTRIBUTE):
        check_packet(tmp_path, suffix, packet)


def check_packet(tmp_path: Path, suffix: str, packet: str) -> None:
    path = tmp_path / f"a{suffix}"
    Image.new("RGB", (8, 8)).save(path)
    with_packet(path, packet)
    mark = Gb45438Marker().detect(recognise(path).read_tags(path))
    assert mark is not None
    assert (mark.tag, mark.provider, mark.findings) == ("xmp: TC260:AIGC", PRODUCER, ())


@pytest.mark.needs("exiftool")
def test_a_photograph_with_a_comment(tmp_path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (8, 8)).save(path)
    exiftool(path, f"-UserComment={LABEL}")
    mark = Gb45438Marker().detect(recognise(path).read_tags(path))
    assert mark is not None
    assert (mark.tag, mark.findings) == ("exif: UserComment", ())
