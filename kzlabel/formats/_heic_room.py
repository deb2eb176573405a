"""HEIC and HEIF pictures (ISO/IEC 23008-12), coded with HEVC.

Tags are spliced without decoding; for the notice the picture is decoded and encoded again by
pillow_heif (extra `heic`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._bmff import top_level
from kzlabel.formats._bmff_picture import (
    BmffPicture,
    coded_items,
    keepable,
    other_boxes,
    properties,
)
from kzlabel.formats._heif import decode, encode
from kzlabel.formats._raster import draw, judge_frames, place_on
from kzlabel.model import Notice, NoticeReport, Placement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.formats._bmff_items import Meta

QUALITY = 90


class HeicRoom(BmffPicture):
    """What the HEIC room does."""

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        meta = keepable(src, b"hvc1")
        if any(box.kind == b"moov" for box in top_level(src)):
            raise RefusedError("kz.error.heif-loses", path=src, detail="moov")
        picture = decode(src)
        placement = place_on(picture.image, notice)
        drawn = draw(picture.image, placement)
        encode(dst, drawn, quality=QUALITY, chroma=_chroma(meta), like=picture)
        with dst.open("ab") as target:
            target.write(other_boxes(src))
        return placement

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        return judge_frames([decode(path).image], hints, search=search)


def _chroma(meta: Meta) -> int:
    """Return the chroma subsampling by `hvcC` (ISO/IEC 14496-15 8.3.3.1)."""
    first = coded_items(meta, meta.primary)[0]
    formats = [payload[16] & 3 for payload in properties(meta, first, b"hvcC") if payload[16:]]
    return {0: 420, 1: 420, 2: 422}.get(formats[0] if formats else 1, 444)
