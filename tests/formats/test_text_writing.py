"""A notice in a text stands first, and nothing else of the text changes, in any encoding."""

# ruff: noqa: RUF001  the texts are Russian and Kazakh

from __future__ import annotations

import csv
import io
import json
import py_compile
import re
import subprocess
import xml.etree.ElementTree as ET

import pytest

from kzlabel.errors import KzlabelError, LimitError, RefusedError, UnsupportedTagsError
from kzlabel.formats import recognise, suffix_is_honest
from kzlabel.model import CarrierKind, Notice, NoticeStyle, Statement

RU = Notice(statement=Statement.CREATED, style=NoticeStyle.INLINE, languages=("ru",))
BOTH = Notice(statement=Statement.CREATED, style=NoticeStyle.INLINE)
WORDS = "Жасанды интеллект жасаған · Создано искусственным интеллектом"
RUSSIAN = "В степи взошло солнце, и ветер утих.\r\nНастал день."


def noticed(tmp_path, name, content, notice=BOTH):
    """Write the notice into a text of these bytes; it must be perceivable, the source kept."""
    source, made = tmp_path / name, tmp_path / "made" / name
    made.parent.mkdir(exist_ok=True)
    made.unlink(missing_ok=True)
    content = content if isinstance(content, bytes) else content.encode()
    source.write_bytes(content)
    room = recognise(source)
    placement = room.write_notice(source, made, notice)
    assert source.read_bytes() == content
    assert recognise(made) is room
    assert suffix_is_honest(made, room)
    (report,) = room.find_notices(made, (placement,), search=False)
    assert report.perceivable is True, report
    return made.read_bytes()


SPLICED = {
    "a.txt": ("", f"{WORDS}\n\n", "Привет\nмир"),
    "crlf.txt": ("", f"{WORDS}\r\n\r\n", "Привет\r\nмир\r\n"),
    "cr.txt": ("", f"{WORDS}\r\r", "Привет\rмир\r"),
    "bom.txt": ("\ufeff", f"{WORDS}\n\n", "Привет\nмир\n"),
    "a.log": ("", f"{WORDS}\n\n", "\x1b[31m12:00 error\x1b[0m\n"),
    "NOTES": ("", f"{WORDS}\n\n", "one line"),
    "a.md": ("", f"> **{WORDS}**\n\n", "# Заголовок\n\nтекст"),
    "front.md": ("\ufeff---\r\ntitle: x\r\n---\r\n", f"> **{WORDS}**\r\n\r\n", "# x\r\n"),
    "toml.md": ('+++\ntitle = "x"\n+++\n', f"> **{WORDS}**\n\n", "# x\n"),
    "hugo.md": ('{\n  "title": "x",\n  "a": {\n  }\n}\n', f"> **{WORDS}**\n\n", "# x\n"),
    "rule.md": ("", f"> **{WORDS}**\n\n", "---\n\ntext\n\n---\n"),
    "a.py": ("#!/usr/bin/python3\n# -*- coding: utf-8 -*-\n", f"# {WORDS}\n\n", "x = 1\n"),
    "docstring.py": ("", f"# {WORDS}\n\n", '"""A module."""\n'),
    "a.sh": ("#!/bin/sh -e\n", f"# {WORDS}\n", "\necho 1\n"),
    "bang.sh": ("#!/bin/sh", f"\n# {WORDS}\n\n", ""),
    "a.yaml": ("%YAML 1.2\n---\n", f"# {WORDS}\n\n", "a: 1\n"),
    "cloud.yml": ("#cloud-config\n", f"# {WORDS}\n\n", "a: 1\n"),
    "a.rb": ("# frozen_string_literal: true\n", f"# {WORDS}\n\n", "puts 1\n"),
    "a.js": ("", f"// {WORDS}\n\n", '"use strict";\n'),
    "a.rs": ("", f"// {WORDS}\n\n", "#![allow(unused)]\nfn main() {}\n"),
    "a.c": ("", f"/* {WORDS} */\n\n", "int x;\n"),
    "a.css": ('@charset "utf-8";\n', f"/* {WORDS} */\n\n", "a {}\n"),
    "a.sql": ("", f"-- {WORDS}\n\n", "SELECT 1;\n"),
    "a.tex": ("% !TEX program = xelatex\n", f"% {WORDS}\n\n", "\\documentclass{article}\n"),
    "a.ini": ("", f"; {WORDS}\n\n", "[a]\nb=1\n"),
    "a.xml": ('<?xml version="1.0"?>', f"\n<!-- {WORDS} -->\n\n", "<a>привет</a>"),
    "a.ts": ("<?xml version='1.0'?>\n", f"<!-- {WORDS} -->\n\n", "<!DOCTYPE TS><TS/>\n"),
    "a.php": ("<?php\n", f"// {WORDS}\n\n", "declare(strict_types=1);\n"),
    "short.php": ("<?php ", f"\n// {WORDS}\n\n", "echo 1;"),
    "a.el": (";;; a.el -*- lexical-binding: t -*-\n", f"; {WORDS}\n", "\n(x)\n"),
    "a.dockerfile": ("# syntax=docker/dockerfile:1\n", f"# {WORDS}\n\n", "FROM scratch\n"),
    "Makefile": ("", f"# {WORDS}\n\n", "all:\n\techo\n"),
    "CMakeLists.txt": ("", f"# {WORDS}\n\n", "project(x)\n"),
    "requirements-dev.txt": ("", f"# {WORDS}\n\n", "requests==2\n"),
    "dev-requirements.txt": ("", f"# {WORDS}\n\n", "requests==2\n"),
    "constraints.txt": ("", f"# {WORDS}\n\n", "requests==2\n"),
    "robots.txt": ("", f"# {WORDS}\n\n", "User-agent: *\nDisallow:\n"),
    "humans.txt": ("", f"{WORDS}\n\n", "we, the people\n"),
    "Our requirements.txt": ("", f"{WORDS}\n\n", "1. It works\n"),
    ".gitignore": ("", f"# {WORDS}\n\n", "*.o\n"),
    ".env.local": ("", f"# {WORDS}\n\n", "A=1\n"),
    "Dockerfile.dev": ("", f"# {WORDS}\n\n", "FROM scratch\n"),
    "a.bat": ("", f"@rem {WORDS}\r\n\r\n", "@echo off\r\n"),
    "a.vb": ("", f"' {WORDS}\n\n", "Module A\nEnd Module\n"),
    "a.ml": ("", f"(* {WORDS} *)\n\n", "let x = 1\n"),
    "a.f90": ("", f"! {WORDS}\n\n", "program x\nend\n"),
    "a.lisp": ("", f"; {WORDS}\n\n", "(x)\n"),
    "a.rkt": ("#lang racket\n", f"; {WORDS}\n\n", "1\n"),
    ".vimrc": ("", f'" {WORDS}\n\n', "set nocp\n"),
    "a.feature": ("# language: ru\n", f"# {WORDS}\n\n", "Функция: x\n"),
    "run": ("#!/usr/bin/env -S node --x\n", f"// {WORDS}\n\n", "x()\n"),
    "labelled.py": (
        "# -----BEGIN C2PA MANIFEST----- https://a.kz/b -----END C2PA MANIFEST-----\n",
        f"# {WORDS}\n\n",
        "x = 1\n",
    ),
    "a.vtt": (
        "WEBVTT\n\nSTYLE\n::cue { font-style: italic }\n\nNOTE a\n\n",
        "00:00:00.000 --> 00:00:05.000\n{}\n\n",
        "one\n00:01.000 --> 00:02.000 line:0\nПривет\n",
    ),
    "a.json": ("{", f'\n  "_notice": "{WORDS}",', '\n  "a": [1, "}"]\n}\n'),
    "line.json": ("{", f'"_notice": "{WORDS}", ', '"a": 1}'),
    "packed.json": (' {"', f'_notice":"{WORDS}","', 'a":1}'),
    "empty.json": ("{", f'"_notice":"{WORDS}"', "}"),
    "twice.json": ("{", f'\t"_notice_2": "{WORDS}",', '\t"_notice": "AI-modified"}'),
}  # fmt: skip


@pytest.mark.parametrize("name", SPLICED)
def test_the_words_are_all_that_is_added(tmp_path, name):
    before, words, after = SPLICED[name]
    words = words.replace("{}", WORDS.replace(" · ", "\n"))
    assert noticed(tmp_path, name, before + after).decode() == before + words + after


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866"])
def test_a_russian_text_stays_in_its_encoding(tmp_path, encoding):
    given = RUSSIAN.encode(encoding)
    made = noticed(tmp_path, "a.txt", given, RU)
    assert made.decode(encoding).startswith("Создано искусственным интеллектом\r\n\r\nВ степи")
    assert made.endswith(given)


def test_an_encoding_that_begins_late_is_kept_to(tmp_path):
    given = b"only ASCII at first\n" * 20_000 + RUSSIAN.encode("cp1251")
    assert noticed(tmp_path, "a.txt", given, RU).startswith("Создано".encode("cp1251"))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_stays(tmp_path, encoding):
    mark = "\ufeff".encode(encoding)
    for name in ("a.txt", "a.md", "a.csv", "a.srt"):
        text = "1\n00:00:09,000 --> 00:00:10,000\n🜁\n" if name == "a.srt" else "x,🜁\n1,2\n"
        made = noticed(tmp_path, name, mark + text.encode(encoding))
        assert made.startswith(mark)
        assert WORDS.split(" · ", maxsplit=1)[0] in made.decode(encoding)


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("a.txt", RUSSIAN, "cp1251"),
        ("a.txt", "Déjà vu à l'été, garçon.", "cp1252"),
        ("a.py", "# coding: cp1251\n# В степи\n", "cp1251"),
        ("a.py", "# coding: ascii\nx = 1\n", "ascii"),
        ("a.xml", "<?xml version='1.0' encoding='iso-8859-1'?>\n<a/>", "iso8859-1"),
    ],
)
def test_an_encoding_without_the_letters_is_refused_by_name(tmp_path, name, text, encoding):
    with pytest.raises(RefusedError) as caught:
        noticed(tmp_path, name, text.encode(encoding))
    assert caught.value.code == "kz.error.text-encoding"
    assert caught.value.values["encoding"] == encoding
    assert not (tmp_path / "made" / name).exists()


def test_a_kazakh_code_page_has_the_letters(tmp_path):
    given = "# coding: kz1048\nx = 'қала'\n".encode("kz1048")
    made = tmp_path / "made.py"
    source = tmp_path / "a.py"
    source.write_bytes(given)
    recognise(source).write_notice(source, made, BOTH)
    assert WORDS in made.read_bytes().decode("kz1048")
    py_compile.compile(str(made), cfile=str(tmp_path / "c"), doraise=True)


@pytest.mark.parametrize("name", ["hex", "utf-7", "no-such-thing", "utf-16"])
def test_declared_encodings_that_are_not_known_are_refused(tmp_path, name):
    with pytest.raises(RefusedError, match=name):
        noticed(tmp_path, "a.py", f"# coding: {name}\n")


def test_bytes_that_look_like_a_mark_further_on_say_nothing(tmp_path):
    given = b"12:00 ok\n" * 9 + b"\xff\xfe \xd0\xd1\n" + RUSSIAN.encode("cp1251")
    assert noticed(tmp_path, "a.log", given, RU).startswith("Создано".encode("cp1251"))


def test_returns_among_line_feeds_end_no_line_of_ours(tmp_path):
    assert noticed(tmp_path, "a.txt", "one\rtwo\nthree\n").startswith(f"{WORDS}\n\n".encode())


def test_damage_in_utf8_is_copied(tmp_path):
    given = "Шығыста күн шықты. ".encode() * 9 + b"\xff\xfe\x80 end"
    assert noticed(tmp_path, "a.txt", given).endswith(given)


# --- What is made still means what it meant --------------------------------------------------------


def test_python_still_compiles(tmp_path):
    for head in (
        "",
        "#!/usr/bin/python3\n",
        "#!/x\n# vim: set fileencoding=utf-8 :\n",
        '"""Doc."""\n',
    ):
        made = noticed(tmp_path, "a.py", head + "from __future__ import annotations\nx = 'ә'\n")
        (tmp_path / "x.py").write_bytes(made)
        py_compile.compile(str(tmp_path / "x.py"), cfile=str(tmp_path / "x.pyc"), doraise=True)


@pytest.mark.parametrize("declared", ["utf-8", "windows-1251"])
def test_xml_still_parses(tmp_path, declared):
    text = f'<?xml version="1.0" encoding="{declared}"?><!DOCTYPE a><a>привет</a>'
    made = noticed(tmp_path, "a.xml", text.encode(declared), RU)
    assert ET.fromstring(made).text == "привет"  # noqa: S314  made here


def test_shell_still_runs(tmp_path):
    made = noticed(tmp_path, "a.sh", "#!/bin/sh\necho ok\n")
    ran = subprocess.run(["sh"], input=made, capture_output=True, check=True)
    assert ran.stdout == b"ok\n"


def test_json_still_loads(tmp_path):
    for held in ({}, {"a": {"_notice": [1]}}, {'"_notice"': "{"}, {"_notice": "x", "b": "\\"}):
        for indent in (None, 0, 4):
            made = noticed(tmp_path, "a.json", json.dumps(held, indent=indent))
            read = json.loads(made)
            assert read.pop(next(iter(read))) == WORDS
            assert read == held


TABLES = {
    "commas": ("a.csv", 'a,b\r\n1,"x\r\n""y"""\r\n\r\n2,\r\n', {}),
    "semicolons": ("a.csv", "имя;цена\nсоль;1,5\nхлеб;2,5", {"delimiter": ";"}),
    "all quoted": ("a.csv", '"a","b"\n"1","2"\n', {}),
    "one column": ("a.csv", "a\n1\n2\n", {}),
    "old Macintosh": ("a.csv", "a,b\r1,2\r", {}),
    "bars": ("a.csv", "a|b\n1|2\n", {"delimiter": "|"}),
    "tabs": ("a.tsv", "a\tb,c\n1\t2,3\n", {"delimiter": "\t"}),
    "a mark": ("a.csv", "\ufeffa,b\n1,2\n", {}),
}


@pytest.mark.parametrize(("name", "text", "dialect"), TABLES.values(), ids=TABLES)
def test_tables_gain_a_column(tmp_path, name, text, dialect):
    made = noticed(tmp_path, name, text).decode()
    before, after = (list(csv.reader(io.StringIO(t, newline=""), **dialect)) for t in (text, made))
    said = (WORDS, *[""] * len(before))
    rows = [row for row in before if row]
    assert [row for row in after if row] == [[*r, s] for r, s in zip(rows, said, strict=False)]
    assert after.count([]) == before.count([])


def test_the_delimiter_of_excel_stays_first(tmp_path):
    made = noticed(tmp_path, "a.csv", "sep=;\r\na;b\r\n1;2\r\n").decode()
    assert made == f"sep=;\r\na;b;{WORDS}\r\n1;2;\r\n"


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.csv", "a,b\n1,2,3\n", "kz.error.csv-ragged"),
        ("a.csv", 'a,b\n1,"2\n', "kz.error.csv"),
        ("a.csv", 'a,b\n1,"2"3\n', "kz.error.csv"),
        ("a.csv", "a,b" + "\n1,2" * 90 + "\n1,\0\n", "kz.error.csv"),
        ("a.csv", "column," * 200 + "\n", "kz.error.csv-wide"),
        ("a.csv", 'a,b\n"' + "1" * 200_000 + '",2\n', "kz.error.csv"),
        ("a.csv", "a,b\n" + "1," * 1_000_000, "kz.error.text-line"),
        ("a.json", "[1]", "kz.error.json-object"),
        ("a.json", '"text"', "kz.error.json-object"),
        ("a.json", "  ", "kz.error.json-object"),
        ("a.json", '{"a": 1}\n{"a": 2}\n', "kz.error.json-lines"),
        ("a.json", '{"a": [1}', "kz.error.json"),
        ("a.json", '{"a": "b', "kz.error.json"),
        ("a.json", '{"a":' * 100_000, "kz.error.json"),
        ("a.vtt", "WEBVTT\n\nNOTE nothing\n", "kz.error.subtitles"),
        ("a.php", "Title\n<?php echo 1;", "kz.error.text-place"),
    ],
)
def test_what_cannot_take_it_is_refused_and_leaves_nothing(tmp_path, name, text, code):
    with pytest.raises(KzlabelError) as caught:
        noticed(tmp_path, name, text)
    assert caught.value.code == code
    assert "{" not in caught.value.sentence("kk").replace(text[:20], "").replace(": {", "")
    assert not (tmp_path / "made" / name).exists()


CUES = (
    "1\r\n00:00:{},000 --> 00:00:09,000\r\nПривет\r\nмир\r\n\r\n02\r\n00:00:20,5 --> 00:01:00,0\r\n"
)


@pytest.mark.parametrize(("first", "end"), [("04", "04,000"), ("08", "05,000"), ("01", "05,000")])
def test_the_first_cue_is_over_when_the_next_begins(tmp_path, first, end):
    given = CUES.format(first)
    kk, ru = WORDS.split(" · ")
    made = noticed(tmp_path, "a.srt", given).decode()
    cue = f"1\r\n00:00:00,000 --> 00:00:{end}\r\n{kk}\r\n{ru}\r\n\r\n"
    assert made == cue + given.replace("1\r\n", "2\r\n", 1).replace("02\r\n", "03\r\n")


FILM = """1
00:00:01,000 --> 00:00:03,000
One

2
00:00:04,000 --> 00:00:06,000
Two

3
00:00:06,500 --> 00:00:08,000
Three
"""


@pytest.mark.parametrize("name", ["a.srt", "a.vtt"])
def test_a_second_notice_is_shown_after_the_first(tmp_path, name):
    given = "WEBVTT\n\n" + FILM.replace(",", ".") if name == "a.vtt" else FILM
    made = noticed(tmp_path, name, given)
    altered = Notice(statement=Statement.MODIFIED, style=NoticeStyle.INLINE)
    twice = noticed(tmp_path, name, made, altered).decode().replace(",", ".")
    stamps = re.findall(r"^(\S+) --> (\S+)$", twice, re.MULTILINE)
    assert stamps[0] == ("00:00:00.000", "00:00:05.000")
    assert ("00:00:05.000", "00:00:10.000") in stamps
    assert stamps == sorted(stamps)
    if name == "a.srt":
        assert re.findall(r"^\d+$", twice, re.MULTILINE) == list("12345")


def test_a_second_notice_ends_a_text_of_one_cue(tmp_path):
    given = f"1\n00:00:00,000 --> 00:00:05,000\n{WORDS.split(' · ')[1]}"
    altered = Notice(statement=Statement.MODIFIED, style=NoticeStyle.INLINE)
    made = noticed(tmp_path, "a.srt", given, altered).decode()
    assert made.startswith(f"{given}\n\n2\n00:00:05,000 --> 00:00:10,000\n")


def test_cues_that_follow_one_another_crowd_out_nothing(tmp_path):
    cues = [f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\nx\n\n" for n in range(5)]
    noticed(tmp_path, "a.srt", "".join(cues))


# --- Both of two notices, tags, carriers ----------------------------------------------------------


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.py", "a.json", "a.csv", "a.vtt"])
def test_a_second_statement_stands_beside_the_first(tmp_path, name):
    given = {"a.json": "{}", "a.csv": "a,b\n", "a.vtt": "WEBVTT\n\n00:01.0 --> 00:02.0\nx\n"}
    made = noticed(tmp_path, name, given.get(name, "x = 1\n"))
    altered = Notice(statement=Statement.MODIFIED, style=NoticeStyle.INLINE)
    (tmp_path / name).write_bytes(made)
    noticed(tmp_path, name, made, altered)
    path = tmp_path / "made" / name
    found = recognise(path).find_notices(path, (), search=True)
    assert {text for report in found for text in [report.text] if "өзгерткен" in text}
    assert {text for report in found for text in [report.text] if "жасаған" in text}


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.py", "a.srt", "a.vtt", "a.csv", "a.json"])
def test_texts_have_no_place_for_tags(tmp_path, name):
    path = tmp_path / name
    path.write_text("WEBVTT\n" if name == "a.vtt" else "1\n0:0:1,0 --> 0:0:2,0\n")
    room = recognise(path)
    assert room.spec.name != "Text" or name == "a.txt"
    assert (room.read_tags(path), room.spec.tags) == ({}, ())
    with pytest.raises(UnsupportedTagsError, match=r"a\."):
        room.write_tags(path, tmp_path / "made", {"xmp": {"a": "b"}})


CARRIERS = {
    ("a.txt", b"text"): "kz.carrier.text-wrapper",
    ("a.md", b"text"): "kz.carrier.text-wrapper",
    ("a.py", b"text"): "kz.carrier.text-comment",
    ("a.txt", "\ufefftext".encode("utf-16-le")): "kz.carrier.text-encoding",
    ("b.txt", RUSSIAN.encode("cp1251")): "kz.carrier.text-encoding",
    ("c.txt", b"text" * 90 + b"\0"): "kz.carrier.text-nul",
    ("a.csv", b"text"): "kz.carrier.text-beside",
    ("a.json", b"{}"): "kz.carrier.text-beside",
}


@pytest.mark.parametrize(("given", "reason"), CARRIERS.items(), ids=lambda given: str(given)[:30])
def test_the_manifest_lies_in_the_text_where_there_is_a_place(tmp_path, given, reason):
    path = tmp_path / given[0]
    path.write_bytes(given[1])
    room = recognise(path)
    carrier = room.manifest_carrier(path)
    embedded = reason in ("kz.carrier.text-wrapper", "kz.carrier.text-comment")
    assert carrier.reason == reason
    assert (carrier.kind is CarrierKind.EMBEDDED) is embedded
    assert not embedded or room.enclosure(path) is not None


def test_a_large_text_is_copied_in_blocks_and_has_a_companion(tmp_path):
    path, made = tmp_path / "a.log", tmp_path / "made.log"
    path.write_bytes(b"12:00 ok\n" * (4 << 20))
    room = recognise(path)
    assert room.manifest_carrier(path).reason == "kz.carrier.text-size"
    placement = room.write_notice(path, made, BOTH)
    assert made.stat().st_size > path.stat().st_size
    assert room.find_notices(made, (placement,), search=False)[0].perceivable is True


def test_subtitles_and_json_above_the_limit_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("kzlabel.formats._text_file.WHOLE_BYTES", 16)
    for name, text in (("a.json", '{"a": "0123456789"}'), ("a.srt", CUES.format("01"))):
        with pytest.raises(LimitError):
            noticed(tmp_path, name, text)
