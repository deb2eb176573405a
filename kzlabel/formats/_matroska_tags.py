"""Matroska's Tags (RFC 9559 5.1.8, https://www.rfc-editor.org/rfc/rfc9559): names and texts.

`Tags` holds `Tag`s; a `Tag` says what it is about (`Targets`: tracks, chapters, attachments by UID;
none: the whole Segment, "global") and holds `SimpleTag`s: `TagName`, and `TagString` or
`TagBinary`, and further `SimpleTag`s, which are about the one around them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats._ebml import CRC32, VOID, Budget, Node, encoded, first, nodes, text
from kzlabel.formats._matroska_layout import TAGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kzlabel.formats._matroska_layout import Layout

TAG = 0x7373
TARGETS = 0x63C0
SIMPLE_TAG = 0x67C8
_TAG_NAME, _TAG_STRING = 0x45A3, 0x4487
_TRACK_UID = 0x63C5
_COUNTED = {
    "BPS", "NUMBER_OF_BYTES", "_STATISTICS_TAGS", "_STATISTICS_WRITING_APP",
    "_STATISTICS_WRITING_DATE_UTC", "ENCODER",
}  # fmt: skip
_TIMED = {"DURATION", "NUMBER_OF_FRAMES"}
_UIDS = frozenset({0x63C5, 0x63C9, 0x63C4, 0x63C6})
"""TagTrackUID, TagEditionUID, TagChapterUID, TagAttachmentUID."""
MAX_DEPTH = 8
"""SimpleTags in SimpleTags that are read; more are left out."""
MAX_TEXT = 65536
"""Characters of one value that are read."""


def read_tags(layout: Layout) -> dict[str, str]:
    """Return texts by upper-case name, `OUTER/INNER` where nested; the global ones count first."""
    budget = Budget(layout.path)
    found: dict[str, str] = {}
    tags = sorted(_readable(layout, budget), key=lambda fields: not _is_global(fields, budget))
    for fields in tags:
        for name, value in _texts(fields, budget):
            found.setdefault(name, value)
    return found


def _readable(layout: Layout, budget: Budget) -> Iterator[tuple[Node, ...]]:
    """Yield what each Tag holds; damaged ones are left out."""
    for element in layout.all(TAGS):
        try:
            for tag in nodes(layout.read(element), budget):
                if tag.id == TAG:
                    yield nodes(tag.payload, budget)
        except UnreadableAssetError:
            continue


def _texts(fields: Iterable[Node], budget: Budget) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of SimpleTags, those inside others after them."""
    waiting = [("", node, 0) for node in fields if node.id == SIMPLE_TAG]
    for outer, tag, depth in waiting:  # grows as it is walked
        try:
            inside = nodes(tag.payload, budget)
        except UnreadableAssetError:
            continue
        name = outer + _name(inside)
        value = first(inside, _TAG_STRING)
        if value is not None and name:
            yield name, value.text[:MAX_TEXT]
        if depth < MAX_DEPTH:
            deeper = [node for node in inside if node.id == SIMPLE_TAG]
            waiting.extend((f"{name}/", node, depth + 1) for node in deeper)


def _name(inside: Iterable[Node]) -> str:
    node = first(inside, _TAG_NAME)
    return node.text[:MAX_TEXT].strip().upper() if node is not None else ""


def is_global(tag: Node, budget: Budget) -> bool:
    """Whether a Tag is about the whole Segment."""
    return _is_global(nodes(tag.payload, budget), budget)


def _is_global(fields: Iterable[Node], budget: Budget) -> bool:
    targets = first(fields, TARGETS)
    if targets is None:
        return True
    try:
        about = nodes(targets.payload, budget)
    except UnreadableAssetError:
        return False
    return not any(node.id in _UIDS and node.number for node in about)


def merged(layout: Layout, wanted: Mapping[str, str]) -> bytes:
    """Return what one Tags element holds with `wanted` in it; empty: none is needed.

    In global Tags the same names are replaced, an empty text removes; all else is kept, byte for
    byte. Raises `UnsupportedTagsError` where the Tags that are there are damaged.
    """
    budget = Budget(layout.path)
    names = {name.upper() for name in wanted}
    try:
        held = [tag for element in layout.all(TAGS) for tag in nodes(layout.read(element), budget)]
        kept = [_without(tag, names, budget) for tag in held if tag.id not in (CRC32, VOID)]
    except UnreadableAssetError as exc:
        raise UnsupportedTagsError("kz.error.matroska-tags", path=layout.path, detail=exc) from exc
    return b"".join(kept) + new_tag(wanted)


def fresh(layout: Layout, coded: set[int], *, longer: bool) -> bytes:
    """Return what Tags hold, without what counts bytes of tracks that were coded anew.

    `coded`: their UIDs; `longer`: what tells durations is dropped too. Damaged Tags are left out.
    """
    budget = Budget(layout.path)
    stale = _COUNTED | (_TIMED if longer else set())
    kept = []
    for element in layout.all(TAGS):
        try:
            tags = [node for node in nodes(layout.read(element), budget) if node.id == TAG]
            kept += [_fresh(tag, coded, stale, budget) for tag in tags]
        except UnreadableAssetError:
            continue
    return b"".join(kept)


def _fresh(tag: Node, coded: set[int], stale: set[str], budget: Budget) -> bytes:
    targets = first(nodes(tag.payload, budget), TARGETS)
    about = nodes(targets.payload, budget) if targets is not None else ()
    if any(node.id == _TRACK_UID and node.number in coded for node in about):
        return dropped(tag, stale, budget)
    return tag.raw


def new_tag(wanted: Mapping[str, str]) -> bytes:
    """Return a global Tag with those texts that are not empty; none of them: nothing."""
    simple = b"".join(_simple(name, value) for name, value in wanted.items() if value)
    return encoded(TAG, encoded(TARGETS, b"") + simple) if simple else b""


def _simple(name: str, value: str) -> bytes:
    """Return a SimpleTag, without a language: readers add that to the name (`NAME-und`)."""
    return encoded(SIMPLE_TAG, text(_TAG_NAME, name) + text(_TAG_STRING, value))


def _without(tag: Node, names: set[str], budget: Budget) -> bytes:
    """Return a Tag without those names, if it is global; one left without any is dropped."""
    if tag.id != TAG or not is_global(tag, budget):
        return tag.raw
    return dropped(tag, names, budget)


def dropped(tag: Node, names: set[str], budget: Budget) -> bytes:
    """Return a Tag without SimpleTags of those names; nothing, if none is left."""
    fields = nodes(tag.payload, budget)
    kept = [
        node
        for node in fields
        if node.id != SIMPLE_TAG or _name(nodes(node.payload, budget)) not in names
    ]
    if len(kept) == len(fields):
        return tag.raw
    if not any(node.id == SIMPLE_TAG for node in kept):
        return b""
    # a CRC-32 no longer holds
    return encoded(TAG, b"".join(node.raw for node in kept if node.id != CRC32))
