"""JPEG XL: bare and in a container, lossless and lossy."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from kzlabel.errors import (
    KzlabelError,
    LimitError,
    MissingExtraError,
    RefusedError,
    UnreadableAssetError,
    UnsupportedTagsError,
)
from kzlabel.formats._bmff import box_bytes, top_level
from kzlabel.formats._jxl_header import DamagedHeaderError, Header, read_header, read_size
from kzlabel.formats._jxl_room import CONTAINER, _codestream_head
from kzlabel.formats.jxl import Jxl
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Statement
from kzlabel.notices.visible import box

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("pillow_jxl")

ROOM = Jxl()
OVERLAY = Notice(statement=Statement.CREATED)
STRIP = Notice(statement=Statement.CREATED, style=NoticeStyle.STRIP)
TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TAGS = {"xmp": {"Iptc4xmpExt:DigitalSourceType": TYPE, "Iptc4xmpExt:AISystemUsed": "Model A"}}
OTHERS = box_bytes(b"Exif", bytes(4) + b"MM\0\x2a\0\0\0\x08\0\0") + box_bytes(b"jumb", b"other")


def photo(mode: str = "RGB", size: tuple[int, int] = (256, 204)) -> Image.Image:
    noise = random.Random(5).randbytes(16 * 12 * 4)
    image = Image.frombytes("RGBA", (16, 12), noise)
    return image.resize(size, Image.Resampling.BICUBIC).convert(mode)


def bare(image: Image.Image, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, "JXL", effort=2, **options)
    return target.getvalue()


def contained(codestream: bytes) -> bytes:
    head = CONTAINER + box_bytes(b"ftyp", b"jxl \0\0\0\0jxl ")
    half = len(codestream) // 2
    parts = box_bytes(b"jxlp", bytes(4) + codestream[:half]) + OTHERS
    return head + parts + box_bytes(b"jxlp", b"\x80\0\0\1" + codestream[half:])


LOSSLESS = {mode: bare(photo(mode), lossless=True) for mode in ("RGB", "RGBA", "L", "LA")}
LOSSY = bare(photo(), quality=80)
SOURCES = {
    **LOSSLESS,
    "lossy": LOSSY,
    "box": contained(LOSSY),
    "box lossless": contained(LOSSLESS["RGB"]),
}


def put(folder: Path, content: bytes, name: str = "a.jxl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("kind", "notice"),
    [*((kind, OVERLAY) for kind in SOURCES), ("LA", STRIP), ("RGB", STRIP), ("box", STRIP)],
)
def test_notice_is_seen(kind: str, notice: Notice, tmp_path: Path) -> None:
    src, dst = put(tmp_path, SOURCES[kind]), tmp_path / "b.jxl"
    placement = ROOM.write_notice(src, dst, notice)
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable, report
    with Image.open(src) as before, Image.open(dst) as after:
        assert (after.mode, after.size) == (before.mode, (placement.width, placement.height))
    assert src.read_bytes() == SOURCES[kind]
    assert dst.read_bytes().startswith(SOURCES[kind][:2])


@pytest.mark.parametrize("kind", [*LOSSLESS, "box lossless"])
def test_lossless_is_identical_outside_the_plate(kind: str, tmp_path: Path) -> None:
    src, dst = put(tmp_path, SOURCES[kind]), tmp_path / "b.jxl"
    placement = ROOM.write_notice(src, dst, OVERLAY)
    with Image.open(src) as before, Image.open(dst) as after:
        mine = after.copy()
        mine.paste(before.crop(box(placement)), box(placement))
        assert mine.tobytes() == before.tobytes()


def test_boxes_of_others_stay(tmp_path: Path) -> None:
    src, dst = put(tmp_path, SOURCES["box"] + box_bytes(b"jbrd", b"x")), tmp_path / "b.jxl"
    ROOM.write_notice(src, dst, OVERLAY)
    assert OTHERS in dst.read_bytes()
    assert [b.kind for b in top_level(dst)] == [b"JXL ", b"ftyp", b"jxlc", b"Exif", b"jumb"]


def test_tags_are_spliced_and_replaced(tmp_path: Path) -> None:
    src, one, two = put(tmp_path, SOURCES["box"]), tmp_path / "1.jxl", tmp_path / "2.jxl"
    ROOM.write_tags(src, one, TAGS)
    assert ROOM.read_tags(one)["xmp"].items() >= TAGS["xmp"].items()
    assert one.read_bytes().startswith(SOURCES["box"])
    ROOM.write_tags(one, two, {"xmp": {"Iptc4xmpExt:AISystemUsed": "B"}})
    assert ROOM.read_tags(two)["xmp"]["Iptc4xmpExt:AISystemUsed"] == "B"
    assert [b.kind for b in top_level(two)].count(b"xml ") == 1
    with Image.open(src) as before, Image.open(two) as after:
        assert before.tobytes() == after.tobytes()


@pytest.mark.needs("exiftool")
def test_exiftool_reads_our_tags(tmp_path: Path) -> None:
    dst = tmp_path / "b.jxl"
    ROOM.write_tags(put(tmp_path, SOURCES["box"]), dst, TAGS)
    command = ["exiftool", "-s3", "-XMP:AISystemUsed", "-XMP:DigitalSourceType", str(dst)]
    read = subprocess.run(command, capture_output=True, text=True, check=True)
    assert read.stdout.split() == ["Model", "A", TYPE]


def test_bare_codestream_takes_no_tags(tmp_path: Path) -> None:
    src = put(tmp_path, LOSSY)
    assert ROOM.manifest_carrier(src).kind is CarrierKind.COMPANION
    assert ROOM.read_tags(src) == {}
    with pytest.raises(UnsupportedTagsError):
        ROOM.write_tags(src, tmp_path / "b.jxl", TAGS)
    assert ROOM.manifest_carrier(put(tmp_path, SOURCES["box"])).kind is CarrierKind.EMBEDDED


def test_headers() -> None:
    assert read_header(LOSSY) == Header()
    assert read_header(LOSSLESS["RGB"]) == Header(xyb=False)
    assert read_header(LOSSLESS["RGBA"]) == Header(xyb=False, extra=("alpha",))
    assert {read_size(content) for content in (LOSSY, *LOSSLESS.values())} == {(256, 204)}
    for size in ((8, 8), (300, 300), (400, 300), (513, 9000), (1, 256)):
        assert read_size(bare(photo(size=size))) == size
    with pytest.raises(DamagedHeaderError):
        read_header(LOSSY[:3])


def test_sixteen_bits_are_refused(tmp_path: Path) -> None:
    deep = bare(Image.new("I;16", (400, 300), 40000), lossless=True)
    assert _codestream_head(put(tmp_path, deep)).startswith(b"\xff\x0a")
    assert read_header(_codestream_head(tmp_path / "a.jxl")).bits == 16
    with pytest.raises(RefusedError):
        ROOM.write_notice(put(tmp_path, deep), tmp_path / "b.jxl", OVERLAY)


def test_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    # div8 0, height U32 of 30 bits, ratio 1: the same width
    bits = 0 | 3 << 1 | (60_000 - 1) << 3 | 1 << 33
    bomb = b"\xff\x0a" + bits.to_bytes(40, "little")
    assert read_size(bomb) == (60_000, 60_000)
    with pytest.raises(LimitError):
        ROOM.find_notices(put(tmp_path, bomb), (), search=True)


def test_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    for content in (LOSSY, SOURCES["box"]):
        with pytest.raises(MissingExtraError, match=r"kzlabel\[jxl\]"):
            ROOM.write_notice(put(tmp_path, content), tmp_path / "b.jxl", OVERLAY)


def test_sniff_and_unlabelled(tmp_path: Path) -> None:
    assert all(ROOM.sniff(content, tmp_path) for content in SOURCES.values())
    assert not any(ROOM.sniff(head, tmp_path) for head in (b"", b"\xff\xd8\xff", CONTAINER[:11]))
    assert not ROOM.find_notices(put(tmp_path, LOSSY), (), search=True)


@pytest.mark.parametrize("kind", ["lossy", "box", "RGBA"])
def test_damage_is_named(kind: str, tmp_path: Path) -> None:
    chance, whole = random.Random(kind), SOURCES[kind]
    mutants = [whole[: chance.randrange(2, len(whole))] for _ in range(5)] + [b"", CONTAINER]
    for _ in range(8):
        flipped = bytearray(whole)
        flipped[chance.randrange(2, min(300, len(whole)))] ^= 1 << chance.randrange(8)
        mutants.append(bytes(flipped))
    for mutant in mutants:
        src, dst = put(tmp_path, mutant), tmp_path / "b.jxl"
        for work in (
            lambda s=src: ROOM.read_tags(s),
            lambda s=src, d=dst: ROOM.write_tags(s, d, TAGS),
            lambda s=src, d=dst: ROOM.write_notice(s, d, OVERLAY),
        ):
            try:
                work()
            except (KzlabelError, OSError):
                continue


def test_cut_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAssetError):
        ROOM.find_notices(put(tmp_path, LOSSY[:200]), (), search=True)


@pytest.mark.needs("cjxl")
def test_an_animation_leaves_doubt(tmp_path: Path) -> None:
    """pillow_jxl shows one frame of it; the others may lack the notice."""
    moving, src = tmp_path / "a.png", tmp_path / "a.jxl"
    photo().save(moving, save_all=True, append_images=[Image.new("RGB", (256, 204))], duration=99)
    subprocess.run(["cjxl", "--quiet", str(moving), str(src)], check=True)
    with pytest.raises(UnreadableAssetError, match="animation"):
        ROOM.find_notices(src, (), search=True)
    with pytest.raises(RefusedError, match="animation"):
        ROOM.write_notice(src, tmp_path / "b.jxl", OVERLAY)
