"""The audible notice in any container: made ready for a track, placed, and judged.

A room measures its file and gets the notice with `prepared`; it weaves it in by itself (WAV, AIFF:
`laid` gives the samples for each channel) or through `kzlabel._av.encoding`. `kzlabel.notices.
audible` knows what is said and when, and judges it; this file brings it to files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError
from kzlabel.model import Notice, NoticeReport, NoticeStyle, Placement

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from kzlabel._av.encoding import Track
    from kzlabel._av.sound import Facts, Measured
    from kzlabel._av.wrapping import Wrapping
    from kzlabel.notices.audible import Cue, Spoken

    Samples = npt.NDArray[np.float32]

PEAK = 0.95
"""Of a notice that is turned up once more after it was brought to the programme's rate."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A notice ready for a programme: what is heard on its first audio track, and when."""

    facts: Facts
    measured: Measured
    notice: Notice
    spoken: Spoken
    cues: tuple[Cue, ...]
    samples: Samples
    """The notice, mono [n] at `facts.rate`, as each of its channels carries it (see `laid`)."""

    @property
    def over(self) -> bool:
        """Whether the notice is heard over the programme, which keeps its duration."""
        return self.notice.style is NoticeStyle.MIX

    @property
    def seconds(self) -> float:
        """How long the programme is with its notice."""
        added = 0 if self.over else len(self.cues) * len(self.samples) / self.facts.rate
        return self.measured.seconds + added

    def moved(self, second: float, *, end: bool = False) -> float:
        """Return where a moment of the programme lies with its notice.

        What begins at a cue begins after the notice; what ends at one ends before it.
        """
        if self.over:
            return second
        early = 0.001  # moments are written in milliseconds
        before = sum(
            cue.at < second - early if end else cue.at <= second + early for cue in self.cues
        )
        return second + before * len(self.samples) / self.facts.rate

    def under(self, rate: int, count: int) -> Samples | None:
        """Return the programme's gain under `count` samples of notice; None: it is inserted."""
        if not self.over:
            return None
        from kzlabel.model import Span
        from kzlabel.notices.audible import Cue, ducking

        once = Cue(0.0, Span(start=0.0, end=count / rate))
        return ducking((once,), 0, count, rate)


def prepared(
    path: Path, demuxer: str, notice: Notice, told: float = 0.0, *, timed: bool = False
) -> Prepared:
    """Measure the first audio track of `path`, and return the notice for it.

    Decodes the whole track once. `told`: the seconds that the file says it holds; where there are
    fewer, it was cut off, and is `UnreadableAssetError`, as where there is no audio or none
    decodes. `timed`: it plays with pictures that are in another file. Raises `RefusedError` where
    the programme is too short for the notice, `LimitError`, `OSError`.
    """
    from kzlabel._av import sound
    from kzlabel.notices import audible

    facts = sound.facts(path, demuxer)
    timed = notice.style is NoticeStyle.MIX and (timed or facts.video_tracks > 0)
    measured = sound.measured(path, demuxer, timed=timed)
    whole(path, measured.seconds, told)
    spoken = audible.spoken(notice, measured.seconds)
    samples = _brought(spoken, facts, measured)
    cues = audible.plan(notice, measured.seconds, len(samples) / facts.rate, path)
    return Prepared(facts, measured, notice, spoken, cues, samples)


CUT = 0.1
"""Seconds by which a file may hold less than it says: what encoders put around it."""


def whole(path: Path, seconds: float, told: float) -> None:
    """Raise `UnreadableAssetError` where a file of so many seconds says that it holds more."""
    if seconds < told - CUT:
        raise UnreadableAssetError(
            "kz.error.sound-cut", path=path, told=f"{told:.1f}", seconds=f"{seconds:.1f}"
        )


def _brought(spoken: Spoken, facts: Facts, measured: Measured) -> Samples:
    """Return the notice at the rate of a track, as loud as it must be in each channel there."""
    import numpy as np

    from kzlabel._av import sound
    from kzlabel.notices import audible

    together = 10 * log10(voiced(facts.positions, facts.channels))
    wanted = audible.level(measured.loudness) - together
    made = np.asarray(audible.levelled(spoken, wanted - audible.MARGIN), np.float32)
    samples = sound.resampled(made, audible.SAMPLE_RATE, facts.rate)
    missing = wanted - sound.loudness_of(samples, facts.rate)  # a low rate holds less of it
    peak = float(np.abs(samples).max(initial=1e-6))
    gain = min(10 ** (missing / 20), max(PEAK / peak, 1.0)) if missing > 0 else 1.0
    return samples * np.float32(gain)


def voiced(positions: Sequence[str], channels: int) -> int:
    """Return how many channels carry the notice: all but low effects."""
    low = sum(name.startswith("LFE") for name in positions)
    return channels - low if channels > low else channels


def laid(mono: Samples, positions: Sequence[str], channels: int) -> Samples:
    """Return the notice as [n, channels]: on every channel but low effects.

    So it is heard whichever speaker or channel is left, and after any downmix; the front centre
    alone would have to be as loud as all others together. `positions` are the channels' names in
    order (`Facts.positions`), empty where the file does not say them. `Prepared.samples` are
    already turned down by what the channels are louder together.
    """
    import numpy as np

    rows = np.repeat(mono[:, np.newaxis], channels, axis=1)
    if voiced(positions, channels) < channels:
        rows[:, [name.startswith("LFE") for name in positions]] = 0.0
    return rows


def tracks(path: Path, demuxer: str, ready: Prepared) -> tuple[Track, ...]:
    """Return the notice for every audio track of `path`, each at its own loudness and rate."""
    from kzlabel._av import sound

    made = [_track(ready, ready.facts, ready.measured, ready.samples)]
    for number in range(1, ready.facts.audio_tracks):
        facts = sound.facts(path, demuxer, number)
        measured = sound.measured(path, demuxer, number)
        made.append(_track(ready, facts, measured, _brought(ready.spoken, facts, measured)))
    return tuple(made)


def _track(ready: Prepared, facts: Facts, measured: Measured, samples: Samples) -> Track:
    from kzlabel._av.encoding import Track
    from kzlabel._av.weaving import Voice

    voice = Voice(
        laid(samples, facts.positions, facts.channels),
        tuple(round(cue.at * facts.rate) for cue in ready.cues),
        ready.under(facts.rate, len(samples)),
    )
    return Track(facts, voice, measured.bit_rate)


def rewrite(src: Path, dst: Path, notice: Notice, wrapping: Wrapping) -> Placement:
    """Write `src` to the new file `dst` with the notice in every audio track, and say where.

    All other streams are copied. Raises `RefusedError` for a codec that
    cannot be encoded as it was, and whatever `prepared` raises; then there is no `dst`.
    """
    from kzlabel._av.encoding import rewrite_sound

    ready = prepared(src, wrapping.demuxer, notice)
    rewrite_sound(src, dst, wrapping, tracks(src, wrapping.demuxer, ready))
    return placement(notice, ready)


def placement(notice: Notice, ready: Prepared, duration: float | None = None) -> Placement:
    """Return where the notice is heard; `duration` of the output in seconds, by default planned."""
    return Placement(
        statement=notice.statement,
        style=notice.style,
        languages=notice.languages,
        lines=ready.spoken.lines,
        medium="audible",
        spans=tuple(cue.span for cue in ready.cues),
        duration=ready.seconds if duration is None else duration,
        recording=ready.spoken.recording,
    )


def judge(  # noqa: PLR0913  what a room knows of its file
    path: Path, demuxer: str, hints: Sequence[Placement], *, search: bool, told: float = 0.0,
    track: int = 0,
) -> tuple[NoticeReport, ...]:  # fmt: skip
    """Judge audible notices on an audio track, the first: one report for each hint, in order.

    A visible hint is undetermined: nothing is seen here. Raises `UnreadableAssetError` where there
    is no audio or none decodes, or it holds fewer seconds than `told`, which it says itself.
    """
    from kzlabel._av import sound
    from kzlabel.notices import audible

    heard = [hint for hint in hints if hint.medium == "audible"]
    if not heard and not (search and not hints):
        return tuple(_unseen(hint) for hint in hints)
    blocks = _counted(path, sound.powered(path, demuxer, audible.RATE, track), told)
    reports = iter(audible.judge(blocks, heard, search=search))
    if not hints:
        return tuple(reports)
    return tuple(next(reports) if h.medium == "audible" else _unseen(h) for h in hints)


def _counted(path: Path, blocks: Iterator[Samples], told: float) -> Iterator[Samples]:
    from kzlabel.notices.audible import RATE

    count = 0
    for block in blocks:
        count += len(block)
        yield block
    whole(path, count / RATE, told)


def _unseen(hint: Placement) -> NoticeReport:
    return NoticeReport(
        medium=hint.medium,
        text=" ".join(hint.lines),
        languages=hint.languages,
        perceivable=None,
        code="kz.notice.undetermined",
    )
