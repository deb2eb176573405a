"""AVIF of 10 and 12 bits: the notice on all bits, and everything else of the file as it was."""

from __future__ import annotations

import random
import struct
import sys
from typing import TYPE_CHECKING, NamedTuple

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageCms

import kzlabel
from kzlabel.errors import (
    KzlabelError,
    LimitError,
    MissingExtraError,
    RefusedError,
    UnreadableAssetError,
)
from kzlabel.formats import _bmff_splice
from kzlabel.formats._av1 import Colour, DamagedStreamError, picture_metadata, stated_colour
from kzlabel.formats._avif_deep import _Fresh
from kzlabel.formats._bmff import box_bytes, full_box, top_level
from kzlabel.formats._bmff_items import XMP_TYPE, read_item, read_meta
from kzlabel.formats._bmff_picture import av1_depth, nclx, subsampling
from kzlabel.formats._raster import stored_box
from kzlabel.formats._raster_orientation import undo
from kzlabel.formats.avif import Avif
from kzlabel.model import Integrity, Notice, NoticeStyle, Statement, Verdict

if TYPE_CHECKING:
    from pathlib import Path

ROOM = Avif()
OVERLAY = Notice(statement=Statement.CREATED)
STRIP = Notice(statement=Statement.CREATED, style=NoticeStyle.STRIP)
WIDTH, HEIGHT = 256, 208
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
EXIF = b"\0\0\0\0II*\0\x08\0\0\0\1\0\x0f\1\2\0\4\0\0\0Cam\0\0\0\0\0"
PACKET = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
ALPHA = bytes(4) + b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"
IROT = (b"irot", b"\3")
CLLI = (b"clli", b"\3\xe8\1\x90")
ESSENTIAL = {b"av1C", b"irot", b"clap", b"a1lx"}
ICC = (b"colr", b"prof" + PROFILE)


def samples(depth: int, channels: int) -> np.ndarray:
    """A smooth picture whose low bits are used."""
    top = (1 << depth) - 1
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    waves = [np.sin(x / (19 + 7 * c) + c) * np.cos(y / (23 - 3 * c)) for c in range(channels)]
    stack = np.stack(waves, axis=-1) * 0.35 * top + top / 2
    return stack.astype(np.uint16)[..., 0] if channels == 1 else stack.astype(np.uint16)


class Coding(NamedTuple):
    depth: int = 10
    chroma: str = "444"
    channels: int = 3
    colour: tuple[int, int, int] = (1, 13, 6)
    level: int = 95


def coded(coding: Coding) -> bytes:
    primaries, transfer, matrix = coding.colour
    return imagecodecs.avif_encode(
        samples(coding.depth, coding.channels),
        level=coding.level,
        speed=9,
        bitspersample=coding.depth,
        pixelformat=coding.chroma,
        primaries=primaries,
        transfer=transfer,
        matrix=matrix,
    )


class Shape(NamedTuple):
    """What the file has besides the coding."""

    colr: tuple[tuple[bytes, bytes], ...] | None = None
    """None: `nclx` as coded."""
    more: tuple[tuple[bytes, bytes], ...] = ()
    metadata: bool = False
    shared: bool = False
    """Picture and alpha plane have one `av1C`."""
    wide: bool = False
    """15-bit property indexes, and 200 properties nobody has."""
    stream: bytes = b""
    """Bytes after the sequence header of the picture."""


PLAIN = Shape()


def avif(coding: Coding, shape: Shape = PLAIN) -> bytes:
    """Build a file by hand: Exif before the picture, XMP between it and its alpha plane."""
    fresh = _Fresh.parsed(coded(coding))
    items = [_item(fresh, number) for number in fresh.pictures]
    held = list(fresh.meta.properties[fresh.pictures[0]])
    if shape.colr is not None:
        held = [entry for entry in held if entry[0] != b"colr"] + list(shape.colr)
    held += shape.more
    stored, lists, essential = [], [], 0x8000 if shape.wide else 0x80
    if shape.wide:
        stored = [(b"free", bytes([n])) for n in range(200)]
    for properties in (held, *(fresh.meta.properties[n] for n in fresh.pictures[1:])):
        indexes = []
        for entry in properties:
            same = entry in stored and (entry[0] != b"av1C" or shape.shared)
            if not same:
                stored.append(entry)
            index = stored.index(entry) + 1 if same else len(stored)
            indexes.append(index | essential if entry[0] in ESSENTIAL else index)
        lists.append(indexes)
    if shape.stream:
        at = 2 + items[0][1] if items[0][0] == 0x0A else 0
        items[0] = items[0][:at] + shape.stream + items[0][at:]
    return _file(items, stored, lists, shape)


def _item(fresh: _Fresh, number: int) -> bytes:
    (extent,) = fresh.meta.location(number).extents
    return fresh.content[extent.offset : extent.offset + extent.length]


def _file(
    items: list[bytes], stored: list[tuple[bytes, bytes]], lists: list[list[int]], shape: Shape
) -> bytes:
    contents = dict(enumerate(items, 1))
    kinds = dict.fromkeys(contents, b"av01\0")
    if shape.metadata:
        contents = {3: EXIF, 1: items[0], 4: PACKET, **contents}
        kinds |= {3: b"Exif\0", 4: b"mime\0" + XMP_TYPE + b"\0"}
    infes = [full_box(b"infe", 2, struct.pack(">HH", n, 0) + k) for n, k in kinds.items()]
    refs = b"".join(
        box_bytes(kind, struct.pack(">HHH", n, 1, 1))
        for n, kind in ((2, b"auxl"), (3, b"cdsc"), (4, b"cdsc"))
        if n in kinds
    )
    form = ">HB%dH" if shape.wide else ">HB%dB"
    table = b"".join(struct.pack(form % len(i), n, len(i), *i) for n, i in enumerate(lists, 1))
    ipma = full_box(b"ipma", 0, struct.pack(">I", len(lists)) + table, int(shape.wide))
    ipco = box_bytes(b"ipco", b"".join(box_bytes(*entry) for entry in stored))
    ftyp = box_bytes(b"ftyp", b"avif\0\0\0\0avifmif1miaf")

    def meta(start: int) -> bytes:
        at, rows = start, []
        for number, content in contents.items():
            rows.append(struct.pack(">HHHII", number, 0, 1, at, len(content)))
            at += len(content)
        parts = [
            full_box(b"hdlr", 0, bytes(4) + b"pict" + bytes(13)),
            full_box(b"pitm", 0, b"\0\1"),
            full_box(b"iloc", 0, struct.pack(">BBH", 0x44, 0, len(rows)) + b"".join(rows)),
            full_box(b"iinf", 0, struct.pack(">H", len(infes)) + b"".join(infes)),
            full_box(b"iref", 0, refs) if refs else b"",
            box_bytes(b"iprp", ipco + ipma),
        ]
        return full_box(b"meta", 0, b"".join(parts))

    start = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(start) + box_bytes(b"mdat", b"".join(contents.values()))


def put(folder: Path, content: bytes, name: str = "a.avif") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def decoded(path: Path) -> np.ndarray:
    return imagecodecs.avif_decode(path.read_bytes())


def outside(src: Path, dst: Path, placement, orientation: int = 1) -> np.ndarray:
    """Differences outside the plate and a margin, in which chroma bleeds."""
    old, new = decoded(src).astype(int), decoded(dst).astype(int)
    whole = (placement.width, placement.height)
    shown = whole if placement.style is not NoticeStyle.STRIP else _shown(old, orientation)
    left, top, right, bottom = undo((0, 0, *shown), whole, orientation)
    mask = np.ones(new.shape[:2], bool)
    a, b, c, d = stored_box(placement, orientation)
    mask[max(b - 8, 0) : d + 8, max(a - 8, 0) : c + 8] = False
    return (new[top:bottom, left:right] - old)[mask[top:bottom, left:right]]


def _shown(old: np.ndarray, orientation: int) -> tuple[int, int]:
    height, width = old.shape[:2]
    return (height, width) if orientation > 4 else (width, height)


CODINGS = {
    "10 444": Coding(),
    "10 420": Coding(chroma="420"),
    "12 444": Coding(12, colour=(9, 13, 9)),
    "12 422": Coding(12, "422", colour=(12, 13, 1)),
    "10 pq": Coding(chroma="420", colour=(9, 16, 9)),
    "10 hlg": Coding(colour=(9, 18, 9)),
    "10 rgba": Coding(channels=4),
    "12 grey": Coding(12, "400", 1, (2, 2, 2)),
    "10 grey alpha": Coding(10, "400", 2, (2, 2, 2)),
}


@pytest.mark.slow
@pytest.mark.parametrize("notice", [OVERLAY, STRIP], ids=["overlay", "strip"])
@pytest.mark.parametrize("kind", CODINGS)
def test_notice_keeps_depth_and_colours(kind: str, notice: Notice, tmp_path: Path) -> None:
    coding = CODINGS[kind]
    src, dst = put(tmp_path, coded(coding)), tmp_path / "b.avif"
    placement = ROOM.write_notice(src, dst, notice)
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable, report
    old, new = read_meta(src), read_meta(dst)
    assert av1_depth(old) == av1_depth(new) == coding.depth
    assert subsampling(old) == subsampling(new)
    assert nclx(old)[:2] == nclx(new)[:2]
    unit = (1 << coding.depth) / 256
    change = outside(src, dst, placement) / unit
    assert np.abs(change).mean() < 0.7
    assert np.abs(change.mean(axis=0)).max() < 0.15
    if coding.channels in (2, 4):
        assert not change[:, -1].any()
    with Image.open(src) as before, Image.open(dst) as after:
        assert before.mode == after.mode
        assert after.size == (placement.width, placement.height)


@pytest.mark.parametrize(("transfer", "white"), [(13, 1023), (16, 593), (18, 767)])
def test_white_is_graphics_white(transfer: int, white: int, tmp_path: Path) -> None:
    src, dst = put(tmp_path, coded(Coding(colour=(9, transfer, 9)))), tmp_path / "b.avif"
    placement = ROOM.write_notice(src, dst, OVERLAY)
    left, top, right, bottom = stored_box(placement, 1)
    plate = decoded(dst)[top:bottom, left:right]
    assert abs(int(np.percentile(plate, 99.5)) - white) < 12
    assert np.percentile(plate, 20) < 8


def test_plate_is_opaque(tmp_path: Path) -> None:
    src, dst = put(tmp_path, coded(Coding(channels=4))), tmp_path / "b.avif"
    left, top, right, bottom = stored_box(ROOM.write_notice(src, dst, OVERLAY), 1)
    assert (decoded(dst)[top:bottom, left:right, 3] == 1023).all()


def test_a_band_wider_than_the_picture_is_opaque(tmp_path: Path) -> None:
    thin = np.ascontiguousarray(samples(10, 4)[:60, :40]) // 4
    src = put(tmp_path, imagecodecs.avif_encode(thin, level=90, speed=9, bitspersample=10))
    placement = ROOM.write_notice(src, tmp_path / "b.avif", STRIP)
    alpha = decoded(tmp_path / "b.avif")[..., 3]
    assert placement.width > 40
    left = np.unique(np.nonzero(alpha != 1023)[1])
    assert (len(left), left[-1] - left[0]) == (40, 39)


FULL = Shape(colr=(ICC, (b"colr", b"nclx\0\1\0\x0d\0\6\x80")), more=(IROT, CLLI), metadata=True)


@pytest.mark.parametrize("notice", [OVERLAY, STRIP], ids=["overlay", "strip"])
@pytest.mark.parametrize("wide", [False, True])
def test_everything_else_is_kept(notice: Notice, tmp_path: Path, *, wide: bool) -> None:
    content = avif(Coding(channels=4), FULL._replace(wide=wide))
    src, dst = put(tmp_path, content), tmp_path / "b.avif"
    placement = ROOM.write_notice(src, dst, notice)
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable, report
    assert np.abs(outside(src, dst, placement, 6)).mean() < 3
    old, new = read_meta(src), read_meta(dst)
    assert (read_item(dst, new, 3), read_item(dst, new, 4)) == (EXIF, PACKET)
    changed = {b"av1C", b"ispe", b"pixi"}
    for item in (1, 2):
        assert [p for p in old.properties[item] if p[0] not in changed] == [
            p for p in new.properties[item] if p[0] not in changed
        ]
    with Image.open(src) as before, Image.open(dst) as after:
        assert after.size == (placement.height, placement.width)
        assert dict(before.getexif()) == dict(after.getexif())
        assert before.info["icc_profile"] == after.info["icc_profile"] == PROFILE
        assert before.info["xmp"] == after.info["xmp"] == PACKET


def test_the_old_picture_is_gone(tmp_path: Path) -> None:
    content = avif(Coding(channels=4), FULL)
    src, dst = put(tmp_path, content), tmp_path / "b.avif"
    ROOM.write_notice(src, dst, OVERLAY)
    (extent,) = read_meta(src).location(1).extents
    assert content[extent.offset + 64 : extent.offset + 128] not in dst.read_bytes()
    assert [box.kind for box in top_level(dst)] == [b"ftyp", b"meta", b"mdat", b"mdat"]


def test_a_shared_property_is_split(tmp_path: Path) -> None:
    src = put(tmp_path, avif(CODINGS["10 grey alpha"], Shape(shared=True)))
    dst = tmp_path / "b.avif"
    placement = ROOM.write_notice(src, dst, STRIP)
    assert not np.abs(outside(src, dst, placement)).any()


def test_splitting_leaves_others_theirs() -> None:
    table = struct.pack(">I", 2) + b"\0\1\2\x81\2" + b"\0\2\1\1"
    ipco = box_bytes(b"ipco", box_bytes(b"av1C", b"old") + box_bytes(b"ispe", b"size"))
    new = _bmff_splice.Coded(b"", {(b"av1C", b"old"): b"new"})
    got = _bmff_splice._iprp(ipco + full_box(b"ipma", 0, table), {1: new})
    grown = ipco[8:] + box_bytes(b"av1C", b"new")
    table = struct.pack(">I", 2) + b"\0\1\2\x83\2" + b"\0\2\1\1"
    assert got == box_bytes(b"iprp", box_bytes(b"ipco", grown) + full_box(b"ipma", 0, table))


def test_limited_range_becomes_full_and_says_so(tmp_path: Path) -> None:
    limited = Shape(colr=((b"colr", b"nclx\0\1\0\x0d\0\1\0"),))
    src, dst = put(tmp_path, avif(Coding(colour=(1, 13, 1)), limited)), tmp_path / "b.avif"
    change = outside(src, dst, ROOM.write_notice(src, dst, OVERLAY))
    assert nclx(read_meta(dst)) == (1, 13, 1, 1)
    assert np.abs(change.mean(axis=0)).max() < 0.6


@pytest.mark.parametrize("colour", [(9, 16, 9), (12, 13, 1)])
def test_colour_stated_by_the_stream_alone(colour: tuple[int, int, int], tmp_path: Path) -> None:
    src, dst = put(tmp_path, avif(Coding(colour=colour), Shape(colr=()))), tmp_path / "b.avif"
    change = outside(src, dst, ROOM.write_notice(src, dst, OVERLAY))
    assert np.abs(change.mean(axis=0)).max() < 0.6
    meta = read_meta(dst)
    assert nclx(meta) is None
    assert stated_colour(read_item(dst, meta, 1)) == Colour(*colour, full=True)


def test_lossless_stays_exact(tmp_path: Path) -> None:
    src = put(tmp_path, coded(Coding(12, colour=(1, 13, 0), level=100)))
    dst = tmp_path / "b.avif"
    assert not outside(src, dst, ROOM.write_notice(src, dst, OVERLAY)).any()


def test_hdr_metadata_in_the_stream_is_carried(tmp_path: Path) -> None:
    light = b"\1\3\xe8\1\x90\x80"
    shape = Shape(stream=bytes([0x2A, len(light)]) + light, more=(CLLI,))
    src, dst = put(tmp_path, avif(CODINGS["10 pq"], shape)), tmp_path / "b.avif"
    ROOM.write_notice(src, dst, OVERLAY)
    assert picture_metadata(read_item(dst, read_meta(dst), 1)) == (light,)
    assert decoded(dst).shape == (HEIGHT, WIDTH, 3)


def test_sequence_headers_of_video() -> None:
    frames = np.stack([samples(10, 3)] * 2)
    content = imagecodecs.avif_encode(
        frames, level=50, speed=10, bitspersample=10, pixelformat="420",
        primaries=9, transfer=18, matrix=9,
    )  # fmt: skip
    stream = _item(_Fresh.parsed(content), 1)
    assert stated_colour(stream) == Colour(9, 18, 9, full=True)
    for end in range(12):
        with pytest.raises(DamagedStreamError):
            stated_colour(stream[:end])


def test_sequence_header_with_all_its_fields() -> None:
    fields = [
        (0, 3), (0, 1), (0, 1),  # profile, still picture, reduced header
        (1, 1), (1, 32), (25, 32), (1, 1), (0b00101, 5),  # timing, uvlc
        (1, 1), (9, 5), (1, 32), (7, 5), (7, 5),  # decoder model
        (1, 1), (1, 5),  # display delay, two operating points
        (0, 12), (8, 5), (1, 1), (1, 1), (5, 10), (6, 10), (0, 1), (1, 1), (9, 4),
        (0, 12), (4, 5), (0, 1), (0, 1),
        (7, 4), (7, 4), (255, 8), (207, 8), (1, 1), (3, 4), (5, 3), (7, 3),
        (15, 4), (1, 1), (3, 2), (0, 1), (1, 1), (0, 1), (1, 1), (6, 3), (7, 3),
        (1, 1), (0, 1), (1, 1), (9, 8), (16, 8), (9, 8), (1, 1),
    ]  # fmt: skip
    bits = "".join(f"{value:0{count}b}" for value, count in fields)
    payload = int(bits.ljust(-len(bits) % 8 + len(bits), "0"), 2).to_bytes((len(bits) + 7) // 8)
    stream = bytes([0x12, 0, 0x0A, len(payload)]) + payload
    assert stated_colour(stream) == Colour(9, 16, 9, full=True)


@pytest.mark.parametrize(
    ("shape", "old", "new"),
    [
        (Shape(more=((b"clap", bytes(32)),)), b"", b""),
        (Shape(more=((b"a1lx", bytes(7)),)), b"", b""),
        (Shape(colr=((b"colr", b"nclx\0\t\0\x10\0\x0e\x80"),)), b"", b""),
        (Shape(), b"auxl", b"thmb"),
        (Shape(), b"auxl\0\2", b"prem\0\2"),
        (Shape(), b"\x0a\x0a\x0a", b"\x0c\x0c\x0c"),
        (Shape(metadata=True), b"Exif\0\0", b"tmap\0\0"),
    ],
    ids=["clap", "layers", "ictcp", "thumbnail", "premultiplied", "pixi", "gain map"],
)
def test_what_would_be_lost_is_refused(
    shape: Shape, old: bytes, new: bytes, tmp_path: Path
) -> None:
    content = avif(Coding(channels=4), shape)
    assert old in content
    src, dst = put(tmp_path, content.replace(old, new, 1) if old else content), tmp_path / "b.avif"
    with pytest.raises(RefusedError):
        ROOM.write_notice(src, dst, OVERLAY)
    assert not dst.exists()


def test_sequences_are_refused(tmp_path: Path) -> None:
    src = put(tmp_path, avif(Coding()) + box_bytes(b"moov", b""))
    with pytest.raises(RefusedError) as caught:
        ROOM.write_notice(src, tmp_path / "b.avif", OVERLAY)
    assert caught.value.code == "kz.error.bit-depth"


def test_bytes_of_two_items_are_refused(tmp_path: Path) -> None:
    content = bytearray(avif(Coding(), Shape(metadata=True)))
    (extent,) = read_meta(put(tmp_path, bytes(content))).location(1).extents
    row = content.index(struct.pack(">HHH", 4, 0, 1)) + 6
    struct.pack_into(">I", content, row, extent.offset + 9)
    with pytest.raises(RefusedError):
        ROOM.write_notice(put(tmp_path, bytes(content)), tmp_path / "b.avif", OVERLAY)


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    src, dst = put(tmp_path, avif(Coding())), tmp_path / "b.avif"
    placement = ROOM.write_notice(src, dst, OVERLAY)
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    with pytest.raises(MissingExtraError) as caught:
        ROOM.write_notice(src, tmp_path / "c.avif", OVERLAY)
    for language in ("kk", "ru", "en"):
        said = caught.value.sentence(language)
        assert "kzlabel[deep]" in said
        assert "--notice none" in said
    (report,) = ROOM.find_notices(dst, (placement,), search=False)
    assert report.perceivable


def test_labelled_and_verified(tmp_path: Path, disclosure, credential, trust) -> None:
    src, dst = put(tmp_path, avif(Coding(channels=4), FULL)), tmp_path / "b.avif"
    kzlabel.label(src, dst, disclosure, credential)
    row = kzlabel.verify(dst, trust=trust)
    assert (row.verdict, row.integrity) == (Verdict.COMPLIANT, Integrity.INTACT)
    assert "embedded" in [label.where for label in row.labels]
    assert av1_depth(read_meta(dst)) == 10


def test_extents_without_bytes_are_counted(tmp_path: Path) -> None:
    rows = b"".join(struct.pack(">HHH", n, 0, 0xFFF) for n in range(4000))
    content = avif(Coding())
    iloc = full_box(b"iloc", 0, struct.pack(">BBH", 0, 0, 4000) + rows)
    parts = content[content.index(b"hdlr") - 4 :]
    at = parts.index(b"iloc") - 4
    size = int.from_bytes(parts[at : at + 4])
    meta = full_box(b"meta", 0, parts[:at] + iloc + parts[at + size : parts.index(b"mdat") - 4])
    src = put(tmp_path, content[:28] + meta)
    with pytest.raises(UnreadableAssetError, match="more than"):
        ROOM.write_notice(src, tmp_path / "b.avif", OVERLAY)


def test_a_huge_box_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bmff_splice, "MAX_SPLICED_BOX", 16)
    src = put(tmp_path, avif(Coding(), Shape(metadata=True)))
    with pytest.raises(LimitError):
        ROOM.write_notice(src, tmp_path / "b.avif", OVERLAY)


@pytest.mark.slow
def test_damage_is_named(tmp_path: Path) -> None:
    chance, whole = random.Random(7), avif(Coding(channels=4), FULL._replace(colr=()))
    mutants = [whole[: chance.randrange(len(whole))] for _ in range(6)]
    for _ in range(16):
        flipped = bytearray(whole)
        for _ in range(2):
            flipped[chance.randrange(700)] ^= 1 << chance.randrange(8)
        mutants.append(bytes(flipped))
    named = 0
    for mutant in mutants:
        try:
            ROOM.write_notice(put(tmp_path, mutant), tmp_path / "b.avif", OVERLAY)
        except (KzlabelError, OSError):
            named += 1
    assert named >= 8
