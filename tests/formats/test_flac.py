from __future__ import annotations

import subprocess

import numpy as np
import pytest
import sounds
from mutagen.flac import FLAC, Picture

from kzlabel.errors import KzlabelError, RefusedError, UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats import _id3, recognise
from kzlabel.formats.flac import Flac
from kzlabel.model import CarrierKind

RATE = 16000
ROOM = Flac()
TAGS = {"vorbis": {"DIGITALSOURCETYPE": "http://example.org/ai", "AISYSTEMUSED": "Әуен"}}


def flac(path, seconds=2.0, bits=16, channels=1, layout="mono", rate=RATE):  # noqa: PLR0913, PLR0917  a shape
    rows = sounds.noise(seconds, rate, channels)
    whole = (rows * 2 ** (bits - 1)).astype(np.int32) * 2 ** (32 - bits)
    rows = (whole // 65536).astype(np.int16) if bits <= 16 else whole
    options = {"bits_per_raw_sample": str(bits)} if bits > 16 else {}
    return sounds.write(
        path, rows, rate, "flac", "flac", layout, "s16" if bits <= 16 else "s32", options
    )


def whole(path):
    """Return the samples as integers, in which nothing is rounded."""
    import av

    with av.open(str(path)) as source:
        return np.concatenate(
            [f.to_ndarray().reshape(-1, f.layout.nb_channels) for f in source.decode(audio=0)]
        )


@pytest.fixture
def source(tmp_path):
    path = flac(tmp_path / "a.flac")
    file = FLAC(path)
    file["TITLE"], file["CHAPTER001"], file["digitalSourceType"] = "Ән", "00:00:01.000", "old"
    picture = Picture()
    picture.data, picture.mime, picture.type = b"\x89PNG" * 99, "image/png", 3
    file.add_picture(picture)
    file.save()
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bits", "channels", "layout"), [(16, 1, "mono"), (24, 2, "stereo"), (24, 8, "7.1")]
)
def test_samples_outside_the_notice_are_bit_identical(tmp_path, bits, channels, layout):
    src, dst = flac(tmp_path / "a.flac", 1.5, bits, channels, layout, 8000), tmp_path / "b.flac"
    placement = ROOM.write_notice(src, dst, sounds.PREPEND)
    before, after = whole(src), whole(dst)
    length = (len(after) - len(before)) // 2
    assert len(after) == round(placement.duration * 8000)
    assert np.array_equal(after[length : length + len(before)], before)
    assert FLAC(dst).info.bits_per_sample == bits
    assert ROOM.find_notices(dst, [placement], search=True)[0].perceivable


@pytest.mark.slow
def test_a_mixed_notice_changes_its_own_time_alone(tmp_path):
    src, dst = flac(tmp_path / "a.flac", 25), tmp_path / "b.flac"
    placement = ROOM.write_notice(src, dst, sounds.MIX)
    before, after = whole(src), whole(dst)
    first, last = placement.spans
    outside = slice(round(first.end * RATE) + 1, round(last.start * RATE) - 1)
    assert len(after) == len(before)
    assert np.array_equal(after[outside], before[outside])
    assert not np.array_equal(after[: outside.start], before[: outside.start])
    assert ROOM.find_notices(dst, [placement], search=True)[0].perceivable


@pytest.mark.needs("flac")
def test_the_reference_decoder_is_content(source, tmp_path):
    first, second = tmp_path / "b.flac", tmp_path / "c.flac"
    ROOM.write_notice(source, first, sounds.PREPEND)
    ROOM.write_tags(first, second, TAGS)
    subprocess.run(["flac", "-t", "-s", "-w", str(second)], check=True)
    assert second.read_bytes()[:4] == b"fLaC"


def test_comments_and_pictures_stay(source, tmp_path):
    first, second = tmp_path / "b.flac", tmp_path / "c.flac"
    ROOM.write_notice(source, first, sounds.PREPEND)
    ROOM.write_tags(first, second, TAGS)
    file = FLAC(second)
    assert file["title"] == ["Ән"]
    assert file["digitalsourcetype"] == ["http://example.org/ai"]
    assert file.pictures[0].data == b"\x89PNG" * 99
    assert ROOM.read_tags(second)["vorbis"]["AISYSTEMUSED"] == "Әуен"
    third = tmp_path / "d.flac"
    ROOM.write_tags(second, third, {"vorbis": dict.fromkeys(TAGS["vorbis"], "")})
    assert set(ROOM.read_tags(third)["vorbis"]) == {"TITLE", "CHAPTER001"} | set(
        ROOM.read_tags(source)["vorbis"]
    ) - {"DIGITALSOURCETYPE"}


def test_other_blocks_stay_and_cues_move(source, tmp_path):
    content = bytearray(source.read_bytes())
    sheet = bytearray(396)
    sheet[395] = 2
    sheet += (8000).to_bytes(8) + b"\1" + bytes(26) + b"\1" + bytes(12)
    sheet += (32000).to_bytes(8) + b"\xff" + bytes(26) + b"\0"
    blocks = b"\5" + len(sheet).to_bytes(3) + sheet + b"\2\0\0\6APPLid"
    content[42:42] = blocks
    source.write_bytes(content)
    dst = tmp_path / "b.flac"
    placement = ROOM.write_notice(source, dst, sounds.PREPEND)
    made = dst.read_bytes()
    assert b"\2\0\0\6APPLid" in made
    moved = FLAC(dst).cuesheet
    notice = round(placement.spans[0].end * RATE)
    assert [track.start_offset for track in moved.tracks] == [
        8000 + notice,
        32000 + 2 * notice,
    ]  # the lead-out is the end


def test_where_the_manifest_goes(source, tmp_path):
    assert ROOM.manifest_carrier(source).kind is CarrierKind.COMPANION
    tagged = tmp_path / "t.flac"
    tagged.write_bytes(_id3.id3_bytes(None, {"TIT2": "a"}) + source.read_bytes())
    assert recognise(tagged).spec.name == "FLAC"
    assert ROOM.manifest_carrier(tagged).kind is CarrierKind.EMBEDDED
    assert ROOM.read_tags(tagged)["id3"] == {"TIT2": "a"}
    dst = tmp_path / "u.flac"
    placement = ROOM.write_notice(tagged, dst, sounds.PREPEND)
    assert dst.read_bytes()[:3] == b"ID3"
    assert ROOM.find_notices(dst, [placement], search=True)[0].perceivable


def test_what_cannot_be_encoded_is_refused(tmp_path):
    src, dst = flac(tmp_path / "a.flac"), tmp_path / "b.flac"
    content = bytearray(src.read_bytes())
    content[20] = content[20] & 0xFE | 0x01  # bits a sample: 16 becomes 32
    content[21] = content[21] | 0xF0
    src.write_bytes(content)
    with pytest.raises((RefusedError, UnreadableAssetError)):
        ROOM.write_notice(src, dst, sounds.PREPEND)
    assert list(tmp_path.iterdir()) == [src]


def test_damage_is_an_error_of_ours(source, tmp_path):
    content = source.read_bytes()
    generator = np.random.default_rng(3)
    for number in range(24):
        damaged = bytearray(
            content[: int(generator.integers(4, len(content)))] if number % 2 else content
        )
        for at in generator.integers(4, min(len(damaged), 1000), 12):
            damaged[at] = int(generator.integers(256))
        path = tmp_path / f"{number}.flac"
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


def test_damaged_comments_are_not_written_over(source, tmp_path):
    content = source.read_bytes()
    at = content.index(b"TITLE=") - 4
    source.write_bytes(content[:at] + b"\xff\xff\xff\x00" + content[at + 4 :])
    assert "TITLE" not in ROOM.read_tags(source)["vorbis"]  # what stands before it is told
    with pytest.raises(UnsupportedTagsError):
        ROOM.write_tags(source, tmp_path / "b.flac", TAGS)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_that_was_cut_off_is_told(tmp_path, share):
    path = flac(tmp_path / "a.flac")
    assert ROOM.find_notices(path, [], search=True) == ()
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UnreadableAssetError, match="is cut off"):
        ROOM.write_notice(path, tmp_path / "b", sounds.PREPEND)
    with pytest.raises(UnreadableAssetError, match="is cut off"):
        ROOM.find_notices(path, [], search=True)
    assert not list(tmp_path.glob("b*"))
