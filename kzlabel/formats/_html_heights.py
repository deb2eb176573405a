"""How much room is taken by what stands before a text: at least so much, or nobody knows.

An estimate on the high side: a notice that this puts below the first screen may be there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats import _html_markup as markup
from kzlabel.formats._html_hiding import is_long, moved
from kzlabel.formats._html_properties import LENGTHS
from kzlabel.formats._html_values import pixels

if TYPE_CHECKING:
    from kzlabel.formats._html_cascade import Style
    from kzlabel.formats._html_sight import Sight
    from kzlabel.formats._html_tree import Element

TALL = 480.0
"""Pixels that push what follows below the first screen."""
SMALL = 200.0
"""Pixels of a picture that is a part of a page's head."""
_LINE, _LETTER = 1.5, 0.6
_APART = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "blockquote", "figure", "menu",
     "dir", "hr"))  # fmt: skip
"""Elements that browsers set apart from what is before and after."""
_LINED = frozenset(("li", "dd", "dt", "td", "th", "hr", "summary"))
"""Elements that take a line, or nearly, with nothing in them."""


def line_of(sight: Sight) -> float:
    """Return how high a line of text is."""
    return max(sight.leading, _LINE * (sight.size or TALL))


def text_height(letters: int, sight: Sight) -> float:
    """Return what that many letters take, one line at least."""
    across = letters * _LETTER * (sight.size or TALL)
    return line_of(sight) * max(1.0, across / max(1.0, sight.room))


def height_of(element: Element, style: Style, sight: Sight) -> float:
    """Return what an element takes of the page's height, without the words in it."""
    if not sight.flows:
        return 0.0
    if element.tag in markup.REPLACED:
        return _of_replaced(element, style)
    if sight.unsure or not markup.is_short(element):
        return TALL
    bare = not element.filled or element.tag in _LINED
    own = max(
        moved(style, ("height",)), moved(style, ("min-height",)),
        line_of(sight) if bare and not sight.inline else 0.0,
    )  # fmt: skip
    apart = (sight.size or TALL) if element.tag in _APART else 0.0
    return own + max(apart, _around(style))


def _around(style: Style) -> float:
    around = moved(style, ("margin-top", "margin-bottom", "padding-top", "padding-bottom"))
    return around + sum(TALL for name in LENGTHS if name in style.declared and is_long(style, name))


def pseudo_height(style: Style) -> float:
    """Return what a `::before` or `::after` takes."""
    if style.value("position") in ("absolute", "fixed"):
        return 0.0
    content = style.value("content")
    plain = len(content) <= 40 and not any(mark in content for mark in "\\(?")  # noqa: PLR2004
    sizes = moved(style, ("height", "min-height", "font-size", "line-height"))
    return sizes + _around(style) if plain else TALL


def _of_replaced(element: Element, style: Style) -> float:
    if element.tag == "input" and element.attribute("type").strip().lower() == "hidden":
        return 0.0
    value = style.value("height")
    known = pixels(value) if value else pixels(f"{element.attribute('height').strip()}px")
    least = moved(style, ("min-height",))
    if known is None and element.tag == "input":
        known = 24.0 if element.attribute("type").strip().lower() != "image" else None
    if known is None or not 0 <= max(known, least) <= SMALL or "aspect-ratio" in style.declared:
        return TALL
    return max(known, least) + _around(style)
