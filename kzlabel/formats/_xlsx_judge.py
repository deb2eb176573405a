"""What people see of a workbook: of each visible sheet the cells and shapes of its first screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from kzlabel.formats._box import Box
from kzlabel.formats._ooxml_drawn import Scheme, fills, part, runs_of
from kzlabel.formats._ooxml_ink import (
    BURIED,
    COVERED,
    HIDDEN,
    PERCEIVABLE,
    UNDETERMINED,
    worst,
)
from kzlabel.formats._ooxml_office import local, related_id
from kzlabel.formats._ooxml_room import Looked
from kzlabel.formats._xlsx_book import (
    ENOUGH,
    MAX_AXIS,
    SCREEN_HEIGHT,
    SCREEN_WIDTH,
    USUAL_ROW,
    Book,
    Cell,
    Grid,
    Sheet,
    Worksheet,
    book_of,
    cells_of,
    grid_of,
    whole,
    worksheet_of,
    zoom_of,
)
from kzlabel.formats._xlsx_cells import Layout, Looks, looks_of
from kzlabel.formats._xlsx_place import box_of, is_folded
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from kzlabel.formats._ooxml_office import Office
    from kzlabel.formats._xml_splice import Element
    from kzlabel.model import NoticeStyle

FIRST = 20_000
"""Characters that may stand before a notice: a screen of cells is seen at once."""
_MOST_COVERED = 0.25
_LETTER = 7
"""Pixels."""
_PLAIN_POINTS, _PIXELS = 11.0, 1.3
"""Points of type, and how many pixels high a line is by a point of it."""
_LEAST_ROW, _LEAST_WRAPPED = 8, 80
_SEEN, _WHOLE = 0.5, 0.999
"""Parts of a shape on the sheet: less is off it; in between is in doubt."""
MAX_MERGES = 1_000
MAX_SHAPES = 400
"""Of a sheet, weighed against its cells and one another; on more no notice is judged."""
_IN_ANCHOR = 8
"""Of an anchor: it holds one shape, and the place of it."""
LEAST_ZOOM = 60
"""Percent."""


@dataclass(frozen=True)
class Piece:
    """Words at a place of the screen."""

    box: Box
    runs: tuple[Run, ...]
    code: str
    """What its place makes of them."""


def pages_of(office: Office, style: NoticeStyle) -> Looked:  # noqa: ARG001  the same for all
    """Return the sheets, the one that the workbook opens with first."""
    book = book_of(office)
    sheets = tuple(dict.fromkeys(filter(None, (book.active, *book.visible))))
    return Looked(_pages(office, book, sheets), FIRST)


def _pages(office: Office, book: Book, sheets: Sequence[Sheet]) -> Iterator[list[Run]]:
    looks = looks_of(office)
    for sheet in sheets:
        yield _page(office, book, sheet, looks) if sheet.is_cells else []


def _page(office: Office, book: Book, sheet: Sheet, looks: Looks) -> list[Run]:
    held = worksheet_of(office, sheet.part)
    grid = grid_of(held.top)
    drawn = list(_drawn(office, drawing_of(office, sheet, held), grid, looks, draws=book.draws))
    pieces = [*_cells(held, grid, looks), *(piece for piece, _ in drawn)]
    zoomed = UNDETERMINED if zoom_of(held.top) < LEAST_ZOOM else PERCEIVABLE
    codes = [*[0] * (len(pieces) - len(drawn)), *range(1, len(drawn) + 1)]
    return [
        Run(run.text, worst(run.code, code), measures=run.measures)
        for at, piece in sorted(
            zip(codes, pieces, strict=True), key=lambda p: (p[1].box.y, p[1].box.x)
        )
        for code in [
            worst(piece.code, zoomed, _cover(piece, [b for b, opaque in drawn[at:] if opaque]))
        ]
        for run in piece.runs
    ]


def _cover(piece: Piece, later: list[Piece]) -> str:
    """Judge what lies over a piece: shapes come after cells, and after earlier shapes."""
    covered = max((other.box.covers(piece.box) for other in later), default=0.0)
    if covered <= 0:
        return PERCEIVABLE
    return COVERED if covered > _MOST_COVERED else UNDETERMINED


def _on_screen(box: Box) -> str:
    if box.x < 0 or box.y < 0 or box.x > SCREEN_WIDTH or box.y > SCREEN_HEIGHT:
        return BURIED
    whole_ = box.x + box.w <= SCREEN_WIDTH + 1 and box.y + box.h <= SCREEN_HEIGHT + 1
    return PERCEIVABLE if whole_ else UNDETERMINED


def _on_sheet(box: Box, grid: Grid) -> str:
    """Judge a shape where the sheet ends early: nobody sees what lies beyond."""
    wide, high = (min(size, 1e6) for size in (grid.columns.end, grid.rows.end))
    shown = Box(0, 0, wide + 1, high + 1).covers(box)
    return PERCEIVABLE if shown > _WHOLE else UNDETERMINED if shown > _SEEN else HIDDEN


# --- Cells ----------------------------------------------------------------------------------------


def _cells(sheet: Worksheet, grid: Grid, looks: Looks) -> Iterator[Piece]:
    held = part(sheet.top.root, "sheetData")
    doubts = sheet.child("conditionalFormatting") is not None  # conditions decide on some looks
    doubts |= any(e.attributes.get("showFormulas", "0") not in ("0", "false")
                  or e.attributes.get("rightToLeft", "0") not in ("0", "false")
                  for e in _views(sheet))  # fmt: skip
    placed = list(cells_of(held))
    doubts |= not _in_order(held, [cell for cell, _ in placed])
    merged = merges_of(sheet)
    listed = [
        (cell, item)
        for cell, item in placed
        if item.content and cell.row <= grid.rows.first + MAX_AXIS
    ]
    following = [*(cell for cell, _ in listed[1:]), Cell(-1, -1)][: len(listed)]
    for (cell, item), after in zip(listed, following, strict=True):
        corner = Box(grid.columns.at(cell.column), grid.rows.at(cell.row), 0, 0)
        if _on_screen(corner) == BURIED:  # only to tell a notice there from none
            texts = (text for text, _ in looks.texts(item))
            yield Piece(corner, tuple(Run(f"{text}\n", BURIED) for text in texts), BURIED)
        else:
            beside = after == Cell(cell.column + 1, cell.row)
            piece = _cell(grid, cell, looks.runs(item), looks.layout(item), beside=beside)
            codes = [UNDETERMINED if doubts else PERCEIVABLE, _merged(merged, cell)]
            yield replace(piece, code=worst(piece.code, *codes))


def _views(sheet: Worksheet) -> list[Element]:
    held = sheet.child("sheetViews")
    return list(held.children) if held is not None else []


def merges_of(sheet: Worksheet) -> list[tuple[Cell, Cell]]:
    """Return the first and last of cells that are merged."""
    held = sheet.child("mergeCells")
    found = []
    for element in list(held.children)[:MAX_MERGES] if held is not None else ():
        first, _, last = element.attributes.get("ref", "").partition(":")
        ends = Cell.of(first), Cell.of(last)
        if ends[0] is not None and ends[1] is not None:
            found.append((ends[0], ends[1]))
    return found


def _in_order(held: Element | None, cells: Sequence[Cell]) -> bool:
    """Whether each row and each cell comes once: of two, programs take one or the other."""
    rows = [whole(e.attributes.get("r", "0")) for e in (held.children if held is not None else ())]
    numbered = [row for row in rows if row]
    at = [(cell.row, cell.column) for cell in cells]
    rising = all(above < below for above, below in pairwise(numbered))
    return rising and all(before < after for before, after in pairwise(at))


def _merged(merged: Sequence[tuple[Cell, Cell]], cell: Cell) -> str:
    """Judge a cell by those it is merged with: only the first of them is shown."""
    for first, last in merged:
        inside = first.column <= cell.column <= last.column and first.row <= cell.row <= last.row
        if inside:
            return UNDETERMINED if cell == first else HIDDEN
    return PERCEIVABLE


def _cell(grid: Grid, cell: Cell, runs: list[Run], layout: Layout, *, beside: bool) -> Piece:
    """Return a cell's words where they lie; they run over into empty cells beside it."""
    wide, high = grid.columns.size(cell.column), grid.rows.size(cell.row)
    points = max((run.measures["em_points"] for run in runs), default=_PLAIN_POINTS)
    text = "".join(run.text for run in runs)
    letter = _LETTER * max(points / _PLAIN_POINTS, 1.0)
    long = len(text) * letter
    own = not layout.left or layout.wraps  # the words stay in the cell, or may run out to the left
    box = Box(
        grid.columns.at(cell.column), grid.rows.at(cell.row),
        wide if beside or own else max(wide, min(long, SCREEN_WIDTH)), high,
    )  # fmt: skip
    codes = [_on_screen(Box(box.x, box.y, wide if own else min(wide, 40), high))]
    if not wide or high < _LEAST_ROW:
        codes.append(HIDDEN)
    across = max(wide - _LETTER, 1.0) if layout.wraps else long + 1
    lines = sum(max(ceil(len(line) * letter / across), 1) for line in text.split("\n"))
    tall = lines * points * _PIXELS
    fixed = cell.row in grid.rows.sizes or grid.rows.otherwise != USUAL_ROW
    cut = tall > (high if fixed else SCREEN_HEIGHT)
    if cut or ((beside or not layout.left) and not layout.wraps and long > wide):
        codes.append(UNDETERMINED)
    if layout.wraps and wide < _LEAST_WRAPPED:
        codes.append(UNDETERMINED)
    return Piece(box, (*runs, Run("\n", worst(*codes))), worst(*codes))


# --- Shapes ---------------------------------------------------------------------------------------


def drawing_of(office: Office, sheet: Sheet, held: Worksheet) -> str:
    """Return the part that draws the sheet's shapes, or ""."""
    link = held.child("drawing")
    targets = {relation.id: relation.target for relation in office.relations(sheet.part)}
    target = targets.get(related_id(link), "") if link is not None else ""
    return target if office.actual(target) else ""


def _drawn(
    office: Office, target: str, grid: Grid, looks: Looks, *, draws: bool
) -> Iterator[tuple[Piece, bool]]:
    """Return the sheet's shapes in their order, and whether each hides what is behind it."""
    if not target:
        return
    scheme = Scheme(looks.theme, None, 11.0)
    drawing = office.xml(target, enough=ENOUGH)
    anchors = list(drawing.root.children)
    many = not drawing.whole or len(anchors) > MAX_SHAPES
    for anchor in anchors[:MAX_SHAPES]:
        box, folded = box_of(anchor, grid), is_folded(anchor, grid)
        for shape in list(anchor.children)[:_IN_ANCHOR]:
            kind = local(shape.name)
            if kind not in ("sp", "pic", "graphicFrame", "grpSp", "AlternateContent"):
                continue
            code = worst(_on_screen(box), _on_sheet(box, grid)) if draws else HIDDEN
            if many or folded:
                code = worst(code, UNDETERMINED)
            if box.w <= 0 or box.h <= 0:
                code = HIDDEN
            runs = _words(shape, scheme, code)
            yield Piece(box, tuple(runs), code), fills(shape, scheme)


def _words(shape: Element, scheme: Scheme, code: str) -> Iterator[Run]:
    """Return a shape's words; in groups and alternatives nobody says how they are placed."""
    if local(shape.name) == "sp":
        yield from runs_of(shape, scheme, None, code)
        return
    for inner in list(shape.walk())[:1000]:
        if local(inner.name) == "sp":
            yield from runs_of(inner, scheme, None, worst(code, UNDETERMINED))
