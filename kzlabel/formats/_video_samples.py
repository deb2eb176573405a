"""Which frames of a film are looked at: nobody who made the film can know them beforehand.

The time is cut into strata of equal length, and one time is drawn in each, from the SHA-256 of the
whole file: who wants other times has to label the film again, and cannot choose them. The first and
the last frame are always among them. Within the spans in which a label says that the notice is
shown, times are drawn likewise. Time is that of the frames: what the container says of its duration
may be a lie, and one frame that is shown for an hour is not a film.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kzlabel._av.video import Scan, VideoFacts
    from kzlabel.model import Span

SAMPLES = 24
"""Frames drawn over the whole duration, the first and the last among them."""
SPAN_SAMPLES = 3
"""Frames drawn within each declared span."""
MAX_SPAN_SAMPLES = 24
"""Of all spans together; where there are more, some are left out, by lot."""
EDGE = 0.3
"""Seconds from the edges of a span in which no frame is drawn: clocks differ a little."""
MAX_FRAME_SECONDS = 10.0
"""A frame that is shown for longer counts no more than that."""
WHOLE_SECONDS = 3.0
"""What decoding a film may take for all its frames to be looked at."""
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Lots:
    """Numbers from 0 to 1 that follow from a seed, and look like chance."""

    seed: bytes

    def drawn(self, kind: str) -> Iterator[float]:
        """Yield numbers of one kind."""
        for number in count():
            digest = hashlib.sha256(f"{kind} {number} ".encode() + self.seed).digest()
            yield int.from_bytes(digest[:6], "big") / (1 << 48)


def lots_of(path: Path) -> Lots:
    """Return the lots of a file: of all its bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return Lots(digest.digest())


def frames_drawn(facts: VideoFacts, scan: Scan, spans: Sequence[Span], lots: Lots) -> Counter[int]:
    """Return the frames to be looked at, and how often each was drawn."""
    import numpy as np

    times = np.asarray(scan.times)
    shown = np.diff(times, append=times[-1] + scan.last_duration) * float(facts.time_base)
    clock = np.cumsum(np.clip(shown, 1e-6, MAX_FRAME_SECONDS))
    drawn = np.searchsorted(clock, strata(0.0, float(clock[-1]), SAMPLES - 2, lots))
    within = [number_at(facts, scan, time) for time in span_times(spans, lots)]
    last = len(times) - 1
    return Counter([0, last, *(min(int(number), last) for number in drawn), *within])


def strata(start: float, end: float, pieces: int, lots: Lots) -> list[float]:
    """Return one time out of each of so many equal pieces."""
    step = max(0.0, end - start) / pieces
    draw = lots.drawn(f"{start:.3f}")
    return [start + step * (piece + next(draw)) for piece in range(pieces)]


def span_times(spans: Sequence[Span], lots: Lots) -> list[float]:
    """Return times within declared spans, in seconds."""
    most = min(len(spans), MAX_SPAN_SAMPLES // SPAN_SAMPLES)
    step, draw = len(spans) / max(1, most), lots.drawn("spans")
    picked = [spans[int(step * (piece + next(draw)))] for piece in range(most)]
    return [
        time
        for span in picked
        for time in strata(span.start + EDGE, span.end - EDGE, SPAN_SAMPLES, lots)
    ]


def number_at(facts: VideoFacts, scan: Scan, seconds: float) -> int:
    """Return the frame that is shown at a time."""
    at = (seconds + facts.start) / float(facts.time_base)
    if not at >= scan.times[0]:  # nor any that is no number
        return 0
    return bisect_right(scan.times, at) - 1
