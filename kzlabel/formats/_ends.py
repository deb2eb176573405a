"""What lies around the frames of MP3 and ADTS: ID3v2 before them; Lyrics3, APEv2, ID3v1 after them.

* ID3v1: the last 128 bytes, "TAG" …
* APEv2: [header(32)] items footer(32); the footer is "APETAGEX" version(4) size(4, with the footer)
  count(4) flags(4)
* Lyrics3v2: "LYRICSBEGIN" … size(6 digits) "LYRICS200"
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kzlabel.errors import LimitError, UnreadableAssetError
from kzlabel.formats._id3 import MAX_TAG, tag_size
from kzlabel.formats._id3_limits import check_id3
from kzlabel.formats._mpeg_frames import Header, first_frame
from kzlabel.formats._new_file import new_file
from kzlabel.model import SNIFFED_BYTES

BLOCK = 1 << 20
_ID3V1, _APE, _LYRICS = 128, 32, 15


@dataclass(frozen=True)
class Ends:
    """Where the frames of a file begin and end."""

    path: Path
    begin: int
    end: int
    header: Header
    """Of the first frame."""
    size: int
    """Bytes of the file."""

    @property
    def before(self) -> bytes:
        """What lies before the frames: an ID3v2 tag, as a rule."""
        return _between(self.path, 0, self.begin)

    @property
    def tag(self) -> bytes | None:
        """The ID3v2 tag at the start, None where there is none."""
        before = self.before
        return before[: tag_size(before)] or None

    @property
    def after(self) -> bytes:
        """What lies after the frames."""
        return _between(self.path, self.end, min(self.end + MAX_TAG, self.size))


def _between(path: Path, begin: int, end: int) -> bytes:
    if begin == end:
        return b""
    with path.open("rb") as file:
        file.seek(begin)
        return file.read(end - begin)


def read_ends(path: Path, kind: str) -> Ends:
    """Return where the frames begin and end; `kind`: mp3 or aac.

    Raises `UnreadableAssetError` where there is no frame, `LimitError` for a tag that is too large.
    """
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
        if tag_size(head) > MAX_TAG:
            raise LimitError("kz.error.id3-large", path=path, limit=MAX_TAG)
        found = first_frame(head, path)
        if found is None or found[1].kind != kind:
            raise UnreadableAssetError("kz.error.no-frames", path=path)
        size = file.seek(0, 2)
        end = _end(file, size, found[0])
    ends = Ends(path, found[0], end, found[1], size)
    check_id3(ends.before, path)
    return ends


def _end(file: BinaryIO, end: int, begin: int) -> int:
    """Return where the tags at the end of the file begin."""
    if _at(file, end - _ID3V1, 3, begin) == b"TAG":
        end -= _ID3V1
    end -= _lyrics(file, end, begin)
    footer = _at(file, end - _APE, _APE, begin)
    if footer[:8] == b"APETAGEX":
        header = _APE if footer[23] & 0x80 else 0
        size = int.from_bytes(footer[12:16], "little") + header
        end = end - size if begin < end - size and size <= MAX_TAG else end
    return end - _lyrics(file, end, begin)


def _lyrics(file: BinaryIO, end: int, begin: int) -> int:
    """Return how many bytes of lyrics end there."""
    footer = _at(file, end - _LYRICS, _LYRICS, begin)
    if footer[6:] != b"LYRICS200" or not footer[:6].isdigit():
        return 0
    size = int(footer[:6]) + _LYRICS
    return size if _at(file, end - size, 11, begin) == b"LYRICSBEGIN" else 0


def _at(file: BinaryIO, at: int, count: int, least: int) -> bytes:
    if at < least:
        return b""
    file.seek(at)
    return file.read(count)


def with_tag(ends: Ends, dst: Path, tag: bytes) -> None:
    """Copy a file to `dst` with another ID3v2 tag at its start; all else stays."""
    with new_file(dst) as file:
        file.write(tag)
        copied(ends.path, len(ends.tag or b""), ends.path.stat().st_size, file)


def copied(path: Path, begin: int, end: int, file: BinaryIO) -> None:
    """Copy the bytes of `path` from `begin` to `end`."""
    with path.open("rb") as source:
        source.seek(begin)
        while begin < end and (block := source.read(min(BLOCK, end - begin))):
            begin += len(block)
            file.write(block)
