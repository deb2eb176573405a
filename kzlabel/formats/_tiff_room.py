"""TIFF and BigTIFF: TIFF 6.0, Adobe's technical notes 1 and 2; C2PA's tag 0xCD41.

`_tiff_ifd` reads directories, `_tiff_tags` their texts, `_tiff_write` puts changed ones at the
end; `_tiff_codec` and `_tiff_page` know strips and tiles, `_tiff_notice` the drawing.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from kzlabel.errors import UnsupportedTagsError
from kzlabel.formats._tiff_ifd import BYTE, XMP
from kzlabel.formats._tiff_ifd import Tiff as TiffFile
from kzlabel.formats._tiff_tags import read_tiff
from kzlabel.formats._tiff_write import Appender
from kzlabel.formats._xmp import MAX_PACKET, merge_packet
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.model import Notice, NoticeReport, Placement, Tags


class TiffRoom:
    """TIFF, single or multi-page."""

    def manifest_carrier(self, path: Path) -> Carrier:
        with path.open("rb") as file:
            chain = len(TiffFile(file, path).ifds)
        # c2pa-rs adds an IFD without a picture, on which libtiff fails (c2pa-rs issue 1894).
        if chain > 1:
            return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.tiff-pages")
        return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.tiff")

    def read_tags(self, path: Path) -> Tags:
        with path.open("rb") as file:
            return read_tiff(TiffFile(file, path))

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        with src.open("rb") as file:
            tiff = TiffFile(file, src)
            old = _packet(tiff)
        if old is None and tiff.ifds[0].find(XMP) is not None:
            raise UnsupportedTagsError("kz.error.tiff-xmp", path=src)
        packet = merge_packet(old, tags.get("xmp", {}))
        shutil.copyfile(src, dst)
        with dst.open("r+b") as file:
            Appender(file, tiff.form, src).rewrite(tiff.ifds[0], {XMP: (BYTE, packet)})

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._tiff_notice import write_notice

        return write_notice(src, dst, notice)

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        from kzlabel.formats._tiff_notice import find_notices

        return find_notices(path, hints, search=search)


def _packet(tiff: TiffFile) -> bytes | None:
    """Return the XMP of the first IFD; None where there is none, or it is damaged or too long."""
    entry = tiff.ifds[0].find(XMP)
    if entry is None or not 0 < entry.size <= MAX_PACKET:
        return None
    offset = tiff.form.offset.unpack(entry.value)[0]
    if entry.size > tiff.form.offset.size and offset + entry.size > tiff.size:
        return None
    return tiff.bytes_of(entry)
