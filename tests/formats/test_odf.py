"""OpenDocument: tags and notices are spliced in, and a notice is judged by styles and geometry."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile

import pytest
from odf.opendocument import (
    OpenDocumentPresentation,
    OpenDocumentSpreadsheet,
    OpenDocumentText,
    load,
)

from kzlabel.errors import (
    KzlabelError,
    LimitError,
    RefusedError,
    UnreadableAssetError,
    UnsupportedTagsError,
)
from kzlabel.formats import _xml_splice
from kzlabel.formats.odf import Odp, Ods, Odt
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Placement, Statement

KK, RU = "Жасанды интеллект жасаған", "Создано искусственным интеллектом"
PAGE = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGE, languages=("kk", "ru", "en"))
PAGES = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGES)
HINT = Placement(
    statement=Statement.CREATED, style=NoticeStyle.PAGE, languages=("ru",), lines=(RU,), pages=1
)
EVERY = Placement(
    statement=Statement.CREATED, style=NoticeStyle.PAGES, languages=("ru",), lines=(RU,), pages=2
)
ROOMS = {"odt": Odt(), "ods": Ods(), "odp": Odp()}
_O = "urn:oasis:names:tc:opendocument:xmlns:"
NS = "".join(
    f' xmlns:{prefix}="{_O}{name}:1.0"'
    for prefix, name in {
        "office": "office", "style": "style", "text": "text", "table": "table", "draw": "drawing",
        "fo": "xsl-fo-compatible", "svg": "svg-compatible", "presentation": "presentation",
        "anim": "animation", "smil": "smil-compatible", "number": "datastyle", "meta": "meta",
    }.items()
)  # fmt: skip
KINDS = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}
LAYOUT = (
    '<style:page-layout style:name="pm"><style:page-layout-properties fo:page-width="28cm"'
    ' fo:page-height="21cm"/></style:page-layout>'
)
MASTER = '<style:master-page style:name="Standard" style:page-layout-name="pm"/>'


def styles(common="", automatic=LAYOUT, masters=MASTER):
    return (
        f"<office:document-styles{NS}><office:styles>{common}</office:styles>"
        f"<office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:master-styles>{masters}</office:master-styles></office:document-styles>"
    )


def packed(kind, parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        media_type = f"application/vnd.oasis.opendocument.{KINDS[kind]}"
        package.writestr(zipfile.ZipInfo("mimetype", (2020, 1, 1, 0, 0, 0)), media_type)
        for name, content in parts.items():
            package.writestr(name, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@pytest.fixture
def made(tmp_path):
    """Write a document with this body and these automatic styles."""

    def make(kind, body, automatic="", sheet=None, **more):
        content = (
            f"<office:document-content{NS}><office:automatic-styles>{automatic}"
            f"</office:automatic-styles><office:body><office:{KINDS[kind]}>{body}"
            f"</office:{KINDS[kind]}></office:body></office:document-content>"
        )
        listed = "".join(
            f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
            for name in ("content.xml", "styles.xml")
        )
        manifest = (
            f'<manifest:manifest xmlns:manifest="{_O}manifest:1.0">{listed}</manifest:manifest>'
        )
        parts = {"content.xml": content, "styles.xml": sheet or styles()}
        parts |= {"META-INF/manifest.xml": manifest} | more
        path = tmp_path / f"made.{kind}"
        path.write_bytes(packed(kind, parts))
        return path

    return make


def text_of(paragraph="words"):
    return f"<text:p>{paragraph}</text:p>"


BODIES = {
    "odt": text_of("Hello"),
    "ods": '<table:table table:name="A"><table:table-column/><table:table-row><table:table-cell>'
    "<text:p>1</text:p></table:table-cell></table:table-row></table:table>",
    "odp": '<draw:page draw:master-page-name="Standard"><draw:frame svg:x="1cm" svg:y="1cm"'
    ' svg:width="9cm" svg:height="2cm"><draw:text-box><text:p>Hi</text:p></draw:text-box>'
    "</draw:frame></draw:page>",
}


def judged(path, hint=HINT):
    room = ROOMS[path.suffix[1:]]
    return room.find_notices(path, (hint,), search=False)[0]


def part(path, name):
    with zipfile.ZipFile(path) as package:
        return package.read(name).decode()


@pytest.mark.parametrize("kind", ROOMS)
@pytest.mark.parametrize("notice", [PAGE, PAGES], ids=["page", "pages"])
def test_a_notice_is_written_and_seen(made, tmp_path, kind, notice):
    src, dst = made(kind, BODIES[kind]), tmp_path / f"out.{kind}"
    before = src.read_bytes()
    room = ROOMS[kind]
    assert room.sniff(before, src)
    placement = room.write_notice(src, dst, notice)
    assert src.read_bytes() == before
    assert placement.pages == 1
    [report] = room.find_notices(dst, (placement,), search=False)
    assert (report.code, report.languages) == ("kz.notice.perceivable", notice.languages)
    [found] = room.find_notices(dst, (), search=True)
    assert found.perceivable
    assert RU in found.text
    assert judged(src).code == "kz.notice.missing"
    assert room.find_notices(src, (), search=True) == ()
    load(str(dst))  # odfpy reads it


@pytest.mark.parametrize("kind", ROOMS)
def test_every_other_part_keeps_its_bytes(made, tmp_path, kind):
    src, dst = made(kind, BODIES[kind], **{"Pictures/a.png": b"\x89PNG" * 99}), tmp_path / "out"
    ROOMS[kind].write_notice(src, dst, PAGE)
    with zipfile.ZipFile(src) as old, zipfile.ZipFile(dst) as new:
        assert new.namelist() == old.namelist()
        assert new.infolist()[0].compress_type == zipfile.ZIP_STORED
        for name in set(old.namelist()) - {"content.xml"}:
            assert new.read(name) == old.read(name)
        left = new.read("content.xml").decode()
    for ours in (r"<style:style[^>]*kzlabel.*</style:style>", r"<text:p [^>]*kzlabel.*?</text:p>"):
        left = re.sub(ours, "", left)
    for frame in ("draw:frame", "draw:text-box", "table:shapes"):
        if kind != "odt":
            left = re.sub(
                rf"<{frame}[^>]*></{frame}>|<draw:frame[^>]*kzlabel[^>]*></draw:frame>", "", left
            )
    left = re.sub(
        r"<draw:frame[^>]*kzlabel[^>]*>\s*</draw:frame>|<table:shapes[^>]*></table:shapes>",
        "",
        left,
    )
    assert left == part(src, "content.xml")


@pytest.mark.parametrize("kind", ROOMS)
def test_tags_are_read_and_written(made, tmp_path, kind):
    meta = (
        f'<office:document-meta{NS} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
        "<dc:title>T</dc:title><meta:user-defined meta:name='X'>y</meta:user-defined>"
        "<meta:user-defined meta:name='AISYSTEMUSED'>old</meta:user-defined>"
        "</office:meta></office:document-meta>"
    )
    src, dst = made(kind, BODIES[kind], **{"meta.xml": meta}), tmp_path / "out"
    room = ROOMS[kind]
    room.write_tags(src, dst, {"odf": {"AISYSTEMUSED": "A & <B> Ә\x00", "DIGITALSOURCETYPE": "u"}})
    assert room.read_tags(dst) == {
        "odf": {"dc:title": "T", "X": "y", "AISYSTEMUSED": "A & <B> Ә", "DIGITALSOURCETYPE": "u"}
    }
    assert room.manifest_carrier(dst).kind is CarrierKind.COMPANION


def test_tags_of_a_document_without_any(made, tmp_path):
    manifest = f'<manifest:manifest xmlns:manifest="{_O}manifest:1.0"/>'
    src, dst = made("odt", BODIES["odt"], **{"META-INF/manifest.xml": manifest}), tmp_path / "out"
    assert ROOMS["odt"].read_tags(src) == {}
    ROOMS["odt"].write_tags(src, dst, {"odf": {"AIPROVIDER": "P"}})
    assert ROOMS["odt"].read_tags(dst) == {"odf": {"AIPROVIDER": "P"}}
    assert 'full-path="meta.xml"' in part(dst, "META-INF/manifest.xml")


# --- Texts ----------------------------------------------------------------------------------------


def test_a_notice_does_not_stand_alone_on_a_page_before_the_first(made, tmp_path):
    """Its page is that of the paragraph that began one, which does not break any more."""
    automatic = (
        '<style:style style:name="P1" style:family="paragraph" style:master-page-name="Standard">'
        '<style:paragraph-properties style:page-number="5" fo:margin-top="1cm"/></style:style>'
    )
    body = "<text:sequence-decls/><text:p text:style-name='P1'>One</text:p><text:p>Two</text:p>"
    src, dst = made("odt", body, automatic), tmp_path / "out.odt"
    ROOMS["odt"].write_notice(src, dst, PAGE)
    content = part(dst, "content.xml")
    assert content.index("<text:sequence-decls/>") < content.index(KK) < content.index(">One<")
    assert re.search(r'style:name="kzlabel0"[^>]*style:master-page-name="Standard"', content)
    assert re.search(r'style:page-number="5"/>', content)
    unbroken = re.search(r'<style:style[^>]*"kzlabel0-next".*?</style:style>', content)[0]
    assert 'master-page-name=""' in unbroken
    assert 'fo:margin-top="1cm"' in unbroken
    assert 'break-before="auto"' in unbroken
    assert re.search(r'<text:p[^>]*"kzlabel0-next"[^>]*>One<', content)
    assert judged(dst).perceivable


def test_every_header_in_use_gets_the_notice(made, tmp_path):
    masters = (
        '<style:master-page style:name="Standard" style:page-layout-name="pm"'
        ' style:next-style-name="Next"><style:header><text:p>H</text:p></style:header>'
        "<style:header-left><text:p>L</text:p></style:header-left></style:master-page>"
        '<style:master-page style:name="Next" style:page-layout-name="pm"/>'
        '<style:master-page style:name="Unused" style:page-layout-name="pm"/>'
    )
    src, dst = made("odt", BODIES["odt"], sheet=styles(masters=masters)), tmp_path / "out.odt"
    assert ROOMS["odt"].write_notice(src, dst, PAGES).pages == 3
    assert part(dst, "styles.xml").count(RU) == 3
    assert judged(dst, EVERY).perceivable
    assert judged(dst, HINT).perceivable
    once = tmp_path / "once.odt"
    ROOMS["odt"].write_notice(src, once, PAGE)
    assert judged(once, HINT).perceivable
    assert judged(once, EVERY).code == "kz.notice.missing-pages"


def test_a_header_that_is_off_stays_off_where_it_has_words(made, tmp_path):
    off = '<style:header style:display="false">{}</style:header>'
    page = '<style:master-page style:name="Standard" style:page-layout-name="pm">{}</style:master-page>'
    full = made("odt", BODIES["odt"], sheet=styles(masters=page.format(off.format(text_of("x")))))
    with pytest.raises(RefusedError, match="Standard"):
        ROOMS["odt"].write_notice(full, tmp_path / "no.odt", PAGES)
    empty = made("odt", BODIES["odt"], sheet=styles(masters=page.format(off.format("<text:p/>"))))
    ROOMS["odt"].write_notice(empty, tmp_path / "out.odt", PAGES)
    assert judged(tmp_path / "out.odt", EVERY).perceivable


def paragraph_style(text="", paragraph=""):
    return (
        '<style:style style:name="P" style:family="paragraph">'
        f"<style:paragraph-properties {paragraph}/><style:text-properties {text}/></style:style>"
    )


STYLED = f'<text:p text:style-name="P">{RU}</text:p>'
SECTION = "<text:section {}>" + text_of(RU) + "</text:section>"
FRAME = (
    '<draw:rect text:anchor-type="{}" svg:x="0cm" svg:y="{}" svg:width="20cm" svg:height="9cm"/>'
)
TEXT_TRICKS = {
    "hidden text": (STYLED, paragraph_style('text:display="none"'), "hidden"),
    "white": (STYLED, paragraph_style('fo:color="#ffffff"'), "faint"),
    "pale on its own ground": (
        STYLED, paragraph_style('fo:color="#888888" fo:background-color="#999999"'), "faint",
    ),
    "one point": (STYLED, paragraph_style('fo:font-size="1pt"'), "small"),
    "a percent": (STYLED, paragraph_style('fo:font-size="10%"'), "small"),
    "raised and tiny": (STYLED, paragraph_style('style:text-position="super 5%"'), "small"),
    "a flat line": (STYLED, paragraph_style(paragraph='fo:line-height="0.01cm"'), "hidden"),
    "black on black paragraph": (
        STYLED,
        paragraph_style('fo:color="#000000"', 'fo:background-color="#101010"'),
        "faint",
    ),
    "clear ink": (
        STYLED,
        paragraph_style('fo:color="#000000" xmlns:loext="urn:org:documentfoundation:names:'
        'experimental:office:xmlns:loext:1.0" loext:opacity="5%"'),
        "faint",
    ),
    "hidden section": (SECTION.format('text:display="none"'), "", "hidden"),
    "conditional section": (SECTION.format('text:display="condition"'), "", "undetermined"),
    "linked section": (
        SECTION.format("").replace("<text:p>", "<text:section-source/><text:p>"), "", "undetermined",
    ),
    "deleted": (
        "<text:tracked-changes><text:changed-region><text:deletion>" + text_of(RU)
        + "</text:deletion></text:changed-region></text:tracked-changes><text:p>x</text:p>",
        "",
        "hidden",
    ),
    "comment": (text_of(f"a<office:annotation>{text_of(RU)}</office:annotation>"), "", "hidden"),
    "hidden text field": (text_of(f"<text:hidden-text>{RU}</text:hidden-text>"), "", "undetermined"),
    "hidden paragraph": (
        text_of(f'<text:hidden-paragraph text:is-hidden="true"/>{RU}'), "", "hidden",
    ),
    "hidden row": (
        '<table:table><table:table-row table:visibility="collapse"><table:table-cell>'
        + text_of(RU) + "</table:table-cell></table:table-row></table:table>",
        "",
        "hidden",
    ),
    "covered by a page's shape": (FRAME.format("page", "0cm") + text_of(RU), "", "undetermined"),
    "covered by its own shape": (text_of(FRAME.format("char", "0cm") + RU), "", "undetermined"),
    "covered from below": (
        text_of(RU) + text_of(FRAME.format("paragraph", "-9cm")), "", "undetermined",
    ),
    "text box": (
        text_of(f"<draw:frame><draw:text-box>{text_of(RU)}</draw:text-box></draw:frame>"),
        "",
        "undetermined",
    ),
    "struck out": (
        STYLED, paragraph_style('style:text-line-through-style="solid"'), "undetermined",
    ),
    "off the page": (STYLED, paragraph_style(paragraph='fo:margin-left="90cm"'), "undetermined"),
    "buried": (text_of("word " * 900) + text_of(RU), "", "buried"),
    "footnote": (text_of(f"a<text:note><text:note-body>{text_of(RU)}</text:note-body></text:note>"),
                 "", "missing"),
}  # fmt: skip
BEFORE = '<text:p text:style-name="P">x</text:p>' + text_of(RU)
IN_TABLE = (
    '<table:table table:style-name="T"><table:table-column table:style-name="K"/><table:table-row '
    'table:style-name="R"><table:table-cell table:style-name="C">'
    + text_of(RU)
    + "</table:table-cell></table:table-row></table:table>"
)


def style(family, name, kind, properties, inner=""):
    return (
        f'<style:style style:name="{name}" style:family="{family}"><style:{kind}-properties '
        f"{properties}>{inner}</style:{kind}-properties></style:style>"
    )


IN_SECTION = SECTION.format('text:style-name="S"')
AWAY = {
    "a wide section margin": (IN_SECTION, style("section", "S", "section", 'fo:margin-left="30cm"')),
    "sixty columns": (
        IN_SECTION, style("section", "S", "section", "", '<style:columns fo:column-count="60"/>'),
    ),
    "a table far down": (IN_TABLE, style("table", "T", "table", 'fo:margin-top="40cm"')),
    "a table far right": (IN_TABLE, style("table", "T", "table", 'fo:margin-left="40cm"')),
    "a padded cell": (IN_TABLE, style("table-cell", "C", "table-cell", 'fo:padding-left="16cm"')),
    "a row of fixed height": (
        IN_TABLE, style("table-row", "R", "table-row", 'style:row-height="0.5cm"'),
    ),
    "a column for a letter": (
        IN_TABLE, style("table-column", "K", "table-column", 'style:column-width="0.4cm"'),
    ),
    "a page break after": (BEFORE, paragraph_style(paragraph='fo:break-after="page"')),
    "a page break before": ("<text:p>x</text:p>" + STYLED, paragraph_style(paragraph='fo:break-before="page"')),
    "another master page": (
        "<text:p>x</text:p>" + STYLED,
        '<style:style style:name="P" style:family="paragraph" style:master-page-name="M"/>',
    ),
    "a vast margin above": (BEFORE, paragraph_style(paragraph='fo:margin-top="20cm"')),
    "a vast empty line": (BEFORE.replace(">x<", "><"), paragraph_style('fo:font-size="900pt"')),
    "a vast line": (STYLED, paragraph_style(paragraph='fo:line-height="60cm"')),
    "a line at least so high": (
        STYLED, paragraph_style(paragraph='style:line-height-at-least="60cm"'),
    ),
    "a vast border": (STYLED, paragraph_style(paragraph='fo:border-left="500pt solid #ffffff"')),
    "margins that leave a letter": (
        STYLED, paragraph_style(paragraph='fo:margin-left="9.8cm" fo:margin-right="9.8cm"'),
    ),
    "a frame before": (
        text_of('<draw:frame svg:width="20cm" svg:height="30cm"/>') + text_of(RU), "",
    ),
    "a list far right": (
        '<text:list text:style-name="L"><text:list-item>' + text_of(RU)
        + "</text:list-item></text:list>",
        ('<text:list-style style:name="L"><text:list-level-style-bullet><style:list-level-properties>'
        '<style:list-level-label-alignment fo:margin-left="60cm"/></style:list-level-properties>'
        "</text:list-level-style-bullet></text:list-style>"),
    ),
}  # fmt: skip
"""What may move words off the first page, or leave them a letter to a line."""


@pytest.mark.parametrize("away", AWAY)
def test_a_notice_that_may_be_on_no_first_page_is_left_open(made, away):
    body, automatic = AWAY[away]
    assert judged(made("odt", body, automatic)).code == "kz.notice.undetermined"


TEXT_TWINS = {
    "plain": (text_of(RU), ""),
    "grey that contrasts": (STYLED, paragraph_style('fo:color="#555555"')),
    "light on a dark ground": (
        STYLED, paragraph_style('fo:color="#ffffff"', 'fo:background-color="#000000"'),
    ),
    "shown section": (SECTION.format('text:display="true"'), ""),
    "a table": (
        "<table:table><table:table-row><table:table-cell>" + text_of(RU)
        + "</table:table-cell></table:table-row></table:table>",
        "",
    ),
    "words in spans": (
        text_of("<text:span>Создано</text:span> <text:span>искусственным</text:span><text:s/>"
                "интеллектом"), "",
    ),
    "a shape further down": (text_of(RU) + text_of(FRAME.format("paragraph", "1cm")), ""),
    "a shape low on the page": (FRAME.format("page", "15cm") + text_of(RU), ""),
    "an inserted revision": (text_of(f'<text:change-start text:change-id="a"/>{RU}'), ""),
}  # fmt: skip


@pytest.mark.parametrize("trick", TEXT_TRICKS)
def test_a_hidden_notice_in_a_text_is_not_perceivable(made, trick):
    body, automatic, code = TEXT_TRICKS[trick]
    report = judged(made("odt", body, automatic))
    assert report.code == f"kz.notice.{code}"
    assert report.perceivable is (None if code == "undetermined" else False)


@pytest.mark.parametrize("twin", TEXT_TWINS)
def test_its_honest_twin_is_perceivable(made, twin):
    body, automatic = TEXT_TWINS[twin]
    assert judged(made("odt", body, automatic)).code == "kz.notice.perceivable"


def test_styles_are_inherited(made):
    common = (
        '<style:default-style style:family="paragraph"><style:text-properties fo:font-size="10pt"/>'
        '</style:default-style><style:style style:name="Pale" style:family="paragraph">'
        '<style:text-properties fo:color="#fefefe"/></style:style>'
        '<style:style style:name="Loop" style:family="paragraph" style:parent-style-name="Loop"/>'
    )
    child = '<style:style style:name="P" style:family="paragraph" style:parent-style-name="{}"/>'
    pale = made("odt", STYLED, child.format("Pale"), sheet=styles(common))
    assert judged(pale).code == "kz.notice.faint"
    loop = judged(made("odt", STYLED, child.format("Loop"), sheet=styles(common)))
    assert (loop.perceivable, loop.measures["em_points"]) == (True, 10.0)


def test_the_opacity_of_automatic_ink_is_not_that_of_a_colour(made):
    """LibreOffice writes it beside automatic ink, as 0 %."""
    loext = 'xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"'
    common = (
        f'<style:default-style style:family="paragraph"><style:text-properties {loext}'
        ' style:use-window-font-color="true" loext:opacity="0%"/></style:default-style>'
    )
    assert judged(made("odt", text_of(RU), sheet=styles(common))).perceivable
    coloured = made("odt", STYLED, paragraph_style('fo:color="#000000"'), sheet=styles(common))
    assert judged(coloured).perceivable


def test_a_dark_page_is_what_words_stand_on(made):
    dark = LAYOUT.replace("fo:page-width", 'fo:background-color="#111111" fo:page-width')
    sheet = styles(automatic=dark)
    inked = paragraph_style('fo:color="#222222"')
    assert judged(made("odt", STYLED, inked, sheet=sheet)).code == "kz.notice.faint"
    light = paragraph_style('fo:color="#ffffff"')
    assert judged(made("odt", STYLED, light, sheet=sheet)).perceivable


def test_styles_that_hide_paragraphs_do_not_hide_ours(made, tmp_path):
    common = (
        '<style:style style:name="Standard" style:family="paragraph"><style:paragraph-properties'
        ' fo:line-height="0.01cm" fo:margin-left="90cm"/><style:text-properties'
        ' fo:color="#ffffff" fo:font-size="1pt" text:display="none"/></style:style>'
    )
    src, dst = made("odt", BODIES["odt"], sheet=styles(common)), tmp_path / "out.odt"
    ROOMS["odt"].write_notice(src, dst, PAGE)
    assert judged(dst).perceivable


def test_a_document_that_would_hide_the_notice_is_refused(made, tmp_path):
    src, dst = made("odt", FRAME.format("page", "0cm") + BODIES["odt"]), tmp_path / "out.odt"
    with pytest.raises(RefusedError, match="would not be seen"):
        ROOMS["odt"].write_notice(src, dst, PAGE)
    assert not dst.exists()


# --- Presentations --------------------------------------------------------------------------------


def box(words=RU, place='svg:x="2cm" svg:y="2cm" svg:width="9cm" svg:height="2cm"', more=""):
    return (
        f"<draw:frame {place} {more}><draw:text-box>{text_of(words)}</draw:text-box></draw:frame>"
    )


def slide(shapes, more=""):
    return f'<draw:page draw:master-page-name="Standard" {more}>{shapes}</draw:page>'


def graphic(properties, text=""):
    return (
        '<style:style style:name="G" style:family="graphic"><style:graphic-properties'
        f" {properties}/><style:text-properties {text}/></style:style>"
    )


G = 'draw:style-name="G"'
HIDE = (
    '<style:style style:name="D" style:family="drawing-page"><style:drawing-page-properties'
    ' presentation:visibility="hidden"/></style:style>'
)
OVER = f'<draw:rect {G} svg:x="1cm" svg:y="1cm" svg:width="12cm" svg:height="5cm"/>'
SOLID = 'draw:fill="solid" draw:fill-color="#ffffff"'
LAYERS = '<draw:layer-set><draw:layer draw:name="off" draw:display="none"/></draw:layer-set>'
SLIDE_TRICKS = {
    "hidden slide": (slide(box(), 'draw:style-name="D"') + slide(""), HIDE, "missing"),
    "off the slide": (
        slide(box(place='svg:x="29cm" svg:y="2cm" svg:width="9cm" svg:height="2cm"')), "", "hidden",
    ),
    "tiny": (slide(box(more=G)), graphic("", 'fo:font-size="6pt"'), "small"),
    "as its plate": (
        slide(box(more=G)), graphic(SOLID, 'fo:color="#ffffff"'), "faint",
    ),
    "as the slide": (slide(box(more=G)), graphic('draw:fill="none"', 'fo:color="#eeeeee"'), "faint"),
    "covered": (slide(box() + OVER), graphic(SOLID), "covered"),
    "covered by a picture": (slide(box() + OVER.replace("draw:rect", "draw:frame")), "", "undetermined"),
    "covered by its depth": (
        slide(OVER.replace("<draw:rect", '<draw:rect draw:z-index="9"') + box(more='draw:z-index="1"')),
        graphic(SOLID), "covered",
    ),
    "layer that is off": (slide(box(more='draw:layer="off"')), "", "hidden"),
    "turned": (slide(box(more='draw:transform="rotate(1)"')), "", "undetermined"),
    "animated": (
        slide(box(more='draw:id="a"') + '<anim:par><anim:set smil:targetElement="a"/></anim:par>'),
        "", "undetermined",
    ),
    "on a gradient": (slide(box(more=G)), graphic('draw:fill="gradient"'), "undetermined"),
    "in the notes": (slide(f"<presentation:notes>{box()}</presentation:notes>"), "", "missing"),
    "a prompt": (slide(box(more='presentation:placeholder="true"')), "", "missing"),
    "shown in print": (slide(box(more='draw:display="printer"')), "", "hidden"),
}  # fmt: skip
SLIDE_TWINS = {
    "plain": (slide(box()), ""),
    "after a hidden slide": (slide("", 'draw:style-name="D"') + slide(box()), HIDE),
    "white on black": (
        slide(box(more=G)),
        graphic('draw:fill="solid" draw:fill-color="#000000"', 'fo:color="#ffffff"'),
    ),
    "over a shape": (slide(OVER + box()), graphic(SOLID)),
    "beside a shape": (slide(box() + OVER.replace('svg:x="1cm"', 'svg:x="13cm"')), graphic(SOLID)),
    "in a group": (slide(f"<draw:g>{box()}</draw:g>"), ""),
}  # fmt: skip


@pytest.mark.parametrize("trick", SLIDE_TRICKS)
def test_a_hidden_notice_on_a_slide_is_not_perceivable(made, trick):
    body, automatic, code = SLIDE_TRICKS[trick]
    report = judged(made("odp", body, automatic, sheet=styles(masters=LAYERS + MASTER)))
    assert report.code == f"kz.notice.{code}"
    assert report.perceivable is (None if code == "undetermined" else False)


@pytest.mark.parametrize("twin", SLIDE_TWINS)
def test_on_a_slide_its_honest_twin_is_perceivable(made, twin):
    body, automatic = SLIDE_TWINS[twin]
    assert judged(made("odp", body, automatic)).code == "kz.notice.perceivable"


def test_every_visible_slide_gets_the_notice(made, tmp_path):
    body = slide(box("One")) + slide("", 'draw:style-name="D"') + slide(box("Two"))
    src, dst, once = made("odp", body, HIDE), tmp_path / "out.odp", tmp_path / "once.odp"
    assert ROOMS["odp"].write_notice(src, dst, PAGES).pages == 2
    assert judged(dst, EVERY).perceivable
    ROOMS["odp"].write_notice(src, once, PAGE)
    assert judged(once, EVERY).code == "kz.notice.missing-pages"


def test_a_box_lies_on_top_and_hides_least(made, tmp_path):
    full = 'svg:x="0cm" svg:y="10cm" svg:width="28cm" svg:height="11cm"'
    shape = box("x" * 99, full, 'draw:z-index="41"')
    notes = "<presentation:notes/>"
    src, dst = made("odp", slide(shape + notes)), tmp_path / "out.odp"
    ROOMS["odp"].write_notice(src, dst, PAGE)
    content = part(dst, "content.xml")
    ours = re.search(r"<draw:frame[^>]*kzlabel[^>]*>", content)[0]
    assert 'draw:z-index="42"' in ours
    assert float(re.search(r'svg:y="([\d.]+)pt"', ours)[1]) < 100
    assert content.index(ours) < content.index(notes)


def test_a_presentation_without_a_visible_slide_is_refused(made, tmp_path):
    for body in ("", slide("", 'draw:style-name="D"')):
        with pytest.raises(RefusedError, match="no page"):
            ROOMS["odp"].write_notice(made("odp", body, HIDE), tmp_path / "out.odp", PAGE)


# --- Spreadsheets ---------------------------------------------------------------------------------


def table(rows, more="", columns="<table:table-column/>"):
    return f'<table:table table:name="A" {more}>{columns}{rows}</table:table>'


def row(words=RU, more="", cell=""):
    return f"<table:table-row {more}><table:table-cell {cell}>{text_of(words)}</table:table-cell></table:table-row>"


def cell_style(properties="", text=""):
    return (
        '<style:style style:name="C" style:family="table-cell" style:data-style-name="N">'
        f"<style:table-cell-properties {properties}/><style:text-properties {text}/></style:style>"
    )


HIDDEN_TABLE = (
    '<style:style style:name="T" style:family="table"><style:table-properties'
    ' table:display="false"/></style:style>'
)
THIN = (
    '<style:style style:name="W" style:family="table-column"><style:table-column-properties'
    ' style:column-width="0cm"/></style:style>'
)
C, T = 'table:style-name="C"', 'table:style-name="T"'
SHEET_TRICKS = {
    "hidden sheet": (table(row(), T) + table(row("x")), HIDDEN_TABLE, "missing"),
    "hidden row": (table(row(more='table:visibility="collapse"')), "", "hidden"),
    "filtered row": (table(row(more='table:visibility="filter"')), "", "hidden"),
    "hidden column": (
        table(row(), columns='<table:table-column table:visibility="collapse"/>'), "", "hidden",
    ),
    "no width": (table(row(), columns='<table:table-column table:style-name="W"/>'), THIN, "hidden"),
    "folded group": (
        table(f'<table:table-row-group table:display="false">{row()}</table:table-row-group>'),
        "", "hidden",
    ),
    "white": (table(row(cell=C)), cell_style(text='fo:color="#ffffff"'), "faint"),
    "as its cell": (
        table(row(cell=C)),
        cell_style('fo:background-color="#ff0000"', 'fo:color="#ee1111"'), "faint",
    ),
    "format of nothing": (
        table(row(cell=C)), '<number:text-style style:name="N"/>' + cell_style(), "hidden",
    ),
    "below the screen": (
        table('<table:table-row table:number-rows-repeated="50"><table:table-cell/>'
              "</table:table-row>" + row()), "", "buried",
    ),
    "far to the right": (
        table("<table:table-row><table:table-cell table:number-columns-repeated='40'/>"
              f"<table:table-cell>{text_of(RU)}</table:table-cell></table:table-row>"), "", "buried",
    ),
    "cut off": (
        table(f"<table:table-row><table:table-cell>{text_of(RU)}</table:table-cell>"
              f"<table:table-cell>{text_of('x')}</table:table-cell></table:table-row>"),
        "", "undetermined",
    ),
    "under a shape": (
        table(f"<table:shapes>{OVER.replace('1cm', '0cm')}</table:shapes>" + row()),
        graphic(SOLID), "covered",
    ),
    "a box off the sheet": (
        table("<table:shapes>" + box(place='svg:x="-20cm" svg:y="0cm" svg:width="9cm"'
              ' svg:height="1cm"') + "</table:shapes>" + row("x")), "", "hidden",
    ),
}  # fmt: skip
SHEET_TWINS = {
    "a cell": (table(row()), ""),
    "a box": (table(f"<table:shapes>{box()}</table:shapes>" + row("x")), ""),
    "after a hidden sheet": (table(row("x"), T) + table(row()), HIDDEN_TABLE),
    "a wide column": (
        table(f"<table:table-row><table:table-cell>{text_of(RU)}</table:table-cell>"
              f"<table:table-cell>{text_of('x')}</table:table-cell></table:table-row>",
              columns='<table:table-column table:style-name="W"/>'),
        THIN.replace('"0cm"', '"9cm"'),
    ),
    "a box in a cell": (
        table(row("x").replace("<text:p>", box() + "<text:p>")), "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("trick", SHEET_TRICKS)
def test_a_hidden_notice_on_a_sheet_is_not_perceivable(made, trick):
    body, automatic, code = SHEET_TRICKS[trick]
    report = judged(made("ods", body, automatic))
    assert report.code == f"kz.notice.{code}"
    assert report.perceivable is (None if code == "undetermined" else False)


@pytest.mark.parametrize("twin", SHEET_TWINS)
def test_on_a_sheet_its_honest_twin_is_perceivable(made, twin):
    body, automatic = SHEET_TWINS[twin]
    assert judged(made("ods", body, automatic)).code == "kz.notice.perceivable"


def test_no_cell_moves_and_none_is_covered(made, tmp_path):
    src, dst = made("ods", table(row("1") * 3) + table(row("2"))), tmp_path / "out.ods"
    assert ROOMS["ods"].write_notice(src, dst, PAGES).pages == 2
    content = part(dst, "content.xml")
    assert content.count("<table:table-row") == 4
    for x in re.findall(r'<draw:frame[^>]*svg:x="([\d.]+)pt"', content):
        assert float(x) > 64  # right of the only column
    assert judged(dst, EVERY).perceivable


def test_the_sheet_that_the_file_opens_with_gets_the_notice_too(made, tmp_path):
    settings = (
        '<office:document-settings xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:config="urn:oasis:names:tc:opendocument:xmlns:config:1.0"><office:settings>'
        '<config:config-item config:name="ActiveTable">B</config:config-item></office:settings>'
        "</office:document-settings>"
    )
    tables = table(row("1")) + table(row("2")).replace('"A"', '"B"') + table(row("3"))
    src, dst = made("ods", tables, **{"settings.xml": settings}), tmp_path / "out.ods"
    assert ROOMS["ods"].write_notice(src, dst, PAGE).pages == 2


@pytest.mark.slow
def test_a_large_sheet_is_judged_by_its_first_screen(made, tmp_path):
    src, dst = made("ods", table(row("12") * 5000)), tmp_path / "out.ods"
    ROOMS["ods"].write_notice(src, dst, PAGE)
    assert judged(dst).perceivable


FOLDED = (
    '<table:table-column table:number-columns-repeated="{shown}"/>'
    '<table:table-column table:number-columns-repeated="16380" table:visibility="collapse"/>'
)


def rows_of(count, columns):
    cells = f"<table:table-cell>{text_of('12')}</table:table-cell>" * columns
    return f"<table:table-row>{cells}</table:table-row>" * count


@pytest.mark.slow
@pytest.mark.parametrize(("count", "columns"), [(3, 4), (40, 4), (40, 6)])
def test_no_notice_is_put_where_all_columns_are_hidden(made, tmp_path, count, columns):
    body = table(rows_of(count, columns), columns=FOLDED.format(shown=columns))
    src, dst = made("ods", body), tmp_path / "out.ods"
    given = ROOMS["ods"].write_notice(src, dst, PAGE)
    x, wide = re.search(
        r'svg:x="([\d.]+)pt".*?svg:width="([\d.]+)pt"', part(dst, "content.xml")
    ).groups()
    assert float(x) + float(wide) <= columns * 64.1
    assert ("kz.notice.covers" in given.flaws) is (count == 40)


def test_a_sheet_on_which_nobody_would_see_it_is_refused(made, tmp_path):
    src = made("ods", table(rows_of(40, 1), columns=FOLDED.format(shown=1)))
    with pytest.raises(RefusedError) as caught:
        ROOMS["ods"].write_notice(src, tmp_path / "out.ods", PAGE)
    assert caught.value.code == "kz.error.office-narrow"


def test_a_notice_where_the_sheet_has_ended_is_hidden(made, tmp_path):
    src = made("ods", table(rows_of(3, 2), columns=FOLDED.format(shown=16380)))
    ROOMS["ods"].write_notice(src, tmp_path / "out.ods", PAGE)
    content = part(tmp_path / "out.ods", "content.xml")
    body = content.split("<office:spreadsheet>")[1].split("</office:spreadsheet>")[0]
    styles_ = content.split("<office:automatic-styles>")[1].split("</office:automatic-styles>")[0]
    folded = body.replace(FOLDED.format(shown=16380), FOLDED.format(shown=2))
    assert judged(made("ods", body, styles_)).perceivable
    assert judged(made("ods", folded, styles_)).code == "kz.notice.hidden"


@pytest.mark.parametrize(("area", "printed"), [("A1:A.C30", False), ("A1:A.K40", True)])
def test_a_notice_that_is_not_printed_is_said(made, tmp_path, area, printed):
    body = table(rows_of(30, 3), f'table:print-ranges="A.{area}"')
    given = ROOMS["ods"].write_notice(made("ods", body), tmp_path / "out.ods", PAGE)
    assert given.flaws == (() if printed else ("kz.notice.unprinted",))


@pytest.mark.parametrize(("times", "covers"), [(1, False), (60, True)])
def test_it_is_said_where_it_covers_words_of_a_slide(made, tmp_path, times, covers):
    body = (
        '<draw:page draw:master-page-name="Standard"><draw:frame svg:x="0cm" svg:y="0cm"'
        f' svg:width="28cm" svg:height="21cm"><draw:text-box>{text_of("some words " * 5) * times}'
        "</draw:text-box></draw:frame></draw:page>"
    )
    given = ROOMS["odp"].write_notice(made("odp", body), tmp_path / "out.odp", PAGE)
    assert given.flaws == (("kz.notice.covers",) if covers else ())


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ROOMS)
def test_a_signed_document_is_never_rewritten(made, tmp_path, kind):
    src = made(kind, BODIES[kind], **{"META-INF/documentsignatures.xml": "<x/>"})
    dst = tmp_path / "out"
    with pytest.raises(RefusedError, match="documentsignatures"):
        ROOMS[kind].write_notice(src, dst, PAGE)
    with pytest.raises(UnsupportedTagsError, match="documentsignatures"):
        ROOMS[kind].write_tags(src, dst, {"odf": {"A": "b"}})
    assert not dst.exists()
    assert judged(src).code == "kz.notice.missing"  # it is read all the same


def test_an_encrypted_document_is_refused_by_name(made, tmp_path):
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_O}manifest:1.0"><manifest:file-entry>'
        "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    src = made("odt", BODIES["odt"], **{"META-INF/manifest.xml": manifest})
    with pytest.raises(RefusedError, match="encrypted"):
        ROOMS["odt"].write_notice(src, tmp_path / "out", PAGE)
    with pytest.raises(UnreadableAssetError, match="encrypted"):
        judged(src)


HOSTILE = {
    "doctype": '<!DOCTYPE a [<!ENTITY b "c">]><a/>',
    "nothing": "",
    "another root": "<a/>",
    "deep": "<a>" * 5000,
    "no body": f"<office:document-content{NS}/>",
    "UTF-16": f"<office:document-content{NS}/>".encode("utf-16"),
    "deep text": (
        f"<office:document-content{NS}><office:body><office:text><text:p>"
        + "<text:span>" * 240 + RU + "</text:span>" * 240
        + "</text:p></office:text></office:body></office:document-content>"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ROOMS)
@pytest.mark.parametrize("harm", HOSTILE)
def test_hostile_content_is_an_error_of_ours(tmp_path, kind, harm):
    path = tmp_path / f"bad.{kind}"
    path.write_bytes(packed(kind, {"content.xml": HOSTILE[harm], "styles.xml": styles()}))
    for work in (
        lambda: judged(path, EVERY),
        lambda: ROOMS[kind].write_notice(path, tmp_path / f"o.{kind}", PAGES),
    ):
        try:
            work()
        except KzlabelError as exc:
            assert str(path) in str(exc)  # noqa: PT017  what does not raise is sound as well


def test_many_elements_meet_a_limit(made, monkeypatch):
    monkeypatch.setattr(_xml_splice, "MAX_ELEMENTS", 1000)
    with pytest.raises(LimitError, match="elements"):
        judged(made("odp", slide('<draw:frame svg:x="1cm"/>' * 1000)))


@pytest.mark.parametrize("kind", ROOMS)
def test_hints_are_believed_in_nothing(made, kind):
    path = made(kind, BODIES[kind])
    odd = Placement(
        statement=Statement.MODIFIED, style=NoticeStyle.PAGES, languages=(), lines=("\0",) * 9
    )
    reports = ROOMS[kind].find_notices(path, (odd, HINT), search=True)
    assert len(reports) == 2
    assert not any(report.perceivable for report in reports)


# --- Files that other programs made, and programs that read ours ----------------------------------


def by_odfpy(kind, path):
    from odf.draw import Frame, Page, TextBox
    from odf.style import MasterPage, PageLayout, PageLayoutProperties
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    if kind == "odt":
        document = OpenDocumentText()
        document.text.addElement(P(text="Hello"))
    elif kind == "ods":
        document, sheet, line, held = (
            OpenDocumentSpreadsheet(),
            Table(name="A"),
            TableRow(),
            TableCell(),
        )
        held.addElement(P(text="1"))
        line.addElement(held)
        sheet.addElement(line)
        document.spreadsheet.addElement(sheet)
    else:
        document, layout = OpenDocumentPresentation(), PageLayout(name="L")
        layout.addElement(PageLayoutProperties(pagewidth="28cm", pageheight="21cm"))
        document.automaticstyles.addElement(layout)
        document.masterstyles.addElement(MasterPage(name="M", pagelayoutname=layout))
        shown, words = Page(masterpagename="M"), Frame(width="9cm", height="2cm", x="2cm", y="2cm")
        held = TextBox()
        held.addElement(P(text="Hi"))
        words.addElement(held)
        shown.addElement(words)
        document.presentation.addElement(shown)
    document.save(str(path))
    return path


@pytest.mark.parametrize("kind", ROOMS)
def test_a_file_by_odfpy_is_labelled(tmp_path, kind):
    src, dst = by_odfpy(kind, tmp_path / f"a.{kind}"), tmp_path / f"out.{kind}"
    ROOMS[kind].write_notice(src, dst, PAGE)
    assert judged(dst).perceivable
    load(str(dst))


@pytest.mark.slow
@pytest.mark.needs("soffice")
@pytest.mark.parametrize("kind", ROOMS)
@pytest.mark.parametrize("notice", [PAGE, PAGES], ids=["page", "pages"])
def test_libreoffice_shows_the_notice(tmp_path, kind, notice):
    from pypdf import PdfReader

    src, noticed, dst = (tmp_path / f"{name}.{kind}" for name in ("src", "noticed", "out"))
    by_odfpy(kind, src)
    ROOMS[kind].write_notice(src, noticed, notice)
    ROOMS[kind].write_tags(noticed, dst, {"odf": {"AISYSTEMUSED": "Model"}})
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    subprocess.run(
        ["soffice", "--headless", home, "--convert-to", "pdf", "--outdir", tmp_path, dst],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    shown = " ".join(PdfReader(tmp_path / "out.pdf").pages[0].extract_text().split())
    assert KK in shown
    assert RU in shown
