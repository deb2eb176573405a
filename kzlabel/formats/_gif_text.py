"""Text in GIF: comments, and XMP, whose packet is no chain of sub-blocks.

A comment is an extension of label FE (GIF89a, 24). XMP lies in an application extension (XMP part
3, 1.1.2): after `XMP DataXMP` the packet follows as plain bytes, then the `magic trailer` (01, FF
down to 00, 00), which leads any reader of sub-blocks to the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import UnsupportedTagsError
from kzlabel.formats._byte_text import byte_text
from kzlabel.formats._gif_blocks import joined
from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kzlabel.formats._gif_blocks import Block, GifFile

MAX_COMMENT = 16 * 1024 * 1024
"""Bytes of a comment that is read."""
_COMMENT = 0xFE
_IDENTIFIER = b"XMP DataXMP"
_MAGIC = b"\x01" + bytes(range(255, -1, -1)) + b"\0"


def find_packet(gif: GifFile) -> tuple[Block | None, bytes | None]:
    """Return the first XMP extension and the packet in it; None where there is none."""
    return next(packets(gif), (None, None))


def packets(gif: GifFile) -> Iterator[tuple[Block, bytes]]:
    """Yield the XMP extensions and the packets in them."""
    for block in gif.blocks:
        if gif.application(block) == _IDENTIFIER:
            start = block.body + 12
            end = gif.content.rfind(_MAGIC, start, block.end)
            if end < 0:  # some writers chain proper sub-blocks instead
                yield block, joined(gif.content, start, block.end)
            else:
                yield block, gif.content[start:end]


def comments(gif: GifFile) -> Iterator[tuple[str, str]]:
    """Yield the comments, each named `COM`."""
    for block in gif.blocks:
        if block.label != _COMMENT:
            continue
        if block.end - block.body > MAX_COMMENT:
            cut("comment")
        else:
            yield "COM", byte_text(joined(gif.content, block.body, block.end))


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
