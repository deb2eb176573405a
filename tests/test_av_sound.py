from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
import sounds

from kzlabel._av import sound, weaving
from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats import matroska
from kzlabel.notices._earcon import earcon

RATE = 8000


@pytest.fixture
def wav(tmp_path):
    return sounds.write(tmp_path / "a.wav", sounds.noise(3, RATE), RATE, "pcm_s16le", "wav")


def test_facts(wav):
    facts = sound.facts(wav, "wav")
    assert (facts.codec, facts.rate, facts.channels, facts.bits) == ("pcm_s16le", RATE, 1, 16)
    assert facts.duration == pytest.approx(3)
    assert (facts.audio_tracks, facts.video_tracks) == (1, 0)


@pytest.mark.parametrize(("codec", "muxer", "demuxer"), [
    ("libmp3lame", "mp3", "mp3"), ("flac", "flac", "flac"), ("libopus", "opus", "ogg"),
])  # fmt: skip
def test_every_sample_comes_out(tmp_path, codec, muxer, demuxer):
    rate = 16000
    form = {"flac": "s16"}.get(codec, "flt")
    rows = sounds.noise(2.345, rate)
    rows = (rows * 32767).astype(np.int16) if form == "s16" else rows
    path = sounds.write(tmp_path / "a", rows, rate, codec, muxer, form=form)
    samples = np.concatenate(list(sound.blocks(path, demuxer, rate)))
    assert abs(len(samples) - len(rows)) <= 1
    assert np.corrcoef(samples[: len(rows)], rows[: len(samples), 0])[0, 1] > 0.5


@pytest.mark.parametrize("muxer", ["opus", "matroska", "mp4"])
def test_opus_has_no_bursts(tmp_path, muxer):
    """FFmpeg's own decoder makes 1.3 of this tone."""
    tone = np.tile(earcon(48000)[:, np.newaxis], 2)
    rows = np.concatenate([sounds.noise(0.1, 48000, 2, 0.01), tone]).astype(np.float32)
    path = sounds.write(
        tmp_path / "a", rows, 48000, "libopus", muxer, "stereo", bit_rate=24000,
        options={"application": "voip"},
    )  # fmt: skip
    heard = sounds.decoded(path, "ogg" if muxer == "opus" else muxer)
    assert heard.shape[1] == 2
    assert 0 <= len(heard) - len(rows) <= (0 if muxer == "opus" else 960)
    assert np.abs(heard).max() < 1.2 * np.abs(rows).max()


def test_opus_keeps_its_channels(tmp_path):
    seconds = np.arange(12000)[:, np.newaxis] / 48000
    level = np.array([0.1, 0.2, 0.3, 0.0, 0.5, 0.6])  # LFE apart: it is encoded by itself
    rows = (level * np.sin(seconds * 2 * np.pi * 500)).astype(np.float32)
    path = sounds.write(
        tmp_path / "a", rows, 48000, "libopus", "opus", "5.1", bit_rate=384000,
        options={"mapping_family": "1"},
    )  # fmt: skip
    heard = sounds.decoded(path, "ogg")
    assert heard.shape == rows.shape
    assert np.abs(heard[4800:9600]).max(axis=0) == pytest.approx(level, abs=0.05)


def test_channels_weigh_by_their_power(tmp_path):
    rows = (sounds.noise(0.5, RATE, 6) * 32767).astype(np.int16)
    path = sounds.write(tmp_path / "a.flac", rows, RATE, "flac", "flac", "5.1", "s16")
    power = np.concatenate(list(sound.powered(path, "flac", RATE))).astype(float) ** 2
    own = (rows / 32768.0) ** 2 @ np.array([1, 1, 1, 0, 1.41, 1.41]) / 5.82
    assert power.shape == (len(rows), 5)  # low effects do not count
    assert power.sum(axis=1) == pytest.approx(own, rel=1e-3)


@pytest.mark.parametrize("rate", [0, 1, 999, 768_001])
def test_a_rate_that_no_sound_has_is_refused(wav, rate):
    content = bytearray(wav.read_bytes())
    at = content.index(b"fmt ") + 12
    content[at : at + 4] = rate.to_bytes(4, "little")
    wav.write_bytes(content)
    with pytest.raises((LimitError, UnreadableAssetError)):
        sound.facts(wav, "wav")
    with pytest.raises((LimitError, UnreadableAssetError)):
        list(sound.powered(wav, "wav", 8000))


def test_a_damaged_packet_is_skipped(tmp_path):
    path = sounds.write(tmp_path / "a.mp3", sounds.noise(3, RATE), RATE, "libmp3lame", "mp3")
    content = bytearray(path.read_bytes())
    content[5000:5400] = b"\xaa" * 400
    path.write_bytes(content)
    assert 2 < sound.measured(path, "mp3").seconds <= 3.1


def test_nothing_that_decodes_is_an_error(tmp_path):
    path = tmp_path / "a.flac"
    sounds.write(
        path, (sounds.noise(1, RATE) * 9999).astype(np.int16), RATE, "flac", "flac", form="s16"
    )
    content = path.read_bytes()
    path.write_bytes(content[:100] + bytes(len(content) - 100))
    with pytest.raises(UnreadableAssetError):
        sound.measured(path, "flac")


def test_eight_channels(tmp_path):
    rows = (sounds.noise(0.5, RATE, 8) * 32767).astype(np.int16)
    path = sounds.write(tmp_path / "a.flac", rows, RATE, "flac", "flac", "7.1", "s16")
    assert np.concatenate(list(sound.blocks(path, "flac", mono=False))).shape == (4000, 8)
    low = list(sound.facts(path, "flac").positions).index("LFE")
    mono = np.concatenate(list(sound.blocks(path, "flac")))
    rows[:, low] = 0
    quiet = sounds.write(tmp_path / "b.flac", rows, RATE, "flac", "flac", "7.1", "s16")
    assert np.array_equal(mono, np.concatenate(list(sound.blocks(quiet, "flac"))))


def test_loudness_of_the_reference_tone():
    tone = np.sin(np.arange(96000) / 48000 * 997 * 2 * np.pi).astype(np.float32)
    assert sound.loudness_of(tone, 48000) == pytest.approx(-3.01, abs=0.1)
    assert sound.loudness_of(tone * 0.1, 48000) == pytest.approx(-23.01, abs=0.1)
    assert sound.loudness_of(tone[:4800], 48000) == pytest.approx(-3.7, abs=0.2)


@pytest.mark.parametrize("count", [0, 10, 48000])
def test_silence_has_a_floor(count):
    assert sound.loudness_of(np.zeros(count, np.float32), 48000) == sound.SILENCE


def test_resampling_stays_aligned():
    click = np.zeros(48000, np.float32)
    click[30000] = 1
    made = sound.resampled(click, 48000, 16000)
    assert len(made) == 16000
    assert abs(int(np.argmax(made)) - 10000) <= 1


def test_a_recording_is_read_and_bounded(wav, tmp_path):
    assert len(sound.read_mono(wav, 24000)) == pytest.approx(72000, abs=2)
    with pytest.raises(LimitError):
        sound.read_mono(wav, 24000, most=2)
    text = tmp_path / "a.txt"
    text.write_text("no recording")
    with pytest.raises(UnreadableAssetError):
        sound.read_mono(text, 24000)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_inserting_leaves_the_programme_as_it_is(kind):
    rows = (np.arange(2000).reshape(-1, 2) % 200).astype(kind)
    voice = weaving.Voice(np.full((30, 2), 0.5, np.float32), (0, 333, 1000))
    blocks = iter([rows[:300], rows[300:340], rows[340:]])
    made = np.concatenate(list(weaving.woven(blocks, voice)))
    assert len(made) == 1000 + 90
    kept = np.concatenate([made[30:363], made[393:1060]])
    assert np.array_equal(kept, rows)
    assert made.dtype == kind
    assert np.all(made[:30] == made[1060:])


def test_mixing_changes_nothing_outside(tmp_path):
    rows = (sounds.noise(1, RATE, 2) * 2**23).astype(np.int32) * 256
    under = np.full(800, 0.2, np.float32)
    voice = weaving.Voice(np.full((800, 2), 0.9, np.float32), (100, 7500), under)
    made = np.concatenate(list(weaving.woven(iter(np.array_split(rows, 7)), voice, 24)))
    assert np.array_equal(made[:100], rows[:100])
    assert np.array_equal(made[900:7500], rows[900:7500])
    assert not np.any(made % 256), "24 bits stay 24 bits"
    assert np.abs(made[100:900] / 2**31).max() <= weaving.CEILING
    assert np.abs(made[100:900] / 2**31).min() > 0.7


def film(path, holes, seconds=26):
    """Write pictures and sound that skips over `holes`, from second to second."""
    with av.open(str(path), "w", format="matroska") as out:
        pictures = out.add_stream("mpeg4", rate=1, width=64, height=48, pix_fmt="yuv420p")
        track = out.add_stream("pcm_s16le", rate=RATE, layout="mono")
        track.codec_context.format = "s16"
        rows = (sounds.noise(1, RATE)[:, 0] * 32767).astype(np.int16)
        for second in range(seconds):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 99, np.uint8), "rgb24")
            picture.pts = second
            out.mux(pictures.encode(picture))
            if not any(begin <= second < end for begin, end in holes):
                frame = av.AudioFrame.from_ndarray(rows[np.newaxis], "s16", "mono")
                frame.sample_rate, frame.pts, frame.time_base = (
                    RATE,
                    second * RATE,
                    Fraction(1, RATE),
                )
                out.mux(track.encode(frame))
        for stream in (pictures, track):
            out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("holes", [[(4, 7)], [(0, 2), (17, 20)]], ids=["within", "late"])
def test_a_notice_is_spoken_over_holes(tmp_path, holes):
    src, dst = film(tmp_path / "a.mkv", holes), tmp_path / "b.mkv"
    placement = matroska.Matroska().write_notice(src, dst, sounds.MIX)
    assert placement.duration == pytest.approx(26, abs=0.01)
    heard = sounds.decoded(dst, "matroska")
    assert len(heard) == pytest.approx(26 * RATE, abs=80)
    (found,) = matroska.Matroska().find_notices(dst, [placement], search=True)
    assert found.perceivable
    assert found.measures["found"] == 2


def test_a_hole_of_hours_is_refused(tmp_path):
    src = film(tmp_path / "a.mkv", [(5, 900)], 901)
    with pytest.raises(RefusedError, match="a hole of 895 s"):
        matroska.Matroska().write_notice(src, tmp_path / "b.mkv", sounds.MIX)
    assert not (tmp_path / "b.mkv").exists()
