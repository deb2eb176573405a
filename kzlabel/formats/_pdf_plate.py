"""The plate of a notice on a page: black words on white in a thin frame, as a Form XObject.

It is laid out as the plates of pictures are (`notices._text.Face`), at an em of 100 units; a page
scales it. So all pages of a document share one drawing, whatever their sizes, as long as the words
break alike. Nothing in it is transparent and all is DeviceGray, which PDF/A allows under any output
intent; white hides what lies below.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from pypdf.generic import (  # noqa: TID253  imported lazily, with its border
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfObject,
)

from kzlabel.formats._pdf_font import add_font, subset_of
from kzlabel.notices._text import Face
from kzlabel.notices.words import words

if TYPE_CHECKING:
    from kzlabel.formats._pdf_font import Subset
    from kzlabel.formats._pdf_update import Update
    from kzlabel.model import Notice

EM_RATIO = 0.022
"""Font size by the displayed shorter side: 13 pt on A4, a little more than what is read there. A
page is read from near and enlarged at will, so less than the 5 % of pictures will do."""
LEAST_EM = 9.0
"""Points. Smaller print is what contracts hide things in; many laws ask for 8 or 9."""
MARGIN_RATIO = 0.02
"""Room between plate and edge of the page, by the shorter side."""
MOST_HEIGHTS = (0.25, 0.5)
"""How much of the page's height the plate may take; the second where the first is too little."""
_UNITS = 100
_FRAME = 4

Size = tuple[float, float]


@cache
def _face() -> Face:
    return Face(_UNITS)


@dataclass(frozen=True)
class Plate:
    """The words as they break on a page of some size."""

    lines: tuple[str, ...]
    em: float
    """Points."""
    margin: float

    @property
    def units(self) -> tuple[int, int]:
        """Width and height in hundredths of an em."""
        return _face().size(self.lines)

    @property
    def size(self) -> Size:
        """Width and height in points."""
        width, height = self.units
        return width * self.scale, height * self.scale

    @property
    def scale(self) -> float:
        """Points of one unit."""
        return self.em / _UNITS


def plates_for(notice: Notice, page: Size, unit: float) -> tuple[Plate, ...]:
    """Return the plates for a page, the usual one first, a smaller one after it; see `plate_for`.

    The smaller may find a free place where the usual one finds none.
    """
    usual = plate_for(notice, page, unit)
    least = max(LEAST_EM, LEAST_EM * unit)
    small = plate_for(notice, page, unit, least) if usual and usual.em > least else None
    return tuple(plate for plate in (usual, small) if plate)


def plate_for(notice: Notice, page: Size, unit: float, size: float = 0.0) -> Plate | None:
    """Return the plate for a page of this displayed size; None where no form of the words fits.

    A long line a language; else broken between words; else the short words. `unit` is the page's
    own, in points: most readers take it for one, so the words are large enough in either measure.
    """
    shorter = min(page)
    em = size or max(LEAST_EM, LEAST_EM * unit, math.ceil(shorter * EM_RATIO * 10) / 10)
    margin = shorter * MARGIN_RATIO
    room = int((page[0] - 2 * margin) * _UNITS / em)
    face, said = _face(), words(notice.statement, notice.languages)
    long, short = tuple(w.long for w in said), tuple(w.short for w in said)
    forms = (long, face.wrap(long, room), short, face.wrap(short, room))
    for most, lines in product(MOST_HEIGHTS, forms):
        plate = Plate(lines, em, margin)
        if plate.units[0] <= room and plate.size[1] <= page[1] * most:
            return plate
    return None


class Drawings:
    """The Form XObjects of one document: a drawing for each way in which the words break."""

    def __init__(self, update: Update, notice: Notice) -> None:
        said = words(notice.statement, notice.languages)
        characters = {c for w in said for c in w.long + w.short}
        self._subset = subset_of("".join(sorted(characters)))
        self._update = update
        self._font: PdfObject | None = None
        self._drawn: dict[tuple[str, ...], PdfObject] = {}

    def of(self, plate: Plate) -> PdfObject:
        """Return the reference to the drawing of a plate."""
        if plate.lines not in self._drawn:
            self._font = self._font or add_font(self._update, self._subset)
            self._drawn[plate.lines] = self._update.add(_form(plate, self._subset, self._font))
        return self._drawn[plate.lines]


def _form(plate: Plate, subset: Subset, font: PdfObject) -> PdfObject:
    width, height = plate.units
    form = DecodedStreamObject()
    form.set_data(_content(plate, subset))
    fonts = DictionaryObject({NameObject("/F"): font})
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(map(NumberObject, (0, 0, width, height))),
            NameObject("/Resources"): DictionaryObject({NameObject("/Font"): fonts}),
        }
    )
    return form.flate_encode()


def _content(plate: Plate, subset: Subset) -> bytes:
    face, (width, height) = _face(), plate.units
    beside, above = face.padding
    ascent = face.font.getmetrics()[0]
    half, inner = _FRAME / 2, (width - _FRAME, height - _FRAME)
    rows = [
        f"1 g 0 0 {width} {height} re f",
        f"0 G {_FRAME} w {half:g} {half:g} {inner[0]} {inner[1]} re S",
        f"0 g BT /F {_UNITS} Tf",
    ]
    for row, line in enumerate(plate.lines):
        baseline = height - above - row * face.line_height - ascent
        rows.append(f"1 0 0 1 {beside} {baseline} Tm {subset.encoded(line).decode()} Tj")
    return "\n".join([*rows, "ET\n"]).encode("ascii")
