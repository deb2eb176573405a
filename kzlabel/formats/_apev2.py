"""APEv2 tags (https://wiki.hydrogenaud.io/index.php?title=APEv2_specification), read.

[header(32)] items footer(32); both: "APETAGEX" version(4) size(4) count(4) flags(4) reserved(8)
an item: size(4) flags(4) key 0 value; all numbers with the little end first. The size is that of
the items and the footer; bit 29 of the flags says that this is the header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ITEMS = 1_000
MAX_TEXT = 1 << 24
MAX_KEY = 255
_MAGIC = b"APETAGEX"
_ENDS = 32
"""Bytes of a header, and of a footer."""
_IS_HEADER = 1 << 29
_KIND = 0b110
"""Bits of an item's flags: 0 is text in UTF-8."""
_FRAMES = {"title": "TIT2", "artist": "TPE1", "album": "TALB", "comment": "COMM"}


def ape_texts(after: bytes) -> Iterator[tuple[str, str]]:
    """Yield the texts of the tag in what follows an MP3's frames, under ID3's names for them.

    A key that ID3 has no frame for is `TXXX:Key`. What is damaged ends them.
    """
    begin, end = _items(after)
    for _ in range(MAX_ITEMS):
        key_end = after.find(b"\0", begin + 8, min(begin + 8 + MAX_KEY + 1, end))
        if key_end < 0:
            return
        size = int.from_bytes(after[begin : begin + 4], "little")
        flags = int.from_bytes(after[begin + 4 : begin + 8], "little")
        key = after[begin + 8 : key_end].decode("ascii", "replace")
        begin = key_end + 1 + size
        if begin > end:
            return
        if size <= MAX_TEXT and not flags & _KIND:
            text = after[key_end + 1 : begin].decode("utf-8", "replace").replace("\0", "/")
            yield _FRAMES.get(key.lower(), f"TXXX:{key}"), text


def _items(after: bytes) -> tuple[int, int]:
    """Return where the items begin and end; the same place where there are none."""
    at = after.find(_MAGIC)
    head = after[at : at + _ENDS] if at >= 0 else b""
    if len(head) < _ENDS:
        return 0, 0
    size = int.from_bytes(head[12:16], "little")
    if int.from_bytes(head[20:24], "little") & _IS_HEADER:
        return at + _ENDS, min(at + size, len(after))
    return max(0, at + _ENDS - size), at
