"""IPTC-IIM datasets, and the Photoshop resources they lie in.

IIM 4.2 (https://www.iptc.org/std/IIM/4.2/specification/IIMV4.2.pdf): `1C, record, dataset, length
(2 bytes; with its highest bit set, the number of bytes of the length that follows), value`. Dataset
1:90 names the character set: `ESC % G` is UTF-8. In JPEG (APP13 `Photoshop 3.0`) and TIFF (34377)
they are image resource 0x0404 (Adobe Photoshop File Formats): `8BIM, id (2), name (its length, then
as many bytes, padded to even), size (4), content (padded to even)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._byte_text import byte_text
from kzlabel.formats._repeats import gathered
from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RESOURCES = b"Photoshop 3.0\0"
"""What an APP13 segment with image resources starts with."""
IIM = 0x0404
MAX_RESOURCES = 4096
MAX_DATASETS = 4096
MAX_BYTES = 16 * 1024 * 1024
"""Of one block of datasets, or of resources."""
NAMES = {
    5: "ObjectName",
    15: "Category",
    20: "SupplementalCategories",
    25: "Keywords",
    40: "SpecialInstructions",
    65: "OriginatingProgram",
    70: "ProgramVersion",
    80: "By-line",
    85: "By-lineTitle",
    103: "OriginalTransmissionReference",
    105: "Headline",
    110: "Credit",
    115: "Source",
    116: "CopyrightNotice",
    118: "Contact",
    120: "Caption-Abstract",
    121: "LocalCaption",
    122: "Writer-Editor",
}
"""Record 2, what is text and says where a picture comes from, as IIM calls it, without spaces."""
_MARK = 0x1C
_RECORD = 2
_CHARACTER_SET = (1, 90)
_UTF8 = b"\x1b%G"
_LONG = 0x8000
_MAX_LENGTH_BYTES = 4


def read_iim(blocks: Iterable[bytes]) -> dict[str, str]:
    """Return the texts of blocks of datasets; what follows damage is left out."""
    return gathered(pair for block in blocks for pair in _texts(block[:MAX_BYTES]))


def iim_of(resources: bytes) -> Iterator[bytes]:
    """Yield the blocks of datasets among image resources, as far as these can be walked."""
    at = 0
    for _ in range(MAX_RESOURCES):
        if resources[at : at + 4] != b"8BIM" or at + 7 > len(resources):
            return
        named = at + 6 + (resources[at + 6] + 2 & ~1)
        start = named + 4
        end = start + int.from_bytes(resources[named:start])
        if end > len(resources) or start > len(resources):
            return
        if int.from_bytes(resources[at + 4 : at + 6]) == IIM:
            yield resources[start:end]
        at = end + (end - start & 1)
    if resources[at : at + 4] == b"8BIM":
        cut("iim")


def _texts(block: bytes) -> Iterator[tuple[str, str]]:
    charset = b""
    for record, dataset, value in _datasets(block):
        if (record, dataset) == _CHARACTER_SET:
            charset = value
        elif record == _RECORD and dataset in NAMES:
            # Many writers of UTF-8 forget to say so, and Latin-1 hardly ever looks like it.
            foreign = charset and charset != _UTF8
            yield NAMES[dataset], value.decode("latin-1") if foreign else byte_text(value)


def _datasets(block: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    for _ in range(MAX_DATASETS):
        head = block[at : at + 5]
        if len(head) < 5 or head[0] != _MARK:  # noqa: PLR2004  a dataset's head
            return
        start, length = at + 5, int.from_bytes(head[3:])
        if length & _LONG:
            wide = length & ~_LONG
            if wide > _MAX_LENGTH_BYTES:
                return
            start, length = start + wide, int.from_bytes(block[start : start + wide])
        if start + length > len(block):
            return
        yield head[1], head[2], block[start : start + length]
        at = start + length
    if block[at : at + 1] == bytes((_MARK,)):
        cut("iim")
