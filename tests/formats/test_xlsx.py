"""Workbooks: a notice that moves no cell, the tricks that hide one."""

from __future__ import annotations

import contextlib
import re
import subprocess
import zipfile

import openpyxl
import pypdf
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.colors import Color

from kzlabel.errors import KzlabelError, RefusedError
from kzlabel.formats import recognise
from kzlabel.formats.ooxml import Xlsx
from kzlabel.model import Notice, NoticeStyle, Placement, Statement

ROOM = Xlsx()
LINES = ("Жасанды интеллект жасаған", "Создано искусственным интеллектом")
WORDS = " ".join(LINES)
PAGE = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGE)
PAGES = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGES)
HIDDEN, FAINT, SMALL, BURIED = (f"kz.notice.{n}" for n in ("hidden", "faint", "small", "buried"))
PERCEIVABLE, UNDETERMINED = "kz.notice.perceivable", "kz.notice.undetermined"


def parts_of(path):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def with_parts(path, **changes):
    held = parts_of(path)
    for stem, change in changes.items():
        name = next(n for n in held if n.rpartition("/")[2] == f"{stem}.xml")
        held[name] = change(held[name].decode()).encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, content in held.items():
            package.writestr(name, content)
    return path


def judged(path, style=NoticeStyle.PAGE):
    hint = Placement(statement=Statement.CREATED, style=style, languages=("kk", "ru"), lines=LINES)
    (report,) = ROOM.find_notices(path, (hint,), search=False)
    return report


def book(path, *sheets, change=lambda _: None):
    """A workbook with sheets of so many rows and columns."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, (rows, columns) in enumerate(sheets):
        sheet = made.create_sheet(f"S{number}")
        for row in range(rows):
            sheet.append([f"{row}-{column}" for column in range(columns)])
    change(made)
    made.save(path)
    return path


def hide_first(made):
    made["S0"].sheet_state = "hidden"


def open_third(made):
    made.active = 2


# --- The notice -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("sheets", [((0, 0),), ((9, 3),), ((3, 30),), ((40, 30),)], ids=str)
@pytest.mark.parametrize("notice", [PAGE, PAGES], ids=lambda n: n.style)
def test_a_notice_is_put_in_and_found(tmp_path, sheets, notice):
    src = book(tmp_path / "a.xlsx", *sheets, (2, 2))
    placement = ROOM.write_notice(src, tmp_path / "b.xlsx", notice)
    assert placement.pages == (1 if notice is PAGE else 2)
    report = judged(tmp_path / "b.xlsx", notice.style)
    assert (report.code, report.languages) == (PERCEIVABLE, ("kk", "ru"))
    assert ROOM.find_notices(tmp_path / "b.xlsx", (), search=True)[0].perceivable
    before, after = openpyxl.load_workbook(src), openpyxl.load_workbook(tmp_path / "b.xlsx")
    for sheet in before:
        assert [[c.value for c in row] for row in sheet] == [
            [c.value for c in row] for row in after[sheet.title]
        ]


def test_it_is_on_the_sheet_that_is_seen_first(tmp_path):
    src = book(
        tmp_path / "a.xlsx", (2, 2), (2, 2), (2, 2), change=lambda m: (hide_first(m), open_third(m))
    )
    placement = ROOM.write_notice(src, tmp_path / "b.xlsx", PAGE)
    assert placement.pages == 2  # the first that is visible, and the one it opens with
    parts = parts_of(tmp_path / "b.xlsx")
    assert [b"<drawing " in parts[f"xl/worksheets/sheet{n}.xml"] for n in (1, 2, 3)] == [
        False,
        True,
        True,
    ]
    assert judged(tmp_path / "b.xlsx", NoticeStyle.PAGES).perceivable


def test_a_sheet_without_it_is_told(tmp_path):
    src = book(tmp_path / "a.xlsx", (2, 2), (2, 2))
    ROOM.write_notice(src, tmp_path / "b.xlsx", PAGE)
    assert judged(tmp_path / "b.xlsx", NoticeStyle.PAGES).code == "kz.notice.missing-pages"
    assert judged(src).perceivable is False


def test_charts_tables_and_comments_stay(tmp_path):
    def dress(made):
        sheet = made["S0"]
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=4))
        sheet.add_chart(chart, "F20")
        sheet.add_table(openpyxl.worksheet.table.Table(displayName="T", ref="A1:C5"))
        made["S1"]["A1"].comment = openpyxl.comments.Comment("note", "me")
        made["S1"]["B1"] = "=SUM(S0!A1:A4)"

    src = book(tmp_path / "a.xlsx", (5, 3), (2, 2), change=dress)
    ROOM.write_notice(src, tmp_path / "b.xlsx", PAGES)
    before, after = parts_of(src), parts_of(tmp_path / "b.xlsx")
    kept = [name for name in before if "chart" in name or "table" in name or "comment" in name]
    assert len(kept) >= 4
    assert all(after[name] == before[name] for name in kept)
    assert after["xl/drawings/drawing1.xml"].count(b"oneCellAnchor") == 4
    made = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert made["S1"]["B1"].value == "=SUM(S0!A1:A4)"
    assert made["S1"]["A1"].comment.text == "note"
    sheet = after["xl/worksheets/sheet2.xml"]
    assert sheet.index(b"<drawing ") < sheet.index(b"<legacyDrawing ")


def test_the_box_lies_where_no_cells_are(tmp_path):
    src = book(tmp_path / "a.xlsx", (40, 3))
    ROOM.write_notice(src, tmp_path / "b.xlsx", PAGE)
    drawing = next(
        c
        for n, c in parts_of(tmp_path / "b.xlsx").items()
        if "drawingKz" in n and n.endswith(".xml")
    )
    assert b"<xdr:col>3</xdr:col>" in drawing
    assert b"<xdr:row>0</xdr:row>" in drawing


def test_a_view_that_begins_further_down(tmp_path):
    def scroll(made):
        made["S0"].sheet_view.topLeftCell = "C200"

    src = book(tmp_path / "a.xlsx", (300, 3), change=scroll)
    ROOM.write_notice(src, tmp_path / "b.xlsx", PAGE)
    assert judged(tmp_path / "b.xlsx").perceivable
    back = with_parts(tmp_path / "b.xlsx", sheet1=lambda t: t.replace("C200", "C900"))
    assert judged(back).code == BURIED


@pytest.mark.slow
def test_a_sheet_with_more_cells_than_are_read(tmp_path):
    src = book(tmp_path / "a.xlsx", (2, 2))
    rows = "<row><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c></row>" * 12_000
    with_parts(src, sheet1=lambda t: t.replace("</sheetData>", f"{rows}</sheetData>"))
    ROOM.write_notice(src, tmp_path / "b.xlsx", PAGE)
    assert judged(tmp_path / "b.xlsx").perceivable
    assert rows.encode() in parts_of(tmp_path / "b.xlsx")["xl/worksheets/sheet1.xml"]


# --- Tricks in cells, and their honest twins ------------------------------------------------------


def hide_row(sheet):
    sheet.row_dimensions[2].hidden = True


def hide_column(sheet):
    sheet.column_dimensions["B"].hidden = True


def lower(sheet):
    sheet.row_dimensions[2].height = 2


def far_down(sheet):
    sheet["B200"], sheet["B2"] = sheet["B2"].value, None


def styled(**style):
    def change(sheet):
        for name, value in style.items():
            setattr(sheet["B2"], name, value)

    return change


def ruled(sheet):
    sheet.conditional_formatting.add(
        "A1:Z9", CellIsRule(operator="equal", formula=["1"], font=Font(color="FFFFFFFF"))
    )


def beside(sheet):
    sheet["C2"] = "next"


def sized(sheet, points):
    sheet.row_dimensions[2].height = points


def narrowed(sheet, width=3):
    sheet.column_dimensions["B"].width = width


def aligned(horizontal):
    return styled(alignment=Alignment(horizontal=horizontal))


wrapped = styled(alignment=Alignment(wrap_text=True))
BLACK = PatternFill("solid", fgColor="FF000000")
TRICKS = {
    "a hidden row": (hide_row, HIDDEN),
    "a hidden column": (hide_column, HIDDEN),
    "no height": (lower, HIDDEN),
    "white": (styled(font=Font(color="FFFFFFFF")), FAINT),
    "white by the theme": (styled(font=Font(color=Color(theme=0))), FAINT),
    "pale by a tint": (styled(font=Font(color=Color(theme=1, tint=0.9))), FAINT),
    "white by its index": (styled(font=Font(color=Color(indexed=9))), FAINT),
    "black on black": (styled(fill=BLACK), FAINT),
    "one point": (styled(font=Font(size=1)), SMALL),
    "a format that shows none": (styled(number_format=";;;"), HIDDEN),
    "far down": (far_down, BURIED),
    "rules may paint it": (ruled, UNDETERMINED),
    "cut by its neighbour": (beside, UNDETERMINED),
    "turned": (styled(alignment=Alignment(textRotation=90)), UNDETERMINED),
    "shrunk": (styled(alignment=Alignment(shrink_to_fit=True)), UNDETERMINED),
    "shown at a tenth": (lambda sheet: setattr(sheet.sheet_view, "zoomScale", 10), UNDETERMINED),
    "a format of a colour": (
        styled(number_format="General;General;General;[White]@"),
        UNDETERMINED,
    ),
    "a format of a colour only": (styled(number_format="[White]General"), UNDETERMINED),
    "a format of other words": (styled(number_format='0;0;0;"x"'), UNDETERMINED),
    "higher than its row": (lambda s: (sized(s, 12), styled(font=Font(size=72))(s)), UNDETERMINED),
    "letters of a screen": (styled(font=Font(size=400)), UNDETERMINED),
    "lines cut off": (
        lambda s: (sized(s, 15), wrapped(s), setattr(s["B2"], "value", "\u200b\n" * 9 + WORDS)),
        UNDETERMINED,
    ),
    "broken in a narrow column": (lambda s: (wrapped(s), narrowed(s)), UNDETERMINED),
    "at the right of a narrow column": (lambda s: (aligned("right")(s), narrowed(s)), UNDETERMINED),
    "in the middle of a narrow column": (
        lambda s: (aligned("center")(s), narrowed(s)),
        UNDETERMINED,
    ),
    "filling a narrow column": (lambda s: (aligned("fill")(s), narrowed(s)), UNDETERMINED),
    "at the right of a screen": (lambda s: (aligned("right")(s), narrowed(s, 255)), UNDETERMINED),
    "far in": (styled(alignment=Alignment(indent=15)), UNDETERMINED),
    "merged away": (lambda s: s.merged_cells.add("A1:C3"), HIDDEN),
    "outlined letters": (styled(font=Font(outline=True)), UNDETERMINED),
    "above what is frozen": (
        lambda s: (setattr(s, "freeze_panes", "B40"), setattr(s.sheet_view, "topLeftCell", "A20")),
        BURIED,
    ),
    "formulas are shown": (lambda s: setattr(s.sheet_view, "showFormulas", True), UNDETERMINED),
    "a pattern": (styled(fill=PatternFill("gray125")), UNDETERMINED),
}
TWINS = {
    "plain": lambda _: None,
    "white on black": styled(font=Font(color="FFFFFFFF"), fill=BLACK),
    "of the theme": styled(font=Font(color=Color(theme=1))),
    "nine points": styled(font=Font(size=9)),
    "a format that shows text": styled(number_format=";;;@"),
    "in the middle of a wide column": lambda s: (aligned("center")(s), narrowed(s, 80)),
    "broken in a wide column": lambda s: (wrapped(s), narrowed(s, 40)),
    "beside wide": lambda sheet: (
        beside(sheet),
        setattr(sheet.column_dimensions["B"], "width", 80),
    ),
}


def celled(path, change):
    def fill(made):
        made["S0"]["B2"] = WORDS
        change(made["S0"])

    return book(path, (0, 0), change=fill)


@pytest.mark.parametrize("trick", TRICKS)
def test_tricks(tmp_path, trick):
    change, code = TRICKS[trick]
    assert judged(celled(tmp_path / "a.xlsx", change)).code == code


@pytest.mark.parametrize("twin", TWINS)
def test_honest_twins(tmp_path, twin):
    assert judged(celled(tmp_path / "a.xlsx", TWINS[twin])).code == PERCEIVABLE


@pytest.mark.parametrize(
    "again",
    ['<row r="2"><c r="B2" t="inlineStr"><is><t>x</t></is></c></row>',
     '<row r="9"><c r="B9"/><c r="B9"/></row>', '<row r="9"/><row r="2" ht="1"/>'],
)  # fmt: skip
def test_of_two_cells_in_one_place_nobody_says_which_is_shown(tmp_path, again):
    path = celled(tmp_path / "a.xlsx", lambda _: None)
    with_parts(path, sheet1=lambda t: t.replace("</sheetData>", f"{again}</sheetData>"))
    assert judged(path).perceivable is not True


@pytest.mark.parametrize(("size", "code"), [(11, PERCEIVABLE), (1, SMALL)])
def test_rich_text_is_judged_run_by_run(tmp_path, size, code):
    rich = f"<r><rPr><sz val='{size}'/></rPr><t>{WORDS}</t></r>"
    path = celled(tmp_path / "a.xlsx", lambda _: None)
    with_parts(path, sheet1=lambda t: re.sub("<t>.*?</t>", rich, t))
    assert judged(path).code == code
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t/></si><si>'
    )
    related = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    held = parts_of(path)
    held["xl/strings.xml"] = f"{strings}{rich}</si></sst>".encode()
    rels = held["xl/_rels/workbook.xml.rels"].decode()
    rels = re.sub(
        "</Relationships>|</ns0:Relationships>",
        rf'<Relationship Id="s" Type="{related}" Target="strings.xml"/>\g<0>',
        rels,
    )
    held["xl/_rels/workbook.xml.rels"] = rels.encode()
    sheet = held["xl/worksheets/sheet1.xml"].decode()
    inline = f'<c r="B2" t="inlineStr"><is>{rich}</is></c>'
    assert inline in sheet
    held["xl/worksheets/sheet1.xml"] = sheet.replace(
        inline, '<c r="B2" t="s"><v>1</v></c>'
    ).encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, content in held.items():
            package.writestr(name, content)
    assert judged(path).code == code


# --- Tricks with the box --------------------------------------------------------------------------

BOX_TRICKS = {
    "hidden": (lambda t: t.replace('name="kzlabel notice"', 'name="x" hidden="1"'), HIDDEN),
    "far away": (lambda t: t.replace("<xdr:col>0<", "<xdr:col>99<"), BURIED),
    "far down": (lambda t: t.replace("<xdr:row>0<", "<xdr:row>200<"), BURIED),
    "white": (lambda t: t.replace("111111", "FFFFFF"), FAINT),
    "tiny": (lambda t: t.replace('sz="1300"', 'sz="100"'), SMALL),
    "no ink": (lambda t: t.replace('<a:solidFill><a:srgbClr val="111111"/></a:solidFill><a:latin', "<a:noFill/><a:latin"), HIDDEN),
    "clear": (lambda t: t.replace('<a:srgbClr val="111111"/>', '<a:srgbClr val="111111"><a:alpha val="5000"/></a:srgbClr>'), FAINT),
    "turned": (lambda t: t.replace("<a:xfrm>", '<a:xfrm rot="5400000">'), UNDETERMINED),
    "no plate": (lambda t: t.replace('<a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>', "<a:noFill/>"), UNDETERMINED),
    "pushed out of its box": (lambda t: re.sub('lIns="[0-9]+"', 'lIns="90000000"', t), UNDETERMINED),
    "struck": (lambda t: t.replace("noStrike", "sngStrike"), UNDETERMINED),
}  # fmt: skip


@pytest.mark.parametrize("trick", BOX_TRICKS)
def test_tricks_with_the_box(tmp_path, trick):
    change, code = BOX_TRICKS[trick]
    ROOM.write_notice(book(tmp_path / "a.xlsx", (0, 0)), tmp_path / "b.xlsx", PAGE)
    assert judged(with_parts(tmp_path / "b.xlsx", drawingKz1=change)).code == code


def test_a_chart_over_the_box_covers_it(tmp_path):
    ROOM.write_notice(book(tmp_path / "a.xlsx", (0, 0)), tmp_path / "b.xlsx", PAGE)
    over = (
        "<xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>0</xdr:row>"
        '<xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="{}" cy="9000000"/><xdr:pic/></xdr:oneCellAnchor></xdr:wsDr>'
    )
    for wide, code in (
        (9_000_000, "kz.notice.covered"),
        (300_000, UNDETERMINED),
        (10_000, PERCEIVABLE),
    ):
        path = tmp_path / f"{wide}.xlsx"
        path.write_bytes((tmp_path / "b.xlsx").read_bytes())
        with_parts(path, drawingKz1=lambda t, w=wide: t.replace("</xdr:wsDr>", over.format(w)))
        assert judged(path).code == code


def test_a_workbook_that_shows_no_objects(tmp_path):
    src = book(tmp_path / "a.xlsx", (0, 0))
    with_parts(
        src, workbook=lambda t: t.replace("<workbookPr/>", '<workbookPr showObjects="none"/>')
    )
    with pytest.raises(RefusedError, match="hidden"):
        ROOM.write_notice(src, tmp_path / "b.xlsx", PAGE)
    assert not (tmp_path / "b.xlsx").exists()


def test_chart_sheets_have_no_place(tmp_path):
    def add(made):
        made.create_chartsheet("C", 0).add_chart(BarChart())

    src = book(tmp_path / "a.xlsx", (2, 2), change=add)
    with pytest.raises(RefusedError, match="C"):
        ROOM.write_notice(src, tmp_path / "b.xlsx", PAGES)


@pytest.mark.parametrize("stem", ["workbook", "sheet1", "styles", "theme1"])
def test_hostile_parts_are_told_or_read(tmp_path, stem):
    src = celled(tmp_path / "a.xlsx", lambda _: None)
    content = parts_of(src)[next(n for n in parts_of(src) if n.endswith(f"{stem}.xml"))].decode()
    for harmed in (
        "",
        "<a/>",
        content[:-9],
        content.replace('"0"', '"-1"').replace('"1"', '"99999999999"'),
    ):
        path = tmp_path / "h.xlsx"
        path.write_bytes(src.read_bytes())
        with_parts(path, **{stem: lambda _, h=harmed: h})
        for attempt in (judged, lambda p: ROOM.write_notice(p, tmp_path / "w.xlsx", PAGE)):
            (tmp_path / "w.xlsx").unlink(missing_ok=True)
            with contextlib.suppress(KzlabelError):
                attempt(path)


def test_properties(tmp_path):
    src = book(tmp_path / "a.xlsx", (2, 2))
    assert recognise(src).spec.name == "XLSX"
    ROOM.write_tags(src, tmp_path / "b.xlsx", {"ooxml": {"AISYSTEMUSED": "Модель"}})
    assert ROOM.read_tags(tmp_path / "b.xlsx")["ooxml"]["AISYSTEMUSED"] == "Модель"
    assert (
        openpyxl.load_workbook(tmp_path / "b.xlsx").custom_doc_props["AISYSTEMUSED"].value
        == "Модель"
    )


@pytest.mark.slow
@pytest.mark.needs("soffice")
def test_libreoffice_shows_the_words(tmp_path):
    src = book(tmp_path / "a.xlsx", (20, 3), (5, 5))
    ROOM.write_notice(src, tmp_path / "b.xlsx", PAGES)
    profile = f"-env:UserInstallation=file://{tmp_path}/lo"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "b.xlsx"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    text = " ".join(pypdf.PdfReader(tmp_path / "b.pdf").pages[0].extract_text().split())
    assert "Жасанды интеллект" in text  # the page may end in the middle of the box


# --- Where it lies --------------------------------------------------------------------------------

FOLDED = '<col min="{}" max="16384" hidden="1" width="9"/>'
COLUMNS = re.compile(r"<xdr:col>(\d+)</xdr:col>")


def fold(first):
    """Hide all columns from that one on, which is counted from 1."""
    letter = openpyxl.utils.get_column_letter(first)
    return lambda made: made["S0"].column_dimensions.group(letter, "XFD", hidden=True)


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "columns"), [(3, 4), (40, 4), (40, 8)])
def test_no_notice_is_put_where_all_columns_are_hidden(tmp_path, rows, columns):
    src = book(tmp_path / "a.xlsx", (rows, columns), change=fold(columns + 1))
    given = ROOM.write_notice(src, tmp_path / "b.xlsx", PAGE)
    parts = parts_of(tmp_path / "b.xlsx")
    drawing = next(parts[name] for name in parts if "drawings/drawing" in name).decode()
    assert int(COLUMNS.search(drawing)[1]) < columns
    assert ("kz.notice.covers" in given.flaws) is (rows == 40)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (fold(2), "kz.error.office-narrow"),
        (lambda made: setattr(made["S0"].sheet_view, "zoomScale", 40), "kz.error.office-zoom"),
    ],
)
def test_a_sheet_on_which_nobody_would_see_it_is_refused(tmp_path, change, code):
    src = book(tmp_path / "a.xlsx", (40, 1), change=change)
    with pytest.raises(RefusedError) as caught:
        ROOM.write_notice(src, tmp_path / "b.xlsx", PAGE)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "hide",
    [
        lambda t: t.replace("<sheetData>", f"<cols>{FOLDED.format(3)}</cols><sheetData>"),
        lambda t: t.replace("<sheetFormatPr ", '<sheetFormatPr zeroHeight="1" '),
    ],
    ids=["columns", "rows"],
)
def test_a_notice_where_the_sheet_has_ended_is_hidden(tmp_path, hide):
    src = book(tmp_path / "a.xlsx", (2, 2))
    ROOM.write_notice(src, tmp_path / "b.xlsx", PAGE)
    assert judged(with_parts(tmp_path / "b.xlsx", sheet1=hide)).code == HIDDEN


@pytest.mark.parametrize(("area", "printed"), [("A1:C30", False), ("A1:K40", True), (None, True)])
def test_a_notice_that_is_not_printed_is_said(tmp_path, area, printed):
    def limit(made):
        made["S0"].print_area = area

    src = book(tmp_path / "a.xlsx", (30, 3), change=limit if area else lambda _: None)
    given = ROOM.write_notice(src, tmp_path / "b.xlsx", PAGE)
    assert given.flaws == (() if printed else ("kz.notice.unprinted",))


def test_a_notice_keeps_clear_of_charts_and_of_words_that_run_over(tmp_path):
    def draw(made):
        made["S0"]["A1"] = "A heading that runs over many empty cells " * 2
        chart = BarChart()
        chart.add_data(Reference(made["S0"], min_col=1, min_row=1, max_row=4))
        made["S0"].add_chart(chart, "D3")

    src = book(tmp_path / "a.xlsx", (40, 3), change=draw)
    given = ROOM.write_notice(src, tmp_path / "b.xlsx", PAGE)
    assert "kz.notice.covers" not in given.flaws


@pytest.mark.parametrize(("language", "said"), [("en", "hidden"), ("ru", "скрыто")])
def test_a_refusal_says_why_in_the_readers_language(tmp_path, language, said):
    src = with_parts(
        book(tmp_path / "a.xlsx", (2, 2)),
        workbook=lambda t: t.replace("<workbookPr/>", '<workbookPr showObjects="none"/>'),
    )
    with pytest.raises(RefusedError) as caught:
        ROOM.write_notice(src, tmp_path / "b.xlsx", PAGE)
    sentence = caught.value.sentence(language)
    assert said in sentence
    assert "kz." not in sentence
