"""Everything that tags of MP3's kind say, by family: ID3v2, XMP in it, and what stands at the end.

XMP lies in a frame `PRIV` whose owner is "XMP" (XMP Specification Part 3, 1.1.1). Of ID3v1 only
what ID3v2 has no frame for is told: its texts are the others' first thirty letters.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from kzlabel.formats._apev2 import ape_texts
from kzlabel.formats._id3 import HEADER, parsed, tag_size, texts
from kzlabel.formats._id3v1 import as_id3v2
from kzlabel.formats._repeats import gathered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzlabel.formats._id3 import Tag
    from kzlabel.model import Tags

MAX_TAGS = 4
"""ID3v2 tags, one after another, that are read; FFmpeg and players read them all."""
_OWNER = b"XMP\0"
_PRIVATE = b"PRIV"


def read_id3(before: bytes, after: bytes = b"") -> Tags:
    """Return the tags by family: of what stands before the frames of sound, and after them."""
    tags = tuple(_tags(before))
    said = gathered(chain(_said(tags), ape_texts(after) if after else ()))
    last = parsed(as_id3v2(after)) if after else None
    for _, name, text in texts(last) if last else ():
        if name and text:
            said.setdefault(name, text)
    found = {"id3": said, "xmp": _xmp(tags)}
    return {family: held for family, held in found.items() if held}


def _tags(before: bytes) -> Iterator[Tag]:
    at = 0
    for _ in range(MAX_TAGS):
        size = tag_size(before[at : at + HEADER])
        if not size:
            return
        if tag := parsed(before[at : at + size]):
            yield tag
        at += size


def _said(tags: tuple[Tag, ...]) -> Iterator[tuple[str, str]]:
    return ((name, text) for tag in tags for _, name, text in texts(tag))


def _xmp(tags: tuple[Tag, ...]) -> dict[str, str]:
    """Return the properties of the first packet."""
    frames = (frame for tag in tags for frame in tag.frames)
    held = next((f for f in frames if f.name == _PRIVATE and f.content.startswith(_OWNER)), None)
    if held is None:
        return {}
    from kzlabel.formats._xmp import read_packet

    return read_packet(held.content[len(_OWNER) :])
