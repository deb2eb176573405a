"""Colour data beside the pixels: profiles and gammas, honest ones and such as hide a notice."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageCms

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._png_chunks import packed
from kzlabel.formats._raster_icc import ColourError, is_plain, tags_of
from kzlabel.formats.jpeg import Jpeg
from kzlabel.formats.png import Png
from kzlabel.formats.tiff import Tiff
from kzlabel.formats.webp import Webp
from kzlabel.model import Notice, Statement

if TYPE_CHECKING:
    from pathlib import Path

NOTICE = Notice(statement=Statement.CREATED)
ROOMS = {"JPEG": Jpeg(), "PNG": Png(), "TIFF": Tiff(), "WEBP": Webp()}
SIZE = (480, 360)
D50 = (0.9642, 1.0, 0.8249)
SRGB_PRIMARIES = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7139))
ADOBE = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
P3 = ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841))


def fixed(*numbers: float) -> bytes:
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


def curve(*values: int) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(f">I{len(values)}H", len(values), *values)


SRGB_CURVE = b"para\0\0\0\0\0\3\0\0" + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
GAMMA = curve(round(2.2 * 256))
FLAT = curve(65535, 65535)
INVERTED = curve(65535, 0)
CRUSHED = b"para\0\0\0\0\0\3\0\0" + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 40, 0.04045)
NAN = b"para\0\0\0\0\0\3\0\0" + fixed(2.4, -1, -1, 1, 0)


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Return an ICC profile of version 4."""
    tags = {b"wtpt": b"XYZ \0\0\0\0" + fixed(*D50), b"cprt": b"mluc" + bytes(12), **tags}
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        start = 132 + 12 * len(tags) + len(body)
        table += struct.pack(">4sII", name, start, len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">I4sI4s4s4s", 132 + 12 * len(tags) + len(body), bytes(4), 0x04000000,
                       b"mntr", space, b"XYZ ")  # fmt: skip
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp"
    return head.ljust(68, b"\0") + fixed(*D50).ljust(60, b"\0") + table + body


def matrix(primaries: tuple[tuple[float, ...], ...], tone: bytes) -> bytes:
    names = (b"rXYZ", b"gXYZ", b"bXYZ")
    places = {n: b"XYZ \0\0\0\0" + fixed(*p) for n, p in zip(names, primaries, strict=True)}
    return profile(b"RGB ", {**places, b"rTRC": tone, b"gTRC": tone, b"bTRC": tone})


def inks() -> bytes:
    """Return a CMYK profile: a table of the 16 corners, in Lab, each ink taking light away."""
    light = (0.45, 0.5, 0.05, 0.8)
    table = bytearray()
    for corner in range(16):
        used = [share for bit, share in zip((8, 4, 2, 1), light, strict=True) if corner & bit]
        table += bytes([round(255 * max(0.05, 1 - sum(used))), 128, 128])
    line = bytes(range(256))
    lut = b"mft1\0\0\0\0\4\3\2\0" + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    made = profile(b"CMYK", {b"A2B0": lut + line * 4 + bytes(table) + line * 3})
    return made[:12] + b"prtr" + made[16:20] + b"Lab " + made[24:]


LCMS = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
HONEST = {
    "sRGB": ("RGB", LCMS),
    "own sRGB": ("RGB", matrix(SRGB_PRIMARIES, SRGB_CURVE)),
    "Adobe RGB": ("RGB", matrix(ADOBE, GAMMA)),
    "Display P3": ("RGB", matrix(P3, SRGB_CURVE)),
    "linear": ("RGB", matrix(SRGB_PRIMARIES, curve())),
    "grey": ("L", profile(b"GRAY", {b"kTRC": GAMMA})),
    "grey with sRGB": ("L", LCMS),
    "CMYK": ("CMYK", inks()),
}
HIDING = {
    "flat": ("RGB", matrix(SRGB_PRIMARIES, FLAT)),
    "inverted in part": ("RGB", matrix(SRGB_PRIMARIES, curve(40000, 65535, 0, 65535, 40000))),
    "flat grey": ("L", profile(b"GRAY", {b"kTRC": FLAT})),
}


def noticed(tmp_path: Path, kind: str, mode: str, icc: bytes):
    """Return what is found of a notice in a picture that had the profile from the start."""
    src, out = tmp_path / f"a.{kind.lower()}", tmp_path / f"b.{kind.lower()}"
    Image.new(mode, SIZE, 128).save(src, kind, icc_profile=icc)
    placement = ROOMS[kind].write_notice(src, out, NOTICE)
    with Image.open(out) as image:
        assert image.info["icc_profile"] == icc
    (report,) = ROOMS[kind].find_notices(out, [placement], search=False)
    return report


@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_notice_is_seen_through_honest_profiles(tmp_path: Path, kind: str, name: str) -> None:
    assert noticed(tmp_path, kind, *HONEST[name]).perceivable


@pytest.mark.parametrize("name", HIDING)
@pytest.mark.parametrize("kind", ROOMS)
def test_a_profile_hides_a_notice(tmp_path: Path, kind: str, name: str) -> None:
    mode, icc = HIDING[name]
    if kind == "WEBP" and mode == "L":
        mode = "RGB"
    assert noticed(tmp_path, kind, mode, icc).perceivable is False


@pytest.mark.parametrize(
    "icc",
    [
        LCMS[:200],
        b"nonsense",
        LCMS[:16] + b"CMYK" + LCMS[20:],
        LCMS[:16] + b"LUV " + LCMS[20:],
        profile(b"RGB ", {}),
        profile(b"RGB ", {**tags_of(LCMS), b"cicp": b"cicp\0\0\0\0\x09\x10\0\1"}),
    ],
    ids=["cut", "nonsense", "CMYK", "LUV", "empty", "PQ"],
)
def test_a_profile_that_nobody_can_use_leaves_doubt(tmp_path: Path, icc: bytes) -> None:
    report = noticed(tmp_path, "JPEG", "RGB", icc)
    assert (report.perceivable, report.code) == (None, "kz.notice.undetermined")


def test_only_what_is_near_srgb_is_plain() -> None:
    assert [name for name, (_, icc) in HONEST.items() if is_plain(icc)] == [
        "sRGB", "own sRGB", "grey with sRGB",
    ]  # fmt: skip
    for tone in (FLAT, INVERTED, CRUSHED, NAN, GAMMA[:9], b"", b"para\0\0\0\0\0\x63", curve(7)):
        assert not is_plain(matrix(SRGB_PRIMARIES, tone))
    for at in range(0, len(LCMS), 7):
        is_plain(LCMS[:at])
        is_plain(LCMS[:at] + b"\xff\xff\xff\xff" + LCMS[at + 4 :])


def test_a_tag_that_is_there_twice_is_damage() -> None:
    twice = LCMS[:132] + LCMS[132:144] + LCMS[132:144] + LCMS[156:]
    with pytest.raises(ColourError):
        tags_of(twice)


def test_tables_do_not_hide_curves_that_hide(tmp_path: Path) -> None:
    """A viewer that goes by the curves shows nothing, whatever the table says."""
    identity = b"mft1\0\0\0\0\3\3\2\0" + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    identity += bytes(range(256)) * 3
    identity += bytes(255 * (n >> b & 1) for n in range(8) for b in (2, 1, 0))
    identity += bytes(range(256)) * 3
    both = profile(b"RGB ", {**tags_of(matrix(SRGB_PRIMARIES, FLAT)), b"A2B0": identity})
    assert noticed(tmp_path, "JPEG", "RGB", both).perceivable is False


# --- PNG ------------------------------------------------------------------------------------------


def png_with(tmp_path: Path, *chunks: tuple[bytes, bytes]):
    src, out = tmp_path / "a.png", tmp_path / "b.png"
    Image.new("RGB", SIZE, (90, 140, 200)).save(src)
    placement = ROOMS["PNG"].write_notice(src, out, NOTICE)
    raw = out.read_bytes()
    out.write_bytes(raw[:33] + b"".join(packed(*chunk) for chunk in chunks) + raw[33:])
    (report,) = ROOMS["PNG"].find_notices(out, [placement], search=False)
    return report


def cie(*numbers: float) -> bytes:
    return struct.pack(">8I", *(round(number * 100_000) for number in numbers))


@pytest.mark.parametrize(
    "chunk",
    [
        (b"gAMA", struct.pack(">I", 45455)),
        (b"gAMA", struct.pack(">I", 100_000)),
        (b"gAMA", struct.pack(">I", 30_000)),
        (b"cICP", bytes([12, 13, 0, 1])),
        (b"cHRM", cie(0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)),
        (b"sRGB", b"\0"),
    ],
)
def test_honest_colours_of_png(tmp_path: Path, chunk: tuple[bytes, bytes]) -> None:
    assert png_with(tmp_path, chunk).perceivable


def test_gamma_is_applied(tmp_path: Path) -> None:
    raw = tmp_path / "b.png"
    for gamma, shown in ((1, False), (1_000, False), (45_455, True), (200_000, True)):
        file = io.BytesIO()
        src = tmp_path / "a.png"
        Image.new("RGB", SIZE, 128).save(src)
        raw.unlink(missing_ok=True)
        placement = ROOMS["PNG"].write_notice(src, raw, NOTICE)
        with Image.open(raw) as image:  # white becomes nearly white: some gammas make it black
            image.point([min(level, 250) for level in range(256)] * 3).save(file, "PNG")
        content = file.getvalue()
        chunk = packed(b"gAMA", struct.pack(">I", gamma))
        raw.write_bytes(content[:33] + chunk + content[33:])
        (report,) = ROOMS["PNG"].find_notices(raw, [placement], search=False)
        assert bool(report.perceivable) is shown, gamma


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"cICP", bytes([9, 16, 0, 1]))],
        [(b"cICP", bytes([9, 18, 0, 1]))],
        [(b"cICP", bytes([1, 13, 0, 0]))],
        [(b"cICP", bytes([1, 13, 1, 1]))],
        [(b"cICP", b"")],
        [(b"cHRM", cie(0.9, 0.1, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06))],
        [(b"gAMA", struct.pack(">I", 45455)), (b"gAMA", struct.pack(">I", 1))],
        [(b"iCCP", b"x\0\0" + zlib.compress(LCMS)), (b"iCCP", b"x\0\0" + zlib.compress(LCMS))],
    ],
)
def test_odd_colours_of_png_leave_doubt(tmp_path: Path, chunks: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(UnreadableAssetError):
        png_with(tmp_path, *chunks)


def test_a_damaged_profile_of_png_leaves_doubt(tmp_path: Path) -> None:
    report = png_with(tmp_path, (b"iCCP", b"x\0\0damaged"))
    assert report.perceivable is None
