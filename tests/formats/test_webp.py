"""WebP: chunks, XMP, and the notice on lossy, lossless and moving pictures."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageSequence

from kzlabel.errors import KzlabelError, LimitError, UnreadableAssetError
from kzlabel.formats._riff import MAX_CHUNKS, Chunk, join_chunks
from kzlabel.formats._webp_container import read_webp
from kzlabel.formats._webp_vp8 import quality, quantiser
from kzlabel.formats.webp import Webp
from kzlabel.model import Corner, Notice, NoticeStyle, Statement
from kzlabel.notices.visible import box

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
WEBP = Webp()
NOTICE = Notice(statement=Statement.CREATED, corner=Corner.BOTTOM_LEFT)
STRIP = Notice(statement=Statement.CREATED, style=NoticeStyle.STRIP)
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TAGS = {"xmp": {"Iptc4xmpExt:DigitalSourceType": SOURCE, "Iptc4xmpExt:AISystemUsed": "Модель"}}
SIZE = (321, 243)


def noise(mode, size=SIZE, seed=2):
    bands = len(mode)
    values = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], bands))
    return Image.frombytes(mode, size, values.astype(np.uint8).tobytes())


def photo(mode="RGB", size=(400, 300)):
    x, y = np.meshgrid(np.linspace(0, 9, size[0]), np.linspace(0, 7, size[1]))
    bands = [np.sin(x * (k + 1)) * np.cos(y + k) * 90 + 128 for k in range(len(mode))]
    grain = np.random.default_rng(4).normal(0, 6, (size[1], size[0], 1))
    return Image.fromarray(
        np.clip(np.stack(bands, axis=2) + grain, 0, 255).astype(np.uint8), mode=None
    )


def save(path, image, **options):
    image.save(path, "WEBP", **options)
    return path


def pixels(path):
    with Image.open(path) as image:
        image.load()
        return image.mode, np.asarray(image)


def names(path):
    return [chunk.name for chunk in read_webp(path).chunks]


def outside(old, new, where):
    mask = np.zeros(new.shape[:2], bool)
    mask[: old.shape[0], : old.shape[1]] = True
    left, top, right, bottom = where
    mask[top:bottom, left:right] = False
    padded = np.zeros_like(new)
    padded[: old.shape[0], : old.shape[1]] = old
    return padded[mask], new[mask]


def psnr(one, other):
    return 10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2))


def check_perceivable(path, placement):
    reports = WEBP.find_notices(path, [placement], search=False)
    assert [report.perceivable for report in reports] == [True]
    return reports[0]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("notice", [NOTICE, STRIP], ids=["overlay", "strip"])
def test_lossless_stays_identical_even_under_alpha(tmp_path, mode, notice):
    image = noise(mode)
    src = save(tmp_path / "in.webp", image, lossless=True, exact=True, icc_profile=PROFILE)
    before, out = src.read_bytes(), tmp_path / "out.webp"
    placement = WEBP.write_notice(src, out, notice)
    assert src.read_bytes() == before
    (old_mode, old), (new_mode, new) = pixels(src), pixels(out)
    assert (old_mode, old.tobytes()) == (mode, image.tobytes())
    assert new_mode == mode
    assert new.shape[:2] == (placement.height, placement.width)
    assert np.array_equal(*outside(old, new, box(placement)))
    assert names(out) == names(src)
    assert read_webp(out).find(b"ICCP") == read_webp(src).find(b"ICCP")
    check_perceivable(out, placement)


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [20, 50, 75, 90, 98])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_lossy_is_encoded_as_finely_and_alpha_kept(tmp_path, wanted, mode):
    src = save(
        tmp_path / "in.webp",
        photo(mode),
        quality=wanted,
        exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0",
    )
    out = tmp_path / "out.webp"
    placement = WEBP.write_notice(src, out, NOTICE)
    old, new = (quantiser(read_webp(path).find(b"VP8 ").payload) for path in (src, out))
    assert abs(old - new) <= 4
    one, other = outside(pixels(src)[1], pixels(out)[1], box(placement))
    if mode == "RGBA":
        assert np.array_equal(one[:, 3], other[:, 3])
    opaque = one[:, 3] > 0 if mode == "RGBA" else slice(None)
    assert psnr(one[opaque, :3], other[opaque, :3]) > (28 if wanted < 40 else 33)
    before, after = (path.stat().st_size for path in (src, out))
    assert 0.75 * before < after < 1.35 * before + 2500  # the words themselves cost some
    assert names(out) == names(src)
    assert read_webp(out).find(b"EXIF") == read_webp(src).find(b"EXIF")
    check_perceivable(out, placement)


def test_quality_is_the_inverse_of_the_quantiser(tmp_path):
    for wanted in range(5, 100, 10):
        src = save(tmp_path / "in.webp", photo(), quality=wanted)
        index = quantiser(read_webp(src).find(b"VP8 ").payload)
        assert abs(quality(index) - wanted) < 12, wanted


def test_strip_of_a_lossy_picture_and_small_ones(tmp_path):
    for size in ((150, 100), (400, 300)):
        src, out = save(tmp_path / "in.webp", photo(size=size)), tmp_path / "out.webp"
        placement = WEBP.write_notice(src, out, STRIP)
        assert pixels(out)[1].shape[:2] == (placement.height, placement.width)
        check_perceivable(out, placement)


def test_exif_orientation(tmp_path):
    exif = Image.Exif()
    exif[0x112] = 6
    src, out = save(tmp_path / "in.webp", photo(), exif=exif), tmp_path / "out.webp"
    placement = WEBP.write_notice(src, out, NOTICE)
    assert (placement.width, placement.height) == (300, 400)
    assert pixels(out)[1].shape[:2] == (300, 400)
    check_perceivable(out, placement)


# --- Animations -----------------------------------------------------------------------------------


def anmf(left, top, image, *, flags=0, duration=70, **options):
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", exact=True, **options)
    path = buffer.getvalue()
    body, chunks = path[12:], b""
    while body:
        size = int.from_bytes(body[4:8], "little")
        whole = 8 + size + (size & 1)
        if body[:4] in (b"VP8 ", b"VP8L", b"ALPH"):
            chunks += body[:whole]
        body = body[whole:]
    places = (left // 2, top // 2, image.width - 1, image.height - 1, duration)
    return Chunk(
        b"ANMF", b"".join(v.to_bytes(3, "little") for v in places) + bytes([flags]) + chunks
    )


def animation(path, frames, size=SIZE):
    header = bytes([0x12]) + bytes(3) + b"".join((side - 1).to_bytes(3, "little") for side in size)
    first = [Chunk(b"VP8X", header), Chunk(b"ANIM", b"\xff\xff\xff\xff\3\0")]
    path.write_bytes(join_chunks(b"WEBP", [*first, *frames, Chunk(b"zzzz", b"odd")]) + b"behind")
    return path


def shown(path):
    with Image.open(path) as image:
        return [
            (np.asarray(each.convert("RGBA")), each.info["duration"])
            for each in ImageSequence.Iterator(image)
        ]


@pytest.fixture
def moving(tmp_path):
    return animation(
        tmp_path / "in.webp",
        [
            anmf(0, 0, noise("RGB"), lossless=True),
            anmf(200, 10, noise("RGBA", (60, 50), 3), lossless=True, flags=1, duration=90),
            anmf(0, 0, noise("RGB", SIZE, 5), lossless=True, flags=3),
            anmf(20, 180, noise("RGB", (101, 31), 6), lossless=True, duration=30),
            anmf(220, 0, noise("RGB", (40, 40), 7), lossless=True),
        ],
    )


@pytest.mark.parametrize("notice", [NOTICE, STRIP], ids=["overlay", "strip"])
def test_notice_on_every_frame_and_nothing_else(moving, tmp_path, notice):
    out = tmp_path / "out.webp"
    placement = WEBP.write_notice(moving, out, notice)
    before, after = shown(moving), shown(out)
    assert [delay for _, delay in after] == [delay for _, delay in before]
    for (old, _), (new, _) in zip(before, after, strict=True):
        one, other = outside(old, new, box(placement))
        assert np.array_equal(one[:, 3], other[:, 3])
        assert np.array_equal(one[one[:, 3] > 0], other[one[:, 3] > 0])
    assert check_perceivable(out, placement).measures["frames"] == 5
    assert names(out) == names(moving)
    assert read_webp(out).find(b"ANIM") == read_webp(moving).find(b"ANIM")
    assert out.read_bytes().endswith(b"behind")
    frames = [[c for c in read_webp(p).chunks if c.name == b"ANMF"] for p in (moving, out)]
    assert [c.payload[12:16] for c in frames[0]] == [c.payload[12:16] for c in frames[1]]
    assert frames[0][1] == frames[1][1]  # away from the plate: byte for byte


def test_lossy_frames_and_a_partial_first_one(tmp_path):
    frames = [
        anmf(150, 20, photo(size=(100, 60)), quality=80),
        anmf(0, 0, photo(size=SIZE), quality=80),
    ]
    src, out = animation(tmp_path / "in.webp", frames), tmp_path / "out.webp"
    placement = WEBP.write_notice(src, out, NOTICE)
    for (old, _), (new, _) in zip(shown(src), shown(out), strict=True):
        one, other = outside(old, new, box(placement))
        assert np.array_equal(one[:, 3], other[:, 3])
        assert psnr(one[one[:, 3] > 0], other[one[:, 3] > 0]) > 33
    check_perceivable(out, placement)


# --- Tags -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lossy", "lossless", "alpha", "exif", "moving"])
def test_tags_round_trip_and_pixels_stay(tmp_path, kind, moving):
    src, out, again = (tmp_path / name for name in ("src.webp", "out.webp", "again.webp"))
    if kind == "moving":
        src = moving
    else:
        options = {"exif": {"exif": b"Exif\0\0II*\0"}, "lossy": {}}.get(kind, {"lossless": True})
        save(src, noise("RGBA" if kind == "alpha" else "RGB"), **options)
    assert WEBP.read_tags(src) == {}
    WEBP.write_tags(src, out, TAGS)
    WEBP.write_tags(out, again, {"xmp": {"Iptc4xmpExt:AISystemUsed": "B"}})
    assert WEBP.read_tags(out) == TAGS
    assert WEBP.read_tags(again)["xmp"] == {**TAGS["xmp"], "Iptc4xmpExt:AISystemUsed": "B"}
    assert [p.tobytes() for p, _ in shown2(again)] == [p.tobytes() for p, _ in shown2(src)]
    assert names(again).count(b"XMP ") == 1
    assert names(again)[0] == b"VP8X"
    flags = read_webp(again).chunks[0].payload[0]
    want = {"lossy": 4, "lossless": 4, "alpha": 0x14, "exif": 0xC, "moving": 0x16}[kind]
    assert flags == want


def shown2(path):
    with Image.open(path) as image:
        return [(np.asarray(each), 0) for each in ImageSequence.Iterator(image)]


@pytest.mark.needs("exiftool")
def test_exiftool_reads_our_tags(tmp_path):
    src, out = save(tmp_path / "in.webp", noise("RGBA"), lossless=True), tmp_path / "out.webp"
    WEBP.write_tags(src, out, TAGS)
    said = subprocess.run(
        [shutil.which("exiftool"), "-s3", "-XMP-iptcExt:DigitalSourceType", "-Validate", "-Warning", out],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said.splitlines()[:2] == [SOURCE, "OK"]


# --- Limits and damage ----------------------------------------------------------------------------


def test_bombs_and_nothing(tmp_path):
    path = tmp_path / "x.webp"
    path.write_bytes(b"")
    with pytest.raises(UnreadableAssetError):
        WEBP.read_tags(path)
    path.write_bytes(join_chunks(b"WEBP", [Chunk(b"JUNK", b"")] * (MAX_CHUNKS + 1)))
    with pytest.raises(LimitError):
        WEBP.manifest_carrier(path)
    animation(path, [anmf(0, 0, noise("RGB", (8, 8)))], size=(16000, 16000))
    with pytest.raises(LimitError):
        WEBP.write_notice(path, tmp_path / "out", NOTICE)
    animation(path, [anmf(0, 0, noise("RGB", (8, 8)))], size=(4, 4))
    with pytest.raises(UnreadableAssetError):
        WEBP.write_notice(path, tmp_path / "out", NOTICE)


def test_metadata_without_a_picture(tmp_path):
    path = tmp_path / "x.webp"
    path.write_bytes(join_chunks(b"WEBP", [Chunk(b"VP8X", bytes(10)), Chunk(b"EXIF", b"II*")]))
    for act in (WEBP.read_tags, lambda p: WEBP.write_tags(p, tmp_path / "out", TAGS)):
        with pytest.raises(UnreadableAssetError):
            act(path)


def attempt(path, tmp_path):
    for act in (
        lambda: WEBP.read_tags(path),
        lambda: WEBP.write_tags(path, tmp_path / "tagged.webp", TAGS),
        lambda: WEBP.write_notice(path, tmp_path / "noticed.webp", NOTICE),
        lambda: WEBP.find_notices(path, [], search=False),
    ):
        with contextlib.suppress(KzlabelError, OSError):
            act()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["lossy", "lossless", "moving"])
def test_damage_never_surprises(tmp_path, kind):
    rng = np.random.default_rng(9)
    path = tmp_path / "cut.webp"
    image = photo("RGBA", (210, 204))
    if kind == "moving":
        animation(
            path,
            [anmf(0, 0, image, quality=50), anmf(10, 180, image.crop((0, 0, 40, 20)))],
            (210, 204),
        )
    else:
        save(path, image, lossless=kind == "lossless", method=0)
    whole = path.read_bytes().removesuffix(b"behind")
    for length in rng.integers(0, len(whole) - 1, 12):
        path.write_bytes(whole[:length])
        with pytest.raises((KzlabelError, OSError)):
            WEBP.read_tags(path)
    for number in range(20):
        flipped = bytearray(whole)
        for at in rng.integers(0, 120 if number % 2 else len(whole), 3):
            flipped[at] = rng.integers(0, 256)
        path.write_bytes(flipped)
        attempt(path, tmp_path)


def test_sniff():
    assert WEBP.sniff(b"RIFF\0\0\0\0WEBPVP8 ", None)
    assert not WEBP.sniff(b"RIFF\0\0\0\0WAVEfmt ", None)
