"""Tags in MP4 and MOV, written: free-form items of ours in the item list of iTunes.

`moov/udta/meta/ilst`, as `_mp4_texts` reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import UnsupportedTagsError
from kzlabel.formats._bmff import full_box
from kzlabel.formats._mp4_parts import Part, first, join, part, split, tail, with_child
from kzlabel.formats._mp4_texts import FREEFORM, item_name, meta_start, read_items
from kzlabel.formats._mp4_track import changed

if TYPE_CHECKING:
    from collections.abc import Mapping

_COVER = b"covr"
_NEW_META = full_box(b"hdlr", 0, b"\0\0\0\0mdirappl" + b"\0" * 9)


# --- Writing --------------------------------------------------------------------------------------


def with_items(moov: bytes, tags: Mapping[str, str]) -> bytes:
    """Return the movie header with free-form items; those of the same names are replaced.

    An empty value takes an item away. Padding (`free`) in `meta` gives way, so that the header
    keeps its length where it can. Raises `UnsupportedTagsError` on another kind of name and where
    `udta/meta` is something else than an item list.
    """
    if not tags:
        return moov
    return with_child(moov, b"udta", lambda old: _udta(old or b"", tags))


def _udta(udta: bytes, tags: Mapping[str, str]) -> bytes:
    return with_child(udta, b"meta", lambda old: _meta(old, tags))


def _meta(meta: bytes | None, tags: Mapping[str, str]) -> bytes:
    if meta is None:
        meta = b"\0\0\0\0" + _NEW_META
    start = meta_start(meta)
    parts = split(meta, start)
    handler = first(parts, b"hdlr")
    if handler is None or handler.payload[8:12] != b"mdir":
        raise UnsupportedTagsError("kz.error.mp4-items", detail="udta/meta")
    old = first(parts, b"ilst")
    items = part(b"ilst", _items(old.payload if old else b"", tags))
    parts = tuple(items if each is old else each for each in parts) if old else (*parts, items)
    grown = len(items.raw) - (len(old.raw) if old else 0)
    return meta[:start] + join(_unpadded(parts, grown)) + tail(meta, start)


def _unpadded(parts: tuple[Part, ...], grown: int) -> tuple[Part, ...]:
    """Return the boxes with the first `free` that has room smaller by `grown`, or larger."""
    for at, each in enumerate(parts):
        left = len(each.raw) - grown
        if each.kind == b"free" and (left == 0 or left >= 8):  # noqa: PLR2004  a header
            kept = (part(b"free", bytes(left - 8)),) if left else ()
            return (*parts[:at], *kept, *parts[at + 1 :])
    return parts


def _items(ilst: bytes, tags: Mapping[str, str]) -> bytes:
    kept = [
        each
        for each in split(ilst)
        if each.kind != FREEFORM or item_name(each.kind, split(each.payload)) not in tags
    ]
    return join((*kept, *(_item(name, value) for name, value in tags.items() if value)))


def _item(name: str, value: str) -> Part:
    kind, _, rest = name.partition(":")
    mean, _, own = rest.rpartition(":")
    if kind.encode("latin-1", "replace") != FREEFORM or not mean or not own:
        raise UnsupportedTagsError("kz.error.mp4-name", name=name)
    content = b"\0\0\0\1\0\0\0\0" + value.encode("utf-8", "replace")
    boxes = full_box(b"mean", 0, mean.encode()), full_box(b"name", 0, own.encode())
    return part(FREEFORM, b"".join(boxes) + part(b"data", content).raw)


def without_item(moov: bytes, name: str) -> bytes:
    """Return the movie header without one free-form item, as long as before where it can be."""
    return with_items(moov, {name: ""}) if name in read_items(moov) else moov


# --- Cover art ------------------------------------------------------------------------------------


def without_covers(moov: bytes) -> bytes:
    """Return the movie header with the pictures in its item lists made free space.

    FFmpeg shows cover art as a track of pictures, which its muxer for M4A does not take. Raises
    `DamagedBoxError`.
    """
    for path in ((b"udta", b"meta"), (b"meta",)):
        moov = changed(moov, path, _uncovered)
    return moov


def _uncovered(meta: bytes) -> bytes:
    start = meta_start(meta)
    return meta[:start] + changed(meta[start:], (b"ilst",), _without_pictures)


def _without_pictures(ilst: bytes) -> bytes:
    parts = (part(b"free", e.payload) if e.kind == _COVER else e for e in split(ilst))
    return join(parts) + tail(ilst)
