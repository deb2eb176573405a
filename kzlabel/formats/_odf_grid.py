"""The first screen of a sheet (part 3, 9): its columns and rows, where its cells lie.

Lengths are points. Widths and heights are those the file states, else LibreOffice's defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.formats._box import Box
from kzlabel.formats._odf_look import HIDDEN, PERCEIVABLE
from kzlabel.formats._odf_names import attribute, short
from kzlabel.formats._odf_styles import first, points

if TYPE_CHECKING:
    from kzlabel.formats._odf_styles import Styles
    from kzlabel.formats._xml_splice import Element

CM = 72 / 2.54
SCREEN = Box(0, 0, 28 * CM, 13 * CM)
"""What a small laptop shows of a sheet when it is opened."""
MAX_ROWS, MAX_COLUMNS = 100, 200
_ALL_COLUMNS, _ALL_ROWS = 1_024, 65_536
"""A file that names so many names all: what comes after the last of them is not shown."""
_ENDLESS = 1e6
_WIDTH, _HEIGHT = 2.258 * CM, 0.452 * CM
_COLUMN_GROUPS = ("table:table-columns", "table:table-header-columns", "table:table-column-group")
_ROW_GROUPS = ("table:table-rows", "table:table-header-rows", "table:table-row-group")
_DIGITS = 7
_SLIM = 3.0
"""A column or row not wider than that shows no letter."""


@dataclass(frozen=True)
class Track:
    """A column or a row, or several that are alike."""

    element: Element | None
    """None beyond those that the file names."""
    start: float
    size: float
    """0 where it is folded away."""
    shown: bool


@dataclass(frozen=True)
class Cell:
    """A cell with something in it."""

    element: Element
    box: Box
    style: str
    code: str
    has_neighbour: bool
    """Whether the cell to its right would cut off what does not fit."""


class Grid:
    """The beginning of a table."""

    def __init__(self, table: Element, styles: Styles) -> None:
        self._styles = styles
        self._columns = list(self._tracks(table, "table:table-column", _COLUMN_GROUPS))
        self._rows = list(self._tracks(table, "table:table-row", _ROW_GROUPS))
        self.cells = tuple(self._cells())

    def corner(self, column: int, row: int) -> tuple[float, float]:
        """Return where a cell begins, both counted from 0."""
        last = self._rows[-1] if self._rows else Track(None, 0.0, 0.0, shown=True)
        below = last.start + last.size + (row - len(self._rows)) * _HEIGHT
        return self._column(column).start, (
            self._rows[row].start if row < len(self._rows) else below
        )

    def _tracks(self, table: Element, name: str, groups: tuple[str, ...]) -> Iterator[Track]:
        kind = name.removeprefix("table:")
        limit = MAX_COLUMNS if kind == "table-column" else MAX_ROWS
        at, count = 0.0, 0
        for element, folded in _flat(table, name, groups):
            size = _size(element, self._styles, kind)
            shown = not folded and attribute(element, "table:visibility", "visible") == "visible"
            repeated = _repeated(element, f"table:number-{kind.removeprefix('table-')}s-repeated")
            for _ in range(min(repeated, limit - count)):
                yield Track(element, at, size if shown else 0.0, shown and size > _SLIM)
                at += size if shown else 0.0
                count += 1
            if count >= limit:
                return

    def _cells(self) -> Iterator[Cell]:
        former: Element | None = None
        for row in self._rows:
            if row.element is not None and row.element is not former:  # of those alike the first
                yield from self._cells_of(row, list(_placed(row.element)))
            former = row.element

    def _cells_of(self, row: Track, held: list[tuple[int, Element]]) -> Iterator[Cell]:
        filled = {at for at, cell in held if cell.content}
        for at, cell in held:
            if not cell.content:
                continue
            column = self._column(at)
            shown = row.shown and column.shown and short(cell.name) == "table:table-cell"
            yield Cell(
                element=cell,
                box=Box(column.start, row.start, column.size, row.size),
                style=self._style(cell, row, column),
                code=PERCEIVABLE if shown else HIDDEN,
                has_neighbour=at + 1 in filled,
            )

    def _column(self, at: int) -> Track:
        if at < len(self._columns):
            return self._columns[at]
        end = self._columns[-1].start + self._columns[-1].size if self._columns else 0.0
        return Track(None, end + (at - len(self._columns)) * _WIDTH, _WIDTH, shown=True)

    def _style(self, cell: Element, row: Track, column: Track) -> str:
        name = "table:default-cell-style-name"
        own = attribute(cell, "table:style-name")
        tracks = [track.element for track in (row, column) if track.element is not None]
        return own or next(filter(None, (attribute(track, name) for track in tracks)), "")


def _size(element: Element, styles: Styles, kind: str) -> float:
    side, default = ("width", _WIDTH) if kind == "table-column" else ("height", _HEIGHT)
    levels = styles.levels(kind, attribute(element, "table:style-name"), kind)
    stated = points(first(levels, f"style:{kind.removeprefix('table-')}-{side}"))
    return default if stated is None else stated


def shown_of(table: Element, styles: Styles) -> Box:
    """Return how far a sheet reaches until all columns, or all rows, are folded away."""
    names = (("table:table-column", _COLUMN_GROUPS, _ALL_COLUMNS),
             ("table:table-row", _ROW_GROUPS, _ALL_ROWS))  # fmt: skip
    wide, high = (_reach(table, styles, *name) for name in names)
    return Box(0, 0, wide, high)


def _reach(
    table: Element, styles: Styles, name: str, groups: tuple[str, ...], everything: int
) -> float:
    kind = name.removeprefix("table:")
    count, length = 0, 0.0
    for element, folded in _flat(table, name, groups):
        repeated = _repeated(element, f"table:number-{kind.removeprefix('table-')}s-repeated")
        count += repeated
        if not folded and attribute(element, "table:visibility", "visible") == "visible":
            length += repeated * _size(element, styles, kind)
    return length if count >= everything else _ENDLESS


def rows_of(table: Element) -> Iterator[Element]:
    """Return all rows of a table, in whatever group."""
    return (row for row, _ in _flat(table, "table:table-row", _ROW_GROUPS))


def _flat(table: Element, name: str, groups: tuple[str, ...]) -> Iterator[tuple[Element, bool]]:
    """Return the columns or rows of a table, and whether a group around them is folded."""
    waiting = [(child, False) for child in reversed(list(table.children))]
    while waiting:
        element, folded = waiting.pop()
        kind = short(element.name)
        if kind == name:
            yield element, folded
        elif kind in groups:
            inside = folded or attribute(element, "table:display") == "false"
            waiting += [(child, inside) for child in reversed(list(element.children))]


def _placed(row: Element) -> Iterator[tuple[int, Element]]:
    """Return the cells of a row with their columns; of those that are repeated the first."""
    at = 0
    for cell in row.children:
        if short(cell.name) in ("table:table-cell", "table:covered-table-cell"):
            yield at, cell
            at += _repeated(cell, "table:number-columns-repeated")
        if at >= MAX_COLUMNS:
            return


def _repeated(element: Element, name: str) -> int:
    said = attribute(element, name, "1")
    return int(said) if said.isdecimal() and len(said) <= _DIGITS and int(said) > 0 else 1
