"""A fragmented file coded anew by FFmpeg, given back what its source's header says.

Its samples are in fragments, which are FFmpeg's: so the header is FFmpeg's too, track by track
with what the source says of it, and with the source's `udta` and other boxes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._bmff import UUID_C2PA, box_bytes, held
from kzlabel.formats._mp4_file import Movie, damage
from kzlabel.formats._mp4_keep import described, grown_from
from kzlabel.formats._mp4_parts import Part, find, join, part, split, with_child
from kzlabel.formats._mp4_splice import Edit, splice
from kzlabel.formats._mp4_track import STBL, VIDEO, Track, changed, tracks
from kzlabel.formats._mp4_xmp import uuid_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LATER = {b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"isoa", b"isob", b"dash", b"cmfc", b"cmf2"}
"""Brands that know offsets from the start of a fragment (14496-12 annex E)."""
_MOST_BRANDS = 1024
_LANGUAGE = {0: 20, 1: 32}
"""Where `mdhd` has the language, by version."""
_SHAPE = {0: (32, 84), 1: (44, 96)}
"""From the layer to the height in `tkhd`, by version: group, volume, matrix, size."""


def restore(source: Movie, made: Movie, dst: Path, recoded: bytes, udta: bytes | None) -> None:
    """Copy `made` to `dst` with what `source` says of the movie and of each track.

    `recoded` is the handler of the tracks that were coded anew; `udta` takes the place of the
    movie's. Raises `RefusedError` where a track was lost.
    """
    with damage(source.path):
        old, new = tracks(source.traks), tracks(made.traks)
        traks = [_trak(a, b, recoded) for a, b in _paired(source, old, new)]
        moov = _moov(source, made, traks, udta)
    end = made.boxes[-1].start if made.boxes[-1].kind == b"mfra" else made.boxes[-1].end
    edits = [*_brands(source, made), Edit(made.box.start, made.box.end, box_bytes(b"moov", moov))]
    kept = _other_boxes(source)
    splice(made, dst, [*edits, *([Edit(end, end, kept)] if kept else [])])


def _paired(source: Movie, old: Sequence[Track], new: Sequence[Track]) -> list[tuple[Track, Track]]:
    """Return each track with the one made of it: of every kind as many, in the same order."""
    if sorted(each.handler for each in old) != sorted(each.handler for each in new):
        kinds = ", ".join(sorted({each.handler.decode("latin-1") for each in old}))
        raise RefusedError("kz.error.mp4-track-lost", path=source.path, detail=kinds)
    waiting = list(new)
    pairs = []
    for each in old:
        made = next(other for other in waiting if other.handler == each.handler)
        waiting.remove(made)
        pairs.append((each, made))
    return pairs


def _brands(source: Movie, made: Movie) -> list[Edit]:
    """Return the edit that keeps the source's `ftyp`, if it allows what FFmpeg wrote."""
    old, new = source.first(b"ftyp"), made.first(b"ftyp")
    if old is None or new is None or old.size > _MOST_BRANDS:
        return []
    said = held(source.path, old)
    allowed = {said[at : at + 4] for at in range(0, len(said), 4)} & _LATER
    return [Edit(new.start, new.end, box_bytes(b"ftyp", said))] if allowed else []


def _moov(source: Movie, made: Movie, traks: list[bytes], udta: bytes | None) -> bytes:
    parts: list[Part] = []
    waiting = [part(b"trak", trak) for trak in traks]
    for each in split(made.moov):
        if each.kind == b"trak":
            parts.append(waiting.pop(0))
        elif each.kind not in (b"udta", b"meta"):
            parts.append(each)
    kept = [each for each in split(source.moov) if each.kind in (b"meta", b"iods")]
    told = [] if udta is None else [part(b"udta", udta)]
    return join((*parts, *kept, *told))


def _trak(old: Track, new: Track, recoded: bytes) -> bytes:
    grown = grown_from(old, new)
    trak = new.trak
    if not grown:
        trak = changed(trak, (b"tkhd",), lambda head: _shaped(head, find(old.trak, b"tkhd") or b""))
    language = find(old.trak, b"mdia", b"mdhd") or b""
    trak = changed(trak, (b"mdia", b"mdhd"), lambda head: _spoken(head, language))
    handler = find(old.trak, b"mdia", b"hdlr")
    trak = changed(trak, (b"mdia", b"hdlr"), lambda head: handler or head)
    entries = find(old.stbl, b"stsd")
    if old.handler == recoded:
        trak = changed(
            trak, (*STBL, b"stsd"),
            lambda stsd: described(stsd, old, grown=grown) if recoded == VIDEO else stsd,
        )  # fmt: skip
    elif entries and len(old.entries) == len(new.entries):
        trak = changed(trak, (*STBL, b"stsd"), lambda _: entries)
    told = find(old.trak, b"udta")
    return with_child(trak, b"udta", lambda _: told)


def _shaped(head: bytes, old: bytes) -> bytes:
    """Return `tkhd` with the other's flags, layer, group, volume, matrix and size."""
    start, end = _SHAPE[int(old[:1] == b"\1")]
    at, stop = _SHAPE[int(head[:1] == b"\1")]
    if len(old) < end:
        return head
    return head[:1] + old[1:4] + head[4:at] + old[start:end] + head[stop:]


def _spoken(head: bytes, old: bytes) -> bytes:
    """Return `mdhd` with the other's language."""
    start, at = _LANGUAGE[int(old[:1] == b"\1")], _LANGUAGE[int(head[:1] == b"\1")]
    return head[:at] + (old[start : start + 2] or head[at : at + 2]) + head[at + 2 :]


def _other_boxes(source: Movie) -> bytes:
    """Return the `uuid` and `meta` boxes of the source, but for C2PA's."""
    return b"".join(
        box_bytes(box.kind, held(source.path, box))
        for box in source.boxes
        if box.kind == b"meta" or (box.kind == b"uuid" and uuid_of(source, box) != UUID_C2PA)
    )
