"""Tracks coded anew, put into the file that they were made from; all else stays as it was.

FFmpeg's muxer knows nothing of `udta`, of timecode and chapter tracks, of names, groups and
matrices. So of its output only the coded tracks are taken: their samples, sample tables and clock.
The movie header, every other track and its samples, and the other boxes are the source's own; the
samples are laid out anew, in the order of their times. For files without fragments.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats._bmff import (
    UUID_C2PA,
    DamagedBoxError,
    box_bytes,
    copy_range,
    held,
)
from kzlabel.formats._mp4_file import Movie, damage
from kzlabel.formats._mp4_parts import Part, find, join, part, split, tail
from kzlabel.formats._mp4_tables import Chunks, chunks_of, offset_table
from kzlabel.formats._mp4_track import (
    MOVIE_DURATION,
    STBL,
    TRACK_DURATION,
    Track,
    changed,
    duration_of,
    with_duration,
)
from kzlabel.formats._mp4_xmp import uuid_of
from kzlabel.formats._new_file import new_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

    from kzlabel.formats._mp4_tables import Numbers

_U32 = 0xFFFFFFFF
_LEFT_OUT = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"mfra", b"sidx"}
_HEADROOM = 1 << 20
"""Bytes by which headers may differ from what was reckoned."""


@dataclass(frozen=True)
class Graft:
    """One track of the new file: its header, and the file that its samples lie in."""

    track: Track
    """Whose chunks are copied."""
    trak: bytes
    """Its header in the new file, of another's if it was coded anew."""
    file: Path


def write_movie(movie: Movie, grafts: Sequence[Graft], dst: Path, udta: bytes | None) -> None:
    """Write a new file at `dst`: the movie's own boxes around `grafts` and their samples.

    `udta` takes the place of the movie's. Raises `UnreadableAssetError`, `UnsupportedTagsError`.
    """
    chunks = [_chunks(graft) for graft in grafts]
    head, rest = _around(movie)
    size = sum(int(each.sizes.sum()) for each in chunks)
    wide = size + len(head) + sum(map(len, rest)) + len(movie.moov) * 2 + _HEADROOM > _U32
    order = _Order(chunks)
    with damage(movie.path):
        header = _Header(movie, grafts, udta, wide=wide)
        blank = header.with_chunks([each.offsets for each in chunks])
        start = len(head) + (len(blank) if movie.faststart else 0)
        moov = header.with_chunks(order.laid(start + 16))
    with new_file(dst) as target:
        target.write(head + (moov if movie.faststart else b""))
        target.write(struct.pack(">I4sQ", 1, b"mdat", size + 16))
        order.copy([graft.file for graft in grafts], target)
        for content in (*(() if movie.faststart else (moov,)), *rest):
            target.write(content)


def _chunks(graft: Graft) -> Chunks:
    """Return where the samples of a graft lie; they must lie in this very file."""
    with damage(graft.file):
        chunks = chunks_of(graft.track)
        references = find(graft.track.trak, b"mdia", b"minf", b"dinf", b"dref")
        if references and any(each.payload[3:4] == b"\0" for each in split(references, 8)):
            detail = "dref"
            raise UnsupportedTagsError("kz.error.mp4-structure", path=graft.file, detail=detail)
    size = graft.file.stat().st_size
    last, total = int((chunks.offsets + chunks.sizes).max(initial=0)), int(chunks.sizes.sum())
    if last > size or total > size:  # chunks that lie over one another would never end
        damaged = DamagedBoxError("kz.error.box-table", name="stco")
        raise UnreadableAssetError("kz.error.box", path=graft.file, detail=damaged)
    return chunks


def _around(movie: Movie) -> tuple[bytes, list[bytes]]:
    """Return `ftyp`, and the other boxes that stay."""
    head = b""
    rest: list[bytes] = []
    for box in movie.boxes:
        ours = box.kind == b"uuid" and uuid_of(movie, box) == UUID_C2PA
        if box.kind == b"ftyp":
            head = box_bytes(b"ftyp", held(movie.path, box))
        elif box.kind not in _LEFT_OUT and not ours:
            rest.append(box_bytes(box.kind, held(movie.path, box)))
    return head, rest


@dataclass(frozen=True)
class _Header:
    """The movie header with grafts in the place of its tracks."""

    movie: Movie
    grafts: Sequence[Graft]
    udta: bytes | None
    wide: bool

    def with_chunks(self, places: Sequence[Numbers]) -> bytes:
        """Return `moov` with the chunks of each track at these places."""
        waiting = [
            part(b"trak", _placed(graft.trak, offset_table(offsets, wide=self.wide)))
            for graft, offsets in zip(self.grafts, places, strict=True)
        ]
        parts: list[Part] = []
        for old in split(self.movie.moov):
            if old.kind == b"trak":
                parts, waiting = [*parts, *waiting], []
            elif old.kind == b"udta" and self.udta is not None:
                parts.append(part(b"udta", self.udta))
            elif old.kind == b"mvhd":
                parts.append(part(b"mvhd", _lasting(old.payload, self.grafts)))
            else:
                parts.append(old)
        return part(b"moov", join(parts) + tail(self.movie.moov)).raw


def _placed(trak: bytes, table: Part) -> bytes:
    """Return a track with this chunk table in the place of its own."""
    return changed(trak, STBL, lambda stbl: join((*_but_chunks(stbl), table)))


def _but_chunks(stbl: bytes) -> list[Part]:
    return [each for each in split(stbl) if each.kind not in (b"stco", b"co64")]


def _lasting(mvhd: bytes, grafts: Sequence[Graft]) -> bytes:
    """Return the header with the duration of the longest track."""
    headers = [find(graft.trak, b"tkhd") or b"" for graft in grafts]
    longest = max((duration_of(header, TRACK_DURATION) for header in headers), default=0)
    return with_duration(mvhd, MOVIE_DURATION, longest)


class _Order:
    """All chunks of all tracks in the order of their times."""

    def __init__(self, chunks: Sequence[Chunks]) -> None:
        import numpy as np

        none = np.zeros(0, np.int64)
        times = [np.zeros(0), *(each.times for each in chunks)]
        self._counts = [len(each.sizes) for each in chunks]
        self._order = np.argsort(np.concatenate(times), kind="stable")
        self._sizes = np.concatenate([none, *(each.sizes for each in chunks)])
        self._offsets = np.concatenate([none, *(each.offsets for each in chunks)])

    def laid(self, start: int) -> list[Numbers]:
        """Return the new offsets of each track's chunks, the first at `start`."""
        import numpy as np

        sizes = self._sizes[self._order]
        placed = np.empty(len(self._order), np.int64)
        placed[self._order] = start + np.cumsum(sizes) - sizes
        return list(np.split(placed, np.cumsum(self._counts)[:-1]))

    def copy(self, files: Sequence[Path], target: BinaryIO) -> None:
        """Copy the chunks; those that lie together go together."""
        from contextlib import ExitStack

        with ExitStack() as stack:
            sources = [stack.enter_context(file.open("rb")) for file in files]
            for owner, start, end in self._runs():
                copy_range(sources[owner], target, start, end)

    def _runs(self) -> list[tuple[int, int, int]]:
        """Return which file is copied from where to where."""
        import numpy as np

        owners = np.repeat(np.arange(len(self._counts)), self._counts)[self._order].tolist()
        offsets, sizes = self._offsets[self._order].tolist(), self._sizes[self._order].tolist()
        runs: list[tuple[int, int, int]] = []
        for owner, offset, size in zip(owners, offsets, sizes, strict=True):
            last = runs[-1] if runs else (-1, 0, 0)
            if last[0] == owner and last[2] == offset:
                runs[-1] = (owner, last[1], offset + size)
            else:
                runs.append((owner, offset, offset + size))
        return runs
