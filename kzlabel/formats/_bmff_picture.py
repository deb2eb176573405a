"""What AVIF and HEIC share: tags, the carrier, and what re-encoding would lose.

Everything a HEIF file holds beside one picture of 8 bits, its alpha, its thumbnails, Exif and XMP
(gain maps, depth, further pictures, HDR) would be lost by encoding it anew: it is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import KzlabelError, LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats._bmff import UUID_C2PA, check_boxes, held, top_level
from kzlabel.formats._bmff_items import (
    XMP_TYPE,
    Item,
    Meta,
    Reference,
    read_item,
    read_meta,
)
from kzlabel.formats._bmff_xmp import write_xmp
from kzlabel.formats._exif_text import boxed
from kzlabel.formats._picture_blocks import MAX_BLOCKS, Blocks
from kzlabel.formats._samsung import read_samsung
from kzlabel.formats._xmp import merge_packet
from kzlabel.model import Carrier, CarrierKind, Tags

if TYPE_CHECKING:
    from pathlib import Path

BITS = 8
ALPHA = (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1")
_SIMPLE_PROPERTIES = {
    b"ispe", b"pixi", b"av1C", b"hvcC", b"colr", b"auxC", b"irot", b"imir", b"clap", b"pasp",
    b"a1op", b"a1lx", b"lsel", b"rloc",
}  # fmt: skip
_LASTING_PROPERTIES = {
    b"ispe", b"pixi", b"av1C", b"colr", b"auxC", b"irot", b"imir", b"pasp",
    b"clli", b"mdcv", b"cclv", b"amve", b"reve", b"ndwt",
}  # fmt: skip
"""They describe the picture, whatever codes it; not `clap`, which would crop the notice."""
_SQUARE = b"\0\0\0\1\0\0\0\1"
_STRUCTURE = {b"ftyp", b"meta", b"moov", b"mdat", b"free", b"skip", b"moof", b"sidx", b"mfra"}
_HDR_TRANSFERS = (16, 18)
"""PQ and HLG (ITU-T H.273)."""


class BmffPicture:
    """Tags and carrier of AVIF and HEIC."""

    def manifest_carrier(self, path: Path) -> Carrier:
        check_boxes(path)
        return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.bmff")

    def read_tags(self, path: Path) -> Tags:
        check_boxes(path)
        try:
            meta = read_meta(path)
        except UnreadableAssetError:
            return {}
        blocks = Blocks()
        for item in _described(meta)[:MAX_BLOCKS]:
            held = read_item(path, meta, item.id) or b""
            blocks.add(boxed(held) if item.kind == b"Exif" else held)
        return blocks.families(samsung=_samsung(path))

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        check_boxes(src)
        meta = read_meta(src)
        packet = read_item(src, meta, meta.xmp.id) if meta.xmp else None
        if meta.xmp and packet is None and meta.location(meta.xmp.id) is not None:
            raise UnreadableAssetError("kz.error.box", path=src, detail="XMP item out of bounds")
        write_xmp(src, dst, merge_packet(packet, tags.get("xmp", {})))


def _samsung(path: Path) -> dict[str, str]:
    """Return what lies in Samsung's own box, as in the trailer of its JPEG files."""
    box = next((box for box in top_level(path) if box.kind == b"sefd"), None)
    if box is None:
        return {}
    with path.open("rb") as file:
        return read_samsung(file, box.end)


def _described(meta: Meta) -> list[Item]:
    """Return the items with Exif and XMP: those of no other picture, the primary item's first."""
    primary = {r.source for r in meta.references if meta.primary in r.targets}
    others = {r.source for r in meta.references if r.kind == b"cdsc"} - primary
    found = [item for item in meta.items.values() if _is_metadata(item) and item.id not in others]
    return sorted(found, key=lambda item: item.id not in primary)


# --- What re-encoding would lose ------------------------------------------------------------------


def properties(meta: Meta, item: int, kind: bytes) -> tuple[bytes, ...]:
    """Return the payloads of an item's properties of one kind."""
    return tuple(payload for name, payload in meta.properties.get(item, ()) if name == kind)


def coded_items(meta: Meta, item: int) -> tuple[int, ...]:
    """Return the item, or the tiles it is a grid of."""
    if meta.items[item].kind != b"grid":
        return (item,)
    return tuple(
        target
        for reference in meta.references
        if reference.kind == b"dimg" and reference.source == item
        for target in reference.targets
    )


def nclx(meta: Meta) -> tuple[int, int, int, int] | None:
    """Return primaries, transfer, matrix and range flag of the primary item."""
    for colour in properties(meta, meta.primary, b"colr"):
        if colour[:4] == b"nclx" and len(colour) >= 11:  # noqa: PLR2004  fixed by ISO/IEC 14496-12
            numbers = [int.from_bytes(colour[at : at + 2]) for at in (4, 6, 8)]
            return numbers[0], numbers[1], numbers[2], colour[10] >> 7
    return None


def keepable(path: Path, codec: bytes) -> Meta:
    """Return `meta` where one 8-bit picture coded with `codec` is all that is there.

    Raises `RefusedError` with what would be lost.
    """
    meta = read_meta(path)
    if meta.primary not in meta.items:
        raise UnreadableAssetError("kz.error.box", path=path, detail="no primary item")
    known = {meta.primary, *coded_items(meta, meta.primary)}
    for reference in meta.references:
        known |= _companions(path, meta, reference)
    for item in meta.items.values():
        if item.id not in known and not _is_metadata(item):
            raise _loses(path, item.kind)
    for number in coded_items(meta, meta.primary):
        tile = meta.items.get(number)
        if tile is None or tile.kind != codec:
            raise _loses(path, tile.kind if tile else b"tile")
        _check_depth(path, meta, number)
    _check_properties(path, meta)
    return meta


def _loses(path: Path, what: bytes) -> KzlabelError:
    detail = what.decode("latin-1").strip("\0")
    return RefusedError("kz.error.heif-loses", path=path, detail=detail)


def _is_metadata(item: Item) -> bool:
    return item.kind == b"Exif" or item.content_type == XMP_TYPE


def _companions(path: Path, meta: Meta, reference: Reference) -> set[int]:
    """Return the thumbnail or alpha plane (with its tiles) that a reference brings."""
    if reference.kind == b"prem":
        raise _loses(path, b"prem")
    if meta.primary not in reference.targets or reference.source not in meta.items:
        return set()
    if reference.kind == b"thmb" or _brings_alpha(meta, reference):
        return {reference.source, *coded_items(meta, reference.source)}
    return set()


def _brings_alpha(meta: Meta, reference: Reference) -> bool:
    auxiliary = properties(meta, reference.source, b"auxC")
    return reference.kind == b"auxl" and any(p[4:].startswith(ALPHA) for p in auxiliary)


def av1_depth(meta: Meta) -> int:
    """Return the bits a colour of the primary item by `av1C`; 8 where it has none."""
    flags = next((p[2] for p in properties(meta, meta.primary, b"av1C") if p[2:]), 0)
    return (BITS, BITS, 10, 12)[flags >> 5 & 3]


def subsampling(meta: Meta) -> str:
    """Return the chroma subsampling by `av1C` (AV1-ISOBMFF 2.3.3)."""
    first = coded_items(meta, meta.primary)[0]
    flags = next((payload[2] for payload in properties(meta, first, b"av1C") if payload[2:]), 0)
    if flags & 0x10:
        return "4:0:0"
    return {0: "4:4:4", 0x08: "4:2:2", 0x0C: "4:2:0"}.get(flags & 0x0C, "4:4:4")


def spliceable(path: Path, meta: Meta) -> tuple[int, ...]:
    """Return the primary item and its alpha plane, where their coding can be replaced in place.

    Raises `RefusedError` where there are further pictures, or properties that a new coding or a
    notice would make false.
    """
    alpha = sorted(
        {r.source for r in meta.references if meta.primary in r.targets and _brings_alpha(meta, r)}
    )
    pictures = (meta.primary, *alpha[:1])
    for reference in meta.references:
        if reference.kind == b"prem":
            raise _loses(path, b"prem")
    for item in meta.items.values():
        is_picture = item.id in pictures and item.kind == b"av01"
        if not is_picture and item.kind not in (b"Exif", b"mime", b"uri "):
            raise _loses(path, item.kind)
    for number in pictures:
        for kind, _ in meta.properties.get(number, ()):
            if kind not in _LASTING_PROPERTIES:
                raise _loses(path, kind)
    return pictures


def _check_depth(path: Path, meta: Meta, item: int) -> None:
    depths = [depth for payload in properties(meta, item, b"pixi") for depth in payload[5:]]
    depths += [
        BITS + 2 * (payload[2] >> 6 & 1)
        for payload in properties(meta, item, b"av1C")
        if payload[2:]
    ]
    for payload in properties(meta, item, b"hvcC"):
        depths += [BITS + (value & 7) for value in payload[17:19]]
    if any(depth != BITS for depth in depths):
        raise RefusedError("kz.error.bit-depth", path=path, bits=max(depths))


def _check_properties(path: Path, meta: Meta) -> None:
    for kind, payload in meta.properties.get(meta.primary, ()):
        if kind not in _SIMPLE_PROPERTIES or (kind == b"pasp" and payload != _SQUARE):
            raise _loses(path, kind)
    colour = nclx(meta)
    if colour and colour[1] in _HDR_TRANSFERS:
        raise _loses(path, b"HDR")


def other_boxes(path: Path) -> bytes:
    """Return the top-level boxes of others, to be carried over; C2PA's is made anew."""
    parts: list[bytes] = []
    for box in top_level(path):
        if box.kind in _STRUCTURE:
            continue
        payload = held(path, box)
        if not (box.kind == b"uuid" and payload[:16] == UUID_C2PA):
            parts.append((len(payload) + 8).to_bytes(4) + box.kind + payload)
        if sum(map(len, parts)) > _MAX_OTHER:
            raise LimitError("kz.error.box-size", path=path, limit=_MAX_OTHER)
    return b"".join(parts)


_MAX_OTHER = 64 << 20
"""Bytes of the boxes of others that are carried over."""
