"""A workbook's sheets, and where their cells lie on the screen (ECMA-376 part 1, 18).

A sheet is seen from its view's top-left cell on. Widths of columns are in characters of 7 pixels
and 5 pixels of padding, heights of rows in points.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._ooxml_office import local, related_id

if TYPE_CHECKING:
    from kzlabel.formats._ooxml_office import Office
    from kzlabel.formats._xml_splice import Element, Xml

SCREEN_WIDTH, SCREEN_HEIGHT = 1_100, 520
"""Pixels of cells that are seen at once on a small notebook, at 100 %."""
EMU = 9_525
"""A pixel."""
_WIDTH, USUAL_ROW = 64.0, 20.0
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_CELLS = tuple(
    f"{{{namespace}}}sheetData"
    for namespace in (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
)
ENOUGH = 60_000
"""Elements of a sheet that are read for its cells: a first screen has a few thousand."""
MAX_SHEETS = 1_000
_COLUMNS, _ROWS = 16_384, 1_048_576
_FAR = 1e6
"""Pixels: off any screen."""
MAX_AXIS = 300
"""Columns, or rows, over which positions are added up: a screen has fewer."""


@dataclass(frozen=True)
class Sheet:
    """One sheet as the workbook lists it."""

    name: str
    part: str
    is_cells: bool
    """A worksheet; charts have sheets of their own."""
    area: str = ""
    """The part of it that is printed, as the workbook names it; "" is all."""


@dataclass(frozen=True)
class Book:
    """The sheets that are seen, in order."""

    visible: tuple[Sheet, ...]
    active: Sheet | None
    """The one that is shown when the workbook is opened."""
    draws: bool
    """Whether it shows pictures and shapes at all."""


@dataclass(frozen=True)
class Cell:
    """A place: column and row from 0."""

    column: int
    row: int

    @classmethod
    def of(cls, reference: str) -> Cell | None:
        """Return the cell that `reference` ("B7") names."""
        found = _REFERENCE.fullmatch(reference)
        if not found:
            return None
        column = 0
        for letter in found[1].upper():
            column = column * 26 + ord(letter) - 64
        return cls(column - 1, int(found[2]) - 1)


@dataclass(frozen=True)
class Axis:
    """Columns or rows: how wide or high each is, in pixels; 0 is hidden."""

    sizes: dict[int, float]
    otherwise: float
    first: int
    """The first on the screen."""
    beyond: float
    """How long all those are over which positions are not added up."""

    def at(self, index: int) -> float:
        """Return where the column or row begins, in pixels from the screen's edge."""
        if index < self.first:
            return -1.0
        near = index - self.first
        return self._edges[near] if near <= MAX_AXIS else self._edges[-1] + _FAR

    @property
    def end(self) -> float:
        """Return where the last one ends that is not hidden."""
        return self._edges[-1] + self.beyond

    def edge_before(self, pixels: float) -> float:
        """Return the last edge of a column or row up to there."""
        if pixels > self._edges[-1]:
            return pixels
        return self._edges[bisect_right(self._edges, pixels) - 1]

    @cached_property
    def _edges(self) -> tuple[float, ...]:
        near = (self.size(index) for index in range(self.first, self.first + MAX_AXIS))
        return tuple(accumulate(near, initial=0.0))

    def size(self, index: int) -> float:
        """Return its width or height."""
        return self.sizes.get(index, self.otherwise)

    def under(self, pixels: float) -> tuple[int, float]:
        """Return which column or row lies there, and how far into it that is."""
        near = min(bisect_right(self._edges, pixels), MAX_AXIS) - 1
        return self.first + near, max(pixels - self._edges[near], 0.0)


@dataclass(frozen=True)
class Worksheet:
    """A worksheet, however many cells it has."""

    frame: Xml
    """All of it but the cells."""
    top: Xml
    """It from its beginning, to where enough of its cells are read."""

    def child(self, name: str) -> Element | None:
        """Return what the sheet has of that name, cells left out."""
        return next((e for e in self.frame.root.children if local(e.name) == name), None)


@dataclass(frozen=True)
class Grid:
    """A worksheet's columns and rows."""

    columns: Axis
    rows: Axis


def book_of(office: Office) -> Book:
    """Read which sheets there are; raises `UnreadableAssetError` where none is seen."""
    main = office.main
    root = office.xml(main).root
    related = {relation.id: relation for relation in office.relations(main)}
    listed = [
        sheet
        for group in root.children
        if local(group.name) == "sheets"
        for sheet in group.children
    ]
    visible: list[Sheet] = []
    by_index: list[Sheet | None] = []
    areas = _areas(root)
    for at, element in enumerate(listed[:MAX_SHEETS]):
        relation = related.get(related_id(element))
        shown = element.attributes.get("state", "visible") == "visible"
        sheet = None
        if relation and office.actual(relation.target) and shown:
            cells = relation.kind == "worksheet"
            name = element.attributes.get("name", "")
            sheet = Sheet(name, relation.target, cells, areas.get(str(at), ""))
            visible.append(sheet)
        by_index.append(sheet)
    if not visible:
        raise UnreadableAssetError("kz.error.package-damaged", path=office.path, detail=main)
    views = [
        view
        for group in root.children
        if local(group.name) == "bookViews"
        for view in group.children
    ]
    number = whole(views[0].attributes.get("activeTab", "0")) if views else 0
    active = by_index[number] if number < len(by_index) else None
    props = [e for e in root.children if local(e.name) == "workbookPr"]
    draws = not props or props[0].attributes.get("showObjects", "all") == "all"
    return Book(tuple(visible), active or visible[0], draws)


def _areas(root: Element) -> dict[str, str]:
    """Return what is printed of a sheet, by its number."""
    return {
        name.attributes.get("localSheetId", ""): name.text
        for group in root.children
        if local(group.name) == "definedNames"
        for name in group.children
        if name.attributes.get("name") == "_xlnm.Print_Area"
    }


def worksheet_of(office: Office, part: str) -> Worksheet:
    """Read a worksheet."""
    return Worksheet(office.xml(part, shallow=_CELLS), office.xml(part, enough=ENOUGH))


def grid_of(sheet: Xml) -> Grid:
    """Read a worksheet's columns and rows as they lie on the screen."""
    found = {local(element.name): element for element in reversed(list(sheet.root.children))}
    form = found["sheetFormatPr"].attributes if "sheetFormatPr" in found else {}
    first = _first(found.get("sheetViews"))
    widths, named, far = _widths(found.get("cols"), first.column + MAX_AXIS)
    heights = dict(_heights(found.get("sheetData")))
    row = real(form.get("defaultRowHeight", ""), USUAL_ROW * 0.75) / 0.75
    if form.get("zeroHeight", "0") in ("1", "true"):
        row = 0.0
    column_size = real(form.get("defaultColWidth", ""), 0.0)
    wide = _pixels(column_size) if column_size else _WIDTH
    low = [size for at, size in heights.items() if at >= first.row + MAX_AXIS]
    rest = max(_COLUMNS - first.column - MAX_AXIS - named, 0), max(_ROWS - first.row - MAX_AXIS, 0)
    return Grid(
        Axis(widths, wide, first.column, far + wide * rest[0]),
        Axis(heights, row, first.row, sum(low) + row * max(rest[1] - len(low), 0)),
    )


def _widths(held: Element | None, near: int) -> tuple[dict[int, float], int, float]:
    """Return the widths of the columns up to `near`, and of those after it how many, how wide."""
    widths: dict[int, float] = {}
    count, far = 0, 0.0
    for column in held.children if held is not None else ():
        said = column.attributes
        hidden = said.get("hidden", "0") in ("1", "true")
        wide = 0.0 if hidden else _pixels(real(said.get("width", ""), 9.14))
        start, end = whole(said.get("min", "1")) - 1, min(whole(said.get("max", "1")), _COLUMNS)
        widths |= dict.fromkeys(range(max(start, near - MAX_AXIS), min(end, near)), wide)
        after = max(end - max(start, near), 0)
        count, far = count + after, far + after * wide
    return widths, count, far if count <= _COLUMNS else 0.0


def _first(views: Element | None) -> Cell:
    """Return the cell at the top left of the screen; frozen panes keep it there."""
    view = next(views.children, None) if views is not None else None
    if view is None:
        return Cell(0, 0)
    return Cell.of(view.attributes.get("topLeftCell", "A1")) or Cell(0, 0)


def zoom_of(sheet: Xml) -> int:
    """Return at how many percent the sheet is shown."""
    views = [
        view for e in sheet.root.children if local(e.name) == "sheetViews" for view in e.children
    ]
    return whole(views[0].attributes.get("zoomScale", "100")) if views else 100


def _heights(cells: Element | None) -> Iterator[tuple[int, float]]:
    for row in cells.children if cells is not None else ():
        held = row.attributes
        index = whole(held.get("r", "0")) - 1
        if held.get("hidden", "0") in ("1", "true"):
            yield index, 0.0
        elif "ht" in held:
            yield index, real(held["ht"], USUAL_ROW * 0.75) / 0.75


def cells_of(held: Element | None) -> Iterator[tuple[Cell, Element]]:
    """Return the cells in `sheetData`; one that does not say where it is follows the one before."""
    row = -1
    for line in held.children if held is not None else ():
        row = whole(line.attributes.get("r", "")) - 1 if "r" in line.attributes else row + 1
        column = -1
        for item in line.children:
            cell = Cell.of(item.attributes.get("r", "")) or Cell(column + 1, row)
            column = cell.column
            yield cell, item


def _pixels(characters: float) -> float:
    return characters * 7 + 5 if characters > 0 else 0.0


def whole(text: str) -> int:
    """Return a number that is not negative; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004  32 bits


def real(text: str, otherwise: float) -> float:
    """Return a number of pixels, points or characters; `otherwise` for what is none."""
    try:
        found = float(text)
    except ValueError:
        return otherwise
    return found if 0 <= found < 10_000 else otherwise  # noqa: PLR2004  a screen, ten times
