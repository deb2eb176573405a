"""How an MP4 or MOV file asks to be played: tracks on and off, matrices, apertures, edits.

`tkhd` (ISO/IEC 14496-12 8.3.2): flag 1 is "enabled", then layer, group, volume (8.8), matrix (nine
16.16 and 2.30 numbers), width and height (16.16). `mvhd` (8.2.2): rate (16.16), volume, matrix.
`clap` (12.1.4): the clean aperture, four fractions. `elst` (8.6.6): the rate of each edit.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from kzlabel.formats._film_playing import (
    REARRANGED,
    RESHAPED,
    SWITCHED_OFF,
    Film,
    Pictures,
    is_stretched,
    sound_of,
)
from kzlabel.formats._mp4_file import damage
from kzlabel.formats._mp4_parts import find, first, split
from kzlabel.formats._mp4_track import SOUND, VIDEO, Track, chapter_ids, tracks
from kzlabel.model import Medium

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kzlabel.formats._mp4_file import Movie

DEMUXER = "mov"
_VISUAL = 78
_ENABLED = 1
_LEAST_VOLUME = 0x80
"""Half of what was recorded, as 8.8."""
_ONE = 1 << 16
_MATRIX = {0: 40, 1: 52}
"""Where `tkhd` has it, by version; four bytes before it the volume, behind it the size."""
_MOVIE = {0: 20, 1: 32}
"""Where `mvhd` has the rate; the volume follows, and after ten bytes the matrix."""
_STRAY = 1.25
"""By how much the shape of a picture may differ in two headers."""
_SMALLEST = 1 / 3
"""Of the size in which a picture is stored, that in which it is shown."""
_STRAIGHT = (_ONE, 0, 0, 0, _ONE, 0, 0, 0, 1 << 30)


def film_of(movie: Movie, medium: Medium) -> Film:
    """Return how the file is to be played; raises `UnreadableAssetError`."""
    with damage(movie.path):
        found = tracks(movie.traks)
        chapters = chapter_ids(found)
        played = [each for each in found if each.id not in chapters]
        header = find(movie.moov, b"mvhd") or b""
        seen = [each for each in played if each.handler == VIDEO] if medium is Medium.VIDEO else []
        heard = [each for each in played if each.handler == SOUND]
        pictures = _pictures(seen, header) if seen else None
        loud = _whole(header, _MOVIE, 4, ">H", _LEAST_VOLUME) >= _LEAST_VOLUME
        sound = sound_of((loud and _is_heard(each) for each in heard), _timing(heard, header))
    return Film(movie.path, DEMUXER, pictures, sound)


def _whole(header: bytes, places: dict[int, int], after: int, form: str, missing: int) -> int:
    """Return a number of a header, `after` bytes behind a place that its version decides."""
    at = places[int(header[:1] == b"\1")] + after
    size = struct.calcsize(form)
    return int(struct.unpack_from(form, header, at)[0]) if len(header) >= at + size else missing


def _is_on(track: Track) -> bool:
    header = find(track.trak, b"tkhd") or b"\0\0\0\1"
    return bool(header[3] & _ENABLED)


def _is_heard(track: Track) -> bool:
    header = find(track.trak, b"tkhd") or b""
    volume = _whole(header, _MATRIX, -4, ">H", _LEAST_VOLUME)
    return _is_on(track) and volume >= _LEAST_VOLUME


def _timing(played: Sequence[Track], header: bytes) -> str:
    """Return the doubt there is where a movie, or an edit, is not played at its own speed."""
    rates = [_whole(header, _MOVIE, 0, ">i", _ONE) or _ONE]
    for track in played:
        rates += _rates(find(track.trak, b"edts", b"elst") or b"")
    return "" if set(rates) == {_ONE} else REARRANGED


def _rates(edits: bytes) -> list[int]:
    """Return the rates of an edit list, but for those in which there is nothing."""
    size = 8 if edits[:1] == b"\1" else 4
    step = 2 * size + 4
    return [
        int.from_bytes(edits[at + 2 * size : at + step])
        for at in range(8, len(edits) - step + 1, step)
        if edits[at + size : at + 2 * size] != b"\xff" * size
    ]


def _pictures(seen: Sequence[Track], header: bytes) -> Pictures:
    """Return how the pictures are shown; of several tracks none is judged anyway."""
    track = seen[0]
    doubt = _timing(seen, header)
    if not all(map(_is_on, seen)):
        doubt = SWITCHED_OFF
    elif _is_reshaped(track, _matrix(header, _MOVIE[int(header[:1] == b"\1")] + 16)):
        doubt = RESHAPED
    return Pictures(doubt, _inset(track))


def _matrix(header: bytes, at: int) -> tuple[int, ...]:
    return struct.unpack_from(">9i", header, at) if len(header) >= at + 36 else _STRAIGHT


def _is_reshaped(track: Track, movie: tuple[int, ...]) -> bool:
    """Whether the picture is scaled, moved, skewed, or said to have another shape or size."""
    header = find(track.trak, b"tkhd") or b""
    at = _MATRIX[int(header[:1] == b"\1")]
    size = tuple(value / _ONE for value in struct.unpack_from(">2I", header, at + 36))
    turned = _is_turn(_matrix(header, at), size) and _is_turn(movie, size)
    return not turned or _is_rescaled(track, size)


def _is_turn(matrix: tuple[int, ...], size: tuple[float, ...]) -> bool:
    """Whether a matrix turns or mirrors the picture and no more; one of zeros is judged later."""
    a, b, u, c, d, v, x, y, w = matrix
    straight, across = (abs(a), abs(d)) == (_ONE, _ONE), (abs(b), abs(c)) == (_ONE, _ONE)
    plain = (straight and not b and not c) or (across and not a and not d)
    # Whether the picture is moved back into view is left to players by many, and done by others.
    sides = (0.0, *size)
    moved = any(min(abs(abs(step) / _ONE - side) for side in sides) > 1 for step in (x, y))
    return plain and not moved and (u, v, w) == (0, 0, 1 << 30)


def _is_rescaled(track: Track, size: tuple[float, ...]) -> bool:
    entry = track.entries[0].payload if track.entries else b""
    width, height = struct.unpack_from(">2H", entry, 24)
    if not (width and height and all(size)):
        return False
    wide, high = size[0] / width, size[1] / height
    said = first(split(entry, _VISUAL), b"pasp")
    across, down = struct.unpack_from(">2I", said.payload) if said else (0, 0)
    if not across or not down:  # the header alone says the shape
        return is_stretched(wide / high) or max(wide, high) < _SMALLEST
    wide *= down / across
    odd = not 1 / _STRAY <= wide / high <= _STRAY
    return odd or is_stretched(across / down) or high < _SMALLEST


def _inset(track: Track) -> float:
    """Return how much of the picture the clean aperture leaves out, at the worst side."""
    entry = track.entries[0].payload if track.entries else b""
    said = first(split(entry, _VISUAL), b"clap")
    sizes = struct.unpack_from(">2H", entry, 24)
    if said is None or not all(sizes):
        return 0.0
    numbers = struct.unpack_from(">8i", said.payload)
    ratios = [numbers[at] / (numbers[at + 1] or 1) for at in range(0, 8, 2)]
    pairs = zip(sizes, ratios[:2], ratios[2:], strict=True)
    cuts = (((whole - shown) / 2 + abs(moved)) / whole for whole, shown, moved in pairs)
    return max((0.0, *(float(cut) for cut in cuts)))
