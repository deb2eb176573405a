"""Pages: what is spliced in, where, and that nothing else changes."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from xml.parsers import expat

import msgspec
import pytest

from kzlabel import label, verify
from kzlabel._identity import new_label_id
from kzlabel.errors import LimitError, RefusedError, UnsupportedTagsError
from kzlabel.formats import recognise
from kzlabel.formats._html_room import HtmlRoom
from kzlabel.formats._html_scan import MAX_BYTES
from kzlabel.formats.html import Html
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Statement

NOTICE = Notice(statement=Statement.CREATED, languages=("kk", "ru", "en"), style=NoticeStyle.INLINE)
WHOLE = (
    b"<!DOCTYPE html>\r\n<html>\r\n<head>\r\n<meta charset=utf-8>\r\n<title>T</title>\r\n</head>\r\n"
    b"<body class='a'>\r\n<p>One &amp; two<br>\r\n</body></html>\r\n"
)
PAGES = {
    "whole": WHOLE,
    "no head": b"<!doctype html><html><body><p>x</p></body></html>",
    "no body": b"<!doctype html><title>T</title><p>x</p>",
    "a fragment": b"<p>one</p><p>two</p>",
    "words only": b"Hello, <b>world</b>",
    "head only": b"<!doctype html><html><head><title>T</title></head></html>",
    "body in capitals": b"<HTML><HEAD></HEAD><BODY BGCOLOR=white><P>x</BODY></HTML>",
    "comment first": b"<!-- <body> --><!doctype html><body><!-- a --><p>x",
    "tags in a title": b"<!doctype html><title><body></title><body><p>x",
    "tags in data": b'<!doctype html><script type="application/json">"<body>"</script><body><p>x',
    "attribute with >": b"<!doctype html><html lang='>'><body data-a='<p>' data-b=\">\"><p>x",
    "template in head": b"<!doctype html><head><template><div>x</div></template></head><body><p>x",
    "bom": b"\xef\xbb\xbf<!doctype html><title>T</title><body><p>x",
    "cp1251": "<!doctype html><meta charset=windows-1251><p>Привет</p>".encode("cp1251"),
    "undeclared cp1251": "<!doctype html><title>Привет</title><p>Мир</p>".encode("cp1251"),
    "invalid": b"<!doctype html><title>T</title><p>\xff\xfe</p>",
    "flex": b"<!doctype html><style>body{display:flex;justify-content:center}</style><body><p>x",
    "dark": b"<!doctype html><style>*{color:#eee;background:#111;font-size:9px}</style><p>x",
    "fixed header": b"<!doctype html><style>h1{position:fixed;top:0;z-index:9}</style><h1>x</h1>",
}
XHTML = (
    b'<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml">'
    b"<head><title>T</title></head><body><p>x</p></body></html>"
)
LEFT_OUT = re.compile(
    rb"<div role=\"note\".*?</div></div>\n|<meta name=\"[^>]*/>\n|<script type=\"application/ld.*?</script>\n",
    re.DOTALL,
)


@pytest.fixture
def room() -> HtmlRoom:
    return HtmlRoom()


def laid(folder: Path, content: bytes, name="page.html") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_notice_is_the_first_that_people_see_and_all_else_stays(name, room, tmp_path):
    source, target = laid(tmp_path, PAGES[name]), tmp_path / "out.html"
    placement = room.write_notice(source, target, NOTICE)
    content = target.read_bytes()
    assert LEFT_OUT.sub(b"", content) == PAGES[name]
    assert source.read_bytes() == PAGES[name]
    (report,) = room.find_notices(target, (placement,), search=False)
    assert report.perceivable is True
    assert report.languages == ("kk", "ru", "en")
    assert report.measures["before"] == 0
    (found,) = room.find_notices(target, (), search=True)
    assert found.perceivable is True


def test_the_banner_is_a_note_with_a_language_for_each_line(room, tmp_path):
    target = tmp_path / "out.html"
    room.write_notice(laid(tmp_path, WHOLE), target, NOTICE)
    text = target.read_text("utf-8")
    assert re.findall(r'<div role="note"', text) == ['<div role="note"']
    assert re.findall(r'<div lang="(\w+)"', text) == ["kk", "ru", "en"]
    assert "Жасанды интеллект жасаған" in text
    assert '<meta name="ai-disclosure" content="ai-generated"/>' in text
    found = re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', text)
    assert Statement.CREATED.digital_source_type in json.loads(found[1])["digitalSourceType"]


def test_another_statement_takes_the_place_of_the_banner(room, tmp_path):
    first, second = tmp_path / "1.html", tmp_path / "2.html"
    room.write_notice(laid(tmp_path, WHOLE), first, NOTICE)
    other = msgspec.structs.replace(NOTICE, statement=Statement.MODIFIED, languages=("ru",))
    room.write_notice(first, second, other)
    text = second.read_text("utf-8")
    assert text.count('role="note"') == text.count("ld+json") == text.count("ai-disclosure") == 1
    assert "ai-assisted" in text
    assert "Создано" not in text


def test_xhtml_stays_well_formed(room, tmp_path):
    target = tmp_path / "out.xhtml"
    tags = {"html-meta": {"AISYSTEMUSED": 'A & <B> "C"'}}
    room.write_notice(laid(tmp_path, XHTML, "page.xhtml"), target, NOTICE)
    room.write_tags(target, tmp_path / "tags.xhtml", tags)
    expat.ParserCreate().Parse((tmp_path / "tags.xhtml").read_bytes(), True)
    assert room.read_tags(tmp_path / "tags.xhtml")["html-meta"]["AISYSTEMUSED"] == 'A & <B> "C"'


@pytest.mark.parametrize("name", PAGES)
def test_tags_are_read_back_and_replaced(name, room, tmp_path):
    source, first, second = laid(tmp_path, PAGES[name]), tmp_path / "1.html", tmp_path / "2.html"
    said = {
        "DIGITALSOURCETYPE": Statement.CREATED.digital_source_type,
        "AISYSTEMUSED": 'Ә </script><!-- & "x"',
        "AIPROVIDER": "Қазақ",
    }
    room.write_tags(source, first, {"html-meta": said})
    assert said.items() <= room.read_tags(first)["html-meta"].items()
    room.write_tags(first, second, {"html-meta": said | {"AISYSTEMUSED": "B", "AIPROVIDER": ""}})
    found = room.read_tags(second)["html-meta"]
    assert found["AISYSTEMUSED"] == "B"
    assert "AIPROVIDER" not in found
    assert second.read_bytes().count(b"AISYSTEMUSED") == 1
    assert second.read_bytes().count(b"ld+json") == 1
    assert LEFT_OUT.sub(b"", second.read_bytes()) == PAGES[name]


def test_tags_of_others_are_read(room, tmp_path):
    path = laid(
        tmp_path,
        b'<head><meta name=author content=A><meta property="og:title" content="&lt;T&gt;">'
        b"<meta name=digitalsourcetype content=x><template><meta name=no content=1></template></head>"
        b"<body><meta name=late content=1>",
    )
    assert room.read_tags(path) == {
        "html-meta": {"author": "A", "og:title": "<T>", "DIGITALSOURCETYPE": "x"}
    }


REFUSED = {
    "script": b"<!doctype html><script>1</script><p>x",
    "style sheet": b"<!doctype html><link rel=stylesheet href=x.css><p>x",
    "frames": b"<!doctype html><frameset><frame src=a></frameset>",
    "body hidden": b"<!doctype html><style>body{display:none}</style><p>x",
    "wide": "\ufeff<!doctype html><p>x".encode("utf-16-le"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_where_people_may_not_see_it_no_notice_is_written(name, room, tmp_path):
    with pytest.raises(RefusedError, match=r"page\.html"):
        room.write_notice(laid(tmp_path, REFUSED[name]), tmp_path / "out.html", NOTICE)
    assert not (tmp_path / "out.html").exists()


def test_a_page_in_utf_16_takes_no_tags(room, tmp_path):
    path = laid(tmp_path, REFUSED["wide"])
    with pytest.raises(UnsupportedTagsError):
        room.write_tags(path, tmp_path / "out.html", {"html-meta": {"a": "b"}})
    assert room.manifest_carrier(path).kind is CarrierKind.COMPANION


def test_a_huge_page_takes_companions(room, tmp_path):
    path = tmp_path / "huge.html"
    with path.open("wb") as file:
        file.write(WHOLE)
        file.truncate(MAX_BYTES + 1)
    assert room.manifest_carrier(path).kind is CarrierKind.COMPANION
    with pytest.raises(LimitError):
        room.find_notices(path, (), search=True)
    with pytest.raises(UnsupportedTagsError):
        room.write_tags(path, tmp_path / "out.html", {"html-meta": {"a": "b"}})
    assert room.read_tags(path) == {}


SNIFFED = {
    ("page.html", WHOLE), ("page.txt", WHOLE), ("a.htm", b"<p>x"), ("a.html", b"text <b>x</b>"),
    ("a", b"\xef\xbb\xbf <!-- x --> <!DocType HTML>"), ("a.xhtml", XHTML), ("x", b"<?xml?><html>"),
    ("w", "\ufeff<html>".encode("utf-16-le")),
}  # fmt: skip
NOT_SNIFFED = {
    ("a.md", b"<p>x"), ("a.html", b"no markup"), ("a.html", b"<svg xmlns='x'></svg>"),
    ("a.html", b"<?xml version='1.0'?><rss></rss>"), ("a.html", b"\x89PNG\0\0<p >"), ("a.html", b""),
    ("a.html", b"<!DOCTYPE svg><svg>"), ("a.xml", b"<htmlish>"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "head"), sorted(SNIFFED))
def test_pages_are_recognised(name, head, tmp_path):
    assert Html().sniff(head, tmp_path / name)
    assert isinstance(recognise(laid(tmp_path, head, name)), Html)


@pytest.mark.parametrize(("name", "head"), sorted(NOT_SNIFFED))
def test_other_files_are_not(name, head, tmp_path):
    assert not Html().sniff(head, tmp_path / name)


def test_a_labelled_page_is_compliant_and_an_edited_one_is_not(
    tmp_path, credential, trust, disclosure
):
    source, target = laid(tmp_path, WHOLE), tmp_path / "out.html"
    label(source, target, disclosure, credential)
    assert verify(target, trust=trust).verdict == "compliant"
    relabelled = tmp_path / "again.html"
    label(target, relabelled, replace_id(disclosure), credential)
    assert verify(relabelled, trust=trust).verdict == "compliant"
    target.write_bytes(target.read_bytes().replace(b"One", b"0ne"))
    assert verify(target, trust=trust).verdict == "noncompliant"


def test_a_banner_that_is_hidden_later_is_found_out(tmp_path, credential, disclosure):
    source, target = laid(tmp_path, WHOLE), tmp_path / "out.html"
    label(source, target, disclosure, credential)
    target.write_bytes(target.read_bytes().replace(b"<body", b"<body style='display:none'"))
    assert verify(target).notice == "impaired"


def replace_id(disclosure):
    return msgspec.structs.replace(disclosure, label_id=new_label_id())


def test_the_source_is_not_written_over(room, tmp_path):
    path = laid(tmp_path, WHOLE)
    with pytest.raises(FileExistsError):
        room.write_notice(path, path, NOTICE)
    assert path.read_bytes() == WHOLE


@pytest.mark.slow
def test_a_page_of_too_many_elements_is_refused_at_once_with_the_way_out(tmp_path):
    source = tmp_path / "a.html"
    source.write_bytes(b"<!doctype html><p>x" + b"<p>x" * 210_000)
    begun = time.process_time()
    with pytest.raises(RefusedError, match="--notice external"):
        HtmlRoom().write_notice(source, tmp_path / "b.html", NOTICE)
    assert time.process_time() - begun < 2
