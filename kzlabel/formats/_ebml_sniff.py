"""Which Matroska this is: DocType and kinds of tracks, from a file's head alone.

https://www.rfc-editor.org/rfc/rfc9559 (Matroska): DocType `matroska` or `webm`; Segment / Tracks /
TrackEntry / TrackType 1 is video, 2 audio. Everything is bounded by the head, and nothing raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"\x1a\x45\xdf\xa3"
_EBML = 0x1A45DFA3
_SEGMENT, _CLUSTER, _TRACKS, _ENTRY = 0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE
_DOC_TYPE, _TRACK_TYPE = 0x4282, 0x83
_MAX_LOOKED_AT = 1000
_VIDEO, _AUDIO = 1, 2


class Kind(NamedTuple):
    """What the head says."""

    doc_type: str
    audio_only: bool
    """Tracks were seen, some of sound, none of pictures."""


def kind_of(head: bytes) -> Kind | None:
    """Return what an EBML file's head says; None where it is not Matroska or WebM."""
    if head[:4] != MAGIC:
        return None
    content = memoryview(head)
    doc = _first(_first(content, _EBML), _DOC_TYPE)
    doc_type = bytes(doc[:16]).rstrip(b"\0").decode("ascii", "replace")
    if doc_type not in ("matroska", "webm"):
        return None
    types = set(_track_types(_first(content, _SEGMENT)))
    return Kind(doc_type, _AUDIO in types and _VIDEO not in types)


def _first(content: memoryview, wanted: int) -> memoryview:
    return next((part for name, part in _parts(content) if name == wanted), content[:0])


def _track_types(segment: memoryview) -> Iterator[int]:
    for name, part in _parts(segment):
        if name == _CLUSTER:
            return
        for entry, fields in _parts(part) if name == _TRACKS else ():
            for field, value in _parts(fields) if entry == _ENTRY else ():
                if field == _TRACK_TYPE:
                    yield int.from_bytes(value[:8])


def _parts(content: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield IDs and payloads, the last of them cut where the head ends."""
    at = 0
    for _ in range(_MAX_LOOKED_AT):
        id_length = 9 - content[at].bit_length() if at < len(content) else 9
        size_at = at + id_length
        if id_length > 4 or size_at >= len(content):  # noqa: PLR2004  RFC 8794 5
            return
        size_length = 9 - content[size_at].bit_length()
        start = size_at + size_length
        ones = (1 << 7 * size_length) - 1
        size = int.from_bytes(content[size_at:start]) & ones
        end = len(content) if size == ones else start + size
        yield int.from_bytes(content[at:size_at]), content[start:end]
        at = end
