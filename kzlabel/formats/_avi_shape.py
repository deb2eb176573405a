"""The shape of pixels in AVI: `vprp` (OpenDML 1.02, "Video Properties Header"), put back.

FFmpeg's muxer writes it for a stream that says the shape of its pixels, which PyAV cannot. `vprp` =
token, standard, refresh rate, totals of a line and of lines, the aspect ratio of the picture (u16
height, u16 width), width, height, fields, then for each field eight numbers of which the first and
the third are its height; all of four bytes, little endian. It goes into the JUNK that FFmpeg leaves
among a stream's headers, so that nothing moves.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._assembled import Edit
from kzlabel.formats._avi_layout import CHUNK_HEADER, inside, list_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from kzlabel.formats._avi_layout import Avi, Chunk

_TOTAL, _ASPECT, _HEIGHT, _FIELDS, _FIELD = 16, 20, 28, 36, 32
_LEAST = _FIELDS + _FIELD
_MOST = _FIELDS + 2 * _FIELD
_BITMAP_HEIGHT = 8
"""Where `strf` of a picture has its height."""
_MAX_ASPECT = 0xFFFF


def streams(file: BinaryIO, avi: Avi) -> Iterator[tuple[bytes, Mapping[bytes, Chunk]]]:
    """Yield what each stream is for (`vids`, `auds`, …) and the first of its headers by name."""
    for header in avi.all(b"LIST"):
        if list_form(file, header) != b"hdrl":
            continue
        for stream in inside(file, avi, header):
            if stream.name != b"LIST" or list_form(file, stream) != b"strl":
                continue
            found: dict[bytes, Chunk] = {}
            for chunk in inside(file, avi, stream):
                found.setdefault(chunk.name, chunk)
            said = found.get(b"strh")
            yield list_form(file, said) if said is not None else b"", found


def shapes(source: Avi, made: Avi) -> list[Edit]:
    """Return the edits of `made` that give its streams the shape of the source's pixels.

    Raises `RefusedError` where there is no room, and pixels are not square.
    """
    with source.path.open("rb") as file, made.path.open("rb") as other:
        pairs = zip(streams(file, source), streams(other, made), strict=False)
        edits = []
        for (kind, old), (_, new) in pairs:
            if kind != b"vids" or b"vprp" not in old or b"vprp" in new:
                continue
            header = _header(source, old, _height(file, old), _height(other, new))
            if not header:
                continue
            room = new.get(b"JUNK")
            if room is not None and room.size >= len(header):
                edits.append(_in_junk(room, header))
            elif not _square(header):
                raise RefusedError("kz.error.matroska-lost", path=source.path, value="vprp")
    return edits


def _height(file: BinaryIO, headers: Mapping[bytes, Chunk]) -> int:
    chunk = headers.get(b"strf")
    if chunk is None or chunk.size < _BITMAP_HEIGHT + 4:
        return 0
    file.seek(chunk.body + _BITMAP_HEIGHT)
    return abs(int.from_bytes(file.read(4), "little", signed=True))


def _header(source: Avi, headers: Mapping[bytes, Chunk], old: int, new: int) -> bytes:
    """Return the chunk for pictures that are `new` lines high now; nothing: it is damaged."""
    chunk = headers[b"vprp"]
    if not _LEAST <= chunk.size <= _MOST:
        return b""
    content = bytearray(source.read(chunk))
    if old != new and old and new:
        _grown(content, old, new)
    return b"vprp" + len(content).to_bytes(4, "little") + bytes(content)


def _grown(content: bytearray, old: int, new: int) -> None:
    """Write what is true of a higher picture with the same pixels."""
    shape = _aspect(content)
    if shape:
        wide = (shape * old / new).limit_denominator(_MAX_ASPECT)
        content[_ASPECT : _ASPECT + 4] = wide.denominator.to_bytes(
            2, "little"
        ) + wide.numerator.to_bytes(2, "little")
    fields = (len(content) - _FIELDS) // _FIELD
    for at in (_TOTAL, _HEIGHT):
        content[at : at + 4] = new.to_bytes(4, "little")
    for field in range(fields):
        for at in (0, 8):
            begin = _FIELDS + field * _FIELD + at
            content[begin : begin + 4] = (new // fields).to_bytes(4, "little")


def _aspect(content: bytes | bytearray) -> Fraction:
    """Return the shape of the whole picture; 0 where it is not said."""
    high = int.from_bytes(content[_ASPECT : _ASPECT + 2], "little")
    return Fraction(int.from_bytes(content[_ASPECT + 2 : _ASPECT + 4], "little"), high or 1)


def _square(header: bytes) -> bool:
    return _pixels(header[CHUNK_HEADER:]) in (0, 1)


def pixel_shape(avi: Avi, headers: Mapping[bytes, Chunk]) -> Fraction:
    """Return the width of a pixel by its height; 0 where it is not said."""
    chunk = headers.get(b"vprp")
    known = chunk is not None and _LEAST <= chunk.size <= _MOST
    return _pixels(avi.read(chunk)) if chunk is not None and known else Fraction(0)


def _pixels(content: bytes) -> Fraction:
    width, height = (
        int.from_bytes(content[at : at + 4], "little") for at in (_HEIGHT - 4, _HEIGHT)
    )
    return _aspect(content) * height / width if width else Fraction(0)


def _in_junk(room: Chunk, header: bytes) -> Edit:
    """Return the edit that puts a header in the place of JUNK, and JUNK in what is left of it."""
    left = room.size - len(header)
    content = header + b"JUNK" + left.to_bytes(4, "little")
    return Edit(room.at, room.at + len(content), content)
