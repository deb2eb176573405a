"""What is heard of a programme: its power in bands and in all, frame by frame.

A frame is 32 ms of sound at 8 kHz, one every 16 ms. Its power between 281 and 3562 Hz in 35 bands
is compressed (power to 0.2), so that likeness does not depend on the level, and quiet parts count.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  this module is only imported when something is listened to

from kzlabel.notices._loudness import k_weighting

if TYPE_CHECKING:
    from kzlabel.notices._types import Samples

RATE = 8000
"""Of the samples that are listened to, in Hz: all that a telephone carries."""
FRAME = 256
HOP = 128
FRAMES_A_SECOND = RATE / HOP
FIRST_BIN, BANDS, BINS = 9, 35, 3
COMPRESSION = 0.2
MAX_SAMPLE = 8.0
"""Decoders of floating point overshoot a little; what is beyond this is damage."""


class Spectrum:
    """Turns blocks of samples into frames; holds what is left of a frame between them."""

    def __init__(self) -> None:
        self._rest: Samples | None = None

    def feed(self, block: Samples) -> tuple[Samples, Samples]:
        """Return the frames that `block` completes: bands `[frames, BANDS]`, and mean squares.

        `block` is `[n]`, or `[n, channels]`, whose powers are added: what is out of phase does not
        cancel in the air. The mean squares are K-weighted. NaN and infinity are silence.
        """
        apart = block[:, np.newaxis] if block.ndim == 1 else block
        sound = np.nan_to_num(apart, nan=0.0, posinf=0.0, neginf=0.0)
        sound = np.clip(sound, -MAX_SAMPLE, MAX_SAMPLE).astype(np.float32)
        if self._rest is None:
            self._rest = np.zeros((0, sound.shape[1]), np.float32)
        sound = np.concatenate([self._rest, sound])
        count = max(0, (len(sound) - FRAME) // HOP + 1)
        self._rest = sound[count * HOP :]
        if not count:
            return np.zeros((0, BANDS), np.float32), np.zeros(0, np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME, axis=0)[::HOP]
        power = (np.abs(np.fft.rfft(frames * _window(), axis=2)) ** 2).sum(axis=1)
        cut = power[:, FIRST_BIN : FIRST_BIN + BANDS * BINS]
        bands = cut.reshape(count, BANDS, BINS).sum(axis=2) ** COMPRESSION
        return bands.astype(np.float32), (power @ _weights()).astype(np.float32)


def spectrum(samples: Samples) -> Samples:
    """Return the bands of a whole recording, silence after it to complete its last frame."""
    padded = np.pad(samples, (0, FRAME))
    return Spectrum().feed(padded)[0]


@cache
def _window() -> Samples:
    return np.hanning(FRAME + 1)[:-1].astype(np.float32)


@cache
def _weights() -> Samples:
    """Return what each bin of power adds to the K-weighted mean square (Parseval)."""
    both_sides = np.full(FRAME // 2 + 1, 2.0)
    both_sides[[0, -1]] = 1.0
    weights = both_sides * k_weighting(np.fft.rfftfreq(FRAME, 1 / RATE))
    return (weights / (FRAME * np.sum(_window() ** 2))).astype(np.float32)
