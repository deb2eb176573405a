"""HEIC: XMP spliced without decoding, and the notice with the extra."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageCms

from kzlabel.errors import KzlabelError, MissingExtraError, RefusedError
from kzlabel.formats._bmff_items import read_meta
from kzlabel.formats.heic import Heic
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Statement

if TYPE_CHECKING:
    from pathlib import Path

pillow_heif = pytest.importorskip("pillow_heif")

ROOM = Heic()
OVERLAY = Notice(statement=Statement.CREATED)
STRIP = Notice(statement=Statement.CREATED, style=NoticeStyle.STRIP)
TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TAGS = {"xmp": {"Iptc4xmpExt:DigitalSourceType": TYPE, "Iptc4xmpExt:AISystemUsed": "Model A"}}
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def photo(mode: str = "RGB", seed: int = 1) -> Image.Image:
    noise = random.Random(seed).randbytes(16 * 12 * 4)
    image = Image.frombytes("RGBA", (16, 12), noise).resize((240, 204), Image.Resampling.BICUBIC)
    return image.convert(mode)


def heic(image: Image.Image, more: tuple[Image.Image, ...] = (), **options: object) -> bytes:
    target = io.BytesIO()
    file = pillow_heif.from_pillow(image)
    for each in more:
        file.add_from_pillow(each)
    file.save(target, **options)
    return target.getvalue()


def turned() -> Image.Image:
    image, exif = photo(), Image.Exif()
    exif[274], exif[271] = 6, "Camera"
    image.info["exif"] = exif.tobytes()
    return image


SOURCES = {
    "rgb": heic(photo()),
    "rgba": heic(photo("RGBA")),
    "444": heic(photo(), chroma=444),
    "thumbnail": heic(photo(), thumbnails=[96]),
    "turned": heic(turned()),
    "icc": heic(photo(), icc_profile=PROFILE),
}


def put(folder: Path, content: bytes, name: str = "a.heic") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def decoded(path: Path):
    image = pillow_heif.open_heif(path).to_pillow()
    image.load()
    return image


@pytest.mark.parametrize("kind", SOURCES)
def test_tags_are_spliced_and_replaced(kind: str, tmp_path: Path) -> None:
    src, one, two = put(tmp_path, SOURCES[kind]), tmp_path / "1.heic", tmp_path / "2.heic"
    ROOM.write_tags(src, one, TAGS)
    ROOM.write_tags(one, two, {"xmp": {"Iptc4xmpExt:AISystemUsed": "B" * 9000}})
    assert ROOM.read_tags(one)["xmp"].items() >= TAGS["xmp"].items()
    assert ROOM.read_tags(two)["xmp"]["Iptc4xmpExt:AISystemUsed"] == "B" * 9000
    assert decoded(src).tobytes() == decoded(one).tobytes() == decoded(two).tobytes()
    assert decoded(two).info["xmp"]
    assert src.read_bytes() == SOURCES[kind]


@pytest.mark.needs("exiftool")
def test_exiftool_reads_our_tags(tmp_path: Path) -> None:
    dst = tmp_path / "b.heic"
    ROOM.write_tags(put(tmp_path, SOURCES["turned"]), dst, TAGS)
    command = [
        "exiftool",
        "-s3",
        "-XMP:AISystemUsed",
        "-XMP:DigitalSourceType",
        "-warning",
        str(dst),
    ]
    read = subprocess.run(command, capture_output=True, text=True, check=True)
    assert read.stdout.split() == ["Model", "A", TYPE]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "notice"),
    [*((kind, OVERLAY) for kind in SOURCES), ("thumbnail", STRIP), ("turned", STRIP)],
)
def test_notice_is_seen(kind: str, notice: Notice, tmp_path: Path) -> None:
    src, dst = put(tmp_path, SOURCES[kind]), tmp_path / "b.heic"
    placement = ROOM.write_notice(src, dst, notice)
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable, report
    before, after = decoded(src), decoded(dst)
    assert (after.mode, after.size) == (before.mode, (placement.width, placement.height))
    for name in ("icc_profile", "thumbnails"):
        assert before.info.get(name) == after.info.get(name)
    assert after.getexif().get(271) == before.getexif().get(271)
    chroma = [
        {
            payload[16] & 3
            for properties in read_meta(path).properties.values()
            for name, payload in properties
            if name == b"hvcC"
        }
        for path in (src, dst)
    ]
    assert chroma[0] == chroma[1]


@pytest.mark.parametrize(
    "content",
    [
        heic(photo(), (photo(seed=2),)),
        SOURCES["rgb"].replace(b"pixi\0\0\0\0\3\x08\x08\x08", b"pixi\0\0\0\0\3\x0a\x0a\x0a"),
        SOURCES["thumbnail"].replace(b"thmb", b"auxl"),
        SOURCES["rgb"].replace(b"hvc1", b"j2k1"),
    ],
    ids=["two pictures", "ten bits", "auxiliary", "other codec"],
)
def test_what_would_be_lost_is_refused(content: bytes, tmp_path: Path) -> None:
    assert content not in SOURCES.values()
    with pytest.raises(RefusedError):
        ROOM.write_notice(put(tmp_path, content), tmp_path / "b.heic", OVERLAY)


def test_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    src = put(tmp_path, SOURCES["rgb"])
    with pytest.raises(MissingExtraError, match=r"kzlabel\[heic\]"):
        ROOM.write_notice(src, tmp_path / "b.heic", OVERLAY)
    with pytest.raises(MissingExtraError):
        ROOM.find_notices(src, (), search=True)
    ROOM.write_tags(src, tmp_path / "b.heic", TAGS)


def test_sniff_carrier_and_unlabelled(tmp_path: Path) -> None:
    assert all(ROOM.sniff(content, tmp_path) for content in SOURCES.values())
    avif = b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif"
    assert not any(
        ROOM.sniff(head, tmp_path) for head in (b"", avif, b"\0\0\0\x18ftypisom\0\0\0\0isommp41")
    )
    src = put(tmp_path, SOURCES["rgb"])
    assert ROOM.manifest_carrier(src).kind is CarrierKind.EMBEDDED
    assert not ROOM.find_notices(src, (), search=True)


@pytest.mark.parametrize("kind", ["thumbnail", "icc"])
def test_damage_is_named(kind: str, tmp_path: Path) -> None:
    chance, whole = random.Random(kind), SOURCES[kind]
    mutants = [b""] + [whole[: chance.randrange(len(whole))] for _ in range(8)]
    for _ in range(15):
        flipped = bytearray(whole)
        flipped[chance.randrange(min(len(whole), 700))] ^= 1 << chance.randrange(8)
        mutants.append(bytes(flipped))
    for mutant in mutants:
        src, dst = put(tmp_path, mutant), tmp_path / "b.heic"
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
