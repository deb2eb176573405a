"""AVIF pictures and sequences (AV1 Image File Format 1.1, https://aomediacodec.github.io/av1-avif/).

Tags are spliced; the notice is drawn on the decoded pixels, which Pillow encodes again, or, of 10
and 12 bits, imagecodecs (`_avif_deep`). Rotation and mirroring are the properties `irot` and `imir`
here; Pillow gives and takes them as the EXIF orientation.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._bmff import held, top_level
from kzlabel.formats._bmff_items import read_meta
from kzlabel.formats._bmff_picture import (
    BITS,
    BmffPicture,
    av1_depth,
    keepable,
    nclx,
    other_boxes,
    properties,
    subsampling,
)
from kzlabel.formats._raster import (
    check_pixels,
    decoding,
    draw,
    judge_frames,
    open_image,
    orientation_of,
    place_on,
)
from kzlabel.model import Notice, NoticeReport, Placement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from PIL.Image import Image

    from kzlabel.formats._bmff_items import Meta

QUALITY = 90
_PILLOW_FORMATS = ("AVIF",)
_NO_COLOUR = (2, 2, 2, 0)
"""Unspecified code points (ITU-T H.273)."""
_IDENTITY = 0
"""Matrix coefficients of RGB that was not transformed: lossless, which Pillow cannot write."""


class AvifRoom(BmffPicture):
    """What the AVIF room does."""

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        if _is_deep(src):
            return self._write_deep(src, dst, notice)
        meta = keepable(src, b"av01")
        if properties(meta, meta.primary, b"clap"):  # Pillow ignores the clean aperture
            raise RefusedError("kz.error.heif-loses", path=src, detail="clap")
        if (nclx(meta) or _NO_COLOUR)[2] == _IDENTITY:
            raise RefusedError("kz.error.heif-loses", path=src, detail="lossless")
        _check_repetition(src)
        with open_image(src, _PILLOW_FORMATS) as image:
            orientation = orientation_of(image)
            with decoding(src):
                frames, durations = _frames(src, image)
            placement = place_on(frames[0], notice, orientation)
            drawn = [draw(frame, placement, orientation) for frame in frames]
            with decoding(src):
                _encode(dst, image, drawn, durations, meta)
        _patch_colour(dst, meta)
        with dst.open("ab") as target:
            target.write(other_boxes(src))
        return placement

    def _write_deep(self, src: Path, dst: Path, notice: Notice) -> Placement:
        """Place on Pillow's 8 bits, draw on all bits."""
        from kzlabel.formats import _avif_deep

        deep = _avif_deep.examined(src)
        with open_image(src, _PILLOW_FORMATS) as image:
            with decoding(src):
                image.load()
            orientation = orientation_of(image)
            placement = place_on(image, notice, orientation)
        _avif_deep.write(deep, dst, placement, orientation)
        return placement

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        _check_crop(path)
        with open_image(path, _PILLOW_FORMATS) as image, decoding(path):
            check_pixels(path, *image.size, getattr(image, "n_frames", 1))
            orientation = orientation_of(image)
            return judge_frames(_each(image), hints, search=search, orientation=orientation)


def _check_crop(path: Path) -> None:
    """Raise `UnreadableAssetError` for a clean aperture: browsers crop to it, Pillow does not."""
    boxes = top_level(path)
    metas = [read_meta(path)] if any(box.kind == b"meta" for box in boxes) else []
    cropped = any(
        kind == b"clap" for meta in metas for own in meta.properties.values() for kind, _ in own
    )
    if cropped or any(b"clap" in held(path, box) for box in boxes if box.kind == b"moov"):
        raise UnreadableAssetError("kz.error.undecodable", path=path, detail="clap")


def _is_deep(path: Path) -> bool:
    """Whether there is one picture of more than 8 bits; grids and sequences are refused as such."""
    meta = read_meta(path)
    primary = meta.items.get(meta.primary)
    if primary is None or primary.kind != b"av01" or av1_depth(meta) == BITS:
        return False
    return all(box.kind != b"moov" for box in top_level(path))


def _each(image: Image) -> Iterator[Image]:
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        yield image.copy()


def _frames(path: Path, image: Image) -> tuple[list[Image], list[int]]:
    """Return all frames and their durations in milliseconds."""
    check_pixels(path, *image.size, getattr(image, "n_frames", 1))
    frames, ends = [], [0]
    for frame in _each(image):
        frames.append(frame)
        ends.append(int(image.info.get("timestamp", 0)) + int(image.info.get("duration", 0)))
    return frames, [end - start for start, end in pairwise(ends)]


def _encode(dst: Path, image: Image, frames: list[Image], durations: list[int], meta: Meta) -> None:
    more: dict[str, object] = {}
    if len(frames) > 1:
        more = {"save_all": True, "append_images": frames[1:], "duration": durations}
    for name in ("icc_profile", "exif", "xmp"):
        if image.info.get(name):
            more[name] = image.info[name]
    frames[0].save(
        dst,
        "AVIF",
        quality=QUALITY,
        subsampling=subsampling(meta),
        **more,
    )


def _patch_colour(path: Path, meta: Meta) -> None:
    """Give the new file the primaries and transfer of the old; pixels were not converted."""
    colour = nclx(meta)
    if colour is None:
        return
    wanted = b"".join(number.to_bytes(2) for number in colour[:2])
    with path.open("r+b") as stream:
        for box in top_level(path):
            if box.kind not in (b"meta", b"moov"):
                continue
            payload = held(path, box)
            at = payload.find(b"colrnclx")
            while at >= 0:
                stream.seek(box.payload + at + 8)
                stream.write(wanted)
                at = payload.find(b"colrnclx", at + 8)


def _check_repetition(path: Path) -> None:
    """Refuse a sequence that ends: Pillow writes only such as repeat for ever.

    An edit list whose flag 1 is set repeats, as long as the track lasts (ISO/IEC 14496-12 8.6.6).
    """
    for box in top_level(path):
        if box.kind != b"moov":
            continue
        moov = held(path, box)
        at = moov.find(b"elst")
        if at < 0 or moov[at + 7 : at + 8] != b"\1":
            raise RefusedError("kz.error.avif-repetition", path=path)
        track = moov.find(b"tkhd")
        if track < 0 or len(moov) < track + 44:
            raise UnreadableAssetError("kz.error.box", path=path, detail="tkhd")
        wide = moov[track + 4] == 1
        length = moov[track + 32 : track + 40] if wide else moov[track + 24 : track + 28]
        if length.strip(b"\xff"):
            raise RefusedError("kz.error.avif-repetition", path=path)
