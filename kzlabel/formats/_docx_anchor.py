"""Pictures and shapes in a Word document that float over its text (DrawingML 20.4.2.3, VML)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.formats._ooxml_office import local

if TYPE_CHECKING:
    from kzlabel.formats._xml_splice import Element

EMU = 12_700
"""A point."""
_ROUND = {"wrapSquare", "wrapTight", "wrapTopAndBottom"}
"""Text flows around these."""


@dataclass(frozen=True)
class Anchor:
    """What may lie over the text: from where to where, in points."""

    top: float
    bottom: float
    on_page: bool
    """Measured from the top of the page; else of its text."""

    def may_cover(self, height: float, margin: float) -> bool:
        """Whether it may lie over words that stand at `height` below the top of the text.

        `height` is no more than a guess by spacing and pictures, short lines left out.
        """
        shift = margin if self.on_page else 0.0
        return self.top - shift < height * 2 + 60 and self.bottom - shift > height * 0.5


_ANYWHERE = Anchor(float("-inf"), float("inf"), on_page=True)


def height_of(element: Element) -> float:
    """Return how much of the page a picture in the line takes, in points."""
    if local(element.name) != "inline":
        return 0.0
    extents = (inner for inner in element.children if local(inner.name) == "extent")
    return _points(next((inner.attributes.get("cy", "") for inner in extents), ""))


def anchor_of(element: Element, height: float) -> Anchor | None:
    """Return what floats over the text; None for what stands in it, or behind it."""
    name = local(element.name)
    if name in ("shape", "rect"):
        style = element.attributes.get("style", "").replace(" ", "").lower()
        behind = "position:absolute" not in style or "z-index:-" in style
        return None if behind else _ANYWHERE
    if name != "anchor" or element.attributes.get("behindDoc", "0").lower() in ("1", "true"):
        return None
    held = {local(inner.name): inner for inner in element.children}
    if not _ROUND.isdisjoint(held):
        return None
    vertical, extent = held.get("positionV"), held.get("extent")
    if vertical is None or extent is None:
        return _ANYWHERE
    offset = next((i.text for i in vertical.children if local(i.name) == "posOffset"), None)
    kind = vertical.attributes.get("relativeFrom", "")
    tall = _points(extent.attributes.get("cy", ""))
    if offset is None or kind not in ("page", "margin", "topMargin", "paragraph", "line"):
        return _ANYWHERE
    top = _points(offset.strip()) + (height if kind in ("paragraph", "line") else 0.0)
    return Anchor(top, top + tall, on_page=kind in ("page", "topMargin"))


def _points(text: str) -> float:
    digits = text.removeprefix("-")
    return int(text) / EMU if digits.isascii() and digits.isdigit() and len(digits) < 16 else 0.0  # noqa: PLR2004  64 bits
