"""Word documents: the notice in body and headers, the tricks that hide one, the properties."""

from __future__ import annotations

import io
import subprocess
import zipfile

import docx
import pypdf
import pytest
from docx.enum.section import WD_SECTION
from docx.shared import Pt, RGBColor

from kzlabel.errors import KzlabelError, RefusedError, UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats import recognise
from kzlabel.formats.ooxml import Docx
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Placement, Statement

ROOM = Docx()
LINES = ("Жасанды интеллект жасаған", "Создано искусственным интеллектом")
PAGE = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGE)
PAGES = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGES)
TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PERCEIVABLE, UNDETERMINED = "kz.notice.perceivable", "kz.notice.undetermined"


def hint(style=NoticeStyle.PAGE, lines=LINES, languages=("kk", "ru")):
    return Placement(statement=Statement.CREATED, style=style, languages=languages, lines=lines)


def parts_of(path):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def with_parts(path, **parts):
    """Write the package again with some parts changed by functions of their text."""
    held = parts_of(path)
    for name, change in parts.items():
        full = next(n for n in held if n.rpartition("/")[2] == f"{name}.xml")
        held[full] = change(held[full].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in held.items():
            package.writestr(name, content)
    return path


@pytest.fixture(scope="session")
def blank():
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("A text of its own. " * 20)
    document.save(out)
    return out.getvalue()


@pytest.fixture
def source(tmp_path, blank):
    path = tmp_path / "a.docx"
    path.write_bytes(blank)
    return path


@pytest.fixture
def with_body(source):
    """A document whose body begins with the given markup."""

    def make(markup, **parts):
        def insert(text):
            return text.replace("<w:body>", f"<w:body>{markup}", 1)

        return with_parts(source, document=insert, **parts)

    return make


def run(text, properties=""):
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(properties="", own="", inside="{}"):
    runs = "<w:r><w:br/></w:r>".join(run(line, properties) for line in LINES)
    return f"<w:p><w:pPr>{own}</w:pPr>{inside.format(runs)}</w:p>"


def judged(path, style=NoticeStyle.PAGE):
    (report,) = ROOM.find_notices(path, (hint(style),), search=False)
    return report


# --- The notice -----------------------------------------------------------------------------------


@pytest.mark.parametrize("notice", [PAGE, PAGES], ids=lambda n: n.style)
def test_a_notice_is_put_in_and_found(source, tmp_path, notice):
    before = parts_of(source)
    placement = ROOM.write_notice(source, tmp_path / "b.docx", notice)
    assert (placement.lines, placement.style, placement.pages) == (LINES, notice.style, 1)
    report = judged(tmp_path / "b.docx", notice.style)
    assert (report.code, report.perceivable, report.languages) == (PERCEIVABLE, True, ("kk", "ru"))
    (found,) = ROOM.find_notices(tmp_path / "b.docx", (), search=True)
    assert found.perceivable
    after = parts_of(tmp_path / "b.docx")
    assert parts_of(source) == before
    touched = {name for name in before if after[name] != before[name]}
    linked = {"[Content_Types].xml", "word/_rels/document.xml.rels"}
    assert touched == {"word/document.xml"} | (linked if notice is PAGES else set())
    assert list(after)[: len(before)] == list(before)
    document = docx.Document(tmp_path / "b.docx")
    texts = [p.text for p in document.paragraphs]
    head = [p.text for p in document.sections[0].header.paragraphs]
    assert "\n".join(LINES) in (texts[0], head[0])
    assert texts[-1].startswith("A text of its own.")


def test_the_notice_comes_before_a_table_and_into_every_header(tmp_path):
    document = docx.Document()
    document._body.clear_content()
    document.add_table(1, 2)
    document.settings.odd_and_even_pages_header_footer = True
    first = document.sections[0]
    first.different_first_page_header_footer = True
    first.header.is_linked_to_previous = False
    first.header.paragraphs[0].text = "Chapter"
    second = document.add_section(WD_SECTION.NEW_PAGE)
    second.header.is_linked_to_previous = False
    second.header.paragraphs[0].text = "Another"
    document.add_section(WD_SECTION.CONTINUOUS)
    src = tmp_path / "a.docx"
    document.save(src)
    ROOM.write_notice(src, tmp_path / "page.docx", PAGE)
    body = docx.Document(tmp_path / "page.docx").element.body
    assert [e.tag.rpartition("}")[2] for e in body][:2] == ["p", "tbl"]
    placement = ROOM.write_notice(src, tmp_path / "pages.docx", PAGES)
    assert placement.pages == 9
    made = docx.Document(tmp_path / "pages.docx")
    for section in made.sections:
        for head in (section.header, section.first_page_header, section.even_page_header):
            assert head.paragraphs[0].text == "\n".join(LINES)
    assert [p.text for p in made.sections[0].header.paragraphs][1:] == ["Chapter"]
    assert [p.text for p in made.sections[2].header.paragraphs][1:] == ["Another"]


def test_a_header_without_the_notice_is_told(source, tmp_path):
    ROOM.write_notice(source, tmp_path / "b.docx", PAGES)
    document = docx.Document(tmp_path / "b.docx")
    document.add_section().header.is_linked_to_previous = False
    document.save(tmp_path / "c.docx")
    report = judged(tmp_path / "c.docx", NoticeStyle.PAGES)
    assert (report.perceivable, report.code) == (False, "kz.notice.missing-pages")
    assert judged(source, NoticeStyle.PAGES).perceivable is False


def test_styles_that_hide_everything_do_not_hide_the_notice(source, tmp_path):
    document = docx.Document(source)
    font = document.styles["Normal"].font
    font.hidden, font.size, font.strike = True, Pt(1), True
    font.color.rgb = RGBColor(255, 255, 255)
    document.save(source)
    ROOM.write_notice(source, tmp_path / "b.docx", PAGE)
    assert judged(tmp_path / "b.docx").perceivable


def test_iso_strict_documents(source, tmp_path):
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    path = with_parts(
        source, document=lambda t: t.replace(W, strict), styles=lambda t: t.replace(W, strict)
    )
    for notice in (PAGE, PAGES):
        ROOM.write_notice(path, tmp_path / f"{notice.style}.docx", notice)
        assert judged(tmp_path / f"{notice.style}.docx", notice.style).perceivable


# --- Tricks, and their honest twins ---------------------------------------------------------------

HIDDEN, FAINT, SMALL = "kz.notice.hidden", "kz.notice.faint", "kz.notice.small"
BREAK = '<w:p><w:r><w:t>x</w:t><w:br w:type="page"/></w:r></w:p>'
CELL = "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w='5000'/></w:tblGrid><w:tr><w:trPr>{}</w:trPr><w:tc><w:tcPr>{}</w:tcPr>{}</w:tc></w:tr></w:tbl>"
FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
CODE = FIELD.format("begin") + "{}" + FIELD.format("end")
LINK = (
    FIELD.format("begin") + "<w:r><w:instrText>HYPERLINK x</w:instrText></w:r>"
    + FIELD.format("separate") + "{}" + FIELD.format("end")
)  # fmt: skip

SHAPE = '<v:shape xmlns:v="urn:schemas-microsoft-com:vml" style="{}width:100pt;height:2000pt"/>'


def table(properties="", row="", cell=""):
    markup = CELL.replace("<w:tblPr/>", f"<w:tblPr>{properties}</w:tblPr>")
    return markup.format(row, cell, paragraph())


def empty(properties):
    return f"<w:p><w:pPr>{properties}</w:pPr></w:p>"


def section(properties):
    return empty(f'<w:sectPr><w:pgSz w:w="12240" w:h="15840"/>{properties}</w:sectPr>')


TRICKS = {
    "hidden": (paragraph("<w:vanish/>"), HIDDEN),
    "hidden by a style": (paragraph('<w:rStyle w:val="Ghost"/>'), HIDDEN),
    "hidden by a style's parent": (paragraph(own='<w:pStyle w:val="Child"/>'), HIDDEN),
    "white": (paragraph('<w:color w:val="FFFFFF"/>'), FAINT),
    "pale": (paragraph('<w:color w:val="DDDDDD"/>'), FAINT),
    "white by the theme": (paragraph('<w:color w:themeColor="background1"/>'), FAINT),
    "black on black": (paragraph('<w:color w:val="000000"/><w:shd w:val="clear" w:fill="101010"/>'), FAINT),
    "its highlight's colour": (paragraph('<w:color w:val="FFFF00"/><w:highlight w:val="yellow"/>'), FAINT),
    "on a shaded paragraph": (paragraph('<w:color w:val="333333"/>', '<w:shd w:val="clear" w:fill="222222"/>'), FAINT),
    "one point": (paragraph('<w:sz w:val="2"/>'), SMALL),
    "raised and small": (paragraph('<w:sz w:val="22"/><w:vertAlign w:val="superscript"/>'), SMALL),
    "deleted": (paragraph(inside="<w:del>{}</w:del>"), HIDDEN),
    "moved away": (paragraph(inside="<w:moveFrom>{}</w:moveFrom>"), HIDDEN),
    "a field's code": (paragraph(inside=CODE), HIDDEN),
    "a line of no height": (paragraph(own='<w:spacing w:line="1" w:lineRule="exact"/>'), HIDDEN),
    "a hidden row": (CELL.format("<w:hidden/>", "", paragraph()), HIDDEN),
    "a row of no height": (CELL.format('<w:trHeight w:val="1" w:hRule="exact"/>', "", paragraph()), HIDDEN),
    "a cell that is merged away": (CELL.format("", "<w:vMerge/>", paragraph()), HIDDEN),
    "on the second page": (BREAK + paragraph(), "kz.notice.missing"),
    "a line of no height in two": (paragraph(own='<w:pStyle w:val="Exact"/><w:spacing w:line="20"/>'), HIDDEN),
    "below a page of lines": ('<w:p><w:pPr><w:spacing w:line="1400" w:lineRule="exact"/></w:pPr></w:p>' * 11 + paragraph(), "kz.notice.buried"),
    "below a page of breaks": (paragraph(own='<w:spacing w:line="1400" w:lineRule="exact"/>', inside="<w:r>" + "<w:br/>" * 11 + "</w:r>{}"), "kz.notice.buried"),
    "pushed off the page": (
        '<w:p><w:pPr><w:spacing w:before="31000"/></w:pPr><w:r><w:t>x</w:t></w:r></w:p>' + paragraph(),
        "kz.notice.buried",
    ),
}  # fmt: skip
OPEN = {
    "a frame": paragraph(own='<w:framePr w:x="30000" w:y="0"/>'),
    "off the page": paragraph(own='<w:ind w:left="30000"/>'),
    "left of the page": paragraph(own='<w:ind w:left="-9000"/>'),
    "two colours": paragraph('<w:color w:val="000000" w:themeColor="background1"/>'),
    "a colour nobody has": paragraph('<w:color w:themeColor="none-such"/>'),
    "a pattern": paragraph("", '<w:shd w:val="pct50" w:fill="FFFFFF"/>'),
    "pressed together": paragraph('<w:spacing w:val="-200"/>'),
    "struck through": paragraph("<w:strike/>"),
    "pictures for letters": paragraph('<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>'),
    "bound to data": f"<w:sdt><w:sdtPr><w:dataBinding/></w:sdtPr><w:sdtContent>{paragraph()}</w:sdtContent></w:sdt>",
    "a branch": '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    f'<mc:Choice Requires="none">{paragraph()}</mc:Choice></mc:AlternateContent>',
    "a text box": f"<w:p><w:r><w:pict><w:txbxContent>{paragraph()}</w:txbxContent></w:pict></w:r></w:p>",
    "right to left": paragraph(inside='<w:bdo w:val="rtl">{}</w:bdo>'),
    "after a tab": paragraph(own='<w:tabs><w:tab w:val="left" w:pos="31000"/></w:tabs>', inside="<w:r><w:tab/></w:r>{}"),
    "a cell of margins": table(cell="<w:tcMar><w:left w:w='20000' w:type='dxa'/></w:tcMar>"),
    "a table off the page": table("<w:tblInd w:w='20000' w:type='dxa'/>"),
    "a table of a colour": table("<w:shd w:val='clear' w:fill='000000'/>"),
    "a column of no width": table(cell="<w:tcW w:w='10' w:type='dxa'/>"),
    "a row cut off": table(row="<w:trHeight w:val='205' w:hRule='exact'/>"),
    "upright words": table(cell="<w:textDirection w:val='tbRl'/>"),
    "after a line of a page": empty('<w:spacing w:line="14000" w:lineRule="exact"/>') + paragraph(),
    "letters far apart": paragraph('<w:spacing w:val="31000"/>'),
    "in a wide frame line": paragraph('<w:bdr w:val="single" w:sz="240" w:color="FFFFFF"/>'),
    "margins of a page": paragraph() + section('<w:pgMar w:left="30000" w:right="0"/>'),
    "over the page": paragraph() + section('<w:pgMar w:top="-31000" w:left="1000" w:right="1000"/>'),
    "a page of no size": paragraph() + section("").replace('"12240"', '"200"'),
    "a page of columns": paragraph() + section('<w:cols w:num="45"/>'),
    "at the foot": paragraph() + section('<w:vAlign w:val="bottom"/>'),
    "a grid of a page": paragraph() + section('<w:docGrid w:type="lines" w:linePitch="31000"/>'),
    "in the next column": '<w:p><w:r><w:br w:type="column"/></w:r></w:p>' + paragraph(),
    "after a high picture": f'<w:p><w:r><w:pict>{SHAPE.format("")}</w:pict></w:r></w:p>' + paragraph(),
    "under a drawn line": paragraph() + f'<w:p><w:r><w:pict>{SHAPE.format("position:absolute;").replace("v:shape", "v:line")}</w:pict></w:r></w:p>',
    "a style that is there twice": paragraph('<w:rStyle w:val="Twin"/>'),
    "a field that is worked out": paragraph(inside='<w:fldSimple w:instr="IF 1=2 a b">{}</w:fldSimple>'),
    "a reference": paragraph(inside=LINK.replace("HYPERLINK x", "REF x")),
    "a page's number": paragraph(inside='<w:fldSimple w:instr="PAGEREF x">{}</w:fldSimple>'),
    "after another document": '<w:altChunk xmlns:r="x" r:id="rId99"/>' + paragraph(),
    "folded up": '<w:p><w:pPr><w:pStyle w:val="Heading1"/><w15:collapsed xmlns:w15="y"/></w:pPr></w:p>' + paragraph(),
    "in a list": paragraph(own='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'),
}  # fmt: skip
LARGE = {
    "in a line of a page": paragraph(own='<w:spacing w:line="14000" w:lineRule="exact"/>'),
    "a line of two properties": paragraph(own='<w:pStyle w:val="Exact"/><w:spacing w:line="2000"/>'),
    "after a mark of a page": empty('<w:rPr><w:sz w:val="3000"/></w:rPr>') + paragraph(),
    "letters of a page": paragraph('<w:sz w:val="3276"/>'),
    "beside letters of a page": paragraph(inside="{}" + run("x", '<w:sz w:val="3276"/>')),
}  # fmt: skip
TWINS = {
    "plain": paragraph(),
    "shown in a hidden style": paragraph('<w:rStyle w:val="Ghost"/><w:vanish w:val="0"/>'),
    "white on black": paragraph('<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="000000"/>'),
    "highlighted": paragraph('<w:highlight w:val="yellow"/>'),
    "black on a shaded paragraph": paragraph('<w:color w:val="000000"/>', '<w:shd w:val="clear" w:fill="EEEEEE"/>'),
    "of the theme": paragraph('<w:color w:val="000000" w:themeColor="text1"/>'),
    "nine points": paragraph('<w:sz w:val="18"/>'),
    "inserted": paragraph(inside="<w:ins>{}</w:ins>"),
    "a link": paragraph(inside="<w:hyperlink>{}</w:hyperlink>"),
    "a field's result": paragraph(inside=LINK),
    "a high line": paragraph(own='<w:spacing w:line="400" w:lineRule="exact"/>'),
    "a row": CELL.format("", "", paragraph()),
    "indented": paragraph(own='<w:ind w:left="700"/>'),
    "a content control": f"<w:sdt><w:sdtContent>{paragraph()}</w:sdtContent></w:sdt>",
    "after a heading": '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Report</w:t></w:r></w:p>' + paragraph(),
}  # fmt: skip


def with_styles(text):
    ghost = '<w:style w:type="character" w:styleId="Ghost"><w:rPr><w:vanish/></w:rPr></w:style>'
    parent = '<w:style w:type="paragraph" w:styleId="Parent"><w:rPr><w:vanish/></w:rPr></w:style>'
    child = '<w:style w:type="paragraph" w:styleId="Child"><w:basedOn w:val="Parent"/></w:style>'
    exact = (
        '<w:style w:type="paragraph" w:styleId="Exact"><w:pPr><w:spacing w:lineRule="exact"/>'
        "</w:pPr></w:style>"
    )
    twin = '<w:style w:type="character" w:styleId="Twin">{}</w:style>'
    twins = twin.format("") + twin.format("<w:rPr><w:vanish/></w:rPr>")
    return text.replace("</w:styles>", f"{ghost}{parent}{child}{exact}{twins}</w:styles>")


@pytest.mark.parametrize("trick", TRICKS)
def test_tricks(with_body, trick):
    markup, code = TRICKS[trick]
    report = judged(with_body(markup, styles=with_styles))
    assert (report.code, report.perceivable) == (code, False)


@pytest.mark.slow
@pytest.mark.parametrize("case", OPEN)
def test_what_cannot_be_told_is_not_called_perceivable(with_body, case):
    report = judged(with_body(OPEN[case], styles=with_styles))
    assert (report.code, report.perceivable) == (UNDETERMINED, None)


@pytest.mark.parametrize("case", LARGE)
def test_what_is_as_large_as_a_page_is_not_called_perceivable(with_body, case):
    assert judged(with_body(LARGE[case], styles=with_styles)).perceivable is not True


@pytest.mark.slow
@pytest.mark.parametrize("twin", TWINS)
def test_honest_twins(with_body, twin):
    report = judged(with_body(TWINS[twin], styles=with_styles))
    assert (report.code, report.perceivable) == (PERCEIVABLE, True)


ANCHOR = (
    '<w:p><w:r><w:drawing><wp:anchor xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' behindDoc="{}"><wp:positionV relativeFrom="page"><wp:posOffset>{}</wp:posOffset></wp:positionV>'
    '<wp:extent cx="7000000" cy="5000000"/><wp:{}/></wp:anchor></w:drawing></w:r></w:p>'
)  # fmt: skip


@pytest.mark.parametrize(
    ("anchor", "perceivable"),
    [(("0", "0", "wrapNone"), None), (("1", "0", "wrapNone"), True),
     (("0", "0", "wrapTopAndBottom"), True), (("0", "5000000", "wrapNone"), True)],
)  # fmt: skip
def test_pictures_over_the_text(with_body, anchor, perceivable):
    path = with_body(paragraph() + ANCHOR.format(*anchor))
    assert judged(path).perceivable is perceivable


def test_a_header_that_no_page_shows_hides_its_notice(source, tmp_path):
    document = docx.Document(source)
    document.sections[0].different_first_page_header_footer = True
    document.sections[0].first_page_header.paragraphs[0].text = " ".join(LINES)
    document.save(source)
    assert judged(source).perceivable
    document.sections[0].different_first_page_header_footer = False
    document.save(source)
    assert judged(source).code == HIDDEN


def test_a_header_of_a_page_pushes_the_notice_down(source):
    document = docx.Document(source)
    document.sections[0].header.paragraphs[0].text = "Letterhead"
    document.paragraphs[0].insert_paragraph_before(" ".join(LINES))
    document.save(source)
    assert judged(source).perceivable
    document.sections[0].header.paragraphs[0].paragraph_format.space_before = Pt(700)
    document.save(source)
    assert judged(source).code == "kz.notice.buried"


def test_tracked_changes_that_are_shown_in_a_way_of_their_own(with_body):
    path = with_body(
        TWINS["inserted"],
        settings=lambda t: t.replace(
            "</w:settings>", '<w:revisionView w:insDel="0"/></w:settings>'
        ),
    )
    assert judged(path).code == UNDETERMINED


def test_hints_are_not_believed(source, tmp_path):
    ROOM.write_notice(source, tmp_path / "b.docx", PAGE)
    hints = (
        hint(),
        hint(lines=("\0" * 9, "<w:p>")),
        hint(lines=()),
        Placement(statement=Statement.MODIFIED, style=NoticeStyle.PAGE, languages=("ru",),
                  lines=("Изменено искусственным интеллектом",)),
        hint(NoticeStyle.PAGES),
    )  # fmt: skip
    found = ROOM.find_notices(tmp_path / "b.docx", hints, search=False)
    assert [report.perceivable is True for report in found] == [True, *[False] * 4]
    assert ROOM.find_notices(tmp_path / "b.docx", (), search=False) == ()


# --- Properties, carriers, refusals ---------------------------------------------------------------


def test_properties_are_added_replaced_and_taken_away(source, tmp_path):
    ours = {"DIGITALSOURCETYPE": TYPE, "AISYSTEMUSED": 'Model <«Ә»> & "x"\x01', "AIPROVIDER": ""}
    ROOM.write_tags(source, tmp_path / "b.docx", {"ooxml": ours})
    read = ROOM.read_tags(tmp_path / "b.docx")["ooxml"]
    assert read["DIGITALSOURCETYPE"] == TYPE
    assert read["AISYSTEMUSED"] == 'Model <«Ә»> & "x"'
    assert read["core:creator"] == "python-docx"
    assert "AIPROVIDER" not in read
    other = {"AISYSTEMUSED": "", "KZLABEL_LABELID": "urn:uuid:1"}
    ROOM.write_tags(tmp_path / "b.docx", tmp_path / "c.docx", {"ooxml": other})
    read = ROOM.read_tags(tmp_path / "c.docx")["ooxml"]
    assert (read["DIGITALSOURCETYPE"], read["KZLABEL_LABELID"]) == (TYPE, "urn:uuid:1")
    assert "AISYSTEMUSED" not in read
    custom = parts_of(tmp_path / "c.docx")["docProps/custom.xml"].decode()
    assert custom.count('pid="2"') == custom.count('pid="3"') == 1
    assert docx.Document(tmp_path / "c.docx").paragraphs[0].text.startswith("A text")


def test_properties_of_others_stay(source, tmp_path):
    theirs = '<p:property xmlns:p="{}" fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" name="Their"><vt:i4>7</vt:i4></p:property>'
    ROOM.write_tags(source, tmp_path / "b.docx", {"ooxml": {"A": "1"}})
    namespace = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
    path = with_parts(
        tmp_path / "b.docx",
        custom=lambda t: t.replace('pid="2"', 'pid="7"').replace("<property", theirs.format(namespace) + "<property", 1),
    )  # fmt: skip
    ROOM.write_tags(path, tmp_path / "c.docx", {"ooxml": {"a": "2", "B": "3"}})
    read = ROOM.read_tags(tmp_path / "c.docx")["ooxml"]
    assert (read["Their"], read["a"], read["B"], "A" in read) == ("7", "2", "3", False)
    assert theirs.format(namespace) in parts_of(tmp_path / "c.docx")["docProps/custom.xml"].decode()


def test_signed_documents_are_never_written_again(source, tmp_path):
    with zipfile.ZipFile(source, "a") as package:
        package.writestr("_xmlsignatures/origin.sigs", b"")
    with pytest.raises(RefusedError, match="signature"):
        ROOM.write_notice(source, tmp_path / "b.docx", PAGE)
    with pytest.raises(UnsupportedTagsError):
        ROOM.write_tags(source, tmp_path / "b.docx", {"ooxml": {"A": "1"}})
    assert not (tmp_path / "b.docx").exists()
    assert ROOM.manifest_carrier(source).kind is CarrierKind.COMPANION


def test_a_document_that_hides_what_is_put_into_it_is_refused(with_body, tmp_path):
    path = with_body(ANCHOR.format("0", "0", "wrapNone"))
    with pytest.raises(RefusedError, match="does not show"):
        ROOM.write_notice(path, tmp_path / "b.docx", PAGE)
    assert not (tmp_path / "b.docx").exists()


def test_macros_stay(source, tmp_path):
    with zipfile.ZipFile(source, "a") as package:
        package.writestr("word/vbaProject.bin", bytes(range(256)))
    path = with_parts(source, **{
        "[Content_Types]": lambda t: t.replace(
            "vnd.openxmlformats-officedocument.wordprocessingml.document.main", "vnd.ms-word.document.macroEnabled.main"
        )
    })  # fmt: skip
    assert recognise(path).spec.name == "DOCX"
    ROOM.write_notice(path, tmp_path / "b.docm", PAGE)
    assert parts_of(tmp_path / "b.docm")["word/vbaProject.bin"] == bytes(range(256))


HOSTILE = {
    "no document": lambda parts: parts.pop("word/document.xml"),
    "no relationships": lambda parts: parts.pop("_rels/.rels"),
    "no body": lambda parts: parts.update({"word/document.xml": f'<w:document xmlns:w="{W}"/>'}),
    "entities": lambda parts: parts.update({"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
    "deep": lambda parts: parts.update({"word/document.xml": f'<w:document xmlns:w="{W}"><w:body>' + "<w:tbl>" * 5000}),
    "cut": lambda parts: parts.update({"word/document.xml": parts["word/document.xml"][:-9]}),
    "not utf-8": lambda parts: parts.update({"word/document.xml": b"\xff\xfe<\0a\0/\0>\0"}),
    "styles in a ring": lambda parts: parts.update({"word/styles.xml": "<a/>"}),
}  # fmt: skip


@pytest.mark.parametrize("harm", HOSTILE)
def test_hostile_documents_are_told_or_read(source, tmp_path, harm):
    parts = parts_of(source)
    HOSTILE[harm](parts)
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    read = harm == "styles in a ring"
    for attempt in (
        lambda: judged(source),
        lambda: ROOM.write_notice(source, tmp_path / "b.docx", PAGE),
    ):
        if read:
            attempt()
        else:
            with pytest.raises(KzlabelError):
                attempt()


def test_styles_based_on_one_another_end(with_body):
    ring = '<w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="A"/></w:style>'
    path = with_body(
        paragraph(own='<w:pStyle w:val="A"/>'),
        styles=lambda t: t.replace("</w:styles>", f"{ring}</w:styles>"),
    )
    assert judged(path).perceivable


def test_a_truncated_document_is_recognised_and_unreadable(source):
    source.write_bytes(source.read_bytes()[:-200])
    assert recognise(source).spec.name == "DOCX"
    with pytest.raises(UnreadableAssetError):
        ROOM.read_tags(source)


@pytest.mark.slow
@pytest.mark.needs("soffice")
@pytest.mark.parametrize("notice", [PAGE, PAGES], ids=lambda n: n.style)
def test_libreoffice_shows_the_words(source, tmp_path, notice):
    ROOM.write_notice(source, tmp_path / "b.docx", notice)
    ROOM.write_tags(
        tmp_path / "b.docx", tmp_path / "c.docx", {"ooxml": {"DIGITALSOURCETYPE": TYPE}}
    )
    profile = f"-env:UserInstallation=file://{tmp_path}/lo"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "c.docx"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    text = pypdf.PdfReader(tmp_path / "c.pdf").pages[0].extract_text()
    assert all(line in " ".join(text.split()) for line in LINES)
