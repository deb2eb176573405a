"""Tricks that hide a notice in a PDF, each beside an honest twin."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
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
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from kzlabel._passwords import knowing
from kzlabel.errors import KzlabelError, LimitError, RefusedError, UnreadableAssetError
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


def words(
    c: Canvas, x: float = 40, y: float = 40, em: float = 13, *, mode: int | None = None
) -> None:
    text = c.beginText(x, y + 1.36 * em)
    text.setFont(FACE, em, leading=1.36 * em)
    if mode is not None:
        text.setTextRenderMode(mode)
    text.textLine(KK)
    text.textLine(RU)
    c.drawText(text)


def plate(c: Canvas, x: float = 40, y: float = 40, em: float = 13, *, dark: bool = False) -> None:
    c.setFillGray(0 if dark else 1)
    c.rect(x - 4, y - 6, 21 * em, 3.1 * em, stroke=0, fill=1)
    c.setFillGray(1 if dark else 0)
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


def picture(c: Canvas, image: Image.Image, *place: float) -> None:
    c.drawImage(ImageReader(image), *place)


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


def tilted(c: Canvas) -> None:
    c.translate(300, 420)
    c.rotate(30)
    words(c, -100, -20)


def letter_by_letter(c: Canvas) -> None:
    c.setFont(FACE, 13)
    for y, line in ((58, KK), (40, RU)):
        x = 40.0
        for letter in line:
            c.drawString(x, y, letter)
            x += 1.0 + pdfmetrics.stringWidth(letter, FACE, 13)


def corner(x: float, y: float) -> Draw:
    return lambda c: (prose(c), plate(c, x, y))


HONEST: dict[str, tuple[Draw, tuple[float, float], Change | None]] = {
    "bottom left": (corner(40, 40), A4, None),
    "top right": (corner(300, 790), A4, None),
    "dark plate": (lambda c: (prose(c), plate(c, dark=True)), A4, None),
    "no plate": (words, A4, None),
    "over a photo": (on_photo, A4, None),
    "in nested forms": (in_forms, A4, None),
    "printed twice": (twice, A4, None),
    "rotate 90": (turned(1), A4, rotated(90)),
    "rotate 180": (turned(2), A4, rotated(180)),
    "rotate 270": (turned(3), A4, rotated(270)),
    "up the margin": (turned(1), A4, None),
    "tilted": (tilted, A4, None),
    "letter by letter": (letter_by_letter, A4, None),
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
    assert (found.code, found.text) == ("kz.notice.perceivable", f"{KK} · {RU}")


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
            text = text.replace(f"<{ord(letter.translate(CIPHER)):04X}>", f"<!{ord(letter):04X}>")
        text = text.replace("<!", "<")
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
        c.drawString(38 + shift, 57.7, "Прочие сведения, касающиеся издания, приведены ниже")
        c.drawString(41 + shift, 40, "Прочие сведения, касающиеся издания, приведены ниже")


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


def struck_out(c: Canvas) -> None:
    words(c)
    c.setLineWidth(0.6)
    c.line(38, 62, 290, 62)
    c.line(38, 44, 290, 44)


def scattered(c: Canvas) -> None:
    c.setFont(FACE, 13)
    for row, word in enumerate(f"{KK} {RU}".split()):
        c.drawString(40 + 70 * row, 700 - 100 * row, word)


def said_otherwise(c: Canvas) -> None:
    """Replacement text (ISO 32000-2, 14.9.4) that says the notice where something else stands."""
    said = "".join(f"{ord(letter):04X}" for letter in f"{KK} {RU}")
    c._code.append(f"/Span <</ActualText <FEFF{said}>>> BDC")
    c.setFont(FACE, 13)
    c.drawString(40, 40, "Просто обычная строка этой страницы")
    c._code.append("EMC")


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
    "off the crop box": (words, A4, cropped(0, 120, 595, 842), "outside"),
    "turned off the page": (lambda c: (c.rotate(-90), words(c)), A4, None, "outside"),
    "under a rectangle": (covered, A4, None, "hidden"),
    "partly under a rectangle": (half_covered, A4, None, "covered-words"),
    "lower half cut": (lower_half_covered, A4, None, "other-words"),
    "under a picture": (
        lambda c: (words(c), picture(c, noise(60, 80), 0, 0, *A4)), A4, None, "hidden",
    ),
    "overprinted with words": (overprinted, A4, None, "covered-words"),
    "hatched": (hatched, A4, None, "cluttered"),
    "hidden layer": (words, A4, in_layer(on=False), "hidden"),
    "layer for print": (words, A4, in_layer(on=True, usage="print"), "hidden"),
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
    "struck out": (struck_out, A4, None, "cluttered"),
    "scattered": (scattered, A4, None, "other-words"),
    "replacement text": (said_otherwise, A4, None, "other-words"),
    "under an annotation": (words, A4, annotated("/Square"), "hidden"),
    "under a form field": (words, A4, annotated("/Widget"), "hidden"),
}  # fmt: skip


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_is_not_perceivable(name: str, tmp_path: Path) -> None:
    draw, size, change, code = TRICKS[name]
    path = made(tmp_path / "trick.pdf", draw, size=size, change=change)
    report = judge(path)
    assert (report.code, report.perceivable) == (f"kz.notice.{code}", False), report.measures


def test_what_the_font_says_is_not_what_is_seen(tmp_path: Path) -> None:
    path = made(tmp_path / "lie.pdf", enciphered, change=lying)
    declared = judge(path, hint(languages=("ru",), lines=(RU,)))
    assert declared.code == "kz.notice.other-words", declared.measures
    found = judge(path, search=True)
    assert (found.code, found.text) == ("kz.notice.other-words", RU)


@pytest.mark.parametrize(
    ("subtype", "flags", "perceivable"),
    [("/Stamp", 4, None), ("/Stamp", 2, None), ("/Popup", 4, True), ("/Link", 4, True)],
)
def test_what_viewers_draw_as_they_like_is_open(
    subtype: str, flags: int, perceivable: bool | None, tmp_path: Path
) -> None:
    def bare(writer: PdfWriter) -> None:
        annotated(subtype, flags)(writer)
        del writer.pages[0]["/Annots"][0].get_object()["/AP"]

    report = judge(made(tmp_path / "a.pdf", words, change=bare))
    assert report.perceivable is perceivable
    far = annotated("/Popup", box=(300, 700, 400, 800))
    assert judge(made(tmp_path / "b.pdf", words, change=far)).perceivable is True


def pdf(
    page: str = "",
    catalog: str = "",
    resources: str = "",
    content: bytes = b"",
    extra: dict[int, bytes] | None = None,
) -> bytes:
    """Return a document written by hand, its notice on top, objects 6 and on as given."""
    fonts = "" if "/Font" in resources else "/Font<</F 4 0 R>>"
    drawn = content or b"BT /F 14 Tf 50 780 Td (AI-generated) Tj ET"
    objects = {
        1: f"<</Type/Catalog/Pages 2 0 R {catalog}>>".encode(),
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R"
           f"/Resources<<{resources}{fonts}>>{page}>>".encode(),
        4: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        5: stream("", drawn),
        **(extra or {}),
    }  # fmt: skip
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number in range(1, max(objects) + 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, objects.get(number, b"null"))
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start)
    return bytes(out)


def stream(entries: str, content: bytes) -> bytes:
    head = f"<<{entries}/Length {len(content)}>>\nstream\n".encode()
    return head + content + b"\nendstream"


def noted_by(annotation: str, catalog: str = "") -> bytes:
    """Return a document with one annotation, and 7 as its look: nothing is seen of it."""
    extra = {6: annotation.encode(), 7: stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", b"")}
    return pdf(page="/Annots[6 0 R]", catalog=catalog, extra=extra)


def layered(group: str = "", default: str = "/ON[6 0 R]", catalog: str = "") -> bytes:
    return pdf(
        resources="/Properties<</L 6 0 R>>",
        catalog=f"/OCProperties<</OCGs[6 0 R]/D<<{default}>>>>{catalog}",
        content=b"/OC /L BDC BT /F 14 Tf 50 780 Td (AI-generated) Tj ET EMC",
        extra={6: f"<</Type/OCG/Name(L){group}>>".encode()},
    )


def usage(name: str, entries: str) -> bytes:
    events = f"/ON[6 0 R]/AS[<</Event/View/Category[/{name}]/OCGs[6 0 R]>>]"
    return layered(f"/Usage<</{name}<<{entries}>>>>", events)


OVER = "/Rect[0 760 595 842]"
FAR = "/Rect[0 0 1 1]"
WIDE = f"{FAR}/BS<</W 40>>/C[1 1 1]/F 4"
SWITCH = "<</S/SetOCGState/State[/OFF 6 0 R]>>"
FUNCTION = b"<</FunctionType 2/Domain[0 1]/N 1/C0[1 1 1]/C1[1 1 1]>>"
STATE = "/ExtGState<</E<<{}>>>>"
DOUBTFUL: dict[str, bytes] = {
    "layer by zoom": usage("Zoom", "/min 50"),
    "layer by language": usage("Language", "/Lang(xx)"),
    "layer by user": usage("User", "/Type/Ind/Name(Bob)"),
    "layer with an intent": layered("/Intent/Design"),
    "layer switched off as it opens": layered(catalog=f"/OpenAction{SWITCH}"),
    "script as it opens": pdf(catalog="/OpenAction<</S/JavaScript/JS(x)>>"),
    "scripts by name": pdf(
        catalog="/AcroForm<</Fields[]>>/Names<</JavaScript<</Names[(a) 6 0 R]>>>>",
        extra={6: b"<<>>"},
    ),
    "two actions": pdf(catalog="/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next<</S/JavaScript/JS(x)>>>>"),
    "action of the page": pdf(page="/AA<</O<</S/JavaScript/JS(x)>>>>"),
    "action of the document": pdf(catalog="/AA<</WP<</S/JavaScript/JS(x)>>>>"),
    "action of a field": noted_by(f"<</Subtype/Widget{FAR}/AP<</N 7 0 R>>/AA<</PV{SWITCH}>>>>"),
    "said twice": pdf(page="/Rotate 0/Rotate 0"),
    "portfolio": pdf(catalog="/Collection<</View/D>>"),
    "slides": pdf(page="/Dur 0.01"),
    "tiny user unit": pdf(page="/UserUnit 0.01"),
    "grey that is another colour": pdf(
        resources="/ColorSpace<</DefaultGray[/Separation/X/DeviceRGB 6 0 R]>>", extra={6: FUNCTION}
    ),
    "blending": pdf(resources=STATE.format("/BM/Screen")),
    "transfer function": pdf(resources=STATE.format("/TR2 6 0 R"), extra={6: FUNCTION}),
    "line without appearance": noted_by(f"<</Subtype/Line/L[0 785 595 785]{WIDE}>>"),
    "ink without appearance": noted_by(f"<</Subtype/Ink/InkList[[0 785 595 785]]{WIDE}>>"),
    "polygon without appearance": noted_by(f"<</Subtype/Polygon/Vertices[0 785 9 785]{WIDE}>>"),
    "empty appearance": noted_by(f"<</Subtype/Stamp{OVER}/AP<<>>>>"),
    "wide border of a link": noted_by("<</Subtype/Link/Border[0 0 60]/Rect[0 785 595 786]>>"),
    "wide style of a link": noted_by("<</Subtype/Link/BS<</W 60>>/Rect[0 785 595 786]>>"),
    "hidden widget": noted_by(f"<</Subtype/Widget{OVER}/F 2/AP<</N 7 0 R>>>>"),
    "shown on a touch": noted_by(f"<</Subtype/Square{OVER}/F 288/AP<</N 7 0 R>>>>"),
    "film": noted_by(f"<</Subtype/Screen{OVER}/AP<</N 7 0 R>>>>"),
    "stays as large at any zoom": noted_by(
        "<</Subtype/Stamp/Rect[0 700 595 770]/F 12/AP<</N 7 0 R>>>>"
    ),
    "field drawn anew": noted_by(
        f"<</Subtype/Widget/FT/Tx{OVER}/AP<</N 7 0 R>>>>",
        "/AcroForm<</Fields[6 0 R]/NeedAppearances true>>",
    ),
}
PLAIN: dict[str, bytes] = {
    "nothing": pdf(),
    "layer": layered(),
    "layer that is on for all": usage("View", "/ViewState/ON"),
    "goes to a place": pdf(catalog="/OpenAction[3 0 R/XYZ 0 842 1]"),
    "goes to a place by an action": pdf(catalog="/OpenAction<</S/GoTo/D[3 0 R/Fit]>>"),
    "attachments": pdf(catalog="/Names<</EmbeddedFiles<</Names[]>>>>"),
    "transparency": pdf(resources=STATE.format("/ca 0.5/BM/Multiply/SMask/None/TR/Identity")),
    "link": noted_by(f"<</Subtype/Link{OVER}/Border[0 0 1]/A<</S/URI/URI(x)>>>>"),
    "widget": noted_by(
        f"<</Subtype/Widget/FT/Tx/T(a){FAR}/F 4/AP<</N 7 0 R>>>>", "/AcroForm<</Fields[6 0 R]>>"
    ),
    "annotation drawn as it says": noted_by(f"<</Subtype/Stamp{OVER}/F 4/AP<</N 7 0 R>>>>"),
    "line elsewhere": noted_by("<</Subtype/Line/L[0 9 595 9]/Rect[0 0 595 20]/F 4>>"),
}


@pytest.mark.parametrize("name", [*DOUBTFUL, *PLAIN])
def test_what_other_viewers_show_otherwise_is_open(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes((DOUBTFUL | PLAIN)[name])
    report = judge(path, search=True)
    assert report.perceivable is (None if name in DOUBTFUL else True), report


# --- What would take too long ---------------------------------------------------------------------


FORM = "/Type/XObject/Subtype/Form/BBox[0 0 600 900]"
TILING = "/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep {0}/YStep {0}"


def nested(written: bytes, uses: bytes = b"") -> bytes:
    """Return twelve forms, each of which draws the next ten times."""
    extra = {
        at: stream(f"{FORM}/Resources<</XObject<<{written.decode('latin-1')} {at + 1} 0 R>>>>",
                   (uses or written + b" Do ") * 10)
        for at in range(6, 18)
    }  # fmt: skip
    extra[18] = stream(FORM, b"0 0 9 9 re f")
    return pdf(content=b"/X Do", resources="/XObject<</X 6 0 R>>", extra=extra)


def patterned_by(step: str, content: bytes = b"/Pattern cs /P scn 0 0 600 800 re f") -> bytes:
    tile = stream(TILING.format(step), b"0 0 1 1 re f")
    return pdf(content=content, resources="/Pattern<</P 6 0 R>>", extra={6: tile})


GLYPHS = (
    "<</Type/Font/Subtype/Type3/FontBBox[0 0 1 1]/FontMatrix[1 0 0 1 0 0]/CharProcs<</a 7 0 R>>"
    "/Encoding<</Differences[97/a]>>/FirstChar 97/LastChar 97/Widths[1]>>"
)
PROGRAM = stream("/FunctionType 4/Domain[0 1 0 1]/Range[0 1]", b"{" + b"sin cos " * 999 + b"pop}")
ENDLESS: dict[str, bytes] = {
    "nested forms": nested(b"/X"),
    "names escaped": nested(b"/X", b"/#58 Do "),
    "names in another encoding": nested(b"/X\xff"),
    "a comment before the operator": nested(b"/X", b"/X %\nDo "),
    "another operand before the operator": nested(b"/X", b"/X(a)Do "),
    "forms in a circle": pdf(
        content=b"/X Do",
        resources="/XObject<</X 6 0 R>>",
        extra={6: stream(f"{FORM}/Resources<</XObject<</X 6 0 R>>>>", b"/X Do")},
    ),
    "words": pdf(content=b"BT /F 9 Tf " + b"(a)Tj " * 300_000 + b" ET"),
    "annotations": pdf(page="/Annots[" + "6 0 R " * 5001 + "]", extra={6: b"<<>>"}),
    "tiles": patterned_by("0.0001"),
    "no steps": patterned_by("0"),
    "tiles many times": patterned_by("1", b"/Pattern cs /P scn " + b"0 0 600 800 re f " * 9999),
    "shading by a program": pdf(
        content=b"/S sh",
        resources="/Shading<</S<</ShadingType 1/ColorSpace/DeviceGray/Function 6 0 R>>>>",
        extra={6: PROGRAM},
    ),
    "glyphs that are drawings": pdf(
        content=b"BT /G 9 Tf (" + b"a" * 9999 + b") Tj ET",
        resources="/Font<</G 6 0 R>>",
        extra={6: GLYPHS.encode(), 7: stream("", b"0 0 1 1 re f " * 999)},
    ),
    "masks": pdf(
        content=b"/E gs " + b"0 0 9 9 re f " * 9999,
        resources=STATE.format("/SMask<</S/Alpha/G 6 0 R>>"),
        extra={6: stream(FORM, b"0 0 9 9 re f " * 999)},
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_would_take_hours_is_not_drawn(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(ENDLESS[name])
    with pytest.raises(LimitError, match="page 1 would take too long to draw"):
        judge(path, search=True)


def test_hatching_and_masks_are_drawn(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    words = b"0 g BT /F 14 Tf 50 780 Td (AI-generated) Tj ET "
    path.write_bytes(patterned_by("4", b"/Pattern cs /P scn " + b"9 9 9 9 re f " * 999 + words))
    assert judge(path, search=True).perceivable is True


# --- Layers, words elsewhere ----------------------------------------------------------------------


def test_a_layer_that_is_shown_hides_nothing(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", words, change=in_layer(on=True))
    assert judge(path).perceivable is True


def noted(writer: PdfWriter) -> None:
    """Write the notice into an annotation, the metadata and the outline, and nowhere else."""
    annotated("/FreeText")(writer)
    writer.pages[0]["/Annots"][0].get_object()[NameObject("/Contents")] = TextStringObject(RU)
    writer.add_metadata({"/Title": RU})
    writer.add_outline_item(title=RU, page_number=0)


def test_words_beside_the_pages_are_no_notice(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", prose, change=noted)
    assert judge(path).code == "kz.notice.missing"
    assert find_notices(path, (), search=True) == ()


def test_the_short_forms(tmp_path: Path) -> None:
    lines = ("ЖИ жасаған", "Создано ИИ")

    def draw(c: Canvas) -> None:
        c.setFont(FACE, 13)
        for row, line in enumerate(lines):
            c.drawString(40, 58 - 18 * row, line)

    report = judge(made(tmp_path / "a.pdf", draw), hint(lines=lines))
    assert (report.perceivable, report.languages) == (True, ("kk", "ru"))


def test_words_one_below_another(tmp_path: Path) -> None:
    """A narrow plate; short words end a row."""
    lines = ("Жасанды", "интеллект", "жасаған", "Создано ИИ", "AI")

    def draw(c: Canvas) -> None:
        c.setFont(FACE, 13)
        for row, line in enumerate(lines):
            c.drawString(40, 112 - 18 * row, line)

    report = judge(made(tmp_path / "a.pdf", draw), hint(lines=lines))
    assert (report.perceivable, report.languages) == (True, ("kk", "ru"))


def test_one_of_two_languages_is_incomplete(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", lambda c: (c.setFont(FACE, 13), c.drawString(40, 40, RU)))
    assert judge(path).code == "kz.notice.incomplete"


def test_the_best_of_several_places_counts(tmp_path: Path) -> None:
    def draw(c: Canvas) -> None:
        c.setFillGray(1)
        words(c, 40, 700)
        c.setFillGray(0)
        words(c)

    report = judge(made(tmp_path / "a.pdf", draw))
    assert report.perceivable is True
    assert report.where is not None
    assert report.where.y > 0.8


# --- Pages ----------------------------------------------------------------------------------------


def test_only_on_the_second_page(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", prose, corner(40, 40))
    report = judge(path)
    assert (report.code, report.measures["page"]) == ("kz.notice.other-page", 2)
    assert report.perceivable is False
    found = judge(path, search=True)
    assert (found.code, found.measures["page"]) == ("kz.notice.buried", 2)


def test_on_every_page(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", *[corner(40, 40)] * 4)
    report = judge(path, hint(NoticeStyle.PAGES, 4))
    assert (report.perceivable, report.measures["pages"]) == (True, 4)


@pytest.mark.parametrize(
    ("third", "code"),
    [(prose, "missing-pages"), (lambda c: words(c, mode=3), "hidden"), (gray(0.9), "faint")],
)
def test_not_on_every_page(third: Draw, code: str, tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", corner(40, 40), corner(40, 40), third, corner(40, 40))
    report = judge(path, hint(NoticeStyle.PAGES, 4))
    assert (report.code, report.measures["page"]) == (f"kz.notice.{code}", 3)
    assert judge(path, hint()).perceivable is True  # the first page has it


@pytest.mark.slow
def test_of_many_pages_some_are_drawn_by_lot(tmp_path: Path) -> None:
    pages = [corner(40, 40), *[words] * 58, words]
    path = made(tmp_path / "a.pdf", *pages)
    report = judge(path, hint(NoticeStyle.PAGES, 60))
    assert (report.perceivable, report.measures["pages_judged"]) == (True, MOST_PAGES)
    pages[-1] = prose
    report = judge(made(tmp_path / "b.pdf", *pages), hint(NoticeStyle.PAGES, 60))
    assert (report.code, report.measures["page"]) == ("kz.notice.missing-pages", 60)


@pytest.mark.slow
def test_three_hundred_pages(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", *[corner(40, 40)] * 300)
    assert judge(path, hint(NoticeStyle.PAGES, 300)).perceivable is True


# --- What is hostile ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": ("Это не реклама",)},
        {"lines": ()},
        {"lines": (RU + " и человеком",)},
        {"lines": tuple([KK] * 400)},
        {"statement": Statement.MODIFIED},
    ],
)
def test_a_hint_that_says_something_else_is_open(
    changes: dict[str, object], tmp_path: Path
) -> None:
    path = made(tmp_path / "a.pdf", corner(40, 40))
    assert judge(path, hint(**changes)).perceivable is None


def test_the_figures_of_a_hint_do_not_matter(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", corner(40, 40))
    nonsense = hint(font_size=1e9, width=-4, height=0, font="x" * 500, pages=-7)
    assert judge(path, nonsense).perceivable is True
    assert judge(path, hint(NoticeStyle.PAGES, 10**9)).perceivable is True
    assert len(find_notices(path, [hint()] * 20, search=False)) == 20


def test_a_password(tmp_path: Path) -> None:
    def lock(writer: PdfWriter) -> None:
        writer.encrypt("secret", "owner", algorithm="AES-256")

    path = made(tmp_path / "a.pdf", corner(40, 40), change=lock)
    with pytest.raises(RefusedError, match="password"):
        judge(path)
    with knowing(lambda _: "wrong"), pytest.raises(RefusedError):
        judge(path)
    with knowing(lambda _: "secret"):
        assert judge(path).perceivable is True


def test_nobody_is_asked_for_a_password_that_is_not_needed(tmp_path: Path) -> None:
    def ask(path: Path) -> str:
        pytest.fail(f"asked for the password of {path}")

    path = made(tmp_path / "a.pdf", corner(40, 40))
    with knowing(ask):
        assert judge(path).perceivable is True


def test_a_form_in_place_of_the_pages_is_open(tmp_path: Path) -> None:
    def dynamic(writer: PdfWriter) -> None:
        packet = StreamObject()
        packet._data = b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"/>'
        writer._root_object[NameObject("/NeedsRendering")] = BooleanObject(True)
        writer._root_object[NameObject("/AcroForm")] = DictionaryObject(
            {
                NameObject("/Fields"): ArrayObject(),
                NameObject("/XFA"): writer._add_object(packet),
            }
        )

    report = judge(made(tmp_path / "a.pdf", corner(40, 40), change=dynamic))
    assert (report.code, report.perceivable) == ("kz.notice.undetermined", None)


def test_an_owner_password_hides_nothing(tmp_path: Path) -> None:
    def lock(writer: PdfWriter) -> None:
        writer.encrypt("", "owner", algorithm="AES-256")

    assert judge(made(tmp_path / "a.pdf", corner(40, 40), change=lock)).perceivable is True


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7\n", b"%PDF-1.7\ntrailer<</Root 1 0 R>>\n%%EOF"]
)
def test_no_document(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    with pytest.raises(UnreadableAssetError):
        judge(path)
    with pytest.raises(FileNotFoundError):
        judge(tmp_path / "none.pdf")


def test_no_pages(tmp_path: Path) -> None:
    def empty(writer: PdfWriter) -> None:
        writer.remove_page(0)

    with pytest.raises(UnreadableAssetError):
        judge(made(tmp_path / "a.pdf", prose, change=empty))


@pytest.mark.slow
def test_damage_is_never_another_error(tmp_path: Path) -> None:
    import random

    whole = made(tmp_path / "a.pdf", corner(40, 40), prose).read_bytes()
    chance = random.Random(3)
    for number in range(60):
        damaged = bytearray(whole)
        for _ in range(8):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        cut = chance.choice([len(damaged), chance.randrange(len(damaged))])
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(bytes(damaged[:cut]))
        try:
            find_notices(path, (hint(),), search=False)
            find_notices(path, (), search=True)
        except KzlabelError:
            pass


def test_a_page_that_is_too_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pdfium, "MAX_CHARACTERS", 100)
    with pytest.raises(KzlabelError, match="the limit is 100"):
        judge(made(tmp_path / "a.pdf", prose))


def test_a_picture_of_a_huge_page_is_bounded(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", prose, size=(14400, 14400))
    with _pdfium.opened(path) as document, document.page(0) as page:
        whole = page.picture(Box(0, 0, 14400, 14400), 10)
        assert whole.image.width * whole.image.height < 8_100_000
        sliver = page.picture(Box(0, 0, 1e-6, 14400), 1e6)
        assert sliver.image.width * sliver.image.height < 8_100_000
        with pytest.raises(UnreadableAssetError):
            page.picture(Box(-50, -50, -10, -10), 1)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_places_are_those_of_the_displayed_page(degrees: int, tmp_path: Path) -> None:
    def draw(c: Canvas) -> None:
        c.setFont(FACE, 20)
        c.drawString(300, 400, "Ж")

    both = lambda w: (cropped(100, 200, 500, 800)(w), rotated(degrees)(w))  # noqa: E731  a table row
    path = made(tmp_path / "a.pdf", draw, change=both)
    with _pdfium.opened(path) as document, document.page(0) as page:
        (glyph,) = page.glyphs(0, 1)
        seen = page.picture(glyph.box.grown(2), 4)
        ink = seen.image.convert("L").point([255 if v < 128 else 0 for v in range(256)]).getbbox()
        assert ink is not None
        assert ink[0] == pytest.approx(8, abs=3)
        assert ink[2] == pytest.approx(8 + 4 * glyph.box.width, abs=3)
        assert ink[1] == pytest.approx(8, abs=3)
        with page.without({glyph.ink}):
            bare = page.picture(glyph.box.grown(2), 4)
        assert bare.image.getextrema() == ((255, 255),) * 3


# --- Words in prose -------------------------------------------------------------------------------


def test_an_article_about_ai_has_no_notice(tmp_path: Path) -> None:
    def draw(c: Canvas) -> None:
        prose(c)
        c.setFont(FACE, 11)
        c.drawString(
            50, 100, "Редакция долго спорила, можно ли читателям знать, создано искусственным"
        )
        c.drawString(50, 86, "интеллектом или журналистом такое сочинение, если подписи нет вовсе.")

    found = find_notices(made(tmp_path / "a.pdf", draw), (), search=True)
    assert [report.perceivable for report in found if report.perceivable] == []


def test_words_of_others_are_found(tmp_path: Path) -> None:
    path = made(tmp_path / "a.pdf", lambda c: (prose(c), c.drawString(50, 40, "AI-generated")))
    report = judge(path, search=True)
    assert (report.code, report.languages) == ("kz.notice.perceivable", ("en",))


def test_letters_that_nobody_can_compare_are_open(tmp_path: Path) -> None:
    """Chinese words, in a font of the reader's; Open Sans has no such letters."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

    def draw(c: Canvas) -> None:
        c.setFont("STSong-Light", 16)
        c.drawString(50, 40, "AI生成")

    report = judge(made(tmp_path / "a.pdf", draw), search=True)
    assert report.languages == ("zh",)
    assert report.perceivable is not True
