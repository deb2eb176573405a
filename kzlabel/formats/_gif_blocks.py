"""The blocks of a GIF file, walked within limits and left where they are.

https://www.w3.org/Graphics/GIF/spec-gif89a.txt: a header, a logical screen, then blocks. An
extension is `21 LABEL` and sub-blocks, an image is `2C`, a descriptor, a table and sub-blocks;
sub-blocks are a length byte and that many bytes, ended by a length of 0; `3B` ends the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIGNATURES = (b"GIF87a", b"GIF89a")
MAX_BYTES = 512 * 1024 * 1024
MAX_BLOCKS = 20_000
"""Two for each frame, and comments. Readers of manifests take seconds over a million blocks."""
MAX_SUB_BLOCKS = 500_000
"""127 MB where they are full; readers of manifests take ten seconds over as many empty ones."""

IMAGE = 0x2C
EXTENSION = 0x21
TRAILER = 0x3B
GRAPHIC_CONTROL = 0xF9
PLAIN_TEXT = 0x01
APPLICATION = 0xFF
TABLE_FLAG = 0x80
_ZEROS = re.compile(rb"\0*")
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def table_bytes(flags: int) -> int:
    """Return the size in bytes of the colour table that `flags` declare."""
    return 3 << ((flags & 7) + 1) if flags & TABLE_FLAG else 0


@dataclass(frozen=True)
class Block:
    """One block: where it starts and ends in the file, and where its sub-blocks start."""

    label: int
    """`IMAGE`, or the label of an extension."""
    start: int
    body: int
    end: int


@dataclass(frozen=True)
class GifFile:
    """A whole file, and its blocks without the trailer."""

    content: bytes
    blocks: tuple[Block, ...]
    trailer: int
    """Where the trailer is, or would be."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the logical screen."""
        return _u16(self.content, 6), _u16(self.content, 8)

    @property
    def global_table(self) -> bytes:
        """The global colour table; empty where there is none."""
        return self.content[13 : 13 + table_bytes(self.content[10])]

    def application(self, block: Block) -> bytes:
        """Return the identifier (11 bytes) of an application extension, else b""."""
        if block.label != APPLICATION or self.content[block.body] != 11:  # noqa: PLR2004  the spec
            return b""
        return self.content[block.body + 1 : block.body + 12]

    @property
    def head(self) -> int:
        """Where a new extension goes: after the screen and the loop count, before all else."""
        position = 13 + table_bytes(self.content[10])
        for block in self.blocks:
            if self.application(block) not in _LOOPS:
                break
            position = block.end
        return position


def _u16(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 2], "little")


def read_gif(path: Path) -> GifFile:
    """Read and walk the file.

    Raises `UnreadableAssetError` where it is cut or no GIF, `LimitError` beyond a limit.
    """
    if path.stat().st_size > MAX_BYTES:
        raise LimitError("kz.error.gif-bytes", path=path, limit=MAX_BYTES)
    content = path.read_bytes()
    try:
        return _walk(content, path)
    except IndexError as exc:
        raise UnreadableAssetError("kz.error.gif-cut", path=path, at=len(content)) from exc


def _walk(content: bytes, path: Path) -> GifFile:
    if not content.startswith(SIGNATURES):
        raise UnreadableAssetError("kz.error.gif-signature", path=path)
    position = 13 + table_bytes(content[10])
    blocks: list[Block] = []
    steps = 0
    while content[position] != TRAILER:
        body = _body(content, position, path)
        end, walked = _sub_blocks_end(content, body, MAX_SUB_BLOCKS - steps)
        steps += walked
        if len(blocks) >= MAX_BLOCKS or steps >= MAX_SUB_BLOCKS:
            raise LimitError("kz.error.gif-blocks", path=path, limit=MAX_BLOCKS)
        label = IMAGE if content[position] == IMAGE else content[position + 1]
        # Some writers leave zeros behind a block, and every reader skips them.
        zeros = _ZEROS.match(content, end)
        end = zeros.end() if zeros else end
        blocks.append(Block(label, position, body, end))
        position = end
    return GifFile(content, tuple(blocks), position)


def _body(content: bytes, position: int, path: Path) -> int:
    """Return where the sub-blocks of the block at `position` start."""
    if content[position] == EXTENSION:
        return position + 2
    if content[position] == IMAGE:
        return position + 11 + table_bytes(content[position + 9])
    raise UnreadableAssetError("kz.error.gif-block", path=path, at=position)


def _sub_blocks_end(content: bytes, position: int, limit: int) -> tuple[int, int]:
    """Return where the chain of sub-blocks ends, and how many there were (at most `limit`)."""
    steps = 0
    while (length := content[position]) and steps < limit:
        position += length + 1
        steps += 1
    return position + 1, steps


def joined(content: bytes, start: int, end: int) -> bytes:
    """Return what the sub-blocks from `start` hold, put together."""

    def parts() -> Iterator[bytes]:
        position = start
        while position < end and (length := content[position]):
            yield content[position + 1 : position + 1 + length]
            position += length + 1

    return b"".join(parts())
