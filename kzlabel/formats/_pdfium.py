"""The border of pypdfium2: pages as they are displayed, their characters, their pixels.

ISO 32000-2; https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/. All places are in
points of the displayed page (its crop box, turned by /Rotate): x to the right, y down, from its
upper left corner. A point is what the page calls one: pdfium does not tell /UserUnit.

Nothing of the document is run: these builds have neither JavaScript nor XFA. pdfium is one library
for the whole process and knows no threads, so a document is held under a lock; everything is closed
in the order that pdfium asks for, as it does not look after that itself.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from threading import RLock
from typing import TYPE_CHECKING

from pypdfium2 import raw  # noqa: TID253  loaded with the first PDF that is drawn

from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError
from kzlabel.formats._pdf_judge_places import Box, Frame, Glyph, Picture, Raster

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

MAX_CHARACTERS = 200_000
"""On one page; a page of a newspaper has 20,000."""
MAX_OBJECTS = 50_000
"""On one page, of those that are gone through one by one; a map has more, but few words."""
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_one_document_at_a_time = RLock()


@dataclass(frozen=True)
class Page:
    """A page that is open."""

    path: Path
    number: int
    """From 0."""
    handle: object
    forms: object
    stack: ExitStack
    """Closes what is opened on the page."""

    @cached_property
    def size(self) -> tuple[float, float]:
        """Width and height as displayed, in points."""
        width = float(raw.FPDF_GetPageWidthF(self.handle))
        height = float(raw.FPDF_GetPageHeightF(self.handle))
        if not (isfinite(width) and isfinite(height) and width > 0 < height):
            raise _unreadable(self.path, f"page {self.number + 1}: {width} x {height} points")
        return width, height

    @cached_property
    def frame(self) -> Frame:
        """How its user space is displayed."""
        box = raw.FS_RECTF()
        if not raw.FPDF_GetPageBoundingBox(self.handle, box):
            raise _unreadable(self.path, f"page {self.number + 1}: no box")
        quarters = max(0, raw.FPDFPage_GetRotation(self.handle)) % 4
        return Frame(box.left, box.bottom, box.right, box.top, quarters)

    @cached_property
    def _words(self) -> object:
        handle = raw.FPDFText_LoadPage(self.handle)
        if not handle:
            raise _unreadable(self.path, f"page {self.number + 1}: no text")
        self.stack.callback(raw.FPDFText_ClosePage, handle)
        return handle

    @cached_property
    def text(self) -> str:
        """Its characters in pdfium's order; one outside the first plane is two U+FFFD.

        Words in annotations and in form fields are not among them. Raises `LimitError`.
        """
        count = max(0, raw.FPDFText_CountChars(self._words))
        if count > MAX_CHARACTERS:
            raise LimitError(
                "kz.error.pdf-characters", path=self.path, found=count, limit=MAX_CHARACTERS
            )
        # What pdfium makes up (line ends, blanks) is counted; room for a pair each and the NUL.
        units = (ctypes.c_ushort * (2 * count + 2))()
        written = raw.FPDFText_GetText(self._words, 0, count, units) if count else 0
        text = bytes(units)[: 2 * max(0, written - 1)].decode("utf-16-le", "replace")
        return _ASTRAL.sub("\ufffd\ufffd", text)

    def glyphs(self, start: int, end: int) -> list[Glyph]:
        """Return what stands on the page for `text[start:end]`; what stands nowhere is left out."""
        get = raw.FPDFText_GetCharIndexFromTextIndex
        indexes = ((get(self._words, at), self.text[at]) for at in range(start, end))
        found = (self._glyph(index, letter) for index, letter in indexes if index >= 0)
        return [glyph for glyph in found if glyph is not None]

    def _glyph(self, index: int, character: str) -> Glyph | None:
        handle = self._words
        x, y = ctypes.c_double(), ctypes.c_double()
        sides = [ctypes.c_double() for _ in range(4)]
        matrix = raw.FS_MATRIX()
        known = (
            raw.FPDFText_GetCharOrigin(handle, index, x, y)
            and raw.FPDFText_GetCharBox(handle, index, *sides)
            and raw.FPDFText_GetMatrix(handle, index, matrix)
        )
        em = float(raw.FPDFText_GetFontSize(handle, index))
        left, right, bottom, top = (side.value for side in sides)
        cells = (matrix.a, matrix.b, matrix.c, matrix.d)
        figures = (x.value, y.value, left, right, bottom, top, em, *cells)
        if not known or not all(map(isfinite, figures)):
            return None
        drawn = raw.FPDFText_GetTextObject(handle, index)
        return Glyph(
            character=character,
            origin=self.frame.place(x.value, y.value),
            box=self.frame.box(left, bottom, right, top),
            across=self.frame.vector(matrix.a * em, matrix.b * em),
            up=self.frame.vector(matrix.c * em, matrix.d * em),
            ink=_address(drawn),
        )

    @contextmanager
    def without(self, objects: Iterable[int]) -> Iterator[None]:
        """Draw the page without these text objects inside this block (`Glyph.ink`)."""
        handles = [ctypes.cast(one, raw.FPDF_PAGEOBJECT) for one in objects if one]
        try:
            for handle in handles:
                raw.FPDFPageObj_SetIsActive(handle, False)
            yield
        finally:
            for handle in handles:
                raw.FPDFPageObj_SetIsActive(handle, True)

    def text_objects(self) -> set[int]:
        """Return the text objects of the page (as `Glyph.ink`), those inside of forms too.

        Where there are more than `MAX_OBJECTS` of any kind, those on top are looked at.
        """
        found: set[int] = set()
        holders = [(self.handle, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject)]
        room = MAX_OBJECTS
        while holders and room > 0:
            holder, count, get = holders.pop()
            objects = [get(holder, at) for at in range(count(holder) - 1, -1, -1)[:room]]
            room -= len(objects)
            for one in objects:
                kind = raw.FPDFPageObj_GetType(one)
                if kind == raw.FPDF_PAGEOBJ_FORM:
                    holders.append((one, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject))
                elif kind == raw.FPDF_PAGEOBJ_TEXT:
                    found.add(_address(one))
        return found

    def picture(self, area: Box, scale: float) -> Picture:
        """Draw `area` with `scale` pixels to a point, annotations and form fields included.

        What of it lies outside the page is left out; it is drawn smaller where it would have more
        than `MAX_PIXELS`. Raises `UnreadableAssetError` where nothing of it lies on the page.
        """
        raster = Raster.of(self.size, area, scale)
        if raster is None:
            raise _unreadable(self.path, f"page {self.number + 1}: nothing to be drawn")
        left, top = raster.left / raster.scale[0], raster.top / raster.scale[1]
        return Picture(self._drawn(raster), left, top, raster.scale)

    def _drawn(self, raster: Raster) -> Image:
        from PIL import Image

        (width, height), row = raster.size, raster.size[0] * 4
        pixels = ctypes.create_string_buffer(row * height)
        bitmap = raw.FPDFBitmap_CreateEx(width, height, raw.FPDFBitmap_BGRx, pixels, row)
        if not bitmap:
            raise _unreadable(self.path, f"page {self.number + 1}: no picture")
        try:
            raw.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
            place = (self.handle, -raster.left, -raster.top, *raster.canvas, 0, raw.FPDF_ANNOT)
            raw.FPDF_RenderPageBitmap(bitmap, *place)
            if self.forms:
                raw.FPDF_FFLDraw(self.forms, bitmap, *place)
        finally:
            raw.FPDFBitmap_Destroy(bitmap)
        return Image.frombytes("RGB", raster.size, pixels.raw, "raw", "BGRX", row)


@dataclass(frozen=True)
class Document:
    """A document that is open."""

    path: Path
    handle: object
    forms: object

    @cached_property
    def pages(self) -> int:
        """How many pages it has."""
        return max(0, int(raw.FPDF_GetPageCount(self.handle)))

    @cached_property
    def is_form(self) -> bool:
        """Whether viewers that know XFA show a form in place of its pages."""
        return bool(raw.FPDF_GetFormType(self.handle) == raw.FORMTYPE_XFA_FULL)

    @contextmanager
    def page(self, number: int) -> Iterator[Page]:
        """Open a page, from 0. Raises `UnreadableAssetError`."""
        handle = raw.FPDF_LoadPage(self.handle, number)
        if not handle:
            raise _unreadable(self.path, f"page {number + 1}: error {raw.FPDF_GetLastError()}")
        with ExitStack() as stack:
            stack.callback(raw.FPDF_ClosePage, handle)
            if self.forms:
                raw.FORM_OnAfterLoadPage(handle, self.forms)
                stack.callback(raw.FORM_OnBeforeClosePage, handle, self.forms)
            yield Page(self.path, number, handle, self.forms, stack)


@contextmanager
def opened(
    path: Path, password: str | Callable[[Path], str | None] | None = None
) -> Iterator[Document]:
    """Open the PDF at `path`; who knows its password is asked only where it needs one.

    Raises `RefusedError` where it needs a password and this is none of its own,
    `UnreadableAssetError` where it is damaged beyond repair, and `OSError`.
    """
    with path.open("rb"):  # says in the system's words what is wrong with it
        name = os.fsencode(path)
    with _one_document_at_a_time, ExitStack() as stack:
        handle = raw.FPDF_LoadDocument(name, None)
        if not handle and raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD and password:
            secret = password if isinstance(password, str) else password(path) or ""
            handle = raw.FPDF_LoadDocument(name, secret.encode("utf-8", "surrogateescape"))
        if not handle:
            raise _not_opened(path, raw.FPDF_GetLastError())
        stack.callback(raw.FPDF_CloseDocument, handle)
        yield Document(path, handle, _forms_of(handle, stack))


def _forms_of(document: object, stack: ExitStack) -> object:
    """Return what draws the fields of a form; None where there is none."""
    if raw.FPDF_GetFormType(document) == raw.FORMTYPE_NONE:
        return None
    # Version 2 has no host for JavaScript; pdfium reads it as long as the form is there.
    config = raw.FPDF_FORMFILLINFO(version=2)
    forms = raw.FPDFDOC_InitFormFillEnvironment(document, config)
    if not forms:
        return None
    stack.callback(lambda _: raw.FPDFDOC_ExitFormFillEnvironment(forms), config)
    return forms


def _address(handle: object) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0  # type: ignore[arg-type]


def _not_opened(path: Path, error: int) -> Exception:
    code = {raw.FPDF_ERR_PASSWORD: "pdf-password", raw.FPDF_ERR_SECURITY: "pdf-security"}.get(error)
    if code:
        return RefusedError(f"kz.error.{code}", path=path)
    return _unreadable(path, f"error {error}")


def _unreadable(path: Path, detail: str) -> UnreadableAssetError:
    return UnreadableAssetError("kz.error.pdf-undrawable", path=path, detail=detail)
