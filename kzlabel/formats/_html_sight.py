"""How the text in an element is seen, from the root down: what hides it, its size and its colours.

An element adds to what it is in (`Sight.within`): each is computed once, from its parent's. A part
that cannot be known is None, and a text for which such a part matters is undetermined.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

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

_NOT_SHOWN = frozenset(
    ("area", "base", "basefont", "datalist", "head", "link", "meta", "noembed", "noframes",
     "noscript", "param", "rp", "script", "style", "template", "title", "audio", "canvas",
     "iframe", "object", "video", "frameset", "desc", "metadata", "defs"))  # fmt: skip
"""Elements whose text no browser shows where it has what the element is for."""
_UNSURE = frozenset(
    ("button", "input", "marquee", "math", "meter", "option", "progress", "ruby", "select", "svg",
     "textarea", "blink", "applet", "embed", "dialog", "xmp", "plaintext", "slot", "optgroup",
     "fencedframe", "legend", "nobr", "s", "strike", "del", "geolocation", "usermedia",
     "permission", "install", "selectedcontent"))  # fmt: skip
_SIZES = {
    "h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67, "small": 1 / 1.2,
    "big": 1.2, "sub": 1 / 1.2, "sup": 1 / 1.2, "code": 0.8125, "kbd": 0.8125, "pre": 0.8125,
    "samp": 0.8125, "tt": 0.8125, "rt": 0.5,
}  # fmt: skip
_FONT_SIZES = dict(zip("1234567", (10.0, 13.0, 16.0, 18.0, 24.0, 32.0, 48.0), strict=True))
MAX_RIGHT = 300.0
"""Of the 800 pixels of a small window; more is not begun to be read there."""
_SYMBOLS = ("webdings", "wingdings", "symbol", "dingbats", "marlett")


@dataclass(frozen=True)
class Sight:
    """How text in an element is seen."""

    hidden: bool = False
    unsure: bool = False
    visible: str = "visible"
    ink: Ink = field(default_factory=Ink)
    size: float | None = MEDIUM
    root: float | None = MEDIUM
    inline: bool = False
    clipped: bool = False
    """Something up to here cuts off what overflows it."""
    begins: bool = True
    """Nothing is before it on the page."""
    windowed: bool = False
    """It is in a box that shows only the beginning of what it holds."""
    right: float = 0.0
    """Pixels that it, and what it is in, is moved to the right."""
    down: float = 0.0
    kept: bool = False
    """White space is shown as it is."""
    block: Element | None = None
    """The nearest element that words do not run out of."""
    layer: Element | None = None
    """The element, right in the body, that is painted over all with less than its `level`."""
    level: float = 0.0
    layout: str = ""
    """How the element it is in lays out its children: `row`, `column`, `centred`."""
    shut: bool = False
    """It is a closed `details`: of what is right in it, only the first `summary` is shown."""

    def within(self, element: Element, style: Style, *, odd_fonts: bool) -> Sight:
        """Return the sight of text in `element`, which is itself seen as this."""
        begins = (self.begins and element.before is None) or element.tag in ("html", "body")
        view = view_of(style)
        gone = _is_hidden(element, style) or (self.shut and not _is_summary(element))
        faces = style.value("font-family")
        right = self.right + moved(style, ("margin-left", "padding-left", "left", "text-indent"))
        doubts = (
            view.unsure
            or element.tag in _UNSURE
            or self._is_displaced(element, style)
            or any(symbol in faces for symbol in _SYMBOLS)
            or (odd_fonts and faces not in ("", "initial", "inherit", "sans-serif", "serif"))
            or _is_drawn(element)
            or right > MAX_RIGHT
            or (element.tag in ("html", "body") and style.value("float") not in ("", "none"))
            or ((self.windowed or view.windowed) and not begins)
        )
        sized = _size(self, element, style)
        inline = _is_inline(element, style)
        level = 0.0 if self.layer else _level(element, style)
        seen = replace(
            self,
            hidden=self.hidden or gone or view.hidden or _is_flat(style),
            unsure=self.unsure or doubts,
            visible=_visible(self.visible, style.value("visibility")),
            size=sized,
            root=sized if element.parent is None else self.root,
            inline=inline,
            kept=_keeps(self.kept, element, style),
            block=self.block if inline else element,
            layer=element if level else self.layer,
            level=level or self.level,
            clipped=self.clipped or _clips(element, style),
            begins=begins,
            right=right,
            down=self.down + moved(style, ("margin-top", "padding-top", "top")),
            windowed=self.windowed or view.windowed,
            layout=_layout(style),
            shut=element.tag == "details" and "open" not in element.attributes,
        )
        ink = self.ink.within(
            element, style, beside=self.inline and not inline, same_layer=seen.layer is self.layer
        )
        return replace(seen, ink=ink)

    def _is_displaced(self, element: Element, style: Style) -> bool:
        """Whether the layout of what it is in may put the element where nobody looks."""
        if style.value("position") in ("absolute", "fixed"):
            return self.clipped
        if element.tag in ("td", "th") or style.value("display") in ("table-cell", "inherit"):
            return element.before is not None
        if self.layout == "centred":
            return element.before is not None or element.after
        return self.layout == "row" and element.before is not None

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
        return PERCEIVABLE if known and not self.unsure else UNDETERMINED

    @property
    def measures(self) -> dict[str, float]:
        """What was measured."""
        found = {"em_px": self.size, "contrast": self.ink.contrast}
        return {name: round(value, 2) for name, value in found.items() if value is not None}


def _is_hidden(element: Element, style: Style) -> bool:
    """Whether HTML itself keeps the element from people, or from those who listen to it."""
    given = element.attributes
    if element.tag in _NOT_SHOWN or element.attribute("aria-hidden").lower() == "true":
        return True
    if "inert" in given or element.attribute("hidden").lower() == "until-found":
        return True
    if "popover" in given or "hidden" in given:
        return style.value("display") in ("", "none", "?", "initial")
    return element.tag == "dialog" and "open" not in given


def _is_summary(element: Element) -> bool:
    """Whether an element of a `details` is its summary: the first of them alone."""
    before = element.before
    while before is not None and before.tag != "summary":
        before = before.before
    return element.tag == "summary" and before is None


def _is_drawn(element: Element) -> bool:
    """Whether its attributes say how it looks in a way that is not read here."""
    if element.tag == "details" and "name" in element.attributes:
        return True  # another of the same name may close it
    symbols = any(symbol in element.attribute("face").lower() for symbol in _SYMBOLS)
    links = element.tag == "body" and "link" in element.attributes
    return symbols or links or "popover" in element.attributes


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
    ends = ("", "visible", "initial", "unset")
    cut = any(style.value(name) not in ends for name in ("overflow-x", "overflow-y"))
    return cut and element.tag not in ("html", "body")


def _is_inline(element: Element, style: Style) -> bool:
    display = style.value("display")
    if not display:
        return element.tag not in BLOCKS
    return display in ("inline", "contents", "initial", "unset")


def _keeps(above: bool, element: Element, style: Style) -> bool:  # noqa: FBT001  what is above
    value = style.value("white-space")
    if value in INHERITING:
        return above or element.tag == "pre"
    return value not in ("normal", "nowrap", "initial")


def _level(element: Element, style: Style) -> float:
    """Return the `z-index` of an element of the body that is painted over others; 0 for none."""
    parent = element.parent
    if parent is None or parent.tag != "body":
        return 0.0
    if style.value("position") not in ("relative", "absolute", "fixed", "sticky"):
        return 0.0
    return max(0.0, number(style.value("z-index")) or 0.0)


def _layout(style: Style) -> str:
    """Return how an element lays out its children, as far as it may push some out of sight."""
    display = style.value("display")
    if display not in ("flex", "inline-flex", "grid", "inline-grid", "-webkit-box"):
        return ""
    placed = {style.value("justify-content"), style.value("align-items")}
    start = {"", "normal", "start", "flex-start", "stretch", "space-between", "initial", "left"}
    if not placed <= start:
        return "centred"
    column = style.value("flex-direction") == "column" and "flex" in display
    return "column" if column else "row"
