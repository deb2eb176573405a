"""Tags of an AVI: XMP written; LIST/INFO and other texts read.

`_PMX` at the top of a RIFF holds an XMP packet (XMP Specification Part 3); for others see
`_riff_texts`.

Nothing before the media may move: a packet is written where the old one lay, if it fits (what is
left is JUNK), else at the end of the last RIFF, behind the media and their indexes, and the old one
becomes JUNK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, UnsupportedTagsError
from kzlabel.formats._assembled import Edit, assemble, edited
from kzlabel.formats._avi_layout import CHUNK_HEADER, MAX_RIFF, read_avi
from kzlabel.formats._repeats import gathered
from kzlabel.formats._riff_texts import info_texts, other_texts
from kzlabel.formats._xmp import merge_packet, read_packet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kzlabel.formats._avi_layout import Avi, Chunk
    from kzlabel.model import Tags

XMP = b"_PMX"


def read_avi_tags(path: Path) -> Tags:
    """Return the tags by family; what is damaged or too large is left out."""
    avi = read_avi(path)
    packet = _held(avi, XMP)
    chunks = tuple(chunk for riff in avi.riffs for chunk in riff.chunks)
    with path.open("rb") as file:
        found = {
            "xmp": read_packet(packet) if packet else {},
            "riff-info": gathered(info_texts(file, avi.all(b"LIST"))),
            "riff": gathered(other_texts(file, chunks)),
        }
    return {family: texts for family, texts in found.items() if texts}


def _held(avi: Avi, name: bytes) -> bytes:
    chunk = avi.find(name)
    try:
        return avi.read(chunk) if chunk is not None else b""
    except LimitError:
        return b""


def write_xmp(src: Path, dst: Path, wanted: Mapping[str, str]) -> None:
    """Copy `src` to `dst` with those properties in its packet.

    Raises `UnsupportedTagsError` where the RIFF takes no more bytes, or its packet is damaged.
    """
    avi = read_avi(src)
    held = avi.find(XMP)
    if held is None and not any(wanted.values()):
        assemble(dst, edited(src, avi.size, ()))
        return
    packet = merge_packet(avi.read(held) if held is not None else None, wanted)
    assemble(dst, edited(src, avi.size, _edits(avi, held, packet)))


def _edits(avi: Avi, held: Chunk | None, packet: bytes) -> list[Edit]:
    chunk = _encoded(XMP, packet)
    last = avi.riffs[-1]
    if held is None:
        return at_end(avi, last.end, chunk)
    if held.stop >= last.end:  # its padding may be missing
        return at_end(avi, held.at, chunk)
    room = held.stop - held.at
    spare = room - len(chunk)
    if spare == 0 or spare >= CHUNK_HEADER:
        junk = _encoded(b"JUNK", bytes(spare - CHUNK_HEADER)) if spare else b""
        return [Edit(held.at, held.stop, chunk + junk)]
    voided = Edit(held.at, held.at + 4, b"JUNK")
    return [voided, *at_end(avi, last.end, chunk)]


def at_end(avi: Avi, at: int, chunk: bytes) -> list[Edit]:
    """Return the edits that put a chunk behind the others of the last RIFF, from `at` on."""
    last = avi.riffs[-1]
    missing = b"" if last.full or at < last.end else b"\0"  # the padding of the chunk before
    size = at - last.at - CHUNK_HEADER + len(missing) + len(chunk)
    if size > MAX_RIFF:
        raise UnsupportedTagsError("kz.error.avi-full", path=avi.path, limit=MAX_RIFF)
    sized = Edit(last.at + 4, last.at + CHUNK_HEADER, size.to_bytes(4, "little"))
    return [sized, Edit(at, last.end, missing + chunk)]


def _encoded(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) & 1)
