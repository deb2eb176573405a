"""A text box that holds a notice, in DrawingML (ECMA-376 part 1, 20 and 21): dark on white."""

from __future__ import annotations

from kzlabel._markup import escape, quoteattr

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
A_STRICT = "http://purl.oclc.org/ooxml/drawingml/main"
NAME = "kzlabel notice"
INK, PLATE = "111111", "FFFFFF"
_TAGS = {"kk": "kk-KZ", "ru": "ru-RU", "en": "en-US"}
EMU_OF_POINT = 12_700
LINE_HEIGHT, WIDTH = 1.35, 0.66
"""Of the type's size: a line, and a bold letter with room to spare for another font."""
MARGIN = 0.4
"""Of the type's size, around the words."""


def size_of(lines: tuple[str, ...], points: float) -> tuple[int, int]:
    """Return the box's width and height in EMU, wide enough for any usual font."""
    wide = max(map(len, lines)) * WIDTH + 2 * MARGIN
    high = len(lines) * LINE_HEIGHT + 2 * MARGIN
    return round(wide * points * EMU_OF_POINT), round(high * points * EMU_OF_POINT)


def shape(prefix: str, number: int, place: tuple[int, int, int, int], words: str) -> str:
    """Return `<PREFIX:sp>` at x, y with width, height (EMU), its namespaces taken as declared."""
    x, y, wide, high = place
    return (
        f'<{prefix}:sp><{prefix}:nvSpPr><{prefix}:cNvPr id="{number}" name="{NAME}"/>'
        f'<{prefix}:cNvSpPr txBox="1"/>{"<p:nvPr/>" if prefix == "p" else ""}</{prefix}:nvSpPr>'
        f'<{prefix}:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        f'<a:solidFill><a:srgbClr val="{PLATE}"/></a:solidFill>'
        f'<a:ln w="9525"><a:solidFill><a:srgbClr val="{INK}"/></a:solidFill></a:ln></{prefix}:spPr>'
        f"{words}</{prefix}:sp>"
    )


def words_of(
    prefix: str,
    languages: tuple[str, ...],
    lines: tuple[str, ...],
    points: float,
    *,
    wraps: bool = False,
) -> str:
    """Return the shape's `txBody`: a paragraph a line, each with all that a style could change.

    With `wraps` the lines break where the box ends.
    """
    inset = round(MARGIN * points * EMU_OF_POINT)
    sides = "".join(f' {side}Ins="{inset}"' for side in "ltrb")
    paragraphs = "".join(
        '<a:p><a:pPr marL="0" indent="0" algn="l"><a:lnSpc><a:spcPct val="100000"/></a:lnSpc>'
        '<a:spcBef><a:spcPts val="0"/></a:spcBef><a:spcAft><a:spcPts val="0"/></a:spcAft>'
        f"<a:buNone/></a:pPr><a:r><a:rPr lang={quoteattr(_TAGS.get(language, language))}"
        f' sz="{round(points * 100)}" b="1" i="0" u="none" strike="noStrike" cap="none" spc="0"'
        f' baseline="0"><a:solidFill><a:srgbClr val="{INK}"/></a:solidFill>'
        '<a:latin typeface="Arial"/><a:ea typeface="Arial"/><a:cs typeface="Arial"/></a:rPr>'
        f"<a:t>{escape(line)}</a:t></a:r></a:p>"
        for language, line in zip(languages, lines, strict=True)
    )
    wrap = "square" if wraps else "none"
    return (
        f'<{prefix}:txBody><a:bodyPr rot="0" vert="horz" wrap="{wrap}" anchor="ctr"{sides}>'
        f"<a:noAutofit/></a:bodyPr><a:lstStyle/>{paragraphs}</{prefix}:txBody>"
    )
