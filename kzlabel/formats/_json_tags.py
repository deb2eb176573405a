"""What a JSON document (RFC 8259) says of itself at its top: the terms that say AI.

Only these members, and only of the top object: what is deeper is about something else. They are
looked for as bytes first, and only the top level is parsed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kzlabel.formats._repeats import gathered
from kzlabel.formats._text_sniff import bom_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES = 32 << 20
"""Of a document; of a larger one nothing is read."""
LONGEST_VALUE = 1 << 14
_TERMS = (
    b"AIGC", b"DigitalSourceType", b"digitalSourceType", b"aiDisclosure",
    b"AISystemUsed", b"AISystemVersionUsed", b"AIPromptInformation", b"AIPromptWriterName",
)  # fmt: skip
_NAMES = frozenset(term.decode() for term in _TERMS)
_MEMBERS = ("tool", "provider")


def json_tags(path: Path) -> dict[str, str]:
    """Return the members of the top object that say AI; none of what is damaged or too large."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        return {}
    bom, encoding = bom_of(content)
    if encoding.startswith("utf-16"):
        content = content[len(bom) :].decode(encoding, "replace").encode("utf-8", "replace")
    if not any(term in content for term in _TERMS):
        return {}
    return gathered(_members(content.removeprefix(bom)))


def _members(content: bytes) -> Iterator[tuple[str, str]]:
    try:
        top = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return
    for key, raw in top.items():
        if key.rpartition("/")[2].rpartition(":")[2] in _NAMES and len(raw) <= LONGEST_VALUE:
            yield from _texts(key, raw)


def _texts(key: str, raw: msgspec.Raw) -> Iterator[tuple[str, str]]:
    """Give a text; the texts of a list; an object as JSON text, and its level for its word."""
    try:
        value: object = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return
    for item in value if isinstance(value, list) else (value,):
        if isinstance(item, str):
            yield key, item
        elif isinstance(item, dict) and isinstance(level := item.get("level"), str):
            yield key, level
            named = ((member, item.get(member)) for member in _MEMBERS)
            yield from ((f"{key}.{name}", text) for name, text in named if isinstance(text, str))
        elif isinstance(item, dict):
            yield key, msgspec.json.encode(item).decode()
