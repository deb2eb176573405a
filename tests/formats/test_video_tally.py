"""Frames that are looked at: nobody knows them beforehand, and what is not reached is not seen."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest

from kzlabel._av import frames, video
from kzlabel._av._video_scan import Scan
from kzlabel.formats import _video, _video_judge
from kzlabel.formats._video_samples import (
    SAMPLES,
    Lots,
    frames_drawn,
    lots_of,
    span_times,
)
from kzlabel.model import Notice, NoticeReport, Placement, Span, Statement

FRAMES, RATE = 150, 25
SIZE = (240, 200)
PERCEIVABLE = "kz.notice.perceivable"


def encoded(
    path: Path, pictures: list[np.ndarray], gop: int = 25, times: list[int] | None = None
) -> Path:
    with av.open(str(path), "w", format="mp4") as target:
        options = {"preset": "ultrafast", "g": str(gop), "crf": "20", "sc_threshold": "0"}
        stream = target.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "gray").reformat(format="yuv420p")
            frame.pts = times[number] if times else number * 1000 // RATE
            frame.time_base = Fraction(1, 1000)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return path


def pictures_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


@dataclass(frozen=True)
class Pair:
    """A film with its notice and without."""

    bare: list[np.ndarray]
    marked: list[np.ndarray]
    hint: Placement

    def film(self, path: Path, shown: Callable[[int], bool], **how: object) -> Path:
        pictures = zip(self.bare, self.marked, strict=True)
        mixed = [two if shown(number) else one for number, (one, two) in enumerate(pictures)]
        return encoded(path, mixed, **how)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder = tmp_path_factory.mktemp("pair")
    slope = np.tile(np.arange(SIZE[0], dtype=np.uint8), (SIZE[1], 1))
    src = encoded(folder / "a.mp4", [slope + np.uint8(number) for number in range(FRAMES)])
    dst = folder / "b.mp4"
    hint = _video.burn(src, dst, "mov", "mp4", Notice(statement=Statement.CREATED))
    return Pair(pictures_of(src), pictures_of(dst), hint)


def judged(path: Path, hint: Placement) -> NoticeReport:
    (report,) = _video.judge(path, "mov", [hint], search=False)
    return report


# --- All frames, where they are few ---------------------------------------------------------------


@pytest.mark.slow
def test_of_a_short_film_no_frame_is_passed_over(tmp_path, pair):
    report = judged(pair.film(tmp_path / "a.mp4", lambda _: True), pair.hint)
    assert report.perceivable
    assert report.measures["frames"] == report.measures["frames_shown"] == FRAMES


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (lambda number: number % 10 == 0, "kz.notice.brief"),
        (lambda number: number % 5 > 0, "kz.notice.covered"),
        (lambda number: not 40 <= number < 75, "kz.notice.covered"),
    ],
    ids=["one in ten", "four in five", "a gap"],
)
def test_between_the_drawn_frames_nothing_hides(tmp_path, pair, shown, code):
    report = judged(pair.film(tmp_path / "a.mp4", shown), pair.hint)
    assert (report.code, report.perceivable) == (code, False)


@pytest.mark.slow
def test_the_frames_that_are_drawn_are_not_all(tmp_path, pair):
    """Who knows them, and shows the notice on them only, is found out."""
    whole = pair.film(tmp_path / "a.mp4", lambda _: True)
    scan = video.scanned(whole, "mov")
    drawn = frames_drawn(video.facts(whole, "mov", scan), scan, (), Lots(b""))
    report = judged(pair.film(tmp_path / "b.mp4", lambda number: number in drawn), pair.hint)
    assert (report.code, report.perceivable) == ("kz.notice.brief", False)
    spans = (Span(start=0.0, end=3.0),)  # and what is remembered from without a span counts within
    hint = msgspec.structs.replace(pair.hint, spans=spans)
    path = pair.film(tmp_path / "c.mp4", lambda number: number in drawn and number < 75)
    assert judged(path, hint).perceivable is False


@pytest.mark.slow
def test_a_notice_is_never_gone_for_long(tmp_path, pair, monkeypatch):
    path = pair.film(tmp_path / "a.mp4", lambda number: not 60 <= number < 74)
    assert judged(path, pair.hint).perceivable
    monkeypatch.setattr("kzlabel.formats._video_tally.GONE_SECONDS", 0.5)
    assert judged(path, pair.hint).code == "kz.notice.brief"


@pytest.mark.slow
def test_a_frame_counts_by_how_long_it_is_shown(tmp_path, pair):
    times = [number * 40 if number < 100 else 4000 + (number - 100) * 400 for number in range(150)]
    path = pair.film(tmp_path / "a.mp4", lambda number: not 120 <= number < 130, times=times)
    assert judged(path, pair.hint).code != PERCEIVABLE  # ten frames, and four seconds of 24


# --- A few frames, drawn by lot -------------------------------------------------------------------


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every film for too long to be looked at as a whole."""
    monkeypatch.setattr(_video_judge, "WHOLE_SECONDS", 0.0)


@pytest.mark.slow
@pytest.mark.usefixtures("long")
def test_of_a_long_film_frames_are_drawn(tmp_path, pair):
    assert judged(pair.film(tmp_path / "a.mp4", lambda _: True), pair.hint).perceivable
    report = judged(pair.film(tmp_path / "b.mp4", lambda number: number % 2 > 0), pair.hint)
    assert report.perceivable is False


@pytest.mark.slow
@pytest.mark.usefixtures("long")
def test_frames_that_are_out_of_reach_are_not_seen(tmp_path, pair, monkeypatch):
    path = pair.film(tmp_path / "a.mp4", lambda number: number < 60, gop=999)
    assert judged(path, pair.hint).perceivable is False
    scan = video.scanned(path, "mov")
    facts = video.facts(path, "mov", scan, coded=False)
    a_frame = frames.whole_costs(facts, scan) / FRAMES
    monkeypatch.setattr(frames, "SECONDS", a_frame * 40)
    monkeypatch.setattr(frames, "FILE_BYTES_A_SECOND", 1e18)
    report = judged(path, pair.hint)
    assert (report.code, report.perceivable) == ("kz.notice.unreached", None)
    assert all(shot.number < 60 for shot in frames.passed(path, "mov", facts, scan, [10, 149]))


@pytest.mark.slow
@pytest.mark.usefixtures("long")
def test_frames_drawn_within_spans_are_judged(tmp_path, pair):
    spans = (Span(start=0.0, end=2.0), Span(start=4.0, end=6.0))
    hint = msgspec.structs.replace(pair.hint, spans=spans)
    path = pair.film(tmp_path / "a.mp4", lambda number: number < 50 or number >= 100)
    assert judged(path, hint).perceivable
    path = pair.film(tmp_path / "b.mp4", lambda number: number < 50)
    assert judged(path, hint).perceivable is False


FACTS = video.VideoFacts(
    index=0, codec="h264", profile="High", level=31, tag="avc1", pixel_format="yuv420p",
    width=1280, height=720, sample_aspect=Fraction(1), orientation=1, displayed=(1280, 720),
    time_base=Fraction(1, 25), rate=Fraction(25), start=0.0, frames=250, duration=10.0,
    bit_rate=2_000_000, key_gap=50, reordered=True, interlaced=False, field_order=1,
    colour=video.Colour(full=False, primaries=1, transfer=1, matrix=1),
)  # fmt: skip


@pytest.mark.parametrize("count", [1, 2, 10, 1000, 100_000])
def test_a_frame_is_drawn_out_of_every_stretch(count):
    facts = replace(FACTS, duration=count / 25)
    scan = Scan(times=array("q", range(count)), last_duration=1)
    drawn = frames_drawn(facts, scan, (), Lots(b"one"))
    assert min(drawn) == 0
    assert max(drawn) == count - 1
    assert sum(drawn.values()) == SAMPLES
    assert max(np.diff(sorted(drawn)), default=0) <= 2 * count / (SAMPLES - 2) + 1
    assert frames_drawn(facts, scan, (), Lots(b"one")) == drawn
    assert count < 1000 or frames_drawn(facts, scan, (), Lots(b"two")) != drawn


def test_neither_a_duration_nor_a_last_frame_that_lies_is_drawn_from():
    scan = Scan(times=array("q", range(100_000)), last_duration=25 * 36_000)
    drawn = frames_drawn(replace(FACTS, duration=36_000.0), scan, (), Lots(b""))
    assert len(drawn) == SAMPLES
    assert drawn[99_999] == 1


def test_every_byte_decides_what_is_drawn(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(bytes(3 << 20))
    before = lots_of(path)
    with path.open("r+b") as file:
        file.seek(3 << 19)
        file.write(b"x")
    assert lots_of(path) != before


def test_many_spans_are_drawn_from_within_bounds():
    spans = tuple(Span(start=float(at), end=at + 2.0) for at in range(0, 10_000, 10))
    times = span_times(spans, Lots(b""))
    assert len(times) == 24
    assert all(any(s.start <= time <= s.end for s in spans) for time in times)
    assert span_times(spans, Lots(b"x")) != times
