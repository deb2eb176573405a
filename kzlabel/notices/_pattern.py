"""Patterns that are listened for: the earcon and the words, and how like a programme is to them.

Likeness is the correlation of two spectrograms after each has lost the mean of every frame (what
is loud in all bands) and of every band (what sounds on): between -1 and 1, whatever the level.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  this module is only imported when something is listened to

from kzlabel.notices._clips import CLIP_LOUDNESS, Clip
from kzlabel.notices._earcon import earcon
from kzlabel.notices._loudness import brought_to, loudness
from kzlabel.notices._spectrum import COMPRESSION, FRAMES_A_SECOND, RATE, spectrum

if TYPE_CHECKING:
    from kzlabel.notices._types import Floats, Samples

TEMPOS = tuple(1 + 0.015 * step for step in range(-4, 5))
"""0.94 to 1.06: what players and editors do unheard."""
BEFORE, AFTER = 0.025, 0.0875
"""Seconds of silence around the earcon that belong to its pattern."""
STRONG = 0.6
"""Compressed power by the greatest from which a cell (frame, band) is sound, 11 dB under it."""
TINY = 1e-6


@dataclass(frozen=True, eq=False)
class Pattern:
    """A stretch of a spectrogram, at the loudness of the clips."""

    begin: float
    """Frames from where the recording begins to where this stretch does."""
    bands: Samples

    @property
    def frames(self) -> int:
        """How long it is."""
        return len(self.bands)

    @cached_property
    def shape(self) -> Samples:
        """The stretch without the means of its frames and bands, its squares adding to 1."""
        level = self.bands - self.bands.mean(axis=1, keepdims=True)
        level = level - level.mean(axis=0)
        return np.asarray(level / np.sqrt(np.sum(level**2) + TINY), np.float32)

    def gain(self, heard: Samples) -> Samples:
        """Return the power of each strong cell as `heard`, by that in the pattern."""
        strong = self.bands > STRONG * self.bands.max()
        ratio = heard[: self.frames][strong] / self.bands[strong]
        return np.asarray(ratio ** (1 / COMPRESSION), np.float32)


def likeness(heard: Samples, patterns: tuple[Pattern, ...]) -> Samples:
    """Return the correlations `[start, pattern]`; all patterns must be as long as the first."""
    frames = patterns[0].frames
    count = max(0, len(heard) - frames + 1)
    level = heard - heard.mean(axis=1, keepdims=True)
    shapes = np.stack([pattern.shape for pattern in patterns], axis=2)
    product = np.zeros((count, len(patterns)), np.float32)
    if count < frames:  # a few places: each at once
        for place in range(count):
            product[place] = np.tensordot(level[place : place + frames], shapes, 2)
    else:
        for frame in range(frames):
            product += level[frame : frame + count] @ shapes[frame]
    return np.asarray(product / np.sqrt(_variation(level, frames))[:, None], np.float32)


def _variation(level: Samples, frames: int) -> Floats:
    """Return the sum of squares of each stretch after its bands have lost their means."""
    ahead = np.zeros((1, level.shape[1]))
    sums = np.concatenate([ahead, np.cumsum(level, axis=0, dtype=np.float64)])
    squares = np.concatenate([[0.0], np.cumsum(np.sum(level**2, axis=1), dtype=np.float64)])
    total = squares[frames:] - squares[:-frames]
    means = np.sum((sums[frames:] - sums[:-frames]) ** 2, axis=1) / frames
    return np.asarray(np.maximum(total - means, TINY * total + 1e-12))


@cache
def calls() -> tuple[Pattern, ...]:
    """Return the earcon at each tempo, all of one length."""
    made = [earcon(RATE, tempo) for tempo in TEMPOS]
    longest = max(map(len, made)) + round((BEFORE + AFTER) * RATE)
    return tuple(Pattern(0.0, spectrum(_among_silence(call, longest))) for call in made)


def _among_silence(call: Samples, length: int) -> Samples:
    level = 10 ** ((CLIP_LOUDNESS - loudness(call, RATE)) / 20)
    ahead = round(BEFORE * RATE)
    return np.pad(call * np.float32(level), (ahead, length - ahead - len(call)))


# --- Words ----------------------------------------------------------------------------------------

SOUNDING = 0.2
"""Compressed power of a frame by the greatest over which something is said, 35 dB under it."""
BREATH = round(0.25 * FRAMES_A_SECOND)
"""Frames of silence that part words."""
ROUND = round(0.08 * FRAMES_A_SECOND)
"""Frames of silence around words that belong to a piece of them."""
PIECE = 1.6
"""Seconds of a piece, about."""
LEAST = round(1.0 * FRAMES_A_SECOND)
"""Frames of the shortest piece, the silence around it included: a single vowel is like many."""


@cache
def pieces(clip: Clip, tempo: float) -> tuple[Pattern, ...]:
    """Return the words of a clip in pieces of one or two seconds, at `tempo`."""
    whole = spectrum(brought_to(clip.samples(RATE), RATE, CLIP_LOUDNESS))
    return tuple(
        Pattern(first / tempo, _faster(whole[first:last], tempo)) for first, last in _cuts(whole)
    )


def _faster(bands: Samples, tempo: float) -> Samples:
    at = np.arange(max(2, round(len(bands) / tempo))) * tempo
    low = np.minimum(at.astype(int), len(bands) - 1)
    high = np.minimum(low + 1, len(bands) - 1)
    part = (at - low)[:, None]
    return np.asarray(bands[low] * (1 - part) + bands[high] * part, np.float32)


def _cuts(bands: Samples) -> list[tuple[int, int]]:
    strength = bands.max(axis=1)
    said = np.flatnonzero(strength > SOUNDING * strength.max())
    breaks = np.flatnonzero(np.diff(said) > BREATH)
    firsts = np.concatenate([said[:1], said[breaks + 1]])
    lasts = np.concatenate([said[breaks], said[-1:]])
    cuts = []
    for first, last in zip(firsts - ROUND, lasts + ROUND + 1, strict=True):
        more = max(0, LEAST - int(last - first) + 1) // 2
        begin, end = max(int(first) - more, 0), min(int(last) + more, len(bands))
        count = max(1, round((end - begin) / (PIECE * FRAMES_A_SECOND)))
        edges = [begin + (end - begin) * index // count for index in range(count + 1)]
        cuts += list(pairwise(edges))
    return cuts


@cache
def frames_of(clip: Clip) -> float:
    """Return how many frames a clip takes, its pause included."""
    return len(clip.samples(RATE)) / RATE * FRAMES_A_SECOND
