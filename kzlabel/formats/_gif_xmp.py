"""XMP in GIF: an application extension whose packet is no chain of sub-blocks.

XMP specification part 3, 1.1.2: after `XMP DataXMP` the packet follows as plain bytes, then the
`magic trailer` (01, FF down to 00, 00), which leads any reader of sub-blocks to the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import UnsupportedTagsError
from kzlabel.formats._gif_blocks import joined

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.formats._gif_blocks import Block, GifFile

_IDENTIFIER = b"XMP DataXMP"
_MAGIC = b"\x01" + bytes(range(255, -1, -1)) + b"\0"


def find_packet(gif: GifFile) -> tuple[Block | None, bytes | None]:
    """Return the first XMP extension and the packet in it; None where there is none."""
    for block in gif.blocks:
        if gif.application(block) == _IDENTIFIER:
            start = block.body + 12
            end = gif.content.rfind(_MAGIC, start, block.end)
            if end < 0:  # some writers chain proper sub-blocks instead
                return block, joined(gif.content, start, block.end)
            return block, gif.content[start:end]
    return None, None


def splice_packet(gif: GifFile, packet: bytes, path: Path) -> bytes:
    """Return the file with `packet` in the place of the old one, else before the first frame.

    Raises `UnsupportedTagsError` on a packet with zero bytes (UTF-16), which would end the chain.
    """
    if b"\0" in packet:
        raise UnsupportedTagsError("kz.error.gif-xmp-encoding", path=path)
    block, _ = find_packet(gif)
    start, end = (block.start, block.end) if block else (gif.head, gif.head)
    extension = b"\x21\xff\x0b" + _IDENTIFIER + packet + _MAGIC
    # Extensions came with the version of 1989.
    return b"GIF89a" + gif.content[6:start] + extension + gif.content[end:]
