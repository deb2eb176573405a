"""Content says whether a file is text at all, and which family; then the suffix chooses."""

# ruff: noqa: RUF001  the texts are Russian

from __future__ import annotations

import os
import resource
from contextlib import suppress

import pytest

from kzlabel.errors import KzlabelError
from kzlabel.formats import BY_SUFFIX, recognise
from kzlabel.formats._text_sniff import may_be_utf16
from kzlabel.model import COMPANION_SUFFIXES, Notice, NoticeStyle, Placement, Statement

CUE = "1\n00:00:01,000 --> 00:00:02,000\nx\n"
NAMED = {
    "a.txt": ("text", "Text"),
    "a.log": ("12:00\n", "Text"),
    "README": ("text", "Text"),
    "a.TXT": ("text", "Text"),
    "a.md": ("# text", "Markdown"),
    "b.md": ('<p align="center">x</p>', "Markdown"),
    "c.md": ("<!DOCTYPE html><html>", "HTML"),
    "a.py": ("x", "Source code"),
    "Dockerfile": ("FROM x", "Source code"),
    ".gitignore": ("*.o", "Source code"),
    ".secret": ("x", None),
    "run": ("#!/usr/bin/env -S python3 -x\n", "Source code"),
    "walk": ("#!/opt/unknown/program\n", None),
    "a.ts": ("<?xml version='1.0'?>\n<TS/>", "Source code"),
    "b.ts": (b"G" + b"\0" * 187, None),
    "c.py": ("<?xml version='1.0'?>\n<a/>", "Source code"),
    "d.txt": ("<?xml version='1.0'?>\n<a/>", "Text"),
    "bare": ("<a/>", None),
    "key": ("-----BEGIN PRIVATE KEY-----\n", None),
    "list": ('[{"a": 1}]', None),
    "a.srt": (CUE, "SRT"),
    "b.srt": ("WEBVTT\n", "WebVTT"),
    "a.vtt": ("WEBVTT - title\n", "WebVTT"),
    "b.vtt": (CUE, "SRT"),
    "c.vtt": ("text", "Text"),
    "d.vtt": ("WEBVTTED", "Text"),
    "subtitles": ("\ufeffWEBVTT\n", "WebVTT"),
    "a.csv": ("a,b", "CSV"),
    "a.tsv": ("a\tb", "CSV"),
    "a.json": ("{}", "JSON"),
    "a.txt.kzlabel.json": ("{}", None),
    "a.unknown": ("text", None),
    "b.csv": ("%PDF-1.7\n", "PDF"),
    "b.txt": ("{\\rtf1 x}", None),
    "c.txt": (bytes(range(256)) * 9, None),
    "d.log": (b"12:00 ok\n" * 99 + b"\0 cut", "Text"),
    "e.txt": (b"text" + b"\0" * 9, None),
    "f.txt": ("день".encode("cp1251"), "Text"),
    "g.txt": ("день".encode("cp866"), "Text"),
    "h.txt": ("\ufeffдень".encode("utf-16-be"), "Text"),
    "i.txt": ("\ufeffдень".encode("utf-32-le"), None),
    "j.txt": ("день".encode() * 20 + b"\xd0", "Text"),
    "k.txt": (os.urandom(4096), None),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_content_then_suffix(tmp_path, name):
    given, expected = NAMED[name]
    path = tmp_path / name
    path.write_bytes(given if isinstance(given, bytes) else given.encode())
    room = recognise(path)
    assert (room and room.spec.name) == expected


def test_a_companion_is_never_an_asset(tmp_path):
    for suffix in COMPANION_SUFFIXES:
        path = tmp_path / f"a.json{suffix}"
        path.write_text("{}")
        assert recognise(path) is None


# --- Hostile texts: bounded, and never another exception than ours ---------------------------------

M = 1 << 19
CREATED = Notice(statement=Statement.CREATED, style=NoticeStyle.INLINE)
HOSTILE = {
    "one line": ("a.txt", b"a" * (10 * M)),
    "escapes": ("a.txt", b"\x1b[8m\x1b[0m" * (M // 4)),
    "overrides": ("a.txt", "\u202e".encode() * M),
    "selectors": ("a.txt", "\U000e0150".encode() * M),
    "NUL": ("a.txt", b"a" * 100 + b"\0" * M),
    "invalid UTF-8": ("a.txt", b"\xd0\xff" * M),
    "open tags": ("a.md", b"<b>" * M),
    "open comments": ("a.md", b"<!--" * M),
    "brackets": ("a.md", b"![" * M),
    "parentheses": ("a.md", b"](" * M),
    "backticks": ("a.md", b"``` `x " * (M // 4)),
    "front matter": ("a.md", b"---\na: b\n" + b"-\n" * M),
    "quotes": ("a.py", b'"' * M),
    "docstrings": ("a.py", b"'''\n" * M),
    "open blocks": ("a.js", b"/*" * M),
    "declarations": ("a.xml", b"<?xml " * M),
    "deep": ("a.json", b'{"a":' * (M // 4)),
    "escaped": ("a.json", b'{"' + b'\\"' * M),
    "rows": ("a.csv", b'"' * (3 * M)),
    "numbers": ("a.srt", CUE.encode() + b"1\n" * M),
    "years": ("a.srt", CUE.replace("00:00:01", "999999:99:99").encode()),
    "open tag in a cue": ("a.vtt", b"WEBVTT\n\n00:01.000 --> 00:09.000\n" + b"<" * M),
    "styles": ("a.vtt", b"WEBVTT\n\n" + b"STYLE\n" * (M // 4) + b"\n00:01.000 --> 00:09.000\nx"),
}
STRANGE = (
    Placement(statement=Statement.CREATED, style=NoticeStyle.PAGES, languages=(), lines=()),
    Placement(
        statement=Statement.MODIFIED,
        style=NoticeStyle.INLINE,
        languages=("\0", "xx"),
        lines=("\x1b[8m" * 99, "a" * 9999, "\ud800"),
        pages=-1,
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "content"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_cost_little(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    room = BY_SUFFIX[path.suffix]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    room.sniff(content[:65536], path)
    room.manifest_carrier(path)
    reports = room.find_notices(path, STRANGE, search=False)
    assert [report.perceivable for report in reports] == [None, None]
    assert not any(report.perceivable for report in room.find_notices(path, (), search=True))
    with suppress(KzlabelError):
        room.write_notice(path, tmp_path / "made", CREATED)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 60  # quadratic: minutes


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["Plain words, one after another.", "Мәтін — «осы» сөздер.", "Текст из слов, и всё."]
)
def test_utf_16_without_a_mark_is_guessed(encoding, text):
    assert may_be_utf16(text.encode(encoding))
    assert not may_be_utf16(text.encode())


def test_other_bytes_are_not_guessed_to_be_utf_16():
    assert not any(map(may_be_utf16, (b"", bytes(999), bytes(range(256)) * 9, b"\0a")))
