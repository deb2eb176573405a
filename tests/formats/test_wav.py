"""WAV, RF64 and BW64: the notice spliced in, tags, chunks of others, and where the manifest goes."""

from __future__ import annotations

import json
import struct
import subprocess

import av
import numpy as np
import pytest
from mutagen.wave import WAVE

from kzlabel.errors import KzlabelError, LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats import _wav_structure
from kzlabel.formats._wav_structure import read_wave
from kzlabel.formats.wav import Wav
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Statement

WAV = Wav()
PREPEND = Notice(statement=Statement.CREATED, style=NoticeStyle.PREPEND)
MIX = Notice(statement=Statement.CREATED, style=NoticeStyle.MIX)
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TAGS = {
    "id3": {"TXXX:DIGITALSOURCETYPE": SOURCE, "TXXX:AISYSTEMUSED": "Модель"},
    "xmp": {"Iptc4xmpExt:DigitalSourceType": SOURCE, "Iptc4xmpExt:AISystemUsed": "Модель"},
}
GUID = bytes.fromhex("000000001000800000aa00389b71")
CODECS = {  # tag, bits, channels -> FFmpeg's name
    (1, 8, 1): "pcm_u8", (1, 16, 2): "pcm_s16le", (1, 24, 1): "pcm_s24le", (1, 32, 2): "pcm_s32le",
    (3, 32, 1): "pcm_f32le", (3, 64, 1): "pcm_f64le", (6, 8, 1): "pcm_alaw", (7, 8, 2): "pcm_mulaw",
}  # fmt: skip


def chunk(name, held):
    return name + len(held).to_bytes(4, "little") + held + b"\0" * (len(held) & 1)


def riff(*chunks, kind=b"RIFF", size=None, tail=b""):
    body = b"WAVE" + b"".join(chunks)
    return kind + (len(body) if size is None else size).to_bytes(4, "little") + body + tail


def fmt(tag=1, bits=16, channels=1, rate=8000, mask=None):
    frame = channels * ((bits + 7) // 8)
    plain = struct.pack("<HHIIHH", tag if mask is None else 0xFFFE, channels, rate, rate * frame, frame, bits)  # fmt: skip
    more = b"" if mask is None else struct.pack("<HHIH", 22, bits, mask, tag) + GUID
    return chunk(b"fmt ", plain + more)


def tune(seconds=1.0, rate=8000, seed=1):
    at = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(seed).normal(0, 0.05, len(at))
    return 0.3 * np.sin(2 * np.pi * 300 * at * (1 + 0.1 * np.sin(at))) + noise


def samples(tag=1, bits=16, channels=1, seconds=1.0):
    """Any bytes are integers; floats must be such."""
    if tag == 3:
        return np.repeat(tune(seconds), channels).astype(f"<f{bits // 8}").tobytes()
    if tag == 1 and bits == 16:
        return np.repeat(tune(seconds) * 30000, channels).astype("<i2").tobytes()
    count = int(8000 * seconds) * channels * bits // 8
    return np.random.default_rng(3).integers(96, 160, count, np.uint8).tobytes()


def simple(path, *more, seconds=1.0, kind=(1, 16, 1), mask=None, **options):
    tag, bits, channels = kind
    data = chunk(b"data", samples(tag, bits, channels, seconds))
    path.write_bytes(riff(fmt(tag, bits, channels, mask=mask), data, *more, **options))
    return path


def held(path):
    with path.open("rb") as file:
        container = read_wave(file, path).container
        return [(c.name, container.read(file, c)) for c in container.chunks]


def data_of(path):
    return dict(held(path))[b"data"]


def decoded(path):
    with av.open(str(path), format="wav") as container:
        stream = container.streams.audio[0]
        frames = [f.to_ndarray() for f in container.decode(stream)]
        planar = stream.format.is_planar
        blocks = [f.T if planar else f.reshape(-1, stream.channels) for f in frames]
        return stream.codec_context.name, stream.rate, np.concatenate(blocks)


def given(source, notice=PREPEND):
    target = source.with_name(f"given-{source.name}")
    return target, WAV.write_notice(source, target, notice)


# --- The notice -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("kind", CODECS, ids=str)
def test_the_programme_between_the_notices_is_bit_identical(tmp_path, kind):
    source = simple(tmp_path / "a.wav", kind=kind)
    target, placement = given(source)
    old, new = data_of(source), data_of(target)
    (first, last), frame = placement.spans, len(old) // 8000
    begin, end = (round(t * 8000) * frame for t in (first.end, last.start))
    assert new[begin:end] == old
    assert begin == len(new) - end
    codec, rate, heard = decoded(target)
    assert (codec, rate, heard.shape[1]) == (CODECS[kind], 8000, kind[2])
    assert np.array_equal(heard[begin // frame : end // frame], decoded(source)[2])
    assert placement.duration == pytest.approx(len(heard) / 8000)
    assert np.ptp(heard[: begin // frame].astype(float)) > 0


def test_seven_point_one_keeps_its_mask_and_spares_low_effects(tmp_path):
    source = simple(tmp_path / "a.wav", kind=(1, 24, 8), mask=0x63F, seconds=0.5)
    target, placement = given(source)
    assert dict(held(target))[b"fmt "] == dict(held(source))[b"fmt "]
    heard = decoded(target)[2][: int(placement.spans[0].end * 8000)].astype(float)
    loud = np.abs(heard).max(axis=0) > 0
    assert loud.tolist() == [True, True, True, False, True, True, True, True]


@pytest.mark.slow
def test_mixed_changes_nothing_outside_and_never_clips(tmp_path):
    full = np.sign(np.sin(np.arange(8000 * 24) / 7)).astype("<f4")
    source = tmp_path / "a.wav"
    source.write_bytes(riff(fmt(3, 32), chunk(b"data", full.tobytes())))
    target, placement = given(source, MIX)
    old, new = (np.frombuffer(data_of(p), "<f4") for p in (source, target))
    assert len(old) == len(new)
    under = np.zeros(len(old), bool)
    for span in placement.spans:
        under[round(span.start * 8000) : round(span.end * 8000)] = True
    assert np.array_equal(old[~under], new[~under])
    assert (old[under] != new[under]).mean() > 0.9
    assert np.abs(new).max() <= 1
    assert placement.duration == len(old) / 8000


@pytest.mark.slow
@pytest.mark.parametrize("kind", [(1, 8, 1), (1, 24, 2), (3, 64, 1), (7, 8, 1)], ids=str)
def test_mixed_in_other_layouts(tmp_path, kind):
    source = simple(tmp_path / "a.wav", kind=kind, seconds=11)
    target, placement = given(source, MIX)
    old, new = data_of(source), data_of(target)
    end = round(placement.spans[0].end * 8000) * (len(old) // 88000)
    assert (len(old), old[end:]) == (len(new), new[end:])
    assert old[:end] != new[:end]


def test_every_so_often_it_is_heard_again(tmp_path):
    source = simple(tmp_path / "a.wav", seconds=5)
    every = Notice(statement=Statement.CREATED, style=NoticeStyle.PREPEND, every=2.0)
    target, placement = given(source, every)
    old, new = data_of(source), data_of(target)
    assert len(placement.spans) == 4
    kept = [0] + [round(edge * 8000) * 2 for s in placement.spans for edge in (s.start, s.end)]
    between = [new[kept[i] : kept[i + 1]] for i in range(0, len(kept) - 1, 2)]
    assert b"".join(between) == old


def test_the_notice_is_found_again(tmp_path):
    target, placement = given(simple(tmp_path / "a.wav", seconds=2))
    reports = WAV.find_notices(target, [placement], search=False)
    assert [report.perceivable for report in reports] == [True]


def test_all_other_chunks_stay_in_order_and_positions_move(tmp_path):
    source = tmp_path / "a.wav"
    cue = struct.pack("<III4sIII", 1, 5, 4000, b"data", 0, 0, 4000)
    smpl = bytes(28) + struct.pack("<II", 1, 0) + struct.pack("<IIIIII", 0, 0, 10, 7999, 0, 0)
    others = [
        chunk(b"bext", b"other people's" + bytes(600)), chunk(b"JUNK", b"odd"), chunk(b"LIST", b"INFO" + chunk(b"INAM", b"x\0")),
        chunk(b"cue ", cue), chunk(b"smpl", smpl), chunk(b"iXML", b"<a/>"), chunk(b"MD5 ", bytes(16)),
    ]  # fmt: skip
    source.write_bytes(riff(
        chunk(b"axml", b"<x/>"), fmt(), chunk(b"fact", (8000).to_bytes(4, "little")),
        chunk(b"data", samples()), *others, tail=b"behind",
    ))  # fmt: skip
    target, placement = given(source)
    old, new = held(source), held(target)
    assert [name for name, _ in new] == [name for name, _ in old if name != b"MD5 "]
    same = {b"axml", b"fmt ", b"bext", b"JUNK", b"LIST", b"iXML"}
    assert [c for c in new if c[0] in same] == [c for c in old if c[0] in same]
    moved = round(placement.spans[0].end * 8000)
    found = dict(new)
    assert int.from_bytes(found[b"fact"], "little") == 8000 + 2 * moved
    assert struct.unpack_from("<I", found[b"cue "], 24) == (4000 + moved,)
    assert struct.unpack_from("<II", found[b"smpl"], 44) == (10 + moved, 7999 + moved)
    assert target.read_bytes().endswith(b"behind")


def test_half_a_frame_at_the_end_stays_at_the_end(tmp_path):
    source = tmp_path / "a.wav"
    source.write_bytes(riff(fmt(channels=2), chunk(b"data", samples(channels=2) + b"\1\2\3")))
    target, _ = given(source)
    assert data_of(target).endswith(b"\1\2\3")
    assert len(decoded(target)[2]) == (len(data_of(target)) - 3) // 4


@pytest.mark.parametrize("sizes", [(0, 0), (0xFFFFFFFF, 0xFFFFFFFF), (0x7FFFF024, 0x7FFFF000)])
def test_a_stream_gets_the_sizes_it_never_had(tmp_path, sizes):
    source = tmp_path / "a.wav"
    raw = samples()
    data = b"data" + sizes[1].to_bytes(4, "little") + raw
    source.write_bytes(riff(fmt(), data, size=sizes[0]))
    assert WAV.manifest_carrier(source).kind is CarrierKind.COMPANION
    target, placement = given(source)
    begin = round(placement.spans[0].end * 8000) * 2
    assert data_of(target)[begin : begin + len(raw)] == raw
    assert WAV.manifest_carrier(target).kind is CarrierKind.EMBEDDED


def test_silence_has_a_notice_too(tmp_path):
    source = tmp_path / "a.wav"
    source.write_bytes(riff(fmt(), chunk(b"data", bytes(16000))))
    target, placement = given(source)
    assert [r.perceivable for r in WAV.find_notices(target, [placement], search=False)] == [True]


def test_an_rf64_stays_one_with_the_right_sizes(tmp_path):
    source = tmp_path / "a.wav"
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 16000 + 96, 16000, 8000, 0))
    data = b"data\xff\xff\xff\xff" + samples()
    fact = chunk(b"fact", b"\xff\xff\xff\xff")
    source.write_bytes(riff(ds64, fmt(), fact, data, kind=b"RF64", size=0xFFFFFFFF))
    target, placement = given(source)
    content = target.read_bytes()
    frames = round(placement.duration * 8000)
    assert content[:8] == b"RF64\xff\xff\xff\xff"
    assert struct.unpack_from("<QQQ", content, 20) == (len(content) - 8, frames * 2, frames)
    assert len(decoded(target)[2]) == frames
    assert WAV.manifest_carrier(target).reason == "kz.carrier.wav-rf64"


def test_what_outgrows_a_riff_becomes_an_rf64(tmp_path, monkeypatch):
    monkeypatch.setattr(_wav_structure, "UNKNOWN", 20_000)  # as if 4 GiB were that little
    target, placement = given(simple(tmp_path / "a.wav"))
    content = target.read_bytes()
    data = round(placement.duration * 8000) * 2
    assert content[:4] + content[8:16] == b"RF64WAVEds64"
    assert struct.unpack_from("<QQQ", content, 20) == (len(content) - 8, data, data // 2)
    assert len(decoded(target)[2]) == data // 2


@pytest.mark.parametrize(
    ("chunks", "code"),
    [
        ([fmt(0x0055)], "kz.error.pcm-codec"),
        ([fmt(0x0011, 4)], "kz.error.pcm-codec"),
        ([fmt(3, 16)], "kz.error.pcm-codec"),
        ([fmt(1, 64)], "kz.error.pcm-codec"),
        ([fmt(channels=0)], "kz.error.pcm-layout"),
        ([fmt(rate=0)], "kz.error.pcm-layout"),
        ([fmt(), chunk(b"data", bytes(10))], "kz.error.pcm-parts"),
        ([], "kz.error.pcm-missing"),
        ([chunk(b"fmt ", b"short")], "kz.error.pcm-missing"),
    ],
)
def test_what_is_no_pcm_is_refused_by_name_and_still_takes_tags(tmp_path, chunks, code):
    source = tmp_path / "a.wav"
    source.write_bytes(riff(*chunks, chunk(b"data", samples())))
    with pytest.raises(KzlabelError) as caught:
        given(source)
    assert caught.value.code == code
    assert not (tmp_path / "given-a.wav").exists()
    WAV.write_tags(source, tmp_path / "b.wav", TAGS)
    assert data_of(tmp_path / "b.wav") == data_of(source)


def test_the_codec_is_named(tmp_path):
    source = tmp_path / "a.wav"
    source.write_bytes(riff(fmt(0x0055), chunk(b"data", samples())))
    with pytest.raises(RefusedError, match=r"MP3 \(0x0055"):
        given(source)


def ac3_as_samples():
    """IEC 61937: a burst's preamble (sync words, kind, bits) and an AC-3 frame, zeros between."""
    encoder = av.CodecContext.create("ac3", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = (
        48000,
        "stereo",
        "fltp",
        192000,
    )
    bursts = b""
    for at in range(20):
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1536), np.float32), "fltp", "stereo")
        frame.sample_rate, frame.pts = 48000, at * 1536
        for packet in encoder.encode(frame):
            words = np.frombuffer(bytes(packet), ">u2").astype("<u2").tobytes()
            preamble = struct.pack("<HHHH", 0xF872, 0x4E1F, 1, len(words) * 8)
            bursts += (preamble + words).ljust(6144, b"\0")
    return bursts


def test_another_codec_in_the_guise_of_samples_is_refused(tmp_path):
    source = tmp_path / "a.wav"
    source.write_bytes(riff(fmt(channels=2, rate=48000), chunk(b"data", ac3_as_samples())))
    with pytest.raises(RefusedError, match="ac3"):
        given(source)


# --- Damage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("tail", [b"", chunk(b"LIST", b"INFO")])
def test_cut_anywhere_is_ours_to_say(tmp_path, tail):
    whole = simple(tmp_path / "a.wav", tail).read_bytes()
    cut, made = tmp_path / "cut.wav", tmp_path / "made.wav"
    for at in (*range(0, 60, 3), 1000, 16000, 16043):
        cut.write_bytes(whole[:at])
        works = (
            WAV.manifest_carrier, lambda path: WAV.write_tags(path, made, TAGS), lambda path: WAV.write_notice(path, made, PREPEND),
        )  # fmt: skip
        for work in works:
            with pytest.raises(UnreadableAssetError):
                work(cut)
            assert not made.exists()


def test_nested_lists_are_neither_slow_nor_a_crash(tmp_path):
    bomb = b""
    for _ in range(1000):
        bomb = chunk(b"LIST", b"INFO" + bomb)
    source = simple(tmp_path / "a.wav", bomb)
    assert WAV.manifest_carrier(source).reason == "kz.carrier.wav-structure"
    assert WAV.read_tags(source) == {}
    WAV.write_tags(source, tmp_path / "b.wav", TAGS)


def test_a_million_chunks_meet_a_limit(tmp_path):
    source = tmp_path / "a.wav"
    source.write_bytes(riff(fmt(), *([chunk(b"JUNK", b"")] * 30_000)))
    with pytest.raises(LimitError):
        WAV.read_tags(source)


# --- Tags -----------------------------------------------------------------------------------------


KEPT = {"riff": {"bext": "kept"}}


def test_tags_are_written_replaced_and_removed(tmp_path):
    source = simple(tmp_path / "a.wav", chunk(b"bext", b"kept"))
    WAV.write_tags(source, tmp_path / "b.wav", TAGS)
    assert WAV.read_tags(tmp_path / "b.wav") == TAGS | KEPT
    assert held(tmp_path / "b.wav")[:3] == held(source)
    changed = {"id3": {"TXXX:AISYSTEMUSED": "", "TXXX:DIGITALSOURCETYPE": "x"}, "xmp": {}}
    WAV.write_tags(tmp_path / "b.wav", tmp_path / "c.wav", changed)
    assert WAV.read_tags(tmp_path / "c.wav") == {"id3": {"TXXX:DIGITALSOURCETYPE": "x"}, "xmp": TAGS["xmp"], **KEPT}  # fmt: skip
    WAV.write_tags(tmp_path / "c.wav", tmp_path / "d.wav", {"id3": {"TXXX:DIGITALSOURCETYPE": ""}})
    assert [name for name, _ in held(tmp_path / "d.wav")] == [b"fmt ", b"data", b"bext", b"_PMX"]


def test_other_peoples_frames_stay(tmp_path):
    source = simple(tmp_path / "a.wav")
    theirs = WAVE(source)
    theirs.add_tags()
    from mutagen.id3 import APIC, TIT2

    theirs.tags.add(TIT2(encoding=3, text="Әуен"))
    theirs.tags.add(APIC(encoding=3, mime="image/png", type=3, desc="c", data=bytes(999)))
    theirs.save()
    WAV.write_tags(source, tmp_path / "b.wav", TAGS)
    again = WAVE(tmp_path / "b.wav")
    assert (again.tags["TIT2"].text, len(again.tags["APIC:c"].data)) == (["Әуен"], 999)
    assert again.tags["TXXX:DIGITALSOURCETYPE"].text == [SOURCE]


def test_info_and_aigc_are_read(tmp_path):
    info = chunk(b"LIST", b"INFO" + chunk(b"INAM", b"A tune\0") + chunk(b"ISFT", b"me"))
    source = simple(tmp_path / "a.wav", info, chunk(b"AIGC", b'{"Label":"1"}\0'))
    assert WAV.read_tags(source) == {
        "riff-info": {"INAM": "A tune", "ISFT": "me"},
        "riff": {"AIGC": '{"Label":"1"}'},
    }


def test_a_tag_too_large_to_be_one_is_left_out(tmp_path):
    source = tmp_path / "a.wav"
    with source.open("wb") as file:
        size = 80 * 1024 * 1024
        file.write(riff(fmt(), b"id3 " + size.to_bytes(4, "little"), size=size + 36))
        file.truncate(size + 44)
    assert WAV.read_tags(source) == {}


@pytest.mark.needs("exiftool")
def test_exiftool_reads_the_tags(tmp_path):
    WAV.write_tags(simple(tmp_path / "a.wav"), tmp_path / "b.wav", TAGS)
    made = subprocess.run(
        ["exiftool", "-j", "-G1", str(tmp_path / "b.wav")], capture_output=True, check=True
    )
    read = json.loads(made.stdout)[0]
    assert read["XMP-iptcExt:AISystemUsed"] == "Модель"
    assert any("Модель" in str(value) for key, value in read.items() if "ID3" in key)
    assert "ExifTool:Warning" not in read


@pytest.mark.needs("ffprobe")
@pytest.mark.needs("sox")
def test_ffprobe_and_sox_read_the_result(tmp_path):
    source = simple(tmp_path / "a.wav", kind=(1, 24, 2), mask=3)
    target, placement = given(source)
    asked = ["ffprobe", "-v", "error", "-of", "json", "-show_entries"]
    entries = "stream=codec_name,sample_rate,channels,bits_per_sample,channel_layout"
    old, new = (
        json.loads(
            subprocess.run([*asked, entries, str(p)], capture_output=True, check=True).stdout
        )
        for p in (source, target)
    )
    assert old == new
    sox = subprocess.run(["sox", "--i", "-D", str(target)], capture_output=True, check=True)
    assert float(sox.stdout) == pytest.approx(placement.duration, abs=0.001)


# --- The manifest ---------------------------------------------------------------------------------

LIST = b"INFO" + chunk(b"INAM", b"abc")


@pytest.mark.parametrize(
    ("chunks", "options", "reason"),
    [
        ([], {}, ""),
        ([chunk(b"LIST", LIST), chunk(b"odd ", b"odd")], {}, ""),
        ([chunk(b"LIST", LIST[:-1])], {}, "-structure"),
        ([chunk(b"LIST", b"adtl" + b"garbage!" * 3)], {}, "-structure"),
        ([chunk(b"LIST", b"")], {}, "-structure"),
        ([b"odd \x03\0\0\0odd\x07"], {}, "-structure"),
        ([b"odd \x03\0\0\0odd"], {}, "-structure"),
        ([], {"tail": b"behind"}, "-structure"),
        ([], {"size": 0}, "-structure"),
        ([], {"size": 0x7FFFFFFF}, "-structure"),
    ],
)
def test_where_c2pa_would_harm_a_wav_the_manifest_lies_beside_it(tmp_path, chunks, options, reason):
    source = simple(tmp_path / "a.wav", *chunks, **options)
    assert WAV.manifest_carrier(source).reason == f"kz.carrier.wav{reason}"
    assert (WAV.manifest_carrier(source).kind is CarrierKind.EMBEDDED) is (not reason)


def test_a_large_wav_has_its_manifest_beside_it(tmp_path):
    source = tmp_path / "a.wav"
    size = 300 * 1024 * 1024
    source.write_bytes(riff(fmt(), b"data" + size.to_bytes(4, "little"), size=size + 36))
    with source.open("r+b") as file:
        file.truncate(size + 44)
    assert WAV.manifest_carrier(source).reason == "kz.carrier.wav-large"
