"""Pages: the tree walked without recursion, and a page as people see it (ISO 32000-2, 7.7.3).

What is displayed is the crop box within the media box, turned clockwise by `/Rotate`, in units of
`/UserUnit` points. Displayed coordinates are points from the top left, y downwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pypdf.generic import (  # noqa: TID253  imported lazily, with its border
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
)

from kzlabel.errors import LimitError, UnreadableAssetError
from kzlabel.formats._pdf_file import Document, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_PAGES = 20_000
"""Pages of a document that are given a notice each."""
MOST_NODES = 100_000
"""Nodes of a page tree that are looked at."""
INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
LETTER = (0.0, 0.0, 612.0, 792.0)
"""What readers take where a page says no media box."""
_FARTHEST = 1e6
"""Beyond this no coordinate is a page's: 14,400 units is the limit of ISO 32000-1, annex C."""
_TURNS = {
    0: ((1, 0), (0, -1)),
    90: ((0, 1), (1, 0)),
    180: ((-1, 0), (0, 1)),
    270: ((0, -1), (-1, 0)),
}
"""By `/Rotate`: which way right and down are, in the page's own coordinates."""

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@dataclass(frozen=True)
class Page:
    """A page, with what it inherits."""

    reference: IndirectObject
    entries: DictionaryObject
    """The page's own dictionary; never changed in place."""
    inherited: DictionaryObject

    def get(self, name: str) -> object:
        """Return an entry, its own or inherited, resolved; None where there is none."""
        return resolved(self.entries if name in self.entries else self.inherited, name)


def pages_of(document: Document) -> Iterator[Page]:
    """Yield the pages in their order.

    Raises `UnreadableAssetError` for a tree that loops or ends in no page, `LimitError`.
    """
    root = document.catalog.raw_get("/Pages") if "/Pages" in document.catalog else None
    todo: list[tuple[PdfObject | None, DictionaryObject]] = [(root, DictionaryObject())]
    seen: set[int] = set()
    while todo:
        node, inherited = todo.pop()
        entries = node.get_object() if node is not None else None
        if not isinstance(node, IndirectObject) or not isinstance(entries, DictionaryObject):
            raise _damaged(document, f"page tree: {node!r:.80}")
        if node.idnum in seen:
            raise _damaged(document, f"page tree: {node.idnum} comes twice")
        seen.add(node.idnum)
        if len(seen) > MOST_NODES:
            raise LimitError("kz.error.pdf-limit", path=document.path, detail="page tree")
        kids = _kids(entries)
        if kids is None:
            yield Page(node, entries, inherited)
            continue
        own = {NameObject(k): entries.raw_get(k) for k in INHERITED if k in entries}
        passed = DictionaryObject({**inherited, **own})
        todo.extend((kid, passed) for kid in reversed(kids))


def _kids(entries: DictionaryObject) -> ArrayObject | None:
    kids = resolved(entries, "/Kids")
    is_page = entries.get("/Type") == "/Page"
    return kids if isinstance(kids, ArrayObject) and not is_page else None


def _damaged(document: Document, detail: str) -> UnreadableAssetError:
    return UnreadableAssetError("kz.error.pdf-damaged", path=document.path, detail=detail)


# --- Geometry -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """How a page is displayed."""

    box: Box
    turn: int
    unit: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as displayed, in points."""
        left, bottom, right, top = self.box
        width, height = (right - left) * self.unit, (top - bottom) * self.unit
        return (width, height) if self.turn in (0, 180) else (height, width)

    def matrix(self, x: float, y: float, scale: float) -> tuple[float, ...]:
        """Return the matrix that puts an upright drawing on the page.

        The drawing's origin comes to `x`, `y` (displayed), its unit is `scale` points.
        """
        right, down = _TURNS[self.turn]
        horizontal, vertical = self._origin
        horizontal += (right[0] * x + down[0] * y) / self.unit
        vertical += (right[1] * x + down[1] * y) / self.unit
        size = scale / self.unit
        rows = (right[0] * size, right[1] * size, -down[0] * size, -down[1] * size)
        return (*rows, horizontal, vertical)

    @property
    def _origin(self) -> tuple[float, float]:
        """The displayed top left, in the page's own coordinates."""
        left, bottom, right, top = self.box
        return {0: (left, top), 90: (left, bottom), 180: (right, bottom), 270: (right, top)}[
            self.turn
        ]

    def displayed(self, box: Box) -> Box:
        """Return a rectangle of the page's own as displayed: left, top, right, bottom."""
        right, down = _TURNS[self.turn]
        x0, y0 = self._origin
        corners = [(box[0] - x0, box[1] - y0), (box[2] - x0, box[3] - y0)]
        across = sorted((right[0] * x + right[1] * y) * self.unit for x, y in corners)
        along = sorted((down[0] * x + down[1] * y) * self.unit for x, y in corners)
        return across[0], along[0], across[1], along[1]


def view_of(page: Page) -> View | None:
    """Return how the page is displayed; None where it has no area."""
    media = box_of(page.get("/MediaBox")) or LETTER
    crop = box_of(page.get("/CropBox")) or media
    left, bottom = map(max, zip(media[:2], crop[:2], strict=True))
    right, top = map(min, zip(media[2:], crop[2:], strict=True))
    if right <= left or top <= bottom:
        return None
    turn = page.get("/Rotate")
    quarter = int(turn) % 360 if isinstance(turn, int) else 0
    unit = resolved(page.entries, "/UserUnit")
    scale = float(unit) if isinstance(unit, (int, float)) and 0 < unit < _FARTHEST else 1.0
    return View((left, bottom, right, top), quarter if quarter in _TURNS else 0, scale)


def box_of(value: object) -> Box | None:
    """Return a rectangle with its corners in order; None where it is none."""
    if not isinstance(value, ArrayObject) or len(value) != 4:  # noqa: PLR2004  two corners
        return None
    numbers = [part.get_object() for part in value]
    sides = [float(part) for part in numbers if isinstance(part, (int, float))]
    if len(sides) < len(numbers) or not all(map(math.isfinite, sides)):
        return None
    if max(map(abs, sides)) > _FARTHEST:
        return None
    (left, right), (bottom, top) = sorted(sides[::2]), sorted(sides[1::2])
    return left, bottom, right, top
