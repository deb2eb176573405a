"""TIFF: directories, XMP, and the notice on every page, in every coding that is kept."""

from __future__ import annotations

import contextlib
import io
import shutil
import struct
import subprocess

import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin

from kzlabel.errors import KzlabelError, LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats._tiff_codec import Codec, Extent
from kzlabel.formats._tiff_ifd import Tiff as TiffFile
from kzlabel.formats.tiff import Tiff
from kzlabel.model import CarrierKind, Corner, Notice, NoticeStyle, Statement
from kzlabel.notices.visible import box

TIFF = Tiff()
NOTICE = Notice(statement=Statement.CREATED, corner=Corner.BOTTOM_LEFT)
STRIP = Notice(statement=Statement.CREATED, style=NoticeStyle.STRIP)
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TAGS = {"xmp": {"Iptc4xmpExt:DigitalSourceType": SOURCE, "Iptc4xmpExt:AISystemUsed": "Модель"}}
SIZE = (330, 260)
SHAPES = {
    "1": (),
    "L": (),
    "P": (),
    "RGB": (3,),
    "RGBA": (4,),
    "CMYK": (4,),
    "I;16": (),
    "LA": (2,),
}


def noise(shape, high=256, seed=3):
    return np.random.default_rng(seed).integers(0, high, shape)


def picture(mode, size=SIZE):
    shape = (size[1], size[0], *SHAPES[mode])
    if mode == "1":
        return Image.fromarray(noise(shape, 2).astype(bool))
    if mode == "I;16":
        return Image.fromarray(noise(shape, 65536).astype(np.uint16))
    if mode == "P":
        image = Image.frombytes("P", size, noise(shape).astype(np.uint8).tobytes())
        image.putpalette(bytes(v for i in range(256) for v in (i, i, 255 - i)))
        return image
    return Image.frombytes(mode, size, noise(shape).astype(np.uint8).tobytes())


def save(path, image, compression="raw", **options):
    image.save(path, "TIFF", compression=compression, **options)
    return path


def build(path, order, tags, payload, *, big=False, tail=b""):  # noqa: PLR0913  a file has these
    """Write a TIFF of one page by hand; `payload` lies behind the header."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42)
    head += struct.pack(order + "HHQ", 8, 0, 0) if big else struct.pack(order + "I", 0)
    content = bytearray(head + payload)
    content += b"\0" * (-len(content) % 8)
    width, value = ("Q", 8) if big else ("I", 4)
    entries = b""
    for tag, (kind, values) in sorted(tags.items()):
        code = {1: "B", 2: "B", 3: "H", 4: "I"}[kind]
        raw = struct.pack(f"{order}{len(values)}{code}", *values)
        if len(raw) > value:
            raw, at = struct.pack(order + width, len(content)), raw
            content += at + b"\0" * (-len(at) % 8)
        entries += struct.pack(order + "HH" + width, tag, kind, len(values)) + raw.ljust(
            value, b"\0"
        )
    struct.pack_into(order + width, content, 8 if big else 4, len(content))
    count = struct.pack(order + ("Q" if big else "H"), len(tags))
    path.write_bytes(bytes(content) + count + entries + bytes(value) + tail)
    return path


def pixels(path, page=0):
    with Image.open(path) as image:
        image.seek(page)
        image.load()
        return image.mode, np.asarray(image.convert("L") if image.mode == "1" else image)


def check_noticed(src, out, placement, page=0, *, exact=True):
    (mode, old), (new_mode, new) = pixels(src, page), pixels(out, page)
    assert new_mode == mode
    assert new.shape[:2] == (placement.height, placement.width)
    left, top, right, bottom = box(placement)
    mask = np.zeros(new.shape[:2], bool)
    mask[: old.shape[0], : old.shape[1]] = True
    mask[top:bottom, left:right] = False
    padded = np.zeros_like(new)
    padded[: old.shape[0], : old.shape[1]] = old
    if exact:
        assert np.array_equal(padded[mask], new[mask])
    else:
        assert np.abs(padded[mask].astype(int) - new[mask]).mean() < 4
    reports = TIFF.find_notices(out, [placement], search=False)
    assert [report.perceivable for report in reports] == [True]


def other_tags(path):
    moving = {256, 257, 273, 278, 279, 324, 325}
    with path.open("rb") as file:
        tiff = TiffFile(file, path)
        return [
            {e.tag: tiff.bytes_of(e) for e in ifd.entries if e.tag not in moving}
            for ifd in tiff.ifds
        ]


CODINGS = [
    *[("1", c) for c in ("raw", "group3", "group4", "tiff_ccitt", "tiff_lzw", "packbits", "tiff_adobe_deflate")],
    *[(m, c) for m in ("L", "P", "RGB", "RGBA", "CMYK", "I;16", "LA")
      for c in ("raw", "tiff_lzw", "packbits", "tiff_adobe_deflate")],
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "compression"), CODINGS)
@pytest.mark.parametrize("notice", [NOTICE, STRIP], ids=["overlay", "strip"])
def test_identical_outside_the_plate(tmp_path, mode, compression, notice):
    options = {"dpi": (300, 300), "copyright": "K"}
    if mode != "CMYK":
        options["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    src = save(tmp_path / "in.tiff", picture(mode), compression, strip_size=8192, **options)
    before, out = src.read_bytes(), tmp_path / "out.tiff"
    placement = TIFF.write_notice(src, out, notice)
    assert src.read_bytes() == before
    check_noticed(src, out, placement)
    assert other_tags(out) == other_tags(src)


@pytest.mark.parametrize("kind", ["L", "RGB", "YCbCr"])
@pytest.mark.parametrize("notice", [NOTICE, STRIP], ids=["overlay", "strip"])
def test_jpeg_keeps_its_tables(tmp_path, kind, notice):
    smooth = Image.linear_gradient("L").resize(SIZE)
    image = Image.merge("RGB", (smooth, smooth.rotate(180), smooth))
    src, out = tmp_path / "in.tiff", tmp_path / "out.tiff"
    if kind == "YCbCr":
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=80, subsampling=2)
        content = buffer.getvalue()
        tags = {256: (4, [SIZE[0]]), 257: (4, [SIZE[1]]), 258: (3, [8] * 3), 259: (3, [7]), 262: (3, [6]),
                273: (4, [8]), 277: (3, [3]), 278: (4, [SIZE[1]]), 279: (4, [len(content)]),
                530: (3, [2, 2])}  # fmt: skip
        build(src, "<", tags, content)
    else:
        save(src, image if kind == "RGB" else smooth, "jpeg", quality=80, strip_size=40000)
    placement = TIFF.write_notice(src, out, notice)
    check_noticed(src, out, placement, exact=False)
    assert other_tags(out) == other_tags(src)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("notice", [NOTICE, STRIP], ids=["overlay", "strip"])
@pytest.mark.parametrize("predictor", [1, 2])
def test_both_orders_and_bigtiff(tmp_path, order, big, notice, predictor):
    width, height = SIZE
    rows = noise((height, width), 65536).astype(order + "u2")
    stored = (
        np.diff(rows, axis=1, prepend=np.uint16(0)).astype(order + "u2") if predictor == 2 else rows
    )
    codec, extent = Codec(8, tmp_path), Extent(width, 2 * width, height)
    content = codec.encode(stored.tobytes(), extent, b"")
    head = 16 if big else 8
    tags = {256: (4, [width]), 257: (4, [height]), 258: (3, [16]), 259: (3, [8]), 262: (3, [1]),
            273: (4, [head]), 277: (3, [1]), 278: (4, [height]), 279: (4, [len(content)]),
            317: (3, [predictor]), 33432: (2, list(b"someone\0"))}  # fmt: skip
    src, out = (
        build(tmp_path / "in.tiff", order, tags, content, big=big, tail=b"behind"),
        tmp_path / "o",
    )
    if big and order == ">":  # Pillow cannot show it, so nobody could judge it
        with pytest.raises(RefusedError, match="big-endian BigTIFF"):
            TIFF.write_notice(src, out, notice)
        TIFF.write_tags(src, tmp_path / "tagged", TAGS)
        assert TIFF.read_tags(tmp_path / "tagged") == {**TAGS, "exif": {"Copyright": "someone"}}
        return
    placement = TIFF.write_notice(src, out, notice)
    check_noticed(src, out, placement)
    assert other_tags(out) == other_tags(src)
    TIFF.write_tags(out, tmp_path / "tagged", TAGS)
    assert TIFF.read_tags(tmp_path / "tagged") == {**TAGS, "exif": {"Copyright": "someone"}}
    assert pixels(tmp_path / "tagged")[1].tobytes() == pixels(out)[1].tobytes()


@pytest.mark.parametrize("planar", [1, 2])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("notice", [NOTICE, STRIP], ids=["overlay", "strip"])
def test_tiles_planes_and_deep_colour(tmp_path, planar, bits, notice):
    width, height, side = 300, 240, 64
    kind = np.uint16 if bits == 16 else np.uint8
    cube = noise((height, width, 3), 1 << bits).astype(kind)
    padded = np.zeros((256, 320, 3), kind)
    padded[:height, :width] = cube
    tiles = [
        padded[y : y + side, x : x + side, plane].tobytes()
        for plane in ([0, 1, 2] if planar == 2 else [slice(None)])
        for y in range(0, 256, side) for x in range(0, 320, side)
    ]  # fmt: skip
    starts = np.cumsum([8, *map(len, tiles)])[:-1].tolist()
    tags = {256: (4, [width]), 257: (4, [height]), 258: (3, [bits] * 3), 259: (3, [1]), 262: (3, [2]),
            277: (3, [3]), 284: (3, [planar]), 322: (3, [side]), 323: (3, [side]),
            324: (4, starts), 325: (4, [len(t) for t in tiles])}  # fmt: skip
    src, out = build(tmp_path / "in.tiff", "<", tags, b"".join(tiles)), tmp_path / "out.tiff"
    if planar == 2 and bits == 16:  # Pillow shows it wrongly, so nobody could judge it
        with pytest.raises(RefusedError, match="16 bits in separate planes"):
            TIFF.write_notice(src, out, notice)
        return
    placement = TIFF.write_notice(src, out, notice)
    check_noticed(src, out, placement)
    if notice is NOTICE:  # 16 bits, which Pillow shows as 8
        assert deep(out, padded.shape, kind, planar)[:100].tobytes() == padded[:100].tobytes()


def deep(path, shape, kind, planar):
    with path.open("rb") as file:
        tiff = TiffFile(file, path)
        offsets, counts = (tiff.numbers(tiff.ifds[0], tag) for tag in (324, 325))
        tiles = [tiff.read(*where) for where in zip(offsets, counts, strict=True)]
    cube = np.zeros(shape, kind)
    each = iter(tiles)
    for plane in [0, 1, 2] if planar == 2 else [slice(None)]:
        for y in range(0, shape[0], 64):
            for x in range(0, shape[1], 64):
                part = cube[y : y + 64, x : x + 64, plane]
                part[:] = np.frombuffer(next(each), kind).reshape(part.shape)
    return cube


@pytest.mark.parametrize(
    ("bits", "photometric", "fill"),
    [*[(b, p, 1) for b in (1, 2, 4) for p in (0, 1, 3)], (1, 0, 2), (1, 1, 2)],
)
def test_few_bits(tmp_path, bits, photometric, fill):
    width, height = 301, 210
    row = -(-width * bits // 8)
    rows = noise((height, row)).astype(np.uint8).tobytes()
    tags = {256: (4, [width]), 257: (4, [height]), 258: (3, [bits]), 259: (3, [1]), 262: (3, [photometric]),
            273: (4, [8]), 277: (3, [1]), 278: (4, [height]), 279: (4, [len(rows)])}  # fmt: skip
    if fill == 2:
        tags[266] = (3, [2])
    if photometric == 3:
        ramp = np.linspace(0, 65535, 1 << bits).astype(int).tolist()
        tags[320] = (3, ramp * 3)
    src, out = build(tmp_path / "in.tiff", "<", tags, rows), tmp_path / "out.tiff"
    placement = TIFF.write_notice(src, out, NOTICE)
    check_noticed(src, out, placement)
    placement = TIFF.write_notice(src, out, STRIP)
    check_noticed(src, out, placement)


@pytest.mark.slow
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("notice", [NOTICE, STRIP], ids=["overlay", "strip"])
def test_orientation(tmp_path, orientation, notice):
    src = save(tmp_path / "in.tiff", picture("RGB"), "tiff_lzw", tiffinfo={274: orientation})
    out = tmp_path / "out.tiff"
    placement = TIFF.write_notice(src, out, notice)
    check_noticed(src, out, placement)
    assert other_tags(out) == other_tags(src)


# --- Pages ----------------------------------------------------------------------------------------


def test_every_page_and_no_thumbnail(tmp_path):
    src, out = tmp_path / "in.tiff", tmp_path / "out.tiff"
    thumbnail = picture("L", (60, 40))
    thumbnail.encoderinfo = {"tiffinfo": {254: 1}}
    pages = [
        picture("RGB"),
        picture("1"),
        thumbnail,
        picture("L", (500, 220)),
        picture("L", (120, 90)),
    ]
    with TiffImagePlugin.AppendingTiffWriter(src, new=True) as writer:
        for page in pages:
            page.save(writer, "TIFF", tiffinfo={254: 1} if page is thumbnail else {})
            writer.newFrame()
    assert TIFF.manifest_carrier(src).kind is CarrierKind.COMPANION
    placement = TIFF.write_notice(src, out, NOTICE)
    for number, (page, grown) in enumerate([(0, 0), (1, 0), (3, 0), (4, 1)]):
        _, new = pixels(out, page)
        _, old = pixels(src, page)
        assert (new.shape[0] > old.shape[0]) == bool(grown), number
        assert new.tobytes() != old.tobytes()
    assert pixels(out, 2)[1].tobytes() == pixels(src, 2)[1].tobytes()
    (report,) = TIFF.find_notices(out, [placement], search=False)
    assert report.perceivable
    assert report.measures["frames"] == 4


@pytest.mark.parametrize("hidden", [0, 1])
@pytest.mark.parametrize("kind", [1, 4])
def test_what_says_it_is_no_page_is_looked_at_all_the_same(tmp_path, hidden, kind):
    src, out = tmp_path / "in.tiff", tmp_path / "out.tiff"
    save(src, picture("RGB"))
    placement = TIFF.write_notice(src, out, NOTICE)
    with Image.open(out) as noticed:
        noticed.load()
    pages = [picture("RGB"), noticed.copy()] if hidden == 0 else [noticed.copy(), picture("RGB")]
    both = tmp_path / "both.tiff"
    with TiffImagePlugin.AppendingTiffWriter(both, new=True) as writer:
        for number, page in enumerate(pages):
            page.encoderinfo = {}
            page.save(writer, "TIFF", tiffinfo={254: kind} if number == hidden else {})
            writer.newFrame()
    (report,) = TIFF.find_notices(both, [placement], search=False)
    assert (report.perceivable, report.measures["frames"]) == (False, 2)
    if kind == 4:
        with pytest.raises(RefusedError, match="mask"):
            TIFF.write_notice(both, tmp_path / "again.tiff", NOTICE)


def test_xmp_turns_no_page(tmp_path):
    turned = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-'
        b'rdf-syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
        b'tiff:Orientation="3"/></rdf:RDF></x:xmpmeta>'
    )
    src, out, down = (tmp_path / name for name in ("in.tiff", "out.tiff", "down.tiff"))
    save(src, picture("RGB"))
    placement = TIFF.write_notice(src, out, NOTICE)
    with Image.open(out) as noticed:
        for image, shown in ((noticed, True), (noticed.rotate(180), False)):
            image.save(down, "TIFF", tiffinfo={700: turned})
            (report,) = TIFF.find_notices(down, [placement], search=False)
            assert report.perceivable is shown


@pytest.mark.slow
def test_many_directories_meet_a_limit(tmp_path):
    path = tmp_path / "x.tiff"
    table = struct.pack("<HHII", 256, 3, 1, 5) * 4000
    size = len(table) + 6
    path.write_bytes(
        b"II*\0\x08\0\0\0"
        + b"".join(
            struct.pack("<H", 4000) + table + struct.pack("<I", 8 + size * (n + 1))
            for n in range(30)
        )
    )
    with pytest.raises(LimitError, match="100000"):
        TIFF.manifest_carrier(path)


def test_a_page_without_the_notice_is_noticed(tmp_path):
    src, out = tmp_path / "in.tiff", tmp_path / "out.tiff"
    picture("L").save(src)
    placement = TIFF.write_notice(src, out, NOTICE)
    with Image.open(out) as image:
        image.save(tmp_path / "two.tiff", save_all=True, append_images=[picture("L")])
    (report,) = TIFF.find_notices(tmp_path / "two.tiff", [placement], search=False)
    assert report.perceivable is False


def test_single_page_carries_its_manifest(tmp_path):
    src = save(tmp_path / "in.tiff", picture("L"))
    assert TIFF.manifest_carrier(src).kind is CarrierKind.EMBEDDED


# --- Tags -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("pages", [1, 3])
def test_tags_round_trip_and_every_byte_stays(tmp_path, pages):
    src, out, again = (tmp_path / name for name in ("in.tiff", "out.tiff", "again.tiff"))
    picture("RGB").save(src, save_all=True, append_images=[picture("L")] * (pages - 1))
    assert TIFF.read_tags(src) == {}
    TIFF.write_tags(src, out, TAGS)
    assert TIFF.read_tags(out) == TAGS
    old, new = src.read_bytes(), out.read_bytes()
    assert new[8 : len(old)] == old[8:]
    TIFF.write_tags(out, again, {"xmp": {"Iptc4xmpExt:AISystemUsed": "B"}})
    assert TIFF.read_tags(again)["xmp"] == {**TAGS["xmp"], "Iptc4xmpExt:AISystemUsed": "B"}
    for page in range(pages):
        assert pixels(again, page)[1].tobytes() == pixels(src, page)[1].tobytes()


@pytest.mark.needs("exiftool")
def test_exiftool_reads_and_finds_nothing_wrong(tmp_path):
    src, noticed, out = (tmp_path / name for name in ("in.tiff", "noticed.tiff", "out.tiff"))
    save(src, picture("RGB"), "tiff_lzw", dpi=(72, 72))
    TIFF.write_notice(src, noticed, NOTICE)
    TIFF.write_tags(noticed, out, TAGS)
    said = subprocess.run(
        [shutil.which("exiftool"), "-s3", "-XMP-iptcExt:DigitalSourceType", "-Validate", "-Warning", out],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said.splitlines()[:2] == [SOURCE, "OK"]


# --- Refusals, limits, damage ---------------------------------------------------------------------


def test_what_cannot_be_kept_is_refused(tmp_path):
    out = tmp_path / "out.tiff"
    floating = save(tmp_path / "f.tiff", Image.new("F", (300, 300)))
    lab = save(tmp_path / "lab.tiff", Image.new("LAB", (300, 300)))
    for src in (floating, lab):
        with pytest.raises(RefusedError, match="--notice none"):
            TIFF.write_notice(src, out, NOTICE)
    assert not out.exists()


def test_loops_bombs_and_nothing(tmp_path):
    path = tmp_path / "x.tiff"
    path.write_bytes(b"")
    with pytest.raises(UnreadableAssetError):
        TIFF.read_tags(path)
    path.write_bytes(
        b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 256, 3, 1, 5) + struct.pack("<I", 8)
    )
    with pytest.raises(UnreadableAssetError, match="loop"):
        TIFF.read_tags(path)
    chain = b"".join(struct.pack("<HHHIII", 1, 256, 3, 1, 5, 8 + 18 * (n + 1)) for n in range(3000))
    path.write_bytes(b"II*\0\x08\0\0\0" + chain)
    with pytest.raises(LimitError):
        TIFF.manifest_carrier(path)
    build(
        path, "<", {256: (4, [200000]), 257: (4, [200000]), 273: (4, [8]), 279: (4, [4])}, b"abcd"
    )
    with pytest.raises(LimitError):
        TIFF.write_notice(path, tmp_path / "out", NOTICE)
    with pytest.raises(LimitError):
        TIFF.find_notices(path, [], search=True)


def attempt(path, tmp_path):
    for act in (
        lambda: TIFF.manifest_carrier(path),
        lambda: TIFF.read_tags(path),
        lambda: TIFF.write_tags(path, tmp_path / "tagged", TAGS),
        lambda: TIFF.write_notice(path, tmp_path / "noticed", NOTICE),
        lambda: TIFF.find_notices(path, [], search=False),
    ):
        with contextlib.suppress(KzlabelError, OSError):
            act()


@pytest.mark.slow
@pytest.mark.parametrize("compression", ["tiff_lzw", "group4", "jpeg", "packbits"])
def test_damage_never_surprises(tmp_path, compression):
    rng = np.random.default_rng(7)
    buffer = io.BytesIO()
    small = picture("1" if compression == "group4" else "RGB", (210, 202))
    small.save(buffer, "TIFF", compression=compression)
    whole, path = buffer.getvalue(), tmp_path / "cut.tiff"
    with TiffFile(io.BytesIO(whole), path).file as file:
        tiff = TiffFile(file, path)
        places = [tiff.ifds[0].offset + i for i in range(12 * len(tiff.ifds[0].entries))]
    for length in rng.integers(0, len(whole), 15):
        path.write_bytes(whole[:length])
        attempt(path, tmp_path)
    for number in range(30):
        flipped = bytearray(whole)
        for at in rng.choice(places if number % 2 else len(whole), 3):
            flipped[at] = rng.integers(0, 256)
        path.write_bytes(flipped)
        attempt(path, tmp_path)


def test_sniff():
    for magic in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        assert TIFF.sniff(magic + b"\0\0\0\x08", None)
    assert not TIFF.sniff(b"IIRO", None)


# --- Palettes, and a search -----------------------------------------------------------------------


@pytest.mark.parametrize("used", [200, 256])
def test_a_palette_without_contrast_gives_free_slots_or_is_refused(tmp_path, used):
    image = Image.frombytes("P", SIZE, noise((SIZE[1], SIZE[0]), used).astype(np.uint8).tobytes())
    image.putpalette(bytes(v for i in range(256) for v in (100 + i % 16, 110 + i // 16, 120)))
    src, out = save(tmp_path / "in.tiff", image), tmp_path / "out.tiff"
    if used == 256:
        with pytest.raises(RefusedError, match="--notice none"):
            TIFF.write_notice(src, out, NOTICE)
        return
    placement = TIFF.write_notice(src, out, NOTICE)
    left, top, right, bottom = box(placement)
    with Image.open(src) as old, Image.open(out) as new:
        one, other = (np.asarray(each.convert("RGB")).copy() for each in (old, new))
    one[top:bottom, left:right] = other[top:bottom, left:right] = 0
    assert np.array_equal(one, other)
    assert TIFF.find_notices(out, [placement], search=False)[0].perceivable


@pytest.mark.slow
def test_our_words_are_found_without_a_hint(tmp_path):
    src, out = tmp_path / "in.tiff", tmp_path / "out.tiff"
    page = Image.linear_gradient("L").resize((600, 400))
    page.save(src, save_all=True, append_images=[page])
    TIFF.write_notice(src, out, NOTICE)
    (report,) = TIFF.find_notices(out, [], search=True)
    assert report.perceivable
    assert report.measures["frames"] == 2
    assert TIFF.find_notices(src, [], search=True) == ()
