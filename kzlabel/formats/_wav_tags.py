"""Tags of a WAV: ID3 and XMP written; LIST/INFO and AIGC read.

`id3 ` (or `ID3 `) holds an ID3v2 tag; `_PMX` an XMP packet (XMP part 3, 2.2.8); `LIST` of `INFO`
texts that end in a zero; `AIGC` the text of GB 45438-2025 and of those who write it like that.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.errors import LimitError
from kzlabel.formats._id3 import id3_bytes, id3_text
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
MAX_TEXT = 65_536
"""Bytes of a text chunk that is read."""
MAX_INFO = 256
"""Texts of one `INFO` list."""


def read_wave_tags(path: Path) -> Tags:
    """Return the tags by family; what is damaged or too large is left out."""
    with path.open("rb") as file:
        container = read_wave(file, path).container
        found = {
            "id3": id3_text(_held(file, container, ID3)),
            "xmp": read_packet(_held(file, container, XMP, MAX_PACKET)),
            "riff-info": dict(_info(file, container)),
            "riff": _aigc(file, container),
        }
    return {family: texts for family, texts in found.items() if texts}


def _held(file: BinaryIO, container: Container, names: tuple[bytes, ...], most: int = -1) -> bytes:
    chunk = container.find(*names)
    with suppress(LimitError):
        if chunk and not 0 <= most < chunk.size:
            return container.read(file, chunk)
    return b""


def _aigc(file: BinaryIO, container: Container) -> dict[str, str]:
    text = _text(_held(file, container, (b"AIGC",), MAX_TEXT))
    return {"AIGC": text} if text else {}


def _text(held: bytes) -> str:
    return held.split(b"\0", 1)[0].decode("utf-8", "replace").strip()


def _info(file: BinaryIO, container: Container) -> Iterator[tuple[str, str]]:
    """Yield the texts of the first `INFO` list by the names of their chunks."""
    for chunk in container.all(b"LIST"):
        file.seek(chunk.body)
        if file.read(4) == b"INFO":
            yield from _texts(file, chunk.body + 4, chunk.body + chunk.size)
            return


def _texts(file: BinaryIO, at: int, end: int) -> Iterator[tuple[str, str]]:
    for _ in range(MAX_INFO):
        if at + 8 > end:
            return
        file.seek(at)
        header = file.read(8)
        size = min(int.from_bytes(header[4:], "little"), end - at - 8)
        name = header[:4].decode("latin-1")
        text = _text(file.read(min(size, MAX_TEXT)))
        if text and name != "LIST" and name.isascii() and name.isalnum():
            yield name, text
        at += 8 + size + (size & 1)


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
