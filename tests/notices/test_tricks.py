"""Tricks of somebody who wants the notice hidden and the verdict `perceivable`; and honest twins.

Each trick is played on a picture whose hint still declares the notice. The twin is the same change
done so mildly that people still read it.
"""

from __future__ import annotations

import io

import pytest
from pictures import noticed, photo
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from kzlabel.formats import _raster as raster
from kzlabel.formats.gif import Gif
from kzlabel.formats.png import Png
from kzlabel.formats.tiff import Tiff
from kzlabel.formats.webp import Webp
from kzlabel.model import Notice, NoticeStyle, Placement, Region, Statement
from kzlabel.notices.visible import box

SIZE = (600, 450)
COVERED, FAINT, SMALL = "kz.notice.covered", "kz.notice.faint", "kz.notice.small"
PERCEIVABLE = "kz.notice.perceivable"


def with_area(image, placement, change):
    """Change only the plate."""
    area = box(placement)
    image.paste(change(image.crop(area)), area)
    return image


def shrunk(plate, share):
    small = plate.resize((round(plate.width * share), round(plate.height * share)))
    under = photo(31, plate.size)
    under.paste(small, (0, plate.height - small.height))
    return under


def one_line_covered(plate, share):
    ImageDraw.Draw(plate).rectangle(
        (0, 0, plate.width * share, plate.height // 2), fill=(70, 80, 60)
    )
    return plate


def between(plate, dark, light):
    """Recolour: words `light`, plate `dark`."""
    grey = plate.convert("L").point([round(dark + (light - dark) * v / 255) for v in range(256)])
    return grey.convert("RGB")


def striped(plate, thick, every, fill):
    pen = ImageDraw.Draw(plate)
    for row in range(0, plate.height, every):
        pen.rectangle((0, row, plate.width, row + thick - 1), fill=fill)
    return plate


def every_second_pixel(plate, under):
    board = Image.new("L", plate.size)
    board.putdata(
        [
            255 * ((at % plate.width + at // plate.width) % 2)
            for at in range(plate.width * plate.height)
        ]
    )
    return Image.composite(plate, under, board)


def negative_of_every_second_pixel(plate):
    return every_second_pixel(plate, ImageChops.invert(plate))


def speckled(plate, share):
    """Random pixels of the words' colour over all."""
    noise = Image.effect_noise(plate.size, 100).point(
        [255 if v < 256 * share else 0 for v in range(256)]
    )
    plate.paste((255, 255, 255), (0, 0), noise)
    return plate


def seen_through(plate, alpha):
    return Image.blend(photo(32, plate.size), plate, alpha)


PLATE = {
    "plate shrunk": (lambda p: shrunk(p, 0.4), COVERED),
    "one line covered": (lambda p: one_line_covered(p, 1.0), COVERED),
    "one word covered": (lambda p: one_line_covered(p, 0.3), COVERED),
    "60 % grey on grey": (lambda p: between(p, 110, 153), FAINT),
    "grey on white": (lambda p: between(p, 225, 255), FAINT),
    "black on white": (ImageOps.invert, COVERED),
    "red on green": (lambda p: ImageOps.colorize(p.convert("L"), (0, 130, 0), (220, 0, 0)), COVERED),
    "blue on black": (lambda p: ImageOps.colorize(p.convert("L"), (0, 0, 0), (0, 0, 255)), FAINT),
    "white stripes": (lambda p: striped(p, 3, 5, (255, 255, 255)), None),
    "thick stripes": (lambda p: striped(p, 9, 14, (90, 90, 90)), COVERED),
    "blurred": (lambda p: p.filter(ImageFilter.GaussianBlur(9)), None),
    "mirrored": (ImageOps.mirror, COVERED),
    "upside down": (lambda p: p.rotate(180), COVERED),
    "every second pixel the negative": (negative_of_every_second_pixel, None),
    "half the pixels white": (lambda p: speckled(p, 0.5), None),
    "alpha 10 %": (lambda p: seen_through(p, 0.1), None),
    "mosaic": (lambda p: p.resize((p.width // 20, p.height // 20)).resize(p.size, 0), COVERED),
    "lines changed over": (lambda p: ImageChops.offset(p, 0, p.height // 2), COVERED),
}  # fmt: skip
TWINS = {
    "plate a little smaller": lambda p: shrunk(p, 0.995),
    "white on dark grey": lambda p: between(p, 60, 235),
    "thin dark stripes": lambda p: striped(p, 1, 5, (20, 20, 20)),
    "blurred by a pixel": lambda p: p.filter(ImageFilter.GaussianBlur(1.2)),
    "yellow on black": lambda p: ImageOps.colorize(p.convert("L"), (0, 0, 0), (250, 230, 0)),
    "speckled a little": lambda p: speckled(p, 0.05),
    "alpha 95 %": lambda p: seen_through(p, 0.95),
    "brighter": lambda p: ImageEnhance.Brightness(p).enhance(0.8),
}


def judged(image, hint):
    return raster.judge_frames([image], [hint], search=False)[0]


LARGE = (1000, 800)
EVERY = [
    *((trick, SIZE) for trick in PLATE),
    # Nine pixels, or twenty, do not spoil large words.
    *((trick, LARGE) for trick in PLATE if trick not in ("blurred", "mosaic", "thick stripes")),
]


@pytest.mark.parametrize(("trick", "size"), EVERY)
def test_plate_is_spoilt(trick, size):
    change, code = PLATE[trick]
    image, placement = noticed(30, size)
    row = judged(with_area(image, placement, change), placement)
    print(f"{trick}: {row.code} {row.measures}")
    assert row.perceivable is False
    assert row.code in ((code,) if code else (COVERED, FAINT))


@pytest.mark.parametrize("twin", TWINS)
def test_plate_is_changed_and_still_read(twin):
    image, placement = noticed(30, SIZE)
    row = judged(with_area(image, placement, TWINS[twin]), placement)
    print(f"{twin}: {row.code} {row.measures}")
    assert row.code == PERCEIVABLE


def edited(placement: Placement, **changes) -> Placement:
    return placement.__class__(
        **{
            name: changes.get(name, getattr(placement, name))
            for name in placement.__struct_fields__
        }
    )


def small_words(em, picture=(800, 800)):
    """A notice in an em of 2 % at the foot of a picture, as whoever signs it declares it."""
    image = photo(33, picture)
    small, placement = noticed(
        34, (300, 300), Notice(statement=Statement.CREATED, style=NoticeStyle.STRIP)
    )
    plate = small.crop(box(placement)).resize((300 * em // 16, (placement.height - 300) * em // 16))
    image.paste(plate, (0, picture[1] - plate.height))
    region = Region(
        x=0,
        y=1 - plate.height / picture[1],
        w=plate.width / picture[0],
        h=plate.height / picture[1],
    )
    scale = 16 / em
    return image, edited(
        placement, region=region, width=round(picture[0] * scale), height=round(picture[1] * scale)
    )


def test_small_words_in_a_band_that_is_declared_tall():
    image, honest = small_words(16)
    row = judged(image, honest)
    assert row.code == SMALL, row
    region, tall = honest.region, 600 / 800
    plate_top = 1 - tall
    lying = edited(honest, region=Region(x=0, y=plate_top, w=region.w, h=tall))
    moved = image.copy()
    moved.paste(image.crop((0, round(region.y * 800), 800, 800)), (0, round(plate_top * 800)))
    row = judged(moved, lying)
    assert row.measures["correlation"] > 0.9
    assert row.code == SMALL, row


def test_region_no_longer_matches():
    image, placement = noticed(30, SIZE)
    for moved in (
        ImageChops.offset(image, 40, 0),
        ImageChops.offset(image, 0, -25),
        image.rotate(90, expand=True),
        image.crop((0, 0, 600, 300)),
        image.crop((200, 0, 600, 450)),
    ):
        assert judged(moved, placement).perceivable is False


def test_alpha_of_the_plate():
    image, placement = noticed(30, SIZE)
    codes = {}
    for share in (0.3, 0.98):
        alpha = Image.new("L", SIZE, 255)
        alpha.paste(round(255 * share), box(placement))
        clear = image.convert("RGBA")
        clear.putalpha(alpha)
        codes[share] = judged(clear, placement).code
    assert codes == {0.3: FAINT, 0.98: PERCEIVABLE}


def test_palette_whose_ink_is_the_plates_colour():
    image = noticed(30, SIZE)[0].quantize(64)
    placement = noticed(30, SIZE)[1]
    assert judged(image, placement).code == PERCEIVABLE
    colours = image.getpalette()
    dimmed = [min(value, 70) for value in colours]
    image.putpalette(dimmed)
    assert judged(image, placement).perceivable is False


# --- More pictures than one -----------------------------------------------------------------------


SMALLER = (300, 225)


def pages(shown):
    image, placement = noticed(30, SMALLER)
    bare = [photo(40 + number, SMALLER) for number in range(len(shown))]
    return [
        image.copy() if seen else other for seen, other in zip(shown, bare, strict=True)
    ], placement


def saved(frames, path, form, **options):
    file = io.BytesIO()
    frames[0].save(file, form, save_all=True, append_images=frames[1:], **options)
    path.write_bytes(file.getvalue())
    return path


FILES = {
    "GIF": (Gif(), {"duration": 50}),
    "PNG": (Png(), {"duration": 50}),
    "WEBP": (Webp(), {"duration": 50, "quality": 80}),
    "TIFF": (Tiff(), {}),
}
SHOWN = [(True, False, False), (False, True, False), (True, True, False), (True, True, True)]


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.slow
def test_notice_on_some_frames_only(form, shown, tmp_path):
    room, options = FILES[form]
    frames, placement = pages(shown)
    # No two frames may be equal: encoders leave such out.
    for number, frame in enumerate(frames):
        frame.putpixel((number, 0), (255, number, 0))
    path = saved(frames, tmp_path / f"a.{form.lower()}", form, **options)
    row = room.find_notices(path, [placement], search=False)[0]
    assert row.perceivable is all(shown)
    assert (row.measures["frames"], row.measures["frames_shown"]) == (3, sum(shown))
    found = room.find_notices(path, [], search=True)
    assert all(each.perceivable is all(shown) for each in found)


@pytest.mark.parametrize("shown", [(True, False, False), (False, True, True), (True, True, True)])
def test_default_image_of_an_animated_png(shown, tmp_path):
    """What only old viewers show: the first image, which is no frame."""
    frames, placement = pages(shown)
    frames[1].putpixel((1, 0), (255, 1, 0))
    path = saved(frames, tmp_path / "a.png", "PNG", duration=50, default_image=True)
    row = Png().find_notices(path, [placement], search=False)[0]
    assert row.perceivable is all(shown)
    assert row.measures["frames"] == 3
