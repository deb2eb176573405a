"""Our words in a line that says more: «не» before them, "? No" after them. Nobody is told of AI."""

# ruff: noqa: RUF001  letters of three languages
from __future__ import annotations

import random

import pytest
from pictures import Whole, half, jpeg, noticed, photo, with_plate
from PIL import Image, ImageDraw

from kzlabel.model import Corner, Notice, NoticeStyle, Placement, Region, Statement
from kzlabel.notices._judge import PERCEIVABLE, gauge, look
from kzlabel.notices._search import search
from kzlabel.notices._text import Face
from kzlabel.notices.visible import place, plate

CONTINUED = "kz.notice.continued"
SIZE, EM = (640, 480), 24
DENIED = [
    ("не ", "создано ИИ", "Создано ИИ", ""), ("Не ", "Создано ИИ", "Создано ИИ", ""),
    ("", "ЖИ жасаған", "ЖИ жасаған", " емес"), ("not ", "AI-generated", "AI-generated", ""),
    ("No ", "AI-generated", "AI-generated", " content"), ("", "AI-generated", "AI-generated", "? No"),
    ("не    ", "Создано ИИ", "Создано ИИ", ""),
]  # fmt: skip


def written(before, words, after, *, seed=3):
    """Return a plate of somebody else's, and where it stands."""
    drawn, at = Face(EM).draw((before + words + after,)), (20, 400)
    picture = photo(seed, SIZE)
    picture.paste(drawn.convert("RGB"), at)
    return picture, at


def declared(words, left, top, line=None):
    """Return a hint that declares only `words`."""
    size = Face(EM).size((line or words,))
    return Placement(
        statement=Statement.CREATED, style=NoticeStyle.OVERLAY, languages=("ru",), lines=(words,),
        font="Open Sans SemiBold", font_size=EM, width=SIZE[0], height=SIZE[1],
        region=Region(x=left / SIZE[0], y=top / SIZE[1], w=size[0] / SIZE[0], h=size[1] / SIZE[1]),
    )  # fmt: skip


def judged(picture, hint):
    return look(Whole(picture), gauge(hint, picture.size)).code


@pytest.mark.parametrize(("before", "words", "said", "after"), DENIED)
def test_a_hint_that_leaves_the_denial_out(before, words, said, after):
    picture, (left, top) = written(before, words, after)
    shift = Face(EM).width(before) if before else 0
    for seen in (picture, jpeg(half(picture), 50)):
        assert judged(seen, declared(said, left + shift, top)) == CONTINUED


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, marks=[] if at in (0, 2, 5) else pytest.mark.slow)
        for at, row in enumerate(DENIED)
    ],
)
def test_it_is_not_found_where_nobody_declares_it(row):
    before, words, _, after = row
    assert search(Whole(written(before, words, after)[0])) == []


def test_further_words_on_a_plate_that_is_declared_too():
    """The plate of two lines has room beside the shorter one."""
    image, placement = noticed(5, SIZE)
    assert judged(image, placement) == PERCEIVABLE
    lines = ("ЖИ жасаған", "Создано искусственным интеллектом")
    hint = declared(lines[0], 20, 380, lines[1])
    seen = photo(4, SIZE)
    seen.paste(Face(EM).draw((f"{lines[0]} емес", " ")).convert("RGB"), (20, 380))
    assert judged(seen, hint) == CONTINUED


def test_on_a_band_of_the_whole_width():
    image, placement = noticed(
        6, SIZE, Notice(statement=Statement.CREATED, style=NoticeStyle.STRIP)
    )
    pen, top = ImageDraw.Draw(image), placement.region.y * placement.height
    assert judged(image, placement) == PERCEIVABLE
    end = Face(placement.font_size).size(placement.lines)[0]
    pen.text((end - 4, top + 4), "емес", fill="#f00", font=Face(placement.font_size).font)
    assert judged(image, placement) == CONTINUED


@pytest.mark.parametrize("seed", range(6))
def test_what_stands_beside_a_true_notice_is_no_word(seed):
    """Dark pictures with lights, bars, and texture; a code; every corner."""
    rng = random.Random(seed)
    image = Image.new("RGB", SIZE)
    pen = ImageDraw.Draw(image)
    for _ in range(150):
        x, y, size = rng.randrange(SIZE[0]), rng.randrange(SIZE[1]), rng.choice((1, 1, 2, 3, 4))
        pen.ellipse((x - size, y - size, x + size, y + size), fill=(255, 250, rng.randrange(256)))
    notice = Notice(statement=tuple(Statement)[seed % 2], corner=tuple(Corner)[seed % 4])
    placement = place(notice, *SIZE)
    for ground in (image, photo(seed, SIZE), photo(seed, SIZE).point(lambda grey: grey // 5)):
        marked = with_plate(ground, placement, plate(placement))
        assert judged(marked, placement) == judged(jpeg(half(marked), 50), placement) == PERCEIVABLE
