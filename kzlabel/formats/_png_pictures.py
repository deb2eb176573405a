"""The pictures of a PNG file: the one of IDAT, and the frames of an APNG.

https://www.w3.org/TR/png-3/#apng-frame-based-animation: acTL announces the frames; each is an fcTL
(where, how long, how it is disposed of and blended) and fdAT chunks. An fcTL before IDAT makes the
picture of IDAT the first frame; else it is shown only by what knows no APNG.
"""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._animation import Box, Dispose, FrameRect
from kzlabel.formats._png_chunks import SIGNATURE, Chunk, Header, chunks, header, packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

_CONTROL_SIZE = 26
_ANNOUNCING = 8
"""Bytes of acTL: how many frames, how often they are played."""
_DISPOSALS = (Dispose.KEEP, Dispose.BACKGROUND, Dispose.PREVIOUS)
SEQUENCE = 4
"""Bytes of the sequence number before the pixels of an fdAT chunk."""


@dataclass(frozen=True)
class Picture:
    """One picture: where it lies on the canvas, and its chunks."""

    rect: Box
    control: bytes | None = None
    """The data of its fcTL chunk; None for a picture that is not a frame."""
    chunks: list[Chunk] = field(default_factory=list)

    @property
    def frame(self) -> FrameRect:
        """What the picture does to the canvas."""
        if self.control is None:
            return FrameRect(self.rect)
        return FrameRect(self.rect, _DISPOSALS[self.control[24]], over=self.control[25] == 1)

    def payloads(self, file: BinaryIO) -> list[bytes]:
        """Return the compressed bytes, chunk by chunk."""
        return [
            chunk.data(file)[SEQUENCE if chunk.type == b"fdAT" else 0 :] for chunk in self.chunks
        ]


@dataclass(frozen=True)
class Anatomy:
    """The parts of a PNG file."""

    header: Header
    chunks: tuple[Chunk, ...]
    pictures: tuple[Picture, ...]
    """The picture of IDAT first."""

    @property
    def animated(self) -> tuple[Picture, ...]:
        """The frames of the animation; none for a still."""
        return tuple(picture for picture in self.pictures if picture.control is not None)

    def first(self, kind: bytes) -> Chunk | None:
        """Return the first chunk of a kind."""
        return next((chunk for chunk in self.chunks if chunk.type == kind), None)


def anatomy(file: BinaryIO, path: Path) -> Anatomy:
    """Find the parts of a PNG file; raises `UnreadableAssetError`, `LimitError`."""
    found = tuple(chunks(file, path))
    if found[0].type != b"IHDR":
        raise UnreadableAssetError("kz.error.png-damaged", path=path, offset=8)
    head = header(found[0].data(file), path)
    canvas = Box(0, 0, head.width, head.height)
    animated = any(chunk.type == b"acTL" for chunk in found)
    pictures: list[Picture] = []
    pending: Picture | None = None
    sequence = 0
    for chunk in found:
        if animated and chunk.type in (b"fcTL", b"fdAT"):
            _check_sequence(chunk, file, sequence, path)
            sequence += 1
        if chunk.type == b"fcTL" and animated:
            pending = _framed(chunk, file, canvas, path)
        elif chunk.type == b"IDAT" or (chunk.type == b"fdAT" and animated):
            if pending is not None or not pictures:
                pictures.append(pending or Picture(canvas))
                pending = None
            pictures[-1].chunks.append(chunk)
    _check(pictures, canvas, path)
    if animated:
        _check_announced(
            found, sum(picture.control is not None for picture in pictures), file, path
        )
    return Anatomy(head, found, tuple(pictures))


def _check_sequence(chunk: Chunk, file: BinaryIO, wanted: int, path: Path) -> None:
    """Refuse what browsers stop at, and show the still picture instead."""
    file.seek(chunk.start + 8)
    if chunk.length < SEQUENCE or int.from_bytes(file.read(SEQUENCE)) != wanted:
        raise UnreadableAssetError("kz.error.png-damaged", path=path, offset=chunk.start)


def _check_announced(found: Sequence[Chunk], frames: int, file: BinaryIO, path: Path) -> None:
    """Refuse what readers disagree about: how many frames there are, or whether it moves at all."""
    announcing = [chunk for chunk in found if chunk.type == b"acTL"]
    first = announcing[0]
    before = next(chunk.start for chunk in found if chunk.type == b"IDAT") > first.start
    counted = first.length == _ANNOUNCING and int.from_bytes(first.data(file)[:4]) == frames
    if len(announcing) > 1 or not before or not counted:
        raise UnreadableAssetError("kz.error.png-damaged", path=path, offset=first.start)


def _framed(chunk: Chunk, file: BinaryIO, canvas: Box, path: Path) -> Picture:
    control = chunk.data(file)
    if len(control) == _CONTROL_SIZE:
        width, height, x, y = struct.unpack_from(">4I", control, 4)
        rect = Box(x, y, x + width, y + height)
        if rect.meet(canvas) == rect and not rect.empty and control[24] < len(_DISPOSALS):
            return Picture(rect, control)
    raise UnreadableAssetError("kz.error.png-damaged", path=path, offset=chunk.start)


def _check(pictures: list[Picture], canvas: Box, path: Path) -> None:
    """Refuse what is not one picture of IDAT that fills the canvas, and then frames of fdAT."""
    kinds = [{chunk.type for chunk in picture.chunks} for picture in pictures]
    whole = kinds == [{b"IDAT"}, *[{b"fdAT"}] * (len(kinds) - 1)]
    if not whole or pictures[0].rect != canvas:
        raise UnreadableAssetError("kz.error.png-damaged", path=path, offset=8)


@dataclass
class Rewriter:
    """Writes a PNG file anew, its pictures replaced and every other chunk as it was."""

    parts: Anatomy
    header: Header
    replaced: Mapping[bytes, bytes]
    """Data of other chunks that change, by type."""
    picture: Callable[[Picture], tuple[Box, Iterable[bytes]]]
    """Makes a picture's new rectangle and compressed bytes."""
    sequence: int = 0

    def write(self, src: BinaryIO, dst: BinaryIO) -> None:
        """Write the whole file, with what follows IEND."""
        dst.write(SIGNATURE + self.header.packed())
        first = {picture.chunks[0]: picture for picture in self.parts.pictures}
        pixels = {chunk for picture in self.parts.pictures for chunk in picture.chunks}
        for chunk in self.parts.chunks[1:]:
            if chunk in first:
                self._write_picture(first[chunk], dst)
            elif chunk.type in self.replaced:
                dst.write(packed(chunk.type, self.replaced[chunk.type]))
            elif chunk not in pixels and not self._is_control(chunk):
                src.seek(chunk.start)
                dst.write(src.read(chunk.end - chunk.start))
        src.seek(self.parts.chunks[-1].end)
        shutil.copyfileobj(src, dst)

    def _is_control(self, chunk: Chunk) -> bool:
        return chunk.type == b"fcTL" and bool(self.parts.animated)

    def _write_picture(self, picture: Picture, dst: BinaryIO) -> None:
        rect, payloads = self.picture(picture)
        if picture.control is not None:
            place = struct.pack(">5I", self._next(), *rect.size, rect.left, rect.top)
            dst.write(packed(b"fcTL", place + picture.control[20:]))
        for payload in payloads:
            if picture.chunks[0].type == b"IDAT":
                dst.write(packed(b"IDAT", payload))
            else:
                dst.write(packed(b"fdAT", self._next().to_bytes(SEQUENCE) + payload))

    def _next(self) -> int:
        self.sequence += 1
        return self.sequence - 1
