r"""A JSON object in a tag's text, whatever was done to its quotes on the way there.

Escaped once more by XML (`&quot;`), by whoever put it into another JSON (`\"`), or as a whole text
in quotes. Never more than a few attempts at a text of a bounded length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.markers._json import object_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST = 1 << 16
"""Characters that are parsed; such a label has a few hundred, its signature a few thousand."""


def json_object(text: str) -> Mapping[str, object]:
    """Return the object that `text` is, its quotes mended where they must be; else an empty one."""
    found = (object_in(form) for form in _forms(text))
    return next((held for held in found if held is not None), {})


def _forms(text: str) -> Iterator[str]:
    bare = text[: LONGEST + 1].strip(" \t\r\n\0\ufeff")
    if len(bare) > LONGEST:
        return
    yield bare
    if "&" in bare:
        from html import unescape  # its table of names is large, and such a text is rare

        bare = unescape(bare)
        yield bare
    if '\\"' in bare:
        yield bare.removeprefix('"').removesuffix('"').replace('\\"', '"')
