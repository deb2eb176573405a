"""AIFF and AIFF-C: https://www.loc.gov/preservation/digital/formats/fdd/fdd000005.shtml.

`_aiff_structure` knows the chunks, `_pcm` the samples, `_pcm_notice` where the notice goes. c2pa-rs
does not know AIFF: its manifest goes beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._aiff_structure import (
    FRAMES_AT,
    Sound,
    read_aiff,
    sound_of,
    write_aiff,
    written_on,
)
from kzlabel.formats._id3 import id3_bytes
from kzlabel.formats._pcm_markers import moved_mark, moved_peak
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

    from kzlabel.formats._aiff_structure import Aiff
    from kzlabel.formats._pcm_chunks import Chunk
    from kzlabel.formats._pcm_notice import Given
    from kzlabel.formats._pcm_splice import Edits, Piece
    from kzlabel.model import Notice, NoticeReport, Placement, Tags

DEMUXER = "aiff"
_ID3 = (b"ID3 ", b"id3 ")


class AiffRoom:
    """AIFF and AIFF-C."""

    def manifest_carrier(self, path: Path) -> Carrier:
        with path.open("rb") as file:
            written_on(read_aiff(file, path))
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.aiff")

    def read_tags(self, path: Path) -> Tags:
        from kzlabel.formats._aiff_tags import read_aiff_tags

        return read_aiff_tags(path)

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        with src.open("rb") as file:
            aiff = read_aiff(file, src)
            old = aiff.container.find(*_ID3)
            tag = id3_bytes(aiff.container.read(file, old) if old else None, tags.get("id3", {}))
            edits: Edits = {old: [tag] if tag else None} if old else {}
            write_aiff(file, dst, aiff, edits, [(_ID3[0], [tag])] if tag and not old else ())

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._pcm_notice import give

        with src.open("rb") as file:
            aiff = read_aiff(file, src)
            sound = sound_of(file, aiff)
            given = give(file, src, DEMUXER, notice, sound.pcm, sound.samples)
            write_aiff(file, dst, aiff, _edits(file, aiff, sound, given))
        return given.placement

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        from kzlabel.formats._sound import judge

        return judge(path, DEMUXER, hints, search=search)


def _edits(file: BinaryIO, aiff: Aiff, sound: Sound, given: Given) -> Edits:
    """Return what the chunks hold around the new samples: their count, and positions in them."""
    container = aiff.container
    edits: dict[Chunk, list[Piece]] = {}
    for chunk in container.all(b"MARK"):
        edits[chunk] = [moved_mark(container.read(file, chunk), given.shift)]
    for chunk in container.all(b"PEAK"):
        edits[chunk] = [moved_peak(container.read(file, chunk), given.shift, ">")]
    if aiff.comm is not None and aiff.ssnd is not None:
        count = given.frames.to_bytes(4)
        comm = sound.comm[:FRAMES_AT] + count + sound.comm[FRAMES_AT + 4 :]
        edits[aiff.comm] = [comm]
        edits[aiff.ssnd] = [sound.header, *given.pieces]
    return edits
