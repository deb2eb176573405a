from __future__ import annotations

import pytest
from pictures import Whole, half, jpeg, noticed, other_words, photo, with_plate
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from kzlabel.model import Notice, NoticeStyle, Region, Statement
from kzlabel.notices._judge import MAX_WORDS, PERCEIVABLE, gauge, look, report
from kzlabel.notices.visible import box, place

SIZES = [(480, 360), (360, 480), (320, 320), (200, 200), (150, 120), (60, 60), (800, 500)]
COVERED = "kz.notice.covered"


def judged(image, placement):
    held = gauge(placement, image.size)
    assert held is not None
    return look(Whole(image), held)


@pytest.mark.parametrize(
    ("size", "statement"),
    [(size, tuple(Statement)[number % 2]) for number, size in enumerate(SIZES)],
)
def test_figures_that_the_thresholds_rest_on(size, statement):
    notice = Notice(statement=statement)
    image, placement = noticed(sum(size), size, notice)
    after = jpeg(half(jpeg(image, 50)), 50)
    true = [judged(seen, placement) for seen in (image, jpeg(image, 50), after)]
    assert [sight.code for sight in true] == [PERCEIVABLE] * 3
    assert min(sight.correlation for sight in true) >= 0.80
    assert min(sight.weakest.correlation for sight in true) >= 0.80

    bare = photo(sum(size) + 1, (placement.width, placement.height))
    assert judged(bare, placement).correlation <= 0.32
    assert judged(bare, placement).code == COVERED
    for seed in range(3):
        words = with_plate(photo(2, size), placement, other_words(placement, seed))
        sight = judged(words, placement)
        assert sight.correlation <= 0.5
        assert sight.code == COVERED


def test_other_statement_is_not_found():
    image, placement = noticed(1, (480, 360))
    other = place(Notice(statement=Statement.MODIFIED), 640, 480)
    assert judged(image, other).code == COVERED
    assert judged(image, placement).code == PERCEIVABLE


def covered(image, placement, share, *, across=True, fill=(90, 90, 90)):
    """Paint over a share of the plate, from the left, or from the bottom."""
    left, top, right, bottom = box(placement)
    if across:
        area = (left, top, round(left + (right - left) * share), bottom)
    else:
        area = (left, round(bottom - (bottom - top) * share), right, bottom)
    image = image.copy()
    ImageDraw.Draw(image).rectangle(area, fill=fill)
    return image


FILLS = [(90, 90, 90), (0, 0, 0), (255, 255, 255)]


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("number", range(3))
def test_painted_over(share, across, number):
    size = [(480, 360), (300, 400), (150, 120)][number]
    fill = FILLS[(number + across + round(4 * share)) % 3]
    image, placement = noticed(3, size)
    assert (
        judged(covered(image, placement, share, across=across, fill=fill), placement).code
        == COVERED
    )


def test_veil_over_a_third():
    image, placement = noticed(4, (480, 360))
    veil = Image.blend(image, Image.new("RGB", image.size, (20, 20, 20)), 0.8)
    left, top, right, bottom = box(placement)
    area = (left, top, left + (right - left) // 3, bottom)
    image.paste(veil.crop(area), area)
    assert judged(image, placement).code == COVERED


@pytest.mark.parametrize("ground", [60, 100, 200])
def test_low_contrast_is_faint(ground):
    image, placement = noticed(5, (480, 360))
    area = box(placement)
    weak = ImageEnhance.Contrast(image.crop(area)).enhance(0.15)
    weak = weak.point(lambda grey: min(255, max(0, grey + ground - 100)))
    image.paste(weak, area)
    sight = judged(image, placement)
    assert sight.code == "kz.notice.faint"
    assert 1 <= sight.contrast < 4.5


def test_contrast_of_black_and_white_is_21():
    image, placement = noticed(6, (480, 360))
    assert judged(image, placement).contrast == pytest.approx(20.5, abs=0.7)


def test_half_size_is_perceivable_and_a_quarter_is_small():
    image, placement = noticed(7, (400, 320))
    assert judged(half(image), placement).code == PERCEIVABLE
    assert judged(half(half(image)), placement).code == "kz.notice.small"
    assert judged(image.resize((3, 3)), placement).code == "kz.notice.small"


def test_notice_that_was_drawn_too_small():
    image, placement = noticed(8, (640, 480))
    canvas = photo(9, (1280, 960))
    canvas.paste(image, (0, 480))
    region = placement.region
    moved = Region(x=region.x / 2, y=0.5 + region.y / 2, w=region.w / 2, h=region.h / 2)
    claim = placement.__class__(
        **{name: getattr(placement, name) for name in placement.__struct_fields__ if name not in ("region", "width", "height")},
        region=moved, width=1280, height=960,
    )  # fmt: skip
    sight = judged(canvas, claim)
    assert sight.code == "kz.notice.small"
    assert sight.ratio == pytest.approx(0.025, abs=0.001)


def test_upside_down_is_not_perceivable():
    image, placement = noticed(10, (480, 360))
    assert judged(ImageOps.flip(image), placement).code == COVERED


def hostile():
    _, good = noticed(11, (480, 360))
    fields = {name: getattr(good, name) for name in good.__struct_fields__}
    region = good.region
    for change in (
        {"region": None},
        {"region": Region(x=float("nan"), y=0, w=1, h=1)},
        {"region": Region(x=0, y=0, w=float("inf"), h=1)},
        {"region": Region(x=-1, y=0, w=1, h=1)},
        {"region": Region(x=0.9, y=0, w=1, h=1)},
        {"region": Region(x=region.x, y=region.y, w=0, h=0)},
        {"font_size": 0.0},
        {"font_size": float("nan")},
        {"font_size": 1e9},
        {"font_size": 40.0},
        {"width": 0},
        {"width": -5, "height": -5},
        {"width": 10**12, "height": 10**12},
        {"lines": ()},
        {"lines": ("",)},
        {"lines": ("a holiday in Almaty",)},
        {"lines": ("AI " * MAX_WORDS,)},
        {"lines": ("AI",) * 10_000},
        {"statement": Statement.MODIFIED},
        {"style": NoticeStyle.EXTERNAL, "region": None},
    ):
        yield good.__class__(**{**fields, **change})


@pytest.mark.parametrize("hint", list(hostile()))
def test_hints_that_make_no_sense(hint):
    held = gauge(hint, (480, 360))
    if held is not None:  # a sane plate in a picture of insane size
        assert not look(Whole(noticed(11, (480, 360))[0]), held).found
        return
    row = report(hint, None, 1, 0)
    assert (row.perceivable, row.code) == (None, "kz.notice.undetermined")


def test_no_numpy_to_judge_a_declared_notice():
    import subprocess
    import sys

    program = (
        "import sys\n"
        "from PIL import Image\n"
        "from kzlabel.model import Notice, Statement\n"
        "from kzlabel.notices._judge import gauge\n"
        "from kzlabel.notices.visible import place\n"
        "held = gauge(place(Notice(statement=Statement.CREATED), 300, 300), (300, 300))\n"
        "held.look(Image.new('RGB', (400, 400)))\n"
        "assert 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
