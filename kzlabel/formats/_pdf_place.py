"""The emptiest place of a page's top and bottom margins, seen on a small rendering by pdfium."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from pypdf.generic import (  # noqa: TID253  imported lazily, with its border
    ArrayObject,
    DictionaryObject,
)

from kzlabel.formats._pdf_file import Document, resolved
from kzlabel.formats._pdf_judge_places import Box
from kzlabel.formats._pdf_page import box_of
from kzlabel.formats._pdfium import opened
from kzlabel.model import Corner, NoticeStyle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel.formats._pdf_page import Page, View
    from kzlabel.formats._pdf_plate import Plate
    from kzlabel.model import Notice, Region

_SIDE = 320
"""Pixels of the rendering's shorter side: lines of text show, letters need not."""
_STEPS = (1, 2, 3, 4)
"""Distances from the edge, in margins."""
_EDGE = 24
"""Difference of neighbouring pixels, of 255, that is something."""
_MOST_NOTES = 2000
"""Annotations of the page that are kept clear of."""
_FREE = 0.015
"""Share of such pixels up to which a place is free: specks, a thin line."""
_ROWS = 48
"""Heights that are tried inside a page."""
_OCCUPIED = 1.0
"""Added for an annotation, which is drawn over all, and for a notice that is there already."""

Place = tuple[float, float]
"""Left and top of the plate, in points as displayed."""


class Spot(NamedTuple):
    """Where the plate goes, and how much lies there already: 0 for a place that is free."""

    place: Place
    plate: Plate
    weight: float

    @property
    def covers(self) -> bool:
        """Whether it covers something of the page."""
        return self.weight > _FREE


def place_of(
    document: Document, page: Page, view: View, plates: Sequence[Plate], notice: Notice
) -> Spot:
    """Return where the plate goes on the first page: top left before others, among the emptiest.

    With a corner in the notice: there, as near as what lies there allows. `plates` are tried in
    turn: where a large one would cover something, a smaller one may find a free place; on a page
    of its own also one that is not at the edge.
    """
    taken = [*_notes(page, view), *_taken(notice.avoid, view)]
    edges = _Edges(document)

    def spot_of(place: Place, plate: Plate) -> Spot:
        spot = _box(place, plate)
        weight = edges(spot, view) + _OCCUPIED * sum(_overlap(spot, box) for box in taken)
        return Spot(place, plate, weight)

    best = [
        min((spot_of(place, plate) for place in _candidates(view, plate, notice.corner)), key=_ill)
        for plate in plates
    ]
    inside = notice.corner is None and notice.style is NoticeStyle.PAGE
    inner = (
        spot_of(place, plate) for plate in plates if inside for place in _anywhere(view, plate)
    )
    free = next((spot for spot in chain(best, inner) if not spot.covers), None)
    return free or best[0]


def covers(document: Document, page: int, view: View, plate: Plate, place: Place) -> bool:
    """Whether a plate there covers something of a page, counted from 0."""
    return _Edges(document, page)(_box(place, plate), view) > _FREE


def _box(place: Place, plate: Plate) -> Box:
    return Box(*place, place[0] + plate.size[0], place[1] + plate.size[1])


def _ill(spot: Spot) -> float:
    return spot.weight


def _anywhere(view: View, plate: Plate) -> Iterator[Place]:
    """Yield places inside the page, from above."""
    width, height = view.size
    margin, (wide, high) = plate.margin, plate.size
    for row in range(_ROWS + 1):
        y = margin + (height - 2 * margin - high) * row / _ROWS
        for x in (margin, (width - wide) / 2, width - margin - wide):
            yield x, y


def _candidates(view: View, plate: Plate, corner: Corner | None) -> Iterator[Place]:
    width, height = view.size
    margin, (wide, high) = plate.margin, plate.size
    across = {"left": margin, "right": width - margin - wide, "": (width - wide) / 2}
    for step in _STEPS:
        along = {"top": margin * step, "bottom": height - margin * step - high}
        for row, y in along.items():
            for column, x in across.items():
                if corner is None or corner.value == f"{row}-{column}":
                    yield x, y


def _notes(page: Page, view: View) -> Iterator[Box]:
    """Yield where annotations lie."""
    notes = page.get("/Annots")
    for note in islice(notes, _MOST_NOTES) if isinstance(notes, ArrayObject) else ():
        held: object = note.get_object()
        box = box_of(resolved(held, "/Rect")) if isinstance(held, DictionaryObject) else None
        if box is not None:
            yield Box(*view.displayed(box))


def _taken(regions: Sequence[Region], view: View) -> Iterator[Box]:
    width, height = view.size
    for region in regions:
        left, top = region.x * width, region.y * height
        yield Box(left, top, left + region.w * width, top + region.h * height)


def _overlap(one: Box, other: Box) -> float:
    """Return 0 where they do not touch, more than 1 where they do, and more for more."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    if wide <= 0 or high <= 0:
        return 0.0
    return 1.0 + wide * high / (one.width * one.height)


class _Edges:
    """How much there is in a part of the page."""

    def __init__(self, document: Document, number: int = 0) -> None:
        import numpy as np

        with opened(document.path, document.password) as drawn, drawn.page(number) as page:
            width, height = page.size
            whole = Box(0, 0, width, height)
            picture = page.picture(whole, _SIDE / min(width, height))
        levels = np.asarray(picture.image.convert("L"), np.int16)
        steps = np.zeros(levels.shape, bool)
        steps[:, 1:] |= abs(np.diff(levels, axis=1)) > _EDGE
        steps[1:] |= abs(np.diff(levels, axis=0)) > _EDGE
        self._steps, self._size = steps, picture.image.size

    def __call__(self, spot: Box, view: View) -> float:
        """Return the share of pixels of `spot` that differ from their neighbours."""
        columns, rows = self._size
        width, height = view.size
        left, right = int(spot.left / width * columns), int(spot.right / width * columns) + 1
        top, bottom = int(spot.top / height * rows), int(spot.bottom / height * rows) + 1
        part = self._steps[max(0, top) : bottom, max(0, left) : right]
        return float(part.mean()) if part.size else 1.0
