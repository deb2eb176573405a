"""MOV: QuickTime files, with `ftyp` and from before it; timecode, PCM and ProRes stay."""

from __future__ import annotations

import hashlib
import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from kzlabel.formats import recognise
from kzlabel.formats._mp4_file import read_movie
from kzlabel.formats._mp4_parts import find, part, split, with_child
from kzlabel.formats._mp4_splice import Edit, splice
from kzlabel.formats._mp4_tables import chunks_of
from kzlabel.formats._mp4_track import SOUND, VIDEO, Track, changed, tracks
from kzlabel.formats.mov import Mov
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Statement

ROOM = Mov()
TAGS = {
    "mp4": {"----:com.apple.iTunes:KZLABEL_LABELID": "urn:uuid:1"},
    "xmp": {"kzlabel:LabelId": "urn:uuid:1"},
}


def film(path, codec="libx264", pixels="yuv420p", *, seconds=1, size=(320, 240)):
    """Pictures with a timecode, and PCM."""
    random = np.random.default_rng(5)
    with av.open(str(path), "w", format="mov") as out:
        video = out.add_stream(codec, rate=12)
        video.width, video.height = size
        video.pix_fmt = pixels
        video.metadata["timecode"] = "01:00:00:00"
        audio = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        for number in range(12 * seconds):
            rows = np.full((size[1], size[0], 3), 60 + number % 100, np.uint8)
            frame = av.VideoFrame.from_ndarray(rows, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 12)
            out.mux(video.encode(frame))
        noise = (random.normal(0, 0.05, (1, 8000 * seconds)) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(noise, "s16", "mono")
        frame.sample_rate, frame.pts = 8000, 0
        out.mux(audio.encode(frame))
        for stream in (video, audio):
            out.mux(stream.encode(None))
    return path


def streams(path):
    """The bytes and times of each stream; PCM as one, wherever it is cut into packets."""
    found = {}
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.size:
                digest, times = found.setdefault(packet.stream.type, (hashlib.sha256(), []))
                digest.update(bytes(packet))
                times.append(packet.pts if packet.stream.type == "video" else 0)
    return {kind: (digest.hexdigest(), set(times)) for kind, (digest, times) in found.items()}


def without_brand(path, out):
    """A file from before `ftyp`."""
    movie = read_movie(path)
    brand = movie.first(b"ftyp")
    splice(movie, out, [Edit(brand.start, brand.end, b"")])
    return out


def test_quicktime_is_mov(tmp_path):
    assert recognise(film(tmp_path / "a.mov")).spec.name == "MOV"


def test_a_file_from_before_ftyp_is_mov_and_takes_a_companion(tmp_path):
    path = without_brand(film(tmp_path / "a.mov"), tmp_path / "old.mov")
    assert path.read_bytes()[4:8] in (b"wide", b"mdat")
    assert recognise(path).spec.name == "MOV"
    assert ROOM.manifest_carrier(path).kind is CarrierKind.COMPANION
    assert ROOM.manifest_carrier(tmp_path / "a.mov").kind is CarrierKind.EMBEDDED
    out = tmp_path / "out.mov"
    ROOM.write_tags(path, out, TAGS)
    assert ROOM.read_tags(out)["xmp"] == TAGS["xmp"]
    assert streams(out) == streams(tmp_path / "a.mov")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        struct.pack(">I4s", 8, b"free"),
        struct.pack(">I4s", 8, b"mdat") + b"nothing else",
        struct.pack(">I4sI4s", 16, b"moov", 8, b"free"),
        struct.pack(">I4sQ", 1, b"mdat", 3),
        b"\0\0\0\0moov",
        b"some skip text that is no film",
    ],
)
def test_what_only_begins_like_a_film_is_not_claimed(tmp_path, content):
    path = tmp_path / "a.mov"
    path.write_bytes(content)
    assert not ROOM.sniff(content, path)


def test_a_list_that_ends_with_four_zeros_keeps_them(tmp_path):
    path = film(tmp_path / "a.mov")
    movie = read_movie(path)
    moov = with_child(movie.moov, b"udta", lambda old: (old or b"") + bytes(4))
    path.write_bytes(path.read_bytes()[: movie.box.start] + part(b"moov", moov).raw)
    out, again = tmp_path / "b.mov", tmp_path / "c.mov"
    ROOM.write_tags(path, out, TAGS)
    ROOM.write_tags(out, again, {"mp4": {next(iter(TAGS["mp4"])): "urn:uuid:2"}})
    assert find(read_movie(again).moov, b"udta").endswith(bytes(4))
    assert streams(again) == streams(path)
    assert ROOM.read_tags(again)["mp4"][next(iter(TAGS["mp4"]))] == "urn:uuid:2"


@pytest.mark.parametrize(
    ("codec", "pixels"), [("libx264", "yuv420p"), ("prores_ks", "yuv422p10le")]
)
def test_a_notice_leaves_sound_and_timecode_alone(tmp_path, codec, pixels):
    path, out = film(tmp_path / "a.mov", codec, pixels), tmp_path / "b.mov"
    placement = ROOM.write_notice(path, out, Notice(statement=Statement.CREATED))
    old, new = streams(path), streams(out)
    assert old["audio"] == new["audio"]
    assert old["video"][0] != new["video"][0]
    assert old["video"][1] == new["video"][1]
    assert [t.handler for t in tracks(read_movie(out).traks)] == [
        t.handler for t in tracks(read_movie(path).traks)
    ]
    with av.open(str(out)) as container:
        assert container.streams.video[0].metadata["timecode"] == "01:00:00:00"
    (entry,) = (t.entries[0] for t in tracks(read_movie(out).traks) if t.handler == VIDEO)
    assert entry.kind == (b"avc1" if codec == "libx264" else b"apch")
    (report,) = ROOM.find_notices(out, [placement], search=False)
    assert report.perceivable


@pytest.mark.slow
def test_a_spoken_notice_on_pcm_changes_nothing_outside_it(tmp_path):
    path, out = film(tmp_path / "a.mov", seconds=24), tmp_path / "b.mov"
    asked = Notice(statement=Statement.CREATED, style=NoticeStyle.MIX)
    placement = ROOM.write_notice(path, out, asked)
    assert streams(path)["video"] == streams(out)["video"]
    heard = []
    for each in (path, out):
        with av.open(str(each)) as container:
            frames = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
            heard.append(np.concatenate(frames))
    assert len(heard[0]) == len(heard[1])
    quiet = slice(
        int((placement.spans[0].end + 1.5) * 8000), int((placement.spans[1].start - 1.5) * 8000)
    )
    assert (heard[0][quiet] == heard[1][quiet]).all()
    (report,) = ROOM.find_notices(out, [placement], search=False)
    assert report.perceivable


STBL = (b"mdia", b"minf", b"stbl")


def test_pcm_whose_frames_are_said_to_be_of_size_one(tmp_path):
    (sound,) = (t for t in tracks(read_movie(film(tmp_path / "a.mov")).traks) if t.handler == SOUND)
    sizes = chunks_of(sound).sizes.tolist()
    ones = changed(sound.trak, (*STBL, b"stsz"), lambda old: old[:7] + b"\1" + old[8:])
    assert chunks_of(Track(ones)).sizes.tolist() == sizes

    def second(stsd):
        (entry,) = split(stsd, 8)
        rest = entry.payload[:8] + b"\0\1" + entry.payload[10:28] + struct.pack(">4I", 1, 2, 2, 2)
        return stsd[:8] + part(b"sowt", rest).raw

    packed = Track(changed(ones, (*STBL, b"stsd"), second))
    assert chunks_of(packed).sizes.tolist() == sizes
    assert sum(sizes) == 16000
