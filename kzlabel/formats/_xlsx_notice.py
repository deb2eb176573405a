"""The notice in a workbook: a text box on the sheet, so that no cell and no formula moves.

A row put in above the cells would shift every reference to them, also those of other workbooks and
of programs; a sheet put in first would be what programs then read. A header is not on the screen.
A text box is: it lies where the screen has no cells in use, right of them or below them, and over
the upper right ones where they fill it all; whoever minds can move it. `page`: on the first visible
sheet, and on the one that the workbook opens with; `pages`: on every visible sheet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._ooxml_office import R_STRICT, R, local, related_id
from kzlabel.formats._ooxml_shape import A_STRICT, A, shape, size_of, words_of
from kzlabel.formats._xlsx_book import (
    EMU,
    MAX_AXIS,
    SCREEN_HEIGHT,
    SCREEN_WIDTH,
    Cell,
    Grid,
    Sheet,
    book_of,
    cells_of,
    grid_of,
    worksheet_of,
)
from kzlabel.formats._xml_splice import Edit
from kzlabel.model import NoticeStyle

if TYPE_CHECKING:
    from kzlabel.formats._ooxml_office import Draft
    from kzlabel.formats._xml_splice import Xml
    from kzlabel.model import Notice

POINTS = 13.0
GAP = 8
"""Pixels between the box and what is beside it."""
XDR = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
XDR_STRICT = "http://purl.oclc.org/ooxml/drawingml/spreadsheetDrawing"
_DRAWING = "application/vnd.openxmlformats-officedocument.drawing+xml"
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_AFTER_DRAWING = frozenset(
    ("legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls",
     "webPublishItems", "tableParts", "extLst", "AlternateContent")
)  # fmt: skip


def put_notice(draft: Draft, notice: Notice, lines: tuple[str, ...]) -> int:
    """Put `lines` on the sheets; returns on how many."""
    book = book_of(draft.office)
    first = [book.visible[0], *([book.active] if book.active else [])]
    sheets = book.visible if notice.style is NoticeStyle.PAGES else tuple(dict.fromkeys(first))
    for sheet in sheets:
        if not sheet.is_cells:
            raise RefusedError("kz.error.office-place", path=draft.office.path, detail=sheet.name)
        _put(draft, sheet, notice.languages, lines)
    return len(sheets)


def _put(draft: Draft, sheet: Sheet, languages: tuple[str, ...], lines: tuple[str, ...]) -> None:
    worksheet = worksheet_of(draft.office, sheet.part)
    content = worksheet.frame
    strict = content.root.name.startswith(f"{{{_STRICT}}}")
    place = _place(worksheet.top, size_of(lines, POINTS))
    words = words_of("xdr", languages, lines, POINTS)
    drawing = worksheet.child("drawing")
    targets = {relation.id: relation.target for relation in draft.office.relations(sheet.part)}
    known = targets.get(related_id(drawing)) if drawing is not None else None
    if known is not None and draft.office.actual(known):
        held = draft.xml(known)
        number = 1 + max((_number(e.attributes.get("id", "")) for e in held.root.walk()), default=1)
        anchor = _anchor(place, number, words, strict=strict)
        draft.edit(known, held.closing(held.root, anchor.encode()))
        return
    if drawing is not None:
        raise RefusedError("kz.error.office-place", path=draft.office.path, detail=sheet.part)
    part = draft.free("xl/drawings/drawingKz", ".xml")
    namespaces = (
        f'xmlns:xdr="{XDR_STRICT if strict else XDR}" xmlns:a="{A_STRICT if strict else A}"'
    )
    draft.put(part, (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f"<xdr:wsDr {namespaces}>{_anchor(place, 2, words, strict=strict)}</xdr:wsDr>"
    ).encode())  # fmt: skip
    draft.declare(part, _DRAWING)
    identity = draft.relate(sheet.part, part, "drawing")
    draft.edit(sheet.part, _link(content, identity, strict=strict))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1  # noqa: PLR2004  32 bits


def _link(sheet: Xml, identity: str, *, strict: bool) -> Edit:
    """Return the edit that puts `<drawing>` where the sheet's sequence has it (18.3.1.99)."""
    namespace = sheet.root.name[1:].partition("}")[0]
    related = (R_STRICT if strict else R)[1:-1]
    link = f'<drawing xmlns="{namespace}" xmlns:r="{related}" r:id="{identity}"/>'.encode()
    after = next((e for e in sheet.root.children if local(e.name) in _AFTER_DRAWING), None)
    if after is None:
        return sheet.closing(sheet.root, link)
    return Edit(after.start, after.start, link)


def _anchor(
    place: tuple[Cell, int, int, int, int], number: int, words: str, *, strict: bool
) -> str:
    """Return the anchor: it stays at its cell, whatever becomes of the cells' sizes."""
    cell, x, y, wide, high = place
    box = shape("xdr", number, (0, 0, wide, high), words)
    namespaces = (
        f'xmlns:xdr="{XDR_STRICT if strict else XDR}" xmlns:a="{A_STRICT if strict else A}"'
    )
    return (
        f"<xdr:oneCellAnchor {namespaces}><xdr:from><xdr:col>{cell.column}</xdr:col>"
        f"<xdr:colOff>{x}</xdr:colOff><xdr:row>{cell.row}</xdr:row><xdr:rowOff>{y}</xdr:rowOff>"
        f'</xdr:from><xdr:ext cx="{wide}" cy="{high}"/>{box}<xdr:clientData/></xdr:oneCellAnchor>'
    )


def _place(sheet: Xml, size: tuple[int, int]) -> tuple[Cell, int, int, int, int]:
    """Return the cell, the offsets into it and the box's size (EMU) where it hides the least."""
    grid = grid_of(sheet)
    wide, high = (length / EMU for length in size)
    right, below, above = _used(sheet, grid, high)
    spot: tuple[float, float] = (SCREEN_WIDTH - wide - GAP, GAP)
    if not right:
        spot = (GAP, GAP)
    elif right + 2 * GAP + wide <= SCREEN_WIDTH:
        spot = (right + GAP, GAP)
    elif above >= high + 2 * GAP:
        spot = (GAP, GAP)
    elif below + 2 * GAP + high <= SCREEN_HEIGHT:
        spot = (GAP, below + GAP)
    (column, x), (row, y) = grid.columns.under(spot[0]), grid.rows.under(spot[1])
    return Cell(column, row), round(x * EMU), round(y * EMU), size[0], size[1]


def _used(sheet: Xml, grid: Grid, high: float) -> tuple[float, float, float]:
    """Return where, on the screen, cells in use end rightwards and downwards, and begin.

    Rightwards in the rows that the box would lie over.
    """
    right, below, above = 0.0, 0.0, float(SCREEN_HEIGHT)
    held = next((e for e in sheet.root.children if local(e.name) == "sheetData"), None)
    for cell, item in cells_of(held):
        if cell.row > grid.rows.first + MAX_AXIS:
            return right or 1.0, float(SCREEN_HEIGHT), above
        if not item.content:
            continue
        top = grid.rows.at(cell.row)
        below = max(below, top + grid.rows.size(cell.row))
        above = min(above, max(top, 0.0))
        if 0 <= top < high + 2 * GAP:
            right = max(right, grid.columns.at(cell.column) + grid.columns.size(cell.column))
    if not sheet.whole:
        below = float(SCREEN_HEIGHT)
    return (right or (1.0 if below else 0.0)), below, above
