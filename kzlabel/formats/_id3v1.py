"""ID3v1: the last 128 bytes of an MP3, hidden from players by any ID3v2 tag.

"TAG" title(30) artist(30) album(30) year(4) comment(30) genre(1)
In version 1.1 the comment ends in 0 and the number of the track. https://id3.org/ID3v1
"""

from __future__ import annotations

from kzlabel.formats._id3 import Frame, Tag, joined
from kzlabel.formats._id3_text import V4

SIZE = 128
_FIELDS = ((b"TIT2", 3, 33), (b"TPE1", 33, 63), (b"TALB", 63, 93), (b"TDRC", 93, 97))
_COMMENT, _TRACK, _GENRE = 97, 126, 127
_NO_GENRE = 255
_LATIN = b"\0"
"""The encoding that a frame begins with; what the bytes really are, players guess as in ID3v1."""


def as_id3v2(after: bytes) -> bytes:
    """Return an ID3v2.4 tag that says what the ID3v1 at the end of `after` does; empty for none."""
    old = after[-SIZE:]
    if len(old) < SIZE or old[:3] != b"TAG":
        return b""
    frames = [(name, _text(old[begin:end])) for name, begin, end in _FIELDS]
    numbered = old[_TRACK - 1] == 0 < old[_TRACK]
    comment = _text(old[_COMMENT : _TRACK - 1 if numbered else _GENRE])
    frames.append((b"COMM", b"und\0" + comment if comment else b""))
    frames.append((b"TRCK", str(old[_TRACK]).encode() if numbered else b""))
    frames.append((b"TCON", b"" if old[_GENRE] == _NO_GENRE else str(old[_GENRE]).encode()))
    said = tuple(Frame(name, 0, _LATIN + text) for name, text in frames if text)
    return joined(Tag(V4, unsynchronised=False, frames=said, whole=True))


def _text(field: bytes) -> bytes:
    return field.split(b"\0")[0].rstrip()
