"""Spreadsheets (ODS): the notice is a text box over the first visible sheet, or over every one.

A row put in above would shift the cells that formulas and other workbooks name; a sheet put in
first would be what programs read then. A text box moves nothing: it lies right of the cells in use,
or below them, or over the upper right ones where they fill the screen. It stands in `table:shapes`,
so that it belongs to the sheet and to no cell.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._box import Box
from kzlabel.formats._odf_document import CONTENT, STYLES
from kzlabel.formats._odf_flow import Flow
from kzlabel.formats._odf_grid import CM, MAX_ROWS, SCREEN, Cell, Grid, rows_of, shown_of
from kzlabel.formats._odf_look import BURIED, HIDDEN, PERCEIVABLE, UNDETERMINED, Ground, worst
from kzlabel.formats._odf_names import attribute, declared, every, first, short
from kzlabel.formats._odf_plate import MARGIN, Plate, above, fitting, frame, placed
from kzlabel.formats._odf_room import Noticed
from kzlabel.formats._odf_shapes import Plane
from kzlabel.formats._odf_styles import first as first_of
from kzlabel.formats._odf_styles import styles_of
from kzlabel.formats._odf_words import Wording, with_styles
from kzlabel.formats._xml_splice import Edit, Xml, spliced
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from kzlabel.formats._odf_document import Document
    from kzlabel.formats._xml_splice import Element

SEEN_AT_ONCE = 5000
"""Characters: the first screen of a sheet is seen as a whole."""
POINTS = 12.0
_ACTIVE, _SETTINGS = "ActiveTable", "settings.xml"
_BEFORE_SHAPES = (
    "table:title", "table:desc", "table:table-source", "office:dde-source", "table:scenario",
    "office:forms",
)  # fmt: skip
_LETTER = 5.0
"""Points that a letter takes at least, in cells that cut off what does not fit."""
_MAX_PAIRS = 100_000
"""Cells by shapes: where there are more, a shape may lie over any cell."""
_PRINTED = Box(0, 0, 17 * CM, 24 * CM)
"""What is printed on a page, A4 upright."""
_LEAST, _NARROW = 9.0, 20
"""Points, and characters a row, on a narrow sheet."""
_ALL_OF_IT = 0.999
_AREA = re.compile(r"\.\$?([A-Z]{1,3})\$?([0-9]{1,7}):[^:]{0,99}?\.\$?([A-Z]{1,3})\$?([0-9]{1,7})")


class Sheets:
    """What is particular to spreadsheets."""

    first = SEEN_AT_ONCE

    def __init__(self, document: Document) -> None:
        self._document = document
        self._sheet = document.part(STYLES)
        self._whole = document.part(CONTENT, shallow=("table:table-row",))
        self._beginning = self._cut(self._whole)
        self._styles = styles_of(self._beginning.root, self._sheet.root)
        self._all = self._named(self._whole)
        self._cut_short = self._named(self._beginning)
        self._tables = [at for at, table in enumerate(self._all) if self._is_shown(table)]
        self._empty_formats = frozenset(self._formats())

    def _cut(self, whole: Xml) -> Xml:
        """Return the content with no more than the first rows of each table."""
        edits = [
            Edit(row.start, row.end, b"")
            for table in self._named(whole)
            for row in list(rows_of(table))[MAX_ROWS:]
        ]
        return self._document.parsed(CONTENT, spliced(whole.content, edits))

    def _named(self, content: Xml) -> list[Element]:
        body = first(content.root, "office:body", "office:spreadsheet")
        if body is None:
            detail = "office:spreadsheet"
            raise UnreadableAssetError(
                "kz.error.odf-damaged", path=self._document.path, detail=detail
            )
        return list(every(body, "table:table"))

    def _is_shown(self, table: Element) -> bool:
        levels = self._styles.levels("table", attribute(table, "table:style-name"), "table")
        return first_of(levels, "table:display") != "false"

    # --- Written ----------------------------------------------------------------------------------

    def noticed(self, lines: Mapping[str, str], *, every: bool) -> Noticed:
        chosen = self._tables if every else self._opening
        if not chosen:
            raise RefusedError("kz.error.odf-no-page", path=self._document.path)
        said = tuple(lines.values())
        plates = [self._fitted(at, said) for at in chosen]
        points = min(plate.points for plate in plates)
        wording = Wording(lines, self._styles, points)
        places = [self._placed(at, plate) for at, plate in zip(chosen, plates, strict=True)]
        edits = [
            self._with_box(at, wording, box) for at, (box, _) in zip(chosen, places, strict=True)
        ]
        flaws = tuple(dict.fromkeys(flaw for _, some in places for flaw in some))
        styles = wording.styles() + wording.box_style
        edits.append(with_styles(self._whole, styles.encode()))
        return Noticed({CONTENT: spliced(self._whole.content, edits)}, len(chosen), flaws)

    @property
    def _opening(self) -> list[int]:
        """The first visible sheet, and the one the file opens with."""
        opened = self._opened()
        active = [at for at in self._tables if opened == attribute(self._all[at], "table:name")]
        return list(dict.fromkeys([*self._tables[:1], *active]))

    def _opened(self) -> str:
        if _SETTINGS not in self._document.package:
            return ""
        settings = self._document.part(_SETTINGS)
        return next((e.text for e in settings.root.walk() if _ACTIVE in e.attributes.values()), "")

    def _screen(self, at: int) -> Box:
        """Return what the screen shows of a sheet, whose columns and rows may end early."""
        shown = shown_of(self._all[at], self._styles)
        return Box(0, 0, min(SCREEN.w, shown.w), min(SCREEN.h, shown.h))

    def _fitted(self, at: int, lines: tuple[str, ...]) -> Plate:
        """Return the box for a sheet; where that is narrow, its lines break."""
        screen = self._screen(at)
        rows = tuple(row for line in lines for row in textwrap.wrap(line, _NARROW))
        plates = (fitting(lines, screen, POINTS), fitting(rows, screen, POINTS))
        found = next((p for p in plates if p.points >= _LEAST and p.h < screen.h), None)
        if found is None:
            path, name = self._document.path, attribute(self._all[at], "table:name")
            raise RefusedError("kz.error.office-narrow", path=path, detail=name)
        return found

    def _placed(self, at: int, plate: Plate) -> tuple[Box, tuple[str, ...]]:
        """Return where the box goes, and what is amiss with that."""
        beginning = self._cut_short[at]
        grid, screen = Grid(beginning, self._styles), self._screen(at)
        used = [cell.box for cell in grid.cells if cell.code == PERCEIVABLE]
        used += self._plane(at, grid).boxes
        printed = _printed(self._all[at], grid)
        box, hides = _free(plate, used, screen, printed)
        said = (
            ("kz.notice.covers", hides), ("kz.notice.unprinted", box.shared(printed) < _ALL_OF_IT),
        )  # fmt: skip
        return box, tuple(code for code, is_so in said if is_so)

    def _plane(self, at: int, grid: Grid) -> Plane:
        """Return the shapes of a sheet."""
        plane, table = Plane(self._screen(at), Ground()), self._cut_short[at]
        for cell in grid.cells:
            shapes = [child for child in cell.element.children if _is_shape(child)]
            plane.add(shapes, self._styles, (cell.box.x, cell.box.y))
        holder = first(table, "table:shapes")
        plane.add(list(holder.children) if holder is not None else [], self._styles)
        return plane

    def _with_box(self, at: int, wording: Wording, box: Box) -> Edit:
        table, beginning = self._all[at], self._cut_short[at]
        text = frame(wording, box, above(beginning))
        shapes = first(table, "table:shapes")
        if shapes is not None:
            return self._whole.closing(shapes, text)
        whole = f"<table:shapes{declared('table')}>".encode() + text + b"</table:shapes>"
        after = next((c for c in table.children if short(c.name) not in _BEFORE_SHAPES), None)
        if after is None:
            return self._whole.closing(table, whole)
        return Edit(after.start, after.start, whole)

    # --- Read -------------------------------------------------------------------------------------

    def pages(self, *, every: bool) -> Iterator[Sequence[Run]]:
        for at in self._tables if every else self._tables[:1]:
            yield self._runs(at)

    def _runs(self, at: int) -> list[Run]:
        table = self._cut_short[at]
        grid = Grid(table, self._styles)
        plane = self._plane(at, grid)
        flow = Flow(self._styles, shapes_apart=True)
        doubts = _is_conditional(table)
        over = Plane(SCREEN, Ground()) if len(grid.cells) * plane.count > _MAX_PAIRS else plane
        over.is_restless = over.is_restless or over is not plane
        for cell in grid.cells:
            code = worst(cell.code, doubts, over.over(cell.box), self._code(cell, table))
            flow.cell(cell.element, Ground().but(code), cell.style)
        return [*plane.runs(), *flow.runs]

    def _code(self, cell: Cell, table: Element) -> str:
        """Say what a cell's place, format and protection make of what is in it."""
        if cell.box.x > SCREEN.w or cell.box.y > SCREEN.h:
            return BURIED
        levels = self._styles.levels("table-cell", cell.style, "table-cell")
        protection = first_of(levels, "style:cell-protect")
        if attribute(table, "table:protected") == "true" and "hidden" in protection:
            return HIDDEN
        if self._is_unformatted(cell.style):
            return HIDDEN
        wide = len(cell.element.text) * _LETTER > cell.box.w
        wraps = first_of(levels, "fo:wrap-option") == "wrap"
        shrinks = first_of(levels, "style:shrink-to-fit") == "true"
        cut = wide and cell.has_neighbour and not wraps
        return UNDETERMINED if cut or shrinks else PERCEIVABLE

    def _is_unformatted(self, style: str) -> bool:
        """Whether the format shows nothing of a text: `;;;` and its like."""
        name = self._styles.attribute("table-cell", style, "style:data-style-name")
        return name in self._empty_formats

    def _formats(self) -> Iterator[str]:
        """Return the names of formats that leave texts out."""
        for root in (self._beginning.root, self._sheet.root):
            for holder in every(root, "office:automatic-styles", "office:styles"):
                for text in every(holder, "number:text-style"):
                    if not any(every(text, "number:text-content")):
                        yield attribute(text, "style:name")


def _free(plate: Plate, used: Sequence[Box], screen: Box, printed: Box) -> tuple[Box, bool]:
    """Return where the box hides the least, on the first printed page if that can be.

    And whether it hides something even so: where cells fill the screen it lies over them.
    """
    top = [box for box in used if box.y < plate.h + MARGIN]
    right = Box(max((b.x + b.w for b in top), default=0.0) + MARGIN, MARGIN / 4, plate.w, plate.h)
    low = max((box.y + box.h for box in used), default=0.0)
    below = Box(MARGIN / 4, low + MARGIN, plate.w, plate.h)
    page = Box(
        printed.x, printed.y,
        min(printed.x + printed.w, screen.w) - printed.x,
        min(printed.y + printed.h, screen.h) - printed.y,
    )  # fmt: skip
    for part, box in ((page, right), (page, below), (screen, right), (screen, below)):
        if box.shared(part) > _ALL_OF_IT and not any(box.shared(other) for other in used):
            return box, False
    fits = page.w > plate.w + 2 * MARGIN and page.h > plate.h + 2 * MARGIN
    found = placed(plate, page, used, ()) if fits else None
    if found and not found[1]:
        return found
    anywhere = placed(plate, screen, used, ())
    return anywhere if found is None or not anywhere[1] else found


def _printed(table: Element, grid: Grid) -> Box:
    """Return the part of a sheet that is printed first."""
    if attribute(table, "table:print") == "false":
        return Box(0, 0, 0, 0)
    found = _AREA.search(attribute(table, "table:print-ranges"))
    if not found:
        return _PRINTED
    x, y = grid.corner(_column(found[1]), int(found[2]) - 1)
    right, low = grid.corner(_column(found[3]) + 1, int(found[4]))
    return Box(x, y, min(right - x, _PRINTED.w), min(low - y, _PRINTED.h))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _is_conditional(table: Element) -> str:
    formats = first(table, "calcext:conditional-formats")
    return PERCEIVABLE if formats is None else UNDETERMINED


def _is_shape(element: Element) -> bool:
    return short(element.name).startswith(("draw:", "dr3d:"))
