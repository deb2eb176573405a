from __future__ import annotations

import io
import json
import subprocess

import numpy as np
import pytest
import sounds
from mutagen import id3
from mutagen.apev2 import APEv2

from kzlabel._av import sound
from kzlabel.errors import KzlabelError, RefusedError, UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats import _id3, recognise
from kzlabel.formats._id3_read import read_id3
from kzlabel.formats._id3_survival import survives
from kzlabel.formats.mp3 import Mp3
from kzlabel.model import CarrierKind

RATE = 22050
ROOM = Mp3()
TAGS = {"id3": {"TXXX:DIGITALSOURCETYPE": "http://example.org/ai", "TXXX:AIPROVIDER": "ЖШС «Ән»"}}


def mp3(path, seconds=3.0, rate=RATE, channels=1, options=None):
    layout = "mono" if channels == 1 else "stereo"
    rows = sounds.noise(seconds, rate, channels)
    return sounds.write(
        path,
        rows,
        rate,
        "libmp3lame",
        "mp3",
        layout,
        options=options,
        bit_rate=48000,
        id3v2_version="0",
    )


def tag(version, *frames, flags=0):
    body = b"".join(
        _id3._encoded(_id3.Frame(name, marks, content), version) for name, marks, content in frames
    )
    return b"ID3" + bytes((version, 0, flags)) + _id3._safe_bytes(len(body)) + body


@pytest.fixture
def source(tmp_path):
    return mp3(tmp_path / "a.mp3")


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"abr": "1"}, {"reservoir": "0"}])
def test_the_frames_of_the_programme_stay(tmp_path, options):
    src, dst = mp3(tmp_path / "a.mp3", options=options), tmp_path / "b.mp3"
    placement = ROOM.write_notice(src, dst, sounds.PREPEND)
    before, after = sounds.decoded(src, "mp3"), sounds.decoded(dst, "mp3")
    assert len(after) == round(placement.duration * RATE)
    begin = after.shape[0] // 2 - before.shape[0] // 2  # the notice is as long on both sides
    found = [
        at
        for at in range(begin - 3000, begin + 3000)
        if np.array_equal(after[at : at + 2000], before[:2000])
    ]
    assert len(found) == 1
    assert np.array_equal(after[found[0] : found[0] + len(before)], before)
    reports = ROOM.find_notices(dst, [placement], search=True)
    assert [report.code for report in reports] == ["kz.notice.heard"]
    assert not ROOM.find_notices(src, [], search=True)


@pytest.mark.slow
def test_a_mixed_notice_keeps_the_length(tmp_path):
    src, dst = mp3(tmp_path / "a.mp3", 24.0), tmp_path / "b.mp3"
    placement = ROOM.write_notice(src, dst, sounds.MIX)
    assert (
        len(sounds.decoded(dst, "mp3"))
        == len(sounds.decoded(src, "mp3"))
        == round(placement.duration * RATE)
    )
    assert ROOM.find_notices(dst, [placement], search=True)[0].perceivable


def test_too_short_to_be_spoken_over(source, tmp_path):
    with pytest.raises(RefusedError):
        ROOM.write_notice(source, tmp_path / "b.mp3", sounds.MIX)
    assert not (tmp_path / "b.mp3").exists()


@pytest.mark.needs("ffprobe")
def test_players_read_the_length_and_the_codec(source, tmp_path):
    dst = tmp_path / "b.mp3"
    placement = ROOM.write_notice(source, dst, sounds.PREPEND)
    command = [
        "ffprobe",
        "-v",
        "error",
        "-show_entries",
        "format=duration:stream=codec_name,sample_rate,channels,bit_rate",
        "-of",
        "json",
        str(dst),
    ]
    shown = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    stream = shown["streams"][0]
    assert (stream["codec_name"], stream["sample_rate"], stream["channels"]) == (
        "mp3",
        str(RATE),
        1,
    )
    assert abs(int(stream["bit_rate"]) - 48000) < 1000
    assert float(shown["format"]["duration"]) == pytest.approx(placement.duration, abs=0.1)


def test_other_tags_stay_through_notice_and_tags(source, tmp_path):
    old = tag(
        3, (b"TIT2", 0, b"\1" + "Ән".encode("utf-16")), (b"APIC", 0, b"\0image/png\0\3c\0" + b"\xff\xe0" * 99),
        (b"PRIV", 0, b"o\0\xff\xfb\x90"), (b"TXXX", 0, b"\0DIGITALSOURCETYPE\0old"), (b"ZZZZ", 0x40, b"\1?"),
        (b"TLEN", 0, b"\0003000"), (b"CHAP", 0, b"c\0" + (1000).to_bytes(4) + (3000).to_bytes(4) + b"\xff" * 8),
    )  # fmt: skip
    ape = io.BytesIO()
    ends = APEv2()
    ends["Artist"] = "X"
    ends.save(ape)
    tail = ape.getvalue() + b"TAG" + b"t".ljust(125)
    source.write_bytes(old + source.read_bytes() + tail)
    first, second = tmp_path / "b.mp3", tmp_path / "c.mp3"
    placement = ROOM.write_notice(source, first, sounds.PREPEND)
    ROOM.write_tags(first, second, TAGS)
    content = second.read_bytes()
    assert content.endswith(tail)
    read = _id3.parsed(content)
    was = {frame.name: frame for frame in _id3.parsed(old).frames}
    now = {frame.name: frame for frame in read.frames}
    for name in (b"TIT2", b"APIC", b"PRIV", b"ZZZZ"):
        assert now[name] == was[name]
    starts, ends_at = (int.from_bytes(now[b"CHAP"].content[at : at + 4]) for at in (2, 6))
    spoken = placement.spans[0].end
    assert starts - 1000 == pytest.approx(1000 * spoken, abs=100)
    assert ends_at - starts == 2000
    assert int(read_id3(content)["id3"]["TLEN"]) == pytest.approx(
        1000 * placement.duration, abs=100
    )
    tags = id3.ID3(second)
    assert tags.getall("TXXX:DIGITALSOURCETYPE")[0].text == ["http://example.org/ai"]
    assert tags["TXXX:AIPROVIDER"].text == ["ЖШС «Ән»"]
    assert ROOM.read_tags(second)["id3"]["TXXX:AIPROVIDER"] == "ЖШС «Ән»"
    assert ROOM.find_notices(second, [placement], search=False)[0].perceivable


def test_what_only_id3v1_said_is_not_hidden(source, tmp_path):
    fields = "Песня".encode("cp1251"), b"Singer", b"Album  "
    old = b"TAG" + b"".join(field.ljust(30, b"\0") for field in fields) + b"2025"
    with source.open("ab") as file:
        file.write(old + b"a comment".ljust(28, b"\0") + b"\0\x07\x11")
    ROOM.write_tags(source, tmp_path / "b.mp3", TAGS)
    tags = id3.ID3(tmp_path / "b.mp3", load_v1=False)
    assert [str(tags[name]) for name in ("TPE1", "TALB", "TDRC", "TRCK", "TCON")] == [
        "Singer", "Album", "2025", "7", "Rock",
    ]  # fmt: skip
    assert tags["TIT2"].text[0].encode("latin-1") == fields[0]
    assert tags.getall("COMM")[0].text == ["a comment"]
    assert ROOM.read_tags(tmp_path / "b.mp3")["id3"].items() >= TAGS["id3"].items()
    assert (tmp_path / "b.mp3").read_bytes().endswith(b"\0\x07\x11")


def test_an_empty_value_removes_and_a_tag_is_made(source, tmp_path):
    first, second = tmp_path / "b.mp3", tmp_path / "c.mp3"
    ROOM.write_tags(source, first, TAGS)
    assert id3.ID3(first).version == (2, 4, 0)
    ROOM.write_tags(first, second, {"id3": dict.fromkeys(TAGS["id3"], "")})
    assert second.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("version", [2, 3, 4])
def test_tags_of_every_version(version):
    title = (b"TT2" if version == 2 else b"TIT2", 0, b"\0hello")
    made = _id3.id3_bytes(tag(version, title), {"TXXX:k": "сөз"})
    assert made[3] == version
    read = id3.ID3(io.BytesIO(made))
    assert (read["TIT2"].text, read["TXXX:k"].text) == (["hello"], ["сөз"])
    assert "сөз" in read_id3(made)["id3"].values()


def test_a_damaged_tag_is_not_written_over(source, tmp_path):
    source.write_bytes(tag(4, (b"TIT2", 0, b"\0ok"))[:-3] + b"\0\x90\x90" + source.read_bytes())
    damaged = bytearray(source.read_bytes())
    damaged[14:18] = b"\x7f\x7f\x7f\x7f"
    source.write_bytes(damaged)
    assert ROOM.read_tags(source) == {}
    with pytest.raises(UnsupportedTagsError):
        ROOM.write_tags(source, tmp_path / "b.mp3", TAGS)


@pytest.mark.parametrize(("frames", "kept"), [
    ([(b"TIT2", 0, b"\0a"), (b"PRIV", 0, b"o\0A"), (b"PRIV", 0, b"o\0B")], True),
    ([(b"TIT2", 0, b"\0a"), (b"TIT2", 0, b"\0b")], False),
    ([(b"APIC", 0, b"\0m/p\0\3d\0A"), (b"APIC", 0, b"\0m/p\0\3e\0B")], False),
    ([(b"TIT2", 4, b"\x80a")], False),
    ([(b"TIT2", 0, b"\3\xff\xff")], False),
    ([(b"SYLT", 0, b"\3eng\2\1\0a\0\0\0\0\1")], False),
    ([(b"TXXX", 0, b"\0k\0a"), (b"TXXX", 0, b"\0K\0b")], True),
])  # fmt: skip
def test_which_tags_take_a_manifest(source, tmp_path, frames, kept):
    assert survives(tag(4, *frames)) is kept
    tagged = tmp_path / "t.mp3"
    tagged.write_bytes(tag(4, *frames) + source.read_bytes())
    kind = CarrierKind.EMBEDDED if kept else CarrierKind.COMPANION
    assert ROOM.manifest_carrier(tagged).kind is kind


def test_only_mp3_is_taken_for_it(source, tmp_path):
    assert recognise(source).spec.name == "MP3"
    padded = tmp_path / "p.mp3"
    padded.write_bytes(tag(4, (b"TIT2", 0, b"\0a")) + bytes(700) + source.read_bytes())
    assert recognise(padded).spec.name == "MP3"
    for other in (
        b"ID3\4\0\0\0\0\0\0fLaC" + bytes(50),
        b"\xff\xf1" + bytes(90),
        b"\xff\xfd\x90" + bytes(900),
        b"\xff" * 300,
    ):
        path = tmp_path / "o"
        path.write_bytes(other)
        assert not ROOM.sniff(other, path)


@pytest.mark.slow
def test_silence_and_stereo(tmp_path):
    silent = sounds.write(
        tmp_path / "s.mp3",
        np.zeros((8000, 2), np.float32),
        44100,
        "libmp3lame",
        "mp3",
        "stereo",
        bit_rate=64000,
    )
    placement = ROOM.write_notice(silent, tmp_path / "b.mp3", sounds.PREPEND)
    assert ROOM.find_notices(tmp_path / "b.mp3", [placement], search=True)[0].perceivable
    assert -26 < sound.loudness(tmp_path / "b.mp3", "mp3") < -18


def test_damage_is_an_error_of_ours(source, tmp_path):
    content = source.read_bytes()
    generator = np.random.default_rng(3)
    for number in range(24):
        damaged = bytearray(
            content[: int(generator.integers(1, len(content)))] if number % 2 else content
        )
        for at in generator.integers(0, min(len(damaged), 2000), 20):
            damaged[at] = int(generator.integers(256))
        path = tmp_path / f"{number}.mp3"
        path.write_bytes(damaged)
        for call in (
            ROOM.read_tags,
            ROOM.manifest_carrier,
            lambda p: ROOM.find_notices(p, [], search=True),
        ):
            try:
                call(path)
            except KzlabelError:
                continue


def test_no_frames(tmp_path):
    path = tmp_path / "a.mp3"
    for content in (b"", b"ID3\4\0\0\0\0\0\0", tag(4, (b"TIT2", 0, b"\0a"))):
        path.write_bytes(content)
        assert not ROOM.sniff(content, path)
        with pytest.raises(UnreadableAssetError):
            ROOM.read_tags(path)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_that_was_cut_off_is_told(tmp_path, share):
    path = mp3(tmp_path / "a.mp3")
    assert ROOM.find_notices(path, [], search=True) == ()
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UnreadableAssetError, match="is cut off"):
        ROOM.write_notice(path, tmp_path / "b", sounds.PREPEND)
    with pytest.raises(UnreadableAssetError, match="is cut off"):
        ROOM.find_notices(path, [], search=True)
    assert not list(tmp_path.glob("b*"))
