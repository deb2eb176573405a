"""Spreadsheets (ODS): the notice is a text box over the first visible sheet, or over every one.

A row put in above would shift the cells that formulas and other workbooks name; a sheet put in
first would be what programs read then. A text box moves nothing: it lies right of the cells in use,
or below them, or over the upper right ones where they fill the screen. It stands in `table:shapes`,
so that it belongs to the sheet and to no cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._odf_document import CONTENT, STYLES
from kzlabel.formats._odf_flow import Flow
from kzlabel.formats._odf_grid import CM, MAX_ROWS, SCREEN, Cell, Grid, rows_of
from kzlabel.formats._odf_look import BURIED, HIDDEN, PERCEIVABLE, UNDETERMINED, Ground, worst
from kzlabel.formats._odf_names import attribute, declared, every, first, short
from kzlabel.formats._odf_plate import MARGIN, Plate, above, fitting, frame
from kzlabel.formats._odf_shapes import Box, Plane
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
_PRINTED = 17 * CM
"""Width of a printed page, A4 upright."""


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

    def noticed(self, lines: Mapping[str, str], *, every: bool) -> tuple[dict[str, bytes], int]:
        chosen = self._tables if every else self._opening
        if not chosen:
            raise RefusedError("kz.error.odf-no-page", path=self._document.path)
        wording = Wording(lines, self._styles, POINTS)
        plate = fitting(tuple(lines.values()), SCREEN, POINTS)
        edits = [self._with_box(at, wording, plate) for at in chosen]
        styles = wording.styles() + wording.box_style
        edits.append(with_styles(self._whole, styles.encode()))
        return {CONTENT: spliced(self._whole.content, edits)}, len(chosen)

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

    def _with_box(self, at: int, wording: Wording, plate: Plate) -> Edit:
        table, beginning = self._all[at], self._cut_short[at]
        box = _free(plate, Grid(beginning, self._styles).used)
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
            yield self._runs(self._cut_short[at])

    def _runs(self, table: Element) -> list[Run]:
        grid = Grid(table, self._styles)
        plane = Plane(SCREEN, Ground())
        for cell in grid.cells:
            shapes = [child for child in cell.element.children if _is_shape(child)]
            plane.add(shapes, self._styles, (cell.box.x, cell.box.y))
        holder = first(table, "table:shapes")
        plane.add(list(holder.children) if holder is not None else [], self._styles)
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


def _free(plate: Plate, used: Box) -> Box:
    """Return where the box hides no cell in use, on the first printed page if that can be.

    Where cells fill the screen it lies over the upper right ones of that page.
    """
    right = Box(used.w + MARGIN, MARGIN / 4, plate.w, plate.h)
    below = Box(MARGIN / 4, used.h + MARGIN, plate.w, plate.h)
    over = Box(_PRINTED - plate.w - MARGIN, MARGIN / 4, plate.w, plate.h)
    if right.x + right.w < _PRINTED:
        return right
    if below.y + below.h < SCREEN.h:
        return below
    return right if right.x + right.w < SCREEN.w else over


def _is_conditional(table: Element) -> str:
    formats = first(table, "calcext:conditional-formats")
    return PERCEIVABLE if formats is None else UNDETERMINED


def _is_shape(element: Element) -> bool:
    return short(element.name).startswith(("draw:", "dr3d:"))
