"""The frames of a GIF: their pixels as palette indexes, out of the file and back into it.

Pillow decodes and encodes the LZW data, in C, of one frame at a time. What it would say of colours
is not asked: indexes go in, indexes come out.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._animation import Box, Dispose, FrameRect
from kzlabel.formats._gif_blocks import (
    GRAPHIC_CONTROL,
    IMAGE,
    PLAIN_TEXT,
    TABLE_FLAG,
    Block,
    table_bytes,
)
from kzlabel.formats._raster import decoding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kzlabel.formats._gif_blocks import GifFile

INTERLACED = 0x40
_DISPOSALS = {2: Dispose.BACKGROUND, 3: Dispose.PREVIOUS}
# Not a ramp of greys, on which Pillow would change the mode to L.
_ANY_TABLE = bytes(channel for index in range(256) for channel in (index, 255 - index, 0))


@dataclass(frozen=True)
class Control:
    """A graphic control extension: disposal, delay, transparency."""

    flags: int = 0
    delay: bytes = b"\0\0"
    index: int = 0

    @property
    def transparent(self) -> int | None:
        """The index that shows the canvas; None for none."""
        return self.index if self.flags & 1 else None

    def encoded(self) -> bytes:
        """Return the extension's bytes."""
        return b"\x21\xf9\x04" + bytes([self.flags]) + self.delay + bytes([self.index, 0])


@dataclass(frozen=True)
class Frame:
    """One frame as the file has it."""

    number: int
    """Of its block."""
    control_number: int | None
    """Of the block of its graphic control."""
    control: Control
    rect: Box
    flags: int
    table: bytes
    """Its colours, three bytes each: the local table, else the global one."""
    data: bytes
    """LZW code size and sub-blocks, to the end of the block."""

    @property
    def planned(self) -> FrameRect:
        """The frame as the planner wants it."""
        return FrameRect(self.rect, _DISPOSALS.get(self.control.flags >> 2 & 7, Dispose.KEEP))

    def indices(self, path: Path) -> bytes:
        """Decode the pixels, one byte each; raises `UnreadableAssetError`."""
        if self.rect.empty:
            return b""
        from PIL import Image

        size = b"".join(side.to_bytes(2, "little") for side in self.rect.size)
        interlaced = bytes([self.flags & INTERLACED])
        wrapped = (
            b"GIF89a" + size + b"\xf7\0\0" + _ANY_TABLE + b"\x2c\0\0\0\0" + size + interlaced
        ) + self.data
        with decoding(path), Image.open(io.BytesIO(wrapped + b"\x3b"), formats=("GIF",)) as image:
            return image.tobytes()


def read_frames(gif: GifFile, path: Path) -> tuple[Frame, ...]:
    """Return the frames in order; raises `UnreadableAssetError` on a senseless control."""
    return tuple(_frames(gif, path))


def _frames(gif: GifFile, path: Path) -> Iterator[Frame]:
    control, control_number = Control(), None
    for number, block in enumerate(gif.blocks):
        if block.label == GRAPHIC_CONTROL:
            control, control_number = _control(gif.content, block, path), number
        elif block.label == IMAGE:
            yield _frame(gif, number, control, control_number)
        if block.label in (IMAGE, PLAIN_TEXT):  # a control serves one of these
            control, control_number = Control(), None


def _control(content: bytes, block: Block, path: Path) -> Control:
    body = content[block.body : block.end]
    if body[0] != 4 or len(body) < 6:  # noqa: PLR2004  four bytes, and the end
        raise UnreadableAssetError("kz.error.gif-block", path=path, at=block.start)
    return Control(body[1], body[2:4], body[4])


def _frame(gif: GifFile, number: int, control: Control, control_number: int | None) -> Frame:
    block = gif.blocks[number]
    head = gif.content[block.start : block.start + 10]
    left, top, width, height = (int.from_bytes(head[at : at + 2], "little") for at in (1, 3, 5, 7))
    local = gif.content[block.start + 10 : block.start + 10 + table_bytes(head[9])]
    return Frame(
        number=number,
        control_number=control_number,
        control=control,
        rect=Box(left, top, left + width, top + height),
        flags=head[9],
        table=local or gif.global_table,
        data=gif.content[block.body - 1 : block.end],
    )


def encode_frame(rect: Box, indices: bytes, table: bytes | None) -> bytes:
    """Return an image block, not interlaced; `table` is its local one, None for the global."""
    from PIL import GifImagePlugin, Image

    image = Image.frombytes("P", rect.size, indices)
    # Pillow's own descriptor has 10 bytes; the code size follows.
    data = b"".join(GifImagePlugin.getdata(image))[10:]
    places = (rect.left, rect.top, *rect.size)
    descriptor = b"\x2c" + b"".join(place.to_bytes(2, "little") for place in places)
    if table is None:
        return descriptor + b"\0" + data
    bits = max(1, (len(table) // 3 - 1).bit_length())
    return descriptor + bytes([TABLE_FLAG | bits - 1]) + table.ljust(3 << bits, b"\0") + data
