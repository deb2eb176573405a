"""What may be painted over a text, or push it down: elements that leave their place on the page.

Where exactly they lie only a browser knows; so one that might reach the text leaves it open, unless
the text stands in a layer above it (`z-index`) on a ground of its own. One that fills the window
covers it for certain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kzlabel.formats._html_hiding import FAR, is_long, moved
from kzlabel.formats._html_ink import opacity_of
from kzlabel.formats._html_properties import LENGTHS
from kzlabel.formats._html_selectors import TooMuchError
from kzlabel.formats._html_values import number, percent, pixels

if TYPE_CHECKING:
    from kzlabel.formats._html_cascade import Style
    from kzlabel.formats._html_sight import Sight
    from kzlabel.formats._html_tree import Element

TALL = 480.0
"""Pixels that push what follows below the first screen."""
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
    """What each element, in document order, is known to take at least."""
    totals: list[float] = field(default_factory=list)
    """What all before it take."""

    def add(
        self, element: Element, style: Style, top: float, *, before: bool, pseudo: bool = False
    ) -> None:
        """Add an element whose style lets it leave its place; `before` some text."""
        shown = style.value("display") != "none"
        if before and not pseudo:
            self.totals.append(self.totals[-1] + self.heights[-1] if self.totals else 0.0)
            self.heights.append(_height(element, style) if shown else 0.0)
        if not shown or style.value("visibility") == "hidden" or opacity_of(style) == 0:
            return
        if _leaves(style, filled=before or _rises(style)) and not _is_away(style):
            if len(self.found) >= MAX_COVERS:
                raise TooMuchError
            self.found.append(Cover(element, top, _is_full(style) and not pseudo, pseudo))

    def _depth(self, element: Element, sight: Sight) -> float:
        """Return how far down a text is at least known to be pushed."""
        above = sum(self.heights[one.index] for one in element.chain()[:-1])
        return self.totals[element.index] - above + sight.down

    def over(self, element: Element, sight: Sight) -> str:
        """Return `covered`, `unsure`, or nothing for a text in `element`."""
        deep = self._depth(element, sight) >= TALL
        if deep or not self.found:
            return "unsure" if deep else ""
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


def _leaves(style: Style, *, filled: bool) -> bool:
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
    if any(style.values(name) != ("",) and not _is_none(style.value(name))
           for name in ("transform", "animation", "outline", "other")):  # fmt: skip
        return True
    return filled and _overflows(style)


def _rises(style: Style) -> bool:
    """Whether what does not fit into an element stands out above it."""
    placed = f"{style.value('align-items')} {style.value('justify-content')}"
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


def _height(element: Element, style: Style) -> float:
    """Return what an element takes at least of the page's height, as far as that is declared."""
    own = max(
        moved(style, ("height",)), moved(style, ("min-height",)),
        pixels(f"{element.attribute('height')}px") or 0.0,
        pixels(style.value("font-size")) or 0.0,
    )  # fmt: skip
    around = moved(style, ("margin-top", "margin-bottom", "padding-top", "padding-bottom"))
    lengths = sum(TALL for name in LENGTHS if name in style.declared and is_long(style, name))
    return own + around + lengths
