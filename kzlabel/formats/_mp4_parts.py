"""Boxes held in memory, as a list that can be changed and joined again.

What is not touched stays byte for byte: 64-bit sizes, and the four zero bytes that QuickTime lets
follow the last entry of `udta` (QuickTime File Format, "User data atoms").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.formats._bmff import DamagedBoxError, box_bytes, boxes_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MAX_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """One box: its type, and its bytes with the header."""

    kind: bytes
    raw: bytes
    header: int = 8

    @property
    def payload(self) -> bytes:
        """What follows the header."""
        return self.raw[self.header :]


def part(kind: bytes, payload: bytes) -> Part:
    """Return a new box."""
    return Part(kind, box_bytes(kind, payload))


def split(payload: bytes, at: int = 0) -> tuple[Part, ...]:
    """Return the boxes from `at` on; what is too short for one more ends them (see `tail`).

    Raises `DamagedBoxError`.
    """
    end = len(payload) - len(tail(payload, at))
    found = [
        Part(box.kind, payload[box.start : box.end], box.payload - box.start)
        for box in boxes_in(payload, at, end)
    ]
    if len(found) > MAX_PARTS:
        raise DamagedBoxError("kz.error.box-count", limit=MAX_PARTS)
    return tuple(found)


def tail(payload: bytes, at: int = 0) -> bytes:
    """Return the bytes after the last box that are too few for a header, mostly four zeros."""
    while at + 8 <= len(payload):
        size = int.from_bytes(payload[at : at + 4])
        if size == 1:
            size = int.from_bytes(payload[at + 8 : at + 16])
        if size < 8:  # noqa: PLR2004  a header; 0 reaches to the end
            return b""
        at += size
    return payload[at:]


def join(parts: Iterable[Part]) -> bytes:
    """Return boxes as bytes."""
    return b"".join(each.raw for each in parts)


def first(parts: Sequence[Part], kind: bytes) -> Part | None:
    """Return the first box of a type."""
    return next((each for each in parts if each.kind == kind), None)


def find(payload: bytes, *path: bytes) -> bytes | None:
    """Return the payload of the first box at a path of types; raises `DamagedBoxError`."""
    for kind in path:
        found = first(split(payload), kind)
        if found is None:
            return None
        payload = found.payload
    return payload


def with_child(
    payload: bytes, kind: bytes, change: Callable[[bytes | None], bytes | None]
) -> bytes:
    """Return `payload` with its first box of a type changed, added last, or (None) dropped."""
    parts = split(payload)
    old = first(parts, kind)
    new = change(old.payload if old else None)
    made = () if new is None else (part(kind, new),)
    if old is None:
        return join((*parts, *made)) + tail(payload)
    if new == old.payload:
        return payload
    at = parts.index(old)
    return join((*parts[:at], *made, *parts[at + 1 :])) + tail(payload)
