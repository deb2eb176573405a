from __future__ import annotations

import pytest
from pictures import Whole, half, jpeg, noticed, other_words, photo, with_plate

from kzlabel.model import Corner, Notice, NoticeStyle, Statement
from kzlabel.notices._judge import PERCEIVABLE, gauge, look
from kzlabel.notices._layouts import layouts
from kzlabel.notices._search import search
from kzlabel.notices.visible import box, place


def found(image):
    """Return what is found, and what the judge says of it."""
    hints = search(Whole(image))
    return [(hint, look(Whole(image), gauge(hint, image.size)).code) for hint in hints]


def check_found(image, statement):
    rows = found(image)
    assert [(hint.statement, code) for hint, code in rows] == [(statement, PERCEIVABLE)]
    return rows[0][0]


def cropped(image, placement):
    """Cut a tenth off two sides that the notice does not touch."""
    left, top, right, bottom = box(placement)
    width, height = placement.width, placement.height
    return image.crop((
        0 if left < width // 10 else width // 10, 0 if top < height // 10 else height // 10,
        width if right > width * 9 // 10 else width * 9 // 10,
        height if bottom > height * 9 // 10 else height * 9 // 10,
    ))  # fmt: skip


@pytest.mark.parametrize("number", range(4))
@pytest.mark.slow
def test_every_corner_after_q50_and_half_size_or_a_crop(number):
    """Each corner once; each statement after either change. All pairs are in the slow test."""
    statement = tuple(Statement)[number % 2]
    notice = Notice(statement=statement, corner=tuple(Corner)[number])
    image, placement = noticed(21, (480, 330), notice)
    changed = cropped(image, placement) if number < 2 else jpeg(half(image), 50)
    found = check_found(changed, statement)
    assert found.lines == placement.lines


@pytest.mark.slow
@pytest.mark.parametrize("corner", Corner)
@pytest.mark.parametrize("statement", Statement)
@pytest.mark.parametrize("languages", [("kk", "ru"), ("ru",), ("kk",), ("kk", "ru", "en"), ("en",)])
@pytest.mark.parametrize("size", [(720, 480), (375, 375)])
def test_every_corner_statement_and_language(corner, statement, languages, size):
    notice = Notice(statement=statement, corner=corner, languages=languages)
    image, placement = noticed(21, size, notice)
    for changed in (image, jpeg(half(image), 50), cropped(image, placement)):
        assert check_found(changed, statement).lines == placement.lines


STRIPS = [(("kk", "ru", "en"), (480, 330)), (("ru",), (330, 400)), (("kk", "ru"), (150, 120))]


@pytest.mark.parametrize(("languages", "size"), STRIPS)
@pytest.mark.slow
def test_strip(languages, size):
    notice = Notice(statement=Statement.CREATED, languages=languages, style=NoticeStyle.STRIP)
    image, _ = noticed(22, size, notice)
    assert check_found(image, Statement.CREATED).style is NoticeStyle.STRIP
    check_found(jpeg(half(image), 50), Statement.CREATED)


@pytest.mark.slow
def test_text_and_languages_are_read_from_the_pixels():
    notice = Notice(statement=Statement.MODIFIED, languages=("kk", "ru", "en"))
    image, placement = noticed(23, (640, 400), notice)
    hint = check_found(image, Statement.MODIFIED)
    assert (hint.lines, hint.languages) == (placement.lines, placement.languages)


SEEDS = [pytest.param(seed, marks=[pytest.mark.slow] if seed >= 6 else []) for seed in range(100)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.slow
def test_nothing_is_found_on_pictures_and_under_other_words(seed):
    size = [(320, 240), (300, 420), (150, 120), (400, 250)][seed % 4]
    image = photo(100 + seed, size)
    assert not found(image)
    placement = place(Notice(statement=Statement.CREATED), *size)
    assert not found(with_plate(image, placement, other_words(placement, seed)))


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (40, 40)])
def test_tiny_and_flat_pictures(size):
    from PIL import Image

    assert not found(Image.new("RGB", size))


def test_every_layout_is_of_our_words():
    from kzlabel.notices.words import says

    assert len(layouts()) > 100
    assert all(says(layout.lines, layout.statement) for layout in layouts())
