"""JSON objects in tags, which anyone may have written: bounded, and None where there is none.

The standard library's parser, because Python tools write `NaN`, which strict ones refuse.
"""

from __future__ import annotations

import json

MAX_JSON = 16 * 1024 * 1024
"""Characters of one object: as long as any text that a room reads, and tells when it is longer."""


def object_in(text: object, *needles: str) -> dict[str, object] | None:
    """Return the JSON object that `text` is; None unless every one of `needles` is in it.

    The needles are looked for first, so that what cannot matter is not parsed.
    """
    if not isinstance(text, str) or len(text) > MAX_JSON or not all(n in text for n in needles):
        return None
    text = text.strip("\ufeff\0 \t\r\n")
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        return mapping(_loaded(text))
    except (ValueError, RecursionError):
        return None


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # a number of more digits than Python makes an `int` of
        return json.loads(text, parse_int=float)


def mapping(value: object) -> dict[str, object] | None:
    """Return a parsed value where it is an object."""
    return value if isinstance(value, dict) else None


def texts_in(value: object, *keys: str) -> list[str]:
    """Return the texts that an object holds under these keys."""
    held = mapping(value) or {}
    return [text for key in keys if isinstance(text := held.get(key), str)]
