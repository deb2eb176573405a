from __future__ import annotations

import subprocess

import mutagen
import numpy as np
import pytest
import soundfile
import sounds

from kzlabel._av import sound
from kzlabel.errors import KzlabelError, RefusedError, UnreadableAssetError
from kzlabel.formats import recognise
from kzlabel.formats.ogg import Ogg
from kzlabel.model import CarrierKind

RATE = 16000
ROOM = Ogg()
TAGS = {"vorbis": {"DIGITALSOURCETYPE": "http://example.org/ai", "AISYSTEMUSED": "Әуен"}}


def opus(path, seconds=3.0, channels=1, layout="mono"):
    return sounds.write(
        path,
        sounds.noise(seconds, RATE, channels),
        RATE,
        "libopus",
        "opus",
        layout,
        bit_rate=32000 * channels,
    )


def vorbis(path, seconds=3.0, channels=1, rate=RATE):
    with soundfile.SoundFile(path, "w", rate, channels, "VORBIS", format="OGG") as file:
        for block in np.array_split(sounds.noise(seconds, rate, channels), 40):
            file.write(block)
    return path


MAKERS = {"opus": opus, "vorbis": vorbis}


@pytest.fixture(params=MAKERS)
def source(request, tmp_path):
    path = MAKERS[request.param](tmp_path / "a.ogg")
    file = mutagen.File(path)
    file["title"], file["chapter001"], file["metadata_block_picture"] = (
        ["Ән"],
        ["00:00:01.500"],
        ["Zm9v" * 30000],
    )
    file["artist"] = ["a", "b"]
    file.save()
    return path


def test_recognised(source):
    assert recognise(source).spec.name == "Ogg"
    assert ROOM.manifest_carrier(source).kind is CarrierKind.COMPANION


@pytest.mark.slow
def test_notice_tags_and_what_was_there(source, tmp_path):
    first, second = tmp_path / "b.ogg", tmp_path / "c.ogg"
    placement = ROOM.write_notice(source, first, sounds.PREPEND)
    ROOM.write_tags(first, second, TAGS)
    file = mutagen.File(second)
    assert (file["title"], file["artist"], file["metadata_block_picture"]) == (
        ["Ән"],
        ["a", "b"],
        ["Zm9v" * 30000],
    )
    clock = file["chapter001"][0].split(":")
    moved = int(clock[1]) * 60 + float(clock[2])
    assert moved - 1.5 == pytest.approx(placement.spans[0].end, abs=0.01)
    assert ROOM.read_tags(second)["vorbis"]["AISYSTEMUSED"] == "Әуен"
    before, after = sound.facts(source, "ogg"), sound.facts(second, "ogg")
    assert (after.codec, after.rate, after.channels) == (before.codec, before.rate, before.channels)
    seconds = sound.measured(second, "ogg").seconds
    assert seconds == pytest.approx(placement.duration, abs=0.001)
    assert ROOM.find_notices(second, [placement], search=True)[0].perceivable


def test_an_empty_value_removes(source, tmp_path):
    first, second = tmp_path / "b.ogg", tmp_path / "c.ogg"
    ROOM.write_tags(source, first, TAGS)
    ROOM.write_tags(first, second, {"vorbis": dict.fromkeys(TAGS["vorbis"], "")})
    assert ROOM.read_tags(second) == ROOM.read_tags(source)


@pytest.mark.needs("opusinfo")
def test_opus_tools_are_content(tmp_path):
    src, dst = opus(tmp_path / "a.opus"), tmp_path / "b.opus"
    ROOM.write_notice(src, dst, sounds.PREPEND)
    ROOM.write_tags(dst, tmp_path / "c.opus", TAGS)
    said = subprocess.run(
        ["opusinfo", str(tmp_path / "c.opus")], capture_output=True, text=True, check=True
    )
    assert "WARNING" not in said.stdout + said.stderr


@pytest.mark.slow
def test_channels_of_surround_keep_their_places(tmp_path):
    src, dst = tmp_path / "a.ogg", tmp_path / "b.ogg"
    levels = np.array([0.02, 0.06, 0.1, 0.15, 0.2, 0.3], np.float32)
    with soundfile.SoundFile(
        src, "w", RATE, 6, "VORBIS", format="OGG", compression_level=0.1
    ) as file:
        for block in np.array_split(sounds.noise(1, RATE, 6, 1.0) * levels, 40):
            file.write(block)
    placement = ROOM.write_notice(src, dst, sounds.PREPEND)
    begin = round(placement.spans[0].end * RATE)
    before, after = sounds.decoded(src, "ogg"), sounds.decoded(dst, "ogg")[begin : begin + RATE]
    assert np.std(after, axis=0) == pytest.approx(np.std(before, axis=0), rel=0.2)


@pytest.mark.parametrize("other", ["flac", "two", "chained"])
def test_other_streams_are_refused(tmp_path, other):
    src = tmp_path / "a.oga"
    if other == "flac":
        sounds.write(
            src, (sounds.noise(1, RATE) * 9999).astype(np.int16), RATE, "flac", "ogg", form="s16"
        )
    else:
        content = opus(tmp_path / "x.opus", 1).read_bytes()
        serial = content[:14] + b"abcd" + content[18:]
        src.write_bytes(serial[:47] + content if other == "two" else content + serial)
    with pytest.raises(RefusedError):
        ROOM.write_notice(src, tmp_path / "b.oga", sounds.PREPEND)
    assert not (tmp_path / "b.oga").exists()


def test_damage_is_an_error_of_ours(source, tmp_path):
    content = source.read_bytes()
    generator = np.random.default_rng(3)
    for number in range(16):
        damaged = bytearray(
            content[: int(generator.integers(5, len(content)))] if number % 2 else content
        )
        for at in generator.integers(5, min(len(damaged), 2000), 6):
            damaged[at] = int(generator.integers(256))
        path = tmp_path / f"{number}.ogg"
        path.write_bytes(damaged)
        for call in (
            ROOM.read_tags, ROOM.manifest_carrier, lambda p: ROOM.find_notices(p, [], search=True),
            lambda p: ROOM.write_tags(p, p.with_suffix(".out"), TAGS),
        ):  # fmt: skip
            try:
                call(path)
            except KzlabelError:
                continue


def test_no_pages(tmp_path):
    path = tmp_path / "a.ogg"
    path.write_bytes(b"OggS\0" + bytes(10))
    with pytest.raises(UnreadableAssetError):
        ROOM.manifest_carrier(path)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_that_was_cut_off_is_told(tmp_path, share, kind):
    path = MAKERS[kind](tmp_path / "a.ogg")
    assert ROOM.find_notices(path, [], search=True) == ()
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(UnreadableAssetError, match="is cut off"):
        ROOM.write_notice(path, tmp_path / "b", sounds.PREPEND)
    with pytest.raises(UnreadableAssetError, match="is cut off"):
        ROOM.find_notices(path, [], search=True)
    assert not list(tmp_path.glob("b*"))
