"""Whether a manifest store is framed as C2PA has it (11.1), down to the active manifest's boxes.

c2pa-rs overlooks labels and lengths of boxes that no signature covers, and padding of the signature
that is not zero (13.2): something could be hidden in a text there, and a changed byte go unseen.

    box: length (u32) | "jumb" | description | boxes
    description: length (u32) | "jumd" | type (16) | toggles (u8) | label, NUL | …
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

_BOX = struct.Struct(">I4s")
_TYPE_BYTES = 16
_LABELLED = 0x03
"""Toggles of a description: its label is there, and may be asked for."""
_LABELS = {
    b"c2pa": (b"c2pa",),
    b"c2as": (b"c2pa.assertions",),
    b"c2cl": (b"c2pa.claim", b"c2pa.claim.v2"),
    b"c2cs": (b"c2pa.signature",),
    b"c2vc": (b"c2pa.credentials",),
    b"c2db": (b"c2pa.databoxes",),
}
_UUID_TAIL = bytes.fromhex("00110010800000aa00389b71")
_STORE, _SIGNATURE = b"c2pa", b"c2cs"
_MANIFESTS = {b"c2ma", b"c2um"}
_PAD = re.compile(rb"cpad(?:[\x40-\x57]|\x58.|\x59..|\x5a....)", re.DOTALL)
"""The header `pad` in CBOR, as far as its octets."""


class FrameError(ValueError):
    """A manifest store that is not framed as it must be."""


def check_frame(store: bytes) -> None:
    """Raise `FrameError` where a store's boxes are not C2PA's, or hide something."""
    boxes = tuple(_boxes(store, 0, len(store)))
    if len(boxes) != 1:
        raise FrameError(f"{len(boxes)} manifest stores")
    start, end = boxes[0]
    kind, inner = _described(store, start, end)
    if kind != _STORE:
        raise FrameError("no manifest store")
    *_, active = ((inner, inner), *_boxes(store, inner, end))
    _check_manifest(store, *active)


def _check_manifest(store: bytes, start: int, end: int) -> None:
    """Check the active manifest, the last; those of ingredients are what they were."""
    if start == end:
        raise FrameError("no manifest")
    kind, inner = _described(store, start, end)
    if kind not in _MANIFESTS:
        return  # compressed, or of a kind to come: c2pa-rs judges it
    for first, last in _boxes(store, inner, end):
        kind, content = _described(store, first, last)
        if kind == _SIGNATURE:
            _check_padding(store[content:last])


def _boxes(store: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the boxes between two offsets, which they must fill."""
    while start < end:
        if end - start < _BOX.size:
            raise FrameError("a box is cut")
        length, _ = _BOX.unpack_from(store, start)
        if not _BOX.size <= length <= end - start:
            raise FrameError(f"a box of {length} bytes in {end - start}")
        yield start, start + length
        start += length


def _described(store: bytes, start: int, end: int) -> tuple[bytes, int]:
    """Return the type of a box, and where its content begins; checks its label."""
    described = start + _BOX.size
    first = next(_boxes(store, described, end), None)
    if first is None or store[start + 4 : described] != b"jumb":
        raise FrameError("a box without description")
    inner = first[1]
    body = store[described + _BOX.size : inner]
    kind, toggles = body[:4], body[_TYPE_BYTES : _TYPE_BYTES + 1]
    label = body[_TYPE_BYTES + 1 :].partition(b"\0")[0]
    known = _LABELS.get(kind) if body[4:_TYPE_BYTES] == _UUID_TAIL else None
    if known and (label not in known or toggles != bytes([_LABELLED])):
        raise FrameError(f"a box {kind.decode()} is called {label.decode(errors='replace')}")
    return kind, inner


def _check_padding(signature: bytes) -> None:
    for pad in _PAD.finditer(signature):
        head = pad[0][len(b"cpad") :]
        length = int.from_bytes(head[1:]) if len(head) > 1 else head[0] & 0x1F
        if any(signature[pad.end() : pad.end() + length]):
            raise FrameError("the padding of the signature is not zero")
