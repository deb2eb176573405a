"""Whether a shape in a text may lie over the words (part 3, 19.795 anchors, 20.390 wrapping)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from kzlabel.formats._odf_look import PERCEIVABLE, UNDETERMINED
from kzlabel.formats._odf_names import attribute, short
from kzlabel.formats._odf_styles import first, points

if TYPE_CHECKING:
    from kzlabel.formats._odf_styles import Styles
    from kzlabel.formats._xml_splice import Element
    from kzlabel.notices.prose import Run

_BELOW_POINTS = 200.0
"""A shape that begins so far down its page (7 cm) leaves free what comes first."""
_OF_TEXT = {"", "paragraph", "paragraph-content", "char", "line", "baseline", "text"}
_DOWNWARDS = {"", "from-top", "below", "top"}


def doubted(runs: list[Run], shapes: Iterable[tuple[Element, int]], styles: Styles) -> list[Run]:
    """Return the runs; those that a shape may lie over are in doubt."""
    at = covered_from(shapes, styles)
    if at is None:
        return runs
    return runs[:at] + [
        replace(run, code=UNDETERMINED) if run.code == PERCEIVABLE else run for run in runs[at:]
    ]


def covered_from(shapes: Iterable[tuple[Element, int]], styles: Styles) -> int | None:
    """Return the first run that one of the shapes may lie over; None where none may.

    With each shape comes the first run of the paragraph it is anchored to.
    """
    found = [_covers(shape, start, styles) for shape, start in shapes]
    return min((at for at in found if at is not None), default=None)


def _covers(shape: Element, start: int, styles: Styles) -> int | None:
    levels = styles.levels("graphic", attribute(shape, "draw:style-name"), "graphic")
    anchor = attribute(shape, "text:anchor-type")
    wrap = first(levels, "style:wrap")
    through = wrap == "run-through" or (not wrap and short(shape.name) != "draw:frame")
    if anchor == "as-char" or not through or first(levels, "style:run-through") == "background":
        return None
    if attribute(shape, "draw:transform"):
        return 0
    top = points(attribute(shape, "svg:y")) or 0.0
    placed = first(levels, "style:vertical-pos")
    if anchor == "page":
        later = attribute(shape, "text:anchor-page-number", "1") != "1"
        low = placed in ("", "from-top") and top > _BELOW_POINTS
        return None if later or low else 0
    downwards = placed in _DOWNWARDS and first(levels, "style:vertical-rel") in _OF_TEXT
    return start if downwards and top >= 0 and _spans_down(shape) else 0


def _spans_down(shape: Element) -> bool:
    """Whether its other corner is not above its first: lines and connectors name both."""
    ends = [points(attribute(shape, name)) for name in ("svg:y1", "svg:y2")]
    return all(end is None or end >= 0 for end in ends)
