from __future__ import annotations

import contextlib
import io
import struct
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from kzlabel.errors import (
    KzlabelError,
    LimitError,
    RefusedError,
    UnreadableAssetError,
    UnsupportedTagsError,
)
from kzlabel.formats import _jpeg_segments
from kzlabel.formats._jpeg_segments import FRAMES, frame_header, segments
from kzlabel.formats._jpeg_splice import anatomy, shifted_index
from kzlabel.formats._picture_blocks import XMP
from kzlabel.formats._raster import stored_box
from kzlabel.formats.jpeg import Jpeg, _shrink
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Placement, Statement

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().ljust(120_000, b"\0")
"""Of several segments."""
ROOM = Jpeg()
NOTICE = Notice(statement=Statement.CREATED)
TAGS = {
    "xmp": {
        "Iptc4xmpExt:DigitalSourceType": Statement.CREATED.digital_source_type,
        "Iptc4xmpExt:AISystemUsed": "Бояу",
    }
}
OTHERS = b"<?xpacket begin='' id='x'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' dc:format='image/jpeg'/></rdf:RDF></x:xmpmeta>%s<?xpacket end='w'?>"


def photo(mode: str = "RGB", size: tuple[int, int] = (420, 300)) -> Image.Image:
    red = Image.radial_gradient("L").resize(size)
    green = Image.linear_gradient("L").resize(size)
    noise = Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 60)
    return Image.merge("RGB", (red, green, noise)).convert(mode)


def saved(path: Path, image: Image.Image | None = None, **options: object) -> Path:
    (photo() if image is None else image).save(path, "JPEG", **options)
    return path


def segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2) + payload


def rich(tmp_path: Path, **options: object) -> Path:
    """EXIF, ICC, XMP of others, a comment, an unknown APP, a manifest's APP11, trailing bytes."""
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    path = saved(
        tmp_path / "rich.jpg",
        exif=exif,
        icc_profile=PROFILE,
        comment=b"a comment",
        xmp=OTHERS % (b" " * 2000),
        **options,
    )
    raw = path.read_bytes()
    extra = segment(0xE9, b"unknown") + segment(0xEB, b"JP\0\1manifest")
    path.write_bytes(raw[:2] + raw[2:20] + extra + raw[20:] + b"\xff\xd8 trailing \xff\xd9 bytes")
    return path


def laid_out(path: Path) -> tuple[list[tuple[int, bytes]], bytes]:
    """The APPn and COM segments, and what follows the picture."""
    with path.open("rb") as file:
        parts = anatomy(file, path)
    return [(s.marker, p) for s, p in parts.kept], path.read_bytes()[parts.end :]


def coded(path: Path) -> tuple[bool, object, object]:
    with path.open("rb") as file:
        parts = anatomy(file, path)
    with Image.open(path) as image:
        tables = image.quantization
    by_component = [tuple(tables[c.table]) for c in parts.frame.components]
    named = [(c.id, c.h, c.v) for c in parts.frame.components]
    return parts.frame.progressive, named, by_component


def check_only_the_plate_differs(src: Path, dst: Path, tolerance: float = 1.5) -> None:
    """Lossy, and blocks reach over the edge: the mean difference outside stays small."""
    with Image.open(src) as old, Image.open(dst) as new:
        assert (old.mode, old.size) == (new.mode, new.size)
        assert ImageStat.Stat(ImageChops.difference(old, new)).mean != [0] * len(old.getbands())
        difference = ImageChops.difference(old, new)
    placement_free = difference.crop((0, 0, difference.width, difference.height // 2))
    assert max(ImageStat.Stat(placement_free).mean) < tolerance


def bottom(tmp_path: Path) -> Notice:
    return Notice(statement=Statement.CREATED, corner="bottom-left")


# --- Tags -----------------------------------------------------------------------------------------


def test_tags_are_written_and_read_and_nothing_else_changes(tmp_path: Path) -> None:
    src, dst = rich(tmp_path), tmp_path / "out.jpg"
    before = src.read_bytes()
    ROOM.write_tags(src, dst, TAGS)
    assert ROOM.read_tags(dst)["xmp"] == {"dc:format": "image/jpeg"} | TAGS["xmp"]
    assert src.read_bytes() == before
    old, new = laid_out(src), laid_out(dst)
    assert [s for s in old[0] if not s[1].startswith(XMP)] == [
        s for s in new[0] if not s[1].startswith(XMP)
    ]
    assert [s[0] for s in old[0]] == [s[0] for s in new[0]]
    assert old[1] == new[1]


def test_a_file_without_xmp_gets_it_behind_exif(tmp_path: Path) -> None:
    src, dst = saved(tmp_path / "a.jpg", exif=Image.Exif()), tmp_path / "b.jpg"
    assert ROOM.read_tags(src) == {}
    ROOM.write_tags(src, dst, TAGS)
    assert ROOM.read_tags(dst) == TAGS
    raw = dst.read_bytes()
    at = raw.index(XMP) - 4
    assert raw.index(b"Exif\0\0") < at
    length = int.from_bytes(raw[at + 2 : at + 4])
    assert raw[:at] + raw[at + 2 + length :] == src.read_bytes()


def test_writing_twice_leaves_one_packet(tmp_path: Path) -> None:
    src, one, two = saved(tmp_path / "a.jpg"), tmp_path / "b.jpg", tmp_path / "c.jpg"
    ROOM.write_tags(src, one, TAGS)
    ROOM.write_tags(one, two, {"xmp": {"Iptc4xmpExt:AISystemUsed": "Two"}})
    assert ROOM.read_tags(two)["xmp"] == TAGS["xmp"] | {"Iptc4xmpExt:AISystemUsed": "Two"}
    assert two.read_bytes().count(XMP) == 1


def test_padding_makes_room(tmp_path: Path) -> None:
    src = saved(tmp_path / "a.jpg", xmp=OTHERS % (b" " * 65000))
    ROOM.write_tags(src, tmp_path / "b.jpg", TAGS)
    assert ROOM.read_tags(tmp_path / "b.jpg")["xmp"].keys() > TAGS["xmp"].keys()


def test_a_packet_too_large_for_a_segment_is_refused(tmp_path: Path) -> None:
    src = saved(tmp_path / "a.jpg", xmp=OTHERS.replace(b"image/jpeg", b"x" * 65000) % b"")
    with pytest.raises(UnsupportedTagsError, match="XMP packet would be"):
        ROOM.write_tags(src, tmp_path / "b.jpg", TAGS)
    assert not (tmp_path / "b.jpg").exists()


def test_a_packet_that_cannot_be_parsed_is_refused_by_name(tmp_path: Path) -> None:
    src = saved(tmp_path / "a.jpg", xmp=b"<not xmp")
    assert ROOM.read_tags(src) == {}
    with pytest.raises(UnsupportedTagsError) as refusal:
        ROOM.write_tags(src, tmp_path / "b.jpg", TAGS)
    assert refusal.value.values["path"] == str(src)


@pytest.mark.needs("exiftool")
def test_exiftool_reads_the_tags(tmp_path: Path) -> None:
    src, dst = rich(tmp_path), tmp_path / "b.jpg"
    ROOM.write_tags(src, dst, TAGS)
    command = ["exiftool", "-s3", "-XMP-iptcExt:AISystemUsed", "-XMP-dc:Format", str(dst)]
    assert subprocess.check_output(command, text=True).split() == ["Бояу", "image/jpeg"]


# --- Notice ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
def test_a_notice_keeps_coding_and_surroundings(
    tmp_path: Path, *, progressive: bool, subsampling: str
) -> None:
    src, dst = (
        rich(tmp_path, progressive=progressive, subsampling=subsampling, quality=83),
        tmp_path / "out.jpg",
    )
    before = src.read_bytes()
    ROOM.write_notice(src, dst, bottom(tmp_path))
    assert src.read_bytes() == before
    assert laid_out(src) == laid_out(dst)
    assert coded(src) == coded(dst)
    check_only_the_plate_differs(src, dst)


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("L", {}),
        ("CMYK", {}),
        ("CMYK", {"progressive": True}),
        ("RGB", {"keep_rgb": True}),
        ("RGB", {"quality": 100, "progressive": True, "subsampling": 0}),
        ("RGB", {"qtables": [list(range(1, 65)), [9] * 64, [5] * 64]}),
        ("RGB", {"qtables": [[300] * 64]}),
    ],
)
def test_every_mode_keeps_its_coding(tmp_path: Path, mode: str, options: dict[str, object]) -> None:
    src, dst = saved(tmp_path / "a.jpg", photo(mode), **options), tmp_path / "b.jpg"
    ROOM.write_notice(src, dst, bottom(tmp_path))
    assert coded(src) == coded(dst)
    check_only_the_plate_differs(
        src, dst, tolerance=4 if 300 in options.get("qtables", [[0]])[0] else 1.5
    )


SAMPLINGS = ["1x2", "4x1", "4x2", "2x1,1x2,1x1", "2x2,2x1,1x1"]


@pytest.mark.needs("cjpeg")
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_samplings_without_a_name_are_kept(
    tmp_path: Path, sampling: str, *, progressive: bool
) -> None:
    src, dst, pixels = tmp_path / "a.jpg", tmp_path / "b.jpg", tmp_path / "a.ppm"
    photo(size=(413, 299)).save(pixels)
    how = ["-progressive"] if progressive else []
    command = [
        "cjpeg",
        "-quality",
        "90",
        *how,
        "-sample",
        sampling,
        "-outfile",
        str(src),
        str(pixels),
    ]
    subprocess.run(command, check=True)
    ROOM.write_notice(src, dst, bottom(tmp_path))
    assert coded(src) == coded(dst)
    check_only_the_plate_differs(src, dst)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_both_ways_of_coding_make_the_same_picture(
    tmp_path: Path, mode: str, *, progressive: bool
) -> None:
    src = saved(tmp_path / "a.jpg", photo(mode), progressive=progressive, quality=95)
    with src.open("rb") as file, Image.open(src) as image:
        parts = anatomy(file, src)
        coding = parts.coding(image.quantization, src)
        image.load()
    head = b"\xff\xd8" + b"".join(segment(s.marker, p) for s, p in parts.kept)
    ways = [head + way(image) for way in (coding._at_once, coding._by_component)]
    one, two = (Image.open(io.BytesIO(way)) for way in ways)
    assert max(ImageStat.Stat(ImageChops.difference(one, two)).mean) < 0.5


def ycck(path: Path) -> Path:
    """YCCK as Photoshop writes it: Adobe transform 2, 4:2:0, K at full size."""
    from kzlabel.formats._jpeg_encode import Coding, Transform
    from kzlabel.formats._jpeg_segments import Component, FrameHeader

    parts = tuple(Component(i + 1, h, h, 0) for i, h in enumerate((2, 1, 1, 2)))
    coding = Coding(FrameHeader(0xC0, 8, 0, 0, parts), Transform.YCCK, ((3,) * 64,) * 4)
    adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\x02")
    path.write_bytes(b"\xff\xd8" + adobe + coding.encode(photo("CMYK")))
    return path


def test_subsampled_ycck_is_kept(tmp_path: Path) -> None:
    src, dst = ycck(tmp_path / "a.jpg"), tmp_path / "b.jpg"
    with Image.open(src) as image:
        assert max(ImageStat.Stat(ImageChops.difference(image, photo("CMYK"))).mean) < 3
    ROOM.write_notice(src, dst, bottom(tmp_path))
    assert coded(src) == coded(dst)
    check_only_the_plate_differs(src, dst)


def test_component_names_are_kept_where_colour_hangs_on_them(tmp_path: Path) -> None:
    src, dst = saved(tmp_path / "a.jpg", keep_rgb=True, progressive=True), tmp_path / "b.jpg"
    raw = src.read_bytes()
    at = raw.index(b"\xff\xee")
    src.write_bytes(raw[:at] + raw[at + 16 :])  # RGB by names alone
    ROOM.write_notice(src, dst, bottom(tmp_path))
    assert b"\xff\xee" not in dst.read_bytes()[:400]
    assert [c[0] for c in coded(dst)[1]] == list(b"RGB")
    check_only_the_plate_differs(src, dst)


def test_odd_component_names_reach_every_scan(tmp_path: Path) -> None:
    src, dst = saved(tmp_path / "a.jpg", progressive=True), tmp_path / "b.jpg"
    raw = bytearray(src.read_bytes())
    with src.open("rb") as file:
        found = list(segments(file, src))
        found += _jpeg_segments.segments_of_scan(file, found[-1].end, src)
    for s in found:
        if s.marker in FRAMES:
            for at in range(s.start + 10, s.end, 3):
                raw[at] -= 1
        if s.marker == 0xDA:
            for at in range(s.start + 5, s.end - 3, 2):
                raw[at] -= 1
    src.write_bytes(raw)
    ROOM.write_notice(src, dst, bottom(tmp_path))
    assert [c[0] for c in coded(dst)[1]] == [0, 1, 2]
    check_only_the_plate_differs(src, dst)


@pytest.mark.needs("jpegtran")
def test_arithmetic_coding_is_refused_or_coded_anew(tmp_path: Path) -> None:
    src, dst, plain = tmp_path / "a.jpg", tmp_path / "b.jpg", saved(tmp_path / "c.jpg")
    subprocess.run(["jpegtran", "-arithmetic", "-outfile", str(src), str(plain)], check=True)
    ROOM.write_notice(src, dst, bottom(tmp_path))
    assert coded(plain) == coded(dst)
    check_only_the_plate_differs(plain, dst)


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xCB])
def test_processes_that_would_lose_are_refused(tmp_path: Path, marker: int) -> None:
    src = saved(tmp_path / "a.jpg")
    raw = src.read_bytes()
    src.write_bytes(raw.replace(b"\xff\xc0", bytes((0xFF, marker)), 1))
    with pytest.raises(RefusedError, match="--notice none"):
        ROOM.write_notice(src, tmp_path / "b.jpg", NOTICE)
    assert not (tmp_path / "b.jpg").exists()


def test_twelve_bits_are_refused(tmp_path: Path) -> None:
    src = saved(tmp_path / "a.jpg")
    raw = src.read_bytes()
    src.write_bytes(raw.replace(b"\xff\xc0\0\x11\x08", b"\xff\xc1\0\x11\x0c", 1))
    with pytest.raises(RefusedError, match="12 bit"):
        ROOM.write_notice(src, tmp_path / "b.jpg", NOTICE)


@pytest.mark.parametrize("optimize", [False, True])
def test_tables_made_for_a_picture_are_made_again(tmp_path: Path, *, optimize: bool) -> None:
    src, dst = saved(tmp_path / "a.jpg", optimize=optimize), tmp_path / "b.jpg"
    ROOM.write_notice(src, dst, NOTICE)
    tables = [head_length(path) for path in (src, dst)]
    assert (tables[1] == tables[0]) is not optimize
    assert (tables[1] < 420) is optimize  # the standard ones are 420 bytes


def head_length(path: Path) -> int:
    """Bytes of Huffman tables."""
    with path.open("rb") as file:
        return sum(s.end - s.start - 4 for s in segments(file, path) if s.marker == 0xC4) + 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_decides_where_the_plate_lies(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    src = saved(tmp_path / "a.jpg", Image.new("RGB", (420, 300), "orange"), exif=exif)
    placement = ROOM.write_notice(src, tmp_path / "b.jpg", bottom(tmp_path))
    assert (placement.width > placement.height) == (orientation < 5)
    with Image.open(tmp_path / "b.jpg") as image:
        plate = image.crop(stored_box(placement, orientation))
    assert ImageStat.Stat(plate).median == [0, 0, 0] or ImageStat.Stat(plate).mean[0] < 120


def test_a_small_picture_gets_a_strip(tmp_path: Path) -> None:
    src, dst = saved(tmp_path / "a.jpg", photo(size=(160, 120))), tmp_path / "b.jpg"
    placement = ROOM.write_notice(src, dst, NOTICE)
    assert placement.style is NoticeStyle.STRIP
    with Image.open(dst) as image:
        assert image.size == (placement.width, placement.height)
        assert image.height > 120


def test_the_manifest_goes_inside(tmp_path: Path) -> None:
    assert ROOM.manifest_carrier(tmp_path).kind is CarrierKind.EMBEDDED
    assert ROOM.sniff(b"\xff\xd8\xff\xe0", tmp_path)
    assert not ROOM.sniff(b"\x89PNG", tmp_path)


# --- Judging --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_the_notice_is_found_and_missed_where_it_is_not(
    tmp_path: Path, mode: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    src, dst = saved(tmp_path / "a.jpg", photo(mode), exif=exif, quality=85), tmp_path / "b.jpg"
    placement = ROOM.write_notice(src, dst, NOTICE)
    (report,) = ROOM.find_notices(dst, [placement], search=False)
    assert report.perceivable is True
    (report,) = ROOM.find_notices(src, [placement], search=False)
    assert not report.perceivable
    assert ROOM.find_notices(dst, [], search=False) == ()


@pytest.mark.slow
def test_a_large_picture_is_judged_small_and_reported_large(tmp_path: Path) -> None:
    src, dst = saved(tmp_path / "a.jpg", photo(size=(2890, 2210))), tmp_path / "b.jpg"
    placement = ROOM.write_notice(src, dst, NOTICE)
    assert _shrink((2890, 2210), [placement]) == 4
    (report,) = ROOM.find_notices(dst, [placement], search=False)
    assert report.perceivable is True
    assert report.measures["em_px"] == pytest.approx(placement.font_size, rel=0.02)


def test_a_hint_of_no_size_shrinks_nothing() -> None:
    hint = Placement(statement=Statement.CREATED, style=NoticeStyle.OVERLAY, languages=(), lines=())
    assert _shrink((4000, 3000), [hint]) == 1
    assert _shrink((4000, 3000), []) == 1  # 1600 pixels are left to read words in
    assert _shrink((8000, 6000), []) == 3
    assert _shrink((400, 300), []) == 1


# --- Several pictures -----------------------------------------------------------------------------


def mpo(tmp_path: Path) -> Path:
    path = tmp_path / "a.mpo"
    photo().save(path, "MPO", save_all=True, append_images=[photo("L"), photo(size=(64, 64))])
    return path


@pytest.mark.parametrize("write", ["tags", "notice"])
def test_further_pictures_are_found_where_the_index_says(tmp_path: Path, write: str) -> None:
    src, dst = mpo(tmp_path), tmp_path / "b.mpo"
    if write == "tags":
        ROOM.write_tags(src, dst, TAGS)
    else:
        ROOM.write_notice(src, dst, NOTICE)
    with Image.open(src) as old, Image.open(dst) as new:
        assert (old.n_frames, new.n_frames) == (3, 3)
        first = new.mpinfo[0xB002][0]["Size"]
        for frame in (1, 2):
            old.seek(frame)
            new.seek(frame)
            assert old.tobytes() == new.tobytes()
    with dst.open("rb") as file:
        assert first == anatomy(file, dst).end


@pytest.mark.parametrize("cut", range(0, 100, 3))
def test_a_damaged_index_is_left_alone(tmp_path: Path, cut: int) -> None:
    with mpo(tmp_path).open("rb") as file:
        payload = next(p for s, p in anatomy(file, tmp_path).kept if p[:4] == b"MPF\0")[:cut]
    assert len(shifted_index(payload, 5, 7)) == len(payload)
    hostile = struct.pack("<4s2sHIH4I", b"MPF\0", b"II", 42, 8, 1, 0x7B002, 2**32 - 1, 2**31, 0)
    assert shifted_index(hostile, 5, 7) == hostile


# --- Damage ---------------------------------------------------------------------------------------


def survives(path: Path, raw: bytes, out: Path) -> None:
    path.write_bytes(raw)
    for attempt in (
        lambda: ROOM.read_tags(path),
        lambda: ROOM.write_tags(path, out, TAGS),
        lambda: ROOM.write_notice(path, out, NOTICE),
    ):
        out.unlink(missing_ok=True)
        with contextlib.suppress(KzlabelError, OSError):
            attempt()


def small(tmp_path: Path, **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path / "s.jpg", photo(size=(48, 40)), exif=exif, xmp=OTHERS % b"", **options)
    return path.read_bytes()


@pytest.mark.parametrize("progressive", [False, True])
def test_cut_files_raise_only_our_errors(tmp_path: Path, *, progressive: bool) -> None:
    raw = small(tmp_path, progressive=progressive)
    for cut in range(0, len(raw), 37):
        survives(tmp_path / "cut.jpg", raw[:cut], tmp_path / "out.jpg")


def test_flipped_bytes_raise_only_our_errors(tmp_path: Path) -> None:
    raw = small(tmp_path)
    for at in range(0, len(raw), 23):
        flipped = raw[:at] + bytes((raw[at] ^ (0xFF if at % 2 else 0x41),)) + raw[at + 1 :]
        survives(tmp_path / "flip.jpg", flipped, tmp_path / "out.jpg")


def test_an_empty_and_a_foreign_file_are_unreadable(tmp_path: Path) -> None:
    for raw in (b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff", b"PNG?" * 100):
        (tmp_path / "a.jpg").write_bytes(raw)
        with pytest.raises(UnreadableAssetError, match="byte"):
            ROOM.read_tags(tmp_path / "a.jpg")


def test_a_cut_scan_is_unreadable(tmp_path: Path) -> None:
    src = saved(tmp_path / "a.jpg")
    src.write_bytes(src.read_bytes()[:-400])
    assert ROOM.read_tags(src) == {}
    with pytest.raises(UnreadableAssetError):
        ROOM.write_notice(src, tmp_path / "b.jpg", NOTICE)


@pytest.mark.parametrize("where", ["head", "scan"])
def test_a_million_segments_meet_a_limit(tmp_path: Path, where: str) -> None:
    raw = small(tmp_path)
    at = 2 if where == "head" else len(raw) - 2
    (tmp_path / "a.jpg").write_bytes(raw[:at] + segment(0xFE, b"") * 9000 + raw[at:])
    with pytest.raises(LimitError, match="8192"), (tmp_path / "a.jpg").open("rb") as file:
        anatomy(file, tmp_path / "a.jpg")


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    raw = small(tmp_path)
    at = raw.index(b"\xff\xc0")
    (tmp_path / "a.jpg").write_bytes(raw[: at + 5] + b"\xff\xdc\xff\xdc" + raw[at + 9 :])
    with pytest.raises(LimitError):
        ROOM.write_notice(tmp_path / "a.jpg", tmp_path / "b.jpg", NOTICE)


def test_junk_between_segments_is_skipped_as_decoders_do(tmp_path: Path) -> None:
    raw = small(tmp_path)
    at = raw.index(b"\xff\xdb")
    src = tmp_path / "a.jpg"
    src.write_bytes(raw[:at] + b"\0\0junk\xff\xff" + raw[at:])
    ROOM.write_tags(src, tmp_path / "b.jpg", TAGS)
    assert b"junk" in (tmp_path / "b.jpg").read_bytes()
    assert ROOM.read_tags(tmp_path / "b.jpg")["xmp"].keys() >= TAGS["xmp"].keys()


def test_a_frame_without_components_is_damaged(tmp_path: Path) -> None:
    for payload in (b"", b"\x08\0\1\0\1\0", b"\x08\0\1\0\1\3\1\x11\0", b"\x08\0\1\0\1\1\1\x10\0"):
        with pytest.raises(UnreadableAssetError):
            frame_header(_jpeg_segments.Segment(0xC0, 2, 20), payload, tmp_path)


def test_the_destination_is_a_new_file(tmp_path: Path) -> None:
    src = saved(tmp_path / "a.jpg")
    before = src.read_bytes()
    for write in (
        lambda: ROOM.write_tags(src, src, TAGS),
        lambda: ROOM.write_notice(src, src, NOTICE),
    ):
        with pytest.raises(FileExistsError):
            write()
    assert src.read_bytes() == before


def test_reading_tags_reads_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    src = saved(tmp_path / "a.jpg", photo(size=(1500, 1500)), quality=97)
    taken = []

    class Counted(io.FileIO):
        def readinto(self, buffer):
            count = super().readinto(buffer)
            taken.append(count)
            return count

    monkeypatch.setattr(Path, "open", lambda path, _mode: io.BufferedReader(Counted(path), 8192))
    ROOM.read_tags(src)
    assert sum(taken) < 20_000 < src.stat().st_size
