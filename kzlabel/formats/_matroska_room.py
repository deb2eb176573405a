"""Matroska and WebM (RFC 9559): the workings; `_matroska_layout` has the bytes.

C2PA defines no place for a manifest in Matroska: it goes beside the file. Tags go into a global Tag
(`_matroska_tags`), by splicing (`_matroska_splice`). The notice is made by FFmpeg, and what its
muxer drops or alters is put back from the source (`_matroska_notice`, `_matroska_restore`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._matroska_layout import read_layout
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.model import Notice, NoticeReport, Placement, Tags


class MatroskaRoom:
    """Matroska and WebM, with pictures or only sound."""

    def manifest_carrier(self, path: Path) -> Carrier:
        read_layout(path)
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.matroska")

    def read_tags(self, path: Path) -> Tags:
        from kzlabel.formats._matroska_tags import read_tags

        found = read_tags(read_layout(path))
        return {"matroska": found} if found else {}

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        from kzlabel.formats._matroska_splice import write_tags
        from kzlabel.formats._matroska_tags import merged

        layout = read_layout(src)
        write_tags(layout, dst, merged(layout, tags.get("matroska", {})))

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._matroska_notice import write_notice

        return write_notice(src, dst, notice)

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        from kzlabel.formats._film_playing import judge
        from kzlabel.formats._matroska_playing import film_of

        return judge(film_of(read_layout(path)), hints, search=search)
