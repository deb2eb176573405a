"""What nobody declared on films and animations: which frame is read, and for how long it is seen."""

# ruff: noqa: RUF001  letters of three languages
from __future__ import annotations

import av
import numpy as np
import pytest
from pictures import photo
from PIL import ImageDraw

from kzlabel.formats import recognise
from kzlabel.notices import _ocr, _search
from kzlabel.notices._ocr import Line, Reading
from kzlabel.notices._text import Face

MARK, NOTICE = "KLING AI", "Сделано с помощью ИИ"
SIZE, EM, TOP = (480, 360), 24, {MARK: 40, NOTICE: 300}


def box(text):
    return 20, TOP[text], 20 + Face(EM).width(text) + 10, TOP[text] + round(1.3 * EM)


def frame(*texts):
    """Return a picture with these texts; a dark corner stands for each."""
    picture = photo(7, SIZE)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 31, 15), fill="white")
    for text in texts:
        left, top, right, bottom = box(text)
        pen.rectangle((left - 8, top - 6, right + 8, bottom + 6), fill="black")
        pen.text((25, top), text, fill="white", font=Face(EM).font)
        at = 16 * list(TOP).index(text)
        pen.rectangle((at, 0, at + 15, 15), fill="black")
    return picture


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Return what is found on frames, saved by a library that is not ours; what is read is known."""

    def read(picture):
        seen = [text for at, text in enumerate(TOP) if picture.getpixel((16 * at + 8, 8))[0] < 90]
        return Reading(tuple(Line(text, 0.93, box(text)) for text in seen), complete=True)

    monkeypatch.setattr(_ocr, "read_lines", read)
    monkeypatch.setattr(_search, "search", lambda _: [])

    def find(name, frames):
        path = tmp_path / name
        if name == "a.webp":
            frames[0].save(path, save_all=True, append_images=frames[1:], duration=80, quality=90)
        else:
            _film(path, frames)
        return recognise(path).find_notices(path, (), search=True)

    return find


def _film(path, frames):
    with av.open(str(path), "w") as made:
        stream = made.add_stream("libx264", rate=10, options={"crf": "16", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for picture in frames:
            made.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(picture), "rgb24")))
        made.mux(stream.encode(None))


def counted(picture, count):
    """Return frames of which no two are the same: such are stored as one."""
    for number in range(count):
        other = picture.copy()
        ImageDraw.Draw(other).rectangle((8 * number, 200, 8 * number + 8, 208), fill="red")
        yield other


KINDS = ["a.webp", "a.mp4"]


@pytest.mark.parametrize("name", KINDS)
def test_the_mark_of_a_product_hides_no_notice_that_comes_later(found, name):
    marked, both = frame(MARK), frame(MARK, NOTICE)
    rows = found(name, [marked, *counted(both, 29)])
    assert [(row.text, row.code) for row in rows] == [
        (MARK, "kz.notice.product"),
        # Every frame of an animation counts, nine tenths of a film.
        (NOTICE, "kz.notice.brief" if name == "a.webp" else "kz.notice.perceivable"),
    ]


@pytest.mark.parametrize("name", KINDS)
def test_a_mark_alone_is_left_open(found, name):
    (row,) = found(name, [*counted(frame(MARK), 22)])
    assert (row.text, row.code, row.perceivable) == (MARK, "kz.notice.product", None)


@pytest.mark.parametrize("name", KINDS)
def test_a_notice_among_the_subtitles_of_a_moment_is_brief(found, name):
    rows = found(name, [*counted(frame(), 2), *counted(frame(NOTICE), 3), *counted(frame(), 25)])
    assert [row.perceivable for row in rows] in ([False], [])
