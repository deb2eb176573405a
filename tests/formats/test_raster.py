from __future__ import annotations

import io
import os
import zlib
from functools import partial
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageOps
from samples import FIXTURES

from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats import _raster as raster
from kzlabel.formats._heif import decode
from kzlabel.formats._raster_orientation import upright
from kzlabel.formats._raster_view import on_grounds
from kzlabel.locale import LANGUAGES, sentence
from kzlabel.model import Notice, NoticeStyle, Statement
from kzlabel.notices._judge import PERCEIVABLE
from kzlabel.notices.visible import box

NOTICE = Notice(statement=Statement.CREATED)
MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "RGBX", "CMYK", "I;16", "I;16B"]


def noise(mode, size):
    if mode.startswith("I;16"):
        return Image.frombytes(mode, size, os.urandom(size[0] * size[1] * 2))
    image = Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3))
    return image.quantize(64) if mode == "P" else image.convert(mode)


def judge(images, hints, **options):
    return raster.judge_frames(images, hints, search=False, **options)


EVERY = [
    (mode, orientation, [(240, 204), (90, 60)][(number + orientation) % 2])
    for number, mode in enumerate(MODES)
    for orientation in range(1, 9)
]
"""Every mode and every orientation meets an overlay and a band."""


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "orientation", "size"), EVERY)
def test_drawn_in_every_mode_and_orientation(mode, orientation, size):
    image = noise(mode, size)
    before = image.tobytes()
    placement = raster.place_on(image, NOTICE, orientation)
    drawn = raster.draw(image, placement, orientation)
    assert image.tobytes() == before
    assert (drawn.mode, drawn.size) == (mode, raster.stored_size(placement, orientation))
    assert drawn.getpalette() == image.getpalette()
    shown, picture = upright(drawn, orientation), upright(image, orientation)
    left, top, right, bottom = box(placement)
    kept = shown.crop((0, 0, *picture.size)).get_flattened_data()
    outside = [
        at for at, (now, was) in enumerate(zip(kept, picture.get_flattened_data(), strict=True))
        if now != was and not (left <= at % picture.width < right and top <= at // picture.width < bottom)
    ]  # fmt: skip
    assert not outside
    row = judge([drawn], [placement], orientation=orientation)[0]
    assert (row.code, row.perceivable) == (PERCEIVABLE, True)
    assert (
        judge([noise(mode, drawn.size)], [placement], orientation=orientation)[0].code
        == "kz.notice.covered"
    )


def test_orientation_is_not_that_of_xmp():
    xmp = b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="3"/>'
    file = io.BytesIO()
    noise("RGB", (7, 5)).save(file, "jpeg", xmp=xmp)
    opened = Image.open(file)
    assert opened.getexif()[0x0112] == 3  # Pillow would
    assert raster.orientation_of(Image.open(file)) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_pillows(orientation):
    image = noise("RGB", (7, 5))
    exif = image.getexif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    image.save(file, "png", exif=exif)
    opened = Image.open(file)
    assert raster.orientation_of(opened) == orientation
    shown = ImageOps.exif_transpose(opened)
    assert upright(opened, orientation).tobytes() == shown.tobytes()
    assert raster.displayed_size(opened, orientation) == shown.size
    placement = raster.place_on(noise("RGB", (400, 300)), NOTICE, 1)
    area = raster.stored_box(placement, orientation)
    assert raster.stored_plate(placement, orientation).size == (
        area[2] - area[0],
        area[3] - area[1],
    )


@pytest.mark.parametrize("value", [0, 9, 65535, "x"])
def test_orientation_that_makes_no_sense(value):
    image = noise("RGB", (7, 5))
    image.getexif()[0x0112] = value
    assert raster.orientation_of(image) == 1


def palette(*colours, pixels=None):
    image = Image.new("P", (240, 240))
    image.putpalette([channel for colour in colours for channel in colour])
    image.putdata(
        [(pixels or range(len(colours)))[at % len(pixels or colours)] for at in range(240 * 240)]
    )
    return image


def test_palette_without_contrast_gets_two_slots_of_its_own():
    image = palette((250, 250, 250), (240, 240, 240))
    drawn = raster.draw(image, raster.place_on(image, NOTICE))
    assert drawn.getpalette()[:6] == image.getpalette()[:6]
    assert drawn.getpalette()[6:12] == [0, 0, 0, 255, 255, 255]


def test_full_palette_without_contrast():
    greys = [(index % 40 + 200,) * 3 for index in range(256)]
    with pytest.raises(RefusedError, match="256 colours"):
        raster.draw(palette(*greys), raster.place_on(palette(*greys), NOTICE))
    image = palette(*greys, pixels=list(range(254)))
    drawn = raster.draw(image, raster.place_on(image, NOTICE))
    assert drawn.getpalette()[254 * 3 :] == [0, 0, 0, 255, 255, 255]


@pytest.mark.parametrize("transparency", [0, bytes([0, 255]), bytes([255, 0, 255])])
def test_transparent_colours_are_no_ink(transparency):
    image = palette((0, 0, 0), (255, 255, 255), (20, 20, 20), (230, 230, 230))
    image.info["transparency"] = transparency
    placement = raster.place_on(image, NOTICE)
    drawn = raster.draw(image, placement)
    assert drawn.info["transparency"] == transparency
    assert judge([drawn], [placement])[0].perceivable


@pytest.mark.parametrize("mode", ["I", "F", "HSV", "LAB", "YCbCr"])
def test_modes_that_would_lose(mode):
    image = Image.new(mode, (300, 300))
    with pytest.raises(RefusedError, match=f"of mode {mode}"):
        raster.draw(image, raster.place_on(Image.new("L", (300, 300)), NOTICE))


def test_plate_made_transparent_is_covered():
    image = noise("RGBA", (400, 300))
    placement = raster.place_on(image, NOTICE)
    drawn = raster.draw(image, placement)
    clear = drawn.crop(box(placement))
    clear.putalpha(0)
    drawn.paste(clear, box(placement))
    assert judge([drawn], [placement])[0].code == "kz.notice.covered"


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_or_ground_made_transparent_is_not_perceivable(ink):
    image = Image.new("LA", (400, 300), (128, 255))
    placement = raster.place_on(image, NOTICE)
    drawn = raster.draw(image, placement)
    grey = drawn.getchannel("L")
    drawn.putalpha(grey.point([0 if abs(value - ink) < 128 else 255 for value in range(256)]))
    assert judge([drawn], [placement])[0].perceivable is False


def test_transparent_sample_of_16_bits():
    image = Image.new("I;16", (400, 300), 30000)
    placement = raster.place_on(image, NOTICE)
    drawn = raster.draw(image, placement)
    drawn.info["transparency"] = 65535
    assert judge([drawn], [placement])[0].perceivable is False


def test_16_bits_are_reduced_not_clipped():
    for mode in ("I;16", "I;16B", "I"):
        assert on_grounds(Image.new(mode, (1, 1), 0x4100))[0].getpixel((0, 0)) == (0x41,) * 3


def test_worst_frame_counts():
    image = noise("RGB", (400, 300))
    placement = raster.place_on(image, NOTICE)
    drawn = raster.draw(image, placement)
    row = judge(iter([drawn, drawn, image, drawn]), [placement])[0]
    assert (row.code, row.perceivable) == ("kz.notice.covered", False)
    assert (row.measures["frames"], row.measures["frames_shown"]) == (4, 3)
    assert judge([drawn] * 3, [placement])[0].measures["frames_shown"] == 3


def test_search_only_when_asked_and_not_hinted():
    image = Image.new("RGB", (640, 480), (90, 120, 60))
    drawn = raster.draw(image, raster.place_on(image, NOTICE))
    assert raster.judge_frames([drawn], [], search=False) == ()
    rows = raster.judge_frames([drawn, drawn], [], search=True)
    assert [(row.code, row.languages, row.measures["frames"]) for row in rows] == [
        (PERCEIVABLE, ("kk", "ru"), 2)
    ]
    assert raster.judge_frames([image], [], search=True) == ()


def test_band_is_outside_the_picture():
    image = noise("RGB", (320, 240))
    placement = raster.place_on(image, Notice(statement=Statement.CREATED, style=NoticeStyle.STRIP))
    drawn = raster.draw(image, placement)
    assert drawn.height > 240
    assert ImageChops.difference(drawn.crop((0, 0, 320, 240)), image).getbbox() is None


@pytest.mark.parametrize("style", [NoticeStyle.OVERLAY, NoticeStyle.STRIP])
@pytest.mark.parametrize("size", [(320, 239), (321, 240), (240, 320)])
def test_frame_of_another_size(style, size):
    placement = raster.place_on(
        noise("L", (320, 240)), Notice(statement=Statement.CREATED, style=style)
    )
    with pytest.raises(UnreadableAssetError, match=f"{size[0]} x {size[1]}, not 320 x 240 pixels"):
        raster.draw(noise("L", size), placement)


def test_limits(tmp_path):
    path = tmp_path / "a.png"
    raster.check_pixels(path, 10, 10, 2000)
    for size in [(10**5, 10**5, 1), (1, 1, 2001), (9000, 9000, 1000)]:
        with pytest.raises(LimitError, match="limit is"):
            raster.check_pixels(path, *size)
    path.write_bytes(bomb())
    with pytest.raises(LimitError, match=">178956970 pixels, the limit is 89478485"):
        raster.open_image(path, ("PNG",))


def bomb():
    """A PNG that says it is 20 000 pixels a side."""
    header = b"IHDR" + (20000).to_bytes(4) * 2 + b"\1\0\0\0\0"
    start = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4) + header
    return start + zlib.crc32(header).to_bytes(4) + b"\0\0\0\0IDAT" + bytes(4)


@pytest.mark.parametrize("limit", [10, None])
def test_no_file_is_left_open(limit, tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(bomb())
    if limit:
        Image.new("1", (20, 20)).save(path)
        monkeypatch.setattr("kzlabel.formats._raster_limits.MAX_PIXELS", limit)
    with pytest.raises(LimitError) as caught:
        raster.open_image(path, ("PNG",))
    held = [str(number.resolve()) for number in Path("/proc/self/fd").iterdir()]
    assert str(path) not in held, caught


def pixels_of(form, path):
    with raster.decoding(path), raster.open_image(path, (form,)) as image:
        image.load()


@pytest.mark.parametrize(
    ("name", "form", "code"),
    [
        ("picture.heic", "HEIF", "kz.error.picture-cut"),
        ("picture.heic", "HEIF header", "kz.error.picture-unrecognised"),
        ("picture.jpg", "PNG", "kz.error.picture-unrecognised"),
        ("picture.jpg", "JPEG", "kz.error.picture-cut"),
    ],
)
def test_damage_is_said_in_our_words(tmp_path, name, form, code):
    whole = (FIXTURES / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(whole[: 200 if form == "HEIF header" else len(whole) * 3 // 4])
    read = decode if form.startswith("HEIF") else partial(pixels_of, form)
    with pytest.raises(UnreadableAssetError) as caught:
        read(path)
    assert caught.value.code == code
    assert "<" not in str(caught.value.values)
    for language in LANGUAGES:
        assert "truncated" not in sentence(code, language, **caught.value.values)


def test_damage_is_one_clear_error(tmp_path):
    path = tmp_path / "a.png"
    file = io.BytesIO()
    noise("RGB", (20, 20)).save(file, "png")
    whole = file.getvalue()
    with pytest.raises(FileNotFoundError):
        raster.open_image(tmp_path / "none.png", ("PNG",))
    for cut in [*range(60), *range(60, len(whole) - 16, 97)]:
        path.write_bytes(whole[:cut])
        with (
            pytest.raises(UnreadableAssetError, match="could not be decoded"),
            raster.decoding(path),
            raster.open_image(path, ("PNG",)) as image,
        ):
            image.load()
    path.write_bytes(whole)
    with pytest.raises(UnreadableAssetError):
        raster.open_image(path, ("JPEG",))
