"""The border of imagecodecs (extra `deep`): a notice on all bits of AVIF of 10 and 12 bits.

Only the AV1 of the picture and of its alpha plane is coded anew and spliced into the file; profile,
Exif, XMP, rotation and HDR properties stay as they are. imagecodecs writes full range, with the
matrix of the source where it knows it; a `colr` of type `nclx` is made to say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, MissingExtraError, RefusedError, UnreadableAssetError
from kzlabel.formats._av1 import (
    UNSPECIFIED,
    Colour,
    DamagedStreamError,
    picture_metadata,
    stated_colour,
    with_metadata,
)
from kzlabel.formats._bmff import boxes_in
from kzlabel.formats._bmff_items import IN_FILE, Meta, parse_meta, read_meta
from kzlabel.formats._bmff_picture import av1_depth, nclx, properties, spliceable, subsampling
from kzlabel.formats._bmff_splice import Coded, Property, write_items
from kzlabel.formats._raster import decoding, displayed_size, stored_box, stored_plate, stored_size
from kzlabel.formats._raster_orientation import undo

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from kzlabel.model import Placement

    Samples = NDArray[np.uint16]

QUALITY, LOSSLESS = 90, 100
SPEED = 6
MAX_FILE = 256 << 20
"""Bytes of a file that is held in memory."""
_MAX_CODE_POINT = 0xFF
"""AV1 has 8 bits for it, `nclx` 16."""
_IDENTITY, _BT601 = 0, 6
_MATRICES = (0, 1, 4, 5, 6, 7, 8, 9, 12)
"""Matrix coefficients (ITU-T H.273) that libavif converts both ways."""
_REFERENCE_WHITE = {16: 0.58, 18: 0.75}
"""Signal of PQ and HLG for graphics white, 203 cd/m2 (ITU-R BT.2408, table 1)."""


@dataclass(frozen=True)
class DeepPicture:
    """A file whose picture can be coded anew without loss of anything else."""

    path: Path
    meta: Meta
    pictures: tuple[int, ...]
    """The primary item and its alpha plane."""
    depth: int
    colour: Colour
    hdr: tuple[bytes, ...]
    """HDR metadata in the stream of the primary item."""


def examined(path: Path) -> DeepPicture:
    """Return what has to be known before a notice is drawn.

    Raises `MissingExtraError` without the extra, `RefusedError` where something would be lost.
    """
    _require(path)
    meta = read_meta(path)
    pictures = spliceable(path, meta)
    colour, hdr = _stated(path, meta, _content(path))
    return DeepPicture(path, meta, pictures, _depth(path, meta), colour, hdr)


def write(deep: DeepPicture, dst: Path, placement: Placement, orientation: int) -> None:
    """Copy the file to `dst` with the plate on its picture, in the depth that it has."""
    import imagecodecs

    with decoding(deep.path):
        samples = imagecodecs.avif_decode(_content(deep.path))
    levels = _levels(deep.depth, deep.colour)
    drawn = _drawn(deep.path, samples, placement, orientation, levels)
    with decoding(deep.path):
        fresh = imagecodecs.avif_encode(
            drawn,
            LOSSLESS if deep.colour.matrix == _IDENTITY else QUALITY,
            speed=SPEED,
            bitspersample=deep.depth,
            pixelformat=subsampling(deep.meta).replace(":", ""),
            primaries=deep.colour.primaries,
            transfer=deep.colour.transfer,
            matrix=deep.colour.matrix,
        )
    write_items(deep.path, dst, deep.meta, _coded(deep, _Fresh.parsed(bytes(fresh))))


def _require(path: Path) -> None:
    try:
        import imagecodecs
    except ImportError as exc:
        raise MissingExtraError("kz.error.extra", path=path, extra="deep") from exc
    if not imagecodecs.AVIF.available:
        raise MissingExtraError("kz.error.extra", path=path, extra="deep")


# --- What the file says ---------------------------------------------------------------------------


def _content(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE:
        raise LimitError("kz.error.box-size", path=path, limit=MAX_FILE)
    return path.read_bytes()


def _depth(path: Path, meta: Meta) -> int:
    depth = av1_depth(meta)
    stated = {bits for p in properties(meta, meta.primary, b"pixi") for bits in p[5:]}
    if stated - {depth}:
        raise RefusedError("kz.error.bit-depth", path=path, bits=max(stated))
    return depth


def _stated(path: Path, meta: Meta, content: bytes) -> tuple[Colour, tuple[bytes, ...]]:
    """Return the colour of the primary item and the HDR metadata in its stream."""
    stream = b"".join(p[4:] for p in properties(meta, meta.primary, b"av1C"))
    stream += _bytes_of(meta, meta.primary, content)
    try:
        found = nclx(meta)
        colour = stated_colour(stream) if found is None else Colour(*found[:3], bool(found[3]))
        hdr = picture_metadata(stream)
    except DamagedStreamError as exc:
        raise UnreadableAssetError("kz.error.box", path=path, detail=exc) from exc
    if colour.matrix == UNSPECIFIED:  # which is decoded as BT.601, by libavif and all browsers
        colour = colour._replace(matrix=_BT601)
    if colour.matrix not in _MATRICES or max(colour[:3]) > _MAX_CODE_POINT:
        detail = "colr {}/{}/{}".format(*colour)
        raise RefusedError("kz.error.heif-loses", path=path, detail=detail)
    return colour, hdr


def _bytes_of(meta: Meta, item: int, content: bytes) -> bytes:
    location = meta.location(item)
    if location is None or location.method != IN_FILE:
        return b""
    return b"".join(content[e.offset : e.offset + e.length] for e in location.extents)


# --- Drawing --------------------------------------------------------------------------------------


def _levels(depth: int, colour: Colour) -> tuple[int, int]:
    """Return the sample of the plate's white and the largest there is."""
    top = (1 << depth) - 1
    return round(top * _REFERENCE_WHITE.get(colour.transfer, 1.0)), top


def _drawn(
    path: Path, samples: Samples, placement: Placement, orientation: int, levels: tuple[int, int]
) -> Samples:
    """Return new samples with the opaque plate on them, and a band for a strip."""
    import numpy as np

    white, top = levels
    width, height = stored_size(placement, orientation)
    if samples.dtype != np.uint16 or samples.ndim not in (2, 3):
        detail = f"{samples.dtype} {samples.shape}"
        raise UnreadableAssetError("kz.error.undecodable", path=path, detail=detail)
    has_alpha = samples.ndim == 3 and samples.shape[2] in (2, 4)  # noqa: PLR2004  grey or RGB
    canvas = np.zeros((height, width, *samples.shape[2:]), np.uint16)
    if has_alpha:
        canvas[..., -1] = top
    shown = displayed_size((samples.shape[1], samples.shape[0]), orientation)
    whole = (placement.width, placement.height)
    left, upper, right, lower = undo((0, 0, *shown), whole, orientation)
    if min(left, upper) < 0 or right > width or lower > height:
        raise UnreadableAssetError("kz.error.undecodable", path=path, detail=samples.shape)
    canvas[upper:lower, left:right] = samples
    left, upper, right, lower = stored_box(placement, orientation)
    plate = np.asarray(stored_plate(placement, orientation), np.uint32) * white // 0xFF
    area = canvas[upper:lower, left:right]
    if area.ndim == 2:  # noqa: PLR2004  grey alone
        area[...] = plate
    else:
        area[..., : area.shape[2] - has_alpha] = plate[..., None]
        area[..., area.shape[2] - has_alpha :] = top
    return canvas


# --- What the new coding changes ------------------------------------------------------------------


@dataclass(frozen=True)
class _Fresh:
    """The file that imagecodecs wrote."""

    content: bytes
    meta: Meta
    pictures: tuple[int, ...]

    @classmethod
    def parsed(cls, content: bytes) -> _Fresh:
        box = next(box for box in boxes_in(content) if box.kind == b"meta")
        meta = parse_meta(box, content[box.payload : box.end])
        others = sorted(item for item in meta.items if item != meta.primary)
        return cls(content, meta, (meta.primary, *others))


def _coded(deep: DeepPicture, fresh: _Fresh) -> dict[int, Coded]:
    if len(deep.pictures) != len(fresh.pictures):
        detail = f"{len(fresh.pictures)} pictures for {len(deep.pictures)}"
        raise UnreadableAssetError("kz.error.undecodable", path=deep.path, detail=detail)
    coded: dict[int, Coded] = {}
    for item, new in zip(deep.pictures, fresh.pictures, strict=True):
        stream = _bytes_of(fresh.meta, new, fresh.content)
        if item == deep.meta.primary:
            stream = with_metadata(stream, deep.hdr)
        coded[item] = Coded(stream, _replaced(deep.path, deep.meta, item, fresh, new))
    return coded


def _replaced(path: Path, meta: Meta, item: int, fresh: _Fresh, new: int) -> dict[Property, bytes]:
    """Return the properties that the new coding makes false, with what is true."""
    replaced: dict[Property, bytes] = {}
    held = meta.properties.get(item, ())
    for kind in (b"av1C", b"ispe", b"pixi"):
        old = [entry for entry in held if entry[0] == kind]
        if kind != b"pixi" and len(old) != 1:
            detail = f"{len(old)} {kind.decode()} of item {item}"
            raise UnreadableAssetError("kz.error.box", path=path, detail=detail)
        for entry in old:
            replaced[entry] = properties(fresh.meta, new, kind)[0]
    colour = nclx(fresh.meta)
    if colour is None or item != meta.primary:
        return replaced
    told = colour[2].to_bytes(2) + bytes([colour[3] << 7])
    for kind, payload in held:
        if kind == b"colr" and payload[:4] == b"nclx":  # primaries and transfer stay
            replaced[kind, payload] = payload[:8] + told + payload[11:]
    return replaced
