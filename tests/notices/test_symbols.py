"""Codes beside notices: drawn, read again after what happens to pictures, and nothing else read."""

from __future__ import annotations

import base64
import io
import math
import random

import pytest
import segno
from msgspec import structs
from pictures import half, jpeg, photo, with_plate
from PIL import Image, ImageOps

from kzlabel.errors import RefusedError
from kzlabel.formats._raster_judge import judge_frames
from kzlabel.formats._raster_view import RasterView
from kzlabel.labels._hints import is_sound
from kzlabel.model import Corner, Notice, NoticeStyle, Placement, Region, Statement
from kzlabel.notices import _coded, _symbols
from kzlabel.notices._judge import gauge
from kzlabel.notices._search import search
from kzlabel.notices._symbols import MAGIC, MODULES, draw, read_symbols
from kzlabel.notices.unclaimed import codes_on
from kzlabel.notices.visible import box, place, plate

PAYLOAD = MAGIC + random.Random(7).randbytes(94)
CODE = base64.b64encode(PAYLOAD).decode()
SIZE = (1000, 750)


def notice(**members: object) -> Notice:
    return Notice(**{"statement": Statement.CREATED, "code": CODE, **members})


def noticed(
    size: tuple[int, int] = SIZE, seed: int = 1, **members: object
) -> tuple[Image.Image, Placement]:
    placement = place(notice(**members), *size)
    return with_plate(photo(seed, size), placement, plate(placement)), placement


def read(picture: Image.Image) -> list[bytes]:
    return [symbol.payload for symbol in read_symbols(picture).found]


def qr(content: str | bytes, **options: object) -> Image.Image:
    file = io.BytesIO()
    segno.make_qr(content, **options).save(file, kind="png", scale=4, border=4)
    return Image.open(file).convert("L")


# --- The symbol -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "payload", [MAGIC, PAYLOAD, MAGIC + b"\0\xff\r\n" * 23, MAGIC + bytes(103)]
)
def test_bytes_come_back_as_they_were(payload):
    drawn = draw(payload, 3)
    assert drawn.size == (3 * MODULES, 3 * MODULES) == (147, 147)
    assert read(drawn) == [payload]


def test_more_than_the_symbol_holds_is_refused():
    with pytest.raises(ValueError, match="6"):
        draw(MAGIC + bytes(104), 3)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.transpose(Image.Transpose.ROTATE_90),
        lambda p: p.rotate(180),
        ImageOps.mirror,
        ImageOps.invert,
        lambda p: p.convert("RGBA"),
        lambda p: p.convert("P"),
        lambda p: p.convert("1"),
        lambda p: jpeg(p, 20),
        lambda p: jpeg(half(p), 50),
    ],
)
def test_it_is_read_however_it_lies(change):
    assert read(change(ImageOps.expand(draw(PAYLOAD, 3), 40, 255))) == [PAYLOAD]


def test_where_it_stands_is_said_without_its_quiet_zone():
    picture = Image.new("L", (1000, 500), 90)
    picture.paste(draw(PAYLOAD, 4), (300, 200))
    (symbol,) = read_symbols(picture).found
    seen = symbol.region
    assert (seen.x, seen.y) == pytest.approx((0.316, 0.432), abs=0.003)
    assert (seen.w, seen.h) == pytest.approx((0.164, 0.328), abs=0.006)


@pytest.mark.parametrize(
    "other",
    [
        qr("https://example.kz/"),
        qr("KZ LABEL"),
        qr(b"KZK" + bytes(94)),
        qr(PAYLOAD + bytes(40), error="m"),  # ours is never so long
        Image.effect_noise((600, 600), 90),
        Image.new("L", (1, 1)),
        Image.new("RGB", (1, 3000)),
    ],
)
def test_what_others_encode_is_theirs(other):
    assert read(other) == []


def test_one_that_is_torn_is_not_read():
    torn = draw(PAYLOAD, 3)
    torn.paste(255, (60, 60, 147, 147))
    assert read(torn) == []


def sheet(count: int, gap: int = 4) -> Image.Image:
    across, side = math.isqrt(count - 1) + 1, 3 * MODULES + gap
    picture = Image.new("L", (across * side, across * side), 255)
    for at in range(count):
        drawn = draw(MAGIC + bytes([at % 200]) * 90, 3)
        picture.paste(drawn, (at % across * side, at // across * side))
    return picture


def test_several_are_read_each_once():
    picture = sheet(12)
    picture.paste(draw(MAGIC + b"\0" * 90, 3), (151, 0))
    seen = read_symbols(picture)
    assert len(seen.found) == len({symbol.payload for symbol in seen.found}) == 11
    assert not seen.crowded


@pytest.mark.slow
@pytest.mark.parametrize("count", [_symbols.CROWD, 225])
def test_a_crowd_in_which_some_are_overlooked_says_so(count):
    assert read_symbols(sheet(count, gap=30)).crowded


@pytest.mark.slow
def test_a_crowd_is_a_row_of_its_own():
    *found, overlooked = codes_on(sheet(64))
    assert found
    assert (overlooked.code, overlooked.symbol) == ("kz.notice.too-many-codes", "")
    assert all(row.code == "kz.notice.symbol" for row in (*found, *codes_on(sheet(8))))


def test_huge_pictures_are_reduced_before_they_are_read(monkeypatch):
    seen = []
    monkeypatch.setattr(
        _symbols, "_read", lambda grey: seen.append(grey.size) or _symbols.Symbols()
    )
    for size in ((5000, 4000), (90_000, 60), (1400, 1400), (200, 100)):
        read_symbols(Image.new("L", size))
    assert all(
        w * h <= _symbols.MOST_PIXELS and max(w, h) <= _symbols.LONGEST_SIDE for w, h in seen
    )
    assert (400, 200) in seen


# --- On the plate ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "wanted"), [(700, 147), (1080, 147), (1081, 196), (2160, 294)])
def test_the_code_grows_with_the_picture(side, wanted):
    assert place(notice(), side, 2 * side).code_side == wanted


@pytest.mark.parametrize("style", [NoticeStyle.OVERLAY, NoticeStyle.STRIP])
@pytest.mark.parametrize("size", [(1000, 750), (720, 1280), (700, 700)])
def test_the_code_is_the_left_of_the_plate_and_the_words_are_beside_it(size, style):
    placement = place(notice(style=style), *size)
    left, top, right, bottom = box(placement)
    assert left >= 0 <= top
    assert right <= placement.width
    assert bottom <= placement.height
    drawn = plate(placement)
    side = placement.code_side
    assert read(drawn.crop((0, 0, side, drawn.height))) == [PAYLOAD]
    assert drawn.crop((side, 0, *drawn.size)).getextrema() == (0, 255)


def test_without_a_code_a_plate_is_as_it_was():
    plain = place(notice(code=""), *SIZE)
    assert (plain.code, plain.code_side) == ("", 0)
    assert plate(plain).size == tuple(
        round(s) for s in (plain.region.w * 1000, plain.region.h * 750)
    )


@pytest.mark.parametrize("size", [(699, 2000), (1000, 699), (300, 300)])
def test_too_small_a_picture_is_refused_by_its_size(size):
    with pytest.raises(RefusedError) as refused:
        place(notice(), *size)
    assert refused.value.code == "kz.error.code-size"
    assert str(size[0]) in str(refused.value)
    assert "700" in str(refused.value)


@pytest.mark.parametrize("style", [NoticeStyle.OVERLAY, NoticeStyle.STRIP])
@pytest.mark.parametrize(
    "change", [lambda p: p, lambda p: jpeg(half(p), 50)], ids=["as is", "half"]
)
def test_words_and_code_are_judged_where_they_are_declared(change, style):
    picture, placement = noticed(style=style)
    (seen,) = judge_frames([change(picture)], [placement], search=False)
    assert (seen.perceivable, seen.symbol) == (True, CODE)


def test_words_whose_code_is_painted_over_are_still_words():
    picture, placement = noticed()
    left, top, _, bottom = box(placement)
    picture.paste("black", (left, top, left + placement.code_side, bottom))
    (seen,) = judge_frames([picture], [placement], search=False)
    assert (seen.perceivable, seen.symbol) == (True, "")


def test_a_code_whose_words_are_painted_over_is_no_notice():
    picture, placement = noticed()
    left, top, right, bottom = box(placement)
    picture.paste("black", (left + placement.code_side, top, right, bottom))
    (seen,) = judge_frames([picture], [placement], search=False)
    assert (seen.perceivable, seen.symbol) == (False, CODE)


@pytest.mark.slow
@pytest.mark.parametrize("style", [NoticeStyle.OVERLAY, NoticeStyle.STRIP])
def test_a_notice_that_nobody_declares_is_found_with_its_code(style):
    picture, _ = noticed(style=style, corner=Corner.BOTTOM_LEFT)
    (found,) = search(RasterView(jpeg(picture, 75)))
    assert (found.code, found.style) == (CODE, style)
    (seen,) = judge_frames([picture], [found], search=False)
    assert (seen.perceivable, seen.symbol) == (True, CODE)


@pytest.mark.slow
def test_a_code_elsewhere_is_not_the_words_own():
    picture, _ = noticed(code="", corner=Corner.BOTTOM_LEFT)
    picture.paste(draw(PAYLOAD, 3), (600, 60))
    (found,) = search(RasterView(picture))
    assert (found.code, found.code_side) == ("", 0)


@pytest.mark.parametrize(
    "lie",
    [
        {"code_side": 10_000},
        {"code_side": -5},
        {"code": ""},
        {"font_size": 20.0},
        {"region": Region(x=0.1, y=0.1, w=0.2, h=0.2)},
    ],
)
def test_a_hint_that_lies_of_its_code_makes_no_sense(lie):
    placement = structs.replace(place(notice(), *SIZE), **lie)
    assert gauge(placement, SIZE) is None


@pytest.mark.parametrize("code", ["?", "AA=A", "A" * 1000, "=", "ä"])
def test_a_hint_with_no_code_in_its_code_is_left_out(code):
    placement = place(notice(), *SIZE)
    assert is_sound(placement)
    assert not is_sound(structs.replace(placement, code=code))


def test_a_declared_code_is_preferred_to_another_beside_it():
    picture, placement = noticed(corner=Corner.TOP_LEFT)
    _, top, right, _ = box(placement)
    other = draw(MAGIC + bytes(94), 2)
    picture.paste(other, (right - other.width, top))
    view = RasterView(picture)
    assert _coded.symbol_of(view, placement) == CODE
    elsewhere = structs.replace(placement, code=base64.b64encode(MAGIC + b"?").decode())
    assert _coded.symbol_of(view, elsewhere) not in {"", elsewhere.code}
    nowhere = structs.replace(placement, region=Region(x=0.2, y=0.7, w=0.3, h=0.1))
    assert _coded.symbol_of(view, nowhere) == ""
    assert (
        _coded.symbol_of(view, structs.replace(placement, region=Region(x=2, y=2, w=1, h=1))) == ""
    )


@pytest.mark.slow
def test_codes_that_are_not_the_words_own_are_reported_alone():
    picture, _ = noticed(code="", corner=Corner.BOTTOM_LEFT)
    picture.paste(draw(PAYLOAD, 3), (600, 60))
    words, alone = judge_frames([picture], (), search=True)
    assert (words.perceivable, words.symbol) == (True, "")
    assert (alone.medium, alone.perceivable, alone.symbol) == ("symbol", None, CODE)
    both, _ = noticed(corner=Corner.BOTTOM_LEFT)
    (only,) = judge_frames([both], (), search=True)
    assert only.symbol == CODE


def test_a_code_that_was_read_with_the_words_is_not_lost_where_their_place_is_a_guess(monkeypatch):
    picture, placement = noticed(corner=Corner.BOTTOM_LEFT)
    guess = structs.replace(placement, region=structs.replace(placement.region, y=0.3))
    monkeypatch.setattr("kzlabel.notices._search.search", lambda _: [guess])
    (seen,) = judge_frames([picture], (), search=True)
    assert seen.symbol == CODE
