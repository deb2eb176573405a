"""MP4, MOV, fragmented MP4 and M4A: one room's workings for the three that recognise them.

ISO/IEC 14496-12 (boxes), 14496-14 (MP4), QuickTime File Format; C2PA's `uuid` box (C2PA A.5).
Tags are spliced (`_mp4_tags`, `_mp4_xmp`, `_mp4_splice`); a notice is coded by FFmpeg and then put
into the source's own structure (`_mp4_notice`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._bmff import UUID_C2PA, box_bytes, check_boxes
from kzlabel.formats._mp4_file import Movie, damage, read_meta, read_movie
from kzlabel.formats._mp4_parts import part
from kzlabel.formats._mp4_splice import Edit, splice
from kzlabel.formats._mp4_tags import with_items
from kzlabel.formats._mp4_texts import read_items
from kzlabel.formats._mp4_xmp import edits_for, emptied, read_xmp
from kzlabel.model import Carrier, CarrierKind, Medium

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.model import Notice, NoticeReport, Placement, Tags


class Mp4Room:
    """ISO and QuickTime media; which medium decides the notices."""

    def __init__(self, medium: Medium) -> None:
        self._medium = medium

    def manifest_carrier(self, path: Path) -> Carrier:
        check_boxes(path)
        return _carrier(read_movie(path))

    def read_tags(self, path: Path) -> Tags:
        check_boxes(path)
        try:
            movie = read_movie(path)
            with damage(path):
                said = read_items(movie.moov, read_meta(movie))
                families = {"mp4": said, "xmp": read_xmp(movie)}
        except UnreadableAssetError:
            return {}
        return {family: found for family, found in families.items() if found}

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        check_boxes(src)
        movie = read_movie(src)
        with damage(src):
            moov = with_items(movie.moov, tags.get("mp4", {}))
            edits = edits_for(movie, tags.get("xmp", {}))
            if moov != movie.moov or (edits and movie.box.open_ended):
                edits.append(movie_edit(movie, moov))
        if _carrier(movie).kind is CarrierKind.COMPANION:
            edits += emptied(movie, UUID_C2PA)  # it holds no more, and would be read first
        splice(movie, dst, edits)

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._mp4_notice import write_notice

        return write_notice(src, dst, notice, self._medium)

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        from kzlabel.formats._mp4_find import find_notices

        return find_notices(path, hints, self._medium, search=search)


def _carrier(movie: Movie) -> Carrier:
    if movie.first(b"moof") is None and (movie.first(b"mfra") or not movie.first(b"mdat")):
        # Its fragments lie in other files; c2pa-rs calls an index of none "Bad BMFF".
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.mp4-segment")
    if not movie.brand:
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.mp4-old")
    return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.mp4")


def movie_edit(movie: Movie, moov: bytes) -> Edit:
    """Return the edit that puts another movie header in the place of the old one.

    Free space behind it gives way, so that what follows stays where it is if it can.
    """
    content = box_bytes(b"moov", moov)
    growth = len(content) - movie.box.size
    room = next((box for box in movie.boxes if box.start == movie.box.end), None)
    if room is not None and room.kind in (b"free", b"skip") and not room.open_ended:
        left = room.size - growth
        if left == 0 or left >= 8:  # noqa: PLR2004  a header
            padding = part(room.kind, bytes(left - 8)).raw if left else b""
            return Edit(movie.box.start, room.end, content + padding)
    return Edit(movie.box.start, movie.box.end, content)
