"""FLAC (RFC 9639): frames made anew with the notice, every metadata block kept.

c2pa-rs would put an ID3v2 tag with the manifest before "fLaC", and players that insist on it then
refuse the file: the manifest goes beside it, except where such a tag is there already.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kzlabel._av.wrapping import Wrapping
from kzlabel.formats import _flac_blocks as blocks
from kzlabel.formats import _sound
from kzlabel.formats._id3_read import read_id3
from kzlabel.formats._id3_survival import survives
from kzlabel.formats._vorbis_comments import comments_in, named
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.model import Notice, NoticeReport, Placement, Tags

_WRAPPING = Wrapping("flac", "flac", only_sound=True)


class FlacRoom:
    """FLAC of 16 or 24 bits."""

    def manifest_carrier(self, path: Path) -> Carrier:
        before = blocks.read_flac(path).before
        if before and survives(before):
            return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.flac-id3")
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.flac")

    def read_tags(self, path: Path) -> Tags:
        flac = blocks.read_flac(path)
        comments = named(comments_in(flac.find(blocks.COMMENT) or b""))
        return {**({"vorbis": comments} if comments else {}), **read_id3(flac.before)}

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        flac = blocks.read_flac(src)
        changed = blocks.changed(blocks.comments_of(flac), tags.get("vorbis", {}))
        flac.with_block(blocks.COMMENT, changed).write(dst)

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        from kzlabel._av.encoding import rewrite_sound

        flac = blocks.read_flac(src)
        flac.check_cost()
        ready = _sound.prepared(src, _WRAPPING.demuxer, notice, flac.seconds)
        encoded = dst.with_name(f"{dst.name}.frames")
        try:
            rewrite_sound(src, encoded, _WRAPPING, _sound.tracks(src, _WRAPPING.demuxer, ready))
            _around(flac, ready, blocks.read_flac(encoded), dst)
        finally:
            encoded.unlink(missing_ok=True)
        return _sound.placement(notice, ready)

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        flac = blocks.read_flac(path)
        flac.check_cost()
        return _sound.judge(path, _WRAPPING.demuxer, hints, search=search, told=flac.seconds)


def _around(old: blocks.Flac, ready: _sound.Prepared, new: blocks.Flac, dst: Path) -> None:
    """Write the new frames with the old blocks around them; a seek table would point wrong."""
    kept = [
        (kind, blocks.moved_cues(content, ready) if kind == blocks.CUESHEET else content)
        for kind, content in old.blocks[1:]
        if kind != blocks.SEEKTABLE
    ]
    whole = replace(old, blocks=(new.blocks[0], *kept))
    whole.write(dst, (new.path, new.frames_at))
