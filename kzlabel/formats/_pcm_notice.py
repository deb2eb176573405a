"""The audible notice in linear PCM: spliced in or mixed over, without an encoder.

What is not under the notice is copied byte for byte. The notice is laid into blocks while they are
written: however long it and the programme are, no more than a block and its one channel are held.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING, BinaryIO

import numpy as np  # noqa: TID253  loaded only where samples change

from kzlabel.errors import RefusedError
from kzlabel.formats._pcm import decoded, encoded
from kzlabel.formats._pcm_markers import Shift
from kzlabel.formats._pcm_splice import Made, Stretch
from kzlabel.formats._sound import Prepared, laid, placement, prepared
from kzlabel.notices.audible import plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from kzlabel.formats._pcm import Pcm
    from kzlabel.formats._pcm_splice import Piece
    from kzlabel.model import Notice, Placement

BLOCK = 1 << 16
"""Frames that are made at once."""
FULL = 0.98
"""Up to which notice and programme are heard together."""


@dataclass(frozen=True)
class Given:
    """A programme with its notice, to be written."""

    pieces: tuple[Piece, ...]
    shift: Shift
    frames: int
    placement: Placement


def give(  # noqa: PLR0913, PLR0917  a file, what it is, and what is asked
    file: BinaryIO, path: Path, demuxer: str, notice: Notice, pcm: Pcm, samples: Stretch
) -> Given:
    """Return the samples of `path` with the notice at its cues.

    Raises what `kzlabel.formats._sound.prepared` does.
    """
    total = samples.size // pcm.frame
    ready = _for_frames(prepared(path, demuxer, notice), total, pcm, path)
    starts = [_start(ready, cue.at, total) for cue in ready.cues]
    count = len(ready.samples)
    if ready.over:
        pieces = _mixed(file, ready, pcm, samples, starts)
        shift, frames = Shift((), total), total
    else:
        pieces = _inserted(ready, pcm, samples, starts)
        shift = Shift(tuple((start, count) for start in starts), total)
        frames = total + count * len(starts)
    return Given(pieces, shift, frames, placement(notice, ready, frames / pcm.rate))


def _for_frames(ready: Prepared, total: int, pcm: Pcm, path: Path) -> Prepared:
    """Return the notice for the frames that there are, whatever the decoder took for sound.

    Other codecs travel as if they were samples (IEC 61937: AC-3, DTS on CD): they are refused.
    """
    if not ready.facts.codec.startswith("pcm_"):
        raise RefusedError("kz.error.pcm-codec", path=path, detail=ready.facts.codec)
    if (ready.facts.channels, ready.facts.rate) != (pcm.channels, pcm.rate):
        detail = f"{ready.facts.channels} x {ready.facts.rate} Hz"
        raise RefusedError("kz.error.pcm-layout", path=path, detail=detail)
    if ready.measured.samples == total:
        return ready
    measured = replace(ready.measured, samples=total, seconds=total / pcm.rate)
    cues = plan(ready.notice, measured.seconds, len(ready.samples) / pcm.rate, path)
    return replace(ready, measured=measured, cues=cues)


def _start(ready: Prepared, at: float, total: int) -> int:
    last = total - len(ready.samples) if ready.over else total
    return min(round(at * ready.facts.rate), max(last, 0))


def _inserted(ready: Prepared, pcm: Pcm, samples: Stretch, starts: list[int]) -> tuple[Piece, ...]:
    """Return the programme in stretches, the notice before each of `starts`."""
    notice = Made(len(ready.samples) * pcm.frame, _Notice(ready, pcm))
    pieces: list[Piece] = []
    done = 0
    for start in starts:
        at = start * pcm.frame
        pieces += [Stretch(samples.at + done, at - done), notice]
        done = at
    return (*pieces, Stretch(samples.at + done, samples.size - done))


def _mixed(
    file: BinaryIO, ready: Prepared, pcm: Pcm, samples: Stretch, starts: list[int]
) -> tuple[Piece, ...]:
    """Return the programme in stretches, and mixed where the notice is heard over it."""
    size = len(ready.samples) * pcm.frame
    pieces: list[Piece] = []
    done = 0
    for start in starts:
        at = start * pcm.frame
        over = _Over(_Notice(ready, pcm), file, samples.at + at, _gain(ready, pcm))
        pieces += [Stretch(samples.at + done, at - done), Made(size, over)]
        done = at + size
    return (*pieces, Stretch(samples.at + done, samples.size - done))


def _gain(ready: Prepared, pcm: Pcm) -> NDArray[np.float32]:
    """Return the programme's gain under the notice: turned down so far that nothing clips."""
    gain = ready.under(pcm.rate, len(ready.samples))
    if gain is None:
        return np.ones(len(ready.samples), np.float32)
    peak, least = float(np.abs(ready.samples).max(initial=0)), float(gain.min(initial=1))
    if not 0 < least < 1 or peak + least <= FULL:
        return gain
    return gain ** np.float32(log(max(FULL - peak, 1e-3)) / log(least))


@dataclass(frozen=True, eq=False)
class _Notice:
    """The notice as bytes of the file, in blocks."""

    ready: Prepared
    pcm: Pcm

    def rows(self) -> Iterator[NDArray[np.float32]]:
        facts = self.ready.facts
        for at in range(0, len(self.ready.samples), BLOCK):
            mono = self.ready.samples[at : at + BLOCK]
            yield laid(mono, facts.positions, facts.channels)

    def __iter__(self) -> Iterator[bytes]:
        return (encoded(rows, self.pcm) for rows in self.rows())


@dataclass(frozen=True, eq=False)
class _Over:
    """The notice over a stretch of the programme, as bytes, in blocks."""

    notice: _Notice
    file: BinaryIO
    at: int
    gain: NDArray[np.float32]

    def __iter__(self) -> Iterator[bytes]:
        pcm, done = self.notice.pcm, 0
        for rows in self.notice.rows():
            self.file.seek(self.at + done * pcm.frame)
            programme = decoded(self.file.read(len(rows) * pcm.frame), pcm)
            gain = self.gain[done : done + len(rows), np.newaxis]
            done += len(rows)
            yield encoded(programme * gain + rows, pcm)
