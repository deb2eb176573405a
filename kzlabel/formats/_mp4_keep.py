"""A track coded anew, with what its source says of it: names, language, matrix, colour, light.

Of the new track come the sample tables, the clock and the edit list; all else is the source's. The
sample entry is the new one, with those of the source's extensions that the muxer did not write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._mp4_parts import Part, find, first, join, part, split, with_child
from kzlabel.formats._mp4_track import (
    MEDIA_DURATION,
    SOUND,
    TRACK_DURATION,
    VIDEO,
    Track,
    changed,
    delay,
    delayed,
    duration_of,
    edits_scaled,
    scaled,
    timescale_of,
    with_duration,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_VISUAL = 78
"""Bytes of a visual sample entry before its extensions (ISO/IEC 14496-12 12.1.3)."""
_DESCRIBING = {
    b"colr", b"pasp", b"mdcv", b"clli", b"fiel", b"gama", b"amve", b"cclv", b"reve", b"ndwt",
    b"SmDm", b"CoLL", b"st3d", b"sv3d", b"taic",
}  # fmt: skip
"""Extensions that describe the picture, whatever codes it."""
_CROPPING = {b"clap", b"tapt"}
"""What shows a part of the picture only: it would hide a band that was added."""
_UNKNOWN = 0xFFFFFFFF
"""A duration that says nothing, in version 0 of a box."""
_SIZE = {0: (76, 84), 1: (88, 96)}
"""Where `tkhd` has the width and the height, by version."""


def kept(source: Track, made: Track, clocks: tuple[int, int], added: float = 0.0) -> bytes:
    """Return the payload of a `trak`: the source's, with the samples of the one made from it.

    `clocks` are those of the two movies, the source's and the other's; `added` is how many seconds
    were inserted. Sound lasts as long as before, without what fills its last frame.
    """
    grown = grown_from(source, made)
    mine, other = clocks
    trak = source.trak
    for kind in _CROPPING if grown else ():
        trak = with_child(trak, kind, lambda _: None)
    edits = find(made.trak, b"edts")
    longest = _longest(source, round(added * mine))
    late = delay(source.trak)[0] if source.handler == SOUND else 0
    if edits is not None:
        edits = delayed(edits_scaled(edits, other, mine, longest - late), late)
    trak = _with_edits(trak, edits)
    trak = changed(
        trak,
        (b"tkhd",),
        lambda tkhd: _track_header(tkhd, made, clocks, (late, longest), grown=grown),
    )
    trak = changed(trak, (b"mdia", b"mdhd"), lambda mdhd: media_header(mdhd, made))
    tables = changed(made.stbl, (b"stsd",), lambda stsd: described(stsd, source, grown=grown))
    return changed(trak, (b"mdia", b"minf", b"stbl"), lambda _: tables)


def _with_edits(trak: bytes, edits: bytes | None) -> bytes:
    """Return the track with this edit list, right behind its header."""
    parts = [each for each in split(trak) if each.kind != b"edts"]
    at = 1 + next((i for i, each in enumerate(parts) if each.kind == b"tkhd"), -1)
    new = [] if edits is None else [part(b"edts", edits)]
    return join((*parts[:at], *new, *parts[at:]))


def _longest(source: Track, added: int) -> int:
    """Return how long the new track may last, in the movie's clock; pictures as they come."""
    lasted = duration_of(find(source.trak, b"tkhd") or b"", TRACK_DURATION)
    known = source.handler == SOUND and 0 < lasted < _UNKNOWN
    return lasted + added if known else _UNKNOWN


def _track_header(
    tkhd: bytes, made: Track, clocks: tuple[int, int], lasts: tuple[int, int], *, grown: bool
) -> bytes:
    mine, other = clocks
    theirs = find(made.trak, b"tkhd") or b""
    late, longest = lasts
    lasting = late + scaled(duration_of(theirs, TRACK_DURATION), other, mine)
    header = with_duration(tkhd, TRACK_DURATION, min(lasting, longest))
    if not grown:
        return header
    at, size = _SIZE[int(header[:1] == b"\1")][0], 8
    start = _SIZE[int(theirs[:1] == b"\1")][0]
    # The matrix of a turned picture moves it back into view by its size.
    shape = theirs[start - 36 : start + size]
    return header[: at - 36] + shape + header[at + size :]


def media_header(mdhd: bytes, made: Track) -> bytes:
    """Return `mdhd` with the clock and the duration of the track made."""
    theirs = find(made.trak, b"mdia", b"mdhd") or b""
    at = 20 if mdhd[:1] == b"\1" else 12
    ticking = mdhd[:at] + timescale_of(theirs).to_bytes(4) + mdhd[at + 4 :]
    return with_duration(ticking, MEDIA_DURATION, duration_of(theirs, MEDIA_DURATION))


def grown_from(source: Track, made: Track) -> bool:
    """Whether the coded picture has another size: a band was added."""
    return _size(source) != _size(made)


def _size(track: Track) -> bytes:
    """Return the coded width and height of a video track."""
    if track.handler != VIDEO or not track.entries:
        return b""
    return track.entries[0].payload[24:28]


def described(stsd: bytes, source: Track, *, grown: bool) -> bytes:
    """Return `stsd` with the source's extensions that describe pictures and are not there yet."""
    entries = split(stsd, 8)
    if source.handler != VIDEO or len(entries) != 1 or not source.entries:
        return stsd
    entry, old = entries[0], source.entries[0]
    there = split(entry.payload, _VISUAL)
    ours = _extensions(old, there, {*_DESCRIBING, *(() if grown else (b"clap",))})
    payload = entry.payload[:_VISUAL] + join((*there, *ours))
    return stsd[:8] + part(entry.kind, payload).raw


def _extensions(old: Part, there: Sequence[Part], wanted: set[bytes]) -> list[Part]:
    return [
        each
        for each in split(old.payload, _VISUAL)
        if each.kind in wanted and first(there, each.kind) is None
    ]
