"""GIF: blocks, XMP, and the notice on every frame."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image, ImageSequence

from kzlabel.errors import KzlabelError, LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats._gif_blocks import MAX_BLOCKS, MAX_SUB_BLOCKS, read_gif
from kzlabel.formats._gif_frames import read_frames
from kzlabel.formats.gif import Gif
from kzlabel.model import Corner, Notice, NoticeStyle, Statement
from kzlabel.notices.visible import box

GIF = Gif()
NOTICE = Notice(statement=Statement.CREATED, corner=Corner.BOTTOM_LEFT)
STRIP = Notice(statement=Statement.CREATED, style=NoticeStyle.STRIP)
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TAGS = {"xmp": {"Iptc4xmpExt:DigitalSourceType": SOURCE, "Iptc4xmpExt:AISystemUsed": "Модель"}}
PALETTE = bytes(v for i in range(256) for v in (i, (i * 7) % 256, 255 - i))
MID = bytes(v for i in range(256) for v in (100 + i % 16, 110 + i // 16, 120))


def lzw(indices, size):
    from PIL import GifImagePlugin

    return b"".join(GifImagePlugin.getdata(Image.frombytes("P", size, bytes(indices))))[10:]


def u16(*values):
    return b"".join(v.to_bytes(2, "little") for v in values)


def frame(left, top, indices, *, control=b"\0", delay=7, index=0, table=b""):  # noqa: PLR0913  a frame has these
    height, width = indices.shape
    flags = 0x80 | 7 if table else 0
    return (
        b"\x21\xf9\x04" + control + u16(delay) + bytes([index, 0])
        + b"\x2c" + u16(left, top, width, height) + bytes([flags]) + table
        + lzw(indices.astype(np.uint8).tobytes(), (width, height))
    )  # fmt: skip


def gif(path, frames, *, size=(320, 240), table=PALETTE, tail=b""):
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x05\x00\x00"
    comment = b"\x21\xfe\x05hello\x00"
    head = b"GIF89a" + u16(*size) + (b"\xf7" if table else b"\x70") + b"\0\0" + table
    path.write_bytes(head + loop + comment + b"".join(frames) + b"\x3b" + tail)
    return path


def noise(width, height, low=0, high=256, seed=1):
    return np.random.default_rng(seed).integers(low, high, (height, width))


def shown(path):
    with Image.open(path) as image:
        return [
            (np.asarray(each.convert("RGBA")), each.info.get("duration"))
            for each in ImageSequence.Iterator(image)
        ]


def check_same_outside(before, after, where):
    left, top, right, bottom = where
    assert len(before) == len(after)
    for (old, delay), (new, new_delay) in zip(before, after, strict=True):
        assert delay == new_delay
        mask = np.ones(new.shape[:2], bool)
        mask[top:bottom, left:right] = False
        mask[old.shape[0] :] = mask[:, old.shape[1] :] = False
        height, width = old.shape[:2]
        visible = mask[:height, :width] & (old[..., 3] > 0)
        assert np.array_equal(old[visible], new[:height, :width][visible])
        assert np.array_equal(
            old[..., 3][mask[:height, :width]], new[:height, :width, 3][mask[:height, :width]]
        )
        plate = new[top:bottom, left:right]
        assert (plate[..., 3] == 255).all()
        assert plate[..., :3].mean(axis=2).std() > 15


@pytest.fixture
def moving(tmp_path):
    """A partial frame over a whole one, one that clears, one that undoes, a local table."""
    return gif(
        tmp_path / "in.gif",
        [
            frame(0, 0, noise(320, 240), control=b"\x04"),
            frame(100, 20, noise(60, 50, seed=2), control=b"\x05", index=9),
            frame(0, 0, noise(320, 240, seed=3), control=b"\x08", delay=11),
            frame(5, 180, noise(200, 55, seed=4), control=b"\x0d", index=3, table=PALETTE[::-1]),
            frame(200, 10, noise(20, 20, seed=5), control=b"\x04"),
        ],
        tail=b"behind",
    )


def test_notice_on_every_frame_and_nothing_else(moving, tmp_path):
    out = tmp_path / "out.gif"
    before = moving.read_bytes()
    placement = GIF.write_notice(moving, out, NOTICE)
    assert moving.read_bytes() == before
    check_same_outside(shown(moving), shown(out), box(placement))
    old, new = read_gif(moving), read_gif(out)
    assert [b.label for b in new.blocks] == [b.label for b in old.blocks]
    assert new.content.endswith(b"\x3bbehind")
    assert b"NETSCAPE2.0\x03\x01\x05\x00\x00" in new.content
    assert [f.control.delay for f in read_frames(new, out)] == [
        f.control.delay for f in read_frames(old, moving)
    ]
    reports = GIF.find_notices(out, [placement], search=False)
    assert [r.perceivable for r in reports] == [True]
    assert reports[0].measures["frames"] == 5


def test_frame_away_from_the_plate_stays_byte_for_byte(moving, tmp_path):
    out = tmp_path / "out.gif"
    GIF.write_notice(moving, out, NOTICE)
    assert read_frames(read_gif(out), out)[1].data == read_frames(read_gif(moving), moving)[1].data


def test_strip_grows_the_screen(moving, tmp_path):
    out = tmp_path / "out.gif"
    placement = GIF.write_notice(moving, out, STRIP)
    assert read_gif(out).size == (placement.width, placement.height)
    assert placement.height > 240
    check_same_outside(shown(moving), shown(out), box(placement))
    assert GIF.find_notices(out, [placement], search=False)[0].perceivable


def test_palette_without_contrast_gets_free_slots(tmp_path):
    src = gif(tmp_path / "in.gif", [frame(0, 0, noise(320, 240, 0, 200))], table=MID)
    out = tmp_path / "out.gif"
    placement = GIF.write_notice(src, out, NOTICE)
    check_same_outside(shown(src), shown(out), box(placement))
    assert GIF.find_notices(out, [placement], search=False)[0].perceivable
    assert read_gif(out).global_table == MID


def test_palette_without_contrast_or_room_is_refused(tmp_path):
    src = gif(tmp_path / "in.gif", [frame(0, 0, noise(320, 240))], table=MID)
    with pytest.raises(RefusedError, match="--notice none"):
        GIF.write_notice(src, tmp_path / "out.gif", NOTICE)


def test_partial_first_frame_without_transparency_is_extended(tmp_path):
    src = gif(tmp_path / "in.gif", [frame(200, 10, noise(60, 60, 0, 250))])
    out = tmp_path / "out.gif"
    placement = GIF.write_notice(src, out, NOTICE)
    assert GIF.find_notices(out, [placement], search=False)[0].perceivable
    # Around the frame Pillow paints the background, where browsers show through; we show through.
    ((old, _),), ((new, _),) = shown(src), shown(out)
    assert np.array_equal(old[10:70, 200:260], new[10:70, 200:260])
    assert (new[80:150, :, 3] == 0).all()


def test_interlaced_frame_of_a_1987_file(tmp_path):
    pixels = noise(256, 256).astype(np.uint8)
    picture = Image.fromarray(pixels)
    picture.putpalette(PALETTE)
    src, out = tmp_path / "in.gif", tmp_path / "out.gif"
    picture.save(src, interlace=1, optimize=False)
    placement = GIF.write_notice(src, out, NOTICE)
    check_same_outside(shown(src), shown(out), box(placement))


@pytest.mark.parametrize("colours", [2, 4, 16, 256])
def test_small_tables(tmp_path, colours):
    table = (b"\x10\x20\x30" + b"\xf0\xe0\xd0" + bytes(range(60, 60 + 3 * colours)))[: 3 * colours] \
        if colours < 60 else PALETTE  # fmt: skip
    bits = (colours - 1).bit_length()
    pixels = noise(300, 220, 0, colours)
    head = b"GIF87a" + u16(300, 220) + bytes([0x80 | bits - 1]) + b"\0\0" + table
    image = (
        b"\x2c" + u16(0, 0, 300, 220) + b"\0" + lzw(pixels.astype(np.uint8).tobytes(), (300, 220))
    )
    src, out = tmp_path / "in.gif", tmp_path / "out.gif"
    src.write_bytes(head + image + b"\x3b")
    placement = GIF.write_notice(src, out, NOTICE)
    check_same_outside(shown(src), shown(out), box(placement))


# --- Tags -----------------------------------------------------------------------------------------


def test_tags_round_trip_and_the_rest_stays(moving, tmp_path):
    out, again = tmp_path / "out.gif", tmp_path / "again.gif"
    comment = {"comment": {"COM": "hello"}}
    assert GIF.read_tags(moving) == comment
    GIF.write_tags(moving, out, TAGS)
    assert GIF.read_tags(out) == TAGS | comment
    GIF.write_tags(out, again, {"xmp": {"Iptc4xmpExt:AISystemUsed": "B"}})
    assert GIF.read_tags(again)["xmp"]["Iptc4xmpExt:AISystemUsed"] == "B"
    assert GIF.read_tags(again)["xmp"]["Iptc4xmpExt:DigitalSourceType"] == SOURCE
    assert again.read_bytes().count(b"XMP DataXMP") == 1
    old, new = moving.read_bytes(), out.read_bytes()
    at = read_gif(moving).head
    assert new[:at] == old[:at]
    assert new.endswith(old[at:])


@pytest.mark.needs("exiftool")
def test_exiftool_reads_our_tags(moving, tmp_path):
    out = tmp_path / "out.gif"
    GIF.write_tags(moving, out, TAGS)
    said = subprocess.run(
        [shutil.which("exiftool"), "-s3", "-XMP-iptcExt:DigitalSourceType", "-validate", out],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said.splitlines()[0] == SOURCE


# --- Limits and damage ----------------------------------------------------------------------------


def test_a_million_comments_are_refused(tmp_path):
    bomb = tmp_path / "bomb.gif"
    bomb.write_bytes(b"GIF89a\1\0\1\0\0\0\0" + b"\x21\xfe\1x\0" * 1_000_000 + b"\x3b")
    for look in (GIF.read_tags, GIF.manifest_carrier):
        with pytest.raises(LimitError, match=str(MAX_BLOCKS)):
            look(bomb)


def test_many_sub_blocks_are_refused(tmp_path):
    bomb = tmp_path / "bomb.gif"
    for count, error in ((1000, UnreadableAssetError), (MAX_SUB_BLOCKS, LimitError)):
        bomb.write_bytes(b"GIF89a\1\0\1\0\0\0\0\x21\xfe" + b"\1x" * count + b"\0\x3b")
        with pytest.raises(error):
            GIF.find_notices(bomb, (), search=True)


def test_a_screen_bomb_is_refused(tmp_path):
    src = gif(tmp_path / "in.gif", [frame(0, 0, noise(8, 8))], size=(65535, 65535))
    with pytest.raises(LimitError):
        GIF.write_notice(src, tmp_path / "out.gif", NOTICE)


def test_empty_and_no_picture(tmp_path):
    empty = tmp_path / "empty.gif"
    empty.write_bytes(b"")
    with pytest.raises(UnreadableAssetError):
        GIF.read_tags(empty)
    with pytest.raises(UnreadableAssetError):
        GIF.write_notice(gif(tmp_path / "none.gif", []), tmp_path / "out.gif", NOTICE)


def attempt(path, tmp_path):
    for act in (
        lambda: GIF.read_tags(path),
        lambda: GIF.write_tags(path, tmp_path / "tagged.gif", TAGS),
        lambda: GIF.write_notice(path, tmp_path / "noticed.gif", NOTICE),
        lambda: GIF.find_notices(path, [], search=False),
    ):
        with contextlib.suppress(KzlabelError, OSError):
            act()


@pytest.mark.slow
def test_damage_never_surprises(tmp_path):
    rng = np.random.default_rng(5)
    frames = [
        frame(0, 0, noise(210, 205, 0, 4)),
        frame(10, 190, noise(50, 15, 0, 4), control=b"\5"),
    ]
    whole = gif(tmp_path / "in.gif", frames, size=(210, 205), table=PALETTE).read_bytes()
    path = tmp_path / "cut.gif"
    for length in rng.integers(0, len(whole), 25):
        path.write_bytes(whole[:length])
        with pytest.raises((KzlabelError, OSError)):
            GIF.read_tags(path)
    for _ in range(40):
        flipped = bytearray(whole)
        for at in rng.integers(0, rng.choice([1000, len(whole)]), 3):
            flipped[at] = rng.integers(0, 256)
        path.write_bytes(flipped)
        attempt(path, tmp_path)


def test_sniff():
    buffer = io.BytesIO()
    Image.new("P", (2, 2)).save(buffer, "GIF")
    assert GIF.sniff(buffer.getvalue(), None)
    assert not GIF.sniff(b"GIF88a", None)


def test_xmp_in_sub_blocks_is_read_and_replaced(moving, tmp_path):
    packet = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="T"/></rdf:RDF>'
    )
    chain = bytes([len(packet)]) + packet + b"\0"
    whole = moving.read_bytes()
    at = read_gif(moving).head
    src, out = tmp_path / "chained.gif", tmp_path / "out.gif"
    src.write_bytes(whole[:at] + b"\x21\xff\x0bXMP DataXMP" + chain + whole[at:])
    assert GIF.read_tags(src)["xmp"] == {"xmp:CreatorTool": "T"}
    GIF.write_tags(src, out, TAGS)
    assert GIF.read_tags(out)["xmp"] == {"xmp:CreatorTool": "T", **TAGS["xmp"]}


def test_what_cannot_be_kept_is_refused(tmp_path):
    outside = gif(tmp_path / "a.gif", [frame(300, 0, noise(60, 60))])
    colourless = gif(tmp_path / "b.gif", [frame(0, 0, noise(320, 240))], table=b"")
    for src in (outside, colourless):
        with pytest.raises(RefusedError, match="--notice none"):
            GIF.write_notice(src, tmp_path / "out.gif", NOTICE)
