"""Text in the lowest bits of alpha: written by a script of others' form, filtered by ImageMagick."""

from __future__ import annotations

import json
import random
import subprocess

import pytest
from marked import stealth
from PIL import Image

from kzlabel.errors import KzlabelError
from kzlabel.formats import _png_stealth as room
from kzlabel.formats import recognise
from kzlabel.formats._png_chunks import packed
from kzlabel.model import Corner, Notice, Statement

TEXT = json.dumps({"Software": "NovelAI", "Description": "гавань, 港 " * 20}, ensure_ascii=False)


def hidden_in(path):
    return recognise(path).read_tags(path).get("stealth", {})


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("size", [(128, 160), (160, 128), (400, 17), (20, 400), (1000, 121)])
def test_every_shape_of_picture(tmp_path, size, zipped):
    path = stealth(tmp_path / "a.png", TEXT, size, zipped=zipped)
    assert hidden_in(path) == {f"stealth_png{'comp' if zipped else 'info'}": TEXT}


@pytest.mark.needs("mogrify")
@pytest.mark.parametrize("compression", [0, 5])
def test_every_filter(tmp_path, compression):
    path = stealth(tmp_path / "a.png", TEXT)
    define = f"png:compression-filter={compression}"
    subprocess.run(["mogrify", "-define", define, str(path)], check=True)
    assert hidden_in(path) == {"stealth_pngcomp": TEXT}


def test_the_alpha_of_ordinary_pictures_says_nothing(tmp_path):
    alphas = {"opaque": 255, "clear": 0, "half": 128}
    for name, alpha in alphas.items():
        path = tmp_path / f"{name}.png"
        Image.new("RGBA", (130, 130), (9, 8, 7, alpha)).save(path)
        assert hidden_in(path) == {}
    path = tmp_path / "noise.png"
    Image.frombytes("RGBA", (130, 130), random.Random(1).randbytes(130 * 130 * 4)).save(path)
    assert hidden_in(path) == {}


def test_one_bit_of_the_signature_less_is_no_signature(tmp_path):
    path = stealth(tmp_path / "a.png", TEXT)
    with Image.open(path) as image:
        image.load()
    for row in (0, 60, 119):
        harmed = image.copy()
        *colours, alpha = harmed.getpixel((0, row))
        harmed.putpixel((0, row), (*colours, alpha ^ 1))
        harmed.save(tmp_path / "b.png")
        assert hidden_in(tmp_path / "b.png") == {}


def test_the_whole_signature_counts_where_the_first_column_holds_a_part(tmp_path):
    path = stealth(tmp_path / "a.png", TEXT, (400, 40))
    with Image.open(path) as image:
        image.load()
    *colours, alpha = image.getpixel((2, 20))
    image.putpixel((2, 20), (*colours, alpha ^ 1))
    image.save(path)
    assert hidden_in(path) == {}


def test_pixels_that_end_too_soon_are_left_out(tmp_path):
    path = stealth(tmp_path / "a.png", TEXT)
    sound = path.read_bytes()
    start = sound.index(b"IDAT")
    length = int.from_bytes(sound[start - 4 : start])
    for left in (0, 2, length // 2, length - 8):
        pixels = sound[start + 4 :][:left]
        head, tail = sound[: start - 4], sound[start + 8 + length :]
        path.write_bytes(head + packed(b"IDAT", pixels) + tail)
        assert hidden_in(path).get("stealth_pngcomp", TEXT) == TEXT


@pytest.mark.parametrize("bits", [0, 7, 8 * (room.MAX_HIDDEN + 1), 2**32 - 1, 128 * 160])
def test_a_length_that_cannot_be_is_left_out(tmp_path, bits):
    path = stealth(tmp_path / "a.png", "x" * 40, zipped=False)
    with Image.open(path) as image:
        image.load()
    for at, bit in enumerate(f"{bits:032b}", start=120):
        image.putpixel((at // 160, at % 160), (0, 0, 0, 254 | int(bit)))
    image.save(path)
    assert hidden_in(path) == {}


def test_a_bomb_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "MAX_TEXT", 10_000)
    assert hidden_in(stealth(tmp_path / "a.png", "x" * 9_999)) != {}
    assert hidden_in(stealth(tmp_path / "b.png", "x" * 100_000)) == {}


def test_a_picture_beyond_the_limit_is_not_looked_into(tmp_path, monkeypatch):
    path = stealth(tmp_path / "a.png", TEXT)
    monkeypatch.setattr(room, "MAX_PIXELS_BYTES", 128 * 160 * 4)
    assert hidden_in(path) == {}


def test_a_picture_too_low_to_tell_by_is_not_looked_into(tmp_path):
    assert hidden_in(stealth(tmp_path / "a.png", "x", (2000, room.LEAST_ROWS - 1))) == {}
    assert hidden_in(stealth(tmp_path / "b.png", "x", (2000, room.LEAST_ROWS))) != {}


def test_other_colour_types_are_not_looked_into(tmp_path):
    with Image.open(stealth(tmp_path / "a.png", TEXT)) as image:
        image.convert("RGB").save(tmp_path / "b.png")
        image.convert("LA").save(tmp_path / "c.png")
    assert hidden_in(tmp_path / "b.png") == hidden_in(tmp_path / "c.png") == {}


def test_damaged_pixels_never_change_the_text(tmp_path):
    path, harmed = stealth(tmp_path / "a.png", TEXT), tmp_path / "b.png"
    sound, rng = path.read_bytes(), random.Random(7)
    start = sound.index(b"IDAT") + 4
    for _ in range(150):
        data = bytearray(sound)
        data[rng.randrange(start, len(data) - 16)] = rng.randrange(256)
        harmed.write_bytes(data)
        try:
            assert hidden_in(harmed).get("stealth_pngcomp", TEXT) == TEXT
        except KzlabelError as exc:  # the chunks themselves
            assert exc.code == "kz.error.png-damaged"  # noqa: PT017  most are read
    harmed.write_bytes(sound[:start] + sound[start + 1 :])
    with pytest.raises(KzlabelError):
        hidden_in(harmed)


@pytest.mark.slow
def test_a_plate_over_it_destroys_it_and_a_plate_beside_it_does_not(tmp_path):
    text = random.Random(3).randbytes(20_000).hex()
    path = stealth(tmp_path / "a.png", text, (700, 900))
    for corner, left in ((Corner.BOTTOM_RIGHT, {"stealth_pngcomp": text}), (Corner.TOP_LEFT, {})):
        made = tmp_path / f"{corner}.png"
        notice = Notice(statement=Statement.CREATED, languages=("en",), corner=corner)
        recognise(path).write_notice(path, made, notice)
        assert hidden_in(made) == left
