"""GIF: https://www.w3.org/Graphics/GIF/spec-gif89a.txt; C2PA's application extension `C2PA_GIF`.

`_gif_blocks` walks the file, `_gif_text` knows XMP and comments, `_gif_frames` and `_gif_notice`
the pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._gif_blocks import read_gif
from kzlabel.formats._gif_text import comments, find_packet, packets, splice_packet
from kzlabel.formats._picture_blocks import Blocks
from kzlabel.formats._repeats import gathered
from kzlabel.formats._xmp import merge_packet
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from PIL.Image import Image

    from kzlabel.model import Notice, NoticeReport, Placement, Tags


class GifRoom:
    """GIF, still or animated."""

    def manifest_carrier(self, path: Path) -> Carrier:
        read_gif(path)  # a reader of manifests must not meet what we refuse to walk
        return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.gif")

    def read_tags(self, path: Path) -> Tags:
        gif = read_gif(path)
        blocks = Blocks()
        for _, packet in packets(gif):
            blocks.add(packet)
        return blocks.families(comment=gathered(comments(gif)))

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        gif = read_gif(src)
        packet = merge_packet(find_packet(gif)[1], tags.get("xmp", {}))
        dst.write_bytes(splice_packet(gif, packet, src))

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._gif_notice import check_frames, stamp
        from kzlabel.formats._raster import decoding, open_image, place_on

        gif = read_gif(src)
        check_frames(gif, src)
        with open_image(src, ("GIF",)) as image, decoding(src):
            placement = place_on(image, notice)
        dst.write_bytes(stamp(gif, placement, src))
        return placement

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        from kzlabel.formats._gif_notice import check_frames
        from kzlabel.formats._raster import decoding, judge_frames, open_image

        check_frames(read_gif(path), path)
        with open_image(path, ("GIF",)) as image, decoding(path):
            return judge_frames(_canvases(image), hints, search=search)


def _canvases(image: Image) -> Iterator[Image]:
    """Yield each frame as it is shown."""
    from PIL import ImageSequence

    yield from ImageSequence.Iterator(image)
