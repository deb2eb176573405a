"""ADTS with a notice before and after it, and its own frames untouched: nothing is encoded twice.

A frame of AAC-LC needs nothing of those before it but half a window: where notice and programme
meet, the frame in which an encoder warms up takes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kzlabel.formats._ends import copied
from kzlabel.formats._mpeg_frames import adts_header
from kzlabel.formats._new_file import new_file
from kzlabel.model import Span

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.formats._ends import Ends
    from kzlabel.formats._sound import Prepared

FRAME = 1024
"""Samples of a frame, and those in which FFmpeg's encoder warms up."""
BLOCK = 1 << 20
_HEADER = 7


@dataclass(frozen=True)
class Joined:
    """What a spliced file will hold."""

    said: bytes
    end: int
    """Where the programme's last whole frame ends."""
    ready: Prepared
    """With cues and duration as they come out."""
    seconds: float

    def write(self, dst: Path, ends: Ends, head: bytes) -> None:
        """Write `head` and all frames to the new file `dst`."""
        with new_file(dst) as file:
            file.write(head + self.said)
            copied(ends.path, ends.begin, self.end, file)
            file.write(self.said)


def joined(ends: Ends, ready: Prepared) -> Joined | None:
    """Return how the notice and a file's frames are joined; None where they must be encoded anew.

    Raises `RefusedError` where the notice cannot be encoded alike.
    """
    import numpy as np

    from kzlabel._av.clips import encoded
    from kzlabel.formats._sound import laid

    if ready.over or len(ready.cues) != 2 or ready.facts.profile != "LC":  # noqa: PLR2004  before, after
        return None
    like, count, end = _programme(ends)
    if not count or ready.facts.rate != ends.header.rate:
        return None
    facts = ready.facts
    rows = laid(ready.samples, facts.positions, facts.channels)
    raw = encoded(rows, facts, ready.measured.bit_rate, {}, ends.path)
    starts = (FRAME, (len(raw) + count + 1) * FRAME)
    heard = len(rows) / facts.rate
    spans = (Span(start=at / facts.rate, end=at / facts.rate + heard) for at in starts)
    cues = tuple(replace(c, span=span) for c, span in zip(ready.cues, spans, strict=True))
    lasts = np.zeros(len(raw) * FRAME, np.float32)  # as long as what lies before the programme now
    seconds = (2 * len(raw) + count) * FRAME / facts.rate
    said = b"".join(_framed(like, packet) for packet in raw)
    return Joined(said, end, replace(ready, cues=cues, samples=lasts), seconds)


def _framed(like: bytes, packet: bytes) -> bytes:
    """Return an ADTS frame with the header of another, without its checksum."""
    size = len(packet) + _HEADER
    third = like[3] & 0xFC | size >> 11
    return (
        bytes(
            (like[0], like[1] | 1, like[2], third, size >> 3 & 0xFF, (size & 7) << 5 | 0x1F, 0xFC)
        )
        + packet
    )


def _programme(ends: Ends) -> tuple[bytes, int, int]:
    """Return a header, how many frames there are, and where the last whole one ends.

    No frame at all where others than the first kind are met, or what is no frame.
    """
    with ends.path.open("rb") as file:
        at, base, held, count = ends.begin, ends.begin, b"", 0
        like = b""
        while at + _HEADER <= ends.end:
            if at + _HEADER > base + len(held):
                file.seek(at)
                base, held = at, file.read(BLOCK)
            four = held[at - base : at - base + _HEADER]
            header = adts_header(four)
            like = like or four
            # one frame a header, everywhere the same profile, rate and channels
            alike = four[:3] == like[:3] and four[3] & 0xF0 == like[3] & 0xF0 and not four[6] & 3
            if header is None or not alike:
                return like, 0, at
            if at + header.size > ends.end:
                break
            at += header.size
            count += 1
    return like, count, at
