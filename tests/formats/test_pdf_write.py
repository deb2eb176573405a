"""PDF: the notice and the tags, appended; what others put there stays."""

from __future__ import annotations

import io
import subprocess

import pypdf
import pytest
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from reportlab.pdfgen import canvas

from kzlabel._ai_properties import LABEL_ID, SOURCE_TYPE, in_family, written
from kzlabel._passwords import knowing
from kzlabel.errors import (
    LimitError,
    RefusedError,
    UnreadableAssetError,
    UnsupportedTagsError,
)
from kzlabel.formats import recognise
from kzlabel.formats._pdf_content import BrokenContentError, ending_of, without
from kzlabel.formats.pdf import Pdf
from kzlabel.model import CarrierKind, Corner, Medium, Notice, NoticeStyle, Region, Statement

ROOM = Pdf()
WORDS = ("Жасанды интеллект жасаған", "Создано искусственным интеллектом")
ON_FIRST = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGE)
ON_ALL = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGES)
PDFA = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="{}" pdfaid:conformance="{}"/>{}
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def drawn(pages=1, size=(595, 842), text="Page {}", version=(1, 4)):
    file = io.BytesIO()
    pen = canvas.Canvas(file, pagesize=size, invariant=1, pdfVersion=version)
    for number in range(pages):
        pen.drawString(size[0] / 3, size[1] / 2, text.format(number))
        pen.bookmarkPage(f"p{number}")
        pen.addOutlineEntry(f"Бет {number}", f"p{number}")
        pen.linkRect("", "p0", (72, 50, 200, 70))
        pen.showPage()
    pen.save()
    return file.getvalue()


def changed(content, change):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    change(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def with_page(content=None, **entries):
    def change(writer):
        for name, value in entries.items():
            writer.pages[0][NameObject(f"/{name}")] = value
        if content is not None:
            writer.pages[0][NameObject("/Contents")] = writer._add_object(stream(content))

    return changed(drawn(), change)


def stream(content, **entries):
    made = DecodedStreamObject()
    made.set_data(content)
    made.update(
        {NameObject(f"/{name}"): NameObject(f"/{value}") for name, value in entries.items()}
    )
    return made


def with_packet(packet):
    def change(writer):
        held = writer._add_object(stream(packet, Type="Metadata", Subtype="XML"))
        writer.root_object[NameObject("/Metadata")] = held

    return changed(drawn(), change)


def numbers(*values):
    return ArrayObject(FloatObject(value) for value in values)


def built(objects, trailer=b"/Root 1 0 R"):
    """Return a document of these objects, with a table of cross-references."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % places[number]
    return bytes(out) + b"trailer\n<</Size %d %b>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        trailer,
        start,
    )


SMALL = {
    1: b"<</Type/Catalog/Pages 2 0 R>>",
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
    4: b"<</Length 19>>stream\n0 0 1 rg 0 0 9 9 re\nendstream",
}


@pytest.fixture
def put(tmp_path):
    def write(content, name="a.pdf"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def noticed(put, tmp_path):
    """Write content with a notice; returns the new file and where the notice is."""

    def give(content, notice=ON_FIRST):
        target = tmp_path / "noticed.pdf"
        return target, ROOM.write_notice(put(content), target, notice)

    return give


@pytest.fixture
def tagged(put, tmp_path, disclosure):
    def give(content):
        target = tmp_path / "tagged.pdf"
        said = {family: in_family(family, written(disclosure)) for family in ("xmp", "pdf-info")}
        ROOM.write_tags(put(content), target, said)
        return target

    return give


def lines_of(path, page=0):
    text = pypdf.PdfReader(path).pages[page].extract_text()
    return [line for line in text.splitlines() if "нтелл" in line]


def check_sound(path, password=""):
    done = subprocess.run(
        ["qpdf", "--check", f"--password={password}", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# --- The room -------------------------------------------------------------------------------------


def test_is_known_by_its_header(put):
    assert recognise(put(drawn())).spec.name == "PDF"
    assert recognise(put(b"junk\n" + drawn(), "b.bin")).spec.name == "PDF"
    assert recognise(put(b"\0" * 1024 + drawn(), "c.bin")) is None
    assert ROOM.spec.medium is Medium.DOCUMENT


# --- The notice -----------------------------------------------------------------------------------


def test_source_stays_and_is_the_beginning(put, tmp_path):
    source, target = put(drawn()), tmp_path / "b.pdf"
    before = source.read_bytes()
    ROOM.write_notice(source, target, ON_FIRST)
    assert source.read_bytes() == before
    assert target.read_bytes().startswith(before)


def test_words_are_text_on_the_first_page_only(noticed):
    target, placement = noticed(drawn(3))
    assert lines_of(target) == list(WORDS) == list(placement.lines)
    assert lines_of(target, 1) == lines_of(target, 2) == []
    assert (placement.pages, placement.medium, placement.style) == (1, "visible", NoticeStyle.PAGE)


def test_words_on_every_page_share_one_drawing(noticed):
    target, placement = noticed(drawn(5), ON_ALL)
    reader = pypdf.PdfReader(target)
    drawings = {p["/Resources"]["/XObject"].raw_get("/KzlabelNotice").idnum for p in reader.pages}
    assert all(lines_of(target, page) == list(WORDS) for page in range(5))
    assert (placement.pages, len(drawings)) == (5, 1)


@pytest.mark.needs("pdftotext")
def test_another_reader_extracts_exactly_the_words(noticed):
    target, _ = noticed(with_page(b""))
    said = subprocess.run(["pdftotext", target, "-"], capture_output=True, text=True, check=True)
    assert tuple(said.stdout.split("\n")[:2]) == WORDS


@pytest.mark.parametrize("languages", [("kk",), ("en",), ("ru", "en", "kk")])
@pytest.mark.parametrize("statement", Statement)
def test_every_statement_and_language(noticed, languages, statement):
    notice = Notice(statement=statement, style=NoticeStyle.PAGE, languages=languages)
    target, placement = noticed(drawn(), notice)
    text = pypdf.PdfReader(target).pages[0].extract_text()
    assert all(line in text for line in placement.lines)


@pytest.mark.parametrize(
    ("entries", "size"),
    [
        ({}, (595, 842)),
        ({"Rotate": NumberObject(90)}, (842, 595)),
        ({"Rotate": NumberObject(180)}, (595, 842)),
        ({"Rotate": NumberObject(-90)}, (842, 595)),
        ({"CropBox": numbers(100, 150, 500, 700)}, (400, 550)),
        ({"CropBox": numbers(100, 150, 500, 700), "Rotate": NumberObject(270)}, (550, 400)),
        ({"MediaBox": numbers(-500, -300, 95, 542)}, (595, 842)),
        ({"MediaBox": numbers(0, 0, 200, 300), "UserUnit": FloatObject(3)}, (600, 900)),
        ({"MediaBox": numbers(0, 0, 14400, 14400)}, (14400, 14400)),
        ({"MediaBox": numbers(0, 0, 252, 144)}, (252, 144)),
        ({"MediaBox": numbers(0, 0, 2000, 60)}, (2000, 60)),
    ],
    ids=lambda value: str(value)[:60],
)
def test_stands_upright_on_the_page_as_it_is_displayed(noticed, entries, size):
    target, placement = noticed(with_page(**entries))
    assert (placement.width, placement.height) == size
    (report,) = ROOM.find_notices(target, (placement,), search=False)
    assert report.perceivable, report
    where, region = report.where, placement.region
    assert where is not None
    assert region.x <= where.x + 0.01
    assert region.x + region.w >= where.x + where.w - 0.01


@pytest.mark.parametrize(
    "content",
    [
        b"q q 2 0 0 2 50 50 cm BT /F1 12 Tf",
        b".1 0 0 .1 0 0 cm Q Q 0 0 5 5 re W n Q",
        b"/P <</MCID 0>> BDC q 10 10 m 20 20 l",
        b"0 0 5 5 re W n 1 g",
        b"(q ( q) \\( q) Tj % q q",
        b"",
    ],
)
def test_broken_content_is_closed_before_it(noticed, content):
    target, placement = noticed(with_page(content))
    (report,) = ROOM.find_notices(target, (placement,), search=False)
    assert report.perceivable, report


def test_endings():
    assert ending_of(b"q (Q\\)(Q)) Tj <51> /Q Q").states == 0
    assert ending_of(b"BI /W 1 ID q q Q EI\xff q EI Q").surplus == [26]
    assert without(b"Q q Q Q", [0, 6]) == b"  q Q  "
    assert ending_of(b"1 0 m 2 2 l").in_path
    for broken in (b"(abc", b"ID abc"):
        with pytest.raises(BrokenContentError):
            ending_of(broken)


def test_unbalanced_content_keeps_its_look(noticed, tmp_path):
    pdfium = pytest.importorskip("pypdfium2")
    content = b"1 0 0 rg 2 0 0 2 90 90 cm Q Q 0 0 50 50 re f"
    target, _ = noticed(with_page(content))
    before, after = (
        pdfium.PdfDocument(path)[0].render(scale=0.5).to_numpy()
        for path in (tmp_path / "a.pdf", target)
    )
    assert (before[100:] == after[100:]).all()
    assert (before[100:] != 255).any()


@pytest.mark.parametrize("corner", Corner)
def test_corner_is_kept_to(noticed, corner):
    notice = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGE, corner=corner)
    region = noticed(drawn(), notice)[1].region
    assert (region.y < 0.5) == corner.value.startswith("top")
    assert (region.x < 0.3) == corner.value.endswith("left")


def test_goes_where_the_page_is_empty(noticed):
    full = b"".join(b"%d 440 m %d 842 l S " % (x, x) for x in range(0, 595, 5))
    assert noticed(with_page(full))[1].region.y > 0.5


@pytest.mark.parametrize(
    ("free", "style", "covers"),
    [
        ((380, 460), NoticeStyle.PAGE, False),  # a white band amid the page
        ((380, 460), NoticeStyle.PAGES, True),
        ((0, 0), NoticeStyle.PAGE, True),
    ],
)
def test_covers_content_only_where_no_place_is_free_and_says_so(noticed, free, style, covers):
    low, high = free
    lines = "".join(f"{x} 0 m {x} {low} l {x} {high} m {x} 842 l S " for x in range(0, 595, 5))
    notice = Notice(statement=Statement.CREATED, style=style)
    given = noticed(with_page(lines.encode()), notice)[1]
    assert given.flaws == (("kz.notice.covers",) if covers else ())


def test_keeps_clear_of_annotations_and_of_other_notices(put, tmp_path):
    note = DictionaryObject(
        {
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/Rect"): numbers(0, 700, 400, 842),
        }
    )
    source = put(with_page(Annots=ArrayObject([note])))
    region = ROOM.write_notice(source, tmp_path / "b.pdf", ON_FIRST).region
    assert region.y > 0.5
    avoiding = Notice(statement=Statement.CREATED, style=NoticeStyle.PAGE, avoid=(region,))
    other = ROOM.write_notice(source, tmp_path / "c.pdf", avoiding).region
    assert other.y > 0.5
    assert other.x >= region.x + region.w


def test_is_an_artifact_in_gray(noticed):
    target, _ = noticed(drawn())
    page = pypdf.PdfReader(target).pages[0]
    assert b"/Artifact <</Type /Pagination" in page["/Contents"][-1].get_object().get_data()
    form = page["/Resources"]["/XObject"]["/KzlabelNotice"]
    assert "/Group" not in form
    operators = set(form.get_data().split())
    assert operators.isdisjoint({b"rg", b"RG", b"k", b"K", b"gs", b"cs"})
    font = form["/Resources"]["/Font"]["/F"]["/DescendantFonts"][0]
    assert font["/FontDescriptor"]["/FontFile2"].get_data()
    assert font["/BaseFont"][7] == "+"


def test_pages_of_several_sizes(noticed):
    def change(writer):
        writer.pages[1][NameObject("/MediaBox")] = numbers(0, 0, 1200, 900)

    target, placement = noticed(changed(drawn(3), change), ON_ALL)
    assert placement.pages == 3
    (report,) = ROOM.find_notices(target, (placement,), search=False)
    assert report.perceivable


@pytest.mark.parametrize("size", [(10, 10), (60, 40)])
def test_no_room_is_said(noticed, size):
    with pytest.raises(RefusedError, match="too small"):
        noticed(with_page(MediaBox=numbers(0, 0, *size)))


def test_a_destination_that_is_there_is_not_written_over(put, tmp_path):
    (tmp_path / "b.pdf").write_bytes(b"held")
    with pytest.raises(FileExistsError):
        ROOM.write_notice(put(drawn()), tmp_path / "b.pdf", ON_FIRST)
    assert (tmp_path / "b.pdf").read_bytes() == b"held"


# --- Tags -----------------------------------------------------------------------------------------


def test_tags_are_read_back(tagged, disclosure):
    tags = ROOM.read_tags(tagged(drawn()))
    assert tags["xmp"][LABEL_ID] == tags["pdf-info"]["KZLABEL_LABELID"] == disclosure.label_id
    assert tags["xmp"][SOURCE_TYPE] == disclosure.statement.digital_source_type


@pytest.mark.needs("exiftool")
def test_exiftool_reads_the_xmp(tagged):
    said = subprocess.run(
        ["exiftool", "-s3", "-XMP-iptcExt:DigitalSourceType", tagged(drawn())],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip().endswith("trainedAlgorithmicMedia")


def test_other_tags_stay(tagged, put):
    content = changed(drawn(), lambda w: w.add_metadata({"/Custom": "Қазақ (x)", "/Title": "T"}))
    tags = ROOM.read_tags(tagged(content))
    assert tags["pdf-info"]["Custom"] == "Қазақ (x)"
    assert tags["pdf-info"]["Title"] == "T"


def test_packet_is_merged_and_unpacked(tagged):
    content = with_packet(PDFA.format("3", "B", "").encode())
    target = tagged(content)
    assert ROOM.read_tags(target)["xmp"]["pdfaid:part"] == "3"
    assert target.read_bytes().count(b"AISystemUsed") >= 1


@pytest.mark.parametrize("part", ["1", "2", "3"])
def test_archives_have_our_properties_described_once(put, tmp_path, tagged, part):
    target = tagged(with_packet(PDFA.format(part, "B", "").encode()))
    again = tmp_path / "again.pdf"
    ROOM.write_tags(target, again, {"xmp": {SOURCE_TYPE: "x"}})
    packet = pypdf.PdfReader(again).root_object["/Metadata"].get_data()
    assert packet.count(b"<pdfaExtension:schemas>") == 1
    assert packet.count(b"<pdfaSchema:namespaceURI>urn:kzlabel:xmp:1#<") == 1
    assert ROOM.read_tags(again)["xmp"][SOURCE_TYPE] == "x"


def test_an_archive_of_part_4_gets_no_information_dictionary(put, tmp_path):
    def change(writer):
        writer.root_object[NameObject("/Metadata")] = writer._add_object(
            stream(PDFA.format("4", "F", "").encode(), Type="Metadata", Subtype="XML")
        )
        writer._info = None

    target = tmp_path / "b.pdf"
    source = put(changed(drawn(), change))
    assert "/Info" not in pypdf.PdfReader(source).trailer
    ROOM.write_tags(source, target, {"xmp": {SOURCE_TYPE: "x"}, "pdf-info": {"A": "b"}})
    assert set(ROOM.read_tags(target)) == {"xmp"}


def test_damaged_packet_is_no_place(tagged):
    with pytest.raises(UnsupportedTagsError):
        tagged(with_packet(b"<x:xmpmeta><rdf:RDF>"))


# --- Structure ------------------------------------------------------------------------------------


@pytest.mark.needs("qpdf")
@pytest.mark.parametrize("packed", [False, True], ids=["table", "streams"])
def test_update_is_of_the_kind_of_the_source(put, tmp_path, packed):
    source = put(drawn(4))
    if packed:
        held = tmp_path / "packed.pdf"
        subprocess.run(["qpdf", "--object-streams=generate", source, held], check=True)
        source = held
    target, last = tmp_path / "b.pdf", tmp_path / "c.pdf"
    ROOM.write_notice(source, target, ON_ALL)
    ROOM.write_tags(target, last, {"pdf-info": {"A": "b"}, "xmp": {SOURCE_TYPE: "x"}})
    for path in (target, last):
        check_sound(path)
    assert (b"/XRef" in last.read_bytes()[-400:]) == packed
    assert ROOM.read_tags(last)["pdf-info"]["A"] == "b"


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"junk\n" + content,
        lambda content: content.replace(b"startxref\n", b"startxref\n9"),
        lambda content: content.replace(b"\nxref\n0", b"\nyref\n0"),
        lambda content: content.replace(
            b"\n/Root", b"\n/Prev %d /Root" % content.rindex(b"xref\n0")
        ),
        lambda content: content.replace(b"\n/Root", b"\n/Prev 77 /Root"),
    ],
    ids=["junk before", "wrong startxref", "no references", "a loop", "a wrong link"],
)
def test_broken_references_are_written_anew(noticed, damage):
    target, placement = noticed(damage(drawn()))
    assert lines_of(target) == list(WORDS)
    reader = pypdf.PdfReader(target, strict=True)
    assert len(reader.pages) == placement.pages


@pytest.mark.parametrize(
    ("objects", "trailer"),
    [
        (SMALL | {2: b"<</Type/Pages/Kids[2 0 R]/Count 1>>"}, b"/Root 1 0 R"),
        (SMALL | {2: b"<</Type/Pages/Kids[]/Count 0>>"}, b"/Root 1 0 R"),
        (SMALL | {2: b"<</Type/Pages/Kids[9 0 R]/Count 1>>"}, b"/Root 1 0 R"),
        (SMALL, b"/Root 8 0 R"),
    ],
    ids=["loop", "no pages", "page missing", "no catalog"],
)
def test_documents_without_pages_are_refused(noticed, tmp_path, objects, trailer):
    with pytest.raises(UnreadableAssetError):
        noticed(built(objects, trailer))
    assert not (tmp_path / "noticed.pdf").exists()


@pytest.mark.parametrize("cut", [9, 300, 900])
def test_truncated_is_unreadable_or_repaired(put, cut):
    path = put(drawn()[:cut])
    with pytest.raises(UnreadableAssetError):
        ROOM.write_notice(path, path.with_name("b.pdf"), ON_FIRST)


def test_empty_is_unreadable(put):
    for action in (ROOM.read_tags, lambda path: ROOM.write_notice(path, path, ON_FIRST)):
        with pytest.raises(UnreadableAssetError):
            action(put(b""))


@pytest.mark.slow
def test_many_pages_quickly_enough(noticed):
    target, placement = noticed(drawn(300), ON_ALL)
    assert placement.pages == 300
    assert lines_of(target, 299) == list(WORDS)


# --- Encryption -----------------------------------------------------------------------------------


def encrypted(algorithm="AES-256", user="u", owner="o", content=None, permissions=-1):
    def change(writer):
        writer.encrypt(user, owner, algorithm=algorithm, permissions_flag=permissions)

    return changed(content or drawn(), change)


MODIFY = 1 << 3


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
@pytest.mark.parametrize("password", ["u", "o"])
def test_stays_encrypted_the_same_way(put, tmp_path, algorithm, password):
    source = put(encrypted(algorithm))
    target, last = tmp_path / "b.pdf", tmp_path / "c.pdf"
    with knowing(lambda _: password):
        ROOM.write_notice(source, target, ON_FIRST)
        ROOM.write_tags(target, last, {"pdf-info": {"A": "Қ"}, "xmp": {SOURCE_TYPE: "x"}})
        assert ROOM.read_tags(last)["pdf-info"]["A"] == "Қ"
        assert ROOM.read_tags(last)["xmp"][SOURCE_TYPE] == "x"
        assert ROOM.manifest_carrier(last).reason == "kz.carrier.pdf-encrypted"
    before, after = (pypdf.PdfReader(path) for path in (source, last))
    entry = "/Encrypt"
    assert {k: str(v) for k, v in before.trailer[entry].items()} == {
        k: str(v) for k, v in after.trailer[entry].items()
    }
    for known in ("u", "o"):
        reader = pypdf.PdfReader(last, password=known)
        assert WORDS[0] in reader.pages[0].extract_text()
    assert WORDS[0].encode("utf-16-be") not in last.read_bytes()


@pytest.mark.parametrize("password", [None, "", "wrong"])
def test_without_its_password_nothing_is_done(put, tmp_path, password):
    source = put(encrypted())
    with knowing(lambda _: password):
        with pytest.raises(RefusedError, match="password"):
            ROOM.write_notice(source, tmp_path / "b.pdf", ON_FIRST)
        with pytest.raises(UnsupportedTagsError, match="password"):
            ROOM.write_tags(source, tmp_path / "b.pdf", {"pdf-info": {"A": "b"}})
        assert ROOM.read_tags(source) == {}
    assert ROOM.manifest_carrier(source).kind is CarrierKind.COMPANION


@pytest.mark.parametrize("password", [None, "", "wrong", "u"])
@pytest.mark.parametrize("user", ["", "u"])
def test_what_the_owner_locked_needs_the_owner(put, tmp_path, user, password):
    source = put(encrypted(user=user, permissions=~MODIFY))
    with knowing(lambda _: password), pytest.raises(RefusedError, match="password"):
        ROOM.write_notice(source, tmp_path / "b.pdf", ON_FIRST)
    with knowing(lambda _: "o"):
        ROOM.write_notice(source, tmp_path / "b.pdf", ON_FIRST)
    assert pypdf.PdfReader(tmp_path / "b.pdf").is_encrypted


def test_encrypted_and_damaged_is_refused(put, tmp_path):
    source = put(b"junk\n" + encrypted())
    with knowing(lambda _: "u"), pytest.raises((RefusedError, UnreadableAssetError)):
        ROOM.write_notice(source, tmp_path / "b.pdf", ON_FIRST)


# --- Bombs ----------------------------------------------------------------------------------------


def packed_stream(kind, content, filters=b"/FlateDecode"):
    import zlib

    packed = zlib.compress(content, 9)
    head = b"<</Type/%b/N 1/First 4/W[1 4 2]/Size 9/Root 1 0 R/Filter %b/Length %d>>stream\n"
    return head % (kind, filters, len(packed)) + packed + b"\nendstream"


@pytest.mark.parametrize("kind", [b"ObjStm", b"XRef", b"Obj#53tm", b"XRe#66"])
def test_a_structure_that_unpacks_too_far_is_not_handed_on(put, monkeypatch, kind):
    monkeypatch.setattr("kzlabel.formats._pdf_survey.MOST_STRUCTURE", 100_000)
    path = put(built(SMALL | {5: packed_stream(kind, bytes(200_000))}))
    with pytest.raises(LimitError):
        ROOM.read_tags(path)
    assert ROOM.manifest_carrier(path).reason == "kz.carrier.pdf-limits"


@pytest.mark.parametrize(
    "filters", [b"[/FlateDecode/FlateDecode]", b"/LZWDecode", b"/#46lateDecode"]
)
def test_structure_in_unusual_filters_is_not_handed_on(put, filters):
    path = put(built(SMALL | {5: packed_stream(b"ObjStm", b"1 0 null", filters)}))
    with pytest.raises(LimitError):
        ROOM.read_tags(path)


def test_metadata_that_unpack_too_far(put, tmp_path):
    bomb = packed_stream(b"Metadata", bytes(17_000_000))
    objects = SMALL | {1: b"<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R>>", 5: bomb}
    path = put(built(objects))
    for action in (
        lambda: ROOM.read_tags(path),
        lambda: ROOM.write_notice(path, tmp_path / "b.pdf", ON_FIRST),
    ):
        with pytest.raises(LimitError):
            action()


def test_too_many_pages(put, tmp_path, monkeypatch):
    monkeypatch.setattr("kzlabel.formats._pdf_notice.MOST_PAGES", 3)
    with pytest.raises(LimitError):
        ROOM.write_notice(put(drawn(5)), tmp_path / "b.pdf", ON_ALL)
    assert not (tmp_path / "b.pdf").exists()


# --- What must survive ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rich():
    """A document with much that is not pages."""

    def change(writer):
        root, add = writer.root_object, writer._add_object
        writer.add_attachment("a.txt", b"attached")
        writer.set_page_label(0, 1, "/r")
        layer = add(
            DictionaryObject(
                {
                    NameObject("/Type"): NameObject("/OCG"),
                    NameObject("/Name"): TextStringObject("L"),
                }
            )
        )
        off = DictionaryObject({NameObject("/OFF"): ArrayObject([layer])})
        root[NameObject("/OCProperties")] = DictionaryObject(
            {NameObject("/OCGs"): ArrayObject([layer]), NameObject("/D"): off}
        )
        element = add(
            DictionaryObject(
                {NameObject("/Type"): NameObject("/StructElem"), NameObject("/S"): NameObject("/P")}
            )
        )
        root[NameObject("/StructTreeRoot")] = add(
            DictionaryObject({NameObject("/K"): ArrayObject([element])})
        )
        root[NameObject("/MarkInfo")] = DictionaryObject(
            {NameObject("/Marked"): BooleanObject(True)}
        )
        script = DictionaryObject(
            {
                NameObject("/S"): NameObject("/JavaScript"),
                NameObject("/JS"): TextStringObject("app.alert(1)"),
            }
        )
        root[NameObject("/OpenAction")] = ArrayObject(
            [writer.pages[0].indirect_reference, NameObject("/Fit")]
        )
        profile = add(stream(b"icc" * 40))
        intent = DictionaryObject(
            {NameObject("/S"): NameObject("/GTS_PDFA1"), NameObject("/DestOutputProfile"): profile}
        )
        root[NameObject("/OutputIntents")] = ArrayObject([intent])
        packet = stream(PDFA.format("3", "B", "").encode(), Type="Metadata", Subtype="XML")
        root[NameObject("/Metadata")] = add(packet)
        field = DictionaryObject(
            {
                NameObject("/T"): TextStringObject("f"),
                NameObject("/V"): TextStringObject("held"),
                NameObject("/AA"): DictionaryObject({NameObject("/K"): script}),
            }
        )
        form = DictionaryObject(
            {
                NameObject("/Fields"): ArrayObject([add(field)]),
                NameObject("/XFA"): add(stream(b"<xdp/>")),
            }
        )
        root[NameObject("/AcroForm")] = add(form)

    return changed(drawn(3), change)


def tree_of(content):
    """Return every leaf of a document by its way from the catalog."""
    found, seen = {}, set()
    todo = [("", pypdf.PdfReader(io.BytesIO(content)).root_object)]
    while todo:
        way, value = todo.pop()
        reference = getattr(value, "indirect_reference", None)
        if reference is not None and reference.idnum in seen:
            continue
        if reference is not None:
            seen.add(reference.idnum)
        if hasattr(value, "get_data"):
            found[way] = value.get_data()
        if isinstance(value, dict):
            skipped = {"/Length", "/Filter", "/DecodeParms", "/Parent"}
            todo += [
                (way + key, value[key]) for key in sorted(value, reverse=True) if key not in skipped
            ]
        elif isinstance(value, list):
            todo += [(f"{way}[{at}]", part.get_object()) for at, part in enumerate(value)]
        elif not hasattr(value, "get_data"):
            found[way] = str(value)
    return found


def test_nothing_else_is_lost(rich, noticed, put, tmp_path):
    target, _ = noticed(rich, ON_ALL)
    before, after = tree_of(rich), tree_of(target.read_bytes())
    gone = {way for way in before if before[way] != after.get(way)}
    assert gone <= {way for way in before if "/Contents" in way or "/Resources" in way}
    assert before["/AcroForm/XFA"] == after["/AcroForm/XFA"] == b"<xdp/>"


def test_c2pa_loses_nothing_of_it(rich, put, tmp_path, credential, disclosure):
    from kzlabel.workflow import label

    source, target = put(rich), tmp_path / "labelled.pdf"
    label(source, target, disclosure, credential)
    assert ROOM.manifest_carrier(source).kind is CarrierKind.EMBEDDED
    before, after = tree_of(rich), tree_of(target.read_bytes())
    gone = {way for way in before if before[way] != after.get(way)}
    ours = ("/Contents", "/Resources", "/Metadata")
    assert {way for way in gone if not any(name in way for name in ours)} == set()
    assert pypdf.PdfReader(target).attachments["a.txt"] == [b"attached"]


# --- The carrier ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "level", "reason"),
    [
        ("1", "B", "kz.carrier.pdf-archive"),
        ("2", "U", "kz.carrier.pdf-archive"),
        ("4", "", "kz.carrier.pdf-archive"),
        ("3", "B", "kz.carrier.pdf"),
        ("4", "F", "kz.carrier.pdf"),
    ],
)
def test_archives_that_allow_no_attachment(put, part, level, reason):
    assert (
        ROOM.manifest_carrier(put(with_packet(PDFA.format(part, level, "").encode()))).reason
        == reason
    )


ODD = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Odd %b>>"


@pytest.mark.parametrize(
    "value",
    [
        b"--5", b"1e5", b"[.]", b"9223372036854775808", b"/a#zz", b"/a{b", b"<4 g>", b"foo", b"16777217.5",
        b"[" * 99 + b"]" * 99, b"(" * 90 + b")" * 90,
    ],
)  # fmt: skip
def test_what_lopdf_cannot_read_is_not_given_to_it(put, value):
    carrier = ROOM.manifest_carrier(put(built(SMALL | {3: ODD % value})))
    assert carrier.reason == "kz.carrier.pdf-damaged"


@pytest.mark.parametrize(
    "value",
    [
        b"-.5",
        b"+7",
        b"00012",
        b"/a#20b",
        b"/",
        b"(a(b\\))c)",
        b"<4>",
        b"<</a null/b[5 0 R]>>",
        b"[1%c\n2]",
    ],
)
def test_plain_syntax_is(put, value):
    assert ROOM.manifest_carrier(put(built(SMALL | {3: ODD % value}))).reason == "kz.carrier.pdf"


def test_a_stream_without_its_length_and_a_lost_object(put):
    without_length = SMALL | {4: b"<<>>stream\n0 0 9 9 re f\nendstream"}
    assert ROOM.manifest_carrier(put(built(without_length))).kind is CarrierKind.COMPANION
    content = built(SMALL)
    at = content.index(b"4 0 obj")
    moved = content.replace(b"%010d 00000 n" % at, b"%010d 00000 n" % (at + 1))
    assert ROOM.manifest_carrier(put(moved)).kind is CarrierKind.COMPANION


def test_branching_attachments(put):
    names = b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Kids[5 0 R]>>>>>>"
    content = built(SMALL | {1: names, 5: b"<</Limits[(a)(a)]/Names[(a)<<>>]>>"})
    assert ROOM.manifest_carrier(put(content)).reason == "kz.carrier.pdf-attachments"


def test_regions_of_the_page(noticed):
    _, placement = noticed(drawn())
    region = placement.region
    assert isinstance(region, Region)
    assert 0 <= region.x <= region.x + region.w <= 1
    assert 0 <= region.y <= region.y + region.h <= 1
