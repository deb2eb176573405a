"""What HTML itself does to what is in an element: its kind, and its presentational attributes.

Only kinds and attributes that are known to leave words in their place are plain (HTML 15.3).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kzlabel.formats._html_cascade import Style
    from kzlabel.formats._html_tree import Element

REPLACED = frozenset(
    ("audio", "canvas", "embed", "iframe", "img", "input", "math", "meter", "object", "progress",
     "select", "svg", "textarea", "video", "applet", "marquee", "fencedframe"))  # fmt: skip
"""Elements whose size is that of what is shown in their place, or a widget's."""
_NO_BOX = frozenset(
    ("area", "base", "basefont", "datalist", "head", "link", "meta", "noembed", "noframes",
     "noscript", "param", "rp", "script", "source", "style", "template", "title",
     "track"))  # fmt: skip
"""Elements that take no room, and whose text no browser shows."""
_NOT_SHOWN = _NO_BOX | {
    "audio", "canvas", "iframe", "object", "video", "frameset", "desc", "metadata", "defs",
}  # fmt: skip
"""Elements whose text no browser shows where it has what the element is for."""
_PLAIN = frozenset(
    """
    html body main article section header footer nav aside search address hgroup div p h1 h2 h3 h4
    h5 h6 blockquote center ul ol menu dir li dl dt dd figure figcaption details summary form hr br
    wbr table thead tbody tr th td caption span a abbr acronym b bdi big cite code data dfn em font
    i ins kbd label mark output q samp small strong sub sup time tt u var
    """.split()  # noqa: SIM905  a list of words is read as one
)
_CELLS = frozenset(("td", "th"))
_SYMBOLS = ("webdings", "wingdings", "symbol", "dingbats", "marlett")
_LAYING = frozenset(
    ("border", "bottommargin", "cellpadding", "cellspacing", "height", "hspace", "leftmargin",
     "marginheight", "marginwidth", "rightmargin", "size", "topmargin", "vspace",
     "width"))  # fmt: skip
"""Attributes that stand for lengths."""
_SHORT = re.compile(r"(?:[0-9]|[1-3][0-9])(?:px)?")
_BROAD = re.compile(r"100%|[2-7][0-9][0-9](?:px)?")
_INDENTED = frozenset(("ul", "ol", "menu", "dir", "dd", "blockquote", "figure"))
INDENT = 40.0
"""What a browser moves a list or a quotation to the right."""


def is_gone(element: Element, style: Style) -> bool:
    """Whether an element has no box at all."""
    display = style.value("display")
    if display:
        return display == "none"
    return element.tag in _NO_BOX or "hidden" in element.attributes or (
        element.tag == "dialog" and "open" not in element.attributes
    )  # fmt: skip


def is_hidden(element: Element, style: Style) -> bool:
    """Whether HTML itself keeps the element from people, or from those who listen to it."""
    given = element.attributes
    if element.tag in _NOT_SHOWN or element.attribute("aria-hidden").lower() == "true":
        return True
    if "inert" in given or element.attribute("hidden").lower() == "until-found":
        return True
    if "popover" in given or "hidden" in given:
        return style.value("display") in ("", "none", "?", "initial")
    return element.tag == "dialog" and "open" not in given


def is_summary(element: Element) -> bool:
    """Whether an element of a `details` is its summary: the first of them alone."""
    if element.tag != "summary":
        return False
    before = element.before
    while before is not None and before.tag != "summary":
        before = before.before
    return before is None


def is_odd(element: Element) -> bool:
    """Whether the element, or one of its attributes, may show its text out of the ordinary."""
    given = element.attributes
    if element.tag not in _PLAIN and "-" not in element.tag:
        return True
    if element.tag in _CELLS and (element.before is not None or element.after):
        return True  # how tall a row is, and how wide a column, only a browser knows
    return bool(given) and (
        any(name in given for name in ("popover", "nowrap", "valign", "rowspan", "colspan"))
        or (element.tag == "details" and "name" in given)  # another of the name may close it
        or (element.tag == "body" and "link" in given)
        or any(symbol in element.attribute("face").lower() for symbol in _SYMBOLS)
        or element.attribute("dir").lower() not in ("", "ltr")
        or not is_short(element)
    )


def is_short(element: Element) -> bool:
    """Whether the lengths among the attributes are plain."""
    for name in _LAYING & element.attributes.keys():
        value = element.attribute(name).strip()
        if name == "size" and element.tag == "font":
            continue
        broad = name == "width" and _BROAD.fullmatch(value)
        if not broad and (name == "width" or not _SHORT.fullmatch(value)):
            return False
    return True


def is_symbolic(faces: str) -> bool:
    """Whether a font family has pictures for letters."""
    return any(symbol in faces for symbol in _SYMBOLS)


def indent_of(element: Element) -> float:
    """Return how far a browser moves what is in an element to the right."""
    return INDENT if element.tag in _INDENTED else 0.0


def align_of(element: Element) -> str:
    """Return how the element itself aligns its words; empty where it does not."""
    if element.tag in ("center", "th", "caption"):
        return "center"
    return element.attribute("align").strip().lower()
