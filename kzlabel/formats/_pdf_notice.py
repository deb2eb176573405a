"""A notice on the first page, or on every page: one drawing, drawn last on each.

    page content: q | the page's own streams | what closes them | /Artifact … BDC q cm Do Q EMC

The words are an artifact (ISO 32000-2, 14.8.2.2): in a tagged document nothing of the structure
changes, and none of it is left untagged. Screen readers pass artifacts over; the metadata says the
same to them. The words are text all the same: they are found, copied and extracted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pypdf.generic import (  # noqa: TID253  imported lazily, with its border
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
    StreamObject,
)

from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats._pdf_content import BrokenContentError, ending_of, without
from kzlabel.formats._pdf_file import Document, opened_to_append, resolved
from kzlabel.formats._pdf_page import MOST_PAGES, Page, View, pages_of, view_of
from kzlabel.formats._pdf_place import Place, covers, place_of
from kzlabel.formats._pdf_plate import Drawings, Plate, plate_for, plates_for
from kzlabel.formats._pdf_tags import packet_of
from kzlabel.formats._pdf_update import Update
from kzlabel.model import Notice, NoticeStyle, Placement, Region
from kzlabel.notices._text import FONT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_CONTENT = 64 * 1024 * 1024
"""Unpacked bytes of one page's content."""
_LOOKED_AT = 100
"""Pages that are drawn to see whether the notice covers something there."""
_DRAWING = "/KzlabelNotice"


def give(src: Path, dst: Path, notice: Notice) -> Placement:
    """Copy `src` to `dst` with the notice; see `Format.write_notice`."""
    with opened_to_append(src) as document:
        packet_of(document)  # the place is found on a rendering: no bombs for pdfium
        update = Update(document)
        stamp = _Stamp(update, notice)
        pages = pages_of(document)
        first = next(pages, None)
        if first is None:
            raise UnreadableAssetError("kz.error.pdf-no-pages", path=src)
        placement = stamp.first(first)
        if notice.style is NoticeStyle.PAGES:
            for page in _bounded(src, pages):
                stamp.put(page)
        update.write(dst)
    return _counted(placement, stamp)


def _bounded(path: Path, pages: Iterator[Page]) -> Iterator[Page]:
    for count, page in enumerate(pages, 2):
        if count > MOST_PAGES:
            raise LimitError("kz.error.pdf-pages", path=path, limit=MOST_PAGES)
        yield page


def _counted(placement: Placement, stamp: _Stamp) -> Placement:
    import msgspec

    flaws = ("kz.notice.covers",) if stamp.covers else ()
    return msgspec.structs.replace(placement, pages=stamp.count, flaws=flaws)


class _Stamp:
    """Puts the notice on pages of one document."""

    def __init__(self, update: Update, notice: Notice) -> None:
        self.count = 0
        self._document: Document = update.document
        self._update = update
        self._notice = notice
        self._drawings = Drawings(update, notice)
        self._saving: PdfObject | None = None
        self._corner = (0.0, 0.0)
        self.covers = False

    def first(self, page: Page) -> Placement:
        """Put it where the first page is emptiest; the others get it at the same place."""
        view, _ = self._fitted(page)
        plates = plates_for(self._notice, view.size, view.unit)
        spot = place_of(self._document, page, view, plates, self._notice)
        (x, y), plate = spot.place, spot.plate
        self.covers = spot.covers
        self._draw(page, view, plate, (x, y))
        (width, height), (wide, high) = view.size, plate.size
        # Where it lies between the edges, as a share of what is free: other pages may be larger.
        self._corner = _share(x, width - wide), _share(y, height - high)
        return Placement(
            statement=self._notice.statement,
            style=self._notice.style,
            languages=self._notice.languages,
            lines=plate.lines,
            font=FONT,
            font_size=plate.em,
            width=round(width),
            height=round(height),
            region=Region(x=x / width, y=y / height, w=wide / width, h=high / height),
        )

    def put(self, page: Page) -> None:
        """Put it on another page."""
        view, plate = self._fitted(page)
        (width, height), (wide, high) = view.size, plate.size
        place = self._corner[0] * (width - wide), self._corner[1] * (height - high)
        if not self.covers and self.count < _LOOKED_AT:
            self.covers = covers(self._document, self.count, view, plate, place)
        self._draw(page, view, plate, place)

    def _fitted(self, page: Page) -> tuple[View, Plate]:
        view = view_of(page)
        plate = plate_for(self._notice, view.size, view.unit) if view else None
        if view is None or plate is None:
            said = "{:.0f} x {:.0f}".format(*(view.size if view else (0, 0)))
            number = self.count + 1
            raise RefusedError(
                "kz.error.pdf-small", path=self._document.path, page=number, detail=said
            )
        return view, plate

    def _draw(self, page: Page, view: View, plate: Plate, place: Place) -> None:
        self.count += 1
        entries = DictionaryObject(page.entries)
        resources, name = self._with_drawing(page, plate)
        entries[NameObject("/Resources")] = resources
        # The drawing stands on its lower edge, places are counted from above.
        matrix = view.matrix(place[0], place[1] + plate.size[1], plate.scale)
        entries[NameObject("/Contents")] = self._contents(
            page, _artifact(matrix, name, place, view)
        )
        self._update.replace(page.reference, entries)

    def _with_drawing(self, page: Page, plate: Plate) -> tuple[DictionaryObject, str]:
        resources = _copy(page.get("/Resources"))
        drawings = _copy(resolved(resources, "/XObject"))
        name = _DRAWING
        while name in drawings:
            name += "_"
        drawings[NameObject(name)] = self._drawings.of(plate)
        resources[NameObject("/XObject")] = drawings
        return resources, name

    def _contents(self, page: Page, drawing: bytes) -> ArrayObject:
        streams = list(_streams(page))
        content = self._unpacked(streams)
        try:
            ending = ending_of(content)
        except BrokenContentError as exc:
            path, number = self._document.path, self.count
            raise RefusedError("kz.error.pdf-content", path=path, page=number, detail=exc) from exc
        if ending.surplus:
            streams = [self._update.add(_packed(without(content, ending.surplus)))]
        self._saving = self._saving or self._update.add(_packed(b"q\n"))
        after = self._update.add(_packed(b"\n" + ending.closing + b"Q\n" + drawing))
        return ArrayObject([self._saving, *streams, after])

    def _unpacked(self, streams: list[PdfObject]) -> bytes:
        parts, size = [], 0
        for stream in streams:
            held = stream.get_object()
            if isinstance(held, StreamObject):
                parts.append(held.get_data())
                size += len(parts[-1])
            if size > MOST_CONTENT:
                path, detail = self._document.path, f"page {self.count}: {size} bytes"
                raise LimitError("kz.error.pdf-limit", path=path, detail=detail)
        return b"\n".join(parts)


def _copy(held: object) -> DictionaryObject:
    return DictionaryObject(held) if isinstance(held, DictionaryObject) else DictionaryObject()


def _share(value: float, whole: float) -> float:
    return value / whole if whole > 0 else 0.0


def _streams(page: Page) -> Iterator[PdfObject]:
    """Yield references to the page's content streams."""
    held = page.entries.raw_get("/Contents") if "/Contents" in page.entries else None
    value = held.get_object() if held is not None else None
    if isinstance(value, ArrayObject):
        yield from (part for part in value if isinstance(part, IndirectObject))
    elif isinstance(held, IndirectObject) and isinstance(value, StreamObject):
        yield held


def _packed(content: bytes) -> StreamObject:
    stream = DecodedStreamObject()
    stream.set_data(content)
    return stream.flate_encode() if len(content) > _WORTH_PACKING else stream


_WORTH_PACKING = 256


def _artifact(matrix: tuple[float, ...], name: str, place: Place, view: View) -> bytes:
    edge = "Top" if place[1] < view.size[1] / 2 else "Bottom"
    kind = "Header" if edge == "Top" else "Footer"
    figures = " ".join(f"{figure:.6f}".rstrip("0").rstrip(".") for figure in matrix)
    said = f"/Artifact <</Type /Pagination /Subtype /{kind} /Attached [/{edge}]>> BDC"
    return f"{said}\nq {figures} cm {name} Do Q\nEMC\n".encode("ascii")
