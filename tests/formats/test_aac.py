from __future__ import annotations

import numpy as np
import pytest
import sounds
from mutagen.aac import AAC

from kzlabel._av import sound
from kzlabel.errors import KzlabelError, RefusedError
from kzlabel.formats import recognise
from kzlabel.formats.aac import Aac
from kzlabel.model import CarrierKind

RATE = 16000
ROOM = Aac()
TAGS = {"id3": {"TXXX:DIGITALSOURCETYPE": "http://example.org/ai"}}


@pytest.fixture
def source(tmp_path):
    return sounds.write(
        tmp_path / "a.aac", sounds.noise(3, RATE), RATE, "aac", "adts", bit_rate=32000
    )


def test_it_is_recognised(source):
    assert recognise(source).spec.name == "AAC"
    assert ROOM.manifest_carrier(source).kind is CarrierKind.COMPANION


@pytest.mark.slow
def test_a_notice_before_and_after(source, tmp_path):
    first, second = tmp_path / "b.aac", tmp_path / "c.aac"
    placement = ROOM.write_notice(source, first, sounds.PREPEND)
    ROOM.write_tags(first, second, TAGS)
    assert ROOM.read_tags(second) == TAGS
    made = sound.measured(second, "aac")
    assert made.seconds == pytest.approx(placement.duration, abs=2.1 * 1024 / RATE)
    facts = sound.facts(second, "aac")
    assert (facts.codec, facts.rate, facts.channels) == ("aac", RATE, 1)
    assert ROOM.find_notices(second, [placement], search=True)[0].perceivable
    assert source.read_bytes() in first.read_bytes(), "no frame of the programme is touched"
    assert AAC(first).info.sample_rate == RATE


def test_a_tag_before_the_frames_stays(source, tmp_path):
    tagged, dst = tmp_path / "t.aac", tmp_path / "b.aac"
    ROOM.write_tags(source, tagged, TAGS)
    assert recognise(tagged).spec.name == "AAC"
    ROOM.write_notice(tagged, dst, sounds.PREPEND)
    assert ROOM.read_tags(dst) == TAGS


@pytest.mark.slow
def test_surround(tmp_path):
    src = sounds.write(tmp_path / "a.aac", sounds.noise(1, RATE, 6), RATE, "aac", "adts", "5.1")
    placement = ROOM.write_notice(src, tmp_path / "b.aac", sounds.PREPEND)
    assert sound.facts(tmp_path / "b.aac", "aac").layout == "5.1"
    assert ROOM.find_notices(tmp_path / "b.aac", [placement], search=True)[0].perceivable


def test_too_short_to_be_spoken_over(source, tmp_path):
    with pytest.raises(RefusedError):
        ROOM.write_notice(source, tmp_path / "b.aac", sounds.MIX)
    assert list(tmp_path.iterdir()) == [source]


def test_damage_is_an_error_of_ours(source, tmp_path):
    content = source.read_bytes()
    generator = np.random.default_rng(3)
    for number in range(20):
        damaged = bytearray(
            content[: int(generator.integers(1, len(content)))] if number % 2 else content
        )
        for at in generator.integers(0, len(damaged), 20):
            damaged[at] = int(generator.integers(256))
        path = tmp_path / f"{number}.aac"
        path.write_bytes(damaged)
        for call in (ROOM.read_tags, lambda p: ROOM.find_notices(p, [], search=True)):
            try:
                call(path)
            except KzlabelError:
                continue
