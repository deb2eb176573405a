"""Packages: read bounded and fail-closed, written with every other byte as it was."""

from __future__ import annotations

import io
import re
import struct
import zipfile

import pytest

from kzlabel.errors import KzlabelError, LimitError, UnreadableAssetError
from kzlabel.formats import _package_directory
from kzlabel.formats._package import opened, rewritten
from kzlabel.formats._package_sniff import sniffed
from kzlabel.formats._xml_splice import Edit, parse, spliced, tag_end

WORD = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override'
    ' PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
    '.wordprocessingml.document.main+xml"/></Types>'
)
ODT = "application/vnd.oasis.opendocument.text"


def zipped(parts, method=zipfile.ZIP_DEFLATED, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, (2020, 2, 3, 4, 5, 6)), content, method)
        package.comment = comment
    return out.getvalue()


@pytest.fixture
def laid(tmp_path):
    def lay(content, name="a.docx"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return lay


PARTS = {"[Content_Types].xml": WORD, "word/document.xml": "<a/>" * 50, "word/x.bin": b"\0" * 900}


def test_parts_are_read(laid):
    package = opened(laid(zipped(PARTS, comment=b"hello")))
    assert list(package.entries) == list(PARTS)
    assert package.part("word/x.bin") == b"\0" * 900
    with pytest.raises(UnreadableAssetError, match=r"word/none\.xml"):
        package.part("word/none.xml")
    with pytest.raises(LimitError, match="900"):
        package.part("word/x.bin", limit=899)


def test_what_is_not_changed_keeps_its_bytes(laid, tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for number, (name, content) in enumerate(PARTS.items()):
            info = zipfile.ZipInfo(name, (2001, 2, 3, 4, 5, 2 * number))
            info.compress_type = zipfile.ZIP_STORED if number == 2 else zipfile.ZIP_DEFLATED
            info.extra = b"\xfe\xca\0\0"
            info.comment = name.encode()
            info.external_attr = 0o644 << 16
            package.writestr(info, content, compresslevel=1)
        package.comment = b"whole"
    src, dst = laid(out.getvalue()), tmp_path / "b.docx"
    rewritten(opened(src), dst, {"word/document.xml": b"<b/>"}, {"new/Ә.xml": b"<c/>"})
    with zipfile.ZipFile(src) as before, zipfile.ZipFile(dst) as after:
        assert after.testzip() is None
        assert after.namelist() == [*before.namelist(), "new/Ә.xml"]
        assert after.comment == b"whole"
        assert after.read("word/document.xml") == b"<b/>"
        for old, new in zip(before.infolist(), after.infolist(), strict=False):
            assert (old.date_time, old.compress_type, old.extra, old.comment, old.external_attr) == (
                new.date_time, new.compress_type, new.extra, new.comment, new.external_attr,
            )  # fmt: skip
        old, new = before.getinfo("word/x.bin"), after.getinfo("word/x.bin")
        end = old.header_offset + 30 + len("word/x.bin") + 4 + 900
        raw = src.read_bytes()[old.header_offset : end]
        assert dst.read_bytes()[new.header_offset :].startswith(raw)


def test_streamed_and_zip64_packages(laid, tmp_path):
    class Unseekable(io.BytesIO):
        def seekable(self):
            return False

        def seek(self, *_):
            raise OSError

        def tell(self):
            raise OSError

    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in PARTS.items():
            with package.open(name, "w", force_zip64=name.startswith("word")) as file:
                file.write(content.encode() if isinstance(content, str) else content)
    src, dst = laid(out.getvalue()), tmp_path / "b.docx"
    rewritten(opened(src), dst, {"word/document.xml": b"<b/>"}, {})
    with zipfile.ZipFile(dst) as package:
        assert package.testzip() is None
        assert package.read("word/x.bin") == PARTS["word/x.bin"]
    assert opened(dst).part("word/document.xml") == b"<b/>"


BAD_NAMES = ("../a", "/a", "a/../b", "a\\b", "C:/a", "a//b", "./a")


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_names(laid, name):
    content = zipped({"x" * len(name): "1"}).replace(b"x" * len(name), name.encode())
    with pytest.raises(UnreadableAssetError):
        opened(laid(content))


def test_duplicates_differ_in_no_more_than_case(laid):
    content = zipped({"word/a.xml": "1", "word/b.xml": "2"}).replace(b"word/b", b"Word/A")
    with pytest.raises(UnreadableAssetError, match="x 2"):
        opened(laid(content))


def patched(content, name, at, value):
    """Change a field of the directory's record of `name`."""
    start = content.rindex(name) - 46
    return content[: start + at] + value + content[start + at + len(value) :]


HARMS = {
    "encrypted": (8, b"\x01\x00"),
    "method": (10, b"\x09\x00"),
    "stored unlike its header": (10, b"\x00\x00"),
    "overlaps": (42, struct.pack("<I", 0)),
    "offset": (42, struct.pack("<I", 7)),
    "longer": (20, struct.pack("<I", 1 << 20)),
    "disk": (34, b"\x01\x00"),
    "link": (4, b"\x14\x03"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_harmed_directories(laid, harm):
    at, value = HARMS[harm]
    content = patched(zipped(PARTS), b"word/x.bin", at, value)
    if harm == "link":
        content = patched(content, b"word/x.bin", 38, struct.pack("<I", 0o120777 << 16))
    with pytest.raises(KzlabelError):
        opened(laid(content))


def test_lying_sizes_and_sums(laid):
    content = zipped({"a": b"\0" * 5000})
    for at, value in ((24, struct.pack("<I", 4000)), (16, b"abcd")):
        harmed = patched(content, b"a", at, value)
        harmed = harmed[: at - 2] + value + harmed[at - 2 + 4 :]  # the local header says the same
        with pytest.raises(UnreadableAssetError, match="the part a of"):
            opened(laid(harmed)).part("a")


def test_bombs(laid, monkeypatch):
    bomb = zipped({"a": b"\0" * (17 << 20)})
    with pytest.raises(LimitError):
        opened(laid(bomb))
    monkeypatch.setattr(_package_directory, "MAX_ENTRIES", 2)
    with pytest.raises(LimitError, match="parts: 3"):
        opened(laid(zipped(PARTS)))
    monkeypatch.setattr(_package_directory, "MAX_DIRECTORY_BYTES", 90)
    with pytest.raises(LimitError, match="list of parts: "):
        opened(laid(zipped({"a": "1", "b": "2"})))


def test_every_truncation_is_told(laid):
    content = zipped(PARTS)
    for length in range(0, len(content), 7):
        with pytest.raises(UnreadableAssetError):
            opened(laid(content[:length]))
    with pytest.raises(UnreadableAssetError):
        opened(laid(b"#!" + content))  # something before the first part
    with pytest.raises(UnreadableAssetError):
        opened(laid(content + b"!"))


@pytest.mark.slow
def test_every_byte_flipped_is_an_error_or_nothing(laid):
    content = zipped(PARTS)
    for at in range(len(content)):
        path = laid(content[:at] + bytes([content[at] ^ 0x41]) + content[at + 1 :])
        try:
            package = opened(path)
            for name in package.entries:
                package.part(name)
        except KzlabelError:
            pass


def test_members_are_told_apart(laid):
    docx = zipped(PARTS)
    last = zipped({"word/document.xml": "<a/>", "[Content_Types].xml": WORD})
    odt = zipped({"mimetype": ODT, "content.xml": "<a/>"}, zipfile.ZIP_STORED)
    cases = {
        docx: "docx", last: "docx", odt: ODT,
        zipped({"a": "b"}): None, zipped({"word/a": "b"}): None, b"PK\x03\x04": None, b"": None,
        docx[:-30]: "docx",  # damaged: what its head shows
        zipped({"mimetype": ODT, "content.xml": "<a/>"}): None,  # must be stored
    }  # fmt: skip
    for content, member in cases.items():
        path = laid(content)
        assert sniffed(content, path) == member
        path.unlink()
    assert sniffed(docx, laid(docx, "x").with_name("gone")) is None


# --- XML ------------------------------------------------------------------------------------------

NESTED = (
    '<?xml version="1.0"?><!-- <x> --><w:a xmlns:w="n" q=\'>\'>Ә<b c="/>">t<d/></b ><e></e></w:a>'
)


def test_elements_lie_where_they_say(tmp_path):
    content = NESTED.encode()
    held = parse(tmp_path, "x", content)
    assert held.root.name == "{n}a"
    found = {e.name: content[e.start : e.end].decode() for e in held.root.walk()}
    assert found["b"] == '<b c="/>">t<d/></b >'
    assert (found["d"], found["e"]) == ("<d/>", "<e></e>")
    assert held.root.text == "Әt"
    b = held.root.first("b")
    empty = b.first("d")
    edits = [
        held.opening(b, b"1"),
        held.closing(b, b"4"),
        held.opening(empty, b"3"),
        Edit(0, 0, b" "),
    ]
    made = spliced(content, edits[:3])
    assert b'<b c="/>">1t<d>3</d>4</b >' in made
    assert parse(tmp_path, "x", made).root.text == "Ә1t34"


def test_reading_is_bounded(tmp_path):
    with pytest.raises(LimitError, match="nested elements"):
        parse(tmp_path, "x", b"<a>" * 300)
    assert not parse(tmp_path, "x", b"<a>" + b"<b/>" * 99 + b"</a>", enough=10).whole
    held = parse(tmp_path, "x", b"<a><b><c/></b>t</a>", shallow={"b"})
    assert [e.name for e in held.root.walk()] == ["a", "b"]
    many = b"<a " + b" ".join(b"k%d='\">'" % n for n in range(20_000)) + b">"
    assert tag_end(many, 0) == len(many)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<a>", b"text", b"<a></b>", "<a/>".encode("utf-16"), b"<a>\xff</a>",
        b'<?xml version="1.0" encoding="windows-1251"?><a/>', b"<!DOCTYPE a><a/>",
        b'<?xml version="1.0" encoding="none-such"?><a/>',
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    ],
)  # fmt: skip
def test_what_is_no_sound_xml_is_refused(tmp_path, content):
    with pytest.raises(UnreadableAssetError):
        parse(tmp_path, "x", content)


def test_a_document_type_may_stand_where_it_is_asked_for(tmp_path):
    html = b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "x.dtd"><a>1&nbsp;2</a>'
    assert parse(tmp_path, "x", html, doctype=True).root.text == "12"
    with pytest.raises(UnreadableAssetError):
        parse(tmp_path, "x", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', doctype=True)


def test_a_package_that_is_cut_off_is_said_so_in_the_readers_words(tmp_path):
    cut = tmp_path / "a.docx"
    cut.write_bytes(b"PK\x03\x04" + bytes(99))
    with pytest.raises(UnreadableAssetError) as caught:
        opened(cut)
    assert caught.value.values["detail"] == "end of central directory"
    for language in ("kk", "ru"):
        said = caught.value.sentence(language).removeprefix(str(cut))
        assert not re.search("[a-zA-Z]", said)
