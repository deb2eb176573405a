"""JSON-LD in a page (https://www.w3.org/TR/json-ld11/): what it says of AI, by path.

Read as the JSON that it is: contexts are not fetched, and no page that we know renames these terms.
A path has the keys that lead from the page to a part of it, `image.digitalSourceType`; one key
alone is the page's own. Keys that lead to other works (a list of articles, what it is based on) are
not followed, nor what only describes people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 16 << 20
"""Bytes of one script."""
MOST_NODES = 20_000
"""Objects and array items of one script that are looked at."""
DEEPEST = 16
_TYPE, _DISCLOSURE = "digitalSourceType", "aiDisclosure"
_VALUES = ("@id", "@value", "level", "name")
"""Where an object has the word that stands for it."""
_MEMBERS = ("tool", "provider")
_SELF = frozenset({"@graph", "mainEntity"})
_PARTS = frozenset(
    {"associatedMedia", "audio", "encoding", "hasPart", "image", "photo", "primaryImageOfPage",
     "thumbnail", "video"})  # fmt: skip
_MEDIA = frozenset(
    {"AudioObject", "Clip", "ImageObject", "MediaObject", "MusicRecording", "Photograph",
     "VideoObject"})  # fmt: skip
"""Types that are not a page even where they stand at the top: pictures on it are declared so."""


def declarations(script: bytes, encoding: str = "utf-8") -> Iterator[tuple[str, str]]:
    """Give path and value of what the script says; nothing of what is no JSON."""
    if len(script) > LONGEST:
        cut("json-ld")
        return
    try:
        root: object = msgspec.json.decode(script.decode(encoding, "replace"))
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return
    waiting: list[tuple[str, object, int]] = [("", root, 0)]
    for _ in range(MOST_NODES):
        if not waiting:
            return
        path, node, depth = waiting.pop()
        if isinstance(node, dict):
            path = path or _media_type(node)
            yield from _said(path, node)
        if depth >= DEEPEST:
            continue
        if len(waiting) >= MOST_NODES:
            cut("json-ld")
        else:
            waiting += ((*step, depth + 1) for step in _steps(path, node))
    if waiting:
        cut("json-ld")


def _steps(path: str, node: object) -> list[tuple[str, object]]:
    """Return what to look at next, in an order that a stack turns round."""
    if isinstance(node, list):
        if len(node) > MOST_NODES:
            cut("json-ld")
        return [(path, item) for item in node[MOST_NODES::-1] if isinstance(item, (dict, list))]
    if not isinstance(node, dict):
        return []
    keys = [key for key in node if _term(key) in _SELF | _PARTS]
    return [(path if _term(key) in _SELF else _joined(path, key), node[key]) for key in keys[::-1]]


def _said(path: str, node: dict[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        term = _term(key)
        if term not in (_TYPE, _DISCLOSURE):
            continue
        listed = value if isinstance(value, list) else [value]
        for item in listed[:DEEPEST]:
            yield from _valued(_joined(path, term), item)


def _valued(path: str, item: object) -> Iterator[tuple[str, str]]:
    """Give a word, or the word that an object has and what it says of tool and provider."""
    if isinstance(item, str):
        yield path, item
    elif isinstance(item, dict):
        yield from ((path, text) for key in _VALUES if isinstance(text := item.get(key), str))
        for member in _MEMBERS:
            held = item.get(member)
            named = held.get("name") if isinstance(held, dict) else held
            if isinstance(named, str):
                yield f"{path}.{member}", named


def _media_type(node: dict[str, object]) -> str:
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return next((kind for kind in map(_term, listed[:DEEPEST]) if kind in _MEDIA), "")


def _term(key: object) -> str:
    """Return a term of schema.org without its prefix or address."""
    return key[-60:].rpartition("/")[2].rpartition(":")[2] if isinstance(key, str) else ""


def _joined(path: str, key: str) -> str:
    return f"{path}.{_term(key)}" if path else _term(key)
