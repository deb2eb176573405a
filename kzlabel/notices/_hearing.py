"""Listening for notices: the earcon anywhere, and after it the words, whichever they are.

1. The earcon is looked for in the whole programme, at nine tempos; nothing is believed.
2. After each, the words follow: every clip of ours is held against what is heard there, piece by
   piece, and the likest one is taken; then the next.
3. How loud each part is follows from its strong cells, also where a programme sounds under it.

Frames are held only as far as the longest notice reaches; of the rest, 12.5 figures a second.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  this module is only imported when something is listened to

from kzlabel.errors import LimitError
from kzlabel.notices._clips import ALL, CLIP_LOUDNESS, Clip
from kzlabel.notices._earcon import SECONDS
from kzlabel.notices._loudness import SILENCE
from kzlabel.notices._pattern import BEFORE, TEMPOS, Pattern, calls, frames_of, likeness, pieces
from kzlabel.notices._spectrum import BANDS, FRAMES_A_SECOND, RATE, Spectrum
from kzlabel.notices._speech import BLOCK_FRAMES, FIGURES, Liveliness
from kzlabel.notices.audible import GAP, LEAD, MAX_SPANS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzlabel.notices._types import Samples

MIN_CALL = 0.45
"""Likeness from which it is the earcon; unmarked audio has 0.22 at most, an earcon 6 dB under a
programme 0.58. The material is named in benchmarks/notices.py."""
MIN_PIECE = 0.25
"""Likeness from which a piece of the words is heard; what is not it has 0.20 at most in 99 %."""
MIN_WORDS = 0.35
"""The mean over the pieces of a clip from which it is what is said; else it is 0.26 at most."""
MAX_CLIPS = 3
"""Languages in one notice."""
SLACK = round(0.2 * FRAMES_A_SECOND)
"""Frames by which words may be early or late."""
DRIFT = 6
"""The same from one piece to the next: the tempo is known to 0.75 %."""
APART = round(1.2 * FRAMES_A_SECOND)
"""Frames within which there is one earcon, the likest."""
REACH = round(45 * FRAMES_A_SECOND)
"""Frames of the longest notice, at the slowest tempo: three languages take 32 seconds."""
ROUND_FRAMES = round(30 * FRAMES_A_SECOND)
"""Frames that are gone through at once."""
MAX_HOURS = 48
"""Hours of a programme that are listened to."""


@dataclass(frozen=True)
class Said:
    """One clip as it was heard."""

    clip: Clip
    correlation: float
    """Mean over the pieces."""
    weakest: float
    """The least of them: what is cut off has none."""
    loudness: float
    end: float
    """Frames after the beginning, the pause included."""

    @property
    def whole(self) -> bool:
        """Whether nothing of it is missing."""
        return self.weakest >= MIN_PIECE


@dataclass(frozen=True)
class Heard:
    """One notice as it was heard."""

    start: float
    """Seconds; with the pause before the earcon."""
    end: float
    correlation: float
    """Of the earcon."""
    loudness: float
    """LUFS of its quietest part."""
    said: tuple[Said, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The words."""
        return tuple(part.clip.text for part in self.said)

    @property
    def whole(self) -> bool:
        """Whether there are words, and none of them is cut off."""
        return bool(self.said) and all(part.whole for part in self.said)


@dataclass(frozen=True, eq=False)
class Programme:
    """What was heard of a whole programme."""

    heard: tuple[Heard, ...]
    powers: Samples
    """K-weighted mean squares of every 0.4 seconds."""
    lively: Samples
    """Of the same, what tells speech from noise (`_speech.Liveliness`)."""
    seconds: float


class _Ear:
    """What is held of a programme while it is listened to."""

    def __init__(self) -> None:
        self._bands = np.zeros((0, BANDS), np.float32)
        self._first = 0  # the frame of the programme that is the first of those held
        self._next = 0  # up to here earcons were looked for
        self.heard: list[Heard] = []

    def feed(self, bands: Samples, *, last: bool = False) -> None:
        """Take more frames in, and go through those that are known as far as a notice reaches."""
        self._bands = np.concatenate([self._bands, bands])
        while self._held_after(self._next) >= ROUND_FRAMES + REACH:
            self._listen(ROUND_FRAMES)
        if last:
            self._bands = np.pad(self._bands, ((0, calls()[0].frames), (0, 0)))
            while self._held_after(self._next) > 0:
                self._listen(ROUND_FRAMES)

    def _held_after(self, frame: int) -> int:
        return self._first + len(self._bands) - frame

    def _listen(self, count: int) -> None:
        """Look for earcons that begin in the next `count` frames; forget what is before them."""
        begin = max(self._next - APART, self._first)
        until = self._next + count + APART + calls()[0].frames
        scores = likeness(self._bands[begin - self._first : until - self._first], calls())
        for frame in _peaks(scores.max(axis=1)):
            at = begin + frame
            if self._next <= at < self._next + count and len(self.heard) < MAX_SPANS:
                self.heard.append(self._followed(at, scores[frame]))
        self._next += count
        kept = max(self._next - APART, self._first)
        self._bands = self._bands[kept - self._first :]
        self._first = kept

    def _followed(self, at: int, scores: Samples) -> Heard:
        """Return the notice whose earcon is at frame `at`."""
        best = int(scores.argmax())
        tempo = TEMPOS[best]
        call = calls()[best]
        begin = at + BEFORE * FRAMES_A_SECOND
        place = begin + (SECONDS + GAP) * FRAMES_A_SECOND / tempo
        said: list[Said] = []
        while len(said) < MAX_CLIPS and (part := self._said(place, tempo, said)):
            said.append(part)
            place += part.end
        own = call.gain(self._bands[at - self._first :])
        loudness = min([_level(own), *(part.loudness for part in said)])
        start = max(0.0, begin / FRAMES_A_SECOND - LEAD / tempo)
        end = place / FRAMES_A_SECOND
        return Heard(start, end, float(scores[best]), loudness, tuple(said))

    def _said(self, place: float, tempo: float, before: list[Said]) -> Said | None:
        """Return the clip that is heard from frame `place` on; None where there is none."""
        known = {(part.clip.statement, part.clip.language) for part in before}
        fitting = [
            clip
            for clip in ALL
            if all(clip.statement is statement and clip.language != own for statement, own in known)
        ]
        tried = [self._held_against(clip, place, tempo) for clip in fitting]
        best = max(tried, key=lambda part: part.correlation, default=None)
        return best if best and best.correlation >= MIN_WORDS else None

    def _held_against(self, clip: Clip, place: float, tempo: float) -> Said:
        slack, shift = SLACK, 0.0
        found: list[tuple[float, int]] = []
        gains: list[Samples] = []
        for piece in pieces(clip, tempo):
            expected = round(place + shift + piece.begin)
            score, moved, gain = self._piece(piece, expected, slack)
            found.append((score, piece.frames))
            gains.append(gain)
            if score >= MIN_PIECE:
                shift, slack = shift + moved, DRIFT
        total = sum(score * frames for score, frames in found) / sum(f for _, f in found)
        end = frames_of(clip) / tempo + shift
        return Said(clip, total, min(s for s, _ in found), _level(np.concatenate(gains)), end)

    def _piece(self, piece: Pattern, expected: int, slack: int) -> tuple[float, int, Samples]:
        """Return how like `piece` the best place near `expected` is, how far off, and its gain."""
        begin = max(0, expected - slack - self._first)
        part = self._bands[begin : max(0, expected + slack - self._first) + piece.frames]
        if len(part) < piece.frames:
            return 0.0, 0, np.zeros(1, np.float32)
        scores = likeness(part, (piece,))[:, 0]
        best = int(scores.argmax())
        moved = begin + best + self._first - expected
        return float(scores[best]), moved, piece.gain(part[best:])


def _peaks(scores: Samples) -> list[int]:
    """Return where a score is enough, and the greatest around."""
    return [
        int(at)
        for at in np.flatnonzero(scores >= MIN_CALL)
        if scores[max(0, at - APART) : at + APART + 1].argmax() == min(at, APART)
    ]


def _level(gains: Samples) -> float:
    """Return the loudness of a part whose cells have these powers by those of the clip."""
    middle = float(np.median(gains)) if len(gains) else 0.0
    return max(SILENCE, CLIP_LOUDNESS + 10 * log10(middle)) if middle > 0 else SILENCE


def listen(blocks: Iterator[Samples]) -> Programme:
    """Listen to a whole programme at `RATE`; raises `LimitError` for one of more than 48 hours."""
    ear, spectrum, liveliness = _Ear(), Spectrum(), Liveliness()
    powers, lively = array("f"), array("f")
    rest = np.zeros(0, np.float32)
    samples = 0
    for block in blocks:
        samples += len(block)
        if samples > MAX_HOURS * 3600 * RATE:
            raise LimitError("kz.error.audio-too-long", limit=MAX_HOURS)
        bands, squares = spectrum.feed(block)
        ear.feed(bands)
        lively.extend(liveliness.feed(bands).ravel().tolist())
        rest = np.concatenate([rest, squares])
        count = len(rest) // BLOCK_FRAMES
        whole = rest[: count * BLOCK_FRAMES].reshape(count, BLOCK_FRAMES)
        powers.extend(whole.mean(axis=1).tolist())
        rest = rest[count * BLOCK_FRAMES :]
    ear.feed(np.zeros((0, BANDS), np.float32), last=True)
    return Programme(
        tuple(ear.heard),
        np.array(powers, np.float32),
        np.array(lively, np.float32).reshape(-1, FIGURES),
        samples / RATE,
    )
