from __future__ import annotations

from functools import cache

import msgspec
import numpy as np
import pytest

from kzlabel._av.sound import resampled
from kzlabel.errors import LimitError
from kzlabel.model import Notice, NoticeStyle, Placement, Span, Statement
from kzlabel.notices import _hearing, audible
from kzlabel.notices._clips import ALL
from kzlabel.notices._earcon import SECONDS, earcon

RATE = audible.RATE
PREPEND, MIX = NoticeStyle.PREPEND, NoticeStyle.MIX
PERCEIVABLE, QUIET, SHORT = "kz.notice.heard", "kz.notice.quiet", "kz.notice.short"
RECORDING, NO_SPEECH = "kz.notice.heard-recording", "kz.notice.no-speech"
NOT_HEARD, LATE, UNDETERMINED = "kz.notice.not-heard", "kz.notice.late", "kz.notice.undetermined"


@cache
def music(seconds, seed=1):
    """A programme: chords of bowed strings and a beat, at -20 LUFS or so."""
    draw = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    sound = np.zeros(len(time))
    for second in range(0, int(seconds) + 1, 2):
        inside = (time >= second) & (time < second + 2)
        for pitch in draw.choice([220, 262, 330, 392, 440, 523], 3, replace=False):
            for partial in (1, 2, 3, 4):
                phase = 2 * np.pi * pitch * partial * time[inside]
                sound[inside] += np.sin(phase + 0.3 * np.sin(30 * time[inside])) / partial
    beat = draw.normal(size=len(time)) * np.exp(-8 * (time % 0.5))
    sound = 0.04 * sound + 0.05 * beat
    return sound.astype(np.float32)


@cache
def spoken(statement=Statement.CREATED, languages=("kk", "ru"), level=-20.0, seconds=10.0):
    heard = audible.spoken(Notice(statement=statement, languages=languages), seconds)
    return heard, resampled(audible.levelled(heard, level), audible.SAMPLE_RATE, RATE)


def prepended(programme=None, statement=Statement.CREATED, languages=("kk", "ru"), gain=1.0):
    programme = music(8) if programme is None else programme
    heard, sound = spoken(statement, languages)
    notice = Notice(statement=statement, style=PREPEND, languages=languages)
    seconds = len(programme) / RATE
    cues = audible.plan(notice, seconds, heard.seconds)
    whole = np.concatenate([gain * sound, programme, gain * sound])
    return whole, placement(notice, heard, cues, len(whole) / RATE)


def placement(notice, heard, cues, duration):
    return Placement(
        statement=notice.statement,
        style=notice.style,
        languages=notice.languages,
        lines=heard.lines,
        medium="audible",
        spans=tuple(cue.span for cue in cues),
        duration=duration,
        recording=heard.recording,
    )


def mixed(programme, gain=1.0, *, ducked=True):
    heard, sound = spoken()
    notice = Notice(statement=Statement.CREATED, style=MIX)
    cues = audible.plan(notice, len(programme) / RATE, heard.seconds)
    whole = programme * (audible.ducking(cues, 0, len(programme), RATE) if ducked else 1)
    for cue in cues:
        begin = round(cue.at * RATE)
        part = whole[begin : begin + len(sound)]
        part += gain * sound[: len(part)]
    return whole, placement(notice, heard, cues, len(whole) / RATE)


def judge(samples, *hints, search=True, parts=7):
    return audible.judge(iter(np.array_split(samples, parts)), hints, search=search)


def code(samples, *hints, **rest):
    reports = judge(samples, *hints, **rest)
    assert len(reports) == max(1, len(hints))
    return reports[0].code


# --- Found ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", Statement)
@pytest.mark.parametrize("languages", [("kk", "ru"), ("ru", "en"), ("en",), ("en", "kk", "ru")])
@pytest.mark.slow
def test_found_with_a_hint_and_without(statement, languages):
    whole, hint = prepended(music(4), statement, languages)
    for (found,), declared in ((judge(whole, hint), 2), (judge(whole), None)):
        assert (found.code, found.perceivable, found.medium) == (PERCEIVABLE, True, "audible")
        assert found.text == " ".join(hint.lines)
        assert found.languages == languages
        assert found.measures.get("declared") == declared
        assert found.measures["found"] == 2
        assert found.measures["correlation"] > 0.9
        assert found.measures["loudness"] == pytest.approx(-19, abs=2.5)
        for span, told in zip(found.spans, hint.spans, strict=True):
            assert span.start == pytest.approx(told.start, abs=0.1)
            assert span.end == pytest.approx(told.end, abs=0.1)


@pytest.mark.slow
def test_the_long_words_are_told_from_the_short():
    for seconds in (10.0, 600.0):
        heard, sound = spoken(seconds=seconds)
        (found,) = judge(np.concatenate([sound, music(4)]))
        assert (found.code, found.text) == (PERCEIVABLE, " ".join(heard.lines))


def test_found_over_a_programme():
    whole, hint = mixed(music(24))
    assert code(whole, hint) == code(whole) == PERCEIVABLE
    whole, hint = mixed(music(24), gain=0.7, ducked=False)  # 3 dB under it, and not ducked
    assert code(whole, hint) == code(whole) == PERCEIVABLE


@pytest.mark.parametrize("parts", [1, 2, 400])
def test_blocks_of_any_size_and_borders_anywhere(parts):
    whole, hint = prepended()
    assert judge(whole, hint, parts=parts) == judge(whole, hint)


@pytest.mark.slow
def test_found_again_where_frames_are_gone_through_in_rounds():
    _, sound = spoken(languages=("en",))
    pause = np.zeros(RATE // 10, np.float32)
    whole = np.concatenate([np.concatenate([sound, pause])] * 30)  # back to back, 4 minutes
    (found,) = judge(whole)
    assert (found.code, found.measures["found"]) == (PERCEIVABLE, 30)
    step = (len(sound) + len(pause)) / RATE
    for index, span in enumerate(found.spans):
        assert span.start == pytest.approx(index * step, abs=0.1)


@pytest.mark.parametrize("tempo", [0.97, 1.03])
def test_found_after_a_change_of_speed_and_8_bits(tempo):
    whole, hint = prepended()
    at = np.arange(0, len(whole) - 1, tempo)
    other = np.round(np.interp(at, np.arange(len(whole)), whole) * 127) / 127
    assert code(other.astype("f4"), hint) == code(other.astype("f4")) == PERCEIVABLE


@pytest.mark.parametrize("seconds", [-1.0, 1.0])
def test_a_trim_of_a_second_is_tolerated(seconds):
    whole, hint = prepended()
    if seconds > 0:
        moved = np.concatenate([np.zeros(int(seconds * RATE), "f4"), whole])
    else:
        moved = np.concatenate([whole, np.zeros(RATE, "f4")])
    assert code(moved, hint) == PERCEIVABLE


# --- Impaired -------------------------------------------------------------------------------------


def test_nothing_is_found_in_what_is_unmarked():
    for sound in (music(20), music(20, 2), np.random.default_rng(0).normal(0, 0.1, 20 * RATE)):
        assert judge(sound.astype("f4")) == ()


def test_muted_or_replaced():
    whole, hint = prepended()
    length = len(spoken()[1])
    for other in (np.zeros(length, "f4"), music(12)[:length]):
        first, last = whole.copy(), whole.copy()
        first[:length] = other
        last[-length:] = other
        assert code(first, hint) == code(last, hint) == NOT_HEARD
        assert judge(first, hint)[0].measures["found"] == 1
    (none,) = judge(music(27), hint)
    assert (none.code, none.perceivable, none.spans) == (NOT_HEARD, False, ())


@pytest.mark.slow
def test_other_words_in_its_place():
    whole, _ = prepended(statement=Statement.MODIFIED)
    _, hint = prepended(statement=Statement.CREATED)
    hint = msgspec.structs.replace(hint, duration=len(whole) / RATE)
    assert code(whole, hint) == NOT_HEARD
    assert judge(whole)[0].text == "ЖИ өзгерткен Изменено ИИ"


@pytest.mark.parametrize("at", [2.0, 3.0, 5.0, 7.5])
def test_speech_that_is_cut_off(at):
    whole, hint = prepended()
    cut, length = whole.copy(), len(spoken()[1])
    cut[int(at * RATE) : length] = music(12)[: length - int(at * RATE)]
    assert code(cut, hint) == SHORT
    assert code(whole[: len(whole) - length + int(at * RATE)], hint) == SHORT


def test_an_earcon_alone_is_what_is_left_of_a_notice():
    alone = np.concatenate([music(3), earcon(RATE), music(5)])
    (found,) = judge(alone)
    assert (found.code, found.text, found.languages) == (SHORT, "", ())


@pytest.mark.parametrize(("decibels", "wanted"), [(-3, PERCEIVABLE), (-10, QUIET), (-30, QUIET)])
def test_quieter_than_the_programme(decibels, wanted):
    whole, hint = prepended(gain=10 ** (decibels / 20))
    (found,) = judge(whole, hint)
    assert found.code == code(whole) == wanted
    assert found.perceivable is (wanted == PERCEIVABLE)
    assert found.measures["loudness"] == pytest.approx(-19 + decibels, abs=2.5)


def test_a_part_of_the_notice_that_is_turned_down():
    whole, hint = prepended()
    end = int((audible.LEAD + SECONDS + audible.GAP) * RATE)
    whole = whole.copy()
    whole[end : len(spoken()[1])] *= 0.05  # the earcon stays loud
    assert code(whole, hint) == QUIET


def test_under_a_hum_that_nobody_hears_it_through():
    whole, hint = prepended()
    hum = np.sin(2 * np.pi * 150 * np.arange(len(whole)) / RATE).astype("f4")
    hum[len(spoken()[1]) : -len(spoken()[1])] = 0  # so that the programme is no louder
    assert code(whole + np.float32(0.05) * hum, hint) == PERCEIVABLE
    assert code(whole + hum, hint) == QUIET


def test_noise_that_cancels_in_a_mix_to_one_channel_drowns_it():
    whole, hint = prepended(gain=0.1, programme=music(8) * np.float32(0.1))
    noise = np.random.default_rng(2).normal(0, 0.2, len(whole)).astype("f4")
    assert code(stereo(whole, whole), hint) == PERCEIVABLE
    for channels in (whole + noise, whole - noise), (noise, whole):
        assert code(stereo(*channels), hint) in (NOT_HEARD, QUIET)


def stereo(left, right):
    return np.stack([left, right], axis=1) * np.float32(np.sqrt(0.5))


def test_a_notice_out_of_phase_or_in_one_channel_is_heard():
    whole, hint = prepended()
    zero = np.zeros_like(whole)
    for channels in (whole, -whole), (whole, zero), (zero, whole):
        assert code(stereo(*channels), hint) == code(stereo(*channels)) == PERCEIVABLE


def test_quiet_by_itself():
    whole, hint = prepended(gain=10 ** (-35 / 20), programme=music(8) * np.float32(0.01))
    assert code(whole, hint) == code(whole) == QUIET


@pytest.mark.slow
def test_the_first_one_comes_too_late():
    late = np.concatenate([music(62), spoken()[1]])
    assert code(late) == LATE
    (found,) = judge(np.concatenate([spoken()[1], late]))
    assert found.code == PERCEIVABLE


# --- The caller's recording -----------------------------------------------------------------------


def recorded(sound):
    lead = np.zeros(int(audible.LEAD * RATE), "f4")
    gap = np.zeros(int(audible.GAP * RATE), "f4")
    notice = np.concatenate([lead, 0.5 * earcon(RATE), gap, sound])
    whole = np.concatenate([notice, music(8), notice])
    _, hint = prepended()
    own = len(notice) / RATE, len(whole) / RATE
    spans = (Span(start=0, end=own[0]), Span(start=own[1] - own[0], end=own[1]))
    return whole, msgspec.structs.replace(hint, spans=spans, duration=own[1], recording="ab" * 32)


def test_a_recording_is_heard_by_its_earcon_and_its_sound():
    voice = np.concatenate([clip.samples(RATE) for clip in ALL[:2]]).astype("f4")
    whole, hint = recorded(voice)
    (found,) = judge(whole, hint)
    assert (found.code, found.perceivable) == (RECORDING, True)
    assert found.measures["found"] == 2
    assert code(whole[: -2 * RATE], hint) == SHORT
    silent, hint = recorded(np.zeros_like(voice))
    assert code(silent, hint) == SHORT
    brief = voice.copy()
    brief[RATE // 2 :] = 0
    assert code(recorded(brief)[0], hint) == SHORT
    assert code(recorded(voice * np.float32(0.15))[0], hint) == QUIET
    assert code(music(20), hint) == NOT_HEARD


@pytest.mark.parametrize("kind", ["tone", "noise", "pulses"])
def test_a_recording_of_no_speech_is_no_notice(kind):
    time = np.arange(4 * RATE) / RATE
    made = 0.2 * np.sin(2 * np.pi * 440 * time)
    if kind != "tone":
        made = np.random.default_rng(4).normal(0, 0.1, len(time))
    if kind == "pulses":
        made *= (1 + np.sin(2 * np.pi * 4 * time)) / 2
    whole, hint = recorded(made.astype("f4"))
    (found,) = judge(whole, hint)
    assert (found.code, found.perceivable) == (NO_SPEECH, False)


# --- Hints that make no sense ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"lines": ("Человек",)},
        {"lines": ()},
        {"lines": ("ЖИ жасаған",) * 200},
        {"statement": Statement.MODIFIED},
        {"medium": "visible"},
        {"style": NoticeStyle.OVERLAY},
        {"spans": ()},
        {"spans": (Span(start=0, end=0.1),)},
        {"spans": (Span(start=-5, end=5),)},
        {"spans": (Span(start=0, end=1e9),)},
        {"spans": (Span(start=float("nan"), end=float("nan")),)},
        {"spans": (Span(start=0, end=10),) * 5},
        {"spans": tuple(Span(start=i * 2.0, end=i * 2 + 2.0) for i in range(2001))},
        {"duration": 0.0},
        {"duration": float("nan")},
        {"duration": float("inf")},
    ],
)
def test_a_hint_of_nobodys_making_is_not_judged(change):
    whole, hint = prepended()
    wrong = msgspec.structs.replace(hint, **change)
    (found,) = judge(whole, wrong)
    assert (found.code, found.perceivable) == (UNDETERMINED, None)
    good, bad = judge(whole, hint, wrong)
    assert (good.code, bad.code) == (PERCEIVABLE, UNDETERMINED)


def test_many_stretches_are_not_many_times_the_work():
    whole, hint = prepended()
    spans = tuple(Span(start=i * 10.0, end=i * 10.0 + 9) for i in range(2000))
    (found,) = judge(whole, msgspec.structs.replace(hint, spans=spans, duration=20000.0))
    assert (found.code, found.measures["declared"]) == (NOT_HEARD, 2000)


def test_without_hint_or_search_nothing_is_read():
    assert audible.judge(iter(()), (), search=False) == ()


# --- Odd sound ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0, "f4"),
        np.zeros(1, "f4"),
        np.full(300, 0.5, "f4"),
        np.zeros(RATE * 5, "f4"),
        np.ones(RATE * 5, "f4"),
        np.full(RATE * 5, np.nan, "f4"),
        np.full(RATE * 5, np.inf, "f4"),
        np.full(RATE * 5, 1e-38, "f4"),
        np.full(RATE * 5, 3e38, "f4"),
        np.tile([1, -1], RATE).astype("f4"),
    ],
    ids=[
        "none",
        "one",
        "less than a frame",
        "silence",
        "dc",
        "nan",
        "inf",
        "tiny",
        "huge",
        "nyquist",
    ],
)
def test_odd_sound_has_no_notice(samples):
    _, hint = prepended()
    assert judge(samples) == ()
    assert code(samples, hint) == NOT_HEARD


def test_damage_beside_a_notice():
    whole, hint = prepended()
    middle = len(whole) // 2
    whole = whole.copy()
    whole[middle : middle + 2000] = np.nan
    whole[middle + 2000 : middle + 4000] = np.inf
    assert code(whole + np.float32(0.2), hint) == PERCEIVABLE


def test_the_work_is_bounded(monkeypatch):
    monkeypatch.setattr(_hearing, "MAX_HOURS", 1 / 3600)
    with pytest.raises(LimitError, match="the limit is"):
        judge(music(4))


def test_memory_does_not_grow_with_the_programme():
    ear, frames = _hearing._Ear(), np.zeros((2000, 35), np.float32)
    for _ in range(20):
        ear.feed(frames)
        assert len(ear._bands) < _hearing.REACH + 2 * _hearing.ROUND_FRAMES + len(frames)


@pytest.mark.slow
def test_nothing_but_earcons_is_bounded():
    whole = np.tile(np.concatenate([earcon(RATE), np.zeros(800, "f4")]), 40)
    (found,) = judge(whole)
    assert found.code == SHORT
    assert found.measures["found"] <= 41
