"""What MP4 and MOV say of themselves in words: item lists, QuickTime's keys, user data.

In `moov`, in each `trak`, in the `udta` of either, and at the top of the file:

* `meta/ilst`: each item is a box named after its tag (`©nam`) that holds `data` boxes: `u32 type
  (1: UTF-8, 2: UTF-16), u32 locale, value`. Free-form items are named `----` and hold `mean`,
  `name` (both after 4 bytes of version and flags) and `data`.
* `meta/keys` (QuickTime File Format, "Metadata atoms"): an item of `ilst` is named by its index
  into `u32 count, (u32 size, namespace, key)…`. FFmpeg's `use_metadata_tags` writes these.
* `udta`: QuickTime's `©nam` with `u16 length, u16 language, text`, one or more; 3GPP's `dscp`
  (TS 26.244, 8.2): version and flags, u16 language, text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._bmff import DamagedBoxError
from kzlabel.formats._mp4_parts import Part, first, split
from kzlabel.formats._repeats import gathered
from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_ITEMS = 2_000
"""Items of one list, and tracks, that are read."""
MAX_TEXT = 1 << 24
"""Bytes of one text: ComfyUI's workflows take some hundred thousand."""
MAX_NAME = 512
FREEFORM = b"----"
_ENCODINGS = {1: "utf-8", 2: "utf-16-be", 4: "utf-8", 5: "utf-16-be"}
"""Well-known types of text; 4 and 5 are made for sorting."""
_UNTYPED = 0
"""Some write text without saying so; iTunes has numbers there."""
_COPYRIGHT = 0xA9
_FULL = 4
_MARKS = {b"\xfe\xff": "utf-16-be", b"\xff\xfe": "utf-16-le"}
_MAC_LANGUAGES = 0x400
"""Codes below are the Macintosh's, and their texts in its encodings."""
_3GPP = (b"titl", b"dscp", b"auth", b"cprt", b"perf", b"gnre", b"albm")


def read_items(moov: bytes, top: bytes | None = None) -> dict[str, str]:
    """Return the texts by the name of their tag; damaged lists are left out.

    `moov`: the movie header; `top`: what a `meta` box at the top of the file holds. Names are
    `©nam`, `----:mean:name` and `mdta:key`.
    """
    return gathered((*_said(moov), *(_listed(top) if top else ())))


def _said(moov: bytes) -> Iterator[tuple[str, str]]:
    """Yield what the movie says, then what its tracks do."""
    parts = _boxes(moov)
    yield from _held(parts)
    for track in _few(tuple(each for each in parts if each.kind == b"trak")):
        yield from _held(_boxes(track.payload))


def _held(parts: tuple[Part, ...]) -> Iterator[tuple[str, str]]:
    for each in parts:
        if each.kind == b"meta":
            yield from _listed(each.payload)
        elif each.kind == b"udta":
            yield from _user_data(_boxes(each.payload))


def _user_data(parts: tuple[Part, ...]) -> Iterator[tuple[str, str]]:
    for each in _few(parts):
        if each.kind == b"meta":
            yield from _listed(each.payload)
        elif each.kind[0] == _COPYRIGHT:
            yield from ((_name(each.kind), text) for text in _old_texts(each.payload))
        elif each.kind in _3GPP and len(each.payload) <= MAX_TEXT:
            yield _name(each.kind), _decoded(each.payload[_FULL + 2 :], _MAC_LANGUAGES)


def _boxes(payload: bytes, at: int = 0) -> tuple[Part, ...]:
    """Return the boxes from `at` on; none where they are damaged."""
    try:
        return split(payload, at)
    except DamagedBoxError as exc:
        if exc.code == "kz.error.box-count":
            cut("mp4")
        return ()


def _few(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    if len(parts) > MAX_ITEMS:
        cut("mp4")
    return parts[:MAX_ITEMS]


# --- Item lists -----------------------------------------------------------------------------------


def _listed(meta: bytes) -> Iterator[tuple[str, str]]:
    parts = _boxes(meta, meta_start(meta))
    items, keyed = first(parts, b"ilst"), first(parts, b"keys")
    keys = _keys(keyed.payload) if keyed else {}
    for item in _few(_boxes(items.payload)) if items else ():
        children = _boxes(item.payload)
        name = keys.get(item.kind) or item_name(item.kind, children)
        for each in children:
            if each.kind == b"data" and name:
                yield name, _text(each.payload)


def _keys(payload: bytes) -> Mapping[bytes, str]:
    """Return the names by the item type that stands for them: their index, from 1."""
    return {
        index.to_bytes(4): f"mdta:{each.payload[:MAX_NAME].decode('utf-8', 'replace')}"
        for index, each in enumerate(_few(_boxes(payload, 8)), 1)
    }


def item_name(kind: bytes, children: tuple[Part, ...]) -> str:
    """Return `©nam`, or `----:mean:name`; nothing for an item that has no name."""
    if kind != FREEFORM:
        return _name(kind) if kind[0] else ""
    mean, name = first(children, b"mean"), first(children, b"name")
    if mean is None or name is None:
        return ""
    said = (e.payload[_FULL : _FULL + MAX_NAME].decode("utf-8", "replace") for e in (mean, name))
    return ":".join((FREEFORM.decode(), *said))


def _name(kind: bytes) -> str:
    return kind.decode("mac-roman" if kind[0] == _COPYRIGHT else "latin-1")


def _text(payload: bytes) -> str:
    kind = int.from_bytes(payload[:4]) & 0xFFFFFF
    if len(payload) > MAX_TEXT:
        if kind in _ENCODINGS:
            cut("mp4")
        return ""
    if kind == _UNTYPED:
        return _plain(payload[8:])
    encoding = _ENCODINGS.get(kind)
    return payload[8:].decode(encoding, "replace").rstrip("\0") if encoding else ""


def _plain(content: bytes) -> str:
    """Return UTF-8 that prints; nothing for what may be numbers."""
    try:
        text = content.decode().rstrip("\0")
    except UnicodeError:
        return ""
    return "" if any(ord(character) < ord("\t") for character in text) else text


def meta_start(meta: bytes) -> int:
    """Return where the boxes of `meta` begin: ISO's has a version and flags first."""
    return 0 if meta[4:8] == b"hdlr" else _FULL


# --- User data ------------------------------------------------------------------------------------


def _old_texts(payload: bytes) -> Iterator[str]:
    at = 0
    while at + _FULL < len(payload):
        length = int.from_bytes(payload[at : at + 2])
        language = int.from_bytes(payload[at + 2 : at + _FULL])
        text = payload[at + _FULL : at + _FULL + length]
        if not length or len(text) < length:
            return
        yield _decoded(text, language)
        at += _FULL + length


def _decoded(text: bytes, language: int) -> str:
    """Return a text in UTF-16 with its mark, in UTF-8, or else as old Macintoshes had it."""
    encoding = _MARKS.get(text[:2])
    if encoding:
        return text[2:].decode(encoding, "replace").rstrip("\0")
    try:
        return text.decode().rstrip("\0")
    except UnicodeError:
        old = "mac-roman" if language < _MAC_LANGUAGES else "latin-1"
        return text.decode(old).rstrip("\0")
