"""FLAC's metadata blocks (RFC 9639, 8): read and written as they stand.

[ID3v2] "fLaC" block… frames       block: last(1 bit) type(7) size(24) content
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError, UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats._id3 import MAX_TAG, tag_size
from kzlabel.formats._id3_limits import check_id3
from kzlabel.formats._new_file import new_file
from kzlabel.formats._vorbis_comments import MAX_COMMENTS, check_count
from kzlabel.model import SNIFFED_BYTES

if TYPE_CHECKING:
    from typing import BinaryIO

    from kzlabel.formats._sound import Prepared

STREAMINFO, SEEKTABLE, COMMENT, CUESHEET = 0, 3, 4, 5
MAX_BLOCKS = 4096
MAX_METADATA = 1 << 27
"""Bytes of all metadata blocks; pictures are the most of them."""
BLOCK = 1 << 20
_VENDOR = b"kzlabel"
_STREAMINFO_SIZE = 34
_HEADER = 4


@dataclass(frozen=True)
class Flac:
    """A FLAC file: what lies before its frames, and where they begin."""

    path: Path
    before: bytes
    """An ID3v2 tag, where somebody put one."""
    blocks: tuple[tuple[int, bytes], ...]
    """Type and content."""
    frames_at: int

    def find(self, kind: int) -> bytes | None:
        """Return the content of the first block of a type."""
        return next((content for found, content in self.blocks if found == kind), None)

    @property
    def seconds(self) -> float:
        """How long STREAMINFO says that it is; 0 where it does not say it."""
        packed = int.from_bytes((self.find(STREAMINFO) or bytes(_STREAMINFO_SIZE))[10:18])
        rate, samples = packed >> 44, packed & (1 << 36) - 1
        return samples / rate if rate else 0.0

    def with_block(self, kind: int, content: bytes) -> Flac:
        """Return the file with the first block of a type replaced, or added after the first."""
        blocks = list(self.blocks)
        at = next((i for i, (found, _) in enumerate(blocks) if found == kind), None)
        if at is None:
            blocks.insert(1, (kind, content))
        else:
            blocks[at] = (kind, content)
        return replace(self, blocks=tuple(blocks))

    def check_cost(self) -> None:
        """Raise `LimitError` where there are more comments than FFmpeg should be given."""
        check_count([content for kind, content in self.blocks if kind == COMMENT], self.path)

    def write(self, dst: Path, frames: tuple[Path, int] | None = None) -> None:
        """Write the file to the new `dst`; `frames`: another file, and where they begin there."""
        source, at = frames or (self.path, self.frames_at)
        with new_file(dst) as file, source.open("rb") as audio:
            file.write(self.before + b"fLaC")
            for index, (kind, content) in enumerate(self.blocks):
                last = 0x80 if index == len(self.blocks) - 1 else 0
                file.write(bytes((last | kind,)) + len(content).to_bytes(3) + content)
            audio.seek(at)
            while block := audio.read(BLOCK):
                file.write(block)


def read_flac(path: Path) -> Flac:
    """Read the metadata; raises `UnreadableAssetError` where it is damaged, `LimitError`."""
    with path.open("rb") as file:
        size = tag_size(file.read(SNIFFED_BYTES))
        if size > MAX_TAG:
            raise LimitError("kz.error.id3-large", path=path, limit=MAX_TAG)
        file.seek(0)
        before = file.read(size)
        check_id3(before, path)
        blocks = _blocks(file, path) if file.read(4) == b"fLaC" else ()
        if not blocks or blocks[0][0] != STREAMINFO or len(blocks[0][1]) != _STREAMINFO_SIZE:
            raise UnreadableAssetError("kz.error.flac-blocks", path=path)
        return Flac(path, before, blocks, file.tell())


def _blocks(file: BinaryIO, path: Path) -> tuple[tuple[int, bytes], ...]:
    blocks: list[tuple[int, bytes]] = []
    left = MAX_METADATA
    last = 0
    while not last:
        header = file.read(_HEADER)
        length = int.from_bytes(header[1:])
        left -= length
        if len(blocks) == MAX_BLOCKS or left < 0:
            raise LimitError("kz.error.comments-large", path=path, limit=MAX_METADATA)
        content = file.read(length)
        if len(header) < _HEADER or len(content) < length:
            raise UnreadableAssetError("kz.error.flac-blocks", path=path)
        last = header[0] & 0x80
        blocks.append((header[0] & 0x7F, content))
    return tuple(blocks)


# --- Comments (RFC 9639, 8.6): vendor, count, comments; sizes of 32 bits, little end first --------


@dataclass(frozen=True)
class Comments:
    """Vorbis comments as they stand."""

    vendor: bytes
    lines: tuple[bytes, ...]


def comments_of(flac: Flac) -> Comments:
    """Return the comments; none where there is no block. Raises `UnsupportedTagsError`."""
    content = flac.find(COMMENT)
    if content is None:
        return Comments(_VENDOR, ())
    vendor, at = _sized(content, 0, flac.path)
    count = int.from_bytes(content[at : at + 4], "little")
    if count > MAX_COMMENTS:
        raise UnsupportedTagsError("kz.error.comments-damaged", path=flac.path, detail=count)
    at += 4
    lines = []
    for _ in range(count):
        line, at = _sized(content, at, flac.path)
        lines.append(line)
    return Comments(vendor, tuple(lines))


def _sized(content: bytes, at: int, path: Path) -> tuple[bytes, int]:
    end = at + 4 + int.from_bytes(content[at : at + 4], "little")
    if end > len(content) or at + 4 > len(content):
        raise UnsupportedTagsError("kz.error.comments-damaged", path=path, detail=at)
    return content[at + 4 : end], end


def _key(name: bytes) -> str:
    return name.decode("ascii", "replace").upper()


def changed(comments: Comments, changes: Mapping[str, str]) -> bytes:
    """Return the block with some comments replaced; an empty value removes."""
    kept = [line for line in comments.lines if _key(line.partition(b"=")[0]) not in changes]
    kept += [f"{name}={value}".encode() for name, value in changes.items() if value]
    parts = [_with_size(comments.vendor), len(kept).to_bytes(4, "little"), *map(_with_size, kept)]
    return b"".join(parts)


def _with_size(content: bytes) -> bytes:
    return len(content).to_bytes(4, "little") + content


# --- Cue sheets (RFC 9639, 8.7): a track's offset stands in samples -------------------------------

_TRACKS_AT = 395
"""128 bytes of catalogue number, 8 of lead-in, 1 and 258 of flags and reserve; then a count."""
_TRACK, _INDEX = 36, 12


def moved_cues(sheet: bytes, ready: Prepared) -> bytes:
    """Return a cue sheet whose tracks lie where the notice moved them; a damaged one as it is."""
    moved = bytearray(sheet)
    rate = ready.facts.rate
    at = _TRACKS_AT + 1
    for _ in range(sheet[_TRACKS_AT] if len(sheet) > _TRACKS_AT else 0):
        if at + _TRACK > len(sheet):
            return sheet
        second = ready.moved(int.from_bytes(sheet[at : at + 8]) / rate)
        moved[at : at + 8] = (round(second * rate) & (1 << 64) - 1).to_bytes(8)
        at += _TRACK + _INDEX * sheet[at + 35]
    return bytes(moved)
