"""One track of a movie header: its handler, its clocks, its sample tables.

`trak`: `tkhd` (id, duration in the movie's clock, matrix), `edts/elst`, `mdia` (`mdhd`: the media's
clock; `hdlr`; `minf/stbl`), `tref`, `udta` (ISO/IEC 14496-12 8.3-8.7). Durations are 32 bits wide
in version 0 of a box, 64 in version 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kzlabel.formats._mp4_parts import find, split, with_child

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kzlabel.formats._mp4_parts import Part

VIDEO, SOUND = b"vide", b"soun"
STBL = (b"mdia", b"minf", b"stbl")
_PROTECTED = {b"encv", b"enca", b"enct", b"encs", b"drms", b"drmi"}


@dataclass(frozen=True)
class Track:
    """The payload of one `trak`."""

    trak: bytes

    @cached_property
    def handler(self) -> bytes:
        """`vide`, `soun`, `text`, `tmcd`, …; empty where there is none."""
        return (find(self.trak, b"mdia", b"hdlr") or b"")[8:12]

    @cached_property
    def id(self) -> int:
        """The track's number."""
        header = find(self.trak, b"tkhd") or b""
        at = 20 if header[:1] == b"\1" else 12
        return int.from_bytes(header[at : at + 4])

    @cached_property
    def timescale(self) -> int:
        """Units of the media's clock in a second."""
        return timescale_of(find(self.trak, b"mdia", b"mdhd") or b"")

    @cached_property
    def stbl(self) -> bytes:
        """The sample tables."""
        return find(self.trak, *STBL) or b""

    @cached_property
    def entries(self) -> tuple[Part, ...]:
        """The sample entries of `stsd`."""
        return split(find(self.stbl, b"stsd") or b"", 8)

    @property
    def coded(self) -> str:
        """The four characters of its first sample entry."""
        return self.entries[0].kind.decode("latin-1").strip() if self.entries else ""

    @cached_property
    def chapters(self) -> tuple[int, ...]:
        """The numbers of the tracks that hold this one's chapters."""
        listed = find(self.trak, b"tref", b"chap") or b""
        return tuple(int.from_bytes(listed[at : at + 4]) for at in range(0, len(listed) - 3, 4))

    @cached_property
    def protection(self) -> str:
        """The scheme by which it is encrypted (`cenc`, `cbcs`, `itun`…); empty where it is not."""
        for entry in self.entries:
            scheme = entry.raw.find(b"schm") if b"sinf" in entry.raw else -1
            if scheme >= 0:
                return entry.raw[scheme + 8 : scheme + 12].decode("latin-1")
            if entry.kind in _PROTECTED:
                return entry.kind.decode("latin-1")
        return ""


def tracks(traks: Iterable[bytes]) -> tuple[Track, ...]:
    """Return the tracks of a movie."""
    return tuple(Track(trak) for trak in traks)


def chapter_ids(found: Iterable[Track]) -> set[int]:
    """Return the numbers of all tracks that hold chapters of others."""
    return {number for track in found for number in track.chapters}


# --- Headers: `mvhd`, `mdhd`, `tkhd` --------------------------------------------------------------


def timescale_of(header: bytes) -> int:
    """Return the clock of `mvhd` or `mdhd`; 1 where it says none."""
    at = 20 if header[:1] == b"\1" else 12
    return int.from_bytes(header[at : at + 4]) or 1


def duration_of(header: bytes, at: tuple[int, int]) -> int:
    """Return a duration; `at` says where it lies in version 0 and 1."""
    wide = header[:1] == b"\1"
    start = at[1] if wide else at[0]
    return int.from_bytes(header[start : start + (8 if wide else 4)])


def with_duration(header: bytes, at: tuple[int, int], duration: int) -> bytes:
    """Return the header with another duration; what does not fit becomes "unknown"."""
    wide = header[:1] == b"\1"
    start, size = (at[1], 8) if wide else (at[0], 4)
    shown = min(duration, (1 << (8 * size)) - 1)
    return header[:start] + shown.to_bytes(size) + header[start + size :]


MEDIA_DURATION = MOVIE_DURATION = (16, 24)
TRACK_DURATION = (20, 28)


def scaled(units: int, clock: int, other: int) -> int:
    """Return a duration in another clock, never shorter."""
    return -(-units * other // clock)


def delay(trak: bytes) -> tuple[int, bytes]:
    """Return how late a track begins, in the movie's clock, and its edit list without that.

    An entry, `duration, media time, u32 rate`, is empty where its media time is -1 (8.6.6 there).
    """
    elst = find(trak, b"edts", b"elst") or b""
    size = 8 if elst[:1] == b"\1" else 4
    late, at = 0, 8
    while elst[at + size : at + 2 * size] == b"\xff" * size:
        late += int.from_bytes(elst[at : at + size])
        at += 2 * size + 4
    return late, elst[at:]


def undelayed(trak: bytes) -> bytes:
    """Return a track that begins at once."""
    late, entries = delay(trak)
    if not late:
        return trak
    return changed(trak, (b"edts", b"elst"), lambda elst: _list(elst, entries))


def delayed(edts: bytes, late: int) -> bytes:
    """Return `edts` of a track that begins so much later."""

    def opened(elst: bytes) -> bytes:
        size = 8 if elst[:1] == b"\1" else 4
        return _list(elst, late.to_bytes(size) + b"\xff" * size + b"\0\1\0\0" + elst[8:])

    return changed(edts, (b"elst",), opened) if 0 < late < 1 << 32 else edts


def _list(elst: bytes, entries: bytes) -> bytes:
    step = 20 if elst[:1] == b"\1" else 12
    return elst[:4] + (len(entries) // step).to_bytes(4) + entries


def changed(payload: bytes, path: tuple[bytes, ...], change: Callable[[bytes], bytes]) -> bytes:
    """Return `payload` with the box at a path of types changed; as it was where there is none."""
    if not path:
        return change(payload)
    if find(payload, path[0]) is None:
        return payload
    return with_child(payload, path[0], lambda old: changed(old or b"", path[1:], change))


def edits_scaled(edts: bytes, clock: int, other: int, longest: int) -> bytes:
    """Return `edts` with the durations of its list in another movie's clock.

    Together they last no longer than `longest`, in that clock.
    """
    return changed(edts, (b"elst",), lambda elst: _scaled_list(elst, clock, other, longest))


def _scaled_list(elst: bytes, clock: int, other: int, longest: int) -> bytes:
    size = 8 if elst[:1] == b"\1" else 4
    patched = bytearray(elst)
    step = 2 * size + 4
    left = longest
    for at in range(8, len(elst) - step + 1, step):
        units = min(scaled(int.from_bytes(elst[at : at + size]), clock, other), left)
        patched[at : at + size] = min(units, (1 << (8 * size)) - 1).to_bytes(size)
        left -= units
    return bytes(patched)
