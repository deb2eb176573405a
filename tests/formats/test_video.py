"""A notice burned into films of many kinds, and judged: what must stay stays, what harms is seen."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest
from av.filter import Graph

from kzlabel import _progress
from kzlabel._av._scheduling import as_scheduled
from kzlabel.errors import KzlabelError, RefusedError, UnreadableAssetError, UsageError
from kzlabel.formats import _video
from kzlabel.formats._video_layout import schedule
from kzlabel.model import Corner, Notice, NoticeStyle, Placement, Region, Span, Statement

CREATED = Notice(statement=Statement.CREATED)
STRIP = Notice(statement=Statement.CREATED, style=NoticeStyle.STRIP)
SIZE = (320, 240)
FRAMES = 30
DEMUXERS = {"mp4": "mov", "mov": "mov", "matroska": "matroska", "webm": "matroska", "avi": "avi"}


def pictures(count: int, size: tuple[int, int] = SIZE) -> Iterator[np.ndarray]:
    """Yield frames of something that moves, in RGB."""
    across, down = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    for number in range(count):
        red = (across + 4 * number) % 256
        yield np.stack([red, down % 256, (across + down) % 256], axis=2).astype(np.uint8)


@as_scheduled()
def film(  # noqa: PLR0913  what a film may differ in
    path: Path,
    muxer: str,
    encoder: str = "libx264",
    pixels: str = "yuv420p",
    *,
    size: tuple[int, int] = SIZE,
    count: int = FRAMES,
    times: Sequence[int] | None = None,
    set_up: Callable[[av.VideoStream], None] | None = None,
    options: dict[str, str] | None = None,
    sound: bool = False,
) -> Path:
    """Write a film of 25 frames a second."""
    quick = {"preset": "ultrafast", "bf": "2"} if encoder == "libx264" else {}
    with av.open(str(path), "w", format=muxer) as target:
        stream = target.add_stream(encoder, rate=25, options={**quick, **(options or {})})
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.bit_rate = 1_000_000
        stream.bit_rate_tolerance = 1_000_000
        if times is not None:
            stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        if set_up:
            set_up(stream)
        tracks = [target.add_stream("aac", rate=8000) for _ in range(2 if sound else 0)]
        for language, track in zip(("kaz", "rus"), tracks, strict=False):
            track.layout = "mono"
            track.metadata["language"] = language
        for number, picture in enumerate(pictures(count, size)):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=pixels)
            base = stream.codec_context.time_base or Fraction(1, 25)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            if times is not None:
                frame.pts, frame.time_base = times[number], base
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
        for track in tracks:
            tone = np.sin(np.arange(8000) * (0.1 + track.index)).astype(np.float32)
            for at in range(0, 8000 - 1024, 1024):
                sample = av.AudioFrame.from_ndarray(tone[None, at : at + 1024], "fltp", "mono")
                sample.sample_rate, sample.pts = 8000, at
                target.mux(track.encode(sample))
            target.mux(track.encode(None))
    return path


def burned(src: Path, muxer: str, notice: Notice = CREATED) -> tuple[Path, Placement]:
    dst = src.with_name(f"labelled-{src.name}")
    return dst, _video.burn(src, dst, DEMUXERS[muxer], muxer, notice)


def frames_of(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def times_of(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        base = container.streams.video[0].time_base
        return sorted(
            float(p.pts * base) for p in container.demux(video=0) if p.size and p.pts is not None
        )


def packets_of(path: Path, kind: str) -> dict[int, list[tuple[float, bytes]]]:
    found: dict[int, list[tuple[float, bytes]]] = {}
    with av.open(str(path)) as container:
        for packet in container.demux(*getattr(container.streams, kind)):
            if packet.size:
                at = float(packet.pts * packet.time_base)
                found.setdefault(packet.stream.index, []).append((round(at, 3), bytes(packet)))
    return found


def codes(path: Path, muxer: str, *hints: Placement, search: bool = False) -> list[str]:
    reports = _video.judge(path, DEMUXERS[muxer], hints, search=search)
    return [report.code for report in reports]


def check_kept(src: Path, dst: Path, muxer: str) -> None:
    """Check that both films are the same but for what is seen."""
    before, after = (_video.facts(path, DEMUXERS[muxer]) for path in (src, dst))
    for name in (
        "codec", "pixel_format", "width", "height", "sample_aspect", "orientation", "displayed",
        "time_base", "frames", "colour", "chroma", "interlaced", "field_order", "reordered",
    ):  # fmt: skip
        assert getattr(before, name) == getattr(after, name), name
    assert after.profile == before.profile
    assert len(frames_of(src)) == len(frames_of(dst))
    assert after.duration == pytest.approx(before.duration, abs=0.001)
    if muxer != "avi":
        assert times_of(src) == times_of(dst)


KINDS = [
    ("mp4", "libx264", "yuv420p"),
    ("mov", "libx264", "yuv422p10le"),
    ("matroska", "libx264", "yuv444p"),
    ("mp4", "libx264", "yuvj420p"),
    ("matroska", "libx264", "gray"),
    ("mp4", "libx265", "yuv420p10le"),
    ("webm", "libvpx", "yuv420p"),
    ("webm", "libvpx-vp9", "yuv420p"),
    ("mp4", "libsvtav1", "yuv420p10le"),
    ("avi", "mpeg4", "yuv420p"),
    ("mp4", "mpeg4", "yuv420p"),
    ("matroska", "mpeg2video", "yuv420p"),
    ("avi", "mjpeg", "yuvj422p"),
    ("mov", "prores_ks", "yuv422p10le"),
    ("matroska", "ffv1", "yuv422p12le"),
    ("avi", "huffyuv", "yuv422p"),
    ("avi", "utvideo", "gbrp"),
    ("avi", "rawvideo", "bgr24"),
    ("avi", "rawvideo", "yuyv422"),
    ("mov", "png", "rgba"),
]
FAST = {
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=error"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "libsvtav1": {"preset": "12"},
}


@pytest.mark.parametrize(("muxer", "encoder", "pixels"), KINDS)
@pytest.mark.slow
def test_a_notice_is_seen_and_all_else_stays(tmp_path, monkeypatch, muxer, encoder, pixels):
    monkeypatch.setenv("SVT_LOG", "1")
    src = film(tmp_path / "a", muxer, encoder, pixels, count=12, options=FAST.get(encoder, {}))
    dst, placement = burned(src, muxer)
    check_kept(src, dst, muxer)
    (report,) = _video.judge(dst, DEMUXERS[muxer], [placement], search=False)
    assert report.perceivable, report
    assert report.measures["share"] == 1
    assert report.measures["contrast"] > 10
    assert codes(src, muxer, placement) == ["kz.notice.covered"]


def policies() -> set[int]:
    threads = Path("/proc/self/task").iterdir()
    return {os.sched_getscheduler(int(thread.name)) for thread in threads}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="asks Linux about threads")
def test_no_thread_becomes_real_time(tmp_path, monkeypatch):
    """SVT-AV1 makes itself and whoever opens it so, where root runs it."""
    monkeypatch.setenv("SVT_LOG", "1")
    before = policies()
    src = film(tmp_path / "a.mp4", "mp4", "libsvtav1", "yuv420p", options=FAST["libsvtav1"])
    burned(src, "mp4")
    assert policies() == before
    with av.open(str(tmp_path / "b.mp4"), "w") as target:
        stream = target.add_stream("libsvtav1", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        with as_scheduled():
            target.start_encoding()
        assert policies() == before  # those of the encoder, too


@pytest.mark.slow
def test_outside_the_plate_no_sample_changes(tmp_path):
    src = film(tmp_path / "a.mkv", "matroska", "ffv1", "yuv420p")
    dst, placement = burned(src, "matroska")
    for before, after in zip(frames_of(src), frames_of(dst), strict=True):
        one, two = before.to_ndarray(), after.to_ndarray()
        rows, columns = np.nonzero(one[: SIZE[1]] != two[: SIZE[1]])
        region = placement.region
        assert rows.min() >= int(region.y * SIZE[1]) - 1
        assert rows.max() <= (region.y + region.h) * SIZE[1] + 1
        assert columns.min() >= int(region.x * SIZE[0]) - 1
        assert columns.max() <= (region.x + region.w) * SIZE[0] + 1


def test_a_band_keeps_the_whole_picture(tmp_path):
    src = film(tmp_path / "a.mkv", "matroska", "ffv1", "yuv420p", size=(161, 121))
    dst, placement = burned(src, "matroska")
    assert placement.style is NoticeStyle.STRIP
    assert placement.height % 4 == 0
    for before, after in zip(frames_of(src), frames_of(dst), strict=True):
        assert (after.width, after.height) == (placement.width, placement.height)
        one, two = (frame.to_ndarray(format="gray") for frame in (before, after))
        assert np.array_equal(one, two[:121, :161])
    assert codes(dst, "matroska", placement) == ["kz.notice.perceivable"]


@pytest.mark.slow
def test_odd_sizes(tmp_path):
    src = film(tmp_path / "a.mkv", "matroska", "ffv1", "yuv420p", size=(323, 243))
    dst, placement = burned(src, "matroska")
    check_kept(src, dst, "matroska")
    assert codes(dst, "matroska", placement) == ["kz.notice.perceivable"]


@pytest.mark.slow
def test_every_time_stays_where_the_rate_varies(tmp_path):
    times = np.cumsum([0, *([40, 33, 90, 17, 250] * 5)]).tolist()
    for muxer in ("mp4", "matroska"):
        src = film(tmp_path / muxer, muxer, count=len(times), times=times)
        dst, _ = burned(src, muxer)
        assert times_of(dst) == times_of(src) == [at / 1000 for at in times]


@pytest.mark.slow
def test_key_frames_and_the_last_duration_stay(tmp_path):
    def ends(path: Path) -> tuple[list[int], int | None]:
        with av.open(str(path)) as container:
            found = [p for p in container.demux(video=0) if p.size]
        last = max(found, key=lambda packet: packet.pts)
        return [p.pts for p in found if p.is_keyframe], last.duration

    plain = film(tmp_path / "p.mp4", "mp4", options={"g": "7", "sc_threshold": "0"})
    src = tmp_path / "a.mp4"
    with av.open(str(plain)) as source, av.open(str(src), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        final = (FRAMES - 1) * 512
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream, packet.duration = stream, 2000 if packet.pts == final else 512
                target.mux(packet)
    dst, _ = burned(src, "mp4")
    assert set(ends(src)[0]) <= set(ends(dst)[0])
    assert ends(dst)[1] == ends(src)[1]
    plain_mkv = tmp_path / "b.mkv"
    with av.open(str(plain)) as source, av.open(str(plain_mkv), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        stream.disposition = 64  # forced
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    made, _ = burned(plain_mkv, "matroska")
    with av.open(str(plain_mkv)) as one, av.open(str(made)) as two:
        assert one.streams[0].disposition == two.streams[0].disposition != 0


def test_sound_is_copied_packet_for_packet(tmp_path):
    src = film(tmp_path / "a.mp4", "mp4", sound=True)
    dst, _ = burned(src, "mp4")
    before = packets_of(src, "audio")
    assert len(before) == 2
    assert packets_of(dst, "audio") == before
    with av.open(str(dst)) as container:
        assert [one.metadata["language"] for one in container.streams.audio] == ["kaz", "rus"]


def test_chapters_subtitles_and_attachments_are_copied(tmp_path):
    plain = film(tmp_path / "plain.mkv", "matroska", sound=True)
    src = tmp_path / "a.mkv"
    (tmp_path / "a.srt").write_text("1\n00:00:00,100 --> 00:00:00,900\nHi\n", "utf-8")
    with (
        av.open(str(plain)) as film_in,
        av.open(str(tmp_path / "a.srt")) as words,
        av.open(str(src), "w", format="matroska") as target,
    ):
        ways = {s: target.add_stream_from_template(s, opaque=True) for s in film_in.streams}
        ways[words.streams[0]] = target.add_stream_from_template(words.streams[0], opaque=True)
        target.add_attachment("font.ttf", "font/ttf", b"not really a font")
        chapter = {"id": 1, "start": 0, "end": 600, "time_base": Fraction(1, 1000)}
        target.set_chapters([{**chapter, "metadata": {"title": "One"}}])
        target.metadata["title"] = "A film"
        for container in (film_in, words):
            for packet in container.demux():
                if packet.size:
                    packet.stream = ways[packet.stream]
                    target.mux(packet)
    dst, _ = burned(src, "matroska")
    assert packets_of(dst, "subtitles") == packets_of(src, "subtitles") != {}
    assert packets_of(dst, "audio") == packets_of(src, "audio") != {}
    with av.open(str(src)) as one, av.open(str(dst)) as two:
        assert [s.type for s in one.streams] == [s.type for s in two.streams]
        assert two.chapters() == one.chapters() != []
        assert two.metadata["title"] == "A film"
        assert two.streams.attachments[0].data == b"not really a font"


# --- How it is displayed --------------------------------------------------------------------------


@pytest.mark.parametrize("notice", [CREATED, STRIP], ids=["overlay", "strip"])
@pytest.mark.parametrize(
    "degrees",
    [90, *(pytest.param(more, marks=pytest.mark.slow) for more in (180, 270))],
)
@pytest.mark.slow
def test_a_turned_film_has_its_notice_upright(tmp_path, degrees, notice):
    src = film(
        tmp_path / "a.mp4", "mp4", set_up=lambda stream: stream.set_display_rotation(degrees)
    )
    dst, placement = burned(src, "mp4", notice)
    shown = _video.facts(dst, "mov").displayed
    assert shown == (placement.width, placement.height)
    assert (shown[0] < shown[1]) == (degrees != 180)
    before, after = frames_of(src)[3], frames_of(dst)[3]
    assert before.rotation == after.rotation != 0
    if notice is CREATED:
        check_kept(src, dst, "mp4")
    assert codes(dst, "mp4", placement) == ["kz.notice.perceivable"]
    assert codes(dst, "mp4", search=True) == ["kz.notice.perceivable"]


@pytest.mark.parametrize("notice", [CREATED, STRIP], ids=["overlay", "strip"])
@pytest.mark.parametrize(
    "aspect", [Fraction(64, 45), pytest.param(Fraction(8, 9), marks=pytest.mark.slow)]
)
@pytest.mark.slow
def test_pixels_that_are_not_square(tmp_path, aspect, notice):
    def set_up(stream: av.VideoStream) -> None:
        stream.codec_context.sample_aspect_ratio = aspect

    src = film(tmp_path / "a.mp4", "mp4", set_up=set_up)
    dst, placement = burned(src, "mp4", notice)
    assert placement.width == pytest.approx(SIZE[0] * aspect, abs=3)
    assert _video.facts(dst, "mov").sample_aspect == aspect
    assert codes(dst, "mp4", placement) == ["kz.notice.perceivable"]
    assert codes(dst, "mp4", search=True) == ["kz.notice.perceivable"]


@pytest.mark.parametrize(("first", "order"), [("tff", 2), ("bff", 3)])
@pytest.mark.slow
def test_interlaced_stays_interlaced(tmp_path, first, order):
    def set_up(stream: av.VideoStream) -> None:
        stream.codec_context.field_order = order

    options = {"flags": "+ildct+ilme", "x264-params": f"{first}=1"}
    src = tmp_path / "a.mp4"
    woven(film(tmp_path / "p.mkv", "matroska", "ffv1"), src, first, options, set_up)
    before = _video.facts(src, "mov")
    assert before.interlaced
    dst, placement = burned(src, "mp4")
    check_kept(src, dst, "mp4")
    assert all(frame.interlaced_frame for frame in frames_of(dst))
    assert codes(dst, "mp4", placement) == ["kz.notice.perceivable"]


def woven(
    plain: Path,
    path: Path,
    first: str,
    options: dict[str, str],
    set_up: Callable[[av.VideoStream], None],
) -> None:
    """Write `plain` with two of its frames in each frame."""
    graph = Graph()
    with av.open(str(plain)) as source, av.open(str(path), "w", format="mp4") as target:
        read = source.streams.video[0]
        graph.link_nodes(
            graph.add_buffer(template=read),
            graph.add("setfield", first),
            graph.add("buffersink"),
        ).configure()
        stream = target.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height = SIZE
        set_up(stream)
        for frame in source.decode(read):
            graph.vpush(frame)
            woven_frame = graph.vpull()
            woven_frame.pict_type = 0
            target.mux(stream.encode(woven_frame))
        target.mux(stream.encode(None))


# --- For a part of the time -----------------------------------------------------------------------


@pytest.mark.slow
def test_shown_for_the_first_seconds_and_again(tmp_path):
    src = film(tmp_path / "a.mp4", "mp4", count=250, size=(240, 200))
    notice = msgspec.structs.replace(CREATED, seconds=2.0, every=5.0)
    dst, placement = burned(src, "mp4", notice)
    assert placement.spans == (Span(start=0.0, end=2.0), Span(start=5.0, end=7.0))
    assert placement.duration == pytest.approx(10.0, abs=0.1)
    (report,) = _video.judge(dst, "mov", [placement], search=False)
    assert report.perceivable, report
    assert all(span.end <= 2 or 5 <= span.start < span.end <= 7 for span in report.spans)
    always = msgspec.structs.replace(placement, spans=())
    assert codes(dst, "mp4", always) == ["kz.notice.brief"]
    late = msgspec.structs.replace(placement, spans=(Span(start=5.0, end=7.0),))
    assert codes(dst, "mp4", late) == ["kz.notice.brief"]
    moved = msgspec.structs.replace(placement, spans=(Span(start=2.2, end=4.8),))
    assert codes(dst, "mp4", moved) == ["kz.notice.covered"]


@pytest.mark.parametrize(
    ("seconds", "every", "duration", "spans"),
    [
        (None, None, 60, ()),
        (None, 20, 60, ()),
        (5, None, 60, ((0, 5),)),
        (5, 20, 60, ((0, 5), (20, 25), (40, 45))),
        (5, 20, 41, ((0, 5), (20, 25))),
        (5, 20, 43, ((0, 5), (20, 25), (40, 43))),
        (60, None, 60, ()),
        (5, 5, 60, ()),
    ],
)
def test_when_a_notice_is_shown(seconds, every, duration, spans):
    notice = msgspec.structs.replace(CREATED, seconds=seconds, every=every)
    got = schedule(Path("a"), notice, duration)
    assert [(span.start, span.end) for span in got] == list(spans)


def test_a_notice_of_a_second_is_no_notice(tmp_path):
    src = film(tmp_path / "a.mp4", "mp4")
    with pytest.raises(UsageError, match="at least 2 s"):
        burned(src, "mp4", msgspec.structs.replace(CREATED, seconds=1.0))


@pytest.mark.slow
def test_a_second_statement_is_not_drawn_over_the_first(tmp_path):
    src = film(tmp_path / "a.mp4", "mp4")
    one, first = burned(src, "mp4")
    other = Notice(statement=Statement.MODIFIED, avoid=(first.region,))
    two, second = burned(one, "mp4", other)
    assert codes(two, "mp4", first, second) == ["kz.notice.perceivable"] * 2


# --- Judging --------------------------------------------------------------------------------------


def with_boxes(src: Path, dst: Path, covered: Callable[[int], bool], grey: int = 120) -> Path:
    """Write `src` with a grey bar over the lower part of some frames."""
    with av.open(str(src)) as source, av.open(str(dst), "w", format="mp4") as target:
        read = source.streams.video[0]
        stream = target.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height = read.width, read.height
        for number, frame in enumerate(source.decode(read)):
            picture = frame.to_ndarray(format="rgb24")
            if covered(number):
                picture[picture.shape[0] // 2 :] = grey
            made = av.VideoFrame.from_ndarray(picture, "rgb24")
            made.pts, made.time_base = number, Fraction(1, 25)
            target.mux(stream.encode(made))
        target.mux(stream.encode(None))
    return dst


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Placement]:
    """A film of four seconds with a notice."""
    src = film(tmp_path_factory.mktemp("film") / "a.mp4", "mp4", count=100)
    return burned(src, "mp4", Notice(statement=Statement.CREATED, corner=Corner.BOTTOM_LEFT))


@pytest.mark.parametrize(
    ("covered", "perceivable"),
    [
        (lambda n: n < 0, True),
        (lambda n: n == 50, True),
        (lambda n: n >= 20, False),
        (lambda n: n < 80, False),
        (lambda n: n % 5 > 0, False),
        (lambda n: n % 3 == 0, False),
        (lambda n: n >= 0, False),
    ],
    ids=["none", "one", "all-but-first", "all-but-last", "four-of-five", "a-third", "all"],
)
@pytest.mark.slow
def test_covered_in_most_frames_is_impaired(tmp_path, labelled, covered, perceivable):
    path, placement = labelled
    harmed = with_boxes(path, tmp_path / "b.mp4", covered)
    (report,) = _video.judge(harmed, "mov", [placement], search=False)
    assert report.perceivable is perceivable, report
    if not perceivable:
        assert report.code in ("kz.notice.covered", "kz.notice.brief")


@pytest.mark.slow
def test_found_without_a_label_after_it_was_made_smaller(tmp_path, labelled):
    path, placement = labelled
    small = tmp_path / "b.mp4"
    with av.open(str(path)) as source, av.open(str(small), "w", format="mp4") as target:
        stream = target.add_stream("libx264", rate=25, options={"crf": "32"})
        stream.width, stream.height = 240, 180
        for frame in source.decode(video=0):
            frame.pict_type = 0
            target.mux(stream.encode(frame.reformat(240, 180)))
        target.mux(stream.encode(None))
    assert codes(small, "mp4", placement) == ["kz.notice.perceivable"]
    assert codes(small, "mp4", search=True) == ["kz.notice.perceivable"]


@pytest.mark.slow
def test_nothing_is_found_where_there_is_nothing(tmp_path):
    src = film(tmp_path / "a.mp4", "mp4")
    assert codes(src, "mp4", search=True) == []
    assert codes(src, "mp4", search=False) == []


@pytest.mark.slow
def test_one_report_for_each_hint_in_order(labelled):
    path, placement = labelled
    heard = Placement(
        statement=Statement.CREATED, style=NoticeStyle.MIX, languages=("kk",), lines=("a",),
        medium="audible", spans=(Span(start=0, end=1),),
    )  # fmt: skip
    absurd = msgspec.structs.replace(placement, region=Region(x=2, y=0, w=1, h=1))
    assert codes(path, "mp4", heard, placement, absurd) == [
        "kz.notice.undetermined", "kz.notice.perceivable", "kz.notice.undetermined",
    ]  # fmt: skip
    assert codes(path, "mp4", heard) == ["kz.notice.undetermined"]


@pytest.mark.slow
def test_the_same_hint_twice_is_judged_twice(labelled):
    path, placement = labelled
    assert codes(path, "mp4", placement, placement) == ["kz.notice.perceivable"] * 2


# --- What is refused ------------------------------------------------------------------------------


def check_refused(src: Path, muxer: str, kind: type[KzlabelError], code: str) -> None:
    dst = src.with_name("refused")
    with pytest.raises(kind) as caught:
        _video.burn(src, dst, DEMUXERS[muxer], muxer, CREATED)
    assert caught.value.code == code
    assert str(src) in str(caught.value)


def test_codecs_that_cannot_be_encoded_again_are_named(tmp_path):
    src = film(tmp_path / "a.avi", "avi", "wmv2")
    check_refused(src, "avi", RefusedError, "kz.error.video-codec")
    assert not (tmp_path / "refused").exists()


def test_a_film_without_pictures_or_with_two_is_refused(tmp_path):
    src = tmp_path / "a.mkv"
    with av.open(str(src), "w", format="matroska") as target:
        streams = [target.add_stream("ffv1", rate=25) for _ in range(2)]
        for stream in streams:
            stream.width, stream.height = SIZE
        for stream in streams:
            target.mux(stream.encode(av.VideoFrame(*SIZE, "yuv420p")))
            target.mux(stream.encode(None))
    check_refused(src, "matroska", RefusedError, "kz.error.video-several")
    sound = tmp_path / "b.mka"
    with av.open(str(sound), "w", format="matroska") as target:
        track = target.add_stream("pcm_s16le", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        silence.sample_rate = 8000
        track.layout = "mono"
        target.mux([*track.encode(silence), *track.encode(None)])
    check_refused(sound, "matroska", RefusedError, "kz.error.video-none")


SLOWLY = pytest.mark.slow


@pytest.mark.slow
@pytest.mark.parametrize("muxer", ["mp4", "avi", "matroska"])
@pytest.mark.parametrize(
    "share", [pytest.param(0.0, marks=SLOWLY), 0.02, pytest.param(0.4, marks=SLOWLY), 0.7]
)
def test_a_film_that_is_cut_short_is_refused(tmp_path, muxer, share):
    src = film(tmp_path / "a", muxer, "mpeg4" if muxer == "avi" else "libx264", count=100)
    src.write_bytes(src.read_bytes()[: int(src.stat().st_size * share)])
    with pytest.raises(UnreadableAssetError):
        burned(src, muxer)


def test_a_fast_start_film_that_is_cut_short_is_refused(tmp_path):
    src = tmp_path / "a.mp4"
    film(tmp_path / "p.mp4", "mp4", count=100)
    with (
        av.open(str(tmp_path / "p.mp4")) as source,
        av.open(str(src), "w", options={"movflags": "faststart"}) as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    src.write_bytes(src.read_bytes()[: src.stat().st_size // 2])
    check_refused(src, "mp4", UnreadableAssetError, "kz.error.video-cut")


def test_damage_within_the_film_is_refused(tmp_path):
    src = film(tmp_path / "a.mp4", "mp4", count=60)
    raw = bytearray(src.read_bytes())
    with av.open(str(src)) as container:
        packet = [p for p in container.demux(video=0) if p.size][30]
    raw[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    src.write_bytes(raw)
    with pytest.raises(UnreadableAssetError):
        burned(src, "mp4")


def test_pictures_that_change_their_size_are_refused(tmp_path):
    from io import BytesIO

    from PIL import Image

    src = tmp_path / "a.avi"
    with av.open(str(src), "w", format="avi") as target:
        stream = target.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuvj420p"
        for number in range(10):
            held = BytesIO()
            Image.new("RGB", SIZE if number < 5 else (400, 300), "red").save(held, "JPEG")
            packet = av.Packet(held.getvalue())
            packet.stream, packet.pts, packet.dts = stream, number, number
            packet.time_base, packet.is_keyframe = Fraction(1, 25), True
            target.mux(packet)
    check_refused(src, "avi", RefusedError, "kz.error.video-changes")


@pytest.mark.slow
def test_progress_is_told_and_whoever_listens_may_stop_it(tmp_path):
    src = film(tmp_path / "a.mp4", "mp4", count=100, size=(200, 200))
    told: list[float] = []
    with _progress.listening(told.append):
        burned(src, "mp4")
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) >= 3

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    (tmp_path / "labelled-a.mp4").unlink()
    with _progress.listening(stop), pytest.raises(KeyboardInterrupt):
        burned(src, "mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "labelled-a.mp4"]


@pytest.mark.slow
@pytest.mark.needs("ffprobe")
def test_ffprobe_counts_the_same_frames_and_streams(tmp_path):
    src = film(tmp_path / "a.mp4", "mp4", sound=True, count=60)
    dst, _ = burned(src, "mp4")
    asked = ["ffprobe", "-v", "error", "-count_frames", "-of", "json", "-show_entries"]
    asked.append("stream=codec_name,profile,pix_fmt,width,height,nb_read_frames,duration,time_base")
    seen = [
        json.loads(subprocess.run([*asked, str(path)], capture_output=True, check=True).stdout)
        for path in (src, dst)
    ]
    assert seen[0] == seen[1]
    assert seen[0]["streams"][0]["nb_read_frames"] == "60"
