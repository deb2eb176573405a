"""Text in the first directory of a TIFF file: its own tags, EXIF, XMP, IPTC-IIM.

Tag 700 holds an XMP packet, 33723 IPTC-IIM datasets, 34377 Photoshop's image resources, 34665 the
offset of the Exif IFD. The texts of IFD0 and of the Exif IFD are those of `_exif_text`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import KzlabelError
from kzlabel.formats._exif_text import EXIF_IFD, MAX_TEXT, NAMES, TEXT_TYPES, text_of
from kzlabel.formats._picture_blocks import Blocks
from kzlabel.formats._repeats import gathered
from kzlabel.formats._tiff_ifd import XMP
from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzlabel.formats._tiff_ifd import Entry, Tiff
    from kzlabel.model import Tags

_IIM, _RESOURCES = 33723, 34377
_DATASET = 0x1C


def read_tiff(tiff: Tiff) -> Tags:
    """Return the families xmp, exif and iim; what is damaged is left out."""
    blocks = Blocks()
    for tag in (XMP, _IIM, _RESOURCES):
        entry = tiff.ifds[0].find(tag)
        held = bytes_of(tiff, entry) if entry else b""
        blocks.add(_straight(held) if tag == _IIM else held)
    return blocks.families(exif=gathered(_texts(tiff)))


def bytes_of(tiff: Tiff, entry: Entry) -> bytes:
    """Return the bytes of a value; none where they lie outside, or are more than `MAX_TEXT`."""
    if not entry.size:
        return b""
    if entry.size > MAX_TEXT:
        if entry.size <= tiff.size:
            cut("exif")
        return b""
    try:
        return tiff.bytes_of(entry)
    except KzlabelError:
        return b""


def _texts(tiff: Tiff) -> Iterator[tuple[str, str]]:
    left = MAX_TEXT
    for entry in _entries(tiff):
        if entry.tag in NAMES and entry.kind in TEXT_TYPES and entry.count <= tiff.size:
            if entry.count > left:
                cut("exif")
                continue
            left -= entry.count
            yield NAMES[entry.tag], text_of(entry.tag, bytes_of(tiff, entry), tiff.form.order)


def _entries(tiff: Tiff) -> Iterator[Entry]:
    """Yield the entries of IFD0 and of the Exif IFD, where that can be read."""
    yield from tiff.ifds[0].entries
    try:
        offset = tiff.number(tiff.ifds[0], EXIF_IFD)
        yield from tiff.ifd(offset).entries if offset else ()
    except KzlabelError:
        return


def _straight(datasets: bytes) -> bytes:
    """Turn what a writer of another byte order kept as 32-bit numbers, as libtiff's users do."""
    if datasets[:1] == bytes((_DATASET,)) or datasets[3:4] != bytes((_DATASET,)):
        return datasets
    return b"".join(datasets[at : at + 4][::-1] for at in range(0, len(datasets), 4))
