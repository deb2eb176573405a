"""The texts of an EXIF block (CIPA DC-008, Exif 3.0: https://www.cipa.jp/e/std/std-sec.html).

A block is a little TIFF file: `II*` or `MM*`, the offset of IFD0; an IFD is a count, entries of 12
bytes (tag, type, count, value or its offset from the block's start) and the offset of the next IFD.
Tag 0x8769 of IFD0 leads to the Exif IFD. Thumbnails (IFD1), GPS, interoperability and maker's notes
say nothing for us and are not read. UserComment (4.6.5 F) starts with the name of its encoding in
eight bytes, which writers get wrong; Windows keeps its XP tags in UTF-16, little endian.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from kzlabel.formats._byte_text import byte_text
from kzlabel.formats._repeats import gathered
from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HEADER = b"Exif\0\0"
"""What stands before the block in JPEG, and in other containers by mistake or habit."""
EXIF_IFD = 0x8769
MAX_ENTRIES = 1024
"""Of one IFD: EXIF knows some 150 tags."""
MAX_TEXT = 16 * 1024 * 1024
"""Bytes of the texts of one block together: ComfyUI puts whole workflows into Make and Model."""
NAMES = {
    0x010D: "DocumentName",
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x011D: "PageName",
    0x0131: "Software",
    0x013B: "Artist",
    0x013C: "HostComputer",
    0x8298: "Copyright",
    0x9286: "UserComment",
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
    0x9C9D: "XPAuthor",
    0x9C9E: "XPKeywords",
    0x9C9F: "XPSubject",
    0xA420: "ImageUniqueID",
    0xA430: "CameraOwnerName",
    0xA433: "LensMake",
    0xA434: "LensModel",
    0xA436: "ImageTitle",
    0xA437: "Photographer",
    0xA438: "ImageEditor",
    0xA439: "CameraFirmware",
    0xA43A: "RAWDevelopingSoftware",
    0xA43B: "ImageEditingSoftware",
    0xA43C: "MetadataEditingSoftware",
    0xC614: "UniqueCameraModel",
}
"""The tags that hold text, in whichever IFD they stand: writers confuse the two."""
TEXT_TYPES = frozenset({1, 2, 7, 129})
"""BYTE, ASCII, UNDEFINED and, since Exif 3.0, UTF-8: a byte each."""
_USER_COMMENT = 0x9286
_XP = range(0x9C9B, 0x9CA0)
ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
"""How a block starts, and the byte order that says, as struct has it."""
_INLINE = 4
"""Bytes of a value that lie in the entry itself."""
_CODE = 8
"""Bytes of the encoding's name in UserComment."""
_SAMPLE = 4096
"""Bytes by which an encoding is told."""
_RARE = 8
"""One NUL in this many bytes, and nearly all in every other place: UTF-16 of a Latin script."""
_TELLING = 16
"""Bytes of plain text that do not look plain by chance, being UTF-16."""


def read_exif(blocks: Iterable[bytes]) -> dict[str, str]:
    """Return the texts of EXIF blocks by the names of EXIF; what is damaged is left out."""
    return gathered(pair for block in blocks for pair in _texts(block.removeprefix(HEADER)))


def boxed(content: bytes) -> bytes:
    """Return the block in an `Exif` box or item: it starts as far behind a number as that says.

    ISO/IEC 23008-12, A.2.1 (HEIF) and ISO/IEC 18181-2, 9.4 (JPEG XL).
    """
    return content[4 + int.from_bytes(content[:4]) :]


def _texts(block: bytes) -> Iterator[tuple[str, str]]:
    order = ORDERS.get(block[:4])
    if order is None or len(block) < _CODE:
        return
    left = MAX_TEXT
    offsets: list[int] = list(struct.unpack_from(order + "I", block, 4))
    for offset in offsets:  # grows once: no loop can be laid
        for tag, kind, count, value in _entries(block, offset, order):
            if tag == EXIF_IFD and len(offsets) == 1:
                offsets += struct.unpack(order + "I", value)
            elif tag in NAMES and kind in TEXT_TYPES and count <= len(block):
                if count > left:
                    cut("exif")
                    continue
                left -= count
                yield NAMES[tag], text_of(tag, _raw(block, count, value, order), order)


def _entries(block: bytes, offset: int, order: str) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield the entries of an IFD: tag, type, count, and the four bytes of its value."""
    count = int.from_bytes(block[offset : offset + 2], "little" if order == "<" else "big")
    if count > MAX_ENTRIES and offset + 2 + 12 * count <= len(block):
        cut("exif")
    table = block[offset + 2 : offset + 2 + 12 * min(count, MAX_ENTRIES)]
    return struct.iter_unpack(order + "HHI4s", table[: len(table) // 12 * 12])


def _raw(block: bytes, count: int, value: bytes, order: str) -> bytes:
    """Return the bytes of a value; none where they lie outside."""
    if count <= _INLINE:
        return value[:count]
    offset = struct.unpack(order + "I", value)[0]
    raw = block[offset : offset + count]
    return raw if len(raw) == count else b""


# --- Encodings ------------------------------------------------------------------------------------


def text_of(tag: int, raw: bytes, order: str) -> str:
    """Return a value's text up to its first NUL; `order` is the block's, `<` or `>`."""
    if tag == _USER_COMMENT:
        text = _comment(raw, order)
    elif tag in _XP:
        text = raw[: len(raw) & ~1].decode("utf-16-le", "replace")
    else:
        text = byte_text(raw)
    return text.partition("\0")[0].strip()


def _comment(raw: bytes, order: str) -> str:
    code, body = raw[:_CODE].rstrip(b"\0 ").upper(), raw[_CODE:]
    if code == b"UNICODE":
        return _unicode(body, order)
    if code == b"JIS":
        return body.decode("iso2022_jp", "replace")
    return _bytes_or_utf16(body if code in (b"", b"ASCII") else raw)


def _bytes_or_utf16(body: bytes) -> str:
    """Decode what should have a byte for each character, and at times has two."""
    sample = body[:_SAMPLE]
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _utf16(body, "<")
    core = sample.rstrip(b"\0")
    even, odd = core[::2].count(0), core[1::2].count(0)
    if (even + odd) * _RARE > len(core) and max(even, odd) > _RARE // 2 * min(even, odd):
        return _utf16(body, "<" if even < odd else ">")
    return byte_text(body)


def _unicode(body: bytes, order: str) -> str:
    """Decode UTF-16 in either order, told by which bytes vary least; or UTF-8 under its name."""
    sample = body[: min(len(body), _SAMPLE) & ~1]
    if len(body) >= _TELLING and not any(
        byte < ord(" ") and byte not in b"\t\n\r" for byte in sample
    ):
        try:
            return body.decode()
        except UnicodeDecodeError:
            pass
    first, second = len(set(sample[::2])), len(set(sample[1::2]))
    if first != second:
        order = ">" if first < second else "<"
    return _utf16(body, order)


def _utf16(body: bytes, order: str) -> str:
    marks = {b"\xff\xfe": "<", b"\xfe\xff": ">"}
    marked = marks.get(body[:2])
    body = body[2:] if marked else body
    codec = "utf-16-le" if (marked or order) == "<" else "utf-16-be"
    return body[: len(body) & ~1].decode(codec, "replace")
