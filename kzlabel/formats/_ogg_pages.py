"""Ogg pages (RFC 3533, 6): which streams a file holds, without reading them.

"OggS" version(1) flags(1) granule(8) serial(4) sequence(4) crc(4) segments(1) sizes(segments)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

MAX_HEADERS = 1 << 26
"""Bytes of header packets; pictures in comments are the most of them."""
_HEADER = 27
_BEGINS = 2
_ENDS = 4
_TAIL = 1 << 17
"""Bytes in which the last page begins: two of the largest."""
_SHOWN = 64
_MAGIC = {
    b"\x01vorbis": "vorbis",
    b"OpusHead": "opus",
    b"\x7fFLAC": "flac",
    b"Speex   ": "speex",
    b"\x80theora": "theora",
    b"fishead\0": "skeleton",
}


@dataclass(frozen=True)
class Page:
    """The header of a page, and the first bytes of what it holds."""

    begins: bool
    granule: int
    size: int
    content: bytes


def pages(file: BinaryIO) -> Iterator[Page]:
    """Yield the pages; ends where they end, or are damaged."""
    while True:
        header = file.read(_HEADER)
        if len(header) < _HEADER or header[:5] != b"OggS\0":
            return
        size = sum(file.read(header[26]))
        content = file.read(min(size, _SHOWN))
        file.seek(size - len(content), 1)
        granule = int.from_bytes(header[6:14], "little", signed=True)
        yield Page(bool(header[5] & _BEGINS), granule, size, content)


def codecs(path: Path) -> tuple[str, ...]:
    """Return the codecs of the streams that begin together, in order; `?` for unknown ones.

    Raises `UnreadableAssetError` where the first page is damaged, `LimitError` where the header
    packets are larger than anyone's.
    """
    found: list[str] = []
    total = 0
    with path.open("rb") as file:
        for page in pages(file):
            total += page.size
            if page.begins:
                found.append(codec_of(page.content))
            elif page.granule > 0:
                break
            if total > MAX_HEADERS or len(found) > _SHOWN:
                raise LimitError("kz.error.comments-large", path=path, limit=MAX_HEADERS)
    if not found:
        raise UnreadableAssetError("kz.error.ogg-pages", path=path)
    return tuple(found)


def codec_of(content: bytes) -> str:
    """Return the codec whose first packet begins so; `?` for an unknown one."""
    return next((name for magic, name in _MAGIC.items() if content.startswith(magic)), "?")


def all_codecs(path: Path) -> tuple[str, ...]:
    """Return the codecs of all streams, those that begin when others have ended too."""
    with path.open("rb") as file:
        return tuple(codec_of(page.content) for page in pages(file) if page.begins)


def check_end(path: Path) -> None:
    """Raise `UnreadableAssetError` for a file that was cut off: none of its last pages ends it."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        tail = file.read(_TAIL)
    at = tail.find(b"OggS\0")
    while at >= 0:
        sizes = tail[at + _HEADER : at + _HEADER + 255]
        count = tail[at + 26] if len(tail) > at + 26 else 255
        whole = at + _HEADER + count + sum(sizes[:count]) <= len(tail)
        if whole and len(sizes) >= count and tail[at + 5] & _ENDS:
            return
        at = tail.find(b"OggS\0", at + 1)
    raise UnreadableAssetError("kz.error.ogg-cut", path=path)


def nominal_bit_rate(path: Path) -> int:
    """Return the nominal bit rate that the first header of Vorbis states; 0 for none."""
    with path.open("rb") as file:
        first = next(pages(file), None)
    return int.from_bytes(first.content[20:24], "little", signed=True) if first else 0
