"""Tags of an AIFF, read: ID3, XMP, and its own texts.

`ID3 ` holds an ID3v2 tag; `APPL` of the signature `XMP ` a packet (XMP Specification Part 3);
`NAME`, `AUTH`, `(c) ` and `ANNO` texts; `COMT` (AIFF 1.3): u16 count, then comments of u32 time,
u16 marker, u16 length and text, padded to even.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError
from kzlabel.formats._aiff_structure import read_aiff
from kzlabel.formats._id3_read import read_id3
from kzlabel.formats._repeats import gathered
from kzlabel.formats._riff_texts import other_texts, read_chunk, text_of
from kzlabel.formats._unread import cut
from kzlabel.formats._xmp import MAX_PACKET, read_packet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from kzlabel.formats._pcm_chunks import Container
    from kzlabel.model import Tags

ID3 = (b"ID3 ", b"id3 ")
MAX_COMMENTS = 256
_XMP = b"XMP "
_COMMENT = 8
"""Bytes before a comment's text."""


def read_aiff_tags(path: Path) -> Tags:
    """Return the tags by family; what is damaged or too large is left out."""
    with path.open("rb") as file:
        container = read_aiff(file, path).container
        texts = chain(other_texts(file, container.chunks), _comments(file, container))
        found = {
            "riff": gathered(texts),
            "xmp": _xmp(file, container),
            **read_id3(_id3(file, container)),
        }
    return {family: held for family, held in found.items() if held}


def _id3(file: BinaryIO, container: Container) -> bytes:
    chunk = container.find(*ID3)
    with suppress(LimitError):
        if chunk:
            return container.read(file, chunk)
    return b""


def _xmp(file: BinaryIO, container: Container) -> dict[str, str]:
    """Return the properties of the first packet."""
    for chunk in container.all(b"APPL"):
        file.seek(chunk.body)
        if file.read(len(_XMP)) != _XMP:
            continue
        if chunk.size > MAX_PACKET:
            cut("xmp")
        else:
            return read_packet(file.read(chunk.size - len(_XMP)))
    return {}


def _comments(file: BinaryIO, container: Container) -> Iterator[tuple[str, str]]:
    for chunk in container.all(b"COMT")[:1]:
        held, at = read_chunk(file, chunk), 2
        for _ in range(min(int.from_bytes(held[:2]), MAX_COMMENTS)):
            end = at + _COMMENT + int.from_bytes(held[at + 6 : at + _COMMENT])
            yield "COMT", text_of(held[at + _COMMENT : end])
            at = end + (end & 1)
