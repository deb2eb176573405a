"""Honest notices in text are perceivable; hidden ones are not, whatever they hide behind."""

# ruff: noqa: RUF001  the texts are Russian and Kazakh

from __future__ import annotations

import pytest

from kzlabel.formats import BY_SUFFIX
from kzlabel.model import NoticeStyle, Placement, Statement

KK, RU, EN = "Жасанды интеллект жасаған", "Создано искусственным интеллектом", "AI-generated"
TEXT = "Шығыста күн шықты. В степи взошло солнце.\n" * 30
HINT = Placement(
    statement=Statement.CREATED, style=NoticeStyle.INLINE, languages=("ru",), lines=(RU,)
)


def judged(tmp_path, name, text, hint=HINT):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    room = BY_SUFFIX[path.suffix]
    assert room.sniff(path.read_bytes()[:65536], path)
    (report,) = room.find_notices(path, (hint,), search=False)
    for other in room.find_notices(path, (), search=True):
        assert other.perceivable is not True or report.perceivable is True, "searched, not hinted"
    return report


SRT = "1\n00:00:{:06.3f} --> 00:00:{:06.3f}\n{}\n\n2\n00:00:20,000 --> 00:00:25,000\nПривет\n"
VTT = "WEBVTT\n\n{}00:00:00.000 --> 00:00:05.000{}\n{}\n\n00:20.000 --> 00:25.000\nПривет\n"
SGR = "\x1b["
ARMOUR = (
    "# -----BEGIN C2PA MANIFEST----- data:application/c2pa;base64,"
    f"{'QUFB' * 2000} -----END C2PA MANIFEST-----"
)

HONEST = {
    "first line": ("a.txt", f"{RU}\n\n{TEXT}"),
    "after a title": ("a.txt", f"Отчёт\n\n{RU}\n\n{TEXT}"),
    "byte order mark": ("a.txt", f"\ufeff{RU}\n\n{TEXT}"),
    "upper case": ("a.txt", f"{RU.upper()}.\n\n{TEXT}"),
    "wrapped": ("a.txt", f"{RU.replace(' интел', chr(10) + 'интел')}\n\n{TEXT}"),
    "returns": ("a.txt", f"{RU}\n\n{TEXT}".replace("\n", "\r\n")),
    "old Macintosh": ("a.txt", f"{RU}\n\n{TEXT}".replace("\n", "\r")),
    "UTF-16": ("a.txt", f"\ufeff{RU}\n\n{TEXT}".encode("utf-16-le")),
    "Windows-1251": ("a.txt", f"{RU}\n\nВ степи взошло солнце.".encode("cp1251")),
    "KOI8-R": ("a.txt", f"{RU}\n\nВ степи взошло солнце.".encode("koi8-r")),
    "a log in colours": ("a.log", f"{SGR}32m{RU}{SGR}0m\n{SGR}1;31mошибка{SGR}0m\n"),
    "a wrapper before it": ("a.txt", "\ufeff" + "\U000e0150" * 3000 + f"\n{RU}\n\n{TEXT}"),
    "md quotation": ("a.md", f"> **{RU}**\n\n# Заголовок\n\n{TEXT}"),
    "md after front matter": ("a.md", f"---\ntitle: x\n---\n\n*{RU}*\n\n{TEXT}"),
    "md after TOML": ("a.md", f'+++\ntitle = "x"\n+++\n{RU}\n\n{TEXT}'),
    "md heading": ("a.md", f"# {RU}\n\n{TEXT}"),
    "md link": ("a.md", f"[{RU}](https://example.org)\n\n{TEXT}"),
    "md underscores": ("a.md", f"_{RU}_\n\n{TEXT}"),
    "md escapes": ("a.md", f"{RU.replace(' ', '&nbsp;')}\n\n{TEXT}"),
    "md HTML": ("a.md", f"<p align='center'><b>{RU}</b></p>\n\n{TEXT}"),
    "md code of a style": ("a.md", f"{RU}\n\n```html\n<style>p {{}}</style>\n```\n\n`<script>`\n"),
    "accents": ("a.txt", f"{RU.replace('о', 'о' + chr(0x301))}\n{TEXT}"),
    "md several codes": ("a.md", f"{RU}\n\n- `<b>`\n- `<style>` and `<script>`\n"),
    "md styles": ("a.md", f"{RU}\n\n<p style='color: #333; margin: 0 auto'>x</p>\n"),
    "md of all kinds below": ("a.md", f"> **{RU}**\n\n{{{{ x }}}}\n\n$a$[^1]\n\n<!-- x -->\n"),
    "md bold part": ("a.md", f"<b>{RU[:7]}</b>{RU[7:]}\n\n{TEXT}"),
    "py comment": ("a.py", f"#!/usr/bin/env python3\n# {RU}\n\nprint(1)\n"),
    "py docstring": ("a.py", f'"""{RU}"""\n\nprint(1)\n'),
    "py after a manifest": (
        "a.py",
        f"{ARMOUR}\n# {RU}\n\nprint(1)\n",
    ),
    "js block": ("a.js", f'/*\n * {RU}\n */\n"use strict";\n'),
    "c line": ("a.c", f"// {RU}\nint x;\n"),
    "sh": ("a.sh", f'#!/bin/sh\n# {RU}\necho "#"\n'),
    "yaml": ("a.yaml", f"---\n# {RU}\na: 1\n"),
    "ini": ("a.ini", f"; {RU}\n[a]\nb=1\n"),
    "xml": ("a.xml", f'<?xml version="1.0"?>\n<!-- {RU} -->\n<a/>\n'),
    "css": ("a.css", f'@charset "utf-8";\n/* {RU} */\n'),
    "srt": ("a.srt", SRT.format(0, 4, RU).replace(".", ",")),
    "srt italic": ("a.srt", SRT.format(0, 4, f"{{\\an8}}<i>{RU}</i>").replace(".", ",")),
    "vtt": ("a.vtt", VTT.format("", "", RU)),
    "vtt at the top": ("a.vtt", VTT.format("", " line:0 position:50% align:center", RU)),
    "vtt at the bottom": ("a.vtt", VTT.format("", " line:100%,end", RU)),
    "vtt in italics": ("a.vtt", VTT.format("STYLE\n::cue { font-style: italic }\n\n", "", RU)),
    "csv": ("a.csv", f"a,b,{RU}\n1,2,\n"),
    "csv of Excel": ("a.csv", f"sep=;\r\na;b;{RU}\r\n1;2;\r\n"),
    "csv of a Macintosh": ("a.csv", f"a,b,{RU}\r1,2,\r"),
    "tsv": ("a.tsv", f"a\tb\t{RU}\n1\t2\t\n"),
    "json": ("a.json", f'{{"_notice": "{RU}", "a": [1, {{"b": 2}}]}}'),
    "json of large numbers": ("a.json", f'{{"_notice": "{RU}", "a": {"9" * 9000}, "b": 1e999}}'),
    "json second": ("a.json", f'{{"$schema": "x", "ai_disclosure": "{RU}"}}'),
}  # fmt: skip

HIDDEN = {
    "line 900": ("a.txt", f"{TEXT * 30}{RU}\n"),
    "blank lines": ("a.txt", "\n" * 3000 + f"{RU}\n"),
    "spaces": ("a.txt", " " * 5000 + f"{RU}\n\n{TEXT}"),
    "tabs": ("a.txt", f"Отчёт{chr(9) * 100}{RU}\n\n{TEXT}"),
    "wide blanks": ("a.txt", "\u2800" * 300 + f"{RU}\n\n{TEXT}"),
    "Hangul fillers": ("a.txt", "\u3164" * 300 + f"{RU}\n\n{TEXT}"),
    "invisible flood": ("a.txt", "\u200b" * 9000 + f"{RU}\n\n{TEXT}"),
    "override": ("a.txt", f"\u202e{RU}\u202c\n\n{TEXT}"),
    "backspaces": ("a.txt", f"{RU}{chr(8) * 40}Отчёт о погоде за декабрь в Астане\n\n{TEXT}"),
    "return": ("a.txt", f"{RU}\rОтчёт о погоде за декабрь в Астане\n\n{TEXT}"),
    "concealed": ("a.txt", f"{SGR}8m{RU}{SGR}0m\n\n{TEXT}"),
    "concealed among others": ("a.txt", f"{SGR}1;8;31m{RU}{SGR}28m\n\n{TEXT}"),
    "faint": ("a.txt", f"{SGR}2m{RU}{SGR}22m\n\n{TEXT}"),
    "its own colour": ("a.txt", f"{SGR}30;40m{RU}{SGR}0m\n\n{TEXT}"),
    "cleared": ("a.txt", f"{RU}\n{SGR}2J{SGR}H{TEXT}"),
    **{
        f"lines of {blank!r}": ("a.txt", f"{blank}\n" * 500 + f"{RU}\n\n{TEXT}")
        for blank in "\xad\u200b\u2800\u3164\u0301\ufe0f"
    },
    "breaks and nothing": ("a.txt", "\u2028\u200b" * 500 + f"{RU}\n\n{TEXT}"),
    "blanks among the invisible": ("a.txt", (" " * 70 + "\u200b") * 300 + f"{RU}\n\n{TEXT}"),
    "one long line": ("a.txt", "\u200b " * 5000 + f"{RU}\n\n{TEXT}"),
    "a command": ("a.txt", f"\x9d0;{RU}\x9c\n\n{TEXT}"),
    "an application's command": ("a.txt", f"\x9f{RU}\x9c\n\n{TEXT}"),
    "after a control character": ("a.txt", f"\x0e\n\n{RU}\n\n{TEXT}"),
    "three marks a letter": ("a.txt", "".join(f"{c}\u0300\u0301\u0302" for c in RU) + f"\n{TEXT}"),
    "heaped marks": ("a.txt", "".join(c + "\u0336\u0337\u0489\u0310" * 5 for c in RU) + f"\n{TEXT}"),
    "struck out": ("a.txt", "".join(c + "\u0336" for c in RU) + f"\n{TEXT}"),
    "line separators": ("a.txt", "\u2028" * 900 + f"{RU}\n"),
    "vertical tabs": ("a.txt", "\x0b" * 2000 + f"{RU}\n"),
    "form feeds": ("a.txt", "\x0c" * 900 + f"{RU}\n"),
    "wholly look-alike letters": ("a.txt", "Co3gaho uckyccmbehhbIm uhmeJIJIekmom\n"),
    "denied": ("a.txt", f"Не {RU.lower()}\n\n{TEXT}"),
    "md rule that may begin front matter": ("a.md", f"---\n\n{RU}\n\n---\n\n{TEXT}"),
    "md after a picture": ("a.md", f"<p><img src='a.png'></p>\n\n<h1>{RU}</h1>\n\n{TEXT}"),
    "md open details": ("a.md", f"<details open><summary>x</summary>{RU}</details>\n\n{TEXT}"),
    "md quote in a value": ("a.md", f'<div title="a>b" hidden>{RU}</div>\n\n{TEXT}'),
    "md bracket in a value": ("a.md", f'<div title="<" hidden>{RU}</div>\n\n{TEXT}'),
    "md MDX comment": ("a.md", f"{{/* {RU} */}}\n\n{TEXT}"),
    "md Jinja comment": ("a.md", f"{{# {RU} #}}\n\n{TEXT}"),
    **{
        f"md {name}": ("a.md", f"<{name}>{RU}</{name}>\n\n{TEXT}")
        for name in ("noembed", "noframes", "progress", "meter", "bdo dir=rtl", "p class=d-none")
    },
    "md title on its own line": ("a.md", f'[x](/u\n"{RU}")\n\n{TEXT}'),
    "md title after brackets": ("a.md", f'[x](a(b)"{RU}")\n\n{TEXT}'),
    "md reference": ("a.md", f"[x][{RU}]\n\n{TEXT}\n[{RU}]: /u\n"),
    "md identifier": ("a.md", f"# Отчёт {{#{RU}}}\n\n{TEXT}"),
    "md attributes": ("a.md", f'Отчёт\n{{: title="{RU}"}}\n\n{TEXT}'),
    "md mathematics": ("a.md", f"$\\phantom{{\\text{{{RU}}}}}$\n\n{TEXT}"),
    "md TeX": ("a.md", f"\\iffalse\n\n{RU}\n\n\\fi\n\n{TEXT}"),
    "md footnote": ("a.md", f"Отчёт[^1]\n\n[^1]:\n    {RU}\n\n{TEXT}"),
    "md abbreviation": ("a.md", f"*[x]: {RU}\n\n{TEXT}"),
    "md cell without a column": ("a.md", f"|a|\n|-|\n|x|{RU}|\n\n{TEXT}"),
    "md diagram": ("a.md", f"```mermaid\n%% {RU}\ngraph\n```\n\n{TEXT}"),
    "md Obsidian comment": ("a.md", f"a %%{RU}%% b\n\n{TEXT}"),
    "md override by its number": ("a.md", f"&#x202e;{RU}\n\n{TEXT}"),
    "md JSON front matter": ("a.md", f'{{\n"t": "{RU}"\n}}\n\n{TEXT}'),
    "md front matter, a list": ("a.md", f"---\n- {RU}\n---\n\n{TEXT}"),
    "md front matter, a question": ("a.md", f"---\n? a\n# {RU}\n---\n\n{TEXT}"),
    "md front matter that goes on": ("a.md", f"---\na: b\n...\n{RU}\n---\n\n{TEXT}"),
    "md metadata": ("a.md", f"Title: x\nNotice: {RU}\n\n{TEXT}"),
    "md covered": ("a.md", f"{RU}\n\n<p style='margin-top:-9em;background:#fff'>x</p>\n\n{TEXT}"),
    "md style that looks like code": ("a.md", f"{RU}\n\n` <style>p{{}}</style>\n"),
    "md style in no fence": ("a.md", f"{RU}\n\n  ```\n```\n<style>p{{}}</style>\n"),
    **{
        f"md pushed down by {what}": ("a.md", f"{what}\n\n" * times + f"{RU}\n\n{TEXT}")
        for what, times in {
            "***": 200, ">": 200, "-": 300, "#": 300, "<p style='height:9000px'></p>": 1,
            "<img src=x height=9000>": 1, "<iframe height=9000></iframe>": 1, "<hr size=9000>": 1,
        }.items()
    },
    "md comment": ("a.md", f"<!-- {RU} -->\n\n{TEXT}"),
    "md comment without end": ("a.md", f"<!-- \n\n{RU}\n\n{TEXT}"),
    "md definition": ("a.md", f"[//]: # ({RU})\n\n{TEXT}"),
    "md definition over lines": ("a.md", f'[x]: /url\n  "{RU}"\n\n{TEXT}'),
    "md title": ("a.md", f'[Отчёт](/url "{RU}")\n\n{TEXT}'),
    "md picture": ("a.md", f"![{RU}](a.png)\n\n{TEXT}"),
    "md front matter": ("a.md", f"---\nnotice: {RU}\n---\n\n{TEXT}"),
    "md TOML": ("a.md", f'+++\nnotice = "{RU}"\n+++\n\n{TEXT}'),
    "md info string": ("a.md", f"```{RU}\nx\n```\n\n{TEXT}"),
    "md hidden element": ("a.md", f"<p hidden>{RU}</p>\n\n{TEXT}"),
    "md hidden style": ("a.md", f'<p style="display: none">{RU}</p>\n\n{TEXT}'),
    "md tiny style": ("a.md", f'<p style="font-size:1px">{RU}</p>\n\n{TEXT}'),
    "md around it": ("a.md", f"<div hidden>\n\n<p>x</p>\n\n{RU}\n\n</div>\n\n{TEXT}"),
    "md breaks": ("a.md", "<br>" * 400 + f"{RU}\n\n{TEXT}"),
    "md empty paragraphs": ("a.md", "&nbsp;\n\n" * 400 + f"{RU}\n\n{TEXT}"),
    "md template": ("a.md", f"<template>{RU}</template>\n\n{TEXT}"),
    "md details": ("a.md", f"<details><summary>x</summary>{RU}</details>\n\n{TEXT}"),
    "md attribute": ("a.md", f'<img alt="{RU}" src="a.png">\n\n{TEXT}'),
    "md style sheet far below": ("a.md", f"{RU}\n\n{TEXT * 99}<style>p:first-child{{}}</style>"),
    "md script": ("a.md", f"{RU}\n\n<script>x()</script>\n"),
    "md handler": ("a.md", f"{RU}\n\n<img src=x onerror=x()>\n"),
    "md struck": ("a.md", f"~~{RU}~~\n\n{TEXT}"),
    "md instruction": ("a.md", f"<?{RU}?>\n\n{TEXT}"),
    "md Liquid": ("a.md", f"{{% comment %}}{RU}{{% endcomment %}}\n\n{TEXT}"),
    "py string": ("a.py", f'x = "{RU}"\n'),
    "py string with a hash": ("a.py", f'x = " # {RU}"\n'),
    "py below": ("a.py", "x = 1\n" * 400 + f"# {RU}\n"),
    "py far right": ("a.py", f"x = 1{' ' * 300}# {RU}\n"),
    "js string": ("a.js", f"var a = `\n// {RU}\n`;\n"),
    "js address": ("a.js", f"x('http://{RU}')\n"),
    "sh parameter": ("a.sh", f"echo a#{RU}\n"),
    "xml attribute": ("a.xml", f'<a b="{RU}"/>\n'),
    "css below": ("a.css", "a { color: red }\n" * 100 + f"/* {RU} */"),
    "srt late": ("a.srt", SRT.format(12, 16, RU).replace(".", ",")),
    "srt brief": ("a.srt", SRT.format(0, 0.9, RU).replace(".", ",")),
    "srt over before it began": ("a.srt", SRT.format(5, 0, RU).replace(".", ",")),
    "srt transparent": ("a.srt", SRT.format(0, 4, f"{{\\alpha&HFF&}}{RU}").replace(".", ",")),
    "srt tiny": ("a.srt", SRT.format(0, 4, f'<font size="1">{RU}</font>').replace(".", ",")),
    "srt in a tag": ("a.srt", SRT.format(0, 4, f"<{RU}>Привет").replace(".", ",")),
    "srt high": ("a.srt", SRT.format(0, 4, "\u2800\n" * 12 + RU).replace(".", ",")),
    "vtt note": ("a.vtt", VTT.format(f"NOTE {RU}\n\n", "", "Привет")),
    "vtt name": ("a.vtt", VTT.format(f"{RU}\n", "", "Привет")),
    "vtt header": ("a.vtt", VTT.format("", "", "Привет").replace("WEBVTT", f"WEBVTT {RU}")),
    "vtt voice": ("a.vtt", VTT.format("", "", f"<v {RU}>Привет")),
    "vtt no width": ("a.vtt", VTT.format("", " size:0%", RU)),
    "vtt at the edge": ("a.vtt", VTT.format("", " position:100% align:start", RU)),
    "vtt below": ("a.vtt", VTT.format("", " line:100%", RU)),
    "vtt far line": ("a.vtt", VTT.format("", " line:500", RU)),
    "vtt region": ("a.vtt", VTT.format("", " region:r", RU)),
    "vtt style": ("a.vtt", VTT.format("STYLE\n::cue { visibility: hidden }\n\n", "", RU)),
    "vtt escaped style": ("a.vtt", VTT.format("STYLE\n::cue{\\63olor:#0000}\n\n", "", RU)),
    "vtt classes": ("a.vtt", VTT.format("", "", f"<c.black.bg_black>{RU}</c>")),
    "vtt word by word": ("a.vtt", VTT.format("", "", f"<00:00:04.999>{RU}")),
    "vtt above": ("a.vtt", VTT.format("", " line:0%,end", RU)),
    "vtt two lines": ("a.vtt", VTT.format("", " line:0 line:999", RU)),
    "vtt override by its number": ("a.vtt", VTT.format("", "", f"&#x202e;{RU}")),
    "vtt times of SubRip": ("a.vtt", VTT.format("", "", RU).replace("05.000", "05,000")),
    "vtt time that is none": ("a.vtt", VTT.format("", "", RU).replace("00:05.000", "00:75.000")),
    "vtt tall": ("a.vtt", VTT.format("00:00.000 --> 00:09.000\n" + "Привет\n" * 9 + "\n", "", RU)),
    "srt coordinates": (
        "a.srt",
        SRT.format(0, 4, RU).replace(".", ",").replace(",000\n", ",000 X1:9999 Y1:9999\n"),
    ),
    "srt two ends": (
        "a.srt",
        SRT.format(0, 4, RU).replace(".", ",").replace(",000\n", ",000 --> 00:00:00,001\n"),
    ),
    "vtt crowded": (
        "a.vtt",
        VTT.format("00:00.000 --> 00:09.000\nПривет\nПривет\n\n" * 6, "", RU),
    ),
    "csv second record": ("a.csv", f"a,b\n{RU},2\n"),
    "csv far column": ("a.csv", f"{'столбец,' * 200}{RU}\n{',' * 200}\n"),
    "json content": ("a.json", f'{{"title": "{RU}"}}'),
    "json name": ("a.json", f'{{"{RU}": false}}'),
    "json nested": ("a.json", f'{{"a": {{"_notice": "{RU}"}}}}'),
    "json array": ("a.json", f'{{"_notice": ["{RU}"]}}'),
    "json far": ("a.json", '{"a": [' + "1, " * 900 + f'1], "_notice": "{RU}"}}'),
    "json name twice": ("a.json", f'{{"_notice": "{RU}", "_notice": "x"}}'),
    "json with more behind it": ("a.json", f'{{"_notice": "{RU}"}} x'),
    "json that is none": ("a.json", f'{{"_notice": "{RU}", "a": NaN}}'),
    "json too deep": ("a.json", f'{{"_notice": "{RU}", "a": {"[" * 20_000}{"]" * 20_000}}}'),
    "json pushed down": ("a.json", f'{{"_notice": "%s{RU}"}}' % ("\\n\u200b" * 500)),
    "json escapes": ("a.json", '{"_notice": "' + "".join(f"\\u{ord(c):04x}" for c in RU) + '"}'),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), HONEST.values(), ids=HONEST)
def test_honest_notices_are_perceivable(tmp_path, name, text):
    report = judged(tmp_path, name, text)
    assert (report.perceivable, report.code) == (True, "kz.notice.perceivable")
    assert report.languages == ("ru",)


@pytest.mark.parametrize(("name", "text"), HIDDEN.values(), ids=HIDDEN)
def test_hidden_notices_are_not(tmp_path, name, text):
    assert judged(tmp_path, name, text).perceivable is not True
