"""What may be painted over a text, or push it down: elements that leave their place on the page.

Where exactly they lie only a browser knows; so one that might reach the text leaves it open, unless
the text stands in a layer above it (`z-index`) on a ground of its own. One that fills the window
covers it for certain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kzlabel.formats._html_heights import TALL, height_of, pseudo_height
from kzlabel.formats._html_hiding import FAR
from kzlabel.formats._html_ink import opacity_of
from kzlabel.formats._html_markup import REPLACED
from kzlabel.formats._html_plain import is_own_line, is_plain, rises
from kzlabel.formats._html_selectors import TooMuchError
from kzlabel.formats._html_values import MEDIUM, number, percent, pixels

if TYPE_CHECKING:
    from kzlabel.formats._html_cascade import Style
    from kzlabel.formats._html_sight import Sight
    from kzlabel.formats._html_tree import Element

MAX_COVERS = 20_000
_PLACED = ("absolute", "fixed")
_NOWHERE = ("", "auto", "initial", "unset")


@dataclass(frozen=True)
class Cover:
    """An element, or its `::before`, that may lie over others."""

    element: Element
    top: float
    """The highest `z-index` of it and what it is in."""
    full: bool
    """It fills the window with one colour."""
    own: bool
    """It is a pseudo-element, and so in the element itself."""


@dataclass
class Covers:
    """All of one page."""

    found: list[Cover] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)
    """What each element, in document order, takes without its words."""
    totals: list[float] = field(default_factory=list)
    """What all before it take."""
    generated: float = 0.0
    """What pseudo-elements take."""
    tall: set[int] = field(default_factory=set)
    """Blocks with something in a line that may push down all that is in it."""

    def add(
        self, element: Element, style: Style, sight: Sight, top: float, *, before: bool
    ) -> None:
        """Add an element, which may leave its place; `before` some text."""
        if before:
            last = self.totals[-1] + self.heights[-1] if self.totals else 0.0
            self.totals.append(last + self.generated)
            self.heights.append(height_of(element, style, sight))
            self.generated = 0.0
            if _swells(element, style, sight, self.heights[-1]):
                self.tall.add(element.block)
        if style.value("display") == "none" or opacity_of(style) == 0:
            return
        if style.value("visibility") == "hidden":
            return
        leaves = _leaves(style, filled=before or _rises(style)) or _paints(element, style, sight)
        if leaves and not _is_away(style):
            self._found(Cover(element, top, _is_full(style), own=False))

    def generate(self, element: Element, style: Style, top: float, *, before: bool) -> None:
        """Add a pseudo-element of an element that was added last."""
        if style.value("display") == "none":
            return
        self.generated += pseudo_height(style) if before else 0.0
        if (_leaves(style, filled=True) or _shades(style)) and not _is_away(style):
            self._found(Cover(element, top, full=False, own=True))

    def _found(self, cover: Cover) -> None:
        if len(self.found) >= MAX_COVERS:
            raise TooMuchError
        self.found.append(cover)

    def is_deep(self, element: Element, sight: Sight, words: float) -> bool:
        """Whether what is before a text, of which the words take `words`, may push it down."""
        above = sum(self.heights[one.index] for one in element.chain()[:-1])
        depth = self.totals[element.index] - above + sight.down + words
        return depth >= min(TALL, sight.limit) or element.block in self.tall

    def over(self, element: Element, sight: Sight) -> str:
        """Return `covered`, `unsure`, or nothing for a text in `element`."""
        above = {id(one) for one in element.chain()}
        full = (one for one in self.found if one.full)
        if any(_threatens(one, sight, above) for one in full):
            return "covered"
        return "unsure" if any(_threatens(c, sight, above) for c in self.found) else ""


def _threatens(cover: Cover, sight: Sight, above: set[int]) -> bool:
    if id(cover.element) in above and not cover.own:
        return False
    if sight.layer is not None and sight.ink.solid and cover.top < sight.level:
        return sight.layer in cover.element.chain()
    return True


def _leaves(style: Style, *, filled: bool) -> bool:  # noqa: PLR0911  one for each way
    """Whether an element may be painted where others are."""
    position = style.value("position")
    if position in _PLACED or position == "?":
        return True
    sides = [style.value(side) for side in ("top", "right", "bottom", "left")]
    if position == "relative" and any(side not in _NOWHERE and not _is_nil(side) for side in sides):
        return True
    if position == "sticky" and (sides[2] not in _NOWHERE or _may_be_negative(sides[0])):
        return True
    if any(_may_be_negative(style.value(f"margin-{side}")) for side in ("top", "bottom")):
        return True
    if any(style.values(name) != ("",) and not _is_none(style.value(name)) for name in _LEAVING):
        return True
    if any("reverse" in value or "?" in value for name in ("flex-wrap", "flex-direction")
           for value in style.values(name)):  # fmt: skip
        return True
    return filled and _overflows(style)


_LEAVING = ("transform", "animation", "outline", "outline-style", "other", "filter")
_ASIDE = ("margin-left", "margin-right", "letter-spacing", "word-spacing", "text-indent")
_DECORATED = ("text-decoration", "text-decoration-thickness", "text-underline-offset")
_UPRIGHT = ("padding-top", "padding-bottom", "border", "border-top", "border-bottom",
            "border-width", "border-top-width", "border-bottom-width")  # fmt: skip
PADDED = 4.0
"""Pixels that a box in a line may stand out above it."""
ASIDE = -20.0
"""Pixels that a block may stand out of what it is in, to the side."""


def _paints(element: Element, style: Style, sight: Sight) -> bool:
    """Whether an element is painted beyond the lines and boxes that it takes room for."""
    if element.tag in ("math", "dialog") or element.attribute("dir").lower() not in ("", "ltr"):
        return True
    if element.tag in REPLACED and (
        element.attribute("overflow") or style.value("overflow-y") not in ("", "hidden", "clip")
    ):  # fmt: skip
        return True
    if sight.inline and any(_is_thick(value) for name in _UPRIGHT for value in style.values(name)):
        return True
    crowded = sight.size is None or 0 < sight.leading < 0.9 * sight.size
    return crowded or _shades(style)


def _shades(style: Style) -> bool:
    """Whether a shadow, a line or a letter may stand over other letters."""
    if any(rises(value) for name in ("box-shadow", "text-shadow") for value in style.values(name)):
        return True
    if any(not is_plain(name, value) for name in _DECORATED for value in style.values(name)):
        return True
    if any(not is_own_line(value) for value in style.values("line-height")):
        length = pixels(style.value("line-height"))
        if length is None or length < MEDIUM:
            return True
    least = ASIDE if style.value("float") in ("", "none") else 0.0
    for name in _ASIDE:
        limit = least if name.startswith("margin") and _is_block(style) else -1.0
        if any(_less(value, limit) for value in style.values(name)):
            return True
    return style.value("direction") not in ("", "ltr", "initial", "inherit", "unset")


def _is_block(style: Style) -> bool:
    return style.value("display") in ("", "block", "flex", "grid", "list-item")


def _less(value: str, limit: float) -> bool:
    if value in (*_NOWHERE, "normal", "inherit"):
        return False
    size, share = pixels(value), percent(value)
    return (size if size is not None else share if share is not None else -FAR) < limit


def _is_thick(value: str) -> bool:
    """Whether a padding or a border is more than a hair."""
    if value in (*_NOWHERE, "none", "inherit"):
        return False
    known = [pixels(word) for word in value.split()]
    sizes = [size for size in known if size is not None]
    return max(sizes, default=FAR if value[0] not in "0n" else 0.0) > PADDED


def _swells(element: Element, style: Style, sight: Sight, height: float) -> bool:
    """Whether an element in a line of text may be so tall that it pushes the line down."""
    if not sight.flows or style.value("display") in ("block", "flex", "grid", "table"):
        return False
    inside = style.value("display").startswith("inline-") and element.tag not in REPLACED
    return inside or (element.tag in REPLACED and height >= TALL / 4)


def _rises(style: Style) -> bool:
    """Whether what does not fit into an element stands out above it."""
    names = ("align-items", "align-content", "align-self", "justify-content")
    placed = " ".join(style.value(name) for name in names)
    return any(word in placed for word in ("end", "center", "around", "evenly", "?"))


def _overflows(style: Style) -> bool:
    """Whether what is in an element may stand out below it, over what follows."""
    sizes = [style.value(name) for name in ("height", "max-height")]
    loose = all(size in (*_NOWHERE, "none", "100%", "fit-content") for size in sizes)
    return not loose and style.value("overflow-y") in ("", "visible", "initial", "unset")


def _is_nil(value: str) -> bool:
    return pixels(value) == 0 or percent(value) == 0


def _is_none(value: str) -> bool:
    return value in ("", "none", "0", "initial", "unset", "medium", "invert") or (
        value.startswith(("0 ", "none ", "0px"))
    )


def _may_be_negative(value: str) -> bool:
    if value in _NOWHERE:
        return False
    size = pixels(value)
    share = percent(value)
    return (size if size is not None else share if share is not None else -1.0) < 0


def _is_away(style: Style) -> bool:
    """Whether it is cut to nothing, or far off: what people who listen are told."""
    placed = style.value("position") in _PLACED
    sizes = [pixels(style.value(name)) for name in ("width", "height")]
    small = all(size is not None and size <= 1 for size in sizes)
    if placed and small and style.value("overflow-y") in ("hidden", "clip"):
        return True
    off = [pixels(style.value(side)) for side in ("left", "top")]
    unsized = style.value("width") in _NOWHERE and style.value("height") in _NOWHERE
    return placed and unsized and any(size is not None and size <= -FAR for size in off)


def _is_full(style: Style) -> bool:
    """Whether it fills the window with one opaque colour, over what is in the flow."""
    from kzlabel.formats._html_values import colour_of

    if style.value("position") not in _PLACED or (number(style.value("z-index")) or 0.0) < 0:
        return False
    near = all(_is_nil(style.value(side)) for side in ("top", "left"))
    far = all(_is_nil(style.value(side)) for side in ("right", "bottom"))
    wide = style.value("width") in ("100%", "100vw") and style.value("height") in ("100%", "100vh")
    colour = colour_of(style.value("background-color") or "transparent")
    solid = colour is not None and colour.alpha == 1 and opacity_of(style) == 1
    still = all(_is_none(style.value(name)) for name in ("transform", "animation", "clip-path"))
    return near and (far or wide) and solid and still
