"""Markup that text cannot become: every text is escaped where it enters, markup is a type."""

from __future__ import annotations

from html import escape

from kzlabel.errors import printable

_VOID = frozenset({"img", "input", "meta"})


class Markup(str):
    """Markup of ours. Whatever is not of this type is text, and is escaped."""

    __slots__ = ()


def tag(element: str, /, *inside: str | None, **attributes: str | int | None) -> Markup:
    """Return an element; `aria_label` is the attribute `aria-label`, `class_` is `class`.

    An attribute that is None is left out, and so is content that is None.
    """
    told = "".join(
        f' {_name(key)}="{markup(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if element in _VOID:
        return Markup(f"<{element}{told}>")
    content = "".join(markup(piece) for piece in inside if piece is not None)
    return Markup(f"<{element}{told}>{content}</{element}>")


def markup(text: str) -> Markup:
    """Return text as it is shown: controls, bidirectional marks and `<` among them as text.

    Markup stays as it is.
    """
    return text if isinstance(text, Markup) else Markup(escape(printable(text)))


def isolated(text: str) -> Markup:
    """Return text from a file, which may be written from right to left, apart from ours."""
    return tag("bdi", text)


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
