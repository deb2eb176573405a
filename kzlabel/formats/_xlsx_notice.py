"""The notice in a workbook: a text box on the sheet, so that no cell and no formula moves.

A row put in above the cells would shift every reference to them, also those of other workbooks and
of programs; a sheet put in first would be what programs then read. A header is not on the screen.
A text box is: it lies where the screen has no cells and no shapes in use, on the first printed page
if that can be, and over them where they fill it all; whoever minds can move it. `page`: on the
first visible sheet, and on the one that the workbook opens with; `pages`: on every visible sheet.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._box import Box
from kzlabel.formats._ooxml_drawn import part
from kzlabel.formats._ooxml_office import R_STRICT, R, local, related_id
from kzlabel.formats._ooxml_room import Given
from kzlabel.formats._ooxml_shape import A_STRICT, A, shape, size_of, words_of
from kzlabel.formats._xlsx_book import (
    EMU,
    SCREEN_HEIGHT,
    SCREEN_WIDTH,
    Cell,
    Grid,
    Sheet,
    book_of,
    cells_of,
    grid_of,
    worksheet_of,
    zoom_of,
)
from kzlabel.formats._xlsx_cells import looks_of
from kzlabel.formats._xlsx_judge import LEAST_ZOOM, MAX_SHAPES, drawing_of
from kzlabel.formats._xlsx_place import Field, box_of, first_pages, rank, screen_of
from kzlabel.formats._xml_splice import Edit
from kzlabel.model import NoticeStyle

if TYPE_CHECKING:
    from kzlabel.formats._ooxml_office import Draft, Office
    from kzlabel.formats._xlsx_book import Worksheet
    from kzlabel.formats._xml_splice import Xml
    from kzlabel.model import Notice

POINTS = 13.0
_LEAST = 10.0
"""Points, where there is little room."""
_ROW, _NARROW = 22, 14
"""Characters a row, likewise."""
_LETTER = 7
"""Pixels, about."""
XDR = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
XDR_STRICT = "http://purl.oclc.org/ooxml/drawingml/spreadsheetDrawing"
_DRAWING = "application/vnd.openxmlformats-officedocument.drawing+xml"
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_AFTER_DRAWING = frozenset(
    ("legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls",
     "webPublishItems", "tableParts", "extLst", "AlternateContent")
)  # fmt: skip


@dataclass(frozen=True)
class _Chosen:
    form: _Form
    place: tuple[Cell, int, int, int, int]
    flaws: tuple[str, ...]


def put_notice(draft: Draft, notice: Notice, lines: tuple[str, ...]) -> Given:
    """Put `lines` on the sheets."""
    book = book_of(draft.office)
    first = [book.visible[0], *([book.active] if book.active else [])]
    sheets = book.visible if notice.style is NoticeStyle.PAGES else tuple(dict.fromkeys(first))
    flaws: list[str] = []
    for sheet in sheets:
        if not sheet.is_cells:
            raise RefusedError("kz.error.office-place", path=draft.office.path, detail=sheet.name)
        flaws += _put(draft, sheet, notice.languages, lines)
    return Given(len(sheets), tuple(dict.fromkeys(flaws)))


def _put(
    draft: Draft, sheet: Sheet, languages: tuple[str, ...], lines: tuple[str, ...]
) -> tuple[str, ...]:
    worksheet = worksheet_of(draft.office, sheet.part)
    chosen = _chosen(draft, sheet, worksheet, lines)
    form = chosen.form
    words = words_of("xdr", languages, lines, form.points, wraps=form.wraps)
    _draw(draft, sheet, worksheet, chosen.place, words)
    return chosen.flaws


def _draw(
    draft: Draft,
    sheet: Sheet,
    worksheet: Worksheet,
    place: tuple[Cell, int, int, int, int],
    words: str,
) -> None:
    content = worksheet.frame
    strict = content.root.name.startswith(f"{{{_STRICT}}}")
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


@dataclass(frozen=True)
class _Form:
    """A way to set the words."""

    points: float
    rows: tuple[str, ...]
    wraps: bool = False

    @property
    def size(self) -> tuple[int, int]:
        return size_of(self.rows, self.points)


def _forms(lines: tuple[str, ...]) -> tuple[_Form, ...]:
    """Return the ways to set the words, the best first."""
    rows, short = (
        tuple(row for line in lines for row in textwrap.wrap(line, most))
        for most in (_ROW, _NARROW)
    )
    large = _Form(POINTS, lines), _Form(POINTS, rows, wraps=True)
    return *large, _Form(_LEAST, lines), _Form(_LEAST, short, wraps=True)


def _chosen(draft: Draft, sheet: Sheet, held: Worksheet, lines: tuple[str, ...]) -> _Chosen:
    """Return how the words are set, and where they are seen, hide least and are printed.

    Raises `RefusedError` where no place of the sheet shows them.
    """
    zoom, path = zoom_of(held.top), draft.office.path
    if zoom < LEAST_ZOOM:
        raise RefusedError("kz.error.office-zoom", path=path, detail=sheet.name, value=zoom)
    grid = grid_of(held.top)
    field = Field(
        [*_used(draft.office, held, grid), *_drawn(draft.office, sheet, held, grid)],
        screen_of(grid),
        first_pages(held, grid, sheet.area),
    )
    found = [(form, field.best(*(n / EMU for n in form.size))) for form in _forms(lines)]
    form, spot = min(found, key=lambda pair: rank(pair[1]))
    if spot.hidden:
        raise RefusedError("kz.error.office-narrow", path=path, detail=sheet.name)
    (column, x), (row, y) = grid.columns.under(spot.box.x), grid.rows.under(spot.box.y)
    place = Cell(column, row), round(x * EMU), round(y * EMU), *form.size
    return _Chosen(form, place, spot.flaws)


def _used(office: Office, sheet: Worksheet, grid: Grid) -> Iterator[Box]:
    """Return where cells in use lie on the screen; words run over into empty cells beside them."""
    looks = looks_of(office)
    held = part(sheet.top.root, "sheetData")
    filled = [(cell, item) for cell, item in cells_of(held) if item.content]
    following = [*(cell for cell, _ in filled[1:]), None]
    for (cell, item), after in zip(filled, following, strict=False):
        x, y = grid.columns.at(cell.column), grid.rows.at(cell.row)
        wide, high = grid.columns.size(cell.column), grid.rows.size(cell.row)
        if not (0 <= x < SCREEN_WIDTH and 0 <= y < SCREEN_HEIGHT and wide and high):
            continue
        if after != Cell(cell.column + 1, cell.row):
            long = max((len(text) for text, _ in looks.texts(item)), default=0) * _LETTER
            wide = max(wide, min(long, SCREEN_WIDTH) if item.attributes.get("t") else 0)
        yield Box(x, y, wide, high)
    if not sheet.top.whole:  # the rows that were not read
        ends = [grid.rows.at(cell.row) for cell, _ in filled[-1:]]
        yield Box(0, ends[0] if ends else 0, SCREEN_WIDTH, SCREEN_HEIGHT)


def _drawn(office: Office, sheet: Sheet, held: Worksheet, grid: Grid) -> Iterator[Box]:
    """Return where shapes lie."""
    drawing = drawing_of(office, sheet, held)
    anchors = list(office.xml(drawing).root.children)[:MAX_SHAPES] if drawing else []
    yield from (box_of(anchor, grid) for anchor in anchors)
