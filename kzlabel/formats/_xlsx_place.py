"""Where a box lies on a worksheet, and where one is seen best (ECMA-376 part 1, 18.3.1 and 20.5).

Seen on the first screen, hiding no cell and no shape in use, and on the first page that is printed:
in that order. A sheet may end early: its columns and rows from some on are hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kzlabel.formats._box import Box
from kzlabel.formats._ooxml_drawn import part
from kzlabel.formats._ooxml_office import local
from kzlabel.formats._xlsx_book import EMU, SCREEN_HEIGHT, SCREEN_WIDTH, Cell, Grid, real, whole

if TYPE_CHECKING:
    from kzlabel.formats._xlsx_book import Axis, Worksheet
    from kzlabel.formats._xml_splice import Element

GAP = 8
"""Pixels between the box and what is beside it."""
_POINT, _INCH = 96 / 72, 96.0
_PAPERS = {
    "1": (612, 792), "3": (792, 1224), "5": (612, 1008), "8": (842, 1191), "9": (595, 842),
    "11": (420, 595),
}  # fmt: skip
_PAPER = (595, 792)
"""Points: of A4 and Letter the lesser sides, where nothing says which."""
_MARGINS = {"left": 0.7, "right": 0.7, "top": 0.75, "bottom": 0.75}
_ENDLESS = 1e6
_WIDER = (1.0, 1.24, 1.34)
"""Columns in other fonts."""
_MAX_TOPS = 60
_AREA = re.compile(r"!(\$?[A-Z]{1,3}\$?[0-9]{1,7}):(\$?[A-Z]{1,3}\$?[0-9]{1,7})")


def screen_of(grid: Grid) -> Box:
    """Return the part of the screen that the sheet fills."""
    return Box(0, 0, min(SCREEN_WIDTH, grid.columns.end), min(SCREEN_HEIGHT, grid.rows.end))


def box_of(anchor: Element, grid: Grid) -> Box:
    """Return where an anchor puts its shape."""
    start = _corner(part(anchor, "from"), grid)
    extent, place = part(anchor, "ext"), part(anchor, "pos")
    if place is not None:
        start = (_emu(place, "x"), _emu(place, "y"))
    if extent is not None:
        return Box(*start, _emu(extent, "cx"), _emu(extent, "cy"))
    end = _corner(part(anchor, "to"), grid)
    return Box(*start, end[0] - start[0], end[1] - start[1])


def is_folded(anchor: Element, grid: Grid) -> bool:
    """Whether the cell that a shape hangs on is hidden, and perhaps the shape with it."""
    cell = _cell(part(anchor, "from"))
    if cell is None or part(anchor, "pos") is not None:
        return False
    return not grid.columns.size(cell.column) or not grid.rows.size(cell.row)


def _cell(element: Element | None) -> Cell | None:
    if element is None:
        return None
    said = {local(e.name): whole(e.text.strip()) for e in element.children}
    return Cell(said.get("col", 0), said.get("row", 0))


def _emu(element: Element, name: str) -> float:
    text = element.attributes.get(name, "0")
    return int(text) / EMU if text.isascii() and text.isdigit() and len(text) < 12 else -1.0  # noqa: PLR2004  a screen


def _corner(element: Element | None, grid: Grid) -> tuple[float, float]:
    cell = _cell(element) or Cell(0, 0)
    said = (
        {local(e.name): whole(e.text.strip()) / EMU for e in element.children}
        if element is not None
        else {}
    )
    x, y = grid.columns.at(cell.column), grid.rows.at(cell.row)
    inside = min(said.get("colOff", 0), grid.columns.size(cell.column))
    down = min(said.get("rowOff", 0), grid.rows.size(cell.row))
    return x + (inside if x >= 0 else 0), y + (down if y >= 0 else 0)


# --- Printed --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """The part of a sheet that is printed first, where columns are wider by that much."""

    wider: float
    box: Box

    def holds(self, box: Box) -> bool:
        """Whether a box is printed on it as a whole; a box keeps its width."""
        at = Box(box.x * self.wider, box.y, box.w, box.h)
        page = self.box
        return Box(page.x * self.wider, page.y, page.w * self.wider, page.h).holds(at)


def first_pages(sheet: Worksheet, grid: Grid, area: str) -> tuple[Page, ...]:
    """Return what is printed first; `area` is what the workbook names, "" for all.

    Columns are as wide as digits in the workbook's font, or in the one that stands in for it.
    """
    if grid.columns.first or grid.rows.first:  # the screen does not show where pages begin
        return ()
    return tuple(Page(wider, _first_page(sheet, grid, area, wider)) for wider in _WIDER)


def _first_page(sheet: Worksheet, grid: Grid, area: str, wider: float) -> Box:
    wide, high = _paper(sheet)
    wide /= wider
    start, end = (0.0, 0.0), (grid.columns.end, grid.rows.end)
    found = _AREA.search(area)
    first, last = (Cell.of(found[1]), Cell.of(found[2])) if found else (None, None)
    if first and last:
        start = grid.columns.at(first.column), grid.rows.at(first.row)
        end = grid.columns.at(last.column + 1), grid.rows.at(last.row + 1)
    right = _cut(grid.columns, min(end[0], start[0] + wide), sheet.child("colBreaks"))
    bottom = _cut(grid.rows, min(end[1], start[1] + high), sheet.child("rowBreaks"))
    return Box(*start, right - start[0], bottom - start[1])


def _paper(sheet: Worksheet) -> tuple[float, float]:
    """Return how much of a sheet fits on a page, in its own pixels."""
    said, form = _said(sheet, "pageSetup"), sheet.child("sheetPr")
    fit = part(form, "pageSetUpPr")
    fitted = fit is not None and fit.attributes.get("fitToPage") in ("1", "true")
    margins = {name: real(_said(sheet, "pageMargins").get(name, ""), other)
               for name, other in _MARGINS.items()}  # fmt: skip
    short, long = _PAPERS.get(said.get("paperSize", ""), _PAPER)
    wide, high = (long, short) if said.get("orientation") == "landscape" else (short, long)
    scale = max(real(said.get("scale", ""), 100), 10) / 100
    sizes = (
        (wide * _POINT - (margins["left"] + margins["right"]) * _INCH) / scale,
        (high * _POINT - (margins["top"] + margins["bottom"]) * _INCH) / scale,
    )
    if not fitted:
        return sizes
    across, down = said.get("fitToWidth", "1") != "0", said.get("fitToHeight", "1") != "0"
    return _ENDLESS if across else sizes[0], _ENDLESS if down else sizes[1]


def _said(sheet: Worksheet, name: str) -> dict[str, str]:
    held = sheet.child(name)
    return dict(held.attributes) if held is not None else {}


def _cut(axis: Axis, end: float, breaks: Element | None) -> float:
    """Return where the first page ends: at a break, or at the last cell that fits."""
    for held in list(breaks.children)[:1] if breaks is not None else ():
        end = min(end, axis.at(whole(held.attributes.get("id", ""))) or end)
    return axis.edge_before(end)


# --- Chosen ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spot:
    """A place for the box, and what is amiss with it."""

    box: Box
    hidden: bool
    covered: float
    """Area of cells and shapes in use that it hides, in pixels."""
    unprinted: bool

    @property
    def flaws(self) -> tuple[str, ...]:
        """Return what is amiss, as codes of findings."""
        said = (("kz.notice.covers", self.covered > 0), ("kz.notice.unprinted", self.unprinted))
        return tuple(code for code, is_so in said if is_so)


@dataclass(frozen=True)
class Field:
    """A sheet to choose a place on."""

    used: Sequence[Box]
    """Cells and shapes in use."""
    screen: Box
    pages: Sequence[Page]
    """Where the first one printed ends, as far as that is known."""

    def best(self, wide: float, high: float) -> Spot:
        """Return the best place for a box of that size; of equals the first."""
        spots = [self._spot(Box(x, y, wide, high)) for x, y in self._places(wide, high)]
        return min(spots, key=rank)

    def _spot(self, box: Box) -> Spot:
        covered = sum(box.covers(used) * used.w * used.h for used in self.used)
        return Spot(
            box,
            not self.screen.holds(box),
            covered,
            not all(page.holds(box) for page in self.pages),
        )

    def _places(self, wide: float, high: float) -> Iterator[tuple[float, float]]:
        for y in self._tops:
            band = Box(0, y - GAP / 2, _ENDLESS, high + GAP)
            beside = [used.x + used.w for used in self.used if band.covers(used) > 0]
            yield max(beside, default=0.0) + GAP, y
            for page in self.pages:
                edge = page.box.x + page.box.w
                yield min(edge - wide / page.wider, self.screen.w - wide) - GAP, y
            yield self.screen.w - wide - 1, y

    @cached_property
    def _tops(self) -> list[float]:
        ends = {used.y + used.h for used in self.used if used.y + used.h < self.screen.h}
        below = max(ends, default=0.0)
        begin = {page.box.y for page in self.pages}
        rows = sorted({*begin, *ends} - {0.0, below})[:_MAX_TOPS]
        return [top + GAP for top in dict.fromkeys((0.0, below, *rows))]


def rank(spot: Spot) -> tuple[bool, bool, bool, float]:
    """Return how ill a place is, the gravest first."""
    share = spot.covered / (spot.box.w * spot.box.h)
    return spot.hidden, spot.covered > 0, spot.unprinted, round(share, 1)
