"""How wide and how high the boxes are that words stand in, as far as that is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._html_hiding import moved
from kzlabel.formats._html_ink import INHERITING
from kzlabel.formats._html_markup import align_of
from kzlabel.formats._html_plain import is_plain
from kzlabel.formats._html_values import percent, pixels

if TYPE_CHECKING:
    from kzlabel.formats._html_cascade import Style
    from kzlabel.formats._html_tree import Element

WINDOW = 800.0
"""The width of a small window, in CSS pixels."""
_BOXED = ("table", "td", "th", "tr", "tbody", "thead", "caption")
_FREE = ("", "auto", "none", "initial", "unset", "max-content", "min-content", "fit-content")


def height(value: str) -> float | None:
    """Return the height that a box is limited to; None where it is not known."""
    if value in _FREE:
        return float("inf")
    share = percent(value)
    if share is not None:
        return 480.0 if share >= 100 else None  # noqa: PLR2004  of what, nobody knows
    return pixels(value)


def room(above: float, style: Style) -> float:
    """Return the room that is left of it for what is in an element."""
    left = above
    for name in ("width", "max-width"):
        value = style.value(name)
        share, length = percent(value), pixels(value)
        left = min(left, above * share / 100 if share is not None else above)
        left = min(left, length if length is not None else left)
    sides = ("margin-left", "margin-right", "padding-left", "padding-right")
    placed = ("left", "right") if style.value("position") in ("absolute", "fixed") else ()
    return left - moved(style, (*sides, *placed))


def width(style: Style) -> float:
    """Return the width that an element has at least, whatever the window's."""
    wide = [0.0]
    for name in ("width", "min-width"):
        share, length = percent(style.value(name)), pixels(style.value(name))
        wide += [length or 0.0, WINDOW * share / 100 if share is not None else 0.0]
    return max(wide)


def is_loose(element: Element, style: Style) -> bool:
    """Whether an element is as wide as what is in it."""
    if element.tag in _BOXED or style.value("float") not in ("", "none", "initial"):
        return True
    if style.value("position") not in ("", "static", "relative", "initial"):
        return True
    sizes = [style.value(name) for name in ("width", "min-width", "max-width")]
    inside = style.value("display").startswith(("inline-", "-webkit"))
    return inside or any("content" in size for size in sizes)


def align(above: str, element: Element, style: Style) -> str:
    """Return how the words in an element are aligned."""
    value = style.value("text-align")
    if value not in INHERITING:
        return value
    return align_of(element) or above


def lays_out(style: Style) -> bool:
    """Whether the children of an element are not simply one below the other."""
    display = style.value("display")
    return not is_plain("align-content", style.value("align-content")) or display.endswith(
        ("flex", "grid", "-webkit-box", "?")
    )
