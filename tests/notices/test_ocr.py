"""The readers of pixels themselves: a handful of pictures, one load of the models."""

# ruff: noqa: RUF001  letters of four languages
from __future__ import annotations

import pytest
from pictures import half, jpeg, photo
from PIL import Image, ImageDraw, ImageFont

from kzlabel.errors import LimitError, MissingExtraError
from kzlabel.formats import recognise
from kzlabel.notices import _ocr
from kzlabel.notices._text import Face

pytestmark = pytest.mark.usefixtures("reads_words")


def written(text, em=34, size=(800, 600), seed=5):
    picture = photo(seed, size)
    font, pen = ImageFont.truetype(Face(20).font.path, em), ImageDraw.Draw(picture)
    wide = pen.textlength(text, font)
    pen.rectangle((20, 500 - em // 4, 40 + wide, 500 + 1.5 * em), fill="black")
    pen.text((30, 500), text, fill="white", font=font)
    return picture


def found(tmp_path, picture):
    picture.save(tmp_path / "a.png")
    return recognise(tmp_path / "a.png").find_notices(tmp_path / "a.png", (), search=True)


@pytest.mark.needs("tesseract")
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Сделано с помощью ИИ", "ru"),
        pytest.param("ЖИ көмегімен жасалған", "kk", marks=pytest.mark.slow),
        pytest.param("Made with AI", "en", marks=pytest.mark.slow),
    ],
)
def test_words_are_read_off_a_photograph(tmp_path, text, language):
    (report,) = found(tmp_path, written(text))
    assert (report.code, report.languages) == ("kz.notice.perceivable", (language,))
    assert report.measures["confidence"] > 0.5


@pytest.mark.slow
@pytest.mark.needs("tesseract")
def test_half_size_and_jpeg(tmp_path):
    (report,) = found(tmp_path, jpeg(half(written("Сделано с помощью ИИ")), 50))
    assert report.perceivable


@pytest.mark.slow
@pytest.mark.needs("tesseract")
def test_a_denial_is_none(tmp_path):
    assert found(tmp_path, written("Не сделано с помощью ИИ")) == ()


@pytest.mark.slow
@pytest.mark.needs("tesseract")
@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (40, 4000), (5000, 60), (24, 24)])
def test_odd_pictures_have_no_words(size):
    assert _ocr.read_lines(Image.effect_noise(size, 60).convert("RGB")).complete


def test_what_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(_ocr, "_FOLDERS", ())
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    monkeypatch.setattr(_ocr, "_PACKAGES", ("msgspec",))
    monkeypatch.setattr(_ocr, "_models", lambda: tmp_path)
    assert _ocr.available() == "kz.notice.no-ocr-data"
    for name in _ocr.LANGUAGES:
        (tmp_path / f"{name}.traineddata").touch()
    assert _ocr.available() is None
    monkeypatch.setattr(_ocr, "_PACKAGES", ("msgspec", "no_such_reader"))
    assert _ocr.available() == "kz.notice.no-ocr"
    monkeypatch.setattr(_ocr, "_PACKAGES", ("msgspec",))
    monkeypatch.setattr(_ocr, "_models", lambda: None)
    assert _ocr.available() == "kz.notice.no-ocr"


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (ImportError("libGL"), MissingExtraError),
        (MemoryError(), LimitError),
        (RuntimeError("onnx"), LimitError),
    ],
)
def test_what_the_libraries_raise_is_ours(monkeypatch, raised, told):
    def fail(_):
        raise raised

    monkeypatch.setattr(_ocr, "_found", fail)
    with pytest.raises(told):
        _ocr.read_lines(Image.new("RGB", (20, 20)))


def test_long_pictures_are_cut_into_few_pieces():
    for size in ((800, 600), (600, 20000), (90000, 40), (10, 10)):
        pieces = list(_ocr._pieces(size))
        assert len(pieces) <= _ocr.MAX_PIECES
        assert (pieces[0][:2], pieces[-1][2:]) == ((0, 0), size)
        for side in _ocr.SIDES:
            scale = _ocr._scale(size, side)
            assert max((p[2] - p[0]) * (p[3] - p[1]) for p in pieces) * scale**2 <= 4 * side * side


@pytest.mark.slow
@pytest.mark.needs("tesseract")
@pytest.mark.parametrize("size", [(8000, 10), (10, 8000), (2000, 40)])
def test_a_thin_picture_is_no_more_work_than_others(monkeypatch, size):
    areas = []

    def infer(samples):
        areas.append(samples.shape[-1] * samples.shape[-2])
        return samples[:, :1] * 0

    detector = _ocr._rapid()._load_det_model()
    monkeypatch.setattr(detector, "session", infer)
    assert _ocr._found(Image.new("RGB", size, "red")) == []
    assert sum(areas) < 20e6
    assert len(areas) <= _ocr.MAX_PIECES * len(_ocr.SIDES)
