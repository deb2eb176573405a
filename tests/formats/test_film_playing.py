"""What a container asks players to show or play otherwise leaves a notice undetermined."""

from __future__ import annotations

import struct
from fractions import Fraction

import av
import msgspec
import numpy as np
import pytest

from kzlabel.errors import RefusedError
from kzlabel.formats import _ebml as ebml
from kzlabel.formats import _film_playing as playing
from kzlabel.formats._avi_layout import read_avi
from kzlabel.formats._avi_playing import film_of as avi_film
from kzlabel.formats._film_playing import Film, Pictures, Sound, judge
from kzlabel.formats._matroska_layout import CHAPTERS, SEGMENT, TRACKS, read_layout
from kzlabel.formats._matroska_playing import film_of as matroska_film
from kzlabel.formats._matroska_tracks import ENTRY as ENTRY_ID
from kzlabel.formats._mp4_file import read_movie
from kzlabel.formats._mp4_parts import part, split
from kzlabel.formats._mp4_playing import film_of
from kzlabel.formats._mp4_track import SOUND, VIDEO, Track, changed
from kzlabel.formats.avi import Avi
from kzlabel.formats.m4a import M4a
from kzlabel.formats.matroska import Matroska
from kzlabel.formats.mp4 import Mp4
from kzlabel.locale import LANGUAGES, table
from kzlabel.model import Medium, Notice, NoticeStyle, Placement, Region, Span, Statement

OVERLAY = Notice(statement=Statement.CREATED)
PREPEND = Notice(statement=Statement.CREATED, style=NoticeStyle.PREPEND)
MIX = Notice(statement=Statement.CREATED, style=NoticeStyle.MIX)
ENTRY = (b"mdia", b"minf", b"stbl", b"stsd")
ONE = 65536


def film(path, muxer, video="mpeg4", size=(64, 48), seconds=0.5):
    """Still pictures and a tone."""
    with av.open(str(path), "w", format=muxer) as out:
        seen = out.add_stream(video, rate=10)
        seen.width, seen.height, seen.pix_fmt = *size, "yuv420p"
        heard = out.add_stream("mp2", rate=16000, layout="mono")
        for at in range(int(seconds * 10)):
            grey = np.full((size[1], size[0], 3), 60 + at, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, "rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = at, Fraction(1, 10)
            out.mux(seen.encode(frame))
        tone = (np.sin(np.arange(int(16000 * seconds)) * 0.1) * 9000).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(tone, "s16", "mono")
        frame.sample_rate, frame.pts = 16000, 0
        out.mux(heard.encode(frame))
        for stream in (seen, heard):
            out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("played")
    return {
        "mp4": film(folder / "a.mp4", "mp4"),
        "mkv": film(folder / "a.mkv", "matroska"),
        "avi": film(folder / "a.avi", "avi"),
    }


# --- MP4 ------------------------------------------------------------------------------------------


def with_tracks(source, path, handler, change):
    """Copy a file that ends with its movie header, its tracks of one kind changed."""
    movie = read_movie(source)
    parts = [
        part(b"trak", change(each.payload))
        if each.kind == b"trak" and Track(each.payload).handler == handler
        else each
        for each in split(movie.moov)
    ]
    head = source.read_bytes()[: movie.box.start]
    path.write_bytes(head + part(b"moov", b"".join(each.raw for each in parts)).raw)
    return path


def header(at, content):
    """Change bytes of `tkhd`."""
    return lambda trak: changed(
        trak, (b"tkhd",), lambda old: old[:at] + content + old[at + len(content) :]
    )


def matrix(*numbers):
    return header(40, struct.pack(">9i", *numbers))


def entry(kind, content):
    """Give the sample entry another extension."""

    def described(stsd):
        (old,) = split(stsd, 8)
        kept = b"".join(each.raw for each in split(old.payload, 78) if each.kind != kind)
        return stsd[:8] + part(old.kind, old.payload[:78] + kept + part(kind, content).raw).raw

    return lambda trak: changed(trak, ENTRY, described)


def rated(rate):
    return lambda trak: changed(trak, (b"edts", b"elst"), lambda elst: elst[:-4] + rate.to_bytes(4))


W = 1 << 30
SHOWN = {
    "as it is": (header(0, b""), ""),
    "turned": (matrix(0, ONE, 0, -ONE, 0, 0, 48 * ONE, 0, W), ""),
    "turned, and not moved back": (matrix(0, -ONE, 0, ONE, 0, 0, 0, 0, W), ""),
    "mirrored": (matrix(-ONE, 0, 0, 0, ONE, 0, 64 * ONE, 0, W), ""),
    "moved out of view": (matrix(ONE, 0, 0, 0, ONE, 0, 0, 30 * ONE, W), "reshaped"),
    "small": (matrix(ONE // 16, 0, 0, 0, ONE // 16, 0, 0, 0, W), "reshaped"),
    "skewed": (matrix(ONE, ONE, 0, 0, ONE, 0, 0, 0, W), "reshaped"),
    "in perspective": (matrix(ONE, 0, 9, 0, ONE, 0, 0, 0, W), "reshaped"),
    "of no size": (header(76, bytes(8)), ""),
    "a strip": (header(76, struct.pack(">2I", 640 * ONE, 48 * ONE)), "reshaped"),
    "a stamp": (header(76, struct.pack(">2I", 8 * ONE, 6 * ONE)), "reshaped"),
    "off": (header(3, b"\2"), "switched-off"),
    "wide pixels": (entry(b"pasp", struct.pack(">2I", 4, 3)), "reshaped"),
    "slow": (rated(ONE // 2), "rearranged"),
    "dwelling": (rated(0), "rearranged"),
}


@pytest.mark.parametrize("how", SHOWN)
def test_how_an_mp4_shows_its_pictures(films, tmp_path, how):
    change, doubt = SHOWN[how]
    path = with_tracks(films["mp4"], tmp_path / "a.mp4", VIDEO, change)
    found = film_of(read_movie(path), Medium.VIDEO)
    assert found.pictures == Pictures(doubt)
    assert found.sound == Sound(1, (0,))
    if doubt:
        with pytest.raises(RefusedError, match="--notice none"):
            Mp4().write_notice(path, tmp_path / "o.mp4", OVERLAY)
        assert not (tmp_path / "o.mp4").exists()


@pytest.mark.parametrize(
    ("change", "heard"),
    [(header(0, b""), (0,)), (header(3, b"\2"), ()), (header(36, b"\0\0"), ())],
)
def test_tracks_of_sound_that_are_off_or_silent(films, tmp_path, change, heard):
    path = with_tracks(films["mp4"], tmp_path / "a.mp4", SOUND, change)
    assert film_of(read_movie(path), Medium.VIDEO).sound == Sound(1, heard)
    if not heard:
        with pytest.raises(RefusedError, match="switched off"):
            Mp4().write_notice(path, tmp_path / "o.mp4", MIX)


def test_a_clean_aperture_leaves_out_edges(films, tmp_path):
    aperture = struct.pack(">8i", 60, 1, 48, 1, 1, 1, 0, 1)
    path = with_tracks(films["mp4"], tmp_path / "a.mp4", VIDEO, entry(b"clap", aperture))
    assert film_of(read_movie(path), Medium.VIDEO).pictures == Pictures("", 3 / 64)


def test_a_notice_in_what_is_cut_off_is_refused_and_undetermined(tmp_path):
    source = film(tmp_path / "s.mp4", "mp4", size=(320, 240))
    out, cut = tmp_path / "o.mp4", tmp_path / "c.mp4"
    placement = Mp4().write_notice(source, out, OVERLAY)
    aperture = entry(b"clap", struct.pack(">8i", 320, 1, 120, 1, 0, 1, 0, 1))
    (seen,) = Mp4().find_notices(out, [placement], search=False)
    assert seen.perceivable
    (unseen,) = Mp4().find_notices(
        with_tracks(out, cut, VIDEO, aperture), [placement], search=False
    )
    assert (unseen.perceivable, unseen.code) == (None, "kz.notice.cropped")
    with_tracks(source, cut, VIDEO, aperture)
    with pytest.raises(RefusedError, match="edges"):
        Mp4().write_notice(cut, tmp_path / "p.mp4", OVERLAY)


# --- Sound in several tracks ----------------------------------------------------------------------


@pytest.mark.slow
def test_a_notice_must_be_heard_in_every_track_that_is_on(tmp_path):
    plain, spoken, both = (tmp_path / f"{name}.m4a" for name in ("plain", "spoken", "both"))
    noise = np.random.default_rng(3).normal(0, 0.08, (1, 8000)).astype(np.float32)
    with av.open(str(plain), "w", format="ipod") as out:
        stream = out.add_stream("aac", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(noise, "fltp", "mono")
        frame.sample_rate, frame.pts = 8000, 0
        for each in (frame, None):
            out.mux(stream.encode(each))
    placement = M4a().write_notice(plain, spoken, PREPEND)
    with av.open(str(both), "w", format="ipod") as out:
        sources = [av.open(str(path)) for path in (spoken, plain)]
        copies = [out.add_stream_from_template(source.streams.audio[0]) for source in sources]
        for source, copy in zip(sources, copies, strict=True):
            for packet in source.demux(audio=0):
                if packet.dts is not None:
                    packet.stream = copy
                    out.mux(packet)
            source.close()

    def heard(tracks):
        film = Film(both, "mov", None, Sound(2, tracks))
        (report,) = judge(film, [placement], search=False)
        return report.perceivable, report.code

    assert heard((0,))[0] is True
    assert heard((0, 1))[0] is False
    assert heard((1,))[0] is False
    assert heard(()) == (None, "kz.notice.switched-off")


# --- Matroska, AVI --------------------------------------------------------------------------------


def with_elements(source, path, *, video=b"", track=b"", segment=b""):
    """Add elements to the Video of a Matroska file, to its tracks, or to its Segment."""
    layout = read_layout(source)
    (tracks,) = layout.all(TRACKS)
    budget = ebml.Budget(source)
    entries = b""
    for node in ebml.nodes(layout.read(tracks), budget):
        if node.id != ENTRY_ID:  # its checksum
            continue
        held = b"".join(
            ebml.encoded(0xE0, each.payload + video) if each.id == 0xE0 and video else each.raw
            for each in ebml.nodes(node.payload, budget)
        )
        entries += ebml.encoded(node.id, held + track)
    content = source.read_bytes()
    inner = content[layout.segment.start : tracks.at] + ebml.encoded(TRACKS, entries) + segment
    head = content[: layout.segment.at]
    path.write_bytes(head + ebml.encoded(SEGMENT, inner + content[tracks.end : layout.segment.end]))
    return path


def number(name, value):
    return ebml.number(name, value)


EDITION = ebml.encoded(0x45B9, number(0x45DD, 1) + number(0x45BC, 7))
MATROSKA = {
    "as it is": ({}, "", (0,)),
    "cropped": ({"video": number(0x54AA, 16)}, "cropped", (0,)),
    "transparent": ({"video": number(0x53C0, 1)}, "see-through", (0,)),
    "a strip": ({"video": number(0x54B0, 64) + number(0x54BA, 4)}, "reshaped", (0,)),
    "wide": ({"video": number(0x54B0, 16) + number(0x54BA, 9)}, "", (0,)),
    "off": ({"track": number(0xB9, 0)}, "switched-off", ()),
    "in order": ({"segment": ebml.encoded(CHAPTERS, EDITION)}, "rearranged", (0,)),
}


@pytest.mark.parametrize("how", MATROSKA)
def test_how_matroska_plays(films, tmp_path, how):
    added, doubt, heard = MATROSKA[how]
    path = with_elements(films["mkv"], tmp_path / "a.mkv", **added)
    found = matroska_film(read_layout(path))
    assert found.pictures == Pictures(doubt)
    assert found.sound.heard == heard
    if doubt:
        with pytest.raises(RefusedError, match="--notice none"):
            Matroska().write_notice(path, tmp_path / "o.mkv", OVERLAY)


def test_a_stream_of_avi_that_is_off(films, tmp_path):
    content = bytearray(films["avi"].read_bytes())
    found = avi_film(read_avi(films["avi"]))
    assert (found.pictures, found.sound) == (Pictures(), Sound(1, (0,)))
    content[content.index(b"strh") + 16] |= 1
    path = tmp_path / "a.avi"
    path.write_bytes(content)
    assert avi_film(read_avi(path)).pictures == Pictures("switched-off")
    with pytest.raises(RefusedError, match="switched off"):
        Avi().write_notice(path, tmp_path / "o.avi", OVERLAY)


# --- What is made of it ---------------------------------------------------------------------------


def placed(x=0.0, y=0.0):
    return Placement(
        statement=Statement.CREATED, style=NoticeStyle.OVERLAY, languages=("kk",), lines=("a",),
        region=Region(x=x, y=y, w=0.2, h=0.1), width=64, height=48,
    )  # fmt: skip


def test_only_a_notice_in_what_is_cut_off_is_refused(tmp_path):
    cut = Film(tmp_path, "mov", Pictures("", 0.05), Sound(0, ()))
    cut.refuse_cut(placed(0.1, 0.1))
    for place in (placed(0.0, 0.1), placed(0.1, 0.87), placed(0.78, 0.1)):
        with pytest.raises(RefusedError, match="edges"):
            cut.refuse_cut(place)


def test_a_notice_without_its_track_is_not_there(tmp_path):
    hints = [
        placed(),
        msgspec.structs.replace(placed(), medium="audible", spans=(Span(start=0, end=1),)),
    ]
    silent = Film(tmp_path, "mov", None, Sound(0, ()))
    assert [row.code for row in judge(silent, hints, search=False)] == [
        "kz.notice.covered", "kz.notice.not-heard",
    ]  # fmt: skip


def test_every_doubt_is_said_in_three_languages():
    names = ("CROPPED", "RESHAPED", "SEE_THROUGH", "SWITCHED_OFF", "REARRANGED")
    for name in names:
        for begin in ("kz.notice.", "kz.error.film-"):
            said = table()[begin + getattr(playing, name)]
            assert all(said[language] for language in LANGUAGES)
