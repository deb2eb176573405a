"""The audible notice: what is heard, when, and how loud (law No. 230-VIII, Art. 21(2)).

A notice is a pause, the earcon, and the words in each language. It is given before the programme
and after it, and in between where that is asked for; or over the programme, which is turned down.
It is never quieter than the programme (EBU R 128). Encoders ask `spoken` for it, `plan` for the
cues, `levelled` for the samples and `ducking` for the programme's gain; judges ask `judge`.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from hashlib import file_digest
from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, RefusedError
from kzlabel.model import Notice, NoticeReport, NoticeStyle, Placement, Span
from kzlabel.notices._clips import CLIP_LOUDNESS, LONG, SHORT, Clip, clips
from kzlabel.notices._earcon import earcon
from kzlabel.notices._loudness import brought_to, loudness

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel.notices._types import Samples

SAMPLE_RATE = 48000
"""Of the samples that are made, in Hz."""
LEAD = 0.2
"""Seconds of silence before the earcon, so that it stands apart from what ends there."""
GAP = 0.35
"""Seconds between the earcon and the words."""
SHARE = 0.1
"""Share of the programme that one notice may take in its long form; a longer one is shortened."""
MAX_SPANS = 2000
"""Notices in one file: one a minute for a day and more."""
MIN_APART = 1.0
"""Seconds of programme between two notices, at least."""
MAX_RECORDING = 120.0
"""Seconds of the caller's own recording."""
MAX_RECORDING_BYTES = 1 << 28
"""Its bytes: two minutes of anything that is sold."""


@dataclass(frozen=True, eq=False)
class Spoken:
    """What is heard: mono, at `SAMPLE_RATE`, with the loudness of the clips."""

    samples: Samples
    lines: tuple[str, ...]
    """The words; of a recording, those that it stands for."""
    recording: str = ""
    """SHA-256 of the caller's own recording."""

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return len(self.samples) / SAMPLE_RATE


@dataclass(frozen=True)
class Cue:
    """One time that the notice is heard."""

    at: float
    """Second of the programme, as it was, where the notice begins."""
    span: Span
    """When it is heard in what comes out."""


# --- What is heard --------------------------------------------------------------------------------


def spoken(notice: Notice, seconds: float) -> Spoken:
    """Return the notice for a programme of so many seconds: long words if they are brief by it.

    Raises `UsageError` for a language without words; for a recording that cannot serve,
    `RefusedError`, `LimitError`, `UnreadableAssetError` or `OSError`.
    """
    said = clips(notice.statement, notice.languages, LONG)
    if notice.recording is not None:
        path = Path(notice.recording)
        return Spoken(_joined([_recorded(path)]), tuple(c.text for c in said), _digest(path))
    whole = _said(said)
    if whole.seconds <= SHARE * seconds:
        return whole
    return _said(clips(notice.statement, notice.languages, SHORT))


def _said(said: tuple[Clip, ...]) -> Spoken:
    samples = _joined([clip.samples(SAMPLE_RATE) for clip in said])
    return Spoken(samples, tuple(clip.text for clip in said))


def _joined(parts: list[Samples]) -> Samples:
    import numpy as np

    call = earcon(SAMPLE_RATE)
    call = call * 10 ** ((CLIP_LOUDNESS - loudness(call, SAMPLE_RATE)) / 20)
    silence = np.zeros(round(GAP * SAMPLE_RATE), np.float32)
    lead = np.zeros(round(LEAD * SAMPLE_RATE), np.float32)
    return np.concatenate([lead, call, silence, *parts]).astype(np.float32)


def _recorded(path: Path) -> Samples:
    """Return the caller's recording at the loudness of the clips."""
    from kzlabel._av.sound import read_mono

    if path.stat().st_size > MAX_RECORDING_BYTES:
        raise LimitError("kz.error.recording-long", path=path, limit=f"{MAX_RECORDING:g}")
    samples = read_mono(path, SAMPLE_RATE)
    if len(samples) > MAX_RECORDING * SAMPLE_RATE:
        raise LimitError("kz.error.recording-long", path=path, limit=f"{MAX_RECORDING:g}")
    level = loudness(samples, SAMPLE_RATE)
    if level < QUIETEST_RECORDING:
        raise RefusedError("kz.error.recording-silent", path=path, detail=f"{level:.0f}")
    _check_spoken(path, samples)
    return brought_to(samples, SAMPLE_RATE, CLIP_LOUDNESS)


def _check_spoken(path: Path, samples: Samples) -> None:
    """Raise `RefusedError` where a recording would not be taken for a spoken notice."""
    from kzlabel._av.sound import resampled
    from kzlabel.notices._speech import is_speech

    seconds = len(samples) / SAMPLE_RATE
    if seconds < SHORTEST_RECORDING:
        raise RefusedError(
            "kz.error.recording-short", path=path, seconds=f"{seconds:.1f}",
            least=f"{SHORTEST_RECORDING:.1f}",
        )  # fmt: skip
    if not is_speech(resampled(samples, SAMPLE_RATE, RATE)):
        raise RefusedError("kz.error.recording-no-speech", path=path)


SHORTEST_RECORDING = 2.0
"""Seconds that the briefest words take in two languages; of less, nothing can be judged."""
QUIETEST_RECORDING = -50.0
"""LUFS under which a recording is silence, or noise once it is turned up."""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


# --- When -----------------------------------------------------------------------------------------


def plan(
    notice: Notice, seconds: float, spoken_seconds: float, path: Path | None = None
) -> tuple[Cue, ...]:
    """Return the cues in order, for the programme at `path` and a notice of so many seconds.

    Raises `RefusedError` where the notice does not fit in (`mix`), or is to be given too often.
    """
    try:
        starts = _starts(notice, seconds, spoken_seconds)
    except RefusedError as exc:
        raise RefusedError(exc.code, path=path or "", **exc.values) from exc
    if notice.style is NoticeStyle.MIX:
        return tuple(Cue(at, Span(start=at, end=at + spoken_seconds)) for at in starts)
    begins = [at + index * spoken_seconds for index, at in enumerate(starts)]
    spans = [Span(start=begin, end=begin + spoken_seconds) for begin in begins]
    return tuple(Cue(at, span) for at, span in zip(starts, spans, strict=True))


def _starts(notice: Notice, seconds: float, spoken_seconds: float) -> list[float]:
    """Return where the notice begins: at the start, every so often, and at the end."""
    mixed = notice.style is NoticeStyle.MIX
    if mixed and seconds < spoken_seconds:
        raise RefusedError(
            "kz.error.notice-no-room", seconds=floor(seconds), needed=ceil(spoken_seconds)
        )
    taken = MIN_APART + (spoken_seconds if mixed else 0.0)
    last = seconds - spoken_seconds if mixed else seconds
    between = _between(notice, last - taken, taken)
    # A short programme under its only notice has heard it; before and after, it is always given.
    at_end = [last] if not mixed or last >= taken else []
    return [0.0, *between, *at_end]


def _between(notice: Notice, last: float, taken: float) -> list[float]:
    every = notice.every
    if every is None:
        return []
    if not taken <= every or last / every > MAX_SPANS - 2:
        least = ceil(max(taken, last / (MAX_SPANS - 2)))
        raise RefusedError("kz.error.notice-too-often", every=f"{every:.0f}", least=least)
    return [every * index for index in range(1, int(max(last, 0.0) / every) + 1)]


# --- How loud -------------------------------------------------------------------------------------

MARGIN = 1.0
"""LU by which a notice is louder than its programme: what measuring and encoding may take off."""
SOFTEST = -30.0
"""LUFS of a notice in a very quiet programme."""
LOUDEST = -7.0
"""LUFS up to which speech is turned up: the limiter brings it no further (measured)."""
UNHEARD = -60.0
"""LUFS under which a programme is silence, and says nothing about how loud it is played."""
USUAL = -23.0
"""LUFS of a notice in silence: the target of EBU R 128."""
DUCKING = -15.0
"""Decibels by which the programme is turned down under a notice."""
RAMP = 0.25
"""Seconds in which it is turned down, inside the notice's span, and up again."""


def level(programme: float) -> float:
    """Return the loudness (LUFS) of the notice in a programme of that integrated loudness."""
    if not programme > UNHEARD:
        return USUAL
    return min(max(programme + MARGIN, SOFTEST), LOUDEST)


def levelled(heard: Spoken, programme: float) -> Samples:
    """Return the notice's samples (mono, `SAMPLE_RATE`, peak <= 0.89) for a programme in LUFS.

    Peaks are limited softly, never clipped. The loudness holds for one channel: laid into several,
    each has to be turned down by as much as they are louder together (two: 3 dB).
    """
    return brought_to(heard.samples, SAMPLE_RATE, level(programme))


def ducking(cues: Sequence[Cue], start: int, count: int, rate: int) -> Samples:
    """Return the programme's gain under `cues` for `count` samples from sample `start` at `rate`.

    `cues` are those of `mix`, in order, and do not overlap; what lies outside them keeps 1.
    """
    import numpy as np

    gain = np.ones(count, np.float32)
    first = bisect_left(cues, start / rate, key=lambda cue: cue.span.end)
    for cue in cues[first:]:
        begin, end = round(cue.span.start * rate), round(cue.span.end * rate)
        if begin >= start + count:
            break
        inside = slice(max(begin - start, 0), min(max(end - start, 0), count))
        at = np.arange(start, start + count)[inside]
        depth = np.clip(np.minimum(at - begin, end - at) / (RAMP * rate), 0.0, 1.0)
        gain[inside] = 10 ** (DUCKING / 20 * depth)
    return gain


# --- Heard again ----------------------------------------------------------------------------------

RATE = 8000
"""Samples a second that `judge` listens to: all that a telephone carries."""


def judge(
    blocks: Iterator[Samples], hints: Sequence[Placement], *, search: bool
) -> tuple[NoticeReport, ...]:
    """Judge the audible notices in a programme: blocks of samples at `RATE`.

    A block is [n], or [n, channels], whose powers are added (`kzlabel._av.sound.powered`).

    One report for each hint, in order; without hints, and with `search`, one for each text of ours
    that is heard. Streams: memory does not grow with the programme, but for 12.5 figures a second.
    Raises `LimitError` for a programme of more than 48 hours, and what `blocks` raises.
    """
    from kzlabel.notices._heard import judge as heard

    return heard(blocks, hints, search=search)
