"""The metadata blocks that many containers of pictures hold, sorted by what they are.

An EXIF block starts with a TIFF header, with or without `Exif 00 00` before it, an XMP packet is
XML, IPTC-IIM lies bare or in Photoshop's image resources. Writers mix up their names now and then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._exif_text import HEADER, ORDERS, read_exif
from kzlabel.formats._iim import RESOURCES, iim_of, read_iim
from kzlabel.formats._unread import cut
from kzlabel.formats._xmp_packets import read_packets

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BLOCKS = 16
"""Of a kind in one file: one is the rule, two happen."""
XMP = b"http://ns.adobe.com/xap/1.0/\0"
"""What stands before a packet in JPEG, and in other containers by mistake or habit."""


class Blocks:
    """The blocks of one file."""

    def __init__(self) -> None:
        self._exif: list[bytes] = []
        self._xmp: list[bytes] = []
        self._iim: list[bytes] = []

    def add(self, block: bytes) -> None:
        """Keep a block, whatever it was called; the same again, as writers of IIM do, says no more.

        More than `MAX_BLOCKS` of a kind are not read.
        """
        if block.startswith((HEADER, *ORDERS)):
            _put(self._exif, block.removeprefix(HEADER), "exif")
        elif block.startswith((b"8BIM", RESOURCES)):
            for datasets in iim_of(block.removeprefix(RESOURCES)):
                _put(self._iim, datasets, "iim")
        elif block.startswith(b"\x1c"):
            _put(self._iim, block, "iim")
        else:
            _put(self._xmp, block.removeprefix(XMP), "xmp")

    def families(self, **more: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
        """Return the families xmp, exif and iim, and `more`, where there is anything in them."""
        found = {
            "xmp": read_packets(self._xmp),
            "exif": read_exif(self._exif),
            "iim": read_iim(self._iim),
            **more,
        }
        return {name: family for name, family in found.items() if family}


def _put(held: list[bytes], block: bytes, family: str) -> None:
    if not block or block in held:
        return
    if len(held) < MAX_BLOCKS:
        held.append(block)
    else:
        cut(family)
