"""Pictures and shapes in a Word document that float over its text (DrawingML 20.4.2.3, VML)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.formats._ooxml_office import local

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kzlabel.formats._xml_splice import Element

EMU = 12_700
"""A point."""
_VML = "{urn:schemas-microsoft-com:vml}"
_SHAPES = ("shape", "rect", "roundrect", "oval", "line", "polyline", "arc", "curve", "image",
           "group")  # fmt: skip
_AROUND = 20
"""Points around a picture in the line."""
_PUSHES = 400
"""Points: text that flows around something higher may end up on the next page."""
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


ANYWHERE = Anchor(float("-inf"), float("inf"), on_page=True)


def height_of(element: Element) -> float | None:
    """Return how much of the page a picture in the line takes, in points; None where none says."""
    if is_vml(element):
        return 0.0 if _floats(element) else None
    if local(element.name) != "inline":
        return 0.0
    held = {local(inner.name): inner.attributes for inner in element.children}
    around = [*_sides(element.attributes, "dist{}"), *_sides(held.get("effectExtent", {}), "{}")]
    tall = _points(held.get("extent", {}).get("cy", ""))
    return tall if tall > 0 and all(0 <= _points(text) <= _AROUND for text in around) else None


def _sides(attributes: Mapping[str, str], name: str) -> Iterator[str]:
    keys = [name.format(side) for side in ("T", "B", "t", "b")]
    return (attributes[key] for key in keys if key in attributes)


def is_vml(element: Element) -> bool:
    """Whether this is a shape of VML, outermost in its picture."""
    return element.name.startswith(_VML) and local(element.name) in _SHAPES


def _floats(shape: Element) -> bool:
    return "position:absolute" in shape.attributes.get("style", "").replace(" ", "").lower()


def anchor_of(element: Element, height: float) -> Anchor | None:
    """Return what floats over the text; None for what stands in it, or behind it."""
    name = local(element.name)
    if is_vml(element):
        style = element.attributes.get("style", "").replace(" ", "").lower()
        return None if not _floats(element) or "z-index:-" in style else ANYWHERE
    if name != "anchor" or element.attributes.get("behindDoc", "0").lower() in ("1", "true"):
        return None
    held = {local(inner.name): inner for inner in element.children}
    vertical, extent = held.get("positionV"), held.get("extent")
    if not _ROUND.isdisjoint(held):
        tall = _points(extent.attributes.get("cy", "")) if extent is not None else 0.0
        return None if 0 < tall < _PUSHES else ANYWHERE
    if vertical is None or extent is None:
        return ANYWHERE
    offset = next((i.text for i in vertical.children if local(i.name) == "posOffset"), None)
    kind = vertical.attributes.get("relativeFrom", "")
    tall = _points(extent.attributes.get("cy", ""))
    if offset is None or kind not in ("page", "margin", "topMargin", "paragraph", "line"):
        return ANYWHERE
    top = _points(offset.strip()) + (height if kind in ("paragraph", "line") else 0.0)
    return Anchor(top, top + tall, on_page=kind in ("page", "topMargin"))


def _points(text: str) -> float:
    digits = text.removeprefix("-")
    return int(text) / EMU if digits.isascii() and digits.isdigit() and len(digits) < 16 else 0.0  # noqa: PLR2004  64 bits
