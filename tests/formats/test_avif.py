"""AVIF: XMP spliced without encoding, the notice on every frame, and what is refused."""

from __future__ import annotations

import io
import random
import struct
import subprocess
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageCms

from kzlabel.errors import (
    KzlabelError,
    LimitError,
    RefusedError,
    UnreadableAssetError,
    UnsupportedTagsError,
)
from kzlabel.formats._bmff import (
    MAX_BOXES,
    MAX_SIBLINGS,
    UUID_C2PA,
    box_bytes,
    check_boxes,
    full_box,
    top_level,
)
from kzlabel.formats._bmff_items import read_meta
from kzlabel.formats.avif import Avif
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Statement

if TYPE_CHECKING:
    from pathlib import Path

ROOM = Avif()
OVERLAY = Notice(statement=Statement.CREATED)
STRIP = Notice(statement=Statement.CREATED, style=NoticeStyle.STRIP)
TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TAGS = {"xmp": {"Iptc4xmpExt:DigitalSourceType": TYPE, "Iptc4xmpExt:AISystemUsed": "Model A"}}
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PACKET = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><r:RDF xmlns:r='{RDF}'></r:RDF></x:xmpmeta>".encode()


def photo(mode: str = "RGB", seed: int = 1) -> Image.Image:
    noise = random.Random(seed).randbytes(16 * 12 * 4)
    image = Image.frombytes("RGBA", (16, 12), noise).resize((400, 300), Image.Resampling.BICUBIC)
    return image.convert(mode)


def avif(image: Image.Image, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, "AVIF", speed=9, **options)
    return target.getvalue()


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[274], exif[271] = 6, "Camera"
    return exif


def sequence() -> bytes:
    frames = [photo(seed=seed) for seed in range(3)]
    return avif(frames[0], save_all=True, append_images=frames[1:], duration=[100, 250, 40])


SOURCES = {
    "rgb": avif(photo()),
    "rgba": avif(photo("RGBA")),
    "grey": avif(photo("L")),
    "444": avif(photo(), subsampling="4:4:4"),
    "turned": avif(photo(), exif=turned()),
    "icc and xmp": avif(photo(), icc_profile=PROFILE, xmp=PACKET),
    "sequence": sequence(),
}


def put(folder: Path, content: bytes, name: str = "a.avif") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def pixels(path: Path) -> list[bytes]:
    with Image.open(path) as image:
        found = []
        for number in range(image.n_frames):
            image.seek(number)
            found.append(image.tobytes())
        return found


@pytest.mark.parametrize("kind", SOURCES)
def test_tags_are_spliced_and_replaced(kind: str, tmp_path: Path) -> None:
    src = put(tmp_path, SOURCES[kind])
    one, two = tmp_path / "1.avif", tmp_path / "2.avif"
    ROOM.write_tags(src, one, TAGS)
    assert ROOM.read_tags(one)["xmp"].items() >= TAGS["xmp"].items()
    ROOM.write_tags(one, two, {"xmp": {"Iptc4xmpExt:AISystemUsed": "B" * 5000}})
    assert ROOM.read_tags(two)["xmp"]["Iptc4xmpExt:AISystemUsed"] == "B" * 5000
    assert ROOM.read_tags(two)["xmp"]["Iptc4xmpExt:DigitalSourceType"] == TYPE
    assert pixels(src) == pixels(one) == pixels(two)
    assert b"Model A" not in two.read_bytes()
    assert src.read_bytes() == SOURCES[kind]
    with Image.open(src) as before, Image.open(two) as after:
        assert before.info.get("icc_profile") == after.info.get("icc_profile")
        assert dict(before.getexif()) == dict(after.getexif())


@pytest.mark.needs("exiftool")
@pytest.mark.parametrize("kind", ["rgb", "icc and xmp", "sequence"])
def test_exiftool_reads_our_tags(kind: str, tmp_path: Path) -> None:
    dst = tmp_path / "b.avif"
    ROOM.write_tags(put(tmp_path, SOURCES[kind]), dst, TAGS)
    command = [
        "exiftool",
        "-s3",
        "-XMP:AISystemUsed",
        "-XMP:DigitalSourceType",
        "-warning",
        str(dst),
    ]
    read = subprocess.run(command, capture_output=True, text=True, check=True)
    assert read.stdout.split("\n")[:2] == ["Model A", TYPE]
    assert len(read.stdout.split("\n")) == 3  # no warning


@pytest.mark.slow
@pytest.mark.parametrize("notice", [OVERLAY, STRIP], ids=["overlay", "strip"])
@pytest.mark.parametrize("kind", SOURCES)
def test_notice_is_seen(kind: str, notice: Notice, tmp_path: Path) -> None:
    src, dst = put(tmp_path, SOURCES[kind]), tmp_path / "b.avif"
    placement = ROOM.write_notice(src, dst, notice)
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable, report
    with Image.open(src) as before, Image.open(dst) as after:
        shown = (placement.width, placement.height)
        assert after.mode == before.mode
        assert after.size == (shown[::-1] if kind == "turned" else shown)
        assert (after.n_frames, dict(before.getexif())) == (before.n_frames, dict(after.getexif()))
        for name in ("icc_profile", "xmp"):
            assert before.info.get(name) == after.info.get(name)
    old, new = read_meta(src), read_meta(dst)
    assert [p for p in old.properties[old.primary] if p[0] == b"irot"] == [
        p for p in new.properties[new.primary] if p[0] == b"irot"
    ]


@pytest.mark.slow
def test_sequence_keeps_its_durations(tmp_path: Path) -> None:
    dst = tmp_path / "b.avif"
    placement = ROOM.write_notice(put(tmp_path, SOURCES["sequence"]), dst, OVERLAY)
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert (report.measures["frames"], report.measures["frames_shown"]) == (3, 3)
    with Image.open(dst) as image:
        durations = []
        for number in range(3):
            image.seek(number)
            image.load()
            durations.append(image.info["duration"])
    assert durations == [100, 250, 40]


def test_sequence_that_ends_is_refused(tmp_path: Path) -> None:
    content = bytearray(SOURCES["sequence"])
    content[content.index(b"elst") + 7] = 0
    with pytest.raises(RefusedError):
        ROOM.write_notice(put(tmp_path, bytes(content)), tmp_path / "b.avif", OVERLAY)


def test_colour_code_points_stay(tmp_path: Path) -> None:
    content = SOURCES["rgb"].replace(b"colrnclx\0\1\0\r", b"colrnclx\0\x0c\0\r")
    dst = tmp_path / "b.avif"
    ROOM.write_notice(put(tmp_path, content), dst, OVERLAY)
    assert b"colrnclx\0\x0c\0\r" in dst.read_bytes()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\x08\x08\x08", b"\x0a\x0a\x0a"),
        (b"colrnclx\0\1\0\r", b"colrnclx\0\t\0\x10"),
        (b"av01Color", b"tmapColor"),
        (b"colrnclx\0\1\0\r\0\6", b"colrnclx\0\1\0\r\0\0"),
    ],
    ids=["ten bits", "hdr", "other items", "lossless"],
)
def test_what_would_be_lost_is_refused(old: bytes, new: bytes, tmp_path: Path) -> None:
    assert old in SOURCES["rgb"]
    src = put(tmp_path, SOURCES["rgb"].replace(old, new, 1))
    with pytest.raises(RefusedError):
        ROOM.write_notice(src, tmp_path / "b.avif", OVERLAY)


def test_boxes_of_others_stay(tmp_path: Path) -> None:
    mine, c2pa = box_bytes(b"uuid", bytes(16) + b"mine"), box_bytes(b"uuid", UUID_C2PA + b"old")
    src, dst = put(tmp_path, SOURCES["rgb"] + mine + c2pa), tmp_path / "b.avif"
    ROOM.write_notice(src, dst, OVERLAY)
    assert dst.read_bytes().endswith(mine)
    ROOM.write_tags(src, dst, TAGS)
    assert mine + c2pa in dst.read_bytes()


def test_last_box_without_size_gets_one(tmp_path: Path) -> None:
    content = bytearray(SOURCES["rgb"])
    last = top_level(put(tmp_path, SOURCES["rgb"]))[-1]
    struct.pack_into(">I", content, last.start, 0)
    src, dst = put(tmp_path, bytes(content)), tmp_path / "b.avif"
    ROOM.write_tags(src, dst, TAGS)
    assert pixels(src) == pixels(dst)
    assert ROOM.read_tags(dst)["xmp"]["Iptc4xmpExt:AISystemUsed"] == "Model A"


def test_fragments_are_not_edited(tmp_path: Path) -> None:
    src = put(tmp_path, SOURCES["rgb"] + full_box(b"moof", 0, b""))
    with pytest.raises(UnsupportedTagsError):
        ROOM.write_tags(src, tmp_path / "b.avif", TAGS)


@pytest.mark.slow
@pytest.mark.parametrize("nested", [False, True])
def test_too_many_boxes(*, nested: bool, tmp_path: Path) -> None:
    many = box_bytes(b"free", b"") * (MAX_SIBLINGS + 1)
    src = put(tmp_path, SOURCES["rgb"] + (box_bytes(b"moov", many) if nested else many))
    for look in (ROOM.read_tags, ROOM.manifest_carrier, check_boxes):
        with pytest.raises(LimitError):
            look(src)


@pytest.mark.parametrize("name", [b"tref", b"uuid", b"abcd"])
def test_too_many_boxes_in_a_box_of_any_name(name: bytes, tmp_path: Path) -> None:
    many = box_bytes(name, box_bytes(b"free", b"") * (MAX_SIBLINGS + 1))
    with pytest.raises(LimitError):
        check_boxes(put(tmp_path, SOURCES["rgb"] + box_bytes(b"free", many)))
    check_boxes(put(tmp_path, SOURCES["rgb"] + box_bytes(b"mdat", many)))


@pytest.mark.slow
def test_too_many_boxes_in_many_parents(tmp_path: Path) -> None:
    parent = box_bytes(b"traf", box_bytes(b"free", b"") * 999)
    check_boxes(put(tmp_path, SOURCES["rgb"] + parent * (MAX_BOXES // 1000 - 1)))
    with pytest.raises(LimitError):
        check_boxes(put(tmp_path, SOURCES["rgb"] + parent * (MAX_BOXES // 1000 + 1)))


@pytest.mark.parametrize(("depth", "many"), [(400, False), (400, True)])
def test_depth_hides_no_boxes_from_the_count(*, depth: int, many: bool, tmp_path: Path) -> None:
    deep = box_bytes(b"free", b"") * (MAX_SIBLINGS + 1) if many else b""
    for _ in range(depth):
        deep = box_bytes(b"moov", deep)
    path = put(tmp_path, SOURCES["rgb"] + deep)
    if not many:
        check_boxes(path)  # c2pa-rs refuses it at once
        return
    with pytest.raises(LimitError):
        check_boxes(path)


def test_sniff_and_carrier(tmp_path: Path) -> None:
    assert all(ROOM.sniff(content, tmp_path) for content in SOURCES.values())
    assert ROOM.sniff(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", tmp_path)
    assert not any(
        ROOM.sniff(head, tmp_path)
        for head in (b"", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"\0\0\0\x18ftyp")
    )
    assert ROOM.manifest_carrier(put(tmp_path, SOURCES["rgb"])).kind is CarrierKind.EMBEDDED


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rgb", "sequence"])
def test_a_clean_aperture_leaves_doubt(kind: str, tmp_path: Path) -> None:
    src = put(tmp_path, SOURCES[kind])
    assert ROOM.find_notices(src, (), search=True) == ()
    cropped = put(tmp_path, SOURCES[kind].replace(b"pixi", b"clap"), "b.avif")
    assert b"clap" in cropped.read_bytes()
    with pytest.raises(UnreadableAssetError, match="clap"):
        ROOM.find_notices(cropped, (), search=True)


def test_unlabelled(tmp_path: Path) -> None:
    src = put(tmp_path, SOURCES["rgb"])
    assert ROOM.read_tags(src) == {}
    assert not ROOM.find_notices(src, (), search=True)


@pytest.mark.parametrize("kind", ["rgb", "icc and xmp", "sequence"])
@pytest.mark.slow
def test_damage_is_named(kind: str, tmp_path: Path) -> None:
    chance, whole = random.Random(kind), SOURCES[kind]
    mutants = [b""] + [whole[: chance.randrange(len(whole))] for _ in range(8)]
    for _ in range(30):
        flipped = bytearray(whole)
        flipped[chance.randrange(min(len(whole), 700))] ^= 1 << chance.randrange(8)
        mutants.append(bytes(flipped))
    for mutant in mutants:
        src, dst = put(tmp_path, mutant), tmp_path / "b.avif"
        for work in (
            lambda s=src: ROOM.read_tags(s),
            lambda s=src: ROOM.manifest_carrier(s),
            lambda s=src, d=dst: ROOM.write_tags(s, d, TAGS),
            lambda s=src: ROOM.find_notices(s, (), search=False),
        ):
            try:
                work()
            except (KzlabelError, OSError):
                continue
