r"""A JSON object in a tag's text, bounded: what tools write there, and how they mangle it.

Escaped once more by XML (`&quot;`), or by whoever put it into another JSON (`\"`), or with its key
in front (`AIGC{"Label": …`). Never more than a few attempts at a text of a bounded length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST = 1 << 16
"""Characters that are parsed; such a label has a few hundred, its signature a few thousand."""


def json_object(text: str) -> Mapping[str, object]:
    """Return the object that `text` is, whatever was done to its quotes; else an empty one."""
    for form in _forms(text):
        value = _decoded(form)
        if isinstance(value, str):  # a JSON text in a JSON string
            value = _decoded(value)
        if isinstance(value, dict):
            return value
    return {}


def _forms(text: str) -> Iterator[str]:
    bare = text[: LONGEST + 1].strip(" \t\r\n\0\ufeff")
    if len(bare) > LONGEST or bare[-1:] not in ("}", '"', ";"):
        return
    yield bare
    if "&" in bare:
        from html import unescape  # its table of names is large, and such a text is rare

        bare = unescape(bare)
        yield bare
    if '\\"' in bare:
        yield bare.replace('\\"', '"')


def _decoded(text: str) -> object:
    """Return what `text` says in JSON; None where it is none, or nests too deep."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
