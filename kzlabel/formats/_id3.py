"""ID3v2 tags (https://id3.org/id3v2.4.0-structure), versions 2.2 to 2.4: text out, text in.

    "ID3" version(1) revision(1) flags(1) size(4, seven bits a byte)
    [extended header] frames [padding]
    a frame: id(4) size(4) flags(2) content; in 2.2: id(3) size(3) content

Frames are moved as they stand: what is compressed, encrypted or unknown to everyone stays, and the
tag keeps its version. (Through mutagen, frames that do not parse would be lost, and a compressed
one be inflated without bound.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from kzlabel.errors import LimitError, UnsupportedTagsError
from kzlabel.formats._id3_text import (
    ENCODINGS,
    LONG_NAMES,
    V2,
    V3,
    V4,
    is_compressed,
    is_text,
    long_name,
    named,
    unpacked,
)
from kzlabel.formats._unread import cut

MAX_TAG = 1 << 26
"""Bytes of a tag; covers and attachments are the most of it."""
MAX_FRAMES = 10_000
MAX_TEXTS = 1 << 23
"""Bytes of all frames of a tag that are read as text, inflated."""
MAX_BOMBS = 8
"""Texts that come to nothing, because they are damaged or too long; then none is inflated."""
HEADER = 10
_KNOWN = (V2, V3, V4)
_SHORT_NAMES = {long: brief for brief, long in LONG_NAMES.items()}
_PACKED = {V2: 0, V3: 0x00E0, V4: 0x004D}
"""Flags of frames whose content does not begin at once: grouped, compressed, encrypted, sized."""
_UNSYNCHRONISED, _EXTENDED, _FOOTER = 0x80, 0x40, 0x10
_FRAME_UNSYNCHRONISED = 0x02


@dataclass(frozen=True)
class Frame:
    """One frame as it stands in its tag."""

    name: bytes
    flags: int
    content: bytes


@dataclass(frozen=True)
class Tag:
    """An ID3v2 tag taken apart."""

    version: int
    unsynchronised: bool
    """Version 2.4 only: its frames are; earlier ones are resolved as a whole."""
    frames: tuple[Frame, ...]
    whole: bool
    """Whether every byte was understood: frames, then padding."""


def tag_size(head: bytes) -> int:
    """Return how many bytes the ID3v2 tag takes that `head` begins with; 0 where there is none."""
    if len(head) < HEADER or head[:3] != b"ID3" or head[3] not in _KNOWN or max(head[6:10]) > 0x7F:  # noqa: PLR2004  by the standard
        return 0
    footer = HEADER if head[3] == V4 and head[5] & _FOOTER else 0
    return HEADER + _safe(head[6:10]) + footer


def id3_bytes(old: bytes | None, changes: Mapping[str, str]) -> bytes:
    """Return a tag with `changes` by name (as `Tags` has them; only `TXXX:…` and `T…`).

    An empty value removes. A tag without frames is no bytes. Raises `UnsupportedTagsError` where
    `old` is damaged, so that something of it would be lost, and `LimitError`.
    """
    tag = parsed(old) if old else Tag(V4, unsynchronised=False, frames=(), whole=True)
    if tag is None or not tag.whole:
        raise UnsupportedTagsError("kz.error.id3-damaged")
    kept = [frame for frame, name, _ in texts(tag) if name not in changes]
    added = [_frame(name, text, tag.version) for name, text in changes.items() if text]
    return joined(replace(tag, frames=(*kept, *added)))


def joined(tag: Tag) -> bytes:
    """Return a tag put together; one without frames is no bytes. Raises `LimitError`."""
    body = b"".join(_encoded(frame, tag.version) for frame in tag.frames)
    if len(body) > MAX_TAG:
        raise LimitError("kz.error.id3-large", path="", limit=MAX_TAG)
    flags = _UNSYNCHRONISED if tag.unsynchronised else 0
    header = b"ID3" + bytes((tag.version, 0, flags)) + _safe_bytes(len(body))
    return header + body if body else b""


Mover = Callable[[float, bool], float]
"""The second at which a moment lies in the new file; of an end, with True."""


def moved_tag(tag: bytes, move: Mover, seconds: float) -> bytes:
    """Return a tag for the same programme with something inserted: chapters moved, its length told.

    Tables of where frames lie are left out. A damaged tag stays as it is.
    """
    old = parsed(tag)
    if old is None or not old.whole:
        return tag
    frames = [_moved(f, old.version, move, seconds) for f in old.frames if f.name not in _TABLES]
    return joined(replace(old, frames=tuple(frames)))


_TABLES = (b"MLLT", b"MLL", b"ASPI")
_CHAPTER = 16
"""Bytes of start, end and two offsets, in milliseconds and bytes, after a chapter's name."""


def _moved(frame: Frame, version: int, move: Mover, seconds: float) -> Frame:
    name, _, times = frame.content.partition(b"\0")
    if frame.name == b"TLEN":
        return _frame("TLEN", str(round(seconds * 1000)), version)
    packed = frame.flags & (_PACKED[version] | (_FRAME_UNSYNCHRONISED if version == V4 else 0))
    if frame.name != b"CHAP" or len(times) < _CHAPTER or packed:
        return frame
    start = round(1000 * move(int.from_bytes(times[:4]) / 1000, False)) & 0xFFFFFFFF
    end = round(1000 * move(int.from_bytes(times[4:8]) / 1000, True)) & 0xFFFFFFFF
    moved = start.to_bytes(4) + end.to_bytes(4) + b"\xff" * 8 + times[_CHAPTER:]
    return replace(frame, content=name + b"\0" + moved)


# --- Taking apart ---------------------------------------------------------------------------------


def parsed(tag: bytes) -> Tag | None:
    """Return a tag taken apart; None for one of a kind that nobody knows."""
    size = tag_size(tag)
    version, flags = (tag[3], tag[5]) if size else (0, 0)
    if not size or (version == V2 and flags & _EXTENDED):  # 2.2: a compression never defined
        return None
    body = tag[HEADER : HEADER + _safe(tag[6:10])]
    if flags & _UNSYNCHRONISED and version < V4:
        body = body.replace(b"\xff\x00", b"\xff")
    if flags & _EXTENDED:
        body = body[_extended(body, version) :]
    frames, whole = frames_of(body, version)
    unsynchronised = bool(flags & _UNSYNCHRONISED) and version == V4
    return Tag(version, unsynchronised, frames, whole and len(tag) >= size)


def _extended(body: bytes, version: int) -> int:
    """Return the size of the extended header; its own counts itself from version 2.4 on."""
    return _safe(body[:4]) if version == V4 else 4 + int.from_bytes(body[:4])


def frames_of(body: bytes, version: int) -> tuple[tuple[Frame, ...], bool]:
    """Return the frames, and whether all bytes are theirs or padding."""
    frames, whole = _walked(body, version, safe=version == V4)
    if not whole and version == V4:  # old iTunes wrote plain sizes
        plain = _walked(body, version, safe=False)
        return plain if plain[1] else (frames, whole)
    return frames, whole


def _walked(body: bytes, version: int, *, safe: bool) -> tuple[tuple[Frame, ...], bool]:
    frames: list[Frame] = []
    at, width = 0, 3 if version == V2 else 4
    header = 2 * width + (0 if version == V2 else 2)
    while at + header <= len(body) and body[at]:
        name, sized = body[at : at + width], body[at + width : at + 2 * width]
        size = _safe(sized) if safe else int.from_bytes(sized)
        end = at + header + size
        sound = name.isalnum() and name.isascii() and not (safe and max(sized) > 0x7F)  # noqa: PLR2004  by the standard
        if not sound or end > len(body) or len(frames) == MAX_FRAMES:
            if sound and end <= len(body):
                cut("id3")
            return tuple(frames), False
        flags = int.from_bytes(body[at + 2 * width : at + header])
        frames.append(Frame(name, flags, body[at + header : end]))
        at = end
    return tuple(frames), not any(body[at : at + header]) and not body[at:].strip(b"\0")


def _safe(four: bytes) -> int:
    """Return a size of seven bits a byte."""
    size = 0
    for byte in four:
        size = size << 7 | byte & 0x7F
    return size


def _safe_bytes(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


# --- Text -----------------------------------------------------------------------------------------


def texts(tag: Tag) -> Iterator[tuple[Frame, str, str]]:
    """Yield each frame with its name and text; both empty where it has none that can be read."""
    left, bombs = MAX_TEXTS, 0
    for frame in tag.frames:
        name, content = long_name(frame.name), None
        if is_text(name) and frame.content:
            if left <= 0 or (bombs >= MAX_BOMBS and is_compressed(frame.flags, tag.version)):
                cut("id3")
            else:
                content = unpacked(frame.content, frame.flags, tag.version,
                                   unsynchronised=tag.unsynchronised)  # fmt: skip
                left -= len(content or b"")
                bombs += content is None
        yield frame, *(named(name, content) if content is not None else ("", ""))


def text_of(frame: Frame, version: int) -> tuple[str, str]:
    """Return the name and text of a frame by itself, as `texts` does."""
    tag = Tag(version, unsynchronised=False, frames=(frame,), whole=True)
    return next((name, text) for _, name, text in texts(tag))


# --- Putting together -----------------------------------------------------------------------------


def _frame(name: str, text: str, version: int) -> Frame:
    """Return a new text frame: UTF-8 in version 2.4, which the earlier ones do not know."""
    number = 3 if version == V4 else 0 if (name + text).isascii() else 1
    key, _, description = name.partition(":")
    values = [description, text] if key == "TXXX" else [text]
    end = b"\0\0" if number == 1 else b"\0"
    content = bytes((number,)) + end.join(value.encode(ENCODINGS[number]) for value in values)
    stored = _SHORT_NAMES.get(key, key) if version == V2 else key
    return Frame(stored.encode("ascii"), 0, content)


def _encoded(frame: Frame, version: int) -> bytes:
    size = len(frame.content)
    if version == V2:
        return frame.name + size.to_bytes(3) + frame.content
    sized = _safe_bytes(size) if version == V4 else size.to_bytes(4)
    return frame.name + sized + frame.flags.to_bytes(2) + frame.content
