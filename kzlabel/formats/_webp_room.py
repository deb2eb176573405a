"""WebP: https://developers.google.com/speed/webp/docs/riff_container; C2PA's RIFF chunk `C2PA`.

`_webp_container` knows the chunks, `_webp_notice` the pictures, `_webp_vp8` how fine they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._picture_blocks import Blocks
from kzlabel.formats._webp_container import read_webp, with_packet
from kzlabel.formats._xmp import merge_packet
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from PIL.Image import Image

    from kzlabel.model import Notice, NoticeReport, Placement, Tags

_TEXTS = (b"EXIF", b"XMP ", b"XMP\0")
"""The last as some writers misspell it, and ExifTool reads it."""


class WebpRoom:
    """WebP, lossy or lossless, still or animated."""

    def manifest_carrier(self, path: Path) -> Carrier:
        read_webp(path)
        return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.webp")

    def read_tags(self, path: Path) -> Tags:
        blocks = Blocks()
        for chunk in read_webp(path).chunks:
            if chunk.name in _TEXTS:
                blocks.add(chunk.payload)
        return blocks.families()

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        webp = read_webp(src)
        chunk = webp.find(b"XMP ")
        packet = merge_packet(chunk.payload if chunk else None, tags.get("xmp", {}))
        dst.write_bytes(with_packet(webp, packet).encoded())

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._webp_notice import stamp

        content, placement = stamp(read_webp(src), notice, src)
        dst.write_bytes(content)
        return placement

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        from kzlabel.formats._raster import decoding, judge_frames, open_image, orientation_of
        from kzlabel.formats._webp_notice import check_frames

        check_frames(read_webp(path), path)
        with open_image(path, ("WEBP",)) as image, decoding(path):
            turn = orientation_of(image)
            return judge_frames(_canvases(image), hints, search=search, orientation=turn)


def _canvases(image: Image) -> Iterator[Image]:
    """Yield each frame as it is shown."""
    from PIL import ImageSequence

    yield from ImageSequence.Iterator(image)
