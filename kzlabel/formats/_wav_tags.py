"""Tags of a WAV: ID3 and XMP written; LIST/INFO and other texts read.

`id3 ` (or `ID3 `) holds an ID3v2 tag; `_PMX` an XMP packet (XMP part 3, 2.2.8); for others see
`_riff_texts`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.errors import LimitError
from kzlabel.formats._id3 import id3_bytes
from kzlabel.formats._id3_read import read_id3
from kzlabel.formats._repeats import gathered
from kzlabel.formats._riff_texts import info_texts, other_texts
from kzlabel.formats._unread import cut
from kzlabel.formats._wav_structure import read_wave, write_wave
from kzlabel.formats._xmp import MAX_PACKET, merge_packet, read_packet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kzlabel.formats._pcm_chunks import Chunk, Container
    from kzlabel.formats._pcm_splice import Piece
    from kzlabel.model import Tags

ID3 = (b"id3 ", b"ID3 ")
XMP = (b"_PMX",)


def read_wave_tags(path: Path) -> Tags:
    """Return the tags by family; what is damaged or too large is left out."""
    with path.open("rb") as file:
        container = read_wave(file, path).container
        packet = _held(file, container, XMP, MAX_PACKET)
        found = {
            "xmp": read_packet(packet) if packet else {},
            "riff-info": gathered(info_texts(file, container.all(b"LIST"))),
            "riff": gathered(other_texts(file, container.chunks)),
            **read_id3(_held(file, container, ID3)),
        }
    return {family: texts for family, texts in found.items() if texts}


def _held(file: BinaryIO, container: Container, names: tuple[bytes, ...], most: int = -1) -> bytes:
    chunk = container.find(*names)
    if chunk is None:
        return b""
    if not 0 <= most < chunk.size:
        with suppress(LimitError):
            return container.read(file, chunk)
    cut("xmp" if names is XMP else "id3")
    return b""


def write_wave_tags(src: Path, dst: Path, tags: Tags) -> None:
    """Copy `src` to `dst` with these tags: in the chunks of old ones, else behind the others."""
    with src.open("rb") as file:
        wave = read_wave(file, src)
        container = wave.container
        edits: dict[Chunk, list[Piece] | None] = {}
        added: list[tuple[bytes, list[Piece]]] = []
        for names, merged in _merged(file, container, tags):
            if old := container.find(*names):
                edits[old] = [merged] if merged else None
            elif merged:
                added.append((names[0], [merged]))
        write_wave(file, dst, wave, edits, added)


def _merged(
    file: BinaryIO, container: Container, tags: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[tuple[bytes, ...], bytes]]:
    """Yield the chunks' names, and what they shall hold."""
    for names, family, merge in ((ID3, "id3", id3_bytes), (XMP, "xmp", merge_packet)):
        if family not in tags:
            continue
        old = container.find(*names)
        held = container.read(file, old) if old else None
        if held is not None or any(tags[family].values()):
            yield names, merge(held, tags[family])
