"""JPEG XL pictures: a bare codestream, or a container of boxes (ISO/IEC 18181-2).

The container's boxes are those of ISO media files: `jxlc` or several `jxlp` (u32 number first)
hold the codestream, `xml ` holds XMP, `Exif` EXIF, `jumb` a C2PA manifest; a bare codestream has
no place for any. A notice is drawn by pillow_jxl (extra `jxl`), whose encoder knows only sRGB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import (
    MissingExtraError,
    RefusedError,
    UnreadableAssetError,
    UnsupportedTagsError,
)
from kzlabel.formats._bmff import Box, box_bytes, check_boxes, held, rewrite, top_level
from kzlabel.formats._exif_text import boxed
from kzlabel.formats._jxl_header import (
    MAX_HEADER,
    SIGNATURE,
    DamagedHeaderError,
    Header,
    read_header,
    read_size,
)
from kzlabel.formats._picture_blocks import MAX_BLOCKS, Blocks
from kzlabel.formats._raster import check_pixels, decoding, draw, judge_frames, place_on
from kzlabel.formats._unread import cut
from kzlabel.formats._xmp import MAX_PACKET, merge_packet
from kzlabel.model import (
    Carrier,
    CarrierKind,
    Notice,
    NoticeReport,
    Placement,
    Tags,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL.Image import Image

CONTAINER = b"\0\0\0\x0cJXL \r\n\x87\n"
QUALITY = 95
"""Of a lossy picture; about Butteraugli distance 0.5."""
_CODESTREAM = (b"jxlc", b"jxlp")
_DEAD = (b"jxlc", b"jxlp", b"jxli", b"jbrd")
"""What describes the old codestream: its index, and how to rebuild the JPEG it was made from."""
_TEXTS = {b"Exif": "exif", b"xml ": "xmp"}
"""Not `brob`, which holds a box compressed with Brotli: for that there is no library here."""
_BITS = 8


class JxlRoom:
    """What the JPEG XL room does."""

    def manifest_carrier(self, path: Path) -> Carrier:
        if _is_container(path):
            check_boxes(path)
            return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.jxl")
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.jxl-bare")

    def read_tags(self, path: Path) -> Tags:
        if not _is_container(path):
            return {}
        check_boxes(path)
        try:
            boxes = top_level(path)
        except UnreadableAssetError:
            return {}
        blocks = Blocks()
        texts = [box for box in boxes if box.kind in _TEXTS]
        for number, box in enumerate(texts):
            if number >= MAX_BLOCKS or box.size > MAX_PACKET:
                cut(_TEXTS[box.kind])
                continue
            content = held(path, box)
            blocks.add(boxed(content) if box.kind == b"Exif" else content)
        return blocks.families()

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        if not _is_container(src):
            raise UnsupportedTagsError("kz.error.jxl-bare", path=src)
        check_boxes(src)
        box = _xmp_box(src)
        packet = merge_packet(held(src, box) if box else None, tags.get("xmp", {}))
        new = box_bytes(b"xml ", packet)
        if box:
            rewrite(src, dst, {box.start: new})
        else:
            rewrite(src, dst, {}, new)

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        _library(src)
        if _is_container(src):
            check_boxes(src)
        header = _keepable(src)
        image = _decoded(src)
        placement = place_on(image, notice)
        with decoding(src):
            codestream = _encoded(draw(image, placement), lossless=not header.xyb)
        if not codestream.startswith(SIGNATURE):  # libjxl boxes what needs level 10
            raise RefusedError("kz.error.jxl-loses", path=src, detail="level 5")
        if _is_container(src):
            _replace_codestream(src, dst, codestream)
        else:
            dst.write_bytes(codestream)
        return placement

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        _library(path)
        if _is_container(path):
            check_boxes(path)
        if _header(path).animated:  # pillow_jxl decodes the last frame only
            raise UnreadableAssetError(
                "kz.error.undecodable", path=path, detail="animation or preview"
            )
        return judge_frames([_decoded(path)], hints, search=search)


# --- The container --------------------------------------------------------------------------------


def _is_container(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(CONTAINER)) == CONTAINER


def _xmp_box(path: Path) -> Box | None:
    return next((box for box in top_level(path) if box.kind == b"xml "), None)


def _replace_codestream(src: Path, dst: Path, codestream: bytes) -> None:
    boxes = top_level(src)
    replaced = {box.start: b"" for box in boxes if box.kind in _DEAD}
    first = next(box for box in boxes if box.kind in _CODESTREAM)
    replaced[first.start] = box_bytes(b"jxlc", codestream)
    rewrite(src, dst, replaced)


def _codestream_head(path: Path) -> bytes:
    if not _is_container(path):
        with path.open("rb") as stream:
            return stream.read(MAX_HEADER)
    head = b""
    with path.open("rb") as stream:
        for box in top_level(path):
            if box.kind in _CODESTREAM and len(head) < MAX_HEADER:
                number = 4 * (box.kind == b"jxlp")
                stream.seek(box.payload + number)
                head += stream.read(max(0, min(MAX_HEADER, box.end - box.payload - number)))
    return head


# --- Pixels ---------------------------------------------------------------------------------------


def _library(path: Path) -> None:
    """Raise `MissingExtraError` without the extra; importing it makes Pillow know the format."""
    try:
        import pillow_jxl  # noqa: F401  registers itself with Pillow
    except ImportError as exc:
        raise MissingExtraError("kz.error.extra", path=path, extra="jxl") from exc


def _keepable(path: Path) -> Header:
    """Return the header of a picture that can be encoded again; else raises `RefusedError`."""
    header = _header(path)
    if header.animated:
        raise RefusedError("kz.error.jxl-loses", path=path, detail="animation or preview")
    if header.bits != _BITS or header.is_float:
        raise RefusedError("kz.error.bit-depth", path=path, bits=header.bits)
    if header.extra not in ((), ("alpha",)):
        raise RefusedError("kz.error.jxl-loses", path=path, detail=", ".join(header.extra))
    if not header.srgb:
        raise RefusedError("kz.error.jxl-loses", path=path, detail="colour profile")
    return header


def _header(path: Path) -> Header:
    try:
        return read_header(_codestream_head(path))
    except DamagedHeaderError as exc:
        raise UnreadableAssetError("kz.error.undecodable", path=path, detail=exc) from exc


def decoded(path: Path) -> Image:
    """Return the picture as displayed; raises `MissingExtraError` without the extra."""
    _library(path)
    return _decoded(path)


def _decoded(path: Path) -> Image:
    from PIL import Image

    _check_size(path)
    with decoding(path), Image.open(path, formats=("JXL",)) as image:
        return image.copy()


def _check_size(path: Path) -> None:
    """Check the pixel limit before anything is decoded: pillow_jxl decodes when it opens."""
    try:
        size = read_size(_codestream_head(path))
    except DamagedHeaderError as exc:
        raise UnreadableAssetError("kz.error.undecodable", path=path, detail=exc) from exc
    check_pixels(path, *size)


def _encoded(image: Image, *, lossless: bool) -> bytes:
    import io

    image.info.clear()  # the container keeps Exif and XMP
    target = io.BytesIO()
    image.save(target, "JXL", lossless=lossless, quality=QUALITY, use_container=False)
    return target.getvalue()
