"""Loudness in LUFS, and what it takes to reach one: ITU-R BS.1770-5, EBU R 128, in numpy alone.

The K-weighting is applied as a gain over frequency, as no recursive filter is at hand: the mean
square is the same. Blocks of 0.4 s, every 0.1 s, gated at -70 LUFS and at 10 LU under their mean.
https://www.itu.int/rec/R-REC-BS.1770
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kzlabel.notices._types import Floats, Samples

SILENCE = -70.0
"""LUFS at which nothing is heard: the absolute gate."""
OFFSET = -0.691
"""What BS.1770 adds, so that a sine of 997 Hz at full scale has -3.01 LUFS."""
RELATIVE_GATE = 10.0
BLOCK = 0.4
STEP = 0.1
_DESIGN_RATE = 48000
_SHELF = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
_HIGH_PASS = (1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)  # fmt: skip


def k_weighting(frequencies: Floats) -> Floats:
    """Return the gain of power at each frequency (Hz)."""
    import numpy as np

    delay = np.exp(-2j * np.pi * np.minimum(frequencies, _DESIGN_RATE / 2) / _DESIGN_RATE)
    gain = np.ones(len(frequencies))
    for above, below in (_SHELF, _HIGH_PASS):
        gain *= np.abs(np.polyval(above[::-1], delay) / np.polyval(below[::-1], delay)) ** 2
    return gain.astype(np.float32)


def gated(powers: Floats) -> float:
    """Return the integrated loudness of blocks of K-weighted mean squares."""
    import numpy as np

    heard = powers[powers > _power(SILENCE)]
    if not len(heard):
        return SILENCE
    gate = _power(lufs(float(np.mean(heard, dtype=np.float64))) - RELATIVE_GATE)
    return lufs(float(np.mean(heard[heard > gate], dtype=np.float64)))


def loudness(samples: Samples, rate: int) -> float:
    """Return the integrated loudness of mono samples, -70 for silence; holds a few copies."""
    import numpy as np

    if not len(samples):
        return SILENCE
    spectrum = np.fft.rfft(samples)
    gain = np.sqrt(k_weighting(np.fft.rfftfreq(len(samples), 1 / rate)))
    weighted = np.fft.irfft(spectrum * gain, len(samples))
    total = np.concatenate(([0.0], np.cumsum(weighted**2)))
    length = min(round(BLOCK * rate), len(samples))
    starts = np.arange(0, len(samples) - length + 1, max(1, round(STEP * rate)))
    return gated((total[starts + length] - total[starts]) / length)


def lufs(power: float) -> float:
    """Return the loudness of a K-weighted mean square."""
    from math import log10

    return OFFSET + 10 * log10(power) if power > 0 else SILENCE


def _power(level: float) -> float:
    return float(10 ** ((level - OFFSET) / 10))


CEILING = 0.89
"""Peak of what is limited, -1 dB under full scale: lossy encoders overshoot."""
LOOK_AHEAD = 0.002
"""Seconds in which the limiter turns down, and up again: short enough to work on each pulse of a
voice, so that speech comes up to -7 LUFS (with 0.005 s: -8.4)."""


def limited(samples: Samples, rate: int) -> Samples:
    """Turn the samples down around their peaks, so that none is over the ceiling."""
    import numpy as np

    reach = max(1, round(LOOK_AHEAD * rate))
    over = np.maximum(np.abs(samples) / CEILING, 1.0)
    padded = np.pad(1.0 / over, reach, constant_values=1.0)
    lowest = _running_minimum(padded, reach + 1)  # one more on each side than is smoothed over
    window = np.hanning(reach + 2)[1:-1]
    gain = np.convolve(lowest, window / window.sum(), "valid")[: len(samples)]
    return np.clip(samples * gain, -CEILING, CEILING).astype(np.float32)


def _running_minimum(values: Floats, width: int) -> Floats:
    """Return the least of each `width` values in a row, in steps that double."""
    import numpy as np

    done = 1
    while done < width:
        step = min(done, width - done)
        values = np.minimum(values[:-step], values[step:])
        done += step
    return values


ACCURACY = 0.1
"""LU within which a loudness is reached, where limiting allows it."""
ROUNDS = 8


def brought_to(samples: Samples, rate: int, level: float) -> Samples:
    """Return the samples at `level` LUFS, limited, or as near as limiting lets them come."""
    gain = level - loudness(samples, rate)
    for _ in range(ROUNDS):
        louder = limited(samples * 10 ** (gain / 20), rate)
        missing = level - loudness(louder, rate)
        if abs(missing) < ACCURACY:
            break
        gain += missing
    return louder
