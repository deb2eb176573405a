"""JPEG (ITU-T T.81, JFIF, EXIF), MPO and Ultra HDR among them: the first picture is what is shown.

A notice is drawn on the decoded picture, which is encoded once, with the source's quantisation
tables, sampling, passes and colour transform; Huffman tables and restart intervals are new, and
arithmetic coding becomes Huffman coding. APPn and COM segments and all that follows the picture
stay as they are. Further pictures of an MPO, EXIF thumbnails and gain maps are not drawn on. XMP
lies in an APP1 segment (XMP part 3, 1.1.3), the manifest in APP11 (C2PA A.1.1).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from kzlabel.errors import UnsupportedTagsError
from kzlabel.formats._exif_text import HEADER as EXIF
from kzlabel.formats._jpeg_segments import APP0, APP1, APP2, Segment, segments
from kzlabel.formats._jpeg_tags import read_jpeg
from kzlabel.formats._new_file import new_file
from kzlabel.formats._picture_blocks import XMP
from kzlabel.formats._xmp import merge_packet
from kzlabel.model import Carrier, CarrierKind, FormatSpec, Medium

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from PIL.Image import Image

    from kzlabel.model import Enclosure, Notice, NoticeReport, Placement, Tags

MAX_SEGMENT = 65533
"""Bytes of payload that the two-byte length of a segment can say."""
SEARCHED_SIDE = 1600
"""Shorter side at which a notice that nobody declared is easy to read."""
LEGIBLE_EM = 24
"""Em in pixels that a shrunk decoding must leave for a notice to be judged."""
_PILLOW = ("JPEG",)
"""An MPO file is one too, and Pillow finds out for itself."""
_PADDING = re.compile(rb"\s+(?=<\?xpacket end=)")


class Jpeg:
    """The JPEG room."""

    spec = FormatSpec(
        name="JPEG",
        medium=Medium.IMAGE,
        media_types=("image/jpeg", "image/jpg", "image/pjpeg", "image/mpo"),
        suffixes=(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
        tags=("xmp",),
    )

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002  the contract's
        return head.startswith(b"\xff\xd8\xff")

    def manifest_carrier(self, path: Path) -> Carrier:  # noqa: ARG002  the contract's
        return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.jpeg")

    def enclosure(self, path: Path) -> Enclosure | None:  # noqa: ARG002  some need the name
        return None

    def read_tags(self, path: Path) -> Tags:
        with path.open("rb") as file:
            return read_jpeg(file, path)

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        from kzlabel.formats._jpeg_splice import is_index, write_segment

        with src.open("rb") as file:
            found = list(segments(file, src))
            place, old = _xmp_place(file, found)
            segment = _xmp_segment(old, tags.get("xmp", {}), src)
            listed = [(s, s.payload(file)) for s in found if s.marker == APP2]
            indexes = [(part, payload) for part, payload in listed if is_index(part, payload)]
            with new_file(dst) as target:
                write_segment(file, target, place, segment, indexes)

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        from kzlabel.formats._jpeg_splice import anatomy, write_picture
        from kzlabel.formats._raster import decoding, draw, open_image, orientation_of, place_on

        with src.open("rb") as file:
            parts = anatomy(file, src)
            parts.check_codable(src)
            with open_image(src, _PILLOW) as image, decoding(src):
                coding = parts.coding(_tables(image), src)
                orientation = orientation_of(image)
                image.load()
                placement = place_on(image, notice, orientation)
                drawn = draw(image, placement, orientation, in_place=True)
                encoded = coding.encode(drawn)
            with new_file(dst) as target:
                write_picture(file, target, parts, encoded)
        return placement

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        from kzlabel.formats._raster import (
            decoding,
            displayed_size,
            judge_frames,
            open_image,
            orientation_of,
        )

        with open_image(path, _PILLOW) as image:
            orientation = orientation_of(image)
            full = image.size
            shrink = _shrink(displayed_size(image, orientation), hints)
            with decoding(path):
                image.draft(None, (full[0] // shrink, full[1] // shrink))
                image.load()
            scale = full[1] / image.size[1]
            reports = judge_frames([image], hints, search=search, orientation=orientation)
        return tuple(_at_full_scale(report, scale) for report in reports)


def _packet(file: BinaryIO, segment: Segment) -> bytes | None:
    """Return the XMP packet of an APP1 segment, or None where it holds something else."""
    file.seek(segment.start + 4)
    if file.read(min(len(XMP), segment.end - segment.start - 4)) != XMP:
        return None
    return file.read(segment.end - segment.start - 4 - len(XMP))


def _xmp_place(file: BinaryIO, found: Sequence[Segment]) -> tuple[tuple[int, int], bytes | None]:
    """Return the bytes that an XMP segment is to replace, and the packet that they hold.

    Where there is none yet: behind the leading APP0 and EXIF segments, as EXIF wants to come first.
    """
    for segment in found:
        if segment.marker == APP1 and (packet := _packet(file, segment)) is not None:
            return (segment.start, segment.end), packet
    at = 2
    for segment in found:
        exif = segment.marker == APP1 and segment.payload(file).startswith(EXIF)
        if segment.marker != APP0 and not exif:
            break
        at = segment.end
    return (at, at), None


def _xmp_segment(old: bytes | None, tags: Mapping[str, str], path: Path) -> bytes:
    try:
        packet = merge_packet(old, tags)
    except UnsupportedTagsError as exc:
        raise UnsupportedTagsError(exc.code, **{**exc.values, "path": path}) from exc
    limit = MAX_SEGMENT - len(XMP)
    if len(packet) > limit:
        packet = _PADDING.sub(b"", packet)
    if len(packet) > limit:
        raise UnsupportedTagsError(
            "kz.error.jpeg-xmp-size", path=path, size=len(packet), limit=limit
        )
    body = XMP + packet
    return bytes((0xFF, APP1)) + (len(body) + 2).to_bytes(2) + body


def _tables(image: Image) -> dict[int, list[int]]:
    from PIL.JpegImagePlugin import JpegImageFile

    return image.quantization if isinstance(image, JpegImageFile) else {}


def _shrink(displayed: tuple[int, int], hints: Sequence[Placement]) -> int:
    """Return by how much a picture may be shrunk so that its notices stay easy to read.

    libjpeg decodes at 1/2, 1/4 or 1/8 for much less. A hint of unknown size shrinks nothing.
    """
    ems = [
        hint.font_size * displayed[1] / hint.height if hint.height > 0 else 0.0 for hint in hints
    ] or [LEGIBLE_EM * min(displayed) / SEARCHED_SIDE]
    # The regions that are judged are fractions: more than 1/8 is not on offer.
    return max(1, min(8, int(min(ems) / LEGIBLE_EM)))


def _at_full_scale(report: NoticeReport, scale: float) -> NoticeReport:
    """Return what was judged on a shrunk picture with its size in pixels as it really is."""
    if "em_px" not in report.measures:
        return report
    measures = report.measures | {"em_px": report.measures["em_px"] * scale}
    return msgspec.structs.replace(report, measures=measures)
