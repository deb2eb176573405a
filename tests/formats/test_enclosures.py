# ruff: noqa: RUF001  texts are Kazakh and Russian
"""Manifest stores in texts: framed as C2PA 2.4 A.7 to A.9 have it, and found again."""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET

import c2pa_text
import c2pa_unstructured_text
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from kzlabel.errors import RefusedError
from kzlabel.formats._enclose_comment import BEGIN, DATA, END, XML, CommentEnclosure
from kzlabel.formats._enclose_html import HtmlEnclosure
from kzlabel.formats._enclose_plain import PlainEnclosure
from kzlabel.formats._enclosed import armoured, without
from kzlabel.model import Enclosed

STORE = b"\0\0\0\x28jumb" + bytes(range(32))
HASH, SLASHES, CSS, MARKDOWN = ("# ", ""), ("// ", ""), ("/* ", " */"), ("<!-- ", " -->")
PLAIN, PAGE = PlainEnclosure(), HtmlEnclosure()
PYTHON = CommentEnclosure(HASH)


def check_round_trip(enclosure, text: bytes, kept: bytes | None = None) -> tuple[bytes, Enclosed]:
    """Enclose, find, take out, and enclose again; nothing but the frame may change."""
    content, one = enclosure.enclose(text, STORE)
    assert tuple(enclosure.enclosed(content)) == (one,)
    bare = without(content, [one])
    assert bare == (text if kept is None else kept)
    assert enclosure.bound(content, (one.start, one.length)) == bare
    assert enclosure.enclose(content, STORE) == (content, one)
    other, second = enclosure.enclose(content, bytes(len(STORE)))
    assert (second.start, second.length) == (one.start, one.length)
    assert len(other) == len(content)
    return content, one


# --- Plain text (A.8) -----------------------------------------------------------------------------

TEXTS = [
    "",
    "Сәлем!",
    "a\r\nb\r\n",
    "\ufeffтекст\n",
    "\ufeff",
    "a\0b",
    "☺\ufe0f \ufeff\n",
    "x" * 9000,
]


@pytest.mark.parametrize("text", TEXTS)
def test_plain_texts_come_back(text: str) -> None:
    content, one = check_round_trip(PLAIN, text.encode())
    assert content[one.start :] == c2pa_unstructured_text.encode_padded(STORE).encode()
    assert one.length == c2pa_text.worst_case_wrapper_byte_length(len(STORE))
    assert c2pa_text.find_wrapper_info(content.decode()) == (STORE, one.start, one.length)


@pytest.mark.parametrize("text", ["йод", "é", "한국", "Å"])
def test_a_text_is_written_in_nfc(text: str) -> None:
    spelled = unicodedata.normalize("NFD", text)
    check_round_trip(PLAIN, spelled.encode(), text.encode())


def test_published_vectors_agree() -> None:
    """Golden vectors of c2pa-text, and those that c2pa-unstructured-text and c2pa-rs give."""
    small = bytes.fromhex(
        "68656c6c6f20776f726c64efbbbff3a084b3f3a084a2f3a08580f3a084b1f3a08584f3a08588f3a08584"
        "efb880efb881efb880efb880efb880efb884f3a0878ef3a0869df3a086aef3a0879f"
    )
    (one,) = PLAIN.enclosed(small)
    assert (one.start, one.length, one.store) == (11, 65, bytes.fromhex("deadbeef"))
    content, one = PLAIN.enclose(b"", b"c2pa-manifest-01")
    assert one.length == 125
    selectors = [ord(character) for character in content.decode()[-3:]]
    assert selectors == [0xFE00, 0xE0100, 0xE0100]  # a gap of 11: one 0x00, two 0x10
    sixteen = c2pa_text.embed_manifest("hello from c2pa-text ", bytes(range(16)))
    (one,) = PLAIN.enclosed(sixteen.encode())
    assert one.store == bytes(range(16))


@pytest.mark.parametrize(
    "wrapper",
    [
        c2pa_text.encode_wrapper(STORE),
        c2pa_text.encode_wrapper_padded(STORE, c2pa_text.worst_case_wrapper_byte_length(40)),
        c2pa_unstructured_text.encode(STORE),
        c2pa_unstructured_text.encode_padded(STORE),
    ],
    ids=["c2pa-text", "c2pa-text-padded", "unstructured", "unstructured-padded"],
)
def test_wrappers_of_others_are_read(wrapper: str) -> None:
    for text in (f"before{wrapper}", f"{wrapper}after", f"a{wrapper}b"):
        (one,) = PLAIN.enclosed(text.encode())
        assert (one.store, one.failure) == (STORE, "")
        assert text.encode()[one.start : one.start + one.length].decode() == wrapper


@pytest.mark.parametrize(
    "text",
    ["", "\ufeff", "\ufeffabc", "☺\ufe0f" * 50, "\ufe0f" * 99, "\ufeff" + "\ufe0f" * 99, "\ufeff\ufeff"],
)  # fmt: skip
def test_honest_selectors_are_no_wrapper(text: str) -> None:
    assert not PLAIN.enclosed(text.encode())


def ruins() -> dict[str, bytes]:
    whole = PLAIN.enclose("сөз".encode(), STORE)[0]
    start = len("сөз".encode())
    wrapper = whole[start:].decode()
    longer = c2pa_text.encode_wrapper(STORE + b"x")
    return {
        "cut": whole[:-60],
        "cut-in-the-header": whole[: start + 3 + 4 * 9],
        "cut-in-a-character": whole[:-61],
        "unmarked": whole.replace("\ufeff".encode(), b""),
        "version": (wrapper[:9] + "\ufe02" + wrapper[10:]).encode(),
        "length": (longer[:13] + longer[14:]).encode(),
        "magic": (wrapper[:1] + "\ufe02" + wrapper[2:]).encode(),
        "stuffed": whole + "\U000e0123".encode(),
        "padding": whole[:-3] + "\ufe01".encode(),
        "split": (wrapper[:40] + "a" + wrapper[40:]).encode(),
        "empty": c2pa_text.encode_wrapper(b"").encode(),
    }


@pytest.mark.parametrize("name", ruins())
def test_a_ruin_is_corrupted_and_never_nothing(name: str) -> None:
    content = ruins()[name]
    found = PLAIN.enclosed(content)
    assert found
    assert {one.failure for one in found} == {"manifest.text.corruptedWrapper"}
    assert not any(one.store for one in found)
    assert len(PLAIN.enclosed(PLAIN.enclose(content, STORE)[0])) == 1 + (name == "split") * 0


def test_two_wrappers_have_both_failed() -> None:
    wrapper = PLAIN.enclose(b"", STORE)[0]
    found = PLAIN.enclosed(b"a" + wrapper + b"b" + wrapper)
    assert [one.failure for one in found] == ["manifest.text.multipleWrappers"] * 2
    assert PLAIN.enclose(b"a" + wrapper + b"b" + wrapper, STORE)[0] == b"ab" + wrapper


def test_validators_agree_on_one_store_in_three() -> None:
    agreed = [PLAIN.agreed(bytes(length)) for length in range(1, 31)]
    assert sum(agreed) == 10


# --- Comments (A.9) -------------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", [HASH, SLASHES, CSS, MARKDOWN, ("-- ", ""), ("; ", ""), XML])
@pytest.mark.parametrize("text", ["", "a: 1\n", "a", "\ufeffa\r\nb\r\n", "#!/bin/sh\necho a", "\n"])
def test_comments_come_back(syntax: tuple[str, str], text: str) -> None:
    enclosure = CommentEnclosure(syntax)
    content, one = check_round_trip(enclosure, text.encode())
    assert c2pa_text.extract_structured(content.decode()).manifest == STORE
    line = b" ".join((syntax[0].encode() + BEGIN, DATA + armoured(STORE), END + syntax[1].encode()))
    assert content[one.start : one.start + one.length].strip() == line


@pytest.mark.parametrize(
    ("syntax", "text"),
    [
        (HASH, "#!/usr/bin/env python3\nprint(1)\n"),
        (HASH, "# -*- coding: utf-8 -*-\n"),
        (HASH, "# a comment\n# vim: set fileencoding=utf-8 :\n"),
        (HASH, "%YAML 1.2\n---\na: 1\n"),
        (HASH, "# syntax=docker/dockerfile:1\nFROM a\n"),
        (SLASHES, "#!/usr/bin/env node\r\nlet a\r\n"),
        (SLASHES, "<?php\necho 1;\n"),
        (CSS, '@charset "utf-8";\n'),
        (MARKDOWN, "---\ntitle: a\n---\n"),
        (XML, '\ufeff<?xml version="1.0"?>\n<a/>\n'),
    ],
)
def test_a_reserved_first_line_stays_first(syntax: tuple[str, str], text: str) -> None:
    content, one = check_round_trip(CommentEnclosure(syntax), text.encode())
    assert content.startswith(text.encode())
    assert content.endswith(END + syntax[1].encode())
    assert content[one.start :] == content[len(text.encode()) :]


def test_the_first_line_is_taken_where_it_is_free() -> None:
    for text in (b"import os\n", b"# a comment\nx = 1\n", b"---\na: 1\n", b"\n\n# coding: late\n"):
        content, one = check_round_trip(PYTHON, text)
        assert one.start == 0
        assert content.endswith(text)
    content, one = check_round_trip(PYTHON, "\ufeffa\r\n".encode())
    assert one.start == 3
    assert content[one.start : one.start + one.length].endswith(b"\r\n")


@pytest.mark.parametrize(
    ("syntax", "text"),
    [
        (HASH, b"#!/usr/bin/perl\nprint <DATA>;\n__DATA__\nrow\n"),
        (HASH, b'#!/bin/sh\ntail -n +3 "$0"\nexit\nrow\n'),
        (SLASHES, b"<?php\necho 1;\n__HALT_COMPILER();row"),
        (HASH, b"#!/usr/bin/ruby\n__END__\n"),
        (SLASHES, b"<?php echo 1 ?>\n<p>the end</p>\n"),
        (SLASHES, b"<html><?= $a ?></html>"[6:]),
        (HASH, b"#!/bin/sh\necho a \\\n"),
        (HASH, "қ".encode("utf-16")),
        (HASH, "\u043a".encode("cp1251")),
    ],
)
def test_no_place_is_refused(syntax: tuple[str, str], text: bytes) -> None:
    with pytest.raises(RefusedError, match="beside the text"):
        CommentEnclosure(syntax).enclose(text, STORE)


def test_files_still_mean_what_they_meant() -> None:
    for text in (b"x = 1\n", b"#!/usr/bin/python\n# coding: utf-8\nx = 1\n"):
        names: dict[str, object] = {}
        exec(compile(PYTHON.enclose(text, STORE)[0], "a", "exec"), names)  # noqa: S102  our own
        assert names["x"] == 1
    for text in (b'<?xml version="1.0"?>\n<a>1</a>\n', b"<a>1</a>"):
        assert ET.fromstring(CommentEnclosure(XML).enclose(text, STORE)[0]).text == "1"  # noqa: S314  our own


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("placement", list(c2pa_text.Placement))
def test_blocks_of_c2pa_text_are_read(newline: str, placement) -> None:
    uri = c2pa_text.encode_data_uri(STORE)
    text = f"#!/bin/sh{newline}a{newline}"
    made = c2pa_text.embed_structured(text, uri, "#", placement=placement, newline=newline)
    (one,) = PYTHON.enclosed(made.text.encode())
    assert (one.start, one.length) == (made.exclusion_start, made.exclusion_length)
    assert (one.store, one.failure) == (STORE, "")


def test_other_comments_of_the_language_are_read() -> None:
    uri = c2pa_text.encode_data_uri(STORE)
    for opening, closing in (("/*", "*/"), ("/*!", "*/"), ("//", "")):
        made = c2pa_text.embed_structured("let a\n", uri, opening, closing)
        (one,) = CommentEnclosure(SLASHES).enclosed(made.text.encode())
        assert one.store == STORE
    made = c2pa_text.embed_structured("<a/>\n", uri, "<!--", "-->")
    assert CommentEnclosure(XML).enclosed(made.text.encode())[0].store == STORE


LINE = b"# " + b" ".join((BEGIN, DATA + armoured(STORE), END)) + b"\n"


@pytest.mark.parametrize(
    "content",
    [
        b"x = '" + LINE[:-1] + b"'\ny\n",
        b'"""\n' + LINE.replace(armoured(STORE), b"...") + b'"""\n',
        b"a\n# " + BEGIN + b" is how it begins\nb\n",
        b"a\n" + LINE.replace(DATA + armoured(STORE), b"https://a/m.c2pa") + b"b\n",
        b"a\n// " + LINE[2:] + b"b\n",
        BEGIN[:-1],
        b"a\n- " + LINE + b"b\n",
    ],
)
def test_a_quotation_is_no_manifest(content: bytes) -> None:
    assert not PYTHON.enclosed(content)


def test_an_armour_in_a_fence_is_no_manifest() -> None:
    enclosure = CommentEnclosure(MARKDOWN)
    line = b"<!-- " + LINE[2:-1] + b" -->\n"
    quoted = b"# Title\n\n```html\n" + line + b"```\nafter\n"
    assert not enclosure.enclosed(quoted)
    assert enclosure.enclosed(b"# Title\n\n```\n```\n" + line + b"after\n")
    check_round_trip(enclosure, quoted)


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (LINE[:-40], "noManifest"),
        (b"a\n" + LINE[:-40], "noManifest"),
        (LINE.replace(DATA + armoured(STORE), b""), "emptyReference"),
        (LINE.replace(armoured(STORE), b"AA=A"), "malformedReference"),
        (LINE.replace(armoured(STORE), b"AB=="), "malformedReference"),
        (LINE.replace(b"data:", b"file:"), "malformedReference"),
        (LINE.replace(b"----- data", b"-----  data"), "malformedReference"),
        (b" " + LINE, "malformedReference"),
        (b"x" + LINE, "malformedReference"),
        (LINE.replace(b"-----\n", b"----- x\n"), "malformedReference"),
        (LINE * 2, "multipleReferences"),
        (LINE + b"a\n" + LINE, "multipleReferences"),
    ],
)
def test_what_is_wrong_with_a_block(content: bytes, failure: str) -> None:
    found = PYTHON.enclosed(content)
    assert {one.failure for one in found} == {f"manifest.structuredText.{failure}"}


def test_a_block_that_lines_were_put_around_is_found_where_it_is() -> None:
    for content in (b"a\n" + LINE + b"b\n", b"\n" + LINE + b"\n"):
        (one,) = PYTHON.enclosed(content)
        assert content[one.start : one.start + one.length] == LINE


# --- Pages (A.7) ----------------------------------------------------------------------------------

PAGES = {
    "whole": "<!DOCTYPE html>\n<html>\n<head>\n<title>a</title>\n</head>\n<body>b</body></html>",
    "upper": "<HTML><HEAD><TITLE>a</TITLE></HEAD><BODY>b",
    "open-head": "<html><head><meta charset=utf-8><link rel=a href=b><body>b",
    "no-head": "<!doctype html><html lang=kk><body>b",
    "no-html": "<!-- <head></head> -->\n<!doctype html>\n<p>b",
    "elements-only": "<title>a</title><style>p{}</style><p>b",
    "words": "Сәлем! <head>",
    "empty": "",
    "bom": "\ufeff<!DOCTYPE html><p>b",
    "header": "<!doctype html><header>a</header><p>b",
    "head-in-script": "<head><script>var a = '</head>'</script><meta a></head>b",
    "head-in-attribute": '<head><meta content="</head><body>"></head>b',
    "head-in-title": "<head><title></head></title></head>b",
    "head-in-comment": "<head><!-- </head> --><meta a></head>b",
    "template": "<head><template><p></head></template></head>b",
    "noscript": "<head><noscript><link rel=a></noscript></head>b",
    "xml": '<?xml version="1.0"?><html><head></head><body>b',
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_come_back_with_the_element_in_the_head(name: str) -> None:
    content, one = check_round_trip(PAGE, PAGES[name].encode())
    element = content[one.start : one.start + one.length]
    assert element == b'<script type="application/c2pa">' + armoured(STORE) + b"</script>"
    assert c2pa_text.extract_html(content.decode()).manifest == STORE
    page = LexborHTMLParser(content.removeprefix("\ufeff".encode()))
    (script,) = page.css('script[type="application/c2pa"]')
    assert script.parent.tag == "head"
    assert script.text() == armoured(STORE).decode()
    script.decompose()
    before = LexborHTMLParser(PAGES[name].removeprefix("\ufeff").encode())
    assert "".join(page.html.split()) == "".join(before.html.split())


@pytest.mark.parametrize("page", ["<head><title>a", "<!-- a", "<script>", "<template>a"])
def test_a_page_that_does_not_end_its_head_is_refused(page: str) -> None:
    with pytest.raises(RefusedError, match="does not end"):
        PAGE.enclose(page.encode(), STORE)


def test_what_a_browser_must_see_first_stays_first() -> None:
    page = b"<!doctype html><meta charset=windows-1251><p>b"
    content, one = PAGE.enclose(page, STORE)
    assert content.index(b"charset") < one.start


@pytest.mark.parametrize(
    "around",
    [
        "<!-- {} -->",
        "<textarea>{}</textarea>",
        "<title>{}</title>",
        "<template><p>{}</p></template>",
        "<p title='{}'>",
        "<style>{}",
        "<xmp>{}</xmp>",
        "<iframe>{}</iframe>",
        "<script>var a = '{}",
        "<plaintext>{}",
        "<p>&lt;{}",
    ],
)
def test_what_no_browser_takes_for_an_element_is_none(around: str) -> None:
    element = '<script type="application/c2pa">' + armoured(STORE).decode() + "</script>"
    if around == "<p>&lt;{}":
        element = element[1:]
    content = f"<html><head></head><body>{around.format(element)}".encode()
    if "script>var" not in around:
        assert not PAGE.enclosed(content)
    else:  # the inner end tag ends the outer script, and nothing is left of ours
        assert not PAGE.enclosed(content)


@pytest.mark.parametrize(
    "element",
    [
        '<script type="application/c2pa">{}',
        '<script type="application/c2pa">{}</script >',
        "<script type='application/c2pa'>{}</script>",
        '<SCRIPT TYPE="APPLICATION/C2PA">{}</SCRIPT>',
        '<script type="application/c2pa"> {}</script>',
        '<script type="application/c2pa" src="a.js">{}</script>',
        '<script type="application/c2pa">?{}</script>',
        '<script type="application&#47;c2pa">{}</script>',
    ],
)
def test_an_element_in_another_form_has_failed(element: str) -> None:
    content = f"<html><head>{element.format(armoured(STORE).decode())}".encode()
    (one,) = PAGE.enclosed(content)
    assert one.failure == "kz.manifest.malformed-element"


def test_other_scripts_and_links_are_nobodys_business() -> None:
    page = b'<script type="application/ld+json">{"a": "c2pa"}</script><link rel=icon href=c2pa>'
    assert not PAGE.enclosed(page)
    check_round_trip(PAGE, page)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ('<link rel="c2pa-manifest" href="https://a/m.c2pa" type="application/c2pa">', "https://a/m.c2pa"),
        ("<LINK HREF=m.c2pa REL='x C2PA-Manifest'/>", "m.c2pa/"[:-1]),
        ('<link rel=c2pa-manifest href="a&amp;b">', "a&b"),
    ],
)  # fmt: skip
def test_links_name_a_store_and_stay(link: str, url: str) -> None:
    page = f"<html><head>{link}</head>".encode()
    (one,) = PAGE.enclosed(page)
    assert (one.url, one.store, one.failure) == (url, b"", "")
    assert without(page, [one]) == page


def test_more_than_one_has_failed() -> None:
    element = b'<script type="application/c2pa">' + armoured(STORE) + b"</script>"
    link = b'<link rel="c2pa-manifest" href="a">'
    for page in (element * 2, element + link, link * 2, element + b"</head><body>" + element):
        found = PAGE.enclosed(b"<html><head>" + page)
        assert {one.failure for one in found} == {"manifest.html.multipleManifests"}
    assert {one.failure for one in PAGE.enclosed(link + b'<link rel="c2pa-manifest">')} == {
        "manifest.html.multipleManifests",
        "kz.manifest.malformed-element",
    }


# --- Anything at all ------------------------------------------------------------------------------

SCRAPS = st.sampled_from(
    [
        b"\xef\xbb\xbf", b"\xf3\xa0\x84", b"\xef\xb8\x80", b"\xef\xb8\x80" * 9, BEGIN, END, DATA, LINE,
        b"# ", b"\n", b"\r\n", b"<!--", b"-->", b"<script", b">", b"</script>", b"<head>", b"</head>",
        b'"', b"'", b"=", b"<title>", b"<template>", b"<link rel=c2pa-manifest href=", b"#!", b"<?",
        c2pa_text.encode_wrapper(STORE).encode(), c2pa_text.build_html_script(STORE).encode(),
    ]
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(SCRAPS, st.binary(max_size=6)), max_size=12).map(b"".join))
def test_whatever_a_file_holds_the_answer_is_a_place_or_a_refusal(content: bytes) -> None:
    for enclosure in (PLAIN, PYTHON, CommentEnclosure(MARKDOWN), PAGE):
        found = enclosure.enclosed(content)
        ends = 0
        for one in found:
            # a last line takes the end of the line before, be that one's a manifest too
            assert ends - 2 <= one.start < one.start + one.length <= len(content)
            assert bool(one.failure) or bool(one.store) != bool(one.url)
            ends = one.start + one.length
        enclosure.bound(content, (0, 1))
        try:
            made, one = enclosure.enclose(content, STORE)
        except RefusedError:
            continue
        assert one in enclosure.enclosed(made) or len(enclosure.enclosed(made)) > 1
        assert re.search(rb"\S", made)
