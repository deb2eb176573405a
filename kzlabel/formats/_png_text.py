"""Text in PNG chunks: tEXt, zTXt, iTXt and eXIf (PNG 11.3.3; XMP in PNG: XMP part 3, 1.1.5).

Before eXIf was defined, ImageMagick kept other formats' blocks as text, and still does: under the
keyword `Raw profile type exif` (`APP1`, `iptc`, `xmp`) lies `line feed, name, line feed, length in
decimal digits, line feed, hexadecimal digits in lines`. ComfyUI's animations have its graphs in
`comf` chunks, which are tEXt under another name (its `nodes_images.py`).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, BinaryIO

from kzlabel.formats._picture_blocks import Blocks
from kzlabel.formats._png_chunks import Chunk, chunks, packed
from kzlabel.formats._repeats import gathered
from kzlabel.formats._unread import cut
from kzlabel.formats._xmp import MAX_PACKET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

XMP = b"XML:com.adobe.xmp"
MAX_TEXT = MAX_PACKET
"""Bytes of one text, decompressed."""
MAX_TEXTS = 2 * MAX_TEXT
"""Bytes of all texts of a file together."""
MAX_ENTRIES = 4096
MAX_BOMBS = 8
"""Compressed texts that come to nothing, because they are damaged or too long; then no more are
tried: each costs as much time as a text of `MAX_TEXT`."""
TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_READ = TEXTS | {b"eXIf", b"comf"}
_PROFILE = b"Raw profile type "
_MAX_KEYWORD = 79
_FAMILY = "png-text"
_FAMILIES = {b"eXIf": "exif"}


def read_texts(file: BinaryIO, path: Path) -> dict[str, Mapping[str, str]]:
    """Return the families xmp, png-text, exif and iim.

    Damaged texts are left out, too long ones noted. Profiles in hexadecimal digits are not shown.
    """
    blocks = Blocks()
    texts: list[tuple[str, str]] = []
    for keyword, text, charset in _all_texts(file, path):
        if not keyword or keyword == XMP:
            blocks.add(text)
        elif keyword.startswith(_PROFILE):
            blocks.add(_unhexed(text))
        else:
            texts.append((keyword.decode("latin-1"), _decoded(text, charset)))
    return blocks.families(**{_FAMILY: gathered(texts)})


def _decoded(text: bytes, charset: str) -> str:
    """Decode UTF-8 wherever it is, as many write it into tEXt, where only Latin-1 is allowed."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode(charset, "replace")


def _unhexed(text: bytes) -> bytes:
    """Return what a profile holds; b"" where its digits are damaged."""
    parts = text.split(b"\n", 3)
    try:
        return bytes.fromhex(parts[-1].decode("ascii"))
    except ValueError:
        return b""


def _all_texts(file: BinaryIO, path: Path) -> Iterator[tuple[bytes, bytes, str]]:
    """Yield keyword, text and charset of each text; an EXIF block has no keyword."""
    left, entries, bombs = MAX_TEXTS, 0, 0
    for chunk in chunks(file, path):
        if chunk.type not in _READ:
            continue
        if entries >= MAX_ENTRIES or chunk.length > min(left, MAX_TEXT):
            cut(_FAMILIES.get(chunk.type, _FAMILY))
            continue
        data = chunk.data(file)
        if bombs >= MAX_BOMBS and is_compressed(chunk.type, data):
            cut(_FAMILY)
            continue
        parsed = (b"", data) if chunk.type == b"eXIf" else parse(chunk.type, data, left)
        entries += 1
        bombs += parsed is None
        if parsed is not None:
            left -= max(chunk.length, len(parsed[1]))
            yield (*parsed, "utf-8" if chunk.type == b"iTXt" else "latin-1")


def is_compressed(kind: bytes, data: bytes) -> bool:
    """Whether the text of a chunk has to be inflated."""
    flag = data.find(b"\0") + 1
    return kind == b"zTXt" or (kind == b"iTXt" and data[flag : flag + 1] == b"\1")


def parse(kind: bytes, data: bytes, limit: int = MAX_TEXT) -> tuple[bytes, bytes] | None:
    """Return the keyword and the text of a chunk, decompressed; None where it is damaged."""
    keyword, nul, rest = data.partition(b"\0")
    if not nul or not 0 < len(keyword) <= _MAX_KEYWORD:
        return None
    compressed = kind == b"zTXt"
    if compressed:
        rest = rest[1:]
    elif kind == b"iTXt":
        flags, parts = rest[:2], rest[2:].split(b"\0", 2)
        if len(parts) < 3 or flags not in (b"\0\0", b"\1\0", b"\0\1"):  # noqa: PLR2004  language, keyword, text
            return None
        compressed, rest = flags[0] == 1, parts[2]
    text = inflated(rest, min(limit, MAX_TEXT)) if compressed else rest
    return None if text is None else (keyword, text)


def inflated(data: bytes, limit: int) -> bytes | None:
    """Return decompressed bytes; None where they are damaged, or, which is noted, too many."""
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, max(1, limit))
    except zlib.error:
        return None
    if inflater.eof:
        return text
    if len(text) >= limit:
        cut(_FAMILY)
    return None


def xmp_of(chunk: Chunk, file: BinaryIO) -> bytes | None:
    """Return the XMP packet in a chunk, b"" for one that cannot be read, None for other chunks."""
    if chunk.type != b"iTXt":
        return None
    file.seek(chunk.start + 8)
    if file.read(min(chunk.length, len(XMP) + 1)) != XMP + b"\0":
        return None
    if chunk.length > MAX_TEXT:
        return b""
    parsed = parse(chunk.type, chunk.data(file))
    return b"" if parsed is None else parsed[1]


def xmp_chunk(packet: bytes) -> bytes:
    """Return an iTXt chunk with an XMP packet, not compressed so that anybody finds it."""
    return packed(b"iTXt", XMP + b"\0\0\0\0\0" + packet)
