"""Matroska's Tags (RFC 9559 5.1.8, https://www.rfc-editor.org/rfc/rfc9559): names and texts.

`Tags` holds `Tag`s; a `Tag` says what it is about (`Targets`: tracks, chapters, attachments by UID;
none: the whole Segment, "global") and holds `SimpleTag`s: `TagName`, and `TagString` or
`TagBinary`, and further `SimpleTag`s, which are about the one around them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats._ebml import CRC32, VOID, Budget, Node, encoded, first, nodes, text
from kzlabel.formats._matroska_layout import INFO, TAGS
from kzlabel.formats._repeats import gathered
from kzlabel.formats._unread import cut

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
MAX_TEXT = 1 << 24
"""Bytes of one value that is read: ComfyUI's workflows take some hundred thousand."""
MAX_NAME = 512
_INFO_TEXTS = {0x7BA9: "TITLE", 0x4D80: "MUXINGAPP", 0x5741: "WRITINGAPP"}


def read_tags(layout: Layout) -> dict[str, str]:
    """Return texts by upper-case name, `OUTER/INNER` where nested; the file's own come first.

    What is about a chapter, an edition or an attachment says nothing of the file, and is left out.
    """
    return gathered(_pairs(layout, Budget(layout.path)))


def _pairs(layout: Layout, budget: Budget) -> Iterator[tuple[str, str]]:
    """Yield what is said of the whole Segment, then what is said of tracks."""
    tags = [(_about(fields, budget), fields) for fields in _readable(layout, budget)]
    for fields in (fields for about, fields in tags if not about):
        yield from _texts(fields, budget)
    yield from _of_info(layout, budget)
    for fields in (fields for about, fields in tags if about == {_TRACK_UID}):
        yield from _texts(fields, budget)


def _readable(layout: Layout, budget: Budget) -> Iterator[tuple[Node, ...]]:
    """Yield what each Tag holds; damaged ones are left out."""
    for element in layout.all(TAGS):
        for tag in _sound(layout.read(element), budget):
            if tag.id == TAG and (fields := _sound(tag.payload, budget)):
                yield fields


def _sound(payload: bytes, budget: Budget) -> tuple[Node, ...]:
    """Return the elements of a master; none where it is damaged."""
    try:
        return nodes(payload, budget)
    except UnreadableAssetError:
        return ()


def _of_info(layout: Layout, budget: Budget) -> Iterator[tuple[str, str]]:
    """Yield the title, and the programs that wrote the file."""
    for element in layout.all(INFO)[:1]:
        for node in _sound(layout.read(element), budget):
            if node.id in _INFO_TEXTS and len(node.payload) <= MAX_TEXT:
                yield _INFO_TEXTS[node.id], node.text


def _texts(fields: Iterable[Node], budget: Budget) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of SimpleTags, those inside others after them."""
    waiting = [("", node, 0) for node in fields if node.id == SIMPLE_TAG]
    for outer, tag, depth in waiting:  # grows as it is walked
        inside = _sound(tag.payload, budget)
        name = outer + _name(inside)
        value = first(inside, _TAG_STRING)
        if value is not None and name:
            if len(value.payload) > MAX_TEXT:
                cut("matroska")
            else:
                yield name, value.text
        if depth < MAX_DEPTH:
            deeper = [node for node in inside if node.id == SIMPLE_TAG]
            waiting.extend((f"{name}/", node, depth + 1) for node in deeper)


def _name(inside: Iterable[Node]) -> str:
    node = first(inside, _TAG_NAME)
    return node.text[:MAX_NAME].strip().upper() if node is not None else ""


def is_global(tag: Node, budget: Budget) -> bool:
    """Whether a Tag is about the whole Segment."""
    return not _about(nodes(tag.payload, budget), budget)


def _about(fields: Iterable[Node], budget: Budget) -> set[int]:
    """Return what kinds of UIDs a Tag is about; none: the whole Segment, damaged: of no kind."""
    targets = first(fields, TARGETS)
    if targets is None:
        return set()
    try:
        about = nodes(targets.payload, budget)
    except UnreadableAssetError:
        return {TARGETS}
    return {node.id for node in about if node.id in _UIDS and node.number}


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
