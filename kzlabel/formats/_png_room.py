"""PNG and APNG (https://www.w3.org/TR/png-3/, ISO/IEC 15948).

A notice keeps bit depth, colour type and every pixel outside the plate; on an animation it is on
every frame, with delays, disposal and blending as they were. An interlaced picture comes out not
interlaced. All other chunks keep place and bytes, and so does what follows IEND. XMP lies in an
iTXt chunk (XMP part 3, 1.1.5), the manifest in caBX (C2PA A.3.2). What others hid in the lowest
bits of alpha stays where the plate does not lie, and so is lost where the plate lies on it.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.errors import UnsupportedTagsError
from kzlabel.formats._new_file import new_file
from kzlabel.formats._png_chunks import chunks
from kzlabel.formats._png_stealth import read_stealth
from kzlabel.formats._png_text import read_texts, xmp_chunk, xmp_of
from kzlabel.formats._xmp import merge_packet
from kzlabel.model import Carrier, CarrierKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from PIL.Image import Image

    from kzlabel.formats._png_chunks import Chunk
    from kzlabel.model import Notice, NoticeReport, Placement, Tags

Edit = tuple[int, int, bytes]
"""Bytes from start to end give way to others."""
_PICTURE = frozenset({b"fcTL", b"IDAT"})
"""What the first picture begins with."""


class PngRoom:
    """The PNG room."""

    def manifest_carrier(self, path: Path) -> Carrier:  # noqa: ARG002  the contract's
        return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.png")

    def read_tags(self, path: Path) -> Tags:
        with path.open("rb") as file:
            families = read_texts(file, path)
            stealth = read_stealth(file, path)
        return {**families, "stealth": stealth} if stealth else families

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        with src.open("rb") as file:
            found = list(chunks(file, src))
            packets = ((chunk, xmp_of(chunk, file)) for chunk in found)
            old, packet = next(((c, p) for c, p in packets if p is not None), (None, None))
            try:
                merged = merge_packet(packet, tags.get("xmp", {}))
            except UnsupportedTagsError as exc:
                raise UnsupportedTagsError(exc.code, **{**exc.values, "path": src}) from exc
            with new_file(dst) as target:
                _splice(file, target, _edits(found, old, xmp_chunk(merged)))

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._png_notice import write_notice

        with src.open("rb") as file:
            return write_notice(src, file, dst, notice)

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        from kzlabel.formats._png_colour import check_colour
        from kzlabel.formats._png_notice import orientation
        from kzlabel.formats._png_pictures import anatomy
        from kzlabel.formats._raster import check_pixels, decoding, judge_frames, open_image

        with path.open("rb") as file:
            parts = anatomy(file, path)
            check_colour(file, parts, path)
            turn = orientation(file, parts)
        frames = len(parts.pictures)
        check_pixels(path, parts.header.width, parts.header.height, frames)
        with open_image(path, ("PNG",)) as image, decoding(path):
            shown = _frames(image, frames)
            return judge_frames(shown, hints, search=search, orientation=turn)


def _frames(image: Image, count: int) -> Iterator[Image]:
    """Yield what is shown, frame by frame; an image that only others show comes first."""
    for number in range(min(count, getattr(image, "n_frames", 1))):
        image.seek(number)
        yield image


def _edits(found: Sequence[Chunk], old: Chunk | None, new: bytes) -> list[Edit]:
    """Return what to replace so that `new` stands before the first picture, instead of `old`."""
    first = next((chunk for chunk in found if chunk.type in _PICTURE), found[-1])
    if old is None:
        return [(first.start, first.start, new)]
    if old.start < first.start:
        return [(old.start, old.end, new)]
    return [(first.start, first.start, new), (old.start, old.end, b"")]


def _splice(src: BinaryIO, dst: BinaryIO, edits: Sequence[Edit]) -> None:
    src.seek(0)
    for start, end, new in edits:
        dst.write(src.read(start - src.tell()))
        dst.write(new)
        src.seek(end)
    shutil.copyfileobj(src, dst)
