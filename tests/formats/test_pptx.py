"""Presentations: a notice over all else on the slide, the tricks that hide one."""

from __future__ import annotations

import contextlib
import io
import subprocess
import zipfile

import pptx
import pypdf
import pytest
from PIL import Image
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Inches, Pt

from kzlabel.errors import KzlabelError, RefusedError, UnreadableAssetError
from kzlabel.formats import recognise
from kzlabel.formats.ooxml import Pptx
from kzlabel.model import Notice, NoticeStyle, Placement, Statement

ROOM = Pptx()
LINES = ("Жасанды интеллект жасаған", "Создано искусственным интеллектом")
PAGE = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGE)
PAGES = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGES)
HIDDEN, FAINT, SMALL, COVERED = (f"kz.notice.{n}" for n in ("hidden", "faint", "small", "covered"))
PERCEIVABLE, UNDETERMINED = "kz.notice.perceivable", "kz.notice.undetermined"
WHITE, BLACK = RGBColor(255, 255, 255), RGBColor(0, 0, 0)
TITLE_AND_BODY, BLANK = 1, 6
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


def parts_of(path):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def judged(path, style=NoticeStyle.PAGE):
    hint = Placement(statement=Statement.CREATED, style=style, languages=("kk", "ru"), lines=LINES)
    (report,) = ROOM.find_notices(path, (hint,), search=False)
    return report


@pytest.fixture(scope="session")
def template():
    out = io.BytesIO()
    pptx.Presentation().save(out)
    return out.getvalue()


@pytest.fixture
def deck(tmp_path, template):
    """A presentation with slides of these layouts, changed by a function."""

    def make(*layouts, change=lambda _: None):
        made = pptx.Presentation(io.BytesIO(template))
        for number, layout in enumerate(layouts):
            slide = made.slides.add_slide(made.slide_layouts[layout])
            if slide.shapes.title is not None:
                slide.shapes.title.text = f"Slide {number}"
        change(made)
        made.save(tmp_path / "a.pptx")
        return tmp_path / "a.pptx"

    return make


# --- The notice -----------------------------------------------------------------------------------


@pytest.mark.parametrize("notice", [PAGE, PAGES], ids=lambda n: n.style)
def test_a_notice_is_put_in_and_found(deck, tmp_path, notice):
    src = deck(0, TITLE_AND_BODY, BLANK)
    placement = ROOM.write_notice(src, tmp_path / "b.pptx", notice)
    assert placement.pages == (1 if notice is PAGE else 3)
    report = judged(tmp_path / "b.pptx", notice.style)
    assert (report.code, report.languages) == (PERCEIVABLE, ("kk", "ru"))
    before, after = parts_of(src), parts_of(tmp_path / "b.pptx")
    assert list(before) == list(after)
    touched = {name for name in before if before[name] != after[name]}
    assert touched == {f"ppt/slides/slide{n}.xml" for n in range(1, placement.pages + 1)}
    made = pptx.Presentation(tmp_path / "b.pptx")
    box = made.slides[0].shapes[-1]
    assert box.text_frame.text == "\n".join(LINES)
    assert 0 < box.left < box.left + box.width < made.slide_width
    assert 0 < box.top < box.top + box.height < made.slide_height
    assert len({shape.shape_id for shape in made.slides[0].shapes}) == len(made.slides[0].shapes)


def test_hidden_slides_are_passed_over(deck, tmp_path):
    src = deck(BLANK, BLANK, BLANK, change=lambda m: m.slides[0]._element.set("show", "0"))
    assert ROOM.write_notice(src, tmp_path / "b.pptx", PAGES).pages == 2
    assert [len(s.shapes) for s in pptx.Presentation(tmp_path / "b.pptx").slides] == [0, 1, 1]
    assert judged(tmp_path / "b.pptx", NoticeStyle.PAGES).perceivable


def test_a_notice_on_a_hidden_slide_is_none(deck, tmp_path):
    ROOM.write_notice(deck(BLANK, BLANK), tmp_path / "b.pptx", PAGE)
    made = pptx.Presentation(tmp_path / "b.pptx")
    made.slides[0]._element.set("show", "0")
    made.save(tmp_path / "c.pptx")
    assert judged(tmp_path / "c.pptx").code == "kz.notice.missing"
    assert judged(tmp_path / "b.pptx", NoticeStyle.PAGES).code == "kz.notice.missing-pages"


def test_the_box_lies_in_the_corner_that_is_free(deck, tmp_path):
    def fill(made):
        size = (made.slide_width, made.slide_height)
        made.slides[0].shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, size[1] // 2, size[0], size[1] // 2)
        made.slides[0].shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, 0, size[0] // 2, size[1] // 2)

    ROOM.write_notice(deck(BLANK, change=fill), tmp_path / "b.pptx", PAGE)
    made = pptx.Presentation(tmp_path / "b.pptx")
    box = made.slides[0].shapes[-1]
    assert box.top < made.slide_height / 4
    assert box.left + box.width > made.slide_width * 0.9


def test_a_slide_without_room_is_refused(deck, tmp_path):
    def shrink(made):
        made.slide_width = made.slide_height = Inches(1)

    with pytest.raises(RefusedError, match="slide1"):
        ROOM.write_notice(deck(BLANK, change=shrink), tmp_path / "b.pptx", PAGE)
    with pytest.raises(RefusedError):
        ROOM.write_notice(deck(), tmp_path / "b.pptx", PAGE)


# --- Tricks, and their honest twins ---------------------------------------------------------------


def noticed(change):
    """Put a text box with the words on the first slide, and change it."""

    def add(made):
        shapes = made.slides[0].shapes
        box = shapes.add_textbox(Inches(1), Inches(1), Inches(6), Inches(1))
        box.text_frame.text = "\n".join(LINES)
        change(made, box)

    return add


def font(**held):
    def change(_, box):
        for paragraph in box.text_frame.paragraphs:
            for name, value in held.items():
                if name == "rgb":
                    paragraph.runs[0].font.color.rgb = value
                elif name == "theme":
                    paragraph.runs[0].font.color.theme_color = value
                else:
                    setattr(paragraph.runs[0].font, name, value)

    return change


def plate(rgb, ink=BLACK):
    def change(made, box):
        box.fill.solid()
        box.fill.fore_color.rgb = rgb
        font(rgb=ink)(made, box)

    return change


def moved(left):
    return lambda _, box: setattr(box, "left", Inches(left))


def attribute(name, value, tag="cNvPr"):
    def change(_, box):
        next(e for e in box._element.iter() if e.tag.endswith("}" + tag)).set(name, value)

    return change


def covered(left, width, *, clear=False):
    def change(made, _):
        shape = made.slides[0].shapes.add_shape(
            MSO_SHAPE.RECTANGLE, Inches(left), Inches(1), Inches(width), Inches(1)
        )
        if clear:
            shape.fill.background()

    return change


def pictured(made, _, *, later=True):
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    shapes = made.slides[0].shapes
    picture = shapes.add_picture(out, 0, 0, made.slide_width, made.slide_height)
    if not later:
        shapes._spTree.insert(2, picture._element)


def grouped(made, box):
    made.slides[0].shapes.add_group_shape([box])


def noted(made, box):
    made.slides[0].notes_slide.notes_text_frame.text = "\n".join(LINES)
    box._element.getparent().remove(box._element)


def animated(made, box):
    p = "http://schemas.openxmlformats.org/presentationml/2006/main"
    timing = made.slides[0]._element.makeelement(f"{{{p}}}timing")
    timing.append(timing.makeelement(f"{{{p}}}spTgt", {"spid": str(box.shape_id)}))
    made.slides[0]._element.append(timing)


def fleeting(made, _):
    p = "http://schemas.openxmlformats.org/presentationml/2006/main"
    element = made.slides[0]._element
    element.append(element.makeelement(f"{{{p}}}transition", {"advTm": "1"}))


def transparent(made, box):
    font(rgb=BLACK)(made, box)
    for colour in [e for e in box._element.iter() if e.tag.endswith("}srgbClr")]:
        colour.append(colour.makeelement(colour.tag.replace("srgbClr", "alpha"), {"val": "9000"}))


def darkened(made, _):
    made.slides[0].background.fill.solid()
    made.slides[0].background.fill.fore_color.rgb = BLACK


def lined(made, _):
    line = made.slides[0].shapes.add_connector(1, 0, Inches(1.3), Inches(10), Inches(1.3))
    line.line.width = Pt(200)


def shaded(made, _):
    shape = made.slides[0].shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, Inches(5), 9, 9)
    effects = shape._element.spPr.makeelement(f"{{{DRAWING}}}effectLst")
    effects.append(effects.makeelement(f"{{{DRAWING}}}outerShdw", {"dist": "9000000"}))
    shape._element.spPr.append(effects)


def grown(made, _):
    table = made.slides[0].shapes.add_table(1, 1, 0, 0, Inches(10), 10).table
    table.cell(0, 0).text = "\n" * 30


def spaced(**held):
    def change(_, box):
        for paragraph in box.text_frame.paragraphs:
            for name, value in held.items():
                setattr(paragraph, name, value)

    return change


def footed(made, box):
    attribute("anchor", "b", "bodyPr")(made, box)
    box.text_frame.text = "\n".join(LINES) + "\n\u200b" * 60


def attributed(tag, **held):
    def change(_, box):
        for paragraph in box.text_frame.paragraphs:
            properties = paragraph._p.get_or_add_pPr()
            assert properties.tag.endswith(tag)
            for name, value in held.items():
                properties.set(name, value)

    return change


def outlined(_, box):
    for paragraph in box.text_frame.paragraphs:
        properties = paragraph.runs[0]._r.get_or_add_rPr()
        line = properties.makeelement(f"{{{DRAWING}}}ln", {"w": "127000"})
        line.append(line.makeelement(f"{{{DRAWING}}}solidFill"))
        properties.insert(0, line)


TRICKS = {
    "off the slide": (moved(-7), HIDDEN),
    "right of the slide": (moved(30), HIDDEN),
    "half on the slide": (moved(-3), UNDETERMINED),
    "hidden": (attribute("hidden", "1"), HIDDEN),
    "one point": (font(size=Pt(1)), SMALL),
    "white": (font(rgb=WHITE), FAINT),
    "white by the theme": (font(theme=MSO_THEME_COLOR.BACKGROUND_1), FAINT),
    "its plate's colour": (plate(RGBColor(30, 30, 30)), FAINT),
    "black on a black slide": (darkened, FAINT),
    "transparent": (transparent, FAINT),
    "covered": (covered(1, 6), COVERED),
    "covered by a picture": (pictured, COVERED),
    "covered in part": (covered(1, 1), UNDETERMINED),
    "over a picture": (lambda m, b: pictured(m, b, later=False), UNDETERMINED),
    "in a group": (grouped, UNDETERMINED),
    "in the notes only": (noted, "kz.notice.missing"),
    "animated": (animated, UNDETERMINED),
    "gone in a millisecond": (fleeting, UNDETERMINED),
    "turned": (lambda _, box: setattr(box, "rotation", 90), UNDETERMINED),
    "shrunk to fit": (lambda _, box: box.text_frame._bodyPr.append(
        box._element.makeelement("{http://schemas.openxmlformats.org/drawingml/2006/main}normAutofit", {"fontScale": "5000"})), SMALL),
    "letters pressed together": (lambda made, box: (font(size=Pt(18))(made, box), attribute("spc", "-2000", "rPr")(made, box)), UNDETERMINED),
    "pictures for letters": (font(name="Wingdings"), UNDETERMINED),
    "under a thick line": (lined, UNDETERMINED),
    "covered ever so little": (covered(6.95, 1), UNDETERMINED),
    "under a shadow": (shaded, UNDETERMINED),
    "under a table that grows": (grown, UNDETERMINED),
    "under words that run over": (lambda made, _: setattr(made.slides[0].shapes.add_textbox(0, 0, Inches(9), 10).text_frame, "text", "\n" * 9 + "x"), UNDETERMINED),
    "lines of a point": (spaced(line_spacing=Pt(1)), UNDETERMINED),
    "a gap before it": (spaced(space_before=Pt(1500)), UNDETERMINED),
    "below sixty lines": (lambda _, box: setattr(box.text_frame, "text", "\u200b\n" * 60 + "\n".join(LINES)), UNDETERMINED),
    "above sixty lines at the foot": (footed, UNDETERMINED),
    "letters of a slide": (font(size=Pt(4000)), HIDDEN),
    "pushed aside": (attributed("pPr", marL="51206400"), UNDETERMINED),
    "cut off by the slide's edge": (lambda made, box: (attribute("wrap", "none", "bodyPr")(made, box), setattr(box, "left", Inches(8)), setattr(box, "width", 10)), UNDETERMINED),
    "pushed aside in its box": (attribute("lIns", "4000000", "bodyPr"), UNDETERMINED),
    "a thick edge of the letters": (outlined, UNDETERMINED),
    "in a star": (lambda _, box: box._element.spPr.prstGeom.set("prst", "star5"), UNDETERMINED),
}  # fmt: skip
TWINS = {
    "plain": lambda *_: None,
    "white on black": plate(BLACK, WHITE),
    "of the theme": font(theme=MSO_THEME_COLOR.TEXT_1),
    "white on a black slide": lambda made, box: (darkened(made, box), font(rgb=WHITE)(made, box)),
    "nine points": font(size=Pt(9)),
    "beside a shape": covered(7.2, 1),
    "under a clear frame": covered(1, 6, clear=True),
    "on a plate over a picture": lambda made, box: (pictured(made, box, later=False), plate(WHITE)(made, box)),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("trick", TRICKS)
def test_tricks(deck, trick):
    change, code = TRICKS[trick]
    report = judged(deck(BLANK, change=noticed(change)))
    assert report.code == code
    assert report.perceivable is (None if code == UNDETERMINED else False)


@pytest.mark.parametrize("twin", TWINS)
def test_honest_twins(deck, twin):
    assert judged(deck(BLANK, change=noticed(TWINS[twin]))).code == PERCEIVABLE


def test_placeholders_take_place_and_looks_from_their_layout(deck):
    def write(made):
        made.slides[0].shapes.title.text = LINES[0]
        made.slides[0].placeholders[1].text = LINES[1]

    assert judged(deck(TITLE_AND_BODY, change=write)).code == PERCEIVABLE


# --- Hostile, damaged, refused --------------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    ["presentation.xml", "slides/slide1.xml", "theme/theme1.xml", "slideLayouts/slideLayout1.xml"],
)
def test_hostile_parts_are_told_or_read(deck, tmp_path, part):
    src = deck(0)
    held = parts_of(src)
    content = held[f"ppt/{part}"].decode()
    for harmed in (
        "",
        "<a/>",
        content[:-9],
        content.replace('="', '="-99999999999'),
        content.replace('="', '="ӘЖ'),
    ):
        path = tmp_path / "h.pptx"
        with zipfile.ZipFile(path, "w") as package:
            for name, held_content in held.items():
                package.writestr(name, harmed if name == f"ppt/{part}" else held_content)
        for attempt in (judged, lambda p: ROOM.write_notice(p, tmp_path / "w.pptx", PAGE)):
            (tmp_path / "w.pptx").unlink(missing_ok=True)
            with contextlib.suppress(KzlabelError):
                attempt(path)


def test_a_truncated_presentation_is_recognised_and_unreadable(deck):
    src = deck(BLANK)
    assert recognise(src).spec.name == "PPTX"
    src.write_bytes(src.read_bytes()[:-99])
    with pytest.raises(UnreadableAssetError):
        ROOM.read_tags(src)


def test_properties(deck, tmp_path):
    ROOM.write_tags(deck(BLANK), tmp_path / "b.pptx", {"ooxml": {"AISYSTEMUSED": "Модель"}})
    assert ROOM.read_tags(tmp_path / "b.pptx")["ooxml"]["AISYSTEMUSED"] == "Модель"
    assert len(pptx.Presentation(tmp_path / "b.pptx").slides) == 1


@pytest.mark.slow
@pytest.mark.needs("soffice")
def test_libreoffice_shows_the_words(deck, tmp_path):
    ROOM.write_notice(deck(0, 1), tmp_path / "b.pptx", PAGES)
    profile = f"-env:UserInstallation=file://{tmp_path}/lo"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "b.pptx"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    for page in pypdf.PdfReader(tmp_path / "b.pdf").pages:
        assert all(line in " ".join(page.extract_text().split()) for line in LINES)


@pytest.mark.parametrize(("times", "covers"), [(0, False), (2, False), (60, True)])
def test_it_is_said_where_it_covers_words(deck, tmp_path, times, covers):
    def fill(made):
        made.slides[0].placeholders[1].text = "A sentence that takes half a line. " * times

    given = ROOM.write_notice(deck(TITLE_AND_BODY, change=fill), tmp_path / "b.pptx", PAGE)
    assert given.flaws == (("kz.notice.covers",) if covers else ())
