"""What people see of a workbook: of each visible sheet the cells and shapes of its first screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    Book,
    Cell,
    Grid,
    Sheet,
    Worksheet,
    book_of,
    cells_of,
    grid_of,
    worksheet_of,
    zoom_of,
)
from kzlabel.formats._xlsx_cells import Looks, looks_of
from kzlabel.formats._xlsx_place import Box, box_of, is_folded
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
_LEAST_ROW = 8
_SEEN, _WHOLE = 0.5, 0.999
"""Parts of a shape on the sheet: less is off it; in between is in doubt."""
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
    listed = [
        (cell, item)
        for cell, item in cells_of(held)
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
            yield _cell(grid, cell, looks.runs(item), beside=beside, doubts=doubts)


def _cell(grid: Grid, cell: Cell, runs: list[Run], *, beside: bool, doubts: bool) -> Piece:
    """Return a cell's words where they lie; they run over into empty cells beside it."""
    wide, high = grid.columns.size(cell.column), grid.rows.size(cell.row)
    long = sum(len(run.text) for run in runs) * _LETTER
    box = Box(
        grid.columns.at(cell.column), grid.rows.at(cell.row),
        wide if beside else max(wide, min(long, SCREEN_WIDTH)), high,
    )  # fmt: skip
    codes = [_on_screen(Box(box.x, box.y, min(wide, 40), high))]
    if not wide or high < _LEAST_ROW:
        codes.append(HIDDEN)
    if (beside and long > wide) or doubts:
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
