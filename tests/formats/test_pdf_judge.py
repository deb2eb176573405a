"""Tricks that hide a notice in a PDF, each beside an honest twin."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    RectangleObject,
    StreamObject,
    TextStringObject,
)
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from kzlabel._passwords import knowing
from kzlabel.errors import KzlabelError, RefusedError, UnreadableAssetError
from kzlabel.formats import _pdfium
from kzlabel.formats._pdf_judge import MOST_PAGES, find_notices
from kzlabel.formats._pdf_judge_places import Box
from kzlabel.model import NoticeReport, NoticeStyle, Placement, Statement
from kzlabel.notices._text import _font_file

KK, RU, EN = "Жасанды интеллект жасаған", "Создано искусственным интеллектом", "AI-generated"
A4 = (595, 842)
FACE = "KzOpenSansSemiBold"
pdfmetrics.registerFont(TTFont(FACE, str(_font_file())))

Draw = Callable[[Canvas], None]
Change = Callable[[PdfWriter], None]


def hint(style: NoticeStyle = NoticeStyle.PAGE, pages: int = 1, **changes: object) -> Placement:
    values = {
        "statement": Statement.CREATED,
        "style": style,
        "languages": ("kk", "ru"),
        "lines": (KK, RU),
        "font": "Open Sans SemiBold",
        "font_size": 13.0,
        "width": 595,
        "height": 842,
        "pages": pages,
    }
    return Placement(**(values | changes))


def prose(c: Canvas) -> None:
    c.setFillGray(0)
    c.setFont("Helvetica", 11)
    for row in range(45):
        c.drawString(50, 760 - 14 * row, "Lorem ipsum dolor sit amet, consectetur adipiscing elit.")


def words(c: Canvas, x: float = 40, y: float = 40, em: float = 13, *, mode: int | None = None) -> None:
    text = c.beginText(x, y + 1.36 * em)
    text.setFont(FACE, em, leading=1.36 * em)
    if mode is not None:
        text.setTextRenderMode(mode)
    text.textLine(KK)
    text.textLine(RU)
    c.drawText(text)


def plate(
    c: Canvas, x: float = 40, y: float = 40, em: float = 13, ground: float = 1.0, ink: float = 0.0
) -> None:
    c.setFillGray(ground)
    c.rect(x - 4, y - 6, 21 * em, 3.1 * em, stroke=0, fill=1)
    c.setFillGray(ink)
    words(c, x, y, em)


def made(
    path: Path, *pages: Draw, size: tuple[float, float] = A4, change: Change | None = None
) -> Path:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size, invariant=1)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    path.write_bytes(buffer.getvalue())
    if change:
        writer = PdfWriter(clone_from=path)
        change(writer)
        writer.write(path)
    return path


def judge(path: Path, *hints: Placement, search: bool = False) -> NoticeReport:
    (report,) = find_notices(path, hints or (() if search else (hint(),)), search=search)
    return report


# --- Honest twins ---------------------------------------------------------------------------------


def noise(width: int, height: int, low: int = 0, high: int = 255, cell: int = 1) -> Image.Image:
    import random

    chance = random.Random(5)
    small = Image.new("L", (width // cell, height // cell))
    small.putdata([chance.randint(low, high) for _ in range(small.width * small.height)])
    return small.resize((width, height), Image.Resampling.NEAREST).convert("RGB")


def picture(c: Canvas, image: Image.Image, x: float, y: float, w: float, h: float) -> None:
    c.drawImage(ImageReader(image), x, y, w, h)


def turned(quarters: int) -> Draw:
    def draw(c: Canvas) -> None:
        prose(c)
        c.saveState()
        c.translate(297, 421)
        c.rotate(90 * quarters)
        plate(c, -180, -180)
        c.restoreState()

    return draw


def rotated(degrees: int) -> Change:
    def change(writer: PdfWriter) -> None:
        writer.pages[0].rotate(degrees)

    return change


def cropped(*box: float) -> Change:
    def change(writer: PdfWriter) -> None:
        writer.pages[0].cropbox = RectangleObject(box)

    return change


def on_photo(c: Canvas) -> None:
    picture(c, noise(60, 80), 0, 0, *A4)
    plate(c)


def in_forms(c: Canvas) -> None:
    c.beginForm("inner")
    words(c, 5, 5, 6.5)
    c.endForm()
    c.beginForm("outer")
    c.doForm("inner")
    c.endForm()
    prose(c)
    c.saveState()
    c.translate(40, 20)
    c.scale(2, 2)
    c.doForm("outer")
    c.restoreState()


def twice(c: Canvas) -> None:
    """Bold as some word processors have it: printed twice, a hair apart."""
    words(c)
    words(c, 40.2)


def corner(x: float, y: float) -> Draw:
    return lambda c: (prose(c), plate(c, x, y))


HONEST: dict[str, tuple[Draw, tuple[float, float], Change | None]] = {
    "bottom left": (corner(40, 40), A4, None),
    "top right": (corner(300, 790), A4, None),
    "dark plate": (lambda c: (prose(c), plate(c, ground=0, ink=1)), A4, None),
    "no plate": (lambda c: words(c), A4, None),
    "over a photo": (on_photo, A4, None),
    "in nested forms": (in_forms, A4, None),
    "printed twice": (twice, A4, None),
    "rotate 90": (turned(1), A4, rotated(90)),
    "rotate 180": (turned(2), A4, rotated(180)),
    "rotate 270": (turned(3), A4, rotated(270)),
    "up the margin": (turned(1), A4, None),
    "crop box": (corner(140, 240), A4, cropped(120, 200, 560, 800)),
    "crop box and rotate": (
        turned(1), A4, lambda w: (cropped(90, 100, 590, 800)(w), rotated(90)(w)),
    ),
    "large page": (lambda c: (prose(c), plate(c, 400, 400, 130)), (5950, 8420), None),
    "huge page": (lambda c: plate(c, 400, 400, 300), (14400, 14400), None),
    "small page": (lambda c: plate(c, 10, 20, 9), (250, 144), None),
    "user unit": (
        corner(40, 40), A4,
        lambda w: w.pages[0].__setitem__(NameObject("/UserUnit"), FloatObject(2)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_what_is_seen_is_perceivable(name: str, tmp_path: Path) -> None:
    draw, size, change = HONEST[name]
    path = made(tmp_path / "honest.pdf", draw, size=size, change=change)
    report = judge(path)
    assert (report.code, report.perceivable) == ("kz.notice.perceivable", True), report.measures
    assert report.languages == ("kk", "ru")
    assert report.where is not None
    assert report.measures["page"] == report.measures["pages"] == 1
    found = judge(path, search=True)
    assert (found.code, found.text) == ("kz.notice.perceivable", f"{KK} {RU}")


# --- Tricks ---------------------------------------------------------------------------------------


def in_layer(*, on: bool, usage: str = "") -> Change:
    """Put the whole content of the page into an optional content group."""

    def change(writer: PdfWriter) -> None:
        group = DictionaryObject(
            {NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): TextStringObject("x")}
        )
        states = {"/Print": "/ON", "/View": "/OFF"} if usage else {}
        group[NameObject("/Usage")] = DictionaryObject(
            {
                NameObject(key): DictionaryObject({NameObject(f"{key}State"): NameObject(state)})
                for key, state in states.items()
            }
        )
        held = writer._add_object(group)
        every = ArrayObject([held])
        view = DictionaryObject(
            {
                NameObject("/Event"): NameObject("/View"),
                NameObject("/OCGs"): every,
                NameObject("/Category"): ArrayObject([NameObject("/View")]),
            }
        )
        writer._root_object[NameObject("/OCProperties")] = DictionaryObject(
            {
                NameObject("/OCGs"): every,
                NameObject("/D"): DictionaryObject(
                    {
                        NameObject("/ON" if on else "/OFF"): every,
                        NameObject("/AS"): ArrayObject([view] if usage else []),
                    }
                ),
            }
        )
        page = writer.pages[0]
        resources = page["/Resources"]
        resources[NameObject("/Properties")] = DictionaryObject({NameObject("/MC0"): held})
        content = StreamObject()
        content._data = b"/OC /MC0 BDC\n" + page.get_contents().get_data() + b"\nEMC"
        page[NameObject("/Contents")] = writer._add_object(content)

    return change


def annotated(subtype: str, flags: int = 4, box: tuple[float, ...] = (30, 20, 420, 90)) -> Change:
    """Lay an annotation with an opaque red appearance over the notice."""

    def change(writer: PdfWriter) -> None:
        wide, tall = box[2] - box[0], box[3] - box[1]
        look = StreamObject()
        look._data = f"1 0 0 rg 0 0 {wide} {tall} re f".encode()
        look.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Form"),
                NameObject("/BBox"): RectangleObject((0, 0, wide, tall)),
            }
        )
        one = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject(subtype),
                NameObject("/Rect"): RectangleObject(box),
                NameObject("/F"): NumberObject(flags),
                NameObject("/AP"): DictionaryObject({NameObject("/N"): writer._add_object(look)}),
            }
        )
        if subtype == "/Widget":
            one[NameObject("/FT")] = NameObject("/Tx")
            one[NameObject("/T")] = TextStringObject("field")
        held = writer._add_object(one)
        writer.pages[0][NameObject("/Annots")] = ArrayObject([held])
        if subtype == "/Widget":
            writer._root_object[NameObject("/AcroForm")] = DictionaryObject(
                {NameObject("/Fields"): ArrayObject([held])}
            )

    return change


RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
CIPHER = str.maketrans(RUSSIAN, RUSSIAN[7:] + RUSSIAN[:7])


def lying(writer: PdfWriter) -> None:
    """Let the font say that its glyphs mean the notice, while they show other letters."""
    for reference in writer.pages[0]["/Resources"]["/Font"].values():
        stream = reference.get_object().get("/ToUnicode")
        if stream is None:
            continue
        stream = stream.get_object()
        text = stream.get_data().decode("ascii")
        for letter in RUSSIAN:
            text = text.replace(f"<{ord(letter.translate(CIPHER)):04X}>", f"<{ord(letter):04x}>")
        stream.set_data(text.encode("ascii"))


def enciphered(c: Canvas) -> None:
    c.setFont(FACE, 13)
    c.drawString(40, 40, RU.translate(CIPHER))


def covered(c: Canvas) -> None:
    words(c)
    c.setFillGray(1)
    c.rect(30, 20, 400, 80, stroke=0, fill=1)


def half_covered(c: Canvas) -> None:
    words(c)
    c.setFillGray(1)
    c.rect(30, 20, 130, 80, stroke=0, fill=1)


def lower_half_covered(c: Canvas) -> None:
    words(c)
    c.setFillGray(1)
    c.rect(30, 54, 400, 8, stroke=0, fill=1)
    c.rect(30, 36, 400, 8, stroke=0, fill=1)


def overprinted(c: Canvas) -> None:
    words(c)
    c.setFont(FACE, 13)
    for shift in (0, 3, 7):
        c.drawString(38 + shift, 57.7, "Прочие сведения об издании и его авторах приведены ниже")
        c.drawString(41 + shift, 40, "Прочие сведения об издании и его авторах приведены ниже")


def hatched(c: Canvas) -> None:
    words(c)
    c.setLineWidth(1.2)
    for x in range(0, 420, 3):
        c.line(30 + x, 30, 40 + x, 80)


def clipped(c: Canvas) -> None:
    path = c.beginPath()
    path.rect(0, 0, 10, 10)
    c.clipPath(path, stroke=0)
    words(c)


def see_through(c: Canvas) -> None:
    c.setFillAlpha(0)
    words(c)


def nearly_see_through(c: Canvas) -> None:
    c.setFillAlpha(0.2)
    words(c)


def mirrored(c: Canvas) -> None:
    c.translate(500, 0)
    c.scale(-1, 1)
    words(c)


def squashed(c: Canvas) -> None:
    c.scale(0.15, 1)
    words(c, 200)


def coloured(c: Canvas) -> None:
    c.setFillColorRGB(0.8, 0.1, 0.1)
    c.rect(30, 20, 400, 80, stroke=0, fill=1)
    c.setFillColorRGB(0.1, 0.42, 0.1)
    words(c)


def patterned(c: Canvas) -> None:
    picture(c, noise(400, 80, cell=1), 30, 20, 400, 80)
    words(c)


def blotched(c: Canvas) -> None:
    picture(c, noise(400, 80, cell=4), 30, 20, 400, 80)
    words(c)


def half_dark(c: Canvas) -> None:
    c.rect(150, 20, 300, 80, stroke=0, fill=1)
    words(c)


def gray(level: float) -> Draw:
    return lambda c: (c.setFillGray(level), words(c))


TRICKS: dict[str, tuple[Draw, tuple[float, float], Change | None, str]] = {
    "pale grey": (gray(0.93), A4, None, "faint"),
    "grey below the ratio": (gray(0.5), A4, None, "faint"),
    "white on white": (gray(1), A4, None, "hidden"),
    "nearly white on white": (gray(0.99), A4, None, "hidden"),
    "render mode 3": (lambda c: words(c, mode=3), A4, None, "hidden"),
    "one point": (lambda c: words(c, em=1), A4, None, "small"),
    "five points": (lambda c: words(c, em=5), A4, None, "small"),
    "scaled to nothing": (lambda c: (c.scale(0.05, 0.05), words(c, 400, 400)), A4, None, "small"),
    "squashed": (squashed, A4, None, "small"),
    "off the page": (lambda c: words(c, 40, -60), A4, None, "outside"),
    "off the crop box": (lambda c: words(c), A4, cropped(0, 120, 595, 842), "outside"),
    "turned off the page": (lambda c: (c.rotate(-90), words(c)), A4, None, "outside"),
    "under a rectangle": (covered, A4, None, "hidden"),
    "partly under a rectangle": (half_covered, A4, None, "covered-words"),
    "lower half cut": (lower_half_covered, A4, None, "covered-words"),
    "under a picture": (
        lambda c: (words(c), picture(c, noise(60, 80), 0, 0, *A4)), A4, None, "hidden",
    ),
    "overprinted with words": (overprinted, A4, None, "covered-words"),
    "hatched": (hatched, A4, None, "cluttered"),
    "hidden layer": (lambda c: words(c), A4, in_layer(on=False), "hidden"),
    "layer for print": (lambda c: words(c), A4, in_layer(on=True, usage="print"), "hidden"),
    "clipped": (clipped, A4, None, "hidden"),
    "transparent": (see_through, A4, None, "hidden"),
    "nearly transparent": (nearly_see_through, A4, None, "faint"),
    "mirrored": (mirrored, A4, None, "turned"),
    "upside down": (turned(2), A4, None, "turned"),
    "same lightness": (coloured, A4, None, "faint"),
    "fine pattern": (patterned, A4, None, "cluttered"),
    "blotches": (blotched, A4, None, "faint"),
    "half on black": (half_dark, A4, None, "covered-words"),
    "page ten times as large": (lambda c: words(c, 400, 400), (5950, 8420), None, "small"),
    "under an annotation": (lambda c: words(c), A4, annotated("/Square"), "hidden"),
    "under a form field": (lambda c: words(c), A4, annotated("/Widget"), "hidden"),
}  # fmt: skip


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_is_not_perceivable(name: str, tmp_path: Path) -> None:
    draw, size, change, code = TRICKS[name]
    path = made(tmp_path / "trick.pdf", draw, size=size, change=change)
    report = judge(path)
    assert (report.code, report.perceivable) == (f"kz.notice.{code}", False), report.measures
