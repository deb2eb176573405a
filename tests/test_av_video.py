"""The video border: samples of a plate, light of HDR, colours as seen, packets counted."""

from __future__ import annotations

import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kzlabel._av import frames, video
from kzlabel._av._video_clock import Clock
from kzlabel._av._video_coding import RECIPES, coding
from kzlabel._av._video_colour import picture
from kzlabel._av._video_light import light_of
from kzlabel._av._video_planes import Grey, paste, patches
from kzlabel._av._video_scan import Scan
from kzlabel._av.video import Colour, orientation
from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError

SAID = Colour(full=False, primaries=1, transfer=1, matrix=1, range_code=1)
GREY = Grey(np.tile(np.array([0, 255], np.uint8), (4, 4)), 2, 2)
MASTERING = struct.pack(
    "=20i2i",
    *(34000, 50000, 16000, 50000, 13250, 50000, 34500, 50000, 7500, 50000, 3000, 50000),
    *(15635, 50000, 16450, 50000, 50, 10000, 10000000, 10000),
    *(1, 1),
)
LEVELS = struct.pack("=2I", 1000, 400)
HDR = {"MASTERING_DISPLAY_METADATA": MASTERING, "CONTENT_LIGHT_LEVEL": LEVELS}
X265 = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
FACTS = video.VideoFacts(
    index=0, codec="h264", profile="High", level=31, tag="avc1", pixel_format="yuv420p",
    width=1280, height=720, sample_aspect=Fraction(1), orientation=1, displayed=(1280, 720),
    time_base=Fraction(1, 12800), rate=Fraction(25), start=0.0, frames=250, duration=10.0,
    bit_rate=2_000_000, key_gap=50, reordered=True, interlaced=False, field_order=1, colour=SAID,
    chroma=1,
)  # fmt: skip
HERE = Path("a.mp4")


def small(path: Path, encoder: str = "ffv1", pixels: str = "yuv420p", count: int = 3) -> Path:
    with av.open(str(path), "w", format="matroska") as target:
        stream = target.add_stream(encoder, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 60 * number % 256, np.uint8))
            frame.pts, frame.time_base = number, Fraction(1, 25)
            target.mux(stream.encode(frame.reformat(format=pixels)))
        target.mux(stream.encode(None))
    return path


# --- Samples --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pixels", "full", "black", "white", "neutral"),
    [
        ("yuv420p", False, 16, 235, 128),
        ("yuvj420p", True, 0, 255, 128),
        ("yuv444p", False, 16, 235, 128),
        ("yuv422p10le", False, 64, 940, 512),
        ("yuv420p12le", False, 256, 3760, 2048),
        ("gray", False, 16, 235, None),
        ("gray10le", True, 0, 1023, None),
    ],
)
def test_a_plate_is_black_and_white_in_every_depth(pixels, full, black, white, neutral):
    frame = av.VideoFrame(32, 16, pixels)
    paste(frame, patches(HERE, frame.format, replace(SAID, full=full), GREY))
    luma = _plane(frame, 0)
    assert luma[2:6, 2:10].tolist() == [[black, white] * 4] * 4
    if neutral is not None:
        step = frame.planes[0].width // frame.planes[1].width
        down = frame.planes[0].height // frame.planes[1].height
        for number in (1, 2):
            chroma = _plane(frame, number)[2 // down : 6 // down, 2 // step : 10 // step]
            assert (chroma == neutral).all()


def _plane(frame: av.VideoFrame, number: int) -> np.ndarray:
    plane = frame.planes[number]
    wide = frame.format.components[0].bits > 8
    samples = np.frombuffer(plane, "<u2" if wide else "u1")
    return samples.reshape(plane.height, -1)[:, : plane.width]


@pytest.mark.parametrize("pixels", ["rgb24", "bgr24", "bgra", "argb", "bgr0", "gbrp", "gbrp10le"])
def test_a_plate_on_rgb_is_black_and_white(pixels):
    frame = av.VideoFrame(32, 16, pixels)
    paste(frame, patches(HERE, frame.format, replace(SAID, full=True), GREY))
    seen = frame.reformat(format="rgba").to_ndarray()[2:6, 2:10]
    assert seen[:, ::2, :3].max() == 0
    assert seen[:, 1::2].min() == 255


@pytest.mark.parametrize("pixels", ["yuyv422", "uyvy422", "yvyu422"])
def test_a_plate_on_packed_yuv_is_black_and_white(pixels):
    frame = av.VideoFrame(32, 16, pixels)
    paste(frame, patches(HERE, frame.format, SAID, GREY))
    seen = frame.reformat(format="gray").to_ndarray()[2:6, 2:10]
    assert seen[:, ::2].max() <= 1
    assert seen[:, 1::2].min() >= 254


@pytest.mark.parametrize("pixels", ["pal8", "rgb565le", "monow", "nv12", "bayer_rggb8"])
def test_strange_samples_are_refused(pixels):
    with pytest.raises(RefusedError, match=pixels):
        patches(HERE, av.VideoFormat(pixels, 32, 16), SAID, GREY)


@pytest.mark.parametrize(("transfer", "most"), [(1, 940), (16, 580), (18, 722)])
def test_words_in_hdr_are_as_bright_as_graphics(transfer, most):
    frame = av.VideoFrame(32, 16, "yuv420p10le")
    colour = replace(SAID, transfer=transfer, primaries=9, matrix=9)
    paste(frame, patches(HERE, frame.format, colour, GREY))
    assert _plane(frame, 0)[2:6, 2:10].max() == pytest.approx(most, abs=8)
    frame.color_trc, frame.colorspace, frame.color_range = transfer, 9, 1
    seen = np.asarray(picture(frame, Fraction(1)))[2:6, 2:10]
    assert seen.min() <= 2
    assert seen.max() >= 250


# --- What is seen ---------------------------------------------------------------------------------


def test_a_picture_is_in_square_pixels_and_its_own_colours(tmp_path):
    frame = av.VideoFrame(64, 48, "yuv420p")
    for plane, value in zip(frame.planes, (63, 102, 240), strict=True):
        np.frombuffer(plane, np.uint8)[:] = value
    frame.colorspace, frame.color_range = 1, 1  # pure red in BT.709
    seen = picture(frame, Fraction(4, 3))
    assert seen.size == (85, 48)
    red, green, blue = seen.getpixel((40, 20))
    assert red > 245
    assert max(green, blue) < 10
    frame.colorspace = 5
    assert seen.getpixel((40, 20)) != picture(frame, Fraction(1)).getpixel((40, 20))


def test_a_transparent_film_stays_transparent(tmp_path):
    assert picture(av.VideoFrame(64, 48, "yuva420p"), Fraction(1)).mode == "RGBA"


@pytest.mark.parametrize(
    ("degrees", "hflip", "expected"),
    [(0, False, 1), (90, False, 8), (180, False, 3), (270, False, 6), (0, True, 2), (45, False, 0)],
)
def test_turns_are_read_as_in_exif(tmp_path, degrees, hflip, expected):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as target:
        stream = target.add_stream("mpeg4", rate=25)
        stream.width, stream.height = 64, 48
        stream.set_display_rotation(degrees, hflip=hflip)
        target.mux([*stream.encode(av.VideoFrame(64, 48, "yuv420p")), *stream.encode(None)])
    facts = video.facts(path, "mov")
    assert facts.orientation == expected
    assert facts.displayed == ((48, 64) if expected in (6, 8) else (64, 48))


def test_a_matrix_that_makes_no_sense_turns_nothing():
    assert orientation(b"") == 1
    assert orientation(bytes(36)) == 0


def test_frames_are_found_by_their_number(tmp_path):
    path = small(tmp_path / "a.mkv", count=4)
    scan = video.scanned(path, "matroska")
    facts = video.facts(path, "matroska", scan)
    found = list(frames.shots(path, "matroska", facts, scan, [3, 1, 1]))
    assert [round(shot.time, 2) for shot in found] == [0.04, 0.12]
    assert [shot.picture.getpixel((5, 5))[0] for shot in found] == pytest.approx([60, 180], abs=2)


def test_far_frames_are_sought_from_key_frames(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=25, options={"preset": "ultrafast", "g": "50"})
        stream.width, stream.height = 64, 48
        for number in range(600):
            grey = np.full((48, 64, 3), number * 255 // 600, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    scan = video.scanned(path, "mov")
    facts = video.facts(path, "mov", scan)
    wanted = [0, 99, 301, 555, 599]
    found = list(frames.shots(path, "mov", facts, scan, wanted))
    assert [round(shot.time * 25) for shot in found] == wanted
    seen = [shot.picture.getpixel((5, 5))[0] for shot in found]
    assert seen == pytest.approx([number * 255 / 600 for number in wanted], abs=6)


# --- The light of HDR -----------------------------------------------------------------------------


def test_the_mastering_display_is_said_in_the_words_of_encoders():
    light = light_of(HERE, HDR)
    assert light.x265 == [X265, "max-cll=1000,400"]
    assert light.x264[0].startswith("mastering-display=G(13250,34500)")
    assert "L(1000.0,0.005)" in light.svtav1[0]
    assert not light_of(HERE, {})


@pytest.mark.parametrize("raw", [b"", bytes(88), MASTERING[:-4] + bytes(4)])
def test_light_that_is_not_said_is_none(raw):
    assert not light_of(HERE, {"MASTERING_DISPLAY_METADATA": raw})


@pytest.mark.parametrize(
    ("name", "said"),
    [("DOVI_METADATA", "Dolby Vision"), ("DYNAMIC_HDR_PLUS", "HDR10\\+")],
)
def test_light_that_goes_with_each_frame_is_refused(name, said):
    with pytest.raises(RefusedError, match=said):
        light_of(HERE, {name: b"x"})


def test_a_codec_that_cannot_say_the_light_is_refused_unless_the_container_will():
    facts = replace(FACTS, codec="vp9", side_data=HDR)
    with pytest.raises(RefusedError, match="vp9"):
        coding(HERE, facts, 1000, grown=False, light_kept=False)
    assert coding(HERE, facts, 1000, grown=False, light_kept=True)


def test_hdr10_goes_through(tmp_path):
    from kzlabel.formats import _video
    from kzlabel.model import Notice, Statement

    src, dst = tmp_path / "a.mp4", tmp_path / "b.mp4"
    with av.open(str(src), "w") as target:
        words = f"log-level=error:{X265}:max-cll=1000,400:chromaloc=2"
        options = {"preset": "ultrafast", "x265-params": words, "chroma_sample_location": "3"}
        stream = target.add_stream("libx265", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = 9, 16, 9
        for number in range(4):
            frame = av.VideoFrame(320, 240, "yuv420p10le")
            np.frombuffer(frame.planes[0], "<u2")[:] = 300
            for plane in frame.planes[1:]:
                np.frombuffer(plane, "<u2")[:] = 512
            frame.pts, frame.time_base = number, Fraction(1, 25)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    before = video.facts(src, "mov")
    assert light_of(src, before.side_data).x265 == [X265, "max-cll=1000,400"]
    placement = _video.burn(src, dst, "mov", "mp4", Notice(statement=Statement.CREATED))
    after = video.facts(dst, "mov")
    assert light_of(dst, after.side_data) == light_of(src, before.side_data)
    assert (after.colour, after.chroma) == (before.colour, before.chroma)
    assert after.chroma == 3
    (report,) = _video.judge(dst, "mov", [placement], search=False)
    assert report.perceivable
    assert report.measures["contrast"] > 4.5


# --- Encoders -------------------------------------------------------------------------------------


def test_settings_follow_the_source():
    made = coding(HERE, FACTS, 50_000, grown=False, light_kept=False)
    assert made.recipe.encoder == "libx264"
    assert made.options["profile"] == "high"
    assert made.options["level"] == "31"
    assert made.options["chroma_sample_location"] == "1"
    assert made.gop == 50
    assert made.time_base == FACTS.time_base
    assert 2_000_000 < made.bit_rate < 2_300_000
    grown = coding(HERE, replace(FACTS, reordered=False), 1, grown=True, light_kept=False)
    assert "level" not in grown.options
    assert grown.options["bf"] == "0"


def test_lossless_stays_lossless():
    facts = replace(FACTS, profile="High 4:4:4 Predictive")
    assert coding(HERE, facts, 1, grown=False, light_kept=False).options["qp"] == "0"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"codec": "theora"}, "kz.error.video-codec"),
        ({"codec": "vp9", "pixel_format": "yuv420p10le"}, "kz.error.video-pixels"),
        ({"codec": "hevc", "interlaced": True}, "kz.error.video-fields"),
    ],
)
def test_what_would_be_lost_is_refused(changes, code):
    with pytest.raises(RefusedError) as caught:
        coding(HERE, replace(FACTS, **changes), 1, grown=False, light_kept=False)
    assert caught.value.code == code


@pytest.mark.parametrize("name", sorted({recipe.encoder for recipe in RECIPES.values()}))
def test_every_encoder_of_the_table_is_there(name):
    assert av.Codec(name, "w").is_encoder


def test_dnxhd_takes_one_of_its_rates():
    facts = replace(FACTS, codec="dnxhd", profile="DNXHD", bit_rate=60_700_000)
    facts = replace(facts, pixel_format="yuv422p")
    assert coding(HERE, facts, 1, grown=False, light_kept=False).bit_rate == 60_000_000


@pytest.mark.parametrize("rate", [Fraction(120000, 1001), Fraction(24000001, 1001000)])
def test_mpeg4_counts_no_finer_than_it_can(rate):
    facts = replace(FACTS, codec="mpeg4", rate=rate)
    made = coding(HERE, facts, 1, grown=False, light_kept=False).rate
    assert made.numerator <= 65535
    assert float(made) == pytest.approx(float(rate), rel=1e-4)


def test_nothing_is_remembered_of_containers_that_only_order():
    clock = Clock(FACTS, Scan(), "avi", counted=True)
    clock.scan.times.extend([0, 1])
    frame = av.VideoFrame(16, 16, "yuv420p")
    frame.duration = 1
    assert [clock.time(frame), clock.time(frame)] == [0, 1]
    assert not clock.given
    assert not clock.lasting


def test_times_survive_an_encoder_that_counts():
    scan = Scan()
    clock = Clock(FACTS, scan, "mp4", counted=True)
    for at in (0, 512, 1700, 1800, 4000):
        frame = av.VideoFrame(16, 16, "yuv420p")
        frame.pts = at
        assert clock.time(frame) == at
    got = []
    for shown, order in ((0, -1), (2, 0), (1, 1), (4, 2), (3, 3)):
        packet = av.Packet(b"x")
        packet.pts, packet.dts = shown, order
        clock.restore(packet)
        got.append((packet.pts, packet.dts))
    assert [pts for pts, _ in got] == [0, 1700, 512, 4000, 1800]
    assert [dts for _, dts in got] == [-512, 0, 512, 1700, 1800]


# --- Packets --------------------------------------------------------------------------------------


def test_packets_are_counted_and_bounded(tmp_path, monkeypatch):
    path = small(tmp_path / "a.mkv", count=5)
    scan = video.scanned(path, "matroska")
    assert list(scan.times) == [0, 40, 80, 120, 160]
    assert (scan.keys, scan.key_gap) == (1, 5)
    monkeypatch.setattr("kzlabel._av._video_scan.MAX_PACKETS", 4)
    with pytest.raises(LimitError):
        video.scanned(path, "matroska")


def test_a_frame_that_is_too_large_is_not_decoded(tmp_path, monkeypatch):
    path = small(tmp_path / "a.mkv")
    monkeypatch.setattr("kzlabel._av._video_scan.MAX_PIXELS", 1000)
    with pytest.raises(LimitError, match="3072"):
        video.facts(path, "matroska")


@pytest.mark.parametrize("size", [0, 1, 40, 300])
@pytest.mark.parametrize("demuxer", ["mov", "matroska", "avi"])
def test_garbage_is_unreadable(tmp_path, demuxer, size):
    path = tmp_path / "a"
    path.write_bytes(bytes(range(256)) * 2)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(UnreadableAssetError):
        video.facts(path, demuxer)


def test_flipped_bytes_raise_nothing_of_their_own(tmp_path):
    raw = small(tmp_path / "a.mkv", "mpeg4", count=10).read_bytes()
    for at in range(0, len(raw), max(1, len(raw) // 60)):
        path = tmp_path / "b.mkv"
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0x55]) + raw[at + 1 :])
        try:
            scan = video.scanned(path, "matroska")
            facts = video.facts(path, "matroska", scan)
            list(frames.shots(path, "matroska", facts, scan, [0, 5, 9]))
        except (UnreadableAssetError, RefusedError, LimitError):
            continue


def test_nothing_decodes_in_threads_while_the_log_is_heard(tmp_path, monkeypatch):
    """A decoder's thread in PyAV's log waits for the interpreter: closing it then never ended."""
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height = 64, 48
        target.mux([*stream.encode(av.VideoFrame(64, 48, "yuv420p")), *stream.encode(None)])
    threads = []

    def heard(stream: av.VideoStream) -> int:
        threads.append(stream.codec_context.thread_count)
        return 3

    monkeypatch.setattr(video, "chroma_location", heard)
    assert video.facts(path, "mov").chroma == 3
    assert threads == [1]
    assert video.facts(path, "mov", coded=False).chroma == 0  # who judges does not listen
    assert threads == [1]
