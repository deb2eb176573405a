"""Tags of an AVI: XMP written; LIST/INFO and AIGC read.

`_PMX` at the top of a RIFF holds an XMP packet (XMP Specification Part 3); `LIST` of `INFO` holds
texts that end in a zero; `AIGC` the text of GB 45438-2025.

Nothing before the media may move: a packet is written where the old one lay, if it fits (what is
left is JUNK), else at the end of the last RIFF, behind the media and their indexes, and the old one
becomes JUNK.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats._assembled import Edit, assemble, edited
from kzlabel.formats._avi_layout import CHUNK_HEADER, MAX_RIFF, chunks_in, read_avi
from kzlabel.formats._xmp import merge_packet, read_packet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kzlabel.formats._avi_layout import Avi, Chunk
    from kzlabel.model import Tags

XMP = b"_PMX"
MAX_TEXT = 65_536
"""Bytes of a text that is read."""
MAX_INFO = 256
"""Lists, and texts in each, that are read."""


def read_avi_tags(path: Path) -> Tags:
    """Return the tags by family; what is damaged or too large is left out."""
    avi = read_avi(path)
    aigc = _text(_held(avi, b"AIGC"))
    found = {
        "xmp": read_packet(_held(avi, XMP)),
        "riff-info": dict(_info(avi)),
        "riff": {"AIGC": aigc} if aigc else {},
    }
    return {family: texts for family, texts in found.items() if texts}


def _held(avi: Avi, name: bytes) -> bytes:
    chunk = avi.find(name)
    try:
        return avi.read(chunk) if chunk is not None else b""
    except LimitError:
        return b""


def _text(held: bytes) -> str:
    return held[:MAX_TEXT].split(b"\0", 1)[0].decode("utf-8", "replace").strip()


def _info(avi: Avi) -> Iterator[tuple[str, str]]:
    """Yield the texts of all `INFO` lists by the names of their chunks."""
    with avi.path.open("rb") as file, suppress(UnreadableAssetError):
        for outer in islice(avi.all(b"LIST"), MAX_INFO):
            file.seek(outer.body)
            if file.read(4) != b"INFO":
                continue
            inside = chunks_in(file, avi.path, outer.body + 4, outer.body + outer.size)
            for chunk in islice(inside, MAX_INFO):
                file.seek(chunk.body)
                yield chunk.name.decode("latin-1"), _text(file.read(min(chunk.size, MAX_TEXT)))


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
