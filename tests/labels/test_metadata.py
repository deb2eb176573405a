from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec import structs
from samples import FIXTURES

import kzlabel
from kzlabel.credential import development
from kzlabel.errors import UnsupportedTagsError
from kzlabel.formats._xmp import merge_packet, read_packet
from kzlabel.labels.metadata import MetadataLabel
from kzlabel.markers import MARKERS
from kzlabel.model import (
    Asset,
    Disclosure,
    FormatSpec,
    Integrity,
    LabelKind,
    LabelState,
    Medium,
    NoticeConfig,
    Origin,
    Provider,
    Statement,
    Step,
    System,
    Tags,
)
from kzlabel.trust import TrustStore

CREDENTIAL = development()


@dataclass
class PacketFile:
    """A container that is nothing but an XMP packet."""

    tags: tuple[str, ...] = ("xmp",)
    refuses: bool = False
    written: list[Path] = field(default_factory=list)

    @property
    def spec(self) -> FormatSpec:
        return FormatSpec(
            name="PACKET",
            medium=Medium.IMAGE,
            media_types=("x/y",),
            suffixes=(".xmp",),
            tags=self.tags,
        )

    def read_tags(self, path: Path) -> Tags:
        return {"xmp": read_packet(path.read_bytes())}

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        dst.write_bytes(b"half")
        if self.refuses:
            raise UnsupportedTagsError("kz.error.xmp-packet", detail="odd")
        assert set(tags) == {"xmp"}
        dst.write_bytes(merge_packet(src.read_bytes(), tags["xmp"]))


def disclosure(**changes) -> Disclosure:
    plain = {
        "statement": Statement.CREATED,
        "system": System(name="Tau", version="2"),
        "provider": Provider(name="P"),
    }
    return Disclosure(**(plain | changes))


def step_of(folder: Path, room: PacketFile, said: Disclosure) -> Step:
    source = folder / "source.xmp"
    earlier = {"Iptc4xmpExt:AISystemVersionUsed": "0.1", "dc:format": "x/y"}
    source.write_bytes(merge_packet(None, earlier))
    return Step(
        source=source, asset=source, folder=folder, name="out.xmp", format=room,
        media_type="x/y", disclosure=said, notice=NoticeConfig(), credential=CREDENTIAL,
        trust=TrustStore(),
    )  # fmt: skip


def asset_of(tags: Tags) -> Asset:
    return Asset(Path("a"), None, "x/y", 1, "", None, tags)


@pytest.mark.parametrize("statement", Statement)
def test_what_is_written_is_read_back(tmp_path, statement) -> None:
    said = disclosure(statement=statement)
    step = step_of(tmp_path, PacketFile(), said)
    after = MetadataLabel().apply(step)
    tags = PacketFile().read_tags(after.asset)
    assert after.asset not in (step.source, step.asset)
    assert tags["xmp"]["dc:format"] == "x/y"
    assert "Iptc4xmpExt:AIPromptInformation" not in tags["xmp"]
    (reading,) = MetadataLabel().check(asset_of(tags), TrustStore())
    assert reading.integrity is Integrity.UNPROTECTED
    assert reading.report.state is LabelState.UNSIGNED
    assert reading.report.origin is statement.origin
    assert reading.report.system == "Tau 2"
    assert reading.report.label_id == said.label_id


def test_the_prompt_only_when_it_was_asked_for(tmp_path) -> None:
    step = step_of(tmp_path, PacketFile(), disclosure(prompt="a <b>"))
    tags = PacketFile().read_tags(MetadataLabel().apply(step).asset)
    assert tags["xmp"]["Iptc4xmpExt:AIPromptInformation"] == "a <b>"


def test_an_earlier_systems_version_does_not_stay(tmp_path) -> None:
    step = step_of(tmp_path, PacketFile(), disclosure(system=System(name="Tau")))
    tags = PacketFile().read_tags(MetadataLabel().apply(step).asset)
    assert "Iptc4xmpExt:AISystemVersionUsed" not in tags["xmp"]


@pytest.mark.parametrize(
    "room", [PacketFile(tags=()), PacketFile(tags=("no-family",)), PacketFile(refuses=True)]
)
def test_no_sound_place_is_said(tmp_path, room) -> None:
    step = step_of(tmp_path, room, disclosure())
    after = MetadataLabel().apply(step)
    assert after.asset == step.asset
    assert [path.name for path in tmp_path.iterdir()] == ["source.xmp"]
    (said,) = after.findings
    assert said.code == "kz.metadata.left-out"
    assert "PACKET" in said.message


SOURCE = "Iptc4xmpExt:DigitalSourceType"
OURS = {
    "kzlabel:LabelId": "urn:uuid:1",
    SOURCE: "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}


@pytest.mark.parametrize(
    "tags",
    [{}, {"xmp": {}}, {"xmp": {SOURCE: OURS[SOURCE]}}, {"xmp": {"kzlabel:LabelId": "urn:uuid:1"}},
     {"xmp": OURS | {"kzlabel:LabelId": "1"}}, {"exif": OURS}],
)  # fmt: skip
def test_other_peoples_properties_are_not_our_label(tags) -> None:
    assert MetadataLabel().check(asset_of(tags), TrustStore()) == ()


@pytest.mark.parametrize(
    ("value", "origin"), [(OURS[SOURCE], Origin.NOT_AI), ("odd", Origin.UNDECLARED)]
)
def test_an_edited_source_type_is_read_as_it_stands(value, origin) -> None:
    (reading,) = MetadataLabel().check(asset_of({"xmp": OURS | {SOURCE: value}}), TrustStore())
    assert reading.report.origin is origin


def test_one_tag_is_reported_once() -> None:
    for tags in ({"xmp": OURS}, {"xmp": {SOURCE: OURS[SOURCE]}}):
        marks = [mark for detector in MARKERS if (mark := detector.detect(tags)) is not None]
        assert len(marks) + len(MetadataLabel().check(asset_of(tags), TrustStore())) == 1


def test_a_prompt_that_was_asked_for_is_personal(credential, disclosure, tmp_path):
    said = structs.replace(disclosure, prompt="a quokka in Zanzibar")
    target = tmp_path / "out.png"
    kzlabel.label(FIXTURES / "picture.png", target, said, credential)
    shown = {personal: verify_labels(target, personal=personal) for personal in (True, False)}
    assert shown == {True: [{"prompt": "a quokka in Zanzibar"}], False: [{}]}


def verify_labels(path, *, personal):
    labels = kzlabel.verify(path, look=False, personal=personal).labels
    return [label.personal for label in labels if label.kind is LabelKind.METADATA]
