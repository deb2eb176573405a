"""The judge of pages: hiding tricks, their honest twins, and what only a browser can tell."""

from __future__ import annotations

import io
import time
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from kzlabel.errors import LimitError
from kzlabel.formats._html_room import HtmlRoom
from kzlabel.model import NoticeStyle, Placement, Statement

WORDS = "Создано искусственным интеллектом"
HINT = Placement(
    statement=Statement.CREATED, style=NoticeStyle.INLINE, languages=("ru",), lines=(WORDS,)
)
PAGE = """<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><title>Новости</title><style>{css}</style>{head}</head>
<body{body}>{before}<div class="note"{attributes}>{words}</div>{after}<p>Обычный текст страницы.</p></body></html>
"""


def page(css="", attributes="", **parts):
    empty = {"head": "", "before": "", "after": "", "body": "", "words": WORDS}
    attributes = f" {attributes}" if attributes else ""
    return PAGE.format(css=css, attributes=attributes, **(empty | parts))


def styled(style, **parts):
    return page(attributes=f'style="{style}"', **parts)


IMPAIRED = {
    "display": styled("display:none"),
    "display by a rule": page(".note{display:none}"),
    "display of an ancestor": page("section{display:none}", before="<section>", after="</section>"),
    "visibility": styled("visibility:hidden"),
    "opacity": styled("opacity:0"),
    "opacity in layers": page("div{opacity:.3}", before="<div><div>", after="</div></div>"),
    "no size": styled("font-size:0"),
    "one pixel": styled("font-size:1px"),
    "small by em": page(
        "section{font-size:.5em}.note{font-size:.5em}", before="<section>", after="</section>"
    ),
    "white on white": styled("color:#fff"),
    "pale grey": styled("color:rgb(200,200,200)"),
    "transparent": styled("color:transparent"),
    "filled with nothing": styled("-webkit-text-fill-color:transparent"),
    "colour by a variable": page(":root{--ink:#fefefe}.note{color:var(--ink)}"),
    "black on black": styled("background:#000"),
    "hsl": styled("color:hsl(0,0%,95%)"),
    "far left": styled("position:absolute;left:-9999px"),
    "far up": styled("position:fixed;top:-5000px"),
    "indent": styled("text-indent:-9999px;overflow:hidden"),
    "margin": styled("margin-left:-9999px"),
    "for screen readers only": page(
        ".note{position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)}"
    ),
    "clip-path": styled("clip-path:inset(100%)"),
    "no height": styled("height:0;overflow:hidden"),
    "no greatest height": styled("max-height:0;overflow:hidden"),
    "no width": styled("width:0;overflow:hidden;white-space:nowrap"),
    "no line": styled("line-height:0;overflow:hidden"),
    "hidden": page(attributes="hidden"),
    "aria-hidden": page(attributes='aria-hidden="true"'),
    "inert": page(attributes="inert"),
    "details": page(before="<details><summary>Ещё</summary>", after="</details>"),
    "details, bare": page(words="", before=f"<details><summary>Ещё</summary>{WORDS}</details>"),
    "details, bare in another": page(
        words="", before=f"<details open><summary>a</summary><details>{WORDS}</details></details>"
    ),
    "details, a second summary": page(
        words="", before=f"<details><summary>a</summary><summary>{WORDS}</summary></details>"
    ),
    "dialog, bare": page(words="", before=f"<dialog>{WORDS}</dialog>"),
    "canvas, bare": page(words="", before=f"<canvas>{WORDS}</canvas>"),
    "dialog": page(before="<dialog>", after="</dialog>"),
    "popover": page(attributes="popover"),
    "noscript": page(before="<noscript>", after="</noscript>"),
    "content-visibility": styled("content-visibility:hidden"),
    "scaled away": styled("transform:scale(0)"),
    "filter": styled("filter:opacity(0)"),
    "covered": page(
        ".over{position:fixed;inset:0;background:#fff;z-index:9}", after='<div class="over"></div>'
    ),
    "covered by width and height": page(
        after='<div style="position:absolute;top:0;left:0;width:100%;height:100vh;background:white"></div>'
    ),
    "important beats the attribute": page(".note{display:none!important}", 'style="display:block"'),
    "specificity": page("body div.note{display:none}.note{display:block}"),
    "the last of equals": page(".note{display:block}.note{display:none}"),
    "shown in print": page(".note{display:none}@media print{.note{display:block}}"),
    "not by an invalid value": styled("opacity:0;color:black"),
    "escaped": page(r".note{d\69splay:n\6f ne}"),
    "comment in a rule": page(".note{display:/* block */none}"),
    "sibling": page("h1 + .note{display:none}", before="<h1>Новости</h1>"),
    "not": page("body > div:not(.other){display:none}"),
    "is": page(":is(.a, .note){display:none}"),
    "child of a hidden list": page(
        "ul > li > div{display:none}", before="<ul><li>", after="</li></ul>"
    ),
    "canvas": page(before="<canvas>", after="</canvas>"),
    "below": page(before="<p>" + "Длинный текст новости. " * 60 + "</p>"),
    "blank blocks": page(before="<div>&#8203;</div>" * 500),
    "blank blocks, inside": page(before="<div><span>&#8203;</span></div>" * 500),
    "one letter hidden": page(words='Созда<b style="font-size:0">но</b> искусственным интеллектом'),
}
ABSENT = {
    "comment": page(words=f"<!-- {WORDS} -->"),
    "template": page(before="<template>", after="</template>"),
    "title": page(head=f"<title>{WORDS}</title>", words=""),
    "attribute": page(words=f'<img alt="{WORDS}">'),
    "generated": page(f'.note::before{{content:"{WORDS}"}}', words=""),
}
PERCEIVABLE = {
    "plain": page(),
    "styled": page(
        ".note{padding:10px;background:#222;color:#eee;border-radius:8px;font-weight:bold}"
    ),
    "white on black": page("body{background:#000;color:#fff}"),
    "variables": page(
        ":root{--bg:#101010;--ink:#fafafa}body{background:var(--bg);color:var(--ink)}"
    ),
    "variable with a fallback": styled("color:var(--none, #111)"),
    "visible again": page("body{visibility:hidden}.note{visibility:visible}"),
    "shown by the attribute": page(".note{display:none}", 'style="display:block"'),
    "shown by specificity": page(".note{display:none}body div.note{display:block}"),
    "shown by important": page(".note{display:block!important}div.note{display:none}"),
    "hidden in print only": page("@media print{.note{display:none}}"),
    "screen": page("@media screen{.note{color:#000}}"),
    "hover": page(".note:hover{opacity:0}"),
    "another class": page(".notes,.not-e,.NOTE{display:none}"),
    "another child": page("section > .note{display:none}"),
    "hidden menu before": page(
        before='<ul style="display:none"><li>' + "Меню " * 300 + "</li></ul>"
    ),
    "open details": page(before="<details open><summary>Ещё</summary>", after="</details>"),
    "split by elements": page(words="Создано <b>искусственным</b> <i>интеллектом</i>"),
    "references": page(words="Создано&nbsp;искусственным &#1080;нтеллектом"),
    "half opacity": styled("opacity:.8"),
    "small but read": styled("font-size:12px"),
    "percent of rem": page("html{font-size:62.5%}.note{font-size:1.6rem}"),
    "clamp": styled("font-size:clamp(1rem, 2vw, 2rem)"),
    "screen reader text elsewhere": page(
        ".sr{position:absolute;width:1px;height:1px;overflow:hidden}",
        before='<span class="sr">Далее</span>',
    ),
    "details, open": page(words="", before=f"<details open><summary>a</summary>{WORDS}</details>"),
    "details, its summary": page(
        words="", before=f"<details><summary>{WORDS}</summary>x</details>"
    ),
    "sticky header": page(
        "header{position:sticky;top:0;background:#fff}", after="<header>Меню</header>"
    ),
    "dark scheme, own colours": page(
        ":root{color-scheme:light dark}.note{color:#000;background:#fff}"
    ),
    "window": page("html,body{height:100vh;overflow:hidden}"),
    "centred column": page("body{max-width:720px;margin:0 auto;padding:24px;line-height:1.6}"),
    "above the overlay": page(
        ".over{position:fixed;inset:0;background:#fff;z-index:9}",
        'style="position:relative;z-index:99;background:#fff;color:#000"',
        after='<div class="over"></div>',
    ),
    "data": page(head='<script type="application/ld+json">{"a":1}</script>'),
    "font shorthand": styled("font:italic bold 18px/1.4 Georgia, serif"),
    "animated elsewhere": page(".x{transition:opacity 1s}", after='<p class="x">x</p>'),
    "flow": page(
        "body{display:block}main{display:flex;gap:1rem}", after="<main><p>1</p><p>2</p></main>"
    ),
}
UNDETERMINED = {
    "script": page(head="<script>document.title='x'</script>"),
    "script elsewhere": page(after='<script src="app.js"></script>'),
    "module": page(head='<script type="module">1</script>'),
    "style sheet": page(head='<link rel="stylesheet" href="style.css">'),
    "import": page("@import url(style.css);"),
    "handler": page(body=' onload="x()"'),
    "frame": page(after="<iframe src='/x'></iframe>"),
    "refresh": page(head='<meta http-equiv="refresh" content="0;url=/x">'),
    "security policy": page(
        head='<meta http-equiv="Content-Security-Policy" content="style-src \'none\'">'
    ),
    "narrow screens": page("@media (max-width:600px){.note{display:none}}"),
    "dark": page("@media (prefers-color-scheme:dark){.note{color:#ccc}}"),
    "checkbox": page(
        "#c:checked ~ .note{display:none}", before='<input type="checkbox" id="c" checked>'
    ),
    "has": page("body:has(p) .note{display:none}"),
    "nth-child": page(".note:nth-child(1){display:none}"),
    "nested": page("body{.note{display:none}}"),
    "layer": page("@layer a{.note{display:none}}"),
    "supports": page("@supports (display:grid){.note{display:none}}"),
    "rotated": styled("transform:rotate(90deg)"),
    "animation": page("@keyframes a{to{opacity:0}}.note{animation:a 1s forwards}"),
    "blend": styled("mix-blend-mode:difference"),
    "picture behind": styled("background:url(x.png)"),
    "gradient": styled("background:linear-gradient(#fff,#000)"),
    "fixed header": page(
        "header{position:fixed;top:0;height:60px;background:#fff}", before="<header>Меню</header>"
    ),
    "pulled over": page(
        after='<div style="margin-top:-60px;background:#fff;position:relative">x</div>'
    ),
    "pseudo cover": page(
        '.note{position:relative}.note::after{content:"";position:absolute;inset:0;background:#fff}'
    ),
    "first line": page(".note::first-line{color:transparent}"),
    "word before": page('.note::before{content:"Нет, не "}'),
    "unknown value": styled("display:none;display:blok"),
    "unknown property": styled("zoom:0.01"),
    "calc": styled("margin-left:calc(-100vw - 100px)"),
    "unknown variable": styled("color:var(--none)"),
    "black on black by float": page(
        "section{background:#000}.note{float:left;color:#fff}",
        before="<section>",
        after="</section>",
    ),
    "text reversed": styled("unicode-bidi:bidi-override;direction:rtl"),
    "security": styled("-webkit-text-security:disc"),
    "symbols": styled("font-family:Wingdings"),
    "font of the page": page("@font-face{font-family:x;src:url(x.woff)}.note{font-family:x}"),
    "scrolled box": page(
        "section{height:100px;overflow:auto}", before="<section><p>1</p>", after="</section>"
    ),
    "a screen below": page(before='<div style="height:2000px"></div>'),
    "centred in a row": page("body{display:flex;justify-content:center}"),
    "no height, white ink": page(
        "section{background:#000;height:0}.note{color:#fff}", before="<section>", after="</section>"
    ),
    "dark scheme": page(":root{color-scheme:dark}"),
    "dark by meta": page(head='<meta name="color-scheme" content="light dark">'),
    "struck through": styled("text-decoration:line-through 20px"),
    "order": page("body{display:flex;flex-direction:column}.note{order:9}"),
    "details of one name": page(
        words="",
        before=f"<details name=a open>x</details><details name=a open>{WORDS}</details>",
    ),
    "svg": page(words=f"<svg><text>{WORDS}</text></svg>"),
    "geolocation": page(words=f"<geolocation>{WORDS}</geolocation>"),
    "button": page(words=f"<button>{WORDS}</button>"),
    # Of a hostile tester, each shown by a browser to hide what was taken to be seen.
    "line in a low box": styled("line-height:6;height:24px;overflow:hidden"),
    "padding in a low box": styled(
        "padding-top:100px;height:24px;box-sizing:border-box;overflow:hidden"
    ),
    "margin in a low box": page(
        before='<div style="height:24px;overflow:hidden"><div style="margin-top:400px">',
        after="</div></div>",
    ),
    "large letters in a low box": styled("font-size:200px;height:24px;overflow:hidden"),
    "narrow and low": styled("height:24px;overflow:hidden;width:81px"),
    "narrow, in one line": styled("width:81px;overflow:hidden;white-space:nowrap"),
    "out of a dark box": styled("width:81px;background:#000;color:#fff;white-space:nowrap"),
    "row that shrinks": page(
        before='<div style="display:flex">', attributes='style="flex:0 0 0;overflow:hidden"',
        after="</div>",
    ),
    "column that shrinks": page(
        before='<div style="display:flex;flex-direction:column;height:100vh">',
        attributes='style="overflow:hidden"', after='<div style="flex:0 0 100vh"></div></div>',
    ),
    "aspect": styled("aspect-ratio:1000;overflow:hidden"),
    "far right": styled("min-width:9000px;text-align:right"),
    "far right by direction": styled("min-width:9000px;direction:rtl"),
    "far right by padding": styled("padding-right:9999px;text-align:right;min-width:5000px"),
    "bottom of a grid": page(
        before='<div style="display:flex;min-height:5000px">',
        attributes='style="align-self:flex-end"', after="</div>",
    ),
    "bottom of a block": page(
        before='<div style="min-height:5000px;align-content:end">', after="</div>"
    ),
    "far below its line": page(
        before="<p>x", words="", after=f'<span style="vertical-align:-3000px">{WORDS}</span>'
    ),
    "tabs": styled("white-space:pre-wrap;tab-size:9999px", words=f"\t{WORDS}"),
    "caption below": page(
        words="", before=f'<table style="caption-side:bottom"><caption>{WORDS}</caption></table>'
    ),
    "row of no height": page(
        before='<div style="display:grid;grid-template-rows:0px">',
        attributes='style="overflow:hidden"', after="</div>",
    ),
    "last of a wrapped row": page(
        before='<div style="display:flex;flex-wrap:wrap-reverse">', after="<p>x</p></div>"
    ),
    "column of no width": page(
        words="", before='<table style="table-layout:fixed"><col style="width:0"><tr><td>'
        f"{WORDS}<td>x</table>",
    ),
    "column that collapses": page(
        words="", before=f'<table><col style="visibility:collapse"><tr><td>{WORDS}</table>'
    ),
    "beside a tall cell": page(words="", before=f"<table><tr><td>{WORDS}<td>x</table>"),
    "right in a table": page(
        words="", before=f'<table><tr><td style="text-align:right">{WORDS}</table>'
    ),
    "scrolled by snapping": page("html{scroll-snap-type:y mandatory}"),
    "shadow": page(after='<div style="position:relative;box-shadow:0 0 0 100px #fff">x</div>'),
    "shadow of text": page(after='<p style="text-shadow:0 -2em #fff">████████████████████</p>'),
    "line over": page(
        after='<p style="text-decoration:underline #fff;text-decoration-thickness:100px;'
        'text-underline-offset:-100px">next words next words next words</p>'
    ),
    "padding over": page(after='<p><span style="padding:80px;background:#fff">x x x</span></p>'),
    "border over": page(after='<p><span style="border:40px solid #fff">x x x</span></p>'),
    "drawing over": page(
        after='<svg width="1" height="1" style="overflow:visible"><rect x="-1000" y="-1000" '
        'width="5000" height="1000" fill="white"/></svg>'
    ),
    "formula over": page(after='<math><mspace width="1000px" height="100px"></mspace></math>'),
    "letters over": page(
        after='<p style="line-height:0;font-size:60px;color:#fff">██████████</p>'
    ),
    "bogus background": styled("color:white;background:black bogus"),
    "two times none": styled("color:white;background:black none none"),
    "two weights": styled("font-size:1px;font:bold bold 20px serif"),
    "bogus clamp": styled("font-size:1px;font-size:clamp(20px,bogus,30px)"),
    "no digits": styled("font-size:1px;font-size:20.px"),
    "bogus selector": page(".note{color:white}.note,::-moz-selection{color:black}"),
    "initial variable": page("body{color:white}.note{--i:initial;color:var(--i)}"),
    "type of a sheet": page(
        ".note{color:white}", head='<style type="text/foo">.note{color:black}</style>'
    ),
    "sheet of a formula": page(
        ".note{color:white}", before="<math><style>.note{color:black}</style></math>"
    ),
    "namespace": page(
        ".note{color:white}",
        head="<style>@namespace url(http://www.w3.org/2000/svg);.note{color:black}</style>",
    ),
    "registered": page(
        "@property --c{syntax:'<color>';inherits:false;initial-value:white}"
        "body{--c:black}.note{color:var(--c)}"
    ),
    "bdo": page(words=f"<bdo dir=rtl>{WORDS}</bdo>"),
    "encoding": page().replace('charset="utf-8"', "charset=iso-2022-kr"),
    "encoding of Python": page().replace('charset="utf-8"', "charset=u8"),
    "empty items": page(before="<ul>" + "<li></li>" * 500 + "</ul>"),
    "inputs": page(before="<input>" * 2000),
    "tall input": page(before="<textarea rows=1000></textarea>"),
    "tall picture": page(before='<img src="x.png">'),
    "tall picture after": page(words=f'{WORDS} <img src="x.png" height=5000>'),
    "tall drawing": page(before='<svg viewBox="0 0 1 100"></svg>'),
    "generated padding": page('body::before{content:"";display:block;padding-top:3000px}'),
    "large words before": page(before="<p style='font-size:60px'>" + "Заголовок " * 50 + "</p>"),
}  # fmt: skip
CODES = {
    "pale grey": "kz.notice.faint", "black on black": "kz.notice.faint", "one pixel": "kz.notice.small",
    "covered": "kz.notice.covered", "below": "kz.notice.buried", "display": "kz.notice.hidden",
}  # fmt: skip


def judged(folder: Path, text: str | bytes, name="page.html"):
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    (report,) = HtmlRoom().find_notices(path, (HINT,), search=False)
    return report


@pytest.mark.parametrize("name", IMPAIRED)
def test_what_is_hidden_is_impaired(name, tmp_path):
    report = judged(tmp_path, IMPAIRED[name])
    assert report.perceivable is False, report
    assert report.code != "kz.notice.missing"
    assert report.code == CODES.get(name, report.code)


@pytest.mark.parametrize("name", ABSENT)
def test_what_is_not_text_is_missing(name, tmp_path):
    report = judged(tmp_path, ABSENT[name])
    assert (report.perceivable, report.code) == (False, "kz.notice.missing")


@pytest.mark.parametrize("name", PERCEIVABLE)
def test_honest_twins_are_perceivable(name, tmp_path):
    report = judged(tmp_path, PERCEIVABLE[name])
    assert report.perceivable is True, report
    assert report.measures["contrast"] >= 4.5


@pytest.mark.parametrize("name", UNDETERMINED)
def test_what_needs_a_browser_is_undetermined(name, tmp_path):
    report = judged(tmp_path, UNDETERMINED[name])
    assert report.perceivable is None, report


# --- Effort ---------------------------------------------------------------------------------------

BOMBS = {
    "nested": "<div>" * 200_000,
    "nested, ends ignored": "<div><table></div>" * 50_000,
    "attributes": "<div " + " ".join(f"a{n}=1" for n in range(20_000)) + ">",
    "formatting": "<!doctype html>" + "<b>x" * 15_000,
    "selectors": "<style>" + " ".join(["div"] * 40) + "{color:red}</style>" + "<div>" * 400,
    "variables": "<style>*{" + "".join(f"--v{n}:var(--v{n + 1})var(--v{n + 1});" for n in range(60))
    + "color:var(--v0)}</style>" + "<div>" * 100,
    "cycle": "<style>div{--a:var(--b);--b:var(--a);color:var(--a)}</style>",
    "parentheses": "<style>a{b:" + "(" * 20_000 + "</style>",
    "a large sheet": "<style>" + "a{color:red}" * 60_000 + "</style>",
    "comments": "<!--" * 100_000,
    "tags cut off": "<a" * 200_000,
    "nul": "\0" * 100_000,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_hostile_pages_are_judged_in_bounded_time(name, tmp_path):
    begun = time.process_time()
    with suppress(LimitError):
        report = judged(tmp_path, f"<!doctype html>{BOMBS[name]}<div>{WORDS}</div>")
        assert report.perceivable is not True or name in ("nul", "tags cut off")
    assert time.process_time() - begun < 4


def test_invalid_utf_8_is_judged(tmp_path):
    report = judged(tmp_path, b"<!doctype html>\xff\xfe<meta charset=utf-8><p>" + WORDS.encode())
    assert report.perceivable is True


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-16", "utf-8-sig"])
def test_encodings_are_read_as_browsers_do(encoding, tmp_path):
    text = f"<!doctype html><meta charset={encoding}><p>{WORDS}</p>"
    assert judged(tmp_path, text.encode(encoding)).perceivable is True


@pytest.mark.parametrize("harm", ["<br/>", "<p>", "<style/>", "&nbsp;"])
def test_xml_that_parsers_take_otherwise_is_undetermined(harm, tmp_path):
    text = (
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head>'
        f"<body><div>{WORDS}</div>{harm}</body></html>"
    )
    expected = True if harm == "<br/>" else None
    assert judged(tmp_path, text, "page.xhtml").perceivable is expected


# --- Against a browser ----------------------------------------------------------------------------

OTHERS = "Мотналеткен иыннортсукса онадзосив"
SEEN_ALL_THE_SAME = {"aria-hidden", "inert", "below"}
"""Seen, but not by all people, or not at once."""
INK = 250
"""Pixels that differ widely between two pages with different words, where those are seen."""


IN_CHROMIUM = pytest.mark.xdist_group("chromium")


@pytest.fixture
def ink(browser, tmp_path):
    """What counts the pixels that show the words of a notice rather than others in their place."""
    shown = browser.new_page(viewport={"width": 800, "height": 600})

    def shot(text: str) -> Image.Image:
        """Return the first screen as Chromium shows it."""
        (tmp_path / "page.html").write_text(text, "utf-8")
        shown.goto((tmp_path / "page.html").as_uri())
        with Image.open(io.BytesIO(shown.screenshot())) as picture:
            return picture.convert("RGB")

    def count(text: str) -> int:
        channels = ImageChops.difference(shot(text), shot(text.replace(WORDS, OTHERS))).split()
        widest = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
        return sum(widest.histogram()[90:])

    yield count
    shown.close()


@IN_CHROMIUM
@pytest.mark.slow
@pytest.mark.needs("chromium")
@pytest.mark.parametrize("name", [name for name, text in PERCEIVABLE.items() if WORDS in text])
def test_chromium_shows_what_is_perceivable(name, ink):
    assert ink(PERCEIVABLE[name]) >= INK


@IN_CHROMIUM
@pytest.mark.slow
@pytest.mark.needs("chromium")
@pytest.mark.parametrize(
    "name",
    [name for name, text in IMPAIRED.items() if WORDS in text and name not in SEEN_ALL_THE_SAME],
)
def test_chromium_shows_nothing_of_what_is_impaired(name, ink):
    assert ink(IMPAIRED[name]) < INK
