"""Text into XML: what `xml.sax.saxutils` does, which would load the network stack at start-up."""

from __future__ import annotations

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE = _TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def escape(text: str) -> str:
    """Return `text` as the content of an element."""
    return text.translate(_TEXT)


def quoteattr(text: str) -> str:
    """Return `text` as an attribute's value, in double quotes."""
    return f'"{text.translate(_ATTRIBUTE)}"'
