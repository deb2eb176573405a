"""AIFF and AIFF-C: the notice spliced in, tags, chunks of others."""

from __future__ import annotations

import json
import struct
import subprocess

import av
import numpy as np
import pytest
from mutagen.aiff import AIFF
from mutagen.id3 import TIT2

from kzlabel.errors import KzlabelError, LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats import _aiff_structure
from kzlabel.formats._aiff_structure import read_aiff
from kzlabel.formats.aiff import Aiff
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Statement

ROOM = Aiff()
PREPEND = Notice(statement=Statement.CREATED, style=NoticeStyle.PREPEND)
MIX = Notice(statement=Statement.CREATED, style=NoticeStyle.MIX)
TAGS = {"id3": {"TXXX:DIGITALSOURCETYPE": "http://x", "TXXX:AISYSTEMUSED": "Модель"}}
RATE = 8000
CODECS = {  # compression type, bits, channels -> FFmpeg's name
    (None, 8, 1): "pcm_s8", (None, 16, 2): "pcm_s16be", (None, 20, 1): "pcm_s24be", (None, 32, 1): "pcm_s32be",
    (b"NONE", 24, 2): "pcm_s24be", (b"sowt", 16, 1): "pcm_s16le", (b"raw ", 8, 1): "pcm_u8",
    (b"fl32", 32, 2): "pcm_f32be", (b"FL64", 64, 1): "pcm_f64be", (b"in24", 24, 1): "pcm_s24be",
    (b"in32", 32, 1): "pcm_s32be", (b"ulaw", 16, 1): "pcm_mulaw", (b"alaw", 16, 2): "pcm_alaw",
}  # fmt: skip
WIDTHS = {b"ulaw": 1, b"alaw": 1}


def chunk(name, held):
    return name + len(held).to_bytes(4) + held + b"\0" * (len(held) & 1)


def comm(kind, bits, channels, frames):
    rate = struct.pack(">HQ", 16383 + 12, RATE << (63 - 12))
    plain = struct.pack(">hIh", channels, frames, bits) + rate
    return chunk(b"COMM", plain + (b"" if kind is None else kind + b"\x05named"))


def form(kind, *chunks, tail=b""):
    body = (b"AIFF" if kind is None else b"AIFC") + b"".join(chunks)
    return b"FORM" + len(body).to_bytes(4) + body + tail


def samples(kind, bits, channels, seconds=1.0):
    at = np.arange(int(seconds * RATE) * channels) / RATE
    tune = 0.3 * np.sin(2 * np.pi * 300 * at)
    if kind in (b"fl32", b"FL64"):
        return tune.astype(f">f{bits // 8}").tobytes()
    if bits == 16 and kind not in WIDTHS:
        return (tune * 30000).astype("<i2" if kind == b"sowt" else ">i2").tobytes()
    count = len(at) * WIDTHS.get(kind, (bits + 7) // 8)
    return np.random.default_rng(3).integers(96, 160, count, np.uint8).tobytes()


def simple(path, *more, kind=(None, 16, 1), seconds=1.0, offset=0, tail=b""):
    raw = samples(*kind, seconds)
    ssnd = chunk(b"SSND", struct.pack(">II", offset, 0) + bytes(offset) + raw)
    path.write_bytes(form(kind[0], comm(*kind, int(RATE * seconds)), ssnd, *more, tail=tail))
    return path


def held(path):
    with path.open("rb") as file:
        container = read_aiff(file, path).container
        return [(c.name, container.read(file, c)) for c in container.chunks]


def decoded(path):
    with av.open(str(path), format="aiff") as container:
        stream = container.streams.audio[0]
        frames = [f.to_ndarray().reshape(-1, stream.channels) for f in container.decode(stream)]
        return stream.codec_context.name, stream.rate, np.concatenate(frames)


def given(source, notice=PREPEND):
    target = source.with_name(f"given-{source.name}")
    return target, ROOM.write_notice(source, target, notice)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CODECS, ids=str)
def test_the_programme_between_the_notices_is_bit_identical(tmp_path, kind):
    source = simple(tmp_path / "a.aiff", kind=kind)
    target, placement = given(source)
    old, new = dict(held(source))[b"SSND"][8:], dict(held(target))[b"SSND"][8:]
    (first, last), frame = placement.spans, len(old) // RATE
    begin, end = (round(t * RATE) * frame for t in (first.end, last.start))
    assert new[begin:end] == old
    codec, rate, heard = decoded(target)
    assert (codec, rate, heard.shape[1]) == (CODECS[kind], RATE, kind[2])
    assert np.array_equal(heard[begin // frame : end // frame], decoded(source)[2])
    assert int.from_bytes(dict(held(target))[b"COMM"][2:6]) == len(heard)
    assert placement.duration == pytest.approx(len(heard) / RATE)
    spoken = heard[: begin // frame].astype(float)
    assert np.ptp(spoken) > 0.05 * (2.0 if kind[0] in (b"fl32", b"FL64") else 2**8)


def test_mixed_changes_nothing_outside(tmp_path):
    source = simple(tmp_path / "a.aiff", kind=(b"sowt", 16, 1), seconds=11)
    target, placement = given(source, MIX)
    old, new = (decoded(p)[2] for p in (source, target))
    end = round(placement.spans[0].end * RATE)
    assert len(old) == len(new)
    assert np.array_equal(old[end:], new[end:])
    assert not np.array_equal(old[:end], new[:end])


def test_the_notice_is_found_again(tmp_path):
    target, placement = given(simple(tmp_path / "a.aiff", seconds=2))
    reports = ROOM.find_notices(target, [placement], search=False)
    assert [report.perceivable for report in reports] == [True]


def test_all_other_chunks_stay_in_order_and_markers_move(tmp_path):
    mark = struct.pack(">HHI", 1, 1, 4000) + b"\x04here\0"
    others = [
        chunk(b"MARK", mark),
        chunk(b"INST", bytes(20)),
        chunk(b"APPL", b"odd"),
        chunk(b"NAME", b"tune"),
    ]
    source = simple(tmp_path / "a.aiff", *others, offset=6, tail=b"behind")
    target, placement = given(source)
    old, new = held(source), held(target)
    assert [name for name, _ in new] == [name for name, _ in old]
    assert new[3:] == old[3:]
    moved = round(placement.spans[0].end * RATE)
    assert int.from_bytes(new[2][1][4:8]) == 4000 + moved
    assert new[1][1][:14] == old[1][1][:14]
    assert target.read_bytes().endswith(b"behind")


@pytest.mark.parametrize(
    "kind", [(b"ima4", 16, 1), (b"MAC3", 8, 1), (b"sowt", 24, 1), (None, 64, 1)], ids=str
)
def test_other_codecs_are_refused_by_name_and_still_take_tags(tmp_path, kind):
    source = simple(tmp_path / "a.aiff", kind=kind)
    with pytest.raises(RefusedError) as caught:
        given(source)
    assert caught.value.code == "kz.error.pcm-codec"
    assert not (tmp_path / "given-a.aiff").exists()
    ROOM.write_tags(source, tmp_path / "b.aiff", TAGS)
    assert held(tmp_path / "b.aiff")[:2] == held(source)


@pytest.mark.parametrize(
    "content",
    [
        form(None, chunk(b"SSND", bytes(99))),
        form(None, comm(None, 16, 1, 9)),
        form(None, comm(None, 16, 0, 9), chunk(b"SSND", bytes(99))),
        form(None, chunk(b"COMM", b"short"), chunk(b"SSND", bytes(99))),
        form(None, comm(None, 16, 1, 9), chunk(b"SSND", struct.pack(">II", 500, 0))),
        form(None, comm(None, 16, 1, 9), chunk(b"SSND", b"short")),
        form(None, comm(None, 16, 1, 9), chunk(b"SSND", bytes(8))),
        b"FORM",
        b"",
    ],
)
def test_damage_is_ours_to_say(tmp_path, content):
    source = tmp_path / "a.aiff"
    source.write_bytes(content)
    with pytest.raises(KzlabelError):
        given(source)


def test_cut_is_ours_to_say(tmp_path):
    whole = simple(tmp_path / "a.aiff").read_bytes()
    cut, made = tmp_path / "cut.aiff", tmp_path / "made.aiff"
    for at in (0, 11, 12, 19, 35, 60, 1000, len(whole) - 1):
        cut.write_bytes(whole[:at])
        for work in (ROOM.manifest_carrier, lambda path: ROOM.write_tags(path, made, TAGS)):
            with pytest.raises(UnreadableAssetError):
                work(cut)
        assert not made.exists()


def test_what_outgrows_an_aiff_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(_aiff_structure, "UNKNOWN", 20_000)  # as if 4 GiB were that little
    with pytest.raises(LimitError):
        given(simple(tmp_path / "a.aiff"))
    assert not (tmp_path / "given-a.aiff").exists()


def test_tags_are_written_replaced_and_removed_and_others_stay(tmp_path):
    source = simple(tmp_path / "a.aiff", chunk(b"APPL", b"kept"))
    theirs = AIFF(source)
    theirs.add_tags()
    theirs.tags.add(TIT2(encoding=3, text="Әуен"))
    theirs.save()
    ROOM.write_tags(source, tmp_path / "b.aiff", TAGS)
    assert ROOM.read_tags(tmp_path / "b.aiff")["id3"] == {"TIT2": "Әуен", **TAGS["id3"]}
    again = AIFF(tmp_path / "b.aiff")
    assert again.tags["TXXX:AISYSTEMUSED"].text == ["Модель"]
    removing = {"id3": dict.fromkeys(TAGS["id3"], "")}
    ROOM.write_tags(tmp_path / "b.aiff", tmp_path / "c.aiff", removing)
    assert ROOM.read_tags(tmp_path / "c.aiff") == {"id3": {"TIT2": "Әуен"}}
    assert held(tmp_path / "c.aiff")[:3] == held(source)[:3]


def test_a_tag_that_is_taken_away_whole_leaves_no_chunk(tmp_path):
    source = simple(tmp_path / "a.aiff")
    ROOM.write_tags(source, tmp_path / "b.aiff", TAGS)
    ROOM.write_tags(
        tmp_path / "b.aiff", tmp_path / "c.aiff", {"id3": dict.fromkeys(TAGS["id3"], "")}
    )
    assert (tmp_path / "c.aiff").read_bytes() == source.read_bytes()
    assert ROOM.read_tags(tmp_path / "c.aiff") == {}


def test_the_manifest_lies_beside_it(tmp_path):
    carrier = ROOM.manifest_carrier(simple(tmp_path / "a.aiff"))
    assert (carrier.kind, carrier.reason) == (CarrierKind.COMPANION, "kz.carrier.aiff")


@pytest.mark.slow
@pytest.mark.needs("ffprobe")
@pytest.mark.needs("exiftool")
def test_ffprobe_and_exiftool_read_the_result(tmp_path):
    source = simple(tmp_path / "a.aiff", kind=(b"in24", 24, 2))
    target, placement = given(source)
    ROOM.write_tags(target, tmp_path / "b.aiff", TAGS)
    asked = [
        "ffprobe",
        "-v",
        "error",
        "-of",
        "json",
        "-show_entries",
        "stream=codec_name,channels,sample_rate,duration",
    ]
    made = subprocess.run([*asked, str(tmp_path / "b.aiff")], capture_output=True, check=True)
    stream = json.loads(made.stdout)["streams"][0]
    assert (stream["codec_name"], stream["channels"], stream["sample_rate"]) == (
        "pcm_s24be",
        2,
        "8000",
    )
    assert float(stream["duration"]) == pytest.approx(placement.duration, abs=0.001)
    read = subprocess.run(
        ["exiftool", "-j", "-G1", str(tmp_path / "b.aiff")], capture_output=True, check=True
    )
    assert "Модель" in read.stdout.decode()
    assert "Warning" not in read.stdout.decode()
