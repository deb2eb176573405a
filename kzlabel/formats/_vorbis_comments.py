"""Vorbis comments read where they lie: in FLAC's block, and in the second packet of an Ogg stream.

vendor size(4) vendor, count(4), then size(4) `NAME=text` each, the little end first
(https://xiph.org/vorbis/doc/v-comment.html). In Ogg a codec's own mark stands before them. Mutagen
would hold them all, whatever their number: here what is beyond a limit is not read.

An Ogg page: "OggS" version(1) flags(1) granule(8) serial(4) sequence(4) crc(4) segments(1)
sizes(segments) content; a packet ends with a segment of less than 255 bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from kzlabel.errors import LimitError
from kzlabel.formats._ogg_pages import MAX_HEADERS, codec_of
from kzlabel.formats._repeats import gathered
from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MAX_COMMENTS = 10_000
MAX_TEXT = 1 << 24
"""Bytes of a comment that is read: ComfyUI's workflows take some hundred thousand."""
MAX_NAME = 256
_PICTURES = ("METADATA_BLOCK_PICTURE", "COVERART")
_MARKS = {
    "vorbis": b"\x03vorbis",
    "opus": b"OpusTags",
    "speex": b"",
    "flac": b"\x04",
    "theora": b"\x81theora",
}
"""What the second packet begins with, by codec; the file's own comments are those of the first."""
_SEARCHED = (b"\x03vorbis", b"OpusTags", b"\x81theora")
"""Marks that no sound has by chance."""
_FLAC_SIZE = 3
"""Bytes of the block's size, which FLAC's packets repeat after the type."""
_HEADER, _BEGINS = 27, 2
_FULL = 255


def comments_in(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the names, in capitals, and texts, without pictures; damage ends them."""
    at = 4 + int.from_bytes(content[:4], "little")
    count = int.from_bytes(content[at : at + 4], "little")
    at += 4
    for _ in range(min(count, MAX_COMMENTS)):
        start = at + 4
        at = start + int.from_bytes(content[at:start], "little")
        if at > len(content):
            return
        equals = content.find(b"=", start, min(at, start + MAX_NAME + 1))
        name = content[start:equals].decode("ascii", "replace").upper() if equals >= 0 else ""
        if not name or name in _PICTURES:
            continue
        if at - start > MAX_TEXT:
            cut("vorbis")
        else:
            yield name, content[equals + 1 : at].decode("utf-8", "replace")
    if count > MAX_COMMENTS and at < len(content):
        cut("vorbis")


def check_count(blocks: Iterable[bytes], path: Path) -> None:
    """Raise `LimitError` where there are more comments than `MAX_COMMENTS`, those too long counted.

    For each that it adds, FFmpeg looks through all that it has.
    """
    left = MAX_COMMENTS
    for content in blocks:
        at = 4 + int.from_bytes(content[:4], "little")
        count, at = int.from_bytes(content[at : at + 4], "little"), at + 4
        while count and at + 4 <= len(content):
            if not left:
                raise LimitError("kz.error.comments-many", path=path, limit=MAX_COMMENTS)
            at += 4 + int.from_bytes(content[at : at + 4], "little")
            count, left = count - 1, left - 1


def named(comments: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return comments as a family of tags."""
    return gathered(comments)


def ogg_texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the comments of the first stream that has any, and what others beside it say else.

    FFmpeg repeats a film's comments in the stream of its sound.
    """
    with path.open("rb") as file:
        packets = _second_packets(file)
    seen: set[tuple[str, str]] = set()
    for codec, mark in _MARKS.items():
        packet = packets.get(codec, b"")
        if not packet.startswith(mark):
            continue
        start = len(mark) + (_FLAC_SIZE if codec == "flac" else 0)
        comments = tuple(comments_in(packet[start:]))
        yield from (pair for pair in comments if pair not in seen)
        seen.update(comments)


def check_ogg(path: Path) -> None:
    """Raise `LimitError` where a packet of comments, anywhere in the file, tells of too many.

    FFmpeg reads those of every stream, and of streams that begin when others have ended.
    """
    with path.open("rb") as file:
        packets = _second_packets(file)
        check_count([packets.get("flac", b"")[1 + _FLAC_SIZE :], packets.get("speex", b"")], path)
        file.seek(0)
        while page := _page(file):
            for mark in _SEARCHED:
                at = page[1].find(mark)
                while at >= 0:
                    _check_told(page[1], at + len(mark), path)
                    at = page[1].find(mark, at + 1)


def _check_told(content: bytes, at: int, path: Path) -> None:
    at += 4 + int.from_bytes(content[at : at + 4], "little")
    if int.from_bytes(content[at : at + 4], "little") > MAX_COMMENTS:
        raise LimitError("kz.error.comments-many", path=path, limit=MAX_COMMENTS)


def _second_packets(file: BinaryIO) -> dict[str, bytes]:
    """Return the second packet of the first stream of each codec, of those that begin together."""
    waiting: dict[bytes, _Stream] = {}
    found: dict[str, bytes] = {}
    for begins, serial, sizes, content in _pages(file):
        if begins:
            codec = codec_of(content)
            if codec in _MARKS and all(each.codec != codec for each in waiting.values()):
                waiting[serial] = _Stream(codec)
        elif (stream := waiting.get(serial)) and stream.takes(sizes, content):
            found[stream.codec] = b"".join(stream.parts)
            del waiting[serial]
        if not begins and not waiting:
            break
    return found


def _pages(file: BinaryIO) -> Iterator[tuple[bool, bytes, bytes, bytes]]:
    """Yield whether a page begins a stream, the stream, the sizes of segments, and the content.

    Ends where pages do, and where streams begin that are not beside the first ones.
    """
    left, beginning = MAX_HEADERS, True
    while left > 0 and (page := _page(file)):
        header, content = page
        begins = bool(header[5] & _BEGINS)
        if begins and not beginning:
            return
        beginning = begins
        left -= _HEADER + len(content)
        yield begins, header[14:18], header[_HEADER:], content


def _page(file: BinaryIO) -> tuple[bytes, bytes] | None:
    """Return the header, with the sizes of segments, and the content of the page that is next."""
    header = file.read(_HEADER)
    if len(header) < _HEADER or header[:5] != b"OggS\0":
        return None
    header += file.read(header[26])
    return header, file.read(sum(header[_HEADER:]))


class _Stream:
    """The second packet of a stream as its pages come; the first has a page of its own."""

    def __init__(self, codec: str) -> None:
        self.codec = codec
        self.parts: list[bytes] = []

    def takes(self, sizes: bytes, content: bytes) -> bool:
        """Take what a page holds of the packet, and return whether it ends there."""
        last = next((at for at, size in enumerate(sizes, 1) if size < _FULL), 0)
        self.parts.append(content[: sum(sizes[:last])] if last else content)
        return bool(last)
