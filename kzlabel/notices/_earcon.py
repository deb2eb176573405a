"""The earcon: a short figure of chirps that says a notice follows; synthesised, not shipped.

Its rhythm is Morse A I, `.-  ..`, which GB 45438-2025 (5.3) takes for an audible mark. Each tone is
a chirp with its octave, as a moving pair of lines stands out of speech and music:

    unit      0   1   2   3   4   5   6   7   8   9  10
              dot .   dash-------     .   .   dot .  dot     0.13 s each
    Hz      800-1400   1400-700              700-1400  1000-700
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kzlabel.notices._types import Samples

UNIT = 0.13
"""Seconds of a dot."""
EDGE = 0.012
"""Seconds in which a tone swells and fades, so that it does not click."""
TONES = (
    (0, 1, 800.0, 1400.0),
    (2, 5, 1400.0, 700.0),
    (8, 9, 700.0, 1400.0),
    (10, 11, 1000.0, 700.0),
)
"""Begin and end in units, frequency (Hz) of the lower line at each."""
OCTAVE = 0.7
"""Amplitude of the upper line by that of the lower."""
SECONDS = UNIT * TONES[-1][1]


@cache
def earcon(rate: int, tempo: float = 1.0) -> Samples:
    """Return the earcon, its peak at 0.5; faster by `tempo`, its pitch kept."""
    import numpy as np

    unit = UNIT / tempo
    figure = np.zeros(round(SECONDS / tempo * rate), np.float32)
    for begin, end, low, high in TONES:
        first, last = round(begin * unit * rate), round(end * unit * rate)
        figure[first:last] = _chirp(low, high, last - first, rate)
    figure *= 0.5 / np.abs(figure).max()
    figure.flags.writeable = False
    return figure


def _chirp(low: float, high: float, length: int, rate: int) -> Samples:
    import numpy as np

    seconds = np.arange(length) / rate
    # Exponential in frequency, as the ear hears it: the phase is the integral.
    growth = np.log(high / low) / (length / rate)
    phase = 2 * np.pi * low * (np.exp(growth * seconds) - 1) / growth
    edge = np.minimum(1.0, np.minimum(np.arange(length), np.arange(length)[::-1]) / (EDGE * rate))
    swell = np.sin(np.pi / 2 * edge) ** 2
    tone: Samples = ((np.sin(phase) + OCTAVE * np.sin(2 * phase)) * swell).astype(np.float32)
    return tone
