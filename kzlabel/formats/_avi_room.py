"""AVI: the workings; `_avi_layout` has the bytes, `_avi_carrier` says where a manifest goes.

FFmpeg's muxer writes the file with the notice; `_avi_notice` puts back what else the source says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.model import Notice, NoticeReport, Placement, Tags


class AviRoom:
    """AVI, with OpenDML's further RIFFs or without."""

    def manifest_carrier(self, path: Path) -> Carrier:
        from kzlabel.formats._avi_carrier import companion_reason

        reason = companion_reason(path)
        if reason is None:
            return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.avi")
        return Carrier(kind=CarrierKind.COMPANION, reason=reason)

    def read_tags(self, path: Path) -> Tags:
        from kzlabel.formats._avi_tags import read_avi_tags

        return read_avi_tags(path)

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        from kzlabel.formats._avi_tags import write_xmp

        write_xmp(src, dst, tags.get("xmp", {}))

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._avi_notice import write_notice

        return write_notice(src, dst, notice)

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        from kzlabel.formats._avi_layout import read_avi
        from kzlabel.formats._avi_playing import film_of
        from kzlabel.formats._film_playing import judge

        return judge(film_of(read_avi(path)), hints, search=search)
