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
    weaver = Weaver(voice, bits)
    for block in blocks:
        yield from weaver.taken(block)
    yield from weaver.rest()


class Weaver:
    """Takes blocks one after the other, and gives them back with the notice in them."""

    def __init__(self, voice: Voice, bits: int = 0) -> None:
        self.at = 0
        """Sample of the programme at which the next block begins."""
        self._voice, self._bits = voice, bits
        self._waiting = list(voice.starts)
        self._said: Rows | None = None

    def taken(self, block: Rows) -> Iterator[Rows]:
        """Yield what a block becomes."""
        if self._voice.under is None:
            yield from self._inserted(block)
        else:
            yield self._mixed(block, self._voice.under)
        self.at += len(block)

    def rest(self) -> Iterator[Rows]:
        """Yield what is inserted at the end; nothing where no block ever came."""
        if self._said is not None and self._voice.under is None:
            yield from (self._said for _ in self._waiting)
            self._waiting = []

    def _typed(self, samples: npt.NDArray[np.floating], like: Rows) -> Rows:
        return in_type(samples, like.dtype, self._bits or like.dtype.itemsize * 8)

    def _inserted(self, block: Rows) -> Iterator[Rows]:
        if self._said is None:
            self._said = self._typed(self._voice.samples, block)
        begin = 0
        while self._waiting and self._waiting[0] < self.at + len(block):
            cut = max(self._waiting.pop(0) - self.at, begin)
            yield block[begin:cut]
            yield self._said
            begin = cut
        yield block[begin:]

    def _mixed(self, block: Rows, under: Samples) -> Rows:
        length = len(self._voice.samples)
        while self._waiting and self._waiting[0] + length <= self.at:
            self._waiting.pop(0)
        for start in self._waiting:
            if start >= self.at + len(block):
                break
            block = self._over(block, under, start - self.at)
        return block

    def _over(self, block: Rows, under: Samples, start: int) -> Rows:
        """Return a block with the notice over it, from `start` samples into it (or before)."""
        begin, end = max(start, 0), min(start + len(self._voice.samples), len(block))
        part = slice(begin - start, end - start)
        programme = as_floats(block[begin:end]) * under[part, np.newaxis]
        changed = block.copy()
        changed[begin:end] = self._typed(soft(programme + self._voice.samples[part]), block)
        return changed
