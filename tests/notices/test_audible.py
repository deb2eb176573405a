from __future__ import annotations

import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from kzlabel._av.sound import loudness_of
from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError, UsageError
from kzlabel.model import Notice, NoticeStyle, Statement
from kzlabel.notices import WORDS, audible, says
from kzlabel.notices._clips import ALL, CLIP_LOUDNESS, DATA
from kzlabel.notices._earcon import SECONDS, TONES, UNIT, earcon
from kzlabel.notices._loudness import brought_to, limited, loudness
from kzlabel.notices._speech import is_speech

RATE = audible.SAMPLE_RATE
CLIP_RATE = 16000


def notice(style=NoticeStyle.PREPEND, statement=Statement.CREATED, **rest):
    return Notice(statement=statement, style=style, **rest)


def write_wav(path, samples, rate=8000):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


# --- Clips ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("clip", ALL, ids=lambda clip: clip.path.stem)
def test_a_clip_is_slow_loud_and_leaves_a_pause(clip):
    samples = clip.samples(CLIP_RATE)
    sounding = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    spoken = (sounding[-1] + 1 - sounding[0]) / CLIP_RATE
    assert len(clip.text) / spoken * 60 <= 160
    assert (len(samples) - sounding[-1]) / CLIP_RATE >= 0.3
    assert loudness(samples, CLIP_RATE) == pytest.approx(CLIP_LOUDNESS, abs=0.2)
    assert np.abs(samples).max() <= 0.5  # 14 dB over its loudness at most: it can be turned up


def test_every_phrase_has_a_clip_and_every_clip_is_ours():
    assert {clip.path for clip in ALL} == set(DATA.glob("*.flac"))
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 1_500_000
    assert len({clip.samples(CLIP_RATE).tobytes() for clip in ALL}) == len(ALL) == 10


# --- Earcon ---------------------------------------------------------------------------------------


def test_the_earcon_is_morse_ai():
    rhythm = [round(end - begin) for begin, end, *_ in TONES]
    pauses = [round(after[0] - before[1]) for before, after in pairwise(TONES)]
    assert (rhythm, pauses) == ([1, 3, 1, 1], [1, 3, 1])
    assert 1.0 <= SECONDS <= 1.6
    figure = earcon(RATE)
    for place in range(11):
        part = figure[round(place * UNIT * RATE) : round((place + 1) * UNIT * RATE)]
        sounds = any(begin <= place < end for begin, end, *_ in TONES)
        assert bool(np.abs(part).max() > 0.2) is sounds


def test_the_earcon_lies_where_a_telephone_hears_it():
    power = np.abs(np.fft.rfft(earcon(RATE))) ** 2
    frequency = np.fft.rfftfreq(len(earcon(RATE)), 1 / RATE)
    assert power[(frequency > 650) & (frequency < 2900)].sum() > 0.97 * power.sum()


# --- Spoken ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", Statement)
@pytest.mark.parametrize("languages", [("kk", "ru"), ("ru",), ("en", "kk", "ru")])
@pytest.mark.parametrize(("seconds", "form"), [(5.0, "short"), (3600.0, "long")])
def test_the_words_are_said_in_the_order_of_the_languages(statement, languages, seconds, form):
    heard = audible.spoken(notice(statement=statement, languages=languages), seconds)
    said = [WORDS[statement][language] for language in languages]
    wanted = [w.long if form == "long" or w.short == "AI" else w.short for w in said]
    assert heard.lines == tuple(wanted)
    assert says(heard.lines, statement)
    assert heard.recording == ""
    assert heard.samples.dtype == np.float32
    assert heard.seconds >= SECONDS + sum(len(line) for line in wanted) * 60 / 160
    assert form == "short" or heard.seconds <= 0.1 * seconds


def test_a_language_without_words_is_refused():
    with pytest.raises(UsageError):
        audible.spoken(notice(languages=("de",)), 10)


def tone(seconds, level=0.3, rate=8000):
    return (level * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)).astype("f4")


def noise(seconds, rate=8000):
    return np.random.default_rng(4).normal(0, 0.1, int(seconds * rate)).astype("f4")


def pulsing(samples):
    """Swell and fade like syllables, four times a second."""
    return (1 + np.sin(np.arange(len(samples)) / 8000 * 2 * np.pi * 4)).astype("f4") / 2 * samples


@pytest.mark.parametrize("clip", ALL, ids=lambda clip: clip.path.stem)
def test_speech_sounds_like_speech(clip):
    voice = clip.samples(8000)
    assert is_speech(voice)
    assert is_speech(voice + 0.1 * noise(len(voice) / 8000 + 1)[: len(voice)])
    assert is_speech(np.round(voice * 100) / 100)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0, "f4"), np.zeros(40000, "f4"), np.ones(40000, "f4"), tone(5), noise(5),
        pulsing(tone(5)), pulsing(noise(5)), tone(5) + 0.1 * noise(5),
        np.cumsum(noise(5)).astype("f4"),
    ],
    ids=["none", "zeros", "ones", "tone", "noise", "beats", "waves", "hum and hiss", "brown"],
)  # fmt: skip
def test_what_is_no_speech_does_not(samples):
    assert not is_speech(samples)


def test_the_callers_recording_follows_the_earcon(tmp_path):
    voice = ALL[0].samples(8000)
    path = write_wav(tmp_path / "own.wav", voice)
    heard = audible.spoken(notice(recording=str(path)), 10)
    lead = audible.LEAD + SECONDS + audible.GAP
    assert heard.seconds == pytest.approx(lead + len(voice) / 8000, abs=0.02)
    assert len(heard.recording) == 64
    assert says(heard.lines, Statement.CREATED)
    assert loudness(heard.samples[int(lead * RATE) :], RATE) == pytest.approx(-20, abs=0.5)


@pytest.mark.parametrize(
    ("samples", "error", "code"),
    [
        (np.zeros(8000, "f4"), RefusedError, "kz.error.recording-silent"),
        (tone(2, 0.001), RefusedError, "kz.error.recording-silent"),
        (tone(125, 0.2, 8000), LimitError, None),
        (ALL[0].samples(8000)[:15000], RefusedError, "kz.error.recording-short"),
        (tone(5), RefusedError, "kz.error.recording-no-speech"),
        (noise(5), RefusedError, "kz.error.recording-no-speech"),
    ],
    ids=["silence", "nearly silence", "too long", "too short", "tone", "noise"],
)
def test_a_recording_that_cannot_serve_is_refused(tmp_path, samples, error, code):
    path = write_wav(tmp_path / "own.wav", samples)
    with pytest.raises(error) as caught:
        audible.spoken(notice(recording=str(path)), 10)
    assert code is None or caught.value.code == code
    assert "own.wav" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no sound at all" * 50, b"RIFF\xff\xff\xff\xffWAVEfmt "])
def test_a_recording_that_is_none_is_unreadable(tmp_path, content):
    path = tmp_path / "own.wav"
    path.write_bytes(content)
    with pytest.raises(UnreadableAssetError):
        audible.spoken(notice(recording=str(path)), 10)


# --- Plan -----------------------------------------------------------------------------------------


def spans(cues):
    return [(round(cue.at, 3), round(cue.span.start, 3), round(cue.span.end, 3)) for cue in cues]


def test_before_and_after_and_in_between():
    assert spans(audible.plan(notice(), 30, 10)) == [(0, 0, 10), (30, 40, 50)]
    assert spans(audible.plan(notice(every=60.0), 150, 10)) == [
        (0, 0, 10), (60, 70, 80), (120, 140, 150), (150, 180, 190),
    ]  # fmt: skip
    assert spans(audible.plan(notice(), 0.5, 10)) == [(0, 0, 10), (0.5, 10.5, 20.5)]


def test_mixed_at_the_start_and_to_the_end():
    mix = NoticeStyle.MIX
    assert spans(audible.plan(notice(mix), 30, 10)) == [(0, 0, 10), (20, 20, 30)]
    assert spans(audible.plan(notice(mix, every=60.0), 150, 10)) == [
        (0, 0, 10), (60, 60, 70), (120, 120, 130), (140, 140, 150),
    ]  # fmt: skip
    assert spans(audible.plan(notice(mix), 15, 10)) == [(0, 0, 10)]
    assert spans(audible.plan(notice(mix), 10, 10)) == [(0, 0, 10)]


@pytest.mark.parametrize("style", [NoticeStyle.PREPEND, NoticeStyle.MIX])
@pytest.mark.parametrize("every", [None, 12.0, 30.0, 61.7])
def test_notices_never_overlap(style, every):
    draw = np.random.default_rng(5)
    for seconds in draw.uniform(10, 400, 50):
        cues = audible.plan(notice(style, every=every), seconds, 9.5)
        for one, other in pairwise(cues):
            assert one.span.end + 1 <= other.span.start + 1e-6
            assert one.at < other.at
        inserted = 9.5 * len(cues) if style is NoticeStyle.PREPEND else 0
        assert cues[-1].span.end <= seconds + inserted + 1e-6
        assert cues[0].span.start == 0


def test_no_room_under_the_programme():
    with pytest.raises(RefusedError) as caught:
        audible.plan(notice(NoticeStyle.MIX), 9.4, 9.5, Path("a.mp3"))
    assert caught.value.code == "kz.error.notice-no-room"
    assert str(caught.value) == "a.mp3: the programme has 9 s, and the notice over it takes 10 s"


@pytest.mark.parametrize("every", [0.0, -1.0, 0.5, 5.0, float("nan")])
def test_too_often(every):
    with pytest.raises(RefusedError) as caught:
        audible.plan(notice(NoticeStyle.MIX, every=every), 3600.0, 9.5, Path("a.mp3"))
    assert str(caught.value).startswith("a.mp3: the notice cannot be given every ")
    assert str(caught.value).endswith(" s: the least is 11 s (--every is in minutes)")
    assert caught.value.code == "kz.error.notice-too-often"


def test_the_number_of_notices_is_bounded():
    with pytest.raises(RefusedError):
        audible.plan(notice(every=2.0), 86400.0, 9.5)
    assert len(audible.plan(notice(every=60.0), 86400.0, 9.5)) <= audible.MAX_SPANS


# --- Loudness -------------------------------------------------------------------------------------


def test_loudness_is_that_of_bs_1770():
    sine = np.sin(2 * np.pi * 997 * np.arange(3 * RATE) / RATE).astype("f4")
    assert loudness(sine, RATE) == pytest.approx(-3.01, abs=0.05)
    assert loudness(0.1 * sine, RATE) == pytest.approx(-23.01, abs=0.05)
    assert loudness(np.zeros(RATE, "f4"), RATE) == loudness(np.zeros(0, "f4"), RATE) == -70
    assert loudness(sine[: RATE // 10], RATE) == pytest.approx(-3, abs=0.3)


def test_loudness_agrees_with_ffmpeg():
    heard = audible.spoken(notice(), 20).samples
    noise = np.random.default_rng(2).normal(0, 0.05, 2 * RATE).astype("f4")
    for samples in (heard, noise):
        assert loudness(samples, RATE) == pytest.approx(loudness_of(samples, RATE), abs=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("programme", [-90, -55, -40, -28, -23, -16, -12, -9])
def test_a_notice_is_never_quieter_than_its_programme(programme):
    samples = audible.levelled(audible.spoken(notice(languages=("kk",)), 20), programme)
    measured = loudness_of(samples, RATE)
    assert np.abs(samples).max() <= 0.9
    assert measured >= programme
    assert measured == pytest.approx(audible.level(programme), abs=0.4)
    assert measured >= -30.5


@pytest.mark.slow
def test_very_loud_programmes_are_met_as_far_as_speech_goes():
    samples = audible.levelled(audible.spoken(notice(languages=("ru",)), 20), -3)
    assert loudness(samples, RATE) > -8.5
    assert np.abs(samples).max() <= 0.9


def test_limiting_clips_nothing_and_leaves_the_rest():
    samples = np.concatenate([tone(1, 0.2), tone(1, 3.0), tone(1, 0.2)])
    calm = limited(samples, 8000)
    assert np.abs(calm).max() <= 0.891
    assert np.count_nonzero(np.abs(calm) > 0.8899) < len(calm) / 20  # turned down, not cut
    np.testing.assert_array_equal(calm[:7900], samples[:7900])
    assert loudness(brought_to(samples, 8000, -30), 8000) == pytest.approx(-30, abs=0.2)


def test_the_programme_is_turned_down_under_a_notice():
    cues = audible.plan(notice(NoticeStyle.MIX), 60.0, 10.0)
    whole = audible.ducking(cues, 0, 60 * 100, 100)
    pieces = [audible.ducking(cues, at, 70, 100) for at in range(0, 60 * 100, 70)]
    np.testing.assert_array_equal(whole, np.concatenate(pieces)[: len(whole)])
    assert whole[500] == whole[5500] == pytest.approx(10 ** (-15 / 20))
    assert whole[0] == pytest.approx(1)
    assert (whole[1001:4999] == 1).all()
    assert np.abs(np.diff(whole)).max() < 0.08  # ramps, no steps
    assert (audible.ducking((), 0, 5, 100) == 1).all()
