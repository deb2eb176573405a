"""What FFmpeg's Matroska muxer drops or alters, put back from the source.

The new file is FFmpeg's Clusters as they are, with everything before them written anew: `SeekHead`,
`Info`, `Tracks` (`_matroska_tracks`), the source's own `Chapters`, `Attachments` and `Tags`, byte
for byte, and room for more tags. `Cues` follow the Clusters as before, moved by how much these did.
Times are in milliseconds, as FFmpeg writes them, whatever the source's TimestampScale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats import _matroska_tracks as tracks
from kzlabel.formats._assembled import Stretch, assemble
from kzlabel.formats._ebml import (
    CRC32,
    EBML,
    VOID,
    Budget,
    Node,
    encoded,
    head,
    nodes,
    number,
    void,
)
from kzlabel.formats._matroska_chapters import shifted
from kzlabel.formats._matroska_layout import (
    ATTACHMENTS,
    CHAPTERS,
    CUES,
    INFO,
    SEEK_HEAD,
    SEGMENT,
    TAGS,
    TRACKS,
    Layout,
    read_layout,
)
from kzlabel.formats._matroska_splice import SEEK, SEEK_ID, SEEK_POSITION
from kzlabel.formats._matroska_tags import fresh

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kzlabel.model import Placement

_DOC_VERSION, _READ_VERSION = 0x4287, 0x4285
_FROM_SOURCE = frozenset({
    0x7BA9, 0x4461, 0x5741,  # Title, DateUTC, WritingApp
    0x73A4, 0x7384, 0x3CB923, 0x3C83AB, 0x3EB923, 0x3E83BB, 0x4444, 0x6924,  # linked Segments
})  # fmt: skip
_CUE_POINT, _CUE_TRACK_POSITIONS, _CUE_CLUSTER_POSITION = 0xBB, 0xB7, 0xF1
_LARGE = 2_000_000
"""Elements of Cues: eight for every key frame."""
_SEEK_ROOM, _TAG_ROOM = 128, 2048
"""Void left behind SeekHead, and before the Clusters for tags."""


@dataclass(frozen=True)
class Remade:
    """What was done to the tracks."""

    coded: int
    """The type of tracks that were coded anew."""
    placement: Placement

    @property
    def resized(self) -> bool:
        """Whether pictures were given another size."""
        return self.placement.style.value == "strip"

    @property
    def longer(self) -> bool:
        """Whether the programme was stretched by what was inserted."""
        return self.placement.style.value == "prepend"


def restore(source: Layout, path: Path, dst: Path, remade: Remade) -> None:
    """Write FFmpeg's file `path` to `dst` with all else of `source`.

    Raises `RefusedError` where tracks are missing, `UnreadableAssetError`, `OSError`.
    """
    made = read_layout(path)
    if made.clusters is None:
        raise UnreadableAssetError("kz.error.matroska-lost", path=source.path, value="Cluster")
    budget = Budget(source.path, _LARGE)
    parts = _before(source, made, remade, budget)
    size = sum(_length(part) for _, part in parts)
    seek_room = _seek_room(parts)
    began = seek_room + size + _TAG_ROOM
    shift = began - (made.clusters - made.segment.start)
    clusters = Stretch(path, made.clusters, _end_of_clusters(made))
    cues = _cues(made, shift, budget)
    body = [
        _seek_head([*parts, (0, clusters), *cues], seek_room, _TAG_ROOM),
        *(part for _, part in parts),
        void(_TAG_ROOM),
        clusters,
        *(part for _, part in cues),
    ]
    length = sum(_length(part) for part in body)
    assemble(dst, [_doc_head(source, made, budget), head(SEGMENT, length, 8), *body])


def _length(part: bytes | Stretch) -> int:
    return len(part) if isinstance(part, bytes) else part.end - part.at


def _end_of_clusters(made: Layout) -> int:
    """Return where the Clusters end, which in FFmpeg's files nothing interrupts."""
    behind = [child.at for child in made.children if child.at > (made.clusters or 0)]
    return min(behind, default=made.segment.end)


def _before(
    source: Layout, made: Layout, remade: Remade, budget: Budget
) -> list[tuple[int, bytes | Stretch]]:
    """Return what stands before the Clusters, SeekHead left out."""
    parts: list[tuple[int, bytes | Stretch]] = [
        (INFO, encoded(INFO, _info(source, made, budget))),
        (TRACKS, encoded(TRACKS, _tracks(source, made, remade, budget))),
    ]
    for chapters in source.all(CHAPTERS):
        held = source.read(chapters)
        if remade.longer:
            held = shifted(held, remade.placement.spans, budget)
        parts.append((CHAPTERS, encoded(CHAPTERS, held)))
    parts += [
        (ATTACHMENTS, Stretch(source.path, element.at, element.end))
        for element in source.all(ATTACHMENTS)
    ]
    tags = fresh(source, _uids(source, remade.coded, budget), longer=remade.longer)
    return [*parts, (TAGS, encoded(TAGS, tags))] if tags else parts


def _children(layout: Layout, name: int, budget: Budget) -> tuple[Node, ...]:
    """Return what the first element of that name holds."""
    found = layout.all(name)
    return nodes(layout.read(found[0]), budget) if found else ()


def _info(source: Layout, made: Layout, budget: Budget) -> bytes:
    drop = _FROM_SOURCE | {CRC32, VOID}
    parts = [n.raw for n in _children(made, INFO, budget) if n.id not in drop]
    was = [n.raw for n in _children(source, INFO, budget) if n.id in _FROM_SOURCE]
    return b"".join(parts + was)


def _tracks(source: Layout, made: Layout, remade: Remade, budget: Budget) -> bytes:
    """Return the tracks in the source's order; FFmpeg may be given them in another."""
    was = track_entries(source, budget)
    are: dict[int, list[tuple[Node, ...]]] = {}
    for fields in track_entries(made, budget):
        are.setdefault(tracks.value(fields, tracks.TYPE), []).append(fields)
    had = sum(map(len, are.values()))
    parts = []
    for old in was:
        same_kind = are.get(tracks.value(old, tracks.TYPE))
        if had != len(was) or not same_kind:
            detail = {"value": len(was), "had": had}
            raise RefusedError("kz.error.matroska-tracks", path=source.path, **detail)
        new = same_kind.pop(0)
        parts.append(
            tracks.restored(old, new, coded=remade.coded, resized=remade.resized, budget=budget)
        )
    return b"".join(parts)


def track_entries(layout: Layout, budget: Budget) -> list[tuple[Node, ...]]:
    """Return what each TrackEntry of a file holds."""
    found = layout.all(TRACKS)
    return tracks.entries(layout.read(found[0]), budget) if found else []


def _uids(source: Layout, coded: int, budget: Budget) -> set[int]:
    """Return the UIDs of the tracks that were coded anew."""
    return {
        tracks.value(fields, tracks.UID)
        for fields in track_entries(source, budget)
        if tracks.value(fields, tracks.TYPE) == coded
    }


def _cues(made: Layout, shift: int, budget: Budget) -> list[tuple[int, bytes | Stretch]]:
    """Return the Cues, each place in them moved by `shift`."""
    return [
        (CUES, encoded(CUES, b"".join(_moved(p, shift, budget) for p in _points(made, budget))))
        for _ in made.all(CUES)[:1]
    ]


def _points(made: Layout, budget: Budget) -> Sequence[Node]:
    return [node for node in _children(made, CUES, budget) if node.id == _CUE_POINT]


def _moved(point: Node, shift: int, budget: Budget) -> bytes:
    parts = []
    for node in nodes(point.payload, budget):
        if node.id != _CUE_TRACK_POSITIONS:
            parts.append(node.raw)
            continue
        places = [
            number(n.id, n.number + shift) if n.id == _CUE_CLUSTER_POSITION else n.raw
            for n in nodes(node.payload, budget)
        ]
        parts.append(encoded(node.id, b"".join(places)))
    return encoded(_CUE_POINT, b"".join(parts))


def _entry(name: int, position: int) -> bytes:
    """Return an entry of SeekHead that is of one length wherever it points."""
    place = encoded(SEEK_POSITION, position.to_bytes(8))
    return encoded(SEEK, number(SEEK_ID, name) + place)


def _seek_room(parts: Sequence[tuple[int, bytes | Stretch]]) -> int:
    """Return the bytes of SeekHead and the Void behind it; Cues take an entry too."""
    return (len(parts) + 1) * len(_entry(SEGMENT, 0)) + _SEEK_ROOM


def _seek_head(parts: Sequence[tuple[int, bytes | Stretch]], room: int, gap: int) -> bytes:
    """Return a SeekHead for parts that follow one another after `room`, a gap before Clusters."""
    at, found = room, b""
    for name, part in parts:
        if name:
            found += _entry(name, at)
        else:
            at += gap
        at += _length(part)
    whole = encoded(SEEK_HEAD, found)
    return whole + void(room - len(whole))


def _doc_head(source: Layout, made: Layout, budget: Budget) -> bytes:
    """Return the EBML header, of the later version of both."""
    with source.path.open("rb") as file:
        was = nodes(nodes(file.read(source.head.end), budget)[0].payload, budget)
    with made.path.open("rb") as file:
        fields = nodes(nodes(file.read(made.head.end), budget)[0].payload, budget)
    parts = []
    for node in fields:
        if node.id in (_DOC_VERSION, _READ_VERSION):
            parts.append(number(node.id, max(tracks.value(f, node.id) for f in (was, fields))))
        elif node.id != CRC32:
            parts.append(node.raw)
    return encoded(EBML, b"".join(parts))
