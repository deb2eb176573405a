"""M4A: sound alone, told from films; chapters move with it, lossless sound stays bit for bit."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from kzlabel.formats import BY_SUFFIX, recognise, suffix_is_honest
from kzlabel.formats._mp4_file import read_movie
from kzlabel.formats._mp4_parts import find, part, split, with_child
from kzlabel.formats._mp4_shift import Inserted, inserted, with_chapters
from kzlabel.formats._mp4_tags import with_items, without_covers
from kzlabel.formats._mp4_track import TRACK_DURATION, duration_of, tracks
from kzlabel.formats.m4a import M4a
from kzlabel.model import Notice, NoticeStyle, Placement, Region, Span, Statement

ROOM = M4a()
OURS = "----:com.apple.iTunes:KZLABEL_LABELID"
PREPEND = Notice(statement=Statement.CREATED, style=NoticeStyle.PREPEND)
GAPLESS = "----:com.apple.iTunes:iTunSMPB"


def song(path, *, codec="aac", muxer="ipod", seconds=12, chapters=()):
    """Noise at 8 kHz, loud enough to be spoken over."""
    noise = np.random.default_rng(3).normal(0, 0.08, 8000 * seconds)
    with av.open(str(path), "w", format=muxer) as out:
        stream = out.add_stream(codec, rate=8000, layout="mono")
        out.metadata["title"] = "Ән"
        out.set_chapters(
            [
                {"id": n, "start": a, "end": b, "time_base": Fraction(1, 1000),
                 "metadata": {"title": f"chapter {n}"}}
                for n, (a, b) in enumerate(chapters)
            ]
        )  # fmt: skip
        kind, rows = ("s16p", (noise * 32767).astype(np.int16)[None])
        if codec == "aac":
            kind, rows = "fltp", noise.astype(np.float32)[None]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(rows), kind, "mono")
        frame.sample_rate, frame.pts = 8000, 0
        for each in (frame, None):
            out.mux(stream.encode(each))
    return path


def samples(path):
    with av.open(str(path)) as container:
        return np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])


def chapters_of(path):
    with av.open(str(path)) as container:
        return [
            (float(c["start"] * c["time_base"]), float(c["end"] * c["time_base"]))
            for c in container.chapters()
        ]


def with_movie(path, change):
    """Change the movie header of a file that ends with it."""
    movie = read_movie(path)
    content = path.read_bytes()[: movie.box.start]
    path.write_bytes(content + part(b"moov", change(movie.moov)).raw)
    return path


@pytest.mark.parametrize("muxer", ["ipod", "mp4", "mov"])
def test_sound_alone_is_m4a_whatever_the_container_calls_itself(tmp_path, muxer):
    path = song(tmp_path / "a.mp4", muxer=muxer, seconds=1)
    assert recognise(path).spec.name == "M4A"
    assert suffix_is_honest(path, ROOM)


def test_suffixes_still_choose_the_film_rooms():
    names = {suffix: BY_SUFFIX[suffix].spec.name for suffix in (".mp4", ".mov", ".m4a", ".m4b")}
    assert names == {".mp4": "MP4", ".mov": "MOV", ".m4a": "M4A", ".m4b": "M4A"}


def test_cover_art_is_no_picture_track_and_stays(tmp_path):
    from mutagen.mp4 import MP4, MP4Cover

    path = song(tmp_path / "a.m4a", seconds=1)
    tags = MP4(path)
    tags["covr"] = [MP4Cover(b"\x89PNG\r\n\x1a\ncover")]
    tags.save()
    assert recognise(path).spec.name == "M4A"
    out = tmp_path / "b.m4a"
    ROOM.write_tags(path, out, {"mp4": {OURS: "urn:uuid:1"}})
    assert bytes(MP4(out)["covr"][0]) == b"\x89PNG\r\n\x1a\ncover"
    assert bytes(MP4(out)[OURS][0]) == b"urn:uuid:1"
    assert (samples(out) == samples(path)).all()


def test_padding_of_the_item_list_gives_way(tmp_path):
    from mutagen.mp4 import MP4

    path = song(tmp_path / "a.m4a", seconds=1)
    tags = MP4(path)
    tags.save(padding=lambda _: 900)
    out = tmp_path / "b.m4a"
    ROOM.write_tags(path, out, {"mp4": {OURS: "urn:uuid:1"}})
    assert out.stat().st_size == path.stat().st_size
    assert ROOM.read_tags(out)["mp4"][OURS] == "urn:uuid:1"


@pytest.mark.parametrize("codec", ["aac", "alac"])
@pytest.mark.slow
def test_a_notice_before_the_programme_and_its_chapters(tmp_path, codec):
    path = song(tmp_path / "a.m4a", codec=codec, chapters=((0, 4000), (4000, 8000), (8000, 10000)))
    with_movie(path, lambda moov: with_items(moov, {GAPLESS: "0 1 2 3", OURS: "urn:uuid:1"}))
    before = chapters_of(path)
    assert [start for start, _ in before] == [0.0, 4.0, 8.0]
    out = tmp_path / "b.m4a"
    asked = Notice(statement=Statement.CREATED, style=NoticeStyle.PREPEND)
    placement = ROOM.write_notice(path, out, asked)
    first = placement.spans[0].end
    moved = [0.0, 4 + first, 8 + first]
    assert [start for start, _ in chapters_of(out)] == pytest.approx(moved, abs=0.01)
    assert chapters_of(out)[-1][1] == pytest.approx(10 + first, abs=0.01)
    said = ROOM.read_tags(out)["mp4"]
    assert said["©nam"] == "Ән"
    assert said[OURS] == "urn:uuid:1"
    assert GAPLESS not in said
    assert read_movie(out).brand == b"M4A "
    (report,) = ROOM.find_notices(out, [placement], search=False)
    assert report.perceivable


def test_lossless_sound_is_bit_identical_after_the_notice(tmp_path):
    path = song(tmp_path / "a.m4a", codec="alac")
    out = tmp_path / "b.m4a"
    asked = Notice(statement=Statement.CREATED, style=NoticeStyle.PREPEND)
    placement = ROOM.write_notice(path, out, asked)
    start = round(placement.spans[0].end * 8000)
    old, new = samples(path), samples(out)
    assert (new[start : start + len(old)] == old).all()


@pytest.mark.slow
def test_a_mixed_notice_keeps_the_length(tmp_path):
    path = song(tmp_path / "a.m4a", codec="aac", seconds=22)
    out = tmp_path / "b.m4a"
    ROOM.write_notice(path, out, Notice(statement=Statement.CREATED, style=NoticeStyle.MIX))
    assert len(samples(out)) == len(samples(path))
    old, new = (find(tracks(read_movie(each).traks)[0].trak, b"tkhd") for each in (path, out))
    assert duration_of(new, TRACK_DURATION) == duration_of(old, TRACK_DURATION)


def test_a_visible_notice_is_not_looked_for_in_sound(tmp_path):
    path = song(tmp_path / "a.m4a", seconds=1)
    hint = Placement(
        statement=Statement.CREATED, style=NoticeStyle.OVERLAY, languages=("kk",),
        lines=("x",), region=Region(x=0, y=0, w=1, h=1),
    )  # fmt: skip
    (report,) = ROOM.find_notices(path, [hint], search=False)
    assert report.perceivable is False


def test_what_begins_where_something_is_inserted_begins_with_it():
    gaps = inserted((Span(start=0, end=8), Span(start=18, end=26)))
    assert gaps == Inserted(((0, 8), (10, 8)))
    assert [gaps(at) for at in (0, 4, 10, 12)] == [0, 12, 18, 28]
    assert (gaps.end(9), gaps.end(10)) == (17, 26)


def test_damaged_chapters_stay_as_they_are():
    cut = part(b"chpl", b"\1\0\0\0\0\0\0\0\5" + bytes(12)).raw
    assert with_chapters(cut, Inserted(((0.0, 8.0),))) == cut
    assert with_child(cut, b"chpl", lambda _: None) == b""
    assert split(b"") == ()


def covered(path, form):
    """Give a song cover art; return its bytes."""
    from io import BytesIO

    from mutagen.mp4 import MP4, MP4Cover
    from PIL import Image

    picture = BytesIO()
    Image.new("RGB", (16, 16), "red").save(picture, form)
    tags = MP4(path)
    tags["covr"] = [MP4Cover(picture.getvalue())]
    tags.save()
    return picture.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(("form", "codec"), [("JPEG", "aac"), ("PNG", "alac")])
def test_cover_art_does_not_keep_a_notice_out(tmp_path, form, codec):
    from mutagen.mp4 import MP4

    path = song(tmp_path / "a.m4a", codec=codec, seconds=1, chapters=((0, 500), (500, 1000)))
    picture = covered(path, form)
    out = tmp_path / "b.m4a"
    placement = ROOM.write_notice(path, out, PREPEND)
    assert bytes(MP4(out)["covr"][0]) == picture
    assert MP4(out)["©nam"] == ["Ән"]
    assert chapters_of(out)[1][0] == pytest.approx(0.5 + placement.spans[0].end, abs=0.01)


def test_chapters_in_fragments_move_too(tmp_path):
    plain = song(tmp_path / "a.m4a", seconds=1, chapters=((0, 500), (500, 1000)))
    covered(plain, "JPEG")
    path, out = tmp_path / "f.m4a", tmp_path / "b.m4a"
    flags = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(str(plain)) as source, av.open(
        str(path), "w", format="mp4", container_options=flags
    ) as made:  # fmt: skip
        made.set_chapters(source.chapters())
        copy = made.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = copy
                made.mux(packet)
    assert without_covers(read_movie(plain).moov) != read_movie(plain).moov
    assert read_movie(path).fragmented
    assert len(chapters_of(path)) == 2
    placement = ROOM.write_notice(path, out, PREPEND)
    assert chapters_of(out)[1][0] == pytest.approx(0.5 + placement.spans[0].end, abs=0.05)
