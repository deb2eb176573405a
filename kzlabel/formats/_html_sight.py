"""How the text in an element is seen, from the root down: what hides it, its size and its colours.

An element adds to what it is in (`Sight.within`): each is computed once, from its parent's. A part
that cannot be known is None, and a text for which such a part matters is undetermined.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kzlabel.formats import _html_markup as markup
from kzlabel.formats import _html_widths as widths
from kzlabel.formats._html_hiding import moved, view_of
from kzlabel.formats._html_ink import INHERITING, Ink, is_gone
from kzlabel.formats._html_tree import BLOCKS
from kzlabel.formats._html_values import MEDIUM, UNKNOWN, font_size, number, percent, pixels
from kzlabel.notices.contrast import MIN_CONTRAST

if TYPE_CHECKING:
    from kzlabel.formats._html_cascade import Style
    from kzlabel.formats._html_tree import Element

MIN_PIXELS = 9.0
"""Less is not read: 9 px is what browsers call `xx-small`, about 7 points."""
PERCEIVABLE = "kz.notice.perceivable"
HIDDEN, FAINT, SMALL = "kz.notice.hidden", "kz.notice.faint", "kz.notice.small"
UNDETERMINED = "kz.notice.undetermined"

_SIZES = {
    "h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67, "small": 1 / 1.2,
    "big": 1.2, "sub": 1 / 1.2, "sup": 1 / 1.2, "code": 0.8125, "kbd": 0.8125, "pre": 0.8125,
    "samp": 0.8125, "tt": 0.8125, "rt": 0.5,
}  # fmt: skip
_FONT_SIZES = dict(zip("1234567", (10.0, 13.0, 16.0, 18.0, 24.0, 32.0, 48.0), strict=True))
MAX_RIGHT = 300.0
"""Of the 800 pixels of a small window; more is not begun to be read there."""
TOO_WIDE = 1400.0
NARROW, LETTERS = 160.0, 9
"""The least room in pixels, and in letters of their size, that the longest word needs."""
LARGE = 64.0
_LOW, _SHARE = 300.0, 3
"""The least height of a box that cuts, and the part of it that may be left empty."""


@dataclass(frozen=True)
class Sight:
    """How text in an element is seen."""

    hidden: bool = False
    unsure: bool = False
    visible: str = "visible"
    ink: Ink = field(default_factory=Ink)
    size: float | None = MEDIUM
    root: float | None = MEDIUM
    leading: float = 0.0
    """Pixels from line to line; 0 where the letters' size says it."""
    inline: bool = False
    clipped: bool = False
    """Something up to here cuts off what overflows it."""
    begins: bool = True
    """Nothing is before it on the page."""
    limit: float = float("inf")
    """How far down it may be pushed in a box that shows only the beginning of what it holds."""
    right: float = 0.0
    """Pixels that it, and what it is in, is moved to the right."""
    down: float = 0.0
    room: float = widths.WINDOW
    """The width it has, in pixels of a small window."""
    wide: float = 0.0
    """The greatest width that something it is in has at least."""
    loose: bool = False
    """Something it is in is as wide as what else is in that."""
    align: str = ""
    kept: bool = False
    """White space is shown as it is."""
    block: Element | None = None
    """The nearest element that words do not run out of."""
    layer: Element | None = None
    """The element, right in the body, that is painted over all with less than its `level`."""
    level: float = 0.0
    laid: bool = False
    """It lays out its children otherwise than one after the other."""
    flows: bool = True
    """It takes room on the page."""
    columned: bool = False
    """Some table of the page says how its columns look."""
    shut: bool = False
    """It is a closed `details`: of what is right in it, only the first `summary` is shown."""

    def within(self, element: Element, style: Style, *, odd_fonts: bool) -> Sight:
        """Return the sight of text in `element`, which is itself seen as this."""
        begins = (self.begins and element.before is None) or element.tag in ("html", "body")
        view = view_of(style)
        folded = self.shut and not markup.is_summary(element)
        placed = style.value("position") in ("absolute", "fixed")
        inline = _is_inline(element, style)
        level = 0.0 if self.layer else _level(element, style)
        sized = _size(self, element, style)
        seen = replace(
            self,
            hidden=self.hidden or markup.is_hidden(element, style) or folded or view.hidden
            or _is_flat(style),
            unsure=self.unsure or view.unsure or markup.is_odd(element)
            or self._is_displaced(element, style) or _is_lettered(style, odd_fonts=odd_fonts),
            visible=_visible(self.visible, style.value("visibility")),
            size=sized,
            root=sized if element.parent is None else self.root,
            leading=_leading(self.leading, sized, style.value("line-height")),
            inline=inline,
            kept=_keeps(self.kept, style),
            block=self.block if inline else element,
            layer=element if level else self.layer,
            level=level or self.level,
            clipped=self.clipped or _clips(element, style),
            begins=begins,
            right=self.right + markup.indent_of(element)
            + moved(style, ("margin-left", "padding-left", "left", "text-indent")),
            down=self.down + moved(style, ("margin-top", "padding-top", "top")),
            limit=min(self.limit, self._limit(style)),
            room=self.room if inline else widths.room(self.room - markup.indent_of(element), style),
            wide=max(self.wide, widths.width(style)),
            loose=self.loose or widths.is_loose(element, style),
            align=widths.align(self.align, element, style),
            laid=widths.lays_out(style),
            flows=self.flows and not (placed or folded or markup.is_gone(element, style))
            and (element.parent is None or element.parent.tag not in markup.REPLACED),
            shut=element.tag == "details" and "open" not in element.attributes,
        )  # fmt: skip
        ink = self.ink.within(
            element, style, beside=self.inline and not inline, same_layer=seen.layer is self.layer
        )
        return replace(seen, ink=ink)

    def _is_displaced(self, element: Element, style: Style) -> bool:
        """Whether the layout of what it is in may put the element where nobody looks."""
        if style.value("position") in ("absolute", "fixed"):
            ends = [style.value(side) for side in ("bottom", "right")]
            cut = _clips(element, style) and any(end not in ("", "auto", "initial") for end in ends)
            return self.clipped or cut
        if element.tag in ("html", "body") and style.value("float") not in ("", "none", "initial"):
            return True
        return self.laid or (self.columned and element.tag in ("td", "th"))

    def _limit(self, style: Style) -> float:
        """Return how far down something may be in a box that cuts off what is below it."""
        if not _cuts(style):
            return float("inf")
        heights = [style.value(name) for name in ("height", "max-height")]
        known = [size for size in map(widths.height, heights) if size is not None]
        if len(known) < len(heights):
            return 0.0
        least = min(known)
        return float("inf") if least == float("inf") else (
            self.down + least / _SHARE if least >= _LOW else 0.0
        )  # fmt: skip

    @property
    def is_placed(self) -> bool:
        """Whether the words are known to stand in the window, but for what is before them."""
        size = self.size or LARGE
        if self.limit < float("inf") and (not self.begins or self.room < widths.WINDOW / 2):
            return False
        aside = self.align not in ("", "start", "left", "justify", "initial")
        fits = self.right <= MAX_RIGHT and self.wide <= (widths.WINDOW if aside else TOO_WIDE)
        roomy = self.room >= max(NARROW, LETTERS * size) and size <= LARGE
        return fits and roomy and not (aside and self.loose) and not self.laid

    @property
    def code(self) -> str:
        """What a notice in this text is judged as, but for what lies over it."""
        if self.hidden or self.shut or self.visible == "hidden":
            return HIDDEN
        if self.ink.opacity is not None and is_gone(self.ink.opacity):
            return HIDDEN
        if self.size is not None and self.size < MIN_PIXELS:
            return SMALL
        ratio = self.ink.contrast
        if ratio is not None and ratio < MIN_CONTRAST:
            return FAINT
        known = self.visible == "visible" and self.size is not None and ratio is not None
        return PERCEIVABLE if known and self.is_placed and not self.unsure else UNDETERMINED

    @property
    def measures(self) -> dict[str, float]:
        """What was measured."""
        found = {"em_px": self.size, "contrast": self.ink.contrast}
        return {name: round(value, 2) for name, value in found.items() if value is not None}


def _is_lettered(style: Style, *, odd_fonts: bool) -> bool:
    """Whether a font may have other letters than it should."""
    faces = style.value("font-family")
    plain = faces in ("", "initial", "inherit", "unset", "sans-serif", "serif")
    return markup.is_symbolic(faces) or (odd_fonts and not plain)


def _leading(above: float, size: float | None, value: str) -> float:
    """Return the pixels from line to line, where they do not go with the letters' size."""
    if value in INHERITING:
        return above
    share, length = percent(value), pixels(value)
    if share is not None:
        return (size or 0.0) * share / 100
    return length or 0.0


def _visible(above: str, value: str) -> str:
    if value in INHERITING:
        return above
    if value in ("visible", "initial"):
        return "visible"
    return "hidden" if value in ("hidden", "collapse") else UNKNOWN


def _size(above: Sight, element: Element, style: Style) -> float | None:
    value = style.value("font-size")
    if not value and element.tag == "font" and "size" in element.attributes:
        return _FONT_SIZES.get(element.attribute("size").strip())
    if value in INHERITING:
        factor = 1.0 if value else _SIZES.get(element.tag, 1.0)
        return None if above.size is None else above.size * factor
    if value in ("initial", "normal"):
        return MEDIUM
    return font_size(value, above.size, above.root)


def _is_flat(style: Style) -> bool:
    """Whether lines of no height are cut off."""
    height = style.value("line-height")
    flat = 0 in (number(height), pixels(height), percent(height))
    return flat and style.value("overflow-y") in ("hidden", "clip")


def _clips(element: Element, style: Style) -> bool:
    return _cuts(style) and element.tag not in ("html", "body")


def _cuts(style: Style) -> bool:
    names = ("overflow-x", "overflow-y")
    return any(style.value(name) not in ("", "visible", "initial", "unset") for name in names)


def _is_inline(element: Element, style: Style) -> bool:
    display = style.value("display")
    if not display:
        return element.tag not in BLOCKS
    return display in ("inline", "initial", "unset")


def _keeps(above: bool, style: Style) -> bool:  # noqa: FBT001  what is above
    value = style.value("white-space")
    if value in INHERITING:
        return above
    return value not in ("normal", "nowrap", "initial")


def _level(element: Element, style: Style) -> float:
    """Return the `z-index` of an element of the body that is painted over others; 0 for none."""
    parent = element.parent
    if parent is None or parent.tag != "body":
        return 0.0
    if style.value("position") not in ("relative", "absolute", "fixed", "sticky"):
        return 0.0
    return max(0.0, number(style.value("z-index")) or 0.0)
