"""Tags in MP4 and MOV: the item list of iTunes, QuickTime's keys, and free-form items of ours.

`moov/udta/meta/ilst`: each item is a box named after its tag (`©nam`) that holds `data` boxes:
`u32 type (1: UTF-8, 2: UTF-16), u32 locale, value`. Free-form items are named `----` and hold
`mean`, `name` (both after 4 bytes of version and flags) and `data`. With the handler `mdta`
(`moov/meta`, QuickTime File Format, "Metadata atoms") an item is named by its index into `keys`:
`u32 size, namespace, key`. Older QuickTime files have text right in `udta`: `u16 length, u16
language, text`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import UnsupportedTagsError
from kzlabel.formats._bmff import DamagedBoxError, full_box
from kzlabel.formats._mp4_parts import Part, find, first, join, part, split, tail, with_child
from kzlabel.formats._mp4_track import changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_ITEMS = 2_000
MAX_TEXT = 1 << 16
"""Bytes of one text; longer ones say nothing to us."""
FREEFORM = b"----"
_UTF8, _UTF16 = 1, 2
_ENCODINGS = {_UTF8: "utf-8", _UTF16: "utf-16-be"}
_COPYRIGHT = 0xA9
_COVER = b"covr"
_FULL = 4
_NEW_META = full_box(b"hdlr", 0, b"\0\0\0\0mdirappl" + b"\0" * 9)


# --- Reading --------------------------------------------------------------------------------------


def read_items(moov: bytes) -> dict[str, str]:
    """Return the texts of a movie header by the name of their tag; damaged lists are left out."""
    found: dict[str, str] = {}
    for reader in (_items_of_udta, _items_of_keys, _old_texts):
        try:
            for name, text in reader(moov):
                if len(found) >= MAX_ITEMS:
                    return found
                found.setdefault(name, text)
        except DamagedBoxError:
            continue
    return found


def _items_of_udta(moov: bytes) -> Iterator[tuple[str, str]]:
    meta = find(moov, b"udta", b"meta")
    yield from _listed(meta) if meta is not None else ()


def _items_of_keys(moov: bytes) -> Iterator[tuple[str, str]]:
    for payload in (find(moov, b"meta"), find(moov, b"udta", b"meta")):
        keys = first(split(payload, meta_start(payload)), b"keys") if payload else None
        if payload and keys:
            yield from _listed(payload, _keys(keys.payload))


def _listed(meta: bytes, keys: Mapping[bytes, str] | None = None) -> Iterator[tuple[str, str]]:
    parts = split(meta, meta_start(meta))
    items = first(parts, b"ilst")
    if items is None or (keys is None and first(parts, b"keys") is not None):
        return
    for item in split(items.payload):
        children = split(item.payload)
        text = _text(first(children, b"data"))
        name = keys.get(item.kind) if keys is not None else item_name(item.kind, children)
        if text and name:
            yield name, text


def _keys(payload: bytes) -> dict[bytes, str]:
    """Return the names by the item type that stands for them: their index, from 1."""
    named = {}
    for index, each in enumerate(split(payload, 8)[:MAX_ITEMS], 1):
        named[index.to_bytes(4)] = each.payload[:512].decode("utf-8", "replace")
    return named


def item_name(kind: bytes, children: tuple[Part, ...]) -> str:
    """Return `©nam`, or `----:mean:name`."""
    if kind != FREEFORM:
        return kind.decode("mac-roman" if kind[0] == _COPYRIGHT else "latin-1")
    mean, name = first(children, b"mean"), first(children, b"name")
    if mean is None or name is None:
        return ""
    said = (each.payload[_FULL : _FULL + 512].decode("utf-8", "replace") for each in (mean, name))
    return ":".join((FREEFORM.decode(), *said))


def _text(held: Part | None) -> str:
    if held is None or len(held.payload) < 8 or len(held.payload) > MAX_TEXT:  # noqa: PLR2004
        return ""
    encoding = _ENCODINGS.get(int.from_bytes(held.payload[:4]) & 0xFFFFFF)
    return held.payload[8:].decode(encoding, "replace").rstrip("\0") if encoding else ""


def _old_texts(moov: bytes) -> Iterator[tuple[str, str]]:
    for each in split(find(moov, b"udta") or b""):
        if each.kind[0] == _COPYRIGHT and len(each.payload) > _FULL:
            length = int.from_bytes(each.payload[:2])
            text = each.payload[_FULL : _FULL + length]
            if length <= len(each.payload) - _FULL:
                yield each.kind.decode("mac-roman"), text.decode("utf-8", "replace")


def meta_start(meta: bytes) -> int:
    """Return where the boxes of `meta` begin: ISO's has a version and flags first."""
    return 0 if meta[4:8] == b"hdlr" else _FULL


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
