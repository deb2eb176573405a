from __future__ import annotations

import math

import pytest
from msgspec import structs

from kzlabel.errors import UsageError
from kzlabel.model import Corner, Notice, NoticeStyle, Region, Statement
from kzlabel.notices.visible import box, box_size, place, plate
from kzlabel.notices.words import WORDS, says

SIZES = [
    (4000, 3000),
    (3000, 4000),
    (1000, 1000),
    (640, 480),
    (256, 256),
    (200, 200),
    (199, 400),
    (60, 60),
    (20, 900),
    (1, 1),
    (9000, 300),
]
LANGUAGES = [("kk", "ru"), ("kk", "ru", "en"), ("en",), ("ru", "kk")]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("languages", LANGUAGES)
@pytest.mark.parametrize("statement", Statement)
def test_size_and_margins(size, languages, statement):
    placed = place(Notice(statement=statement, languages=languages), *size)
    assert placed.font_size >= max(16, 0.05 * min(size))
    assert says(placed.lines, statement)
    left, top, right, bottom = box(placed)
    assert plate(placed).size == box_size(placed) == (right - left, bottom - top)
    if placed.style is NoticeStyle.OVERLAY:
        assert (placed.width, placed.height) == size
        assert min(left, size[0] - right) >= 0.01 * size[0]
        assert min(top, size[1] - bottom) >= 0.01 * size[1]
        assert bottom - top <= 0.4 * size[1]
    else:
        assert (left, top, right, bottom) == (0, size[1], placed.width, placed.height)
        assert placed.width >= size[0]


@pytest.mark.parametrize(
    ("size", "style"), [((199, 4000), "strip"), ((200, 200), "overlay"), ((4000, 199), "strip")]
)
def test_below_200_pixels_always_a_band(size, style):
    assert place(Notice(statement=Statement.CREATED), *size).style == style


def test_ladder():
    def lines(*size):
        return place(Notice(statement=Statement.CREATED), *size).lines

    kk, ru = (WORDS[Statement.CREATED][language] for language in ("kk", "ru"))
    assert lines(1600, 900) == (kk.long, ru.long)
    assert lines(900, 1600) == (kk.long, "Создано искусственным", "интеллектом")
    assert lines(200, 200) == (kk.short, ru.short)
    assert lines(30, 30) == ("ЖИ", "жасаған", "Создано", "ИИ")


def test_letters_are_not_cut_off():
    placed = place(Notice(statement=Statement.MODIFIED, languages=("kk", "ru", "en")), 1200, 800)
    drawn = plate(placed)
    width, height = drawn.size
    for edge in [
        (0, 0, width, 1),
        (0, height - 1, width, height),
        (0, 0, 1, height),
        (width - 1, 0, width, height),
    ]:
        assert drawn.crop(edge).getextrema() == (0, 0)
    assert drawn.getextrema() == (0, 255)


def test_plate_is_deterministic():
    placed = place(Notice(statement=Statement.CREATED), 800, 600)
    assert plate(placed).tobytes() == plate(placed).tobytes()
    small = plate(placed, 0.5)
    assert small.size == tuple(round(side * 0.5) for side in box_size(placed))


def test_calmest_corner_bottom_left_on_ties():
    notice = Notice(statement=Statement.CREATED)

    def near(corner_x, corner_y):
        def busyness(region: Region) -> float:
            return abs(region.x - corner_x) + abs(region.y - corner_y)

        return place(notice, 1600, 900, busyness).region

    tie = place(notice, 1600, 900, lambda _: 1.0).region
    assert tie == place(notice, 1600, 900).region
    assert tie.x < 0.1
    assert tie.y > 0.5
    assert near(1, 0).x > 0.2
    assert near(1, 0).y < 0.1


@pytest.mark.parametrize("corner", Corner)
def test_asked_corner(corner):
    region = place(
        Notice(statement=Statement.CREATED, corner=corner), 1600, 900, lambda r: r.y
    ).region
    assert (region.y < 0.1) == corner.value.startswith("top")
    assert math.isclose(region.x, 0.01, abs_tol=1e-3) == corner.value.endswith("left")


@pytest.mark.parametrize("languages", [(), ("de",), ("kk", "kk")])
def test_no_words(languages):
    with pytest.raises(UsageError, match="no notice in the language"):
        place(Notice(statement=Statement.CREATED, languages=languages), 100, 100)


@pytest.mark.parametrize(
    ("lines", "statement", "ours"),
    [
        (("ЖИ", "жасаған", "Создано", "ИИ"), "created", True),
        (("AI", "AI"), "created", True),
        (("ЖИ жасаған",), "modified", False),
        (("Создано",), "created", False),
        (("a nice photograph",), "created", False),
        (("AI-generated", "x"), "created", False),
        ((), "created", False),
        (("",), "created", False),
    ],
)
def test_only_our_words(lines, statement, ours):
    assert says(lines, Statement(statement)) is ours


def test_a_notice_is_not_put_where_it_reads_on_into_another():
    notice = Notice(statement=Statement.CREATED)
    first = place(structs.replace(notice, corner=Corner.BOTTOM_LEFT), 240, 200)
    second = place(structs.replace(notice, avoid=(first.region,)), 240, 200)
    assert second.style is NoticeStyle.OVERLAY
    assert second.region.y < 0.1
