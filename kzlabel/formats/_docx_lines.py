"""How a Word document's paragraphs are set: their size of type, their lines, their indents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kzlabel.formats._docx_anchor import height_of
from kzlabel.formats._docx_plain import MAX_LINE, RUN, are_plain, effective, is_number
from kzlabel.formats._docx_sections import child, value
from kzlabel.formats._docx_styles import Styles, nearest, points_of
from kzlabel.formats._ooxml_ink import PERCEIVABLE, UNDETERMINED
from kzlabel.formats._ooxml_office import local

if TYPE_CHECKING:
    from kzlabel.formats._xml_splice import Element

TWIPS = 20
"""A point."""
_TALL = 72
"""Points: a picture that makes its line that high moves the words beside it."""
_LINE = 1.2
"""Of the type's size: how high a line is."""


def sizes(styles: Styles, element: Element, tables: tuple[Element, ...]) -> tuple[float, bool]:
    """Return the size of a paragraph's largest run, and whether all its runs are plain."""
    properties = child(element, "pPr")
    runs = [run for run in _inside(element) if local(run.name) == "r"]
    held = [child(run, "rPr") for run in runs] + [child(properties, "rPr")]
    layered = [styles.layers(run, properties, tables) for run in held]
    plain = all(are_plain(effective(layers), RUN) for layers in layered[:-1])
    mark = nearest(layered[-1], "sz")
    plain &= mark is None or are_plain([mark], RUN)
    sure = styles.are_sure(*held[:-1], *(child(table, "tblPr") for table in tables))
    return max(map(points_of, layered)), plain and sure


def is_off(layers: list[Element], most: int) -> bool:
    """Whether indents leave words no room beside them (over `most` twips), or put them outside."""
    sides = ("left", "start", "right", "end", "firstLine", "hanging")
    texts = [said(layers, "ind", side) or "0" for side in sides]
    if not all(is_number(text, -1_000, 12_000) for text in texts):
        return True
    wide = [max(int(text), 0) for text in texts]
    return sum(wide[:5]) > most or wide[5] - wide[0] - wide[1] > 1_000  # noqa: PLR2004  twips: a margin is 1,400


def _inside(paragraph: Element) -> Iterator[Element]:
    """Return what a paragraph holds, the contents of drawings left out."""
    waiting = list(paragraph.children)
    while waiting:
        element = waiting.pop()
        yield element
        if local(element.name) not in ("drawing", "pict", "object", "rPr", "pPr", "txbxContent"):
            waiting += element.children


def beside(paragraph: Element) -> str:
    """Judge what stands in the same lines as the words: a tall picture moves them."""
    for holder in _inside(paragraph):
        name = local(holder.name)
        if name in ("object", "AlternateContent"):
            return UNDETERMINED
        drawn = holder.children if name in ("drawing", "pict") else ()
        for element in drawn:
            height = height_of(element)
            if height is None or height > _TALL:
                return UNDETERMINED
    return PERCEIVABLE


def line_of(layers: list[Element], points: float) -> float | None:
    """Return how high a paragraph's lines are, in points; None for what is not plain."""
    text, rule = said(layers, "spacing", "line") or "240", said(layers, "spacing", "lineRule")
    if rule in ("exact", "atLeast"):
        if not is_number(text, 0, MAX_LINE):
            return None
        least = int(text) / TWIPS
        return least if rule == "exact" else max(least, points * _LINE)
    plain = rule in ("", "auto") and is_number(text, 200, 960)
    return points * _LINE * int(text) / 240 if plain else None


def said(layers: list[Element], name: str, attribute: str) -> str:
    """Return an attribute of a property from the first layer that says it."""
    return next(
        (said for layer in layers if (said := value(child(layer, name), "", attribute))), ""
    )
