"""What is plain in a Word document: properties, and values of them, that hide and move no words.

A list of what is known, not of tricks (ECMA-376 part 1, 17.3 and 17.4): what is not listed here, or
has a value out of the ordinary, leaves the words it may bear on undetermined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from kzlabel.formats._docx_sections import W_STRICT, W, child, is_on, value
from kzlabel.formats._ooxml_office import local

if TYPE_CHECKING:
    from kzlabel.formats._xml_splice import Element

MAX_LINE = 1_440
"""Twips: a line of an inch."""
PAGE_WIDTH = 12_240
_LEAST_TEXT, _MAX_MARGIN = 2_800, 8_000
"""Twips: of a page's width and height, left for its text; 5 cm."""
_SHORT_FIELDS = ("PAGE", "NUMPAGES", "DATE", "TIME", "SEQ")
"""Fields of a few letters, whatever a program makes of them."""
_MAX_CODE = 60
_ANY = lambda _: True  # noqa: E731  a word of the tables below
_OFF = lambda element: not is_on(element)  # noqa: E731  a word of the tables below


def within(element: Element | None, low: int, high: int, *names: str) -> bool:
    """Whether these attributes are numbers in that range, where they are there."""
    return all(is_number(value(element, str(low), name), low, high) for name in names)


def is_number(text: str, low: int, high: int) -> bool:
    """Whether `text` is a whole number in that range."""
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 10 and low <= int(text) <= high  # noqa: PLR2004  32 bits


def _is(*values: str) -> Callable[[Element], bool]:
    return lambda element: value(element) in values


def _between(low: int, high: int, name: str = "val") -> Callable[[Element], bool]:
    return lambda element: within(element, low, high, name)


def _thin(element: Element) -> bool:
    return value(element) in ("none", "nil") or within(element, 0, 48, "sz", "space")


def _borders(element: Element) -> bool:
    return all(map(_thin, element.children))


def _margins(element: Element) -> bool:
    return all(within(side, 0, 500, "w") for side in element.children)


def _width(element: Element) -> bool:
    kind, wide = value(element, "dxa", "type"), value(element, "0", "w")
    if kind == "auto" or wide == "0":
        return True
    least = {"dxa": 400, "pct": 250}.get(kind)
    return least is not None and is_number(wide.removesuffix("%"), least, 20_000)


_Table = dict[str, Callable[["Element"], bool]]
PARAGRAPH: _Table = dict.fromkeys((
    "pStyle", "keepNext", "keepLines", "pageBreakBefore", "widowControl", "suppressLineNumbers",
    "suppressAutoHyphens", "kinsoku", "wordWrap", "overflowPunct", "topLinePunct", "autoSpaceDE",
    "autoSpaceDN", "adjustRightInd", "snapToGrid", "contextualSpacing", "mirrorIndents", "jc",
    "textAlignment", "outlineLvl", "divId", "cnfStyle", "rPr", "tabs", "shd", "sectPr", "pPrChange",
), _ANY) | {
    "numPr": lambda element: value(child(element, "numId")) == "0",
    "bidi": _OFF, "textDirection": _is("lrTb"), "pBdr": _borders,
    "spacing": lambda e: within(e, 0, 31_680, "before", "after")
    and within(e, 0, 500, "beforeLines", "afterLines"),
    "ind": lambda e: within(e, 0, 500, "leftChars", "startChars", "rightChars", "endChars",
                            "firstLineChars", "hangingChars"),
}  # fmt: skip
RUN: _Table = dict.fromkeys((
    "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "color", "noProof",
    "highlight", "u", "szCs", "lang", "shd", "vertAlign", "kern", "em", "snapToGrid", "rPrChange",
    "ins",
    # What these do is judged with the run's looks:
    "strike", "dstrike", "outline", "shadow", "emboss", "imprint", "vanish", "webHidden",
    "specVanish", "cs", "rtl",
), _ANY) | {
    "sz": _between(0, 192), "w": _between(1, 200), "spacing": _between(-400, 200),
    "position": _between(-24, 24), "effect": _is("none"), "bdr": _thin,
}  # fmt: skip
_FONT_FEATURES = {"ligatures", "numForm", "numSpacing", "stylisticSets", "cntxtAlts", "textFill",
                  "textOutline"}  # fmt: skip
"""Of Word 2010, in a namespace of its own; the last two are judged with the run's looks."""
_TABLE: _Table = dict.fromkeys((
    "tblStyle", "tblStyleRowBandSize", "tblStyleColBandSize", "tblLayout", "tblLook", "tblCaption",
    "tblDescription", "jc", "tblOverlap",
), _ANY) | {
    "tblW": _width, "tblInd": _between(-1_000, 1_500, "w"), "tblBorders": _borders,
    "tblCellMar": _margins, "tblCellSpacing": _between(0, 200, "w"), "bidiVisual": _OFF,
}  # fmt: skip
_ROW: _Table = dict.fromkeys(("cnfStyle", "cantSplit", "tblHeader", "jc", "hidden"), _ANY) | {
    "trHeight": lambda e: value(e, "auto", "hRule") != "exact" and within(e, 0, 2_000, "val"),
    "tblCellSpacing": _between(0, 200, "w"),
}  # fmt: skip
_CELL: _Table = dict.fromkeys(("cnfStyle", "gridSpan", "vMerge", "shd", "noWrap", "vAlign",
                               "hideMark"), _ANY) | {
    "tcW": _width, "tcBorders": _borders, "tcMar": _margins, "textDirection": _is("lrTb"),
    "tcFitText": _OFF,
}  # fmt: skip
_CONTROL: _Table = dict.fromkeys(("alias", "tag", "id", "lock", "text", "richText", "docPartObj",
                                  "placeholder", "rPr"), _ANY)  # fmt: skip
PROPERTIES: dict[str, _Table] = {"tblPr": _TABLE, "trPr": _ROW, "tcPr": _CELL, "sdtPr": _CONTROL}
_SECTION: _Table = dict.fromkeys((
    "headerReference", "footerReference", "footnotePr", "endnotePr", "type", "paperSrc",
    "lnNumType", "pgNumType", "formProt", "titlePg", "noEndnote", "printerSettings",
), _ANY) | {
    "pgSz": lambda e: within(e, 5_000, 35_000, "w", "h"),
    "pgMar": lambda e: within(e, 0, _MAX_MARGIN, "top", "bottom", "left", "right", "gutter")
    and within(e, 0, 3_000, "header", "footer"),
    "cols": lambda e: within(e, 1, 3, "num") and within(e, 0, 1_500, "space")
    and not list(e.children),
    "docGrid": lambda e: value(e, "default", "type") == "default"
    or (within(e, 0, 720, "linePitch") and within(e, 0, 4_096, "charSpace")),
    "vAlign": _is("top"), "pgBorders": _borders, "textDirection": _is("lrTb"), "bidi": _OFF,
    "rtlGutter": _OFF,
}  # fmt: skip


def are_plain(properties: Iterable[Element], table: _Table) -> bool:
    """Whether every property is one of `table`, with a value that is plain."""
    return all(_known(element, table)(element) for element in properties)


def _known(element: Element, table: _Table) -> Callable[[Element], bool]:
    name = local(element.name)
    if not element.name.startswith((W, W_STRICT)):
        return lambda _: table is RUN and name in _FONT_FEATURES
    return table.get(name, lambda _: False)


def effective(layers: Iterable[Element]) -> Iterable[Element]:
    """Return of each property the one that holds; `layers` of them, the nearest first."""
    held: dict[str, Element] = {}
    for layer in layers:
        for found in layer.children:
            held.setdefault(found.name, found)
    return held.values()


def is_on_attribute(element: Element, name: str) -> bool:
    """Whether an attribute, in whatever namespace, says yes."""
    said = [text for key, text in element.attributes.items() if local(key) == name]
    return any(text.lower() in ("1", "true", "on") for text in said)


def is_long(code: str, element: Element) -> bool:
    """Whether a field may show something else than the words that are its result."""
    words = code.split()
    first = words[0].upper() if words else ""
    short = first == "HYPERLINK" or (first in _SHORT_FIELDS and len(code) < _MAX_CODE)
    return not short or is_on_attribute(element, "dirty")


def text_size(section: Element | None) -> tuple[int, int]:
    """Return the width and height of a section's text, in twips; zeroes for what is not plain."""
    if section is not None and not are_plain(section.children, _SECTION):
        return 0, 0
    size, margins = child(section, "pgSz"), child(section, "pgMar")
    wide = int(value(size, str(PAGE_WIDTH), "w"))
    high = int(value(size, "15840", "h"))
    for name, otherwise in (("left", "1440"), ("right", "1440"), ("gutter", "0")):
        wide -= int(value(margins, otherwise, name))
    for name in ("top", "bottom"):
        high -= int(value(margins, "1440", name))
    wide //= int(value(child(section, "cols"), "1", "num"))
    return (wide, high) if min(wide, high) >= _LEAST_TEXT else (0, 0)
