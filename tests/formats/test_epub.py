"""EPUB: tags in the package document, the notice on the first page or on one of its own."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as ET

import pytest

from kzlabel.errors import KzlabelError, RefusedError, UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats.epub import Epub
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Placement, Statement

ROOM = Epub()
KK, RU = "Жасанды интеллект жасаған", "Создано искусственным интеллектом"
PAGE = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGE, languages=("kk", "ru", "en"))
PAGES = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGES)
HINT = Placement(
    statement=Statement.CREATED, style=NoticeStyle.PAGE, languages=("ru",), lines=(RU,), pages=1
)
EVERY = Placement(
    statement=Statement.CREATED, style=NoticeStyle.PAGES, languages=("ru",), lines=(RU,), pages=2
)
OPF = "{http://www.idpf.org/2007/opf}"
CONTAINER = (
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
XHTML = "application/xhtml+xml"


def page(body, head='<link rel="stylesheet" type="text/css" href="../a.css"/>', before=""):
    return (
        f'{before}<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title>{head}</head>'
        f"<body>{body}</body></html>"
    )


def said(words=RU, style=""):
    return f'<p style="{style}">{words}</p>'


def opf(spine, version="3.0", metadata="", root="", manifest=""):
    items = "".join(
        f'<item id="{name}" href="text/{name}.xhtml" media-type="{XHTML}"/>' for name in spine
    )
    refs = "".join(f'<itemref idref="{name}"/>' for name in spine)
    return (
        f'<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="{version}"'
        ' unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">x</dc:identifier><dc:title>T</dc:title>{metadata}</metadata>'
        f'<manifest><item id="css" href="a.css" media-type="text/css"/>{manifest}{items}</manifest>'
        f"<spine>{refs}</spine></package>"
    ).replace(' version="3', f'{root} version="3')


@pytest.fixture
def book(tmp_path):
    """Write a book of these pages."""

    def make(*bodies, css="p { margin: 0 }", version="3.0", metadata="", root="", **more):
        names = [f"p{at}" for at in range(len(bodies))]
        parts = {
            "META-INF/container.xml": CONTAINER,
            "OEBPS/content.opf": opf(names, version, metadata, root),
            "OEBPS/a.css": css,
        }
        for name, body in zip(names, bodies, strict=True):
            content = body if body.startswith("<") and "<html" in body else page(body)
            parts[f"OEBPS/text/{name}.xhtml"] = content
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as package:
            package.writestr(
                zipfile.ZipInfo("mimetype", (2020, 1, 1, 0, 0, 0)), "application/epub+zip"
            )
            for name, content in (parts | more).items():
                if content is not None:
                    package.writestr(name, content, zipfile.ZIP_DEFLATED)
        path = tmp_path / "book.epub"
        path.write_bytes(out.getvalue())
        return path

    return make


def part(path, name):
    with zipfile.ZipFile(path) as package:
        return package.read(name).decode()


def judged(path, hint=HINT):
    return ROOM.find_notices(path, (hint,), search=False)[0]


def check_sound(path):
    """The package begins as OCF wants it, and every part of the spine is well-formed."""
    content = path.read_bytes()
    assert content[30:58] == b"mimetypeapplication/epub+zip"
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        root = ET.fromstring(package.read("OEBPS/content.opf"))  # noqa: S314  our own
        items = {item.get("id"): item.get("href") for item in root.iter(OPF + "item")}
        for reference in root.iter(OPF + "itemref"):
            ET.fromstring(package.read("OEBPS/" + items[reference.get("idref")]))  # noqa: S314
        return [reference.get("idref") for reference in root.iter(OPF + "itemref")]


@pytest.mark.parametrize("version", ["2.0", "3.0"])
@pytest.mark.parametrize("notice", [PAGE, PAGES], ids=["page", "pages"])
def test_a_notice_is_written_and_seen(book, tmp_path, version, notice):
    src, dst = book(said("One"), said("Two"), version=version), tmp_path / "out.epub"
    before = src.read_bytes()
    assert ROOM.sniff(before, src)
    placement = ROOM.write_notice(src, dst, notice)
    assert src.read_bytes() == before
    assert placement.pages == (1 if notice is PAGE else 2)
    [report] = ROOM.find_notices(dst, (placement,), search=False)
    assert (report.code, report.languages) == ("kz.notice.perceivable", notice.languages)
    assert ROOM.find_notices(dst, (), search=True)[0].perceivable
    assert check_sound(dst) == ["p0", "p1"]
    first = part(dst, "OEBPS/text/p0.xhtml")
    assert 'xml:lang="kk"' in first
    assert ('role="note"' in first) == (version == "3.0")
    assert judged(src).code == "kz.notice.missing"
    assert ROOM.find_notices(src, (), search=True) == ()
    assert judged(dst, EVERY).perceivable is (notice is PAGES)


def test_every_other_part_keeps_its_bytes(book, tmp_path):
    src, dst = book(said("One"), said("Two"), **{"OEBPS/x.jpg": b"\xff" * 99}), tmp_path / "o.epub"
    ROOM.write_notice(src, dst, PAGE)
    with zipfile.ZipFile(src) as old, zipfile.ZipFile(dst) as new:
        assert new.namelist() == old.namelist()
        for name in set(old.namelist()) - {"OEBPS/text/p0.xhtml"}:
            assert new.read(name) == old.read(name)


COVERS = {
    "a picture": page('<img src="x.jpg" alt=""/>'),
    "not well-formed": "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>One<br></body></html>",
    "a style sheet that is missing": page(said("One"), '<link rel="stylesheet" href="no.css"/>'),
    "a script": page(said("One"), "<script>go()</script>"),
    "a body that is hidden": page(said("One"), "<style>body { display: none }</style>"),
    "entities": page("<p>One&nbsp;</p>"),
}


@pytest.mark.parametrize("version", ["2.0", "3.0"])
@pytest.mark.parametrize("cover", COVERS)
def test_a_page_of_its_own_comes_before_one_that_would_hide_it(book, tmp_path, cover, version):
    src, dst = book(COVERS[cover], said("Two"), version=version), tmp_path / "out.epub"
    assert ROOM.write_notice(src, dst, PAGE).pages == 1
    assert judged(dst).perceivable
    assert part(dst, "OEBPS/text/p0.xhtml") == COVERS[cover]
    own = part(dst, "OEBPS/kzlabel-notice.xhtml")
    ET.fromstring(own)  # noqa: S314  our own
    with zipfile.ZipFile(dst) as package:
        spine = ET.fromstring(package.read("OEBPS/content.opf")).iter(OPF + "itemref")  # noqa: S314
    assert [reference.get("idref") for reference in spine] == ["kzlabel-notice", "p0", "p1"]


def test_a_fixed_layout_gets_a_page_that_flows(book, tmp_path):
    fixed = '<meta property="rendition:layout">pre-paginated</meta>'
    src, dst = book(said("One"), metadata=fixed), tmp_path / "out.epub"
    ROOM.write_notice(src, dst, PAGE)
    assert check_sound(dst) == ["kzlabel-notice", "p0"]
    assert "rendition:layout-reflowable" in part(dst, "OEBPS/content.opf")
    assert 'name="viewport"' in part(dst, "OEBPS/kzlabel-notice.xhtml")
    every = tmp_path / "every.epub"
    ROOM.write_notice(src, every, PAGES)
    assert "position:absolute" in part(every, "OEBPS/text/p0.xhtml")


def test_names_that_the_book_uses_are_not_taken(book, tmp_path):
    src = book(COVERS["a picture"], **{"OEBPS/KZLABEL-notice.xhtml": "mine"})
    dst = tmp_path / "out.epub"
    ROOM.write_notice(src, dst, PAGE)
    assert part(dst, "OEBPS/KZLABEL-notice.xhtml") == "mine"
    assert RU in part(dst, "OEBPS/kzlabel-notice-1.xhtml")


def test_pages_in_any_prefix_and_out_of_the_spine(book, tmp_path):
    """A notice on every page is on those that are read in order, however they write their names."""
    odd = (
        '<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>T</h:title></h:head>'
        "<h:body><h:p>One</h:p></h:body></h:html>"
    )
    src, dst = book(odd, said("Two")), tmp_path / "out.epub"
    ROOM.write_notice(src, dst, PAGE)
    ET.fromstring(part(dst, "OEBPS/text/p0.xhtml"))  # noqa: S314  our own
    assert judged(dst).perceivable


# --- Judged ---------------------------------------------------------------------------------------

TRICKS = {
    "hidden by the book's style sheet": (said(), "p { display: none }", "hidden"),
    "white": (said(), "p { color: white; background: white }", "faint"),
    "tiny": (said(), "p { font-size: 1px }", "small"),
    "hidden inline": (said(style="visibility: hidden"), "", "hidden"),
    "off the page": (said(style="position: absolute; left: -9999px"), "", "hidden"),
    "sheet from elsewhere": (page(said(), '<link rel="stylesheet" href="b.css"/>'), "", "undetermined"),
    "sheet for some": (
        page(said(), '<link rel="stylesheet" href="../a.css" media="amzn-kf8"/>'), "", "undetermined",
    ),
    "by an instruction": (
        page(said(), "", '<?xml version="1.0"?><?xml-stylesheet href="a.css"?>'), "", "undetermined",
    ),
    "script": (page(said(), "<script>go()</script>"), "", "undetermined"),
    "comment": (f"<!-- {RU} --><p>One</p>", "", "missing"),
    "buried": (said("word " * 900) + said(), "", "buried"),
    "import": (said(), "@import 'c.css';", "undetermined"),
}  # fmt: skip
TWINS = {
    "plain": (said(), ""),
    "styled": (said(), "p { color: #333; background: #fff; font-size: 1.2em }"),
    "by LibreOffice": (
        page(f'<div class="b">{said()}</div>'), ".b { -epub-writing-mode: horizontal-tb }",
    ),
}  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
def test_a_hidden_notice_is_not_perceivable(book, trick):
    body, css, code = TRICKS[trick]
    report = judged(book(body, said("Two"), css=css))
    assert report.code == f"kz.notice.{code}"
    assert report.perceivable is (None if code == "undetermined" else False)


@pytest.mark.parametrize("twin", TWINS)
def test_its_honest_twin_is_perceivable(book, twin):
    body, css = TWINS[twin]
    assert judged(book(body, said("Two"), css=css)).code == "kz.notice.perceivable"


def test_a_notice_after_a_cover_is_on_the_first_page(book):
    cover = COVERS["a picture"]
    assert judged(book(cover, said())).perceivable
    assert not judged(book(cover, said("One"), said())).perceivable


def test_a_notice_on_some_pages_is_not_on_every_one(book):
    report = judged(book(said(), said("Two"), said()), EVERY)
    assert (report.code, report.perceivable) == ("kz.notice.missing-pages", False)
    assert (report.measures["page"], report.measures["pages"]) == (2.0, 2.0)
    assert judged(book(said(), said()), EVERY).perceivable


def test_a_page_that_is_not_linear_is_not_read(book):
    path = book(said("One"), said())
    text = part(path, "OEBPS/content.opf").replace(
        '<itemref idref="p0"', '<itemref linear="no" idref="p0"'
    )
    assert judged(book(said("One"), said(), **{"OEBPS/content.opf": text})).perceivable


# --- Tags -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_tags_are_read_and_written(book, tmp_path, version):
    metadata = (
        '<meta name="cover" content="img"/><meta name="AISYSTEMUSED" content="old"/>'
        '<meta property="dcterms:modified">2020-01-01T00:00:00Z</meta>'
    )
    src, dst = book(said("One"), version=version, metadata=metadata), tmp_path / "out.epub"
    ROOM.write_tags(src, dst, {"epub": {"AISYSTEMUSED": 'A & "B" Ә\x01', "DIGITALSOURCETYPE": "u"}})
    assert ROOM.read_tags(dst)["epub"] == {
        "dc:identifier": "x", "dc:title": "T", "cover": "img", "DIGITALSOURCETYPE": "u",
        "dcterms:modified": "2020-01-01T00:00:00Z", "AISYSTEMUSED": 'A & "B" Ә',
    }  # fmt: skip
    check_sound(dst)
    assert ("urn:kzlabel:epub:1#" in part(dst, "OEBPS/content.opf")) == (version == "3.0")
    again = tmp_path / "again.epub"
    ROOM.write_tags(dst, again, {"epub": {"AISYSTEMUSED": "", "DIGITALSOURCETYPE": "v"}})
    assert "AISYSTEMUSED" not in ROOM.read_tags(again)["epub"]
    assert part(again, "OEBPS/content.opf").count("urn:kzlabel") == (version == "3.0")
    assert ROOM.manifest_carrier(again).kind is CarrierKind.COMPANION


def test_prefixes_of_others_stay(book, tmp_path):
    src, dst = book(said("One"), root=' prefix="foaf: http://x/"'), tmp_path / "out.epub"
    ROOM.write_tags(src, dst, {"epub": {"AIPROVIDER": "P"}})
    root = ET.fromstring(part(dst, "OEBPS/content.opf"))  # noqa: S314  our own
    assert root.get("prefix") == "kzlabel: urn:kzlabel:epub:1# foaf: http://x/"


# --- What is refused ------------------------------------------------------------------------------


def encryption(method):
    xenc = "http://www.w3.org/2001/04/xmlenc#"
    return (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        f'<EncryptedData xmlns="{xenc}"><EncryptionMethod Algorithm="{method}"/></EncryptedData>'
        "</encryption>"
    )


PROTECTED = {
    "META-INF/rights.xml": "<a/>",
    "META-INF/license.lcpl": "{}",
    "META-INF/encryption.xml": encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc"),
}


@pytest.mark.parametrize("name", PROTECTED)
def test_a_protected_book_is_refused_by_name(book, tmp_path, name):
    src, dst = book(said("One"), **{name: PROTECTED[name]}), tmp_path / "out.epub"
    with pytest.raises(RefusedError, match="protected"):
        ROOM.write_notice(src, dst, PAGE)
    with pytest.raises(UnsupportedTagsError, match="protected"):
        ROOM.write_tags(src, dst, {"epub": {"A": "b"}})
    with pytest.raises(UnreadableAssetError, match="protected"):
        judged(src)
    assert not dst.exists()
    assert ROOM.read_tags(src)["epub"]["dc:title"] == "T"


def test_fonts_that_are_obfuscated_are_no_protection(book, tmp_path):
    more = {"META-INF/encryption.xml": encryption("http://www.idpf.org/2008/embedding")}
    src, dst = book(said("One"), **more), tmp_path / "out.epub"
    ROOM.write_notice(src, dst, PAGE)
    assert part(dst, "META-INF/encryption.xml") == more["META-INF/encryption.xml"]


def test_a_signed_book_is_never_rewritten(book, tmp_path):
    src, dst = book(said("One"), **{"META-INF/signatures.xml": "<a/>"}), tmp_path / "out.epub"
    with pytest.raises(RefusedError, match="signed"):
        ROOM.write_notice(src, dst, PAGE)
    with pytest.raises(UnsupportedTagsError, match="signed"):
        ROOM.write_tags(src, dst, {"epub": {"A": "b"}})
    assert not judged(src).perceivable


HOSTILE = {
    "no container": {"META-INF/container.xml": None},
    "container of nothing": {"META-INF/container.xml": "<container/>"},
    "opf elsewhere": {"META-INF/container.xml": CONTAINER.replace("OEBPS/", "../")},
    "no opf": {"OEBPS/content.opf": None},
    "entities": {"OEBPS/content.opf": '<!DOCTYPE a [<!ENTITY b "c">]><package/>'},
    "bare": {"OEBPS/content.opf": "<package/>"},
    "no spine": {"OEBPS/content.opf": '<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest/></package>'},
    "empty spine": {"OEBPS/content.opf": opf([])},
    "parts that are missing": {"OEBPS/text/p0.xhtml": None},
    "an address": {"OEBPS/content.opf": opf(["p0"]).replace("text/p0", "http://x/p0")},
    "up and out": {"OEBPS/content.opf": opf(["p0"]).replace("text/p0", "../../../p0")},
    "no body": {"OEBPS/text/p0.xhtml": '<html xmlns="http://www.w3.org/1999/xhtml"/>'},
    "deep": {"OEBPS/text/p0.xhtml": page("<div>" * 200 + RU + "</div>" * 200)},
    "too deep": {"OEBPS/text/p0.xhtml": page("<div>" * 9999 + "</div>" * 9999)},
    "empty page": {"OEBPS/text/p0.xhtml": ""},
}  # fmt: skip


@pytest.mark.parametrize("harm", HOSTILE)
def test_hostile_books_are_errors_of_ours(book, tmp_path, harm):
    path = book(said("One"), **HOSTILE[harm])
    for work in (
        lambda: ROOM.read_tags(path),
        lambda: ROOM.manifest_carrier(path),
        lambda: judged(path, EVERY),
        lambda: ROOM.write_tags(path, tmp_path / "t.epub", {"epub": {"A": "b"}}),
        lambda: ROOM.write_notice(path, tmp_path / "o.epub", PAGE),
        lambda: ROOM.write_notice(path, tmp_path / "e.epub", PAGES),
    ):
        try:
            work()
        except KzlabelError as exc:
            assert str(path) in str(exc)  # noqa: PT017  what does not raise is sound as well


def test_hints_are_believed_in_nothing(book):
    odd = Placement(
        statement=Statement.MODIFIED, style=NoticeStyle.PAGES, languages=(), lines=("\0",) * 9
    )
    reports = ROOM.find_notices(book(said("One"), said("Two")), (odd, HINT), search=True)
    assert len(reports) == 2
    assert not any(report.perceivable for report in reports)
