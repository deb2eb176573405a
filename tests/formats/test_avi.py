from __future__ import annotations

import hashlib
import json
import subprocess
from contextlib import suppress
from fractions import Fraction

import av
import numpy as np
import pytest

from kzlabel.errors import KzlabelError, LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats import _avi_carrier, recognise
from kzlabel.formats._avi_layout import MAX_CHUNKS, read_avi
from kzlabel.formats._xmp import merge_packet
from kzlabel.formats.avi import Avi
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Statement

ROOM = Avi()
FORMATS = {"mjpeg": "yuvj420p", "ffv1": "yuv420p"}
TYPE = "Iptc4xmpExt:DigitalSourceType"
URI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
PACKET = merge_packet(None, {"dc:rights": "theirs"})
LABEL = {TYPE: URI, "Iptc4xmpExt:AISystemUsed": "Модель"}


def film(path, *, video="mjpeg", frames=10, size=(320, 240)):
    with av.open(str(path), "w", format="avi") as out:
        out.metadata["title"] = "Film"
        seen = out.add_stream(video, rate=10) if video else None
        heard = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        if seen:
            (seen.width, seen.height), seen.pix_fmt = size, FORMATS[video]
            seen.codec_context.color_range = 2 if video == "mjpeg" else 1
        for at in range(frames if seen else 0):
            grey = np.full((*reversed(size), 3), 60 + at * 8, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format=FORMATS[video])
            frame.pts, frame.time_base = at, Fraction(1, 10)
            out.mux(seen.encode(frame))
        for at in range(frames):
            tone = (np.sin(np.arange(800) * 0.3) * 8000).astype(np.int16)[np.newaxis]
            frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 8000, at * 800, Fraction(1, 8000)
            out.mux(heard.encode(frame))
        for stream in (seen, heard):
            out.mux(stream.encode(None) if stream else [])
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return film(tmp_path_factory.mktemp("avi") / "film.avi")


def chunk(name, content):
    return name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) & 1)


def riff(form, body):
    return chunk(b"RIFF", form + body)


def with_chunks(made, path, *chunks):
    """The film with more chunks at the end of its RIFF."""
    content = made.read_bytes()
    body = content[12:] + b"".join(chunks)
    path.write_bytes(riff(b"AVI ", body))
    return path


def opendml(made, path, *after):
    more = riff(b"AVIX", chunk(b"LIST", b"movi" + chunk(b"00dc", b"x" * 33)))
    path.write_bytes(made.read_bytes() + more + b"".join(after))
    return path


def packets(path):
    with av.open(str(path)) as source:
        return [
            (p.stream_index, p.dts, hashlib.sha256(bytes(p)).hexdigest())
            for p in source.demux()
            if p.size
        ]


def labelled(path, dst, tags=None):
    ROOM.write_tags(path, dst, {"xmp": LABEL if tags is None else tags})
    return dst


def read(path, family="xmp"):
    return ROOM.read_tags(path).get(family, {})


# --- Tags -----------------------------------------------------------------------------------------


def test_tags_are_read_back_and_nothing_before_them_moves(made, tmp_path):
    path = labelled(made, tmp_path / "out.avi")
    assert recognise(path).spec.name == "AVI"
    assert read(path) == LABEL
    before, after = made.read_bytes(), path.read_bytes()
    assert after[8 : len(before)] == before[8:]
    assert packets(path) == packets(made)
    assert read_avi(path).end == len(after)


def test_texts_of_info_and_aigc_are_read(made, tmp_path):
    info = chunk(b"LIST", b"INFO" + chunk(b"IART", b"somebody\0") + chunk(b"ICMT", b"odd"))
    path = with_chunks(made, tmp_path / "1", info, chunk(b"AIGC", b'{"Label": "1"}'))
    texts = read(path, "riff-info")
    assert (texts["INAM"], texts["IART"], texts["ICMT"]) == ("Film", "somebody", "odd")
    assert read(path, "riff") == {"AIGC": '{"Label": "1"}'}


@pytest.mark.parametrize("growth", [-200, -9, -8, -2, 0, 2, 200])
@pytest.mark.parametrize("last", [True, False])
def test_a_packet_is_replaced_where_it_lies_or_at_the_end(made, growth, last, tmp_path):
    first = labelled(made, tmp_path / "1", LABEL | {"dc:rights": "x" * 400})
    if not last:
        first = with_chunks(first, tmp_path / "2", chunk(b"idxx", b"behind"))
    path = labelled(first, tmp_path / "3", {TYPE: URI, "dc:rights": "y" * (400 + growth)})
    assert read(path) == LABEL | {"dc:rights": "y" * (400 + growth)}
    names = [c.name for c in read_avi(path).riffs[0].chunks]
    assert names.count(b"_PMX") == 1
    assert packets(path) == packets(made)
    if not last:
        assert b"idxx" in names


def test_nothing_is_added_where_nothing_is_said(made, tmp_path):
    path = labelled(made, tmp_path / "1", {TYPE: ""})
    assert path.read_bytes() == made.read_bytes()


def test_in_opendml_the_packet_goes_behind_the_last_riff(made, tmp_path):
    source = opendml(made, tmp_path / "1.avi", b"tail")
    path = labelled(source, tmp_path / "2.avi")
    assert read(path) == LABEL
    before, after = source.read_bytes(), path.read_bytes()
    size = made.stat().st_size
    assert after[: size + 4] == before[: size + 4]  # whatever counts from the first byte holds
    assert after.endswith(b"tail")
    assert [r.form for r in read_avi(path).riffs] == [b"AVI ", b"AVIX"]


def test_a_missing_padding_is_made_good(made, tmp_path):
    source = tmp_path / "odd.avi"
    body = made.read_bytes()[12:] + chunk(b"JUNK", b"abc")[:-1]
    source.write_bytes(b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"AVI " + body)
    path = labelled(source, tmp_path / "out.avi")
    assert read(path) == LABEL
    assert read_avi(path).riffs[0].full
    assert labelled(path, tmp_path / "2.avi").read_bytes() == path.read_bytes()


# --- Where the manifest goes ----------------------------------------------------------------------


def carrier(path):
    found = ROOM.manifest_carrier(path)
    return found.kind, found.reason


def test_a_plain_avi_takes_its_manifest_inside(made, tmp_path):
    assert carrier(made) == (CarrierKind.EMBEDDED, "kz.carrier.avi")
    assert carrier(labelled(made, tmp_path / "1"))[0] is CarrierKind.EMBEDDED


def test_what_c2pa_would_lose_takes_it_beside(made, tmp_path, monkeypatch):
    assert carrier(opendml(made, tmp_path / "1")) == (
        CarrierKind.COMPANION, "kz.carrier.avi-opendml",
    )  # fmt: skip
    tail = tmp_path / "2"
    tail.write_bytes(made.read_bytes() + b"tail")
    odd = chunk(b"LIST", b"odml" + b"abcd\xff\0\0\0")
    padded = chunk(b"JUNK", b"abc")[:-1] + b"!"
    for path in (
        tail,
        with_chunks(made, tmp_path / "3", odd),
        with_chunks(made, tmp_path / "4", padded),
        with_chunks(made, tmp_path / "5", chunk(b"LIST", b"ab")),
    ):
        assert carrier(path) == (CarrierKind.COMPANION, "kz.carrier.avi-structure")
    monkeypatch.setattr(_avi_carrier, "MAX_EMBEDDED_CHUNKS", 10)
    assert carrier(made) == (CarrierKind.COMPANION, "kz.carrier.avi-large")


def test_lists_in_lists_without_end_stay_beside(made, tmp_path):
    nested = b""
    for _ in range(2000):
        nested = chunk(b"LIST", b"abcd" + nested)
    path = with_chunks(made, tmp_path / "1", nested)
    assert carrier(path) == (CarrierKind.COMPANION, "kz.carrier.avi-structure")


# --- Hostile --------------------------------------------------------------------------------------


def test_a_million_chunks_meet_a_limit(made, tmp_path):
    path = with_chunks(made, tmp_path / "1", chunk(b"JUNK", b"") * (MAX_CHUNKS + 1))
    with pytest.raises(LimitError):
        ROOM.read_tags(path)


@pytest.mark.parametrize("size", [0, 3, 0xFFFFFFFF])
def test_a_riff_that_lies_about_its_size_is_an_error(made, size, tmp_path):
    path = tmp_path / "1"
    content = made.read_bytes()
    path.write_bytes(content[:4] + size.to_bytes(4, "little") + content[8:])
    with pytest.raises(UnreadableAssetError):
        ROOM.manifest_carrier(path)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_cut_file_is_an_error_and_nothing_is_written(made, share, tmp_path):
    path = tmp_path / "cut"
    whole = made.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    for attempt in (
        lambda: ROOM.manifest_carrier(path),
        lambda: ROOM.write_tags(path, tmp_path / "o", {"xmp": LABEL}),
        lambda: ROOM.write_notice(path, tmp_path / "o", Notice(statement=Statement.CREATED)),
        lambda: ROOM.find_notices(path, (), search=True),
    ):
        with pytest.raises(UnreadableAssetError):
            attempt()
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bytes_are_never_another_error(made, seed, tmp_path):
    rng = np.random.default_rng(seed)
    content = bytearray(labelled(made, tmp_path / "whole").read_bytes())
    for at in rng.integers(0, min(len(content), 6000), 4):
        content[at] = rng.integers(0, 256)
    path = tmp_path / "x"
    path.write_bytes(content)
    for attempt in (
        lambda: ROOM.read_tags(path),
        lambda: ROOM.manifest_carrier(path),
        lambda: ROOM.write_tags(path, tmp_path / "o", {"xmp": LABEL}),
    ):
        with suppress(KzlabelError):
            attempt()


# --- The notice -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def overlaid(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("overlaid")
    info = chunk(b"LIST", b"INFO" + chunk(b"IZZZ", b"other people's\0"))
    source = with_chunks(made, folder / "s.avi", info, chunk(b"_PMX", PACKET), chunk(b"C2PA", b"!"))
    dst = folder / "out.avi"
    return source, dst, ROOM.write_notice(source, dst, Notice(statement=Statement.CREATED))


def test_a_notice_is_seen_and_judged(overlaid):
    _, path, placement = overlaid
    (report,) = ROOM.find_notices(path, [placement], search=False)
    assert report.perceivable, report.code


def test_what_ffmpeg_does_not_write_is_there_again(overlaid):
    _, path, _ = overlaid
    avi = read_avi(path)
    assert avi.read(avi.find(b"_PMX")) == PACKET
    assert avi.find(b"C2PA") is None
    assert read(path, "riff-info")["IZZZ"] == "other people's"
    assert read(path, "riff-info")["INAM"] == "Film"
    assert avi.riffs[0].full
    assert not list(path.parent.glob("*.made"))


def test_sound_and_counts_stay(overlaid):
    source, path, _ = overlaid
    with av.open(str(source)) as one, av.open(str(path)) as other:
        assert [s.codec.name for s in one.streams] == [s.codec.name for s in other.streams]
    sounds = [[p for p in packets(each) if p[0] == 1] for each in (source, path)]
    assert sounds[0] == sounds[1]
    assert len(packets(source)) == len(packets(path))


def squeezed(path, size):
    """A film whose headers say that its pixels are 64:45."""
    content = film(path, video="ffv1", size=size, frames=4).read_bytes()
    width, height = size
    at = content.index(b"JUNK")
    said = [0, 0, 10, width, height, 0, width, height, 1]
    said += [height, width, height, width, 0, 0, 0, 0]
    header = bytearray(b"".join(number.to_bytes(4, "little") for number in said))
    shape = Fraction(width * 64, height * 45)
    header[20:24] = shape.denominator.to_bytes(2, "little") + shape.numerator.to_bytes(2, "little")
    left = int.from_bytes(content[at + 4 : at + 8], "little") - 76
    new = chunk(b"vprp", bytes(header)) + b"JUNK" + left.to_bytes(4, "little")
    path.write_bytes(content[:at] + new + content[at + len(new) :])
    return path


@pytest.mark.slow
@pytest.mark.needs("ffprobe")
@pytest.mark.parametrize("size", [(320, 240), (160, 120)])
def test_the_shape_of_pixels_stays(size, tmp_path):
    source = squeezed(tmp_path / "s.avi", size)
    path = tmp_path / "o.avi"
    ROOM.write_notice(source, path, Notice(statement=Statement.CREATED))
    for each in (source, path):
        shown = subprocess.run(
            ["ffprobe", "-v", "error", "-of", "json", "-show_streams", each],
            capture_output=True, check=True,
        )  # fmt: skip
        assert json.loads(shown.stdout)["streams"][0]["sample_aspect_ratio"] == "64:45"


def test_without_pictures_there_is_no_visible_notice(tmp_path):
    path = film(tmp_path / "s.avi", video=None)
    with pytest.raises(RefusedError, match="no video track"):
        ROOM.write_notice(path, tmp_path / "o", Notice(statement=Statement.CREATED))


def test_without_sound_there_is_no_audible_notice(tmp_path):
    path = tmp_path / "s.avi"
    header = chunk(b"LIST", b"strl" + chunk(b"strh", b"vids" + bytes(52)))
    path.write_bytes(riff(b"AVI ", chunk(b"LIST", b"hdrl" + header)))
    notice = Notice(statement=Statement.CREATED, style=NoticeStyle.MIX)
    with pytest.raises(RefusedError, match="no audio"):
        ROOM.write_notice(path, tmp_path / "o", notice)


# --- Read back by others --------------------------------------------------------------------------


@pytest.mark.needs("exiftool")
def test_exiftool_reads_the_tags(made, tmp_path):
    for source in (made, opendml(made, tmp_path / "1.avi")):
        path = labelled(source, tmp_path / f"out{source.name}")
        shown = subprocess.run(
            ["exiftool", "-j", "-XMP:all", path], capture_output=True, check=True
        )
        assert json.loads(shown.stdout)[0]["DigitalSourceType"] == URI


@pytest.mark.needs("ffprobe")
def test_ffprobe_finds_nothing_wrong(overlaid, tmp_path):
    path = labelled(overlaid[1], tmp_path / "out.avi")
    shown = subprocess.run(
        ["ffprobe", "-v", "warning", "-count_frames", "-of", "json", "-show_streams", path],
        capture_output=True, check=True,
    )  # fmt: skip
    assert not shown.stderr
    assert json.loads(shown.stdout)["streams"][0]["nb_read_frames"] == "10"
