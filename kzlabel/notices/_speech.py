"""Whether a recording sounds like speech: syllables, each with another spectrum than the last.

What words are said cannot be told. A voice swells and fades several times a second while its
spectrum changes; a tone, a noise and a hum do neither, a pulsing one only the first. Music often
does both, and passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  this module is only imported when something is listened to

from kzlabel.notices._spectrum import BANDS, FRAMES_A_SECOND, Spectrum

if TYPE_CHECKING:
    from kzlabel.notices._types import Samples

GROUPS = 7
"""Wide bands, in which the chance of noise averages out."""
LATER = round(0.128 * FRAMES_A_SECOND)
"""Frames from one look at the spectrum to the next: a sound of speech takes as long."""
BLOCK_FRAMES = round(0.4 * FRAMES_A_SECOND)
"""Frames of one figure: a syllable or two."""
LEAST_SWELL = 0.07
"""Deviation of the level (of power to 0.2) inside blocks by its mean: of the clips 0.146 and more
(0.091 in noise 20 dB under them), of 240 recordings of speech in three languages 0.29, of white
and pink noise 0.040 and less."""
LEAST_CHANGE = 0.055
"""Share of the spectrum that moves: of the same clips 0.080 and more (in noise 0.067), of the same
speech 0.087, of noise, pulsing or not, 0.041 and less, of a pulsing tone 0.024."""
FIGURES = 4


class Liveliness:
    """Turns frames of bands into four sums for each block of 0.4 seconds."""

    def __init__(self) -> None:
        self._rest = np.zeros((0, BANDS), np.float32)

    def feed(self, bands: Samples) -> Samples:
        """Return `[blocks, FIGURES]` of the blocks that are complete."""
        held = np.concatenate([self._rest, bands])
        count = max(0, len(held) - LATER) // BLOCK_FRAMES
        self._rest = held[count * BLOCK_FRAMES :]
        wide = held[: count * BLOCK_FRAMES + LATER].reshape(-1, GROUPS, BANDS // GROUPS).sum(axis=2)
        level = wide.sum(axis=1)
        shape = wide / np.maximum(level, 1e-9)[:, np.newaxis]
        change = np.abs(shape[LATER:] - shape[:-LATER]).sum(axis=1) / 2
        weight = np.minimum(level[LATER:], level[:-LATER]) ** 2  # pauses have no spectrum
        level = level[: count * BLOCK_FRAMES].reshape(count, BLOCK_FRAMES)
        sums = [level.mean(axis=1), level.std(axis=1)]
        sums += [
            part.reshape(count, BLOCK_FRAMES).sum(axis=1) for part in (change * weight, weight)
        ]
        return np.stack(sums, axis=1).astype(np.float32)


def is_lively(figures: Samples) -> bool:
    """Whether blocks together sound like speech."""
    if not len(figures):
        return False
    level, swell, change, weight = map(float, figures.sum(axis=0, dtype=np.float64))
    return level > 0 < weight and swell >= LEAST_SWELL * level and change >= LEAST_CHANGE * weight


def is_speech(samples: Samples) -> bool:
    """Whether a recording at `_spectrum.RATE` sounds like speech."""
    return is_lively(Liveliness().feed(Spectrum().feed(samples)[0]))
