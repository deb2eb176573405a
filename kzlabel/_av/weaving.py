"""Weaving a spoken notice into a programme, block by block: inserted at cues, or laid over it.

Samples are rows [samples, channels] of the programme's own type (uint8, int16, int32, float32 or
float64); rows outside the notice are handed on untouched, so that lossless codecs lose nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  this is the border; its users import it inside functions

if TYPE_CHECKING:
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]
    Rows = npt.NDArray[np.generic]

CEILING = 0.97
"""Peak of what is mixed; above `KNEE` it is bent towards it."""
KNEE = 0.8


@dataclass(frozen=True, eq=False)
class Voice:
    """A notice as one audio track carries it."""

    samples: Samples
    """[n, channels], -1 to 1, at the track's own rate."""
    starts: tuple[int, ...]
    """Samples of the programme, as it was, before which (or over which) it begins; in order."""
    under: Samples | None = None
    """The programme's gain under the notice, [n]; None: the notice is inserted."""

    def shifted(self, samples: int) -> Voice:
        """Return the voice for a track that begins so many samples later than its starts count."""
        return Voice(self.samples, tuple(at - samples for at in self.starts), self.under)


def in_type(samples: npt.NDArray[np.floating], kind: np.dtype[np.generic], bits: int) -> Rows:
    """Return samples between -1 and 1 as `kind`; integers hold their `bits` upper bits."""
    if kind.kind == "f":
        return samples.astype(kind)
    width = kind.itemsize * 8
    step = 2 ** (width - bits)
    top = 2 ** (bits - 1)
    whole = np.clip(np.rint(samples.astype(np.float64) * top), -top, top - 1).astype(np.int64)
    rows: Rows = (whole * step + (2 ** (width - 1) if kind.kind == "u" else 0)).astype(kind)
    return rows


def as_floats(rows: Rows) -> npt.NDArray[np.float64]:
    """Return rows of any type between -1 and 1."""
    kind = rows.dtype
    if kind.kind == "f":
        return rows.astype(np.float64)
    half = 2.0 ** (kind.itemsize * 8 - 1)
    return (rows.astype(np.float64) - (half if kind.kind == "u" else 0.0)) / half


def soft(samples: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bend what is over the knee, so that nothing is over the ceiling."""
    loud = np.abs(samples)
    room = CEILING - KNEE
    bent = KNEE + room * np.tanh((loud - KNEE) / room)
    return np.where(loud > KNEE, np.copysign(bent, samples), samples)


def woven(blocks: Iterator[Rows], voice: Voice, bits: int = 0) -> Iterator[Rows]:
    """Yield the programme's blocks with the notice in them.

    `bits` are those an integer sample really has (24 of 32), by default all. A start beyond the end
    of what is inserted is moved to the end; what is laid over the end is cut.
    """
    return (
        _mixed(blocks, voice, bits) if voice.under is not None else _inserted(blocks, voice, bits)
    )


def _inserted(blocks: Iterator[Rows], voice: Voice, bits: int) -> Iterator[Rows]:
    waiting = list(voice.starts)
    said: Rows | None = None
    at = 0
    for block in blocks:
        if said is None:
            said = in_type(voice.samples, block.dtype, bits or block.dtype.itemsize * 8)
        begin = 0
        while waiting and waiting[0] < at + len(block):
            cut = max(waiting.pop(0) - at, begin)
            yield block[begin:cut]
            yield said
            begin = cut
        yield block[begin:]
        at += len(block)
    if said is not None:
        yield from (said for _ in waiting)


def _mixed(blocks: Iterator[Rows], voice: Voice, bits: int) -> Iterator[Rows]:
    waiting = list(voice.starts)
    length = len(voice.samples)
    at = 0
    for block in blocks:
        while waiting and waiting[0] + length <= at:
            waiting.pop(0)
        for start in waiting:
            if start >= at + len(block):
                break
            block = _over(block, voice, start - at, bits)  # noqa: PLW2901  a new block
        yield block
        at += len(block)


def _over(block: Rows, voice: Voice, start: int, bits: int) -> Rows:
    """Return a block with the notice over it, which begins `start` samples into it (or before)."""
    begin, end = max(start, 0), min(start + len(voice.samples), len(block))
    part = slice(begin - start, end - start)
    under = np.ones(1) if voice.under is None else voice.under[part, np.newaxis]
    both = soft(as_floats(block[begin:end]) * under + voice.samples[part])
    changed = block.copy()
    changed[begin:end] = in_type(both, block.dtype, bits or block.dtype.itemsize * 8)
    return changed
