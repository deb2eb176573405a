"""The colours of text: its own, those behind it, and the contrast between them.

What is behind a text is what it and its ancestors paint, as far as they are surely behind it: a box
that floats or is placed may stand beside its parent's, and text may overflow a box of fixed height.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kzlabel.formats._html_values import (
    BLACK,
    CLEAR,
    LINK,
    WHITE,
    YELLOW,
    Colour,
    colour_of,
    legacy_colour,
    number,
    percent,
)
from kzlabel.notices.contrast import contrast, luminance

if TYPE_CHECKING:
    from kzlabel.formats._html_cascade import Style
    from kzlabel.formats._html_tree import Element

INHERITING = ("", "inherit", "unset")
_UNSET = ("", "initial", "unset")
_FAINTEST = 0.1


@dataclass(frozen=True)
class Ink:
    """The colours of text in an element; None where one is not known."""

    colour: Colour | None = BLACK
    filled: bool = False
    """`-webkit-text-fill-color` is `fill`, and counts instead."""
    fill: Colour | None = None
    ground: Colour | None = WHITE
    painted: bool = False
    """Some element up to here has a ground of its own."""
    solid: bool = False
    """An opaque one, in the text's own layer."""
    opacity: float | None = 1.0
    behind: Colour | None = WHITE
    """What is behind the group that has less than full opacity."""
    dark: bool = False
    """The default colours may be those of a dark page."""

    @property
    def contrast(self) -> float | None:
        """WCAG contrast of the text with its ground."""
        colour = self.fill if self.filled else self.colour
        if colour is None or self.ground is None or self.opacity is None:
            return None
        text, ground = colour.over(self.ground), self.ground
        if self.opacity < 1:
            if self.behind is None:
                return None
            text = text.fainter(self.opacity).over(self.behind)
            ground = ground.fainter(self.opacity).over(self.behind)
        return contrast(luminance(text.levels), luminance(ground.levels))

    def within(self, element: Element, style: Style, *, beside: bool, same_layer: bool) -> Ink:
        """Return the ink of text in `element`, which is itself drawn with this.

        `beside`: its box is not inside its parent's, which is inline.
        """
        dark = _is_dark(style, above=self.dark)
        colour = _text_colour(self, element, style, dark=dark)
        own = _own_ground(element, style, colour)
        ground = self._ground(style, own, beside=beside)
        opaque = own is not None and own.alpha == 1
        if dark and not self.dark and not opaque:
            ground = None
        filled, fill = self._fill(style)
        share = opacity_of(style)
        known = share is not None and self.opacity is not None
        return replace(
            self, colour=colour, filled=filled, fill=fill, ground=ground, dark=dark,
            painted=self.painted or own is None or own.alpha > 0,
            solid=(self.solid and same_layer) or opaque,
            opacity=(share or 0.0) * (self.opacity or 0.0) if known else None,
            behind=self.ground if self.opacity == 1 else self.behind,
        )  # fmt: skip

    def _fill(self, style: Style) -> tuple[bool, Colour | None]:
        value = style.value("-webkit-text-fill-color")
        if value in INHERITING:
            return self.filled, self.fill
        if value in ("currentcolor", "initial"):
            return False, None
        return True, colour_of(value)

    def _ground(self, style: Style, own: Colour | None, *, beside: bool) -> Colour | None:
        """Return what is behind the text."""
        if own is None or style.value("display") in ("contents", "?"):
            return None
        away = style.value("position") not in (*_UNSET, "static", "relative")
        away = away or style.value("float") not in (*_UNSET, "none")
        under = None if self.painted and (away or beside) else self.ground
        if own.alpha == 0:
            return under
        if _is_sized(style):
            return None  # what overflows its box has another ground
        return own if own.alpha == 1 else own.over(under) if under else None


def _is_dark(style: Style, *, above: bool) -> bool:
    """Whether `color-scheme` may turn the default colours round."""
    value = style.value("color-scheme")
    if value in INHERITING:
        return above
    return value not in ("normal", "light", "only light", "light only", "initial")


def _text_colour(above: Ink, element: Element, style: Style, *, dark: bool) -> Colour | None:
    value = style.value("color")
    if dark and (not above.dark or value not in INHERITING) and colour_of(value) is None:
        return None
    if value == "" and element.tag == "a" and "href" in element.attributes:
        return LINK
    if value == "" and element.tag == "mark":
        return BLACK
    drawn = element.attribute({"body": "text", "font": "color"}.get(element.tag, ""))
    if drawn and not value:
        return legacy_colour(drawn)
    if value in (*INHERITING, "currentcolor"):
        return above.colour
    return BLACK if value in ("initial", "canvastext") else colour_of(value)


def _own_ground(element: Element, style: Style, colour: Colour | None) -> Colour | None:
    """Return the background an element has itself; None where that is not known."""
    if "background" in element.attributes and "background-image" not in style.declared:
        return None
    if "bgcolor" in element.attributes and "background-color" not in style.declared:
        return legacy_colour(element.attribute("bgcolor"))
    if any(
        value not in ("", "none", "initial", "unset") for value in style.values("background-image")
    ):
        return None
    value = style.value("background-color")
    if value in ("", "initial", "unset", "transparent", "none"):
        return YELLOW if element.tag == "mark" and not value else CLEAR
    if value == "currentcolor":
        return colour
    return WHITE if value == "canvas" else colour_of(value)


def _is_sized(style: Style) -> bool:
    """Whether text may overflow the box."""
    loose = ("", "auto", "none", "initial", "unset", "100%", "100vh", "100vw")
    return any(style.value(name) not in loose for name in ("height", "max-height")) and (
        style.value("overflow-y") in ("", "visible")
    )


def opacity_of(style: Style) -> float | None:
    """Return an element's opacity, 0 to 1; None where it is not known."""
    value = style.value("opacity")
    if value in ("", "initial", "unset"):
        return 1.0
    share = percent(value)
    found = number(value) if share is None else share / 100
    return None if found is None else min(1.0, max(0.0, found))


def is_gone(opacity: float) -> bool:
    """Whether so little opacity shows nothing to speak of."""
    return opacity <= _FAINTEST
