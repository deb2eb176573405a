"""Matroska and WebM (RFC 9559, https://www.rfc-editor.org/rfc/rfc9559): where things lie.

`EBML` (DocType), then one `Segment`; in it, in almost any order, `SeekHead` (where the others lie,
counted from the Segment's first byte), `Void`, `Info`, `Tracks`, `Chapters`, `Attachments`, `Tags`,
`Cluster`s (the media) and `Cues` (where Clusters lie, likewise). Of Clusters only the place of the
first is kept: there are thousands. A live recording has a Segment, and Clusters, of unknown size:
these end where an element begins that cannot be in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from kzlabel.errors import LimitError, UnreadableAssetError
from kzlabel.formats._ebml import (
    CRC32,
    DOC_TYPE,
    EBML,
    MAX_HEADER,
    VOID,
    Budget,
    DamagedError,
    header_of,
    nodes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEGMENT = 0x18538067
SEEK_HEAD = 0x114D9B74
INFO = 0x1549A966
TRACKS = 0x1654AE6B
CLUSTER = 0x1F43B675
CUES = 0x1C53BB6B
ATTACHMENTS = 0x1941A469
CHAPTERS = 0x1043A770
TAGS = 0x1254C367
LEVEL_ONE = frozenset({SEEK_HEAD, INFO, TRACKS, CLUSTER, CUES, ATTACHMENTS, CHAPTERS, TAGS})
_ENDS_UNKNOWN = LEVEL_ONE | {EBML, SEGMENT}

MAX_TOP = 100_000
"""Elements in a Segment; Clusters of a second each make 86,400 in a day."""
MAX_BLOCKS = 4_000_000
"""Blocks in Clusters of unknown size, which must be walked: hours of a live recording."""
MAX_MASTER = 16 << 20
"""Bytes of a master that is read into memory (Tags, Tracks, Chapters, Cues …)."""
MAX_HEAD = 4096
"""Bytes of the EBML header."""


class Element(NamedTuple):
    """One element of the file."""

    id: int
    at: int
    """Where its header begins."""
    start: int
    """Where what it holds begins."""
    end: int
    known: bool = True
    """Whether its size is stored."""


@dataclass(frozen=True)
class Layout:
    """Where the parts of one file lie."""

    path: Path
    doc_type: str
    head: Element
    """The EBML header."""
    segment: Element
    children: tuple[Element, ...]
    """Of the Segment, in order, Clusters left out."""
    clusters: int | None
    """Where the first Cluster begins."""
    size: int
    """Bytes of the file; more than the Segment's where something follows it."""

    def all(self, name: int) -> tuple[Element, ...]:
        """Return the Segment's children with that ID."""
        return tuple(child for child in self.children if child.id == name)

    def read(self, element: Element) -> bytes:
        """Return what an element holds; raises `LimitError` where it is beyond `MAX_MASTER`."""
        length = element.end - element.start
        if length > MAX_MASTER:
            raise LimitError("kz.error.matroska-master", path=self.path, limit=MAX_MASTER)
        with self.path.open("rb") as file:
            file.seek(element.start)
            return file.read(length)


def read_layout(path: Path) -> Layout:
    """Return where things lie; raises `UnreadableAssetError`, `LimitError`, `OSError`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        walker = _Walker(file, path)
        head = walker.element(0, size)
        if head.id != EBML or not head.known or head.end - head.at > MAX_HEAD:
            raise UnreadableAssetError("kz.error.ebml-damaged", path=path, at=0)
        doc_type = _doc_type(file, head, path)
        segment = _segment(walker, head.end, size)
        children = []
        clusters = None
        for child in walker.children(segment):
            if child.id != CLUSTER:
                children.append(child)
            elif clusters is None:
                clusters = child.at
    end = segment.end if segment.known else walker.at
    return Layout(path, doc_type, head, segment._replace(end=end), tuple(children), clusters, size)


def _doc_type(file: BinaryIO, head: Element, path: Path) -> str:
    file.seek(head.start)
    fields = nodes(file.read(head.end - head.start), Budget(path))
    return next((node.text for node in fields if node.id == DOC_TYPE), "")


def _segment(walker: _Walker, at: int, size: int) -> Element:
    """Return the Segment, which follows the head; Void may lie between."""
    element = walker.element(at, size)
    while element.id in (VOID, CRC32) and element.known:
        element = walker.element(element.end, size)
    if element.id != SEGMENT:
        raise UnreadableAssetError("kz.error.ebml-damaged", path=walker.path, at=element.at)
    return element


class _Walker:
    """Walks the elements of an open file, and counts them."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.path = path
        self.at = 0
        self._file = file
        self._top = Budget(path, MAX_TOP)
        self._blocks = Budget(path, MAX_BLOCKS)

    def element(self, at: int, limit: int) -> Element:
        """Return the element at `at`; of unknown size, it ends at `limit`."""
        self._file.seek(at)
        try:
            header = header_of(self._file.read(min(MAX_HEADER, max(limit - at, 0))))
        except DamagedError as exc:
            raise UnreadableAssetError("kz.error.ebml-damaged", path=self.path, at=at) from exc
        start = at + header.length
        end = limit if header.size is None else start + header.size
        if end > limit:
            raise UnreadableAssetError("kz.error.matroska-cut", path=self.path, at=at)
        return Element(header.id, at, start, end, header.size is not None)

    def children(self, segment: Element) -> Iterator[Element]:
        """Yield the Segment's children; one of unknown size ends before EBML or a Segment."""
        self.at = segment.start
        while self.at < segment.end:
            child = self.element(self.at, segment.end)
            if not segment.known and child.id in (EBML, SEGMENT):
                return
            self._top.take()
            if not child.known:
                child = child._replace(end=self._end_of_cluster(child))
            yield child
            self.at = child.end

    def _end_of_cluster(self, cluster: Element) -> int:
        """Return where a Cluster of unknown size ends."""
        if cluster.id != CLUSTER:  # RFC 9559 allows it of nothing else
            raise UnreadableAssetError("kz.error.ebml-damaged", path=self.path, at=cluster.at)
        at = cluster.start
        while at < cluster.end:
            self._blocks.take()
            block = self.element(at, cluster.end)
            if block.id in _ENDS_UNKNOWN:
                break
            if not block.known:
                raise UnreadableAssetError("kz.error.ebml-damaged", path=self.path, at=at)
            at = block.end
        return at
