"""Which ID3v2 tags c2pa-rs 0.91 writes back whole when it adds its manifest: measured by frame.

It turns a tag into version 2.4 and text into UTF-8. Frames that are grouped, encrypted or do not
parse are dropped, often with all that follow; of two with one identity the later stays; of several
values in version 2.3 the first; version 2.2 is refused. Such files take a companion.
"""

from __future__ import annotations

from kzlabel.formats import _id3
from kzlabel.formats._id3 import Frame, Tag
from kzlabel.formats._id3_text import V3, V4, described, strings

_FLAGS = {V3: 0x00FF, V4: 0x004D}
"""Flags that change how the content is stored; those before them only say what editors may do."""
_EXTENDED = 0x40
_MANY_VALUES = (0, 3)
"""Encodings whose parts have no byte order mark."""
_NESTED_AT = 16
"""Bytes of times and offsets in a chapter, after its name."""


def survives(tag: bytes | None) -> bool:
    """Whether nothing is lost when c2pa-rs writes into the tag of a file; none is no loss."""
    if not tag:
        return True
    read = _id3.parsed(tag)
    if read is None or not read.whole or read.version not in _FLAGS:
        return False
    return not (read.version == V3 and tag[5] & _EXTENDED) and _all_survive(read)


def _all_survive(tag: Tag) -> bool:
    seen: set[tuple[bytes, ...]] = set()
    for frame in tag.frames:
        identity = _identity(frame)
        if identity in seen or not _survives(frame, tag.version):
            return False
        if identity:
            seen.add(identity)
    return True


def _survives(frame: Frame, version: int) -> bool:
    if frame.flags & _FLAGS[version] or not frame.content or frame.name == b"SYLT":
        return False
    if frame.name == b"CHAP":
        return _nested(frame.content.partition(b"\0")[2][_NESTED_AT:], version)
    if frame.name == b"CTOC":
        return _nested(_after_children(frame.content), version)
    if frame.name[:1] == b"W" and not frame.content.isascii():
        return False
    if frame.name[:1] in (b"T", b"W") or frame.name in (b"COMM", b"USLT"):
        return bool(_id3.text_of(frame, version)[0]) and _one_value(frame, version)
    return True


def _one_value(frame: Frame, version: int) -> bool:
    """Whether a text frame has one value, or several that are all kept."""
    if frame.name[:1] != b"T" or frame.name in (b"TXXX", b"TIPL", b"TMCL"):
        return True
    several = len(strings(frame.content)) > 1
    return not several or (version == V4 and frame.content[0] in _MANY_VALUES)


def _identity(frame: Frame) -> tuple[bytes, ...]:
    """Return what two frames must not have in common; nothing where any two may stand."""
    name, content = frame.name, frame.content
    if name in (b"TXXX", b"WXXX"):
        return name, described(content)
    if name in (b"COMM", b"USLT"):
        return name, content[1:4], described(content[:1] + content[4:])
    if name == b"APIC":
        return name, content[1:].partition(b"\0")[2][:1]
    if name in (b"CHAP", b"CTOC"):
        return name, content.partition(b"\0")[0]
    return (name,) if name[:1] == b"T" else ()


def _after_children(content: bytes) -> bytes:
    """Return what follows the names of children in a table of contents."""
    flags_and_rest = content.partition(b"\0")[2]
    rest = flags_and_rest[2:]
    for _ in range(flags_and_rest[1] if len(flags_and_rest) > 1 else 0):
        rest = rest.partition(b"\0")[2]
    return rest


def _nested(body: bytes, version: int) -> bool:
    """Whether frames inside a frame survive; they hold no others."""
    frames, whole = _id3.frames_of(body, version)
    flat = all(frame.name not in (b"CHAP", b"CTOC") for frame in frames)
    return (
        whole
        and flat
        and _all_survive(Tag(version, unsynchronised=False, frames=frames, whole=True))
    )
