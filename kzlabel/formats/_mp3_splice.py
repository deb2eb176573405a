"""MP3 with a notice before and after it, and its own frames untouched: nothing is encoded twice.

Frames can be joined where rate and channels are the same and the first borrows no bits of those
before it (`main_data_begin`): the notice is encoded without a reservoir, and a programme that was
cut out of a longer one is not joined. The samples with which an encoder warms up are heard between
notice and programme as a moment of silence.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kzlabel.formats._ends import copied
from kzlabel.formats._mp3_info import Info, info_frame, read_info
from kzlabel.formats._mpeg_frames import mp3_header
from kzlabel.formats._new_file import new_file
from kzlabel.model import Span

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from kzlabel.formats._ends import Ends
    from kzlabel.formats._sound import Prepared

WARM_UP = 1105
"""Samples that LAME's encoder and a decoder are late together: 576 and 529."""
BLOCK = 1 << 20


@dataclass(frozen=True)
class Programme:
    """The frames of a file that can be joined to others."""

    begin: int
    end: int
    sizes: array[int]
    like: bytes
    """The header of the first."""
    info: Info | None

    @property
    def skipped(self) -> int:
        """Samples at the start of the frames that are not the programme."""
        return self.info.skipped if self.info else 0


@dataclass(frozen=True)
class Joined:
    """What a spliced file will hold."""

    programme: Programme
    said: tuple[bytes, ...]
    """The frames of the notice."""
    ready: Prepared
    """With cues and duration as they come out."""
    padded: int
    """Samples of the last frames after the notice."""

    @property
    def seconds(self) -> float:
        """Duration of the file."""
        header = mp3_header(self.programme.like)
        each = header.samples if header else 0
        count = 2 * len(self.said) + len(self.programme.sizes)
        return (count * each - WARM_UP - self.padded) / self.ready.facts.rate

    def write(self, dst: Path, source: Path, head: bytes) -> None:
        """Write `head` and all frames to the new file `dst`."""
        notice = b"".join(self.said)
        sizes = array("H", map(len, self.said))
        every = sizes + self.programme.sizes + sizes
        like = self.programme.like
        with new_file(dst) as file:
            file.write(head + info_frame(like, self.programme.info, every, WARM_UP, self.padded))
            file.write(notice)
            copied(source, self.programme.begin, self.programme.end, file)
            file.write(notice)


def joined(ends: Ends, ready: Prepared) -> Joined | None:
    """Return how the notice and a file's frames are joined; None where they must be encoded anew.

    That is: over the programme, between its frames, or where frames of different kinds, gaps or
    borrowed bits are met. Raises `RefusedError` where the notice cannot be encoded alike.
    """
    if ready.over or len(ready.cues) != 2:  # noqa: PLR2004  before and after
        return None
    with ends.path.open("rb") as file:
        programme = _programme(file, ends)
    return _with_notice(programme, ready, ends.path) if programme else None


def _with_notice(programme: Programme, ready: Prepared, path: Path) -> Joined | None:
    import numpy as np

    from kzlabel._av.clips import encoded
    from kzlabel.formats._sound import laid

    header = mp3_header(programme.like)
    rows = laid(ready.samples, ready.facts.positions, ready.facts.channels)
    said = tuple(encoded(rows, ready.facts, *_rate(programme, ready), path))
    if header is None or any(_differs(frame, header.layout) for frame in said):
        return None
    length = len(said) * header.samples
    begins = length + len(programme.sizes) * header.samples
    heard = len(rows) / ready.facts.rate
    starts = (0.0, begins / ready.facts.rate)
    cues = tuple(
        replace(cue, span=Span(start=start, end=start + heard))
        for cue, start in zip(ready.cues, starts, strict=True)
    )
    shift = length + programme.skipped - WARM_UP
    moved = np.zeros(max(shift, 0), np.float32)  # as long as what lies before the programme now
    return Joined(
        programme, said, replace(ready, cues=cues, samples=moved), length - WARM_UP - len(rows)
    )


def _rate(programme: Programme, ready: Prepared) -> tuple[int, dict[str, str]]:
    """Return the bit rate of the notice: constant where the programme's is."""
    constant = {size - size % 2 for size in programme.sizes}
    header = mp3_header(programme.like)
    alone = {"reservoir": "0"}
    if header and max(constant) - min(constant) <= 2:  # noqa: PLR2004  padding is one byte
        return header.bits, alone
    return ready.measured.bit_rate, alone | {"abr": "1"}


def _differs(frame: bytes, layout: bytes) -> bool:
    header = mp3_header(frame[:4])
    return header is None or header.layout != layout or header.size != len(frame)


def _programme(file: BinaryIO, ends: Ends) -> Programme | None:
    first = _read(file, ends.begin, max(ends.header.size, 4))
    info = read_info(first, ends.header)
    begin = ends.begin + (len(first) if info else 0)
    like = _read(file, begin, ends.header.side)
    header = mp3_header(like[:4])
    if header is None or not header.size or _borrows(like):
        return None
    sizes, end = _sizes(file, begin, ends.end, header.layout)
    return Programme(begin, end, sizes, like[:4], info) if sizes else None


def _borrows(frame: bytes) -> bool:
    """Whether a frame's data begin in frames before it (`main_data_begin`, 9 bits; MPEG-2: 8)."""
    at = 4 if frame[1] & 1 else 6
    first = frame[1] >> 3 & 3 == 3  # noqa: PLR2004  MPEG-1
    return int.from_bytes(frame[at : at + 2]) >> (7 if first else 8) != 0


def _read(file: BinaryIO, at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)


def _sizes(file: BinaryIO, begin: int, end: int, layout: bytes) -> tuple[array[int], int]:
    """Return the sizes of the frames, and where they end; none where another kind is met."""
    sizes = array("H")  # two bytes a frame: a day has three million
    at, held, base = begin, b"", begin
    while at + 4 <= end:
        if at + 4 > base + len(held):
            base, held = at, _read(file, at, BLOCK)
        header = mp3_header(held[at - base : at - base + 4])
        if header is None and sizes and end - at < sizes[-1]:  # padding: no frame has room there
            break
        if header is None or header.layout != layout or not header.size:
            return array("H"), begin
        if at + header.size > end:  # cut off: no decoder plays it
            break
        sizes.append(header.size)
        at += header.size
    return sizes, at
