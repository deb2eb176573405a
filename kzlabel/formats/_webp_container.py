"""WebP: a RIFF whose chunks are one picture, or many frames of an animation.

https://developers.google.com/speed/webp/docs/riff_container. A simple file is one `VP8 ` or `VP8L`
chunk; metadata, alpha beside `VP8 ` and animations need `VP8X`, which declares them, in front.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._riff import Chunk, join_chunks, read_riff

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BITSTREAMS = (b"VP8 ", b"VP8L")
PICTURE = (*BITSTREAMS, b"ALPH")
ICC, ALPHA, EXIF, XMP, ANIMATION = 0x20, 0x10, 0x08, 0x04, 0x02
_DECLARED = {b"ICCP": ICC, b"ALPH": ALPHA, b"EXIF": EXIF, b"XMP ": XMP, b"ANIM": ANIMATION}
_VP8_START = b"\x9d\x01\x2a"
_VP8L_SIGNATURE = 0x2F
MIN_VP8, MIN_VP8L, MIN_VP8X = 10, 5, 10


class Canvas(NamedTuple):
    """Size in pixels, and whether there may be transparency."""

    width: int
    height: int
    alpha: bool


class Webp(NamedTuple):
    """A file's chunks and what follows its RIFF."""

    chunks: tuple[Chunk, ...]
    trailing: bytes
    canvas: Canvas

    def find(self, name: bytes) -> Chunk | None:
        """Return the first chunk of this name."""
        return next((chunk for chunk in self.chunks if chunk.name == name), None)

    def encoded(self) -> bytes:
        """Return the file's bytes."""
        return join_chunks(b"WEBP", self.chunks) + self.trailing


def read_webp(path: Path) -> Webp:
    """Read and walk the file; raises `UnreadableAssetError`, `LimitError`."""
    chunks, trailing = read_riff(path, b"WEBP")
    extended = next((chunk for chunk in chunks[:1] if chunk.name == b"VP8X"), None)
    if not any(chunk.name in (*BITSTREAMS, b"ANMF") for chunk in chunks):
        raise UnreadableAssetError("kz.error.webp-header", path=path)
    canvas = extended_canvas(extended, path) if extended else bitstream_canvas(chunks, path)
    return Webp(chunks, trailing, canvas)


def extended_canvas(chunk: Chunk, path: Path) -> Canvas:
    """Return the canvas that a `VP8X` chunk declares."""
    if len(chunk.payload) < MIN_VP8X:
        raise UnreadableAssetError("kz.error.webp-header", path=path)
    width = int.from_bytes(chunk.payload[4:7], "little") + 1
    height = int.from_bytes(chunk.payload[7:10], "little") + 1
    return Canvas(width, height, bool(chunk.payload[0] & ALPHA))


def bitstream_canvas(chunks: Iterable[Chunk], path: Path) -> Canvas:
    """Return the canvas of the first picture among `chunks`; raises where there is none."""
    alpha = False
    for name, payload in chunks:
        if name == b"VP8 " and len(payload) >= MIN_VP8 and payload[3:6] == _VP8_START:
            both = int.from_bytes(payload[6:10], "little")
            return Canvas(both & 0x3FFF, both >> 16 & 0x3FFF, alpha)
        if name == b"VP8L" and len(payload) >= MIN_VP8L and payload[0] == _VP8L_SIGNATURE:
            bits = int.from_bytes(payload[1:5], "little")
            return Canvas((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1))
        alpha = alpha or name == b"ALPH"
    raise UnreadableAssetError("kz.error.webp-header", path=path)


def extend(webp: Webp, canvas: Canvas) -> Webp:
    """Return the file with a `VP8X` that declares `canvas` and the chunks there are.

    Bits that are reserved, and flags without a chunk (alpha inside frames), stay as they were.
    """
    old = webp.find(b"VP8X")
    flags = old.payload[0] if old else 0
    for chunk in webp.chunks:
        flags |= _DECLARED.get(chunk.name, 0)
    flags = flags | ALPHA if canvas.alpha else flags
    payload = (
        bytes([flags])
        + (old.payload[1:4] if old else bytes(3))
        + (canvas.width - 1).to_bytes(3, "little")
        + (canvas.height - 1).to_bytes(3, "little")
        + (old.payload[MIN_VP8X:] if old else b"")
    )
    rest = tuple(chunk for chunk in webp.chunks if chunk is not old)
    return Webp((Chunk(b"VP8X", payload), *rest), webp.trailing, canvas)


def with_packet(webp: Webp, packet: bytes) -> Webp:
    """Return the file with `packet` as its XMP: in the old one's place, else behind the EXIF."""
    new = Chunk(b"XMP ", packet)
    chunks = list(webp.chunks)
    old = webp.find(b"XMP ")
    if old:
        chunks[chunks.index(old)] = new
    else:
        before = (*PICTURE, b"ANMF", b"EXIF")
        last = max(at for at, chunk in enumerate(chunks) if chunk.name in before)
        chunks.insert(last + 1, new)
    return extend(Webp(tuple(chunks), webp.trailing, webp.canvas), webp.canvas)
