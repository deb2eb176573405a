"""Whether a style asks a layout for nothing out of the ordinary.

No page is laid out here. Large distances, breaks and narrow columns move words off the first page,
or off every page: what they bear on, and what comes after, is left open.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kzlabel.formats._odf_names import attribute, short
from kzlabel.formats._odf_styles import Level, first, percent, points

if TYPE_CHECKING:
    from kzlabel.formats._xml_splice import Element

LARGE_POINTS = 100.0
"""3.5 cm: wider than the margins, and higher than the headings, of letters and reports."""
_LARGE_PART = 3.0
_DISTANCES = (
    "fo:margin", "fo:padding", "fo:border", "fo:line-height", "style:line-height-at-least",
    "style:line-spacing", "style:border-line-width", "fo:min-height", "fo:text-indent",
    "style:min-row-height", "text:space-before", "text:min-label", "style:position",
)  # fmt: skip
_MOST_COLUMNS = 3
_NARROW_POINTS = 60.0
_HORIZONTAL = ("", "lr-tb", "lr", "page")
_NO_BREAK = ("", "auto")
_DEPTH = 4


def is_plain(levels: Sequence[Level]) -> bool:
    """Whether no distance of these properties is large, and lines run from left to right."""
    names = {name for level in levels for name in level}
    large = any(_is_large(first(levels, name)) for name in names if name.startswith(_DISTANCES))
    columns = first(levels, "fo:column-count") or "1"
    few = columns.isascii() and columns.isdigit() and int(columns[:9]) <= _MOST_COLUMNS
    return not large and few and first(levels, "style:writing-mode") in _HORIZONTAL


def _is_large(value: str) -> bool:
    """Whether one of the lengths of a value (`2pt solid #000000`) is large."""
    for word in value.split():
        size, part = points(word), percent(word)
        if abs(size or 0.0) > LARGE_POINTS or abs(part or 0.0) > _LARGE_PART:
            return True
    return False


def breaks(levels: Sequence[Level], where: str) -> bool:
    """Whether a page or a column ends `where` (`before`, `after`)."""
    return first(levels, f"fo:break-{where}") not in _NO_BREAK


def is_narrow(levels: Sequence[Level]) -> bool:
    """Whether a column of a table has no room for words."""
    width = points(first(levels, "style:column-width"))
    return width is not None and width < _NARROW_POINTS


def is_high(shape: Element) -> bool:
    """Whether a shape in the text takes the room of a heading or more."""
    return abs(points(attribute(shape, "svg:height")) or 0.0) > LARGE_POINTS


def is_plain_list(style: Element) -> bool:
    """Whether no level of a list style is indented far."""
    waiting = [(style, 0)]
    while waiting:
        element, depth = waiting.pop()
        said = {short(name): value for name, value in element.attributes.items()}
        if not is_plain((said,)):
            return False
        if depth < _DEPTH:
            waiting += [(child, depth + 1) for child in element.children]
    return True
