"""The page: what it says, that it needs nothing, and that no text becomes markup."""

from __future__ import annotations

import base64
import hashlib
import math
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from msgspec import structs
from PIL import Image
from selectolax.lexbor import LexborHTMLParser

from kzlabel.formats import FORMATS
from kzlabel.locale import LANGUAGES, sentence, table
from kzlabel.locale._advice import advice
from kzlabel.model import (
    AssetReport,
    Citation,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabelReport,
    LabelState,
    Medium,
    NoticeReport,
    NoticeState,
    Origin,
    Region,
    Report,
    ReportError,
    Signer,
    Standing,
    Thumbnail,
    Trust,
    TrustListReport,
    finding,
)
from kzlabel.profiles import load
from kzlabel.reports import REPORTS
from kzlabel.reports._html_frame import VALUES
from kzlabel.reports._html_markup import tag
from kzlabel.reports._html_picture import _medium
from kzlabel.verdict import Axes, error_row, evaluate, premises, summary_of

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
COMPLIANT = ("ai-generated", "intact", "trusted", "perceivable")
BROKEN = ("ai-generated", "broken", "unknown", "impaired")
SILENT = ("undeclared", "absent", "unknown", "absent")
SIGNER = Signer(name="Studio", issuer="Root", not_after=NOW, standing=Standing.TRUSTED)
MANIFEST = LabelReport(
    kind=LabelKind.MANIFEST, scheme="c2pa", state=LabelState.TRUSTED, origin=Origin.AI_GENERATED,
    system="Suret 2.1", provider="Example LLP", signer=SIGNER, created=NOW, where="embedded",
)  # fmt: skip
PLACE = Region(x=0.1, y=0.75, w=0.5, h=0.2)
NOTICE = NoticeReport(
    medium="visible", text="ЖИ жасаған", languages=("kk",), perceivable=True,
    code="kz.notice.perceivable", where=PLACE,
)  # fmt: skip


def thumbnail(width: int = 200, height: int = 100, media_type: str = "image/webp") -> Thumbnail:
    target = BytesIO()
    Image.new("RGB", (width, height), "navy").save(target, "WEBP")
    return Thumbnail(media_type=media_type, width=width, height=height, content=target.getvalue())


def asset(*axes: str, path: str = "a.jpg", findings=(), **more) -> AssetReport:
    origin, integrity, trust, notice = axes
    four = Axes(
        origin=Origin(origin), integrity=Integrity(integrity),
        trust=Trust(trust), notice=NoticeState(notice),
    )  # fmt: skip
    verdict, requirements = evaluate(load("kz"), four, findings=findings)
    return AssetReport(
        path=path, verdict=verdict, origin=four.origin, integrity=four.integrity, trust=four.trust,
        notice=four.notice, requirements=requirements, findings=findings,
        media_type="image/jpeg", bytes=12345, sha256="ab" * 32, **more,
    )  # fmt: skip


def report(*assets: AssetReport, **more) -> Report:
    return Report(
        **{
            "schema": "kzlabel.report/1", "tool": "kzlabel 0.1.0", "profile": "kz/2026-01-18",
            "verified_at": NOW, "premises": premises(), "trust_lists": (), "assets": assets,
            "summary": summary_of(assets), **more,
        }
    )  # fmt: skip


def page(*assets: AssetReport, language: str = "en", **more) -> str:
    one = report(*assets, **more)
    return "\n".join(REPORTS["html"].render(assets, lambda: one, language))


def parsed(*assets: AssetReport, language: str = "en", **more) -> LexborHTMLParser:
    return LexborHTMLParser(page(*assets, language=language, **more))


def words(node) -> str:
    return " ".join(node.text().split())


MIXED = (
    asset(*COMPLIANT, labels=(MANIFEST,), notices=(NOTICE,), thumbnail=thumbnail()),
    asset(*BROKEN, path="b.mp3"),
    asset(*SILENT, path="c.txt"),
    error_row(Path("d.jpg"), OSError(2, "No such file or directory")),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_whole_in_each_language(language: str) -> None:
    tree = parsed(*MIXED, language=language)
    assert tree.root.attributes["lang"] == language
    cards = tree.css("#assets > li")
    assert [card.css_first("h3").text() for card in cards] == ["a.jpg", "b.mp3", "c.txt", "d.jpg"]
    assert [card.css_first(".pill").text() for card in cards] == [
        sentence(f"kz.verdict.{one.verdict}", language) for one in MIXED
    ]
    assert [words(one) for one in tree.css("footer ul:last-child li")] == [*premises(language)]
    assert sentence("kz.report.no-trust-list", language) in words(tree.css_first("footer"))
    assert "kz." not in re.sub(r"\[kz\.[\w.-]+\]", "", words(tree.body))


def test_a_card_says_what_who_where_and_why() -> None:
    card = parsed(*MIXED).css_first("#assets > li")
    assert "it has a machine-readable mark and a perceivable notice" in words(card)
    axes = [
        (words(one.css_first("dt")), words(one.css_first("dd"))) for one in card.css(".axes div")
    ]
    assert axes == [
        ("origin", "AI-generated"), ("integrity", "intact"),
        ("trust", "trusted"), ("notice", "perceivable"),
    ]  # fmt: skip
    said = words(card.css_first("details"))
    assert "manifest c2pa (embedded): valid and trusted" in said
    assert "system Suret 2.1; owner or possessor Example LLP; labelled 2026-11-23" in said
    assert "signed by Studio; certificate by Root; valid until 2026-11-23; on a trust list" in said
    assert "ЖИ жасаған" in said
    assert "10 % from the left, 75 % from the top, 50 % wide, 20 % high" in said
    assert "(must; RK Law No. 230-VIII, Art. 21(2))" in said
    assert f"image/jpeg; 12 345 bytes; SHA-256 {'ab' * 32}" in said


def test_what_to_do_is_said_where_something_is_amiss() -> None:
    good, bad, *_ = parsed(*MIXED).css("#assets > li")
    assert good.css(".todo") == []
    assert all(words(one).startswith("what to do: ") for one in bad.css(".todo"))
    assert bad.css(".todo")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_law_is_quoted_once_and_every_link_leads_to_it(language: str) -> None:
    tree = parsed(*MIXED, language=language)
    places = {node.attributes["id"] for node in tree.css("[id]")}
    links = {node.attributes["href"] for node in tree.css("a")}
    assert links == {"#law-21-2-", "#law-22-2-"}
    assert {link[1:] for link in links} <= places
    cited = load("kz").requirements[0].citation.text[language]
    assert [words(one) for one in tree.css("blockquote")].count(cited) == 1


def test_no_label_is_never_said_to_mean_a_human() -> None:
    (card,) = parsed(asset(*SILENT)).css("#assets > li")
    assert "no AI label found; this does not mean that a human made it" in words(card)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_heading_stands_over_nothing(language: str) -> None:
    (card,) = parsed(asset(*SILENT), language=language).css("#assets > li")
    assert all(words(one) for one in card.css("ul, dl"))
    assert sentence("kz.report.why", language) not in [words(one) for one in card.css("h4")]


def test_the_sign_is_that_of_what_the_format_is() -> None:
    for room in FORMATS:
        for media_type in room.spec.media_types:
            is_text = room.spec.medium is Medium.TEXT
            assert (_medium(media_type) == "text") == is_text, media_type


def test_an_error_says_why_and_has_no_axes() -> None:
    card = parsed(*MIXED).css("#assets > li")[3]
    assert advice(MIXED[3].error.code, "en") in words(card.css_first(".todo"))
    assert "no such file or directory" in words(card.css_first(".error")).lower()
    assert card.css(".axes, details") == []
    assert set(card.attributes) == {"data-verdict"}


def test_totals_and_filters_count_what_is_there() -> None:
    tree = parsed(*MIXED)
    totals = {
        words(one.css_first("dt")): [words(told) for told in one.css("dd")]
        for one in tree.css(".totals div")
    }
    assert totals == {
        "assets": ["4"], "noncompliant": ["1"], "undetermined": ["1", "of which not looked at: 1"],
        "undeclared": ["1"], "compliant": ["1"],
    }  # fmt: skip
    verdicts = [int(told[0]) for name, told in totals.items() if name != "assets"]
    assert sum(verdicts) == int(totals["assets"][0])
    options = [words(one) for one in tree.css_first("select[name=integrity]").css("option")]
    assert options == ["all", "broken (1)", "not signed (1)", "intact (1)"]


def test_every_value_has_its_place_and_its_words() -> None:
    kinds = {"origin": Origin, "integrity": Integrity, "trust": Trust, "notice": NoticeState}
    for axis, values in kinds.items():
        assert set(VALUES[axis]) == set(values)
        assert [f"kz.report.page.{axis}.{one}" in table() for one in values] == [True] * len(values)


def test_few_assets_are_open_many_are_not() -> None:
    assert all("open" in one.attributes for one in parsed(*MIXED[:3]).css("details"))
    assert not any("open" in one.attributes for one in parsed(*MIXED).css("details"))


def test_nothing_found_is_a_page_too() -> None:
    tree = parsed()
    assert "no file was found" in words(tree.body)
    assert tree.css("#tools, #assets > li, blockquote") == []


# --- Nothing from outside, nothing in place of ours -----------------------------------------------


def test_the_policy_allows_our_style_and_our_script_and_nothing_else() -> None:
    tree = parsed(*MIXED)
    policy = tree.css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"]
    told = dict(one.split(" ", 1) for one in policy.split("; "))
    assert told["default-src"] == "'none'"
    assert told["img-src"] == "data:"
    for kind in ("style", "script"):
        (node,) = tree.css(kind)
        digest = hashlib.sha256(node.text().encode()).digest()
        assert told[f"{kind}-src"] == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert set(told) == {
        "default-src", "img-src", "style-src", "script-src", "base-uri", "form-action",
    }  # fmt: skip


def test_nothing_is_fetched_and_nothing_is_styled_in_place() -> None:
    tree = parsed(*MIXED)
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            assert not name.startswith("on"), node.html
            assert name != "style", node.html
            assert name not in ("src", "href") or value.startswith(("#", "data:image/")), node.html
    assert tree.css("link, iframe, object, embed, base") == []
    assert "url(" not in tree.css_first("style").text()
    assert "@import" not in tree.css_first("style").text()


HOSTILE = (
    "\"'></bdi></script><img src=x onerror=alert(1)><script>alert(2)</script>&lt;\u202e\x00\n\udcff"
)


def hostile(text: str) -> tuple[tuple[AssetReport, ...], dict[str, object]]:
    """A report in which every text that may come from a file is `text`."""
    signer = structs.replace(SIGNER, name=text, issuer=text)
    marked = structs.replace(
        MANIFEST, scheme=text, system=text, provider=text, signer=signer, where=text,
        label_id=text, personal={text: text},
    )  # fmt: skip
    seen = structs.replace(NOTICE, text=text, languages=(text,), code=text)
    found = (
        finding(text, FindingOutcome.FAILURE, LabelKind.MANIFEST, detail=text),
        finding("kz.metadata.read", FindingOutcome.INFORMATIONAL, value=text, detail=text),
    )
    row = asset(*BROKEN, path=text, findings=found, labels=(marked,), notices=(seen,))
    cited = Citation(article=text, text=dict.fromkeys(LANGUAGES, text))
    required = structs.replace(row.requirements[0], id=text, citation=cited)
    row = structs.replace(row, media_type=text, sha256=text, requirements=(required,))
    failed = structs.replace(
        error_row(Path("x"), OSError(5, "no")), path=text,
        error=ReportError(code=text, message=text, values={"detail": text}),
    )  # fmt: skip
    lists = (TrustListReport(name=text, kind=text, date=text, sha256=text),)
    return (row, failed), {"trust_lists": lists, "tool": text, "profile": text}


def skeleton(tree: LexborHTMLParser) -> Counter[tuple[str, ...]]:
    return Counter((node.tag, *sorted(node.attributes)) for node in tree.css("*"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_becomes_markup(language: str) -> None:
    rows, more = hostile("plain")
    expected = skeleton(parsed(*rows, language=language, **more))
    rows, more = hostile(HOSTILE)
    text = page(*rows, language=language, **more)
    tree = LexborHTMLParser(text)
    assert skeleton(tree) == expected
    shown = "<img src=x onerror=alert(1)><script>alert(2)</script>&lt;\\u202e\\x00\\n\\xff"
    assert tree.css_first("h3").text() == f"\"'></bdi></script>{shown}"
    assert words(tree.body).count("\\u202e") > 10
    assert not set(text) - set("\n") & set(map(chr, (*range(32), 127, *range(0x202A, 0x202F))))
    text.encode("utf-8")


def test_an_attribute_cannot_be_left() -> None:
    assert tag("img", alt='"><script>', src=None) == '<img alt="&quot;&gt;&lt;script&gt;">'
    assert tag("p", title=tag("b", "<")) == '<p title="&lt;b&gt;&amp;lt;&lt;/b&gt;"></p>'


def test_texts_from_files_are_isolated() -> None:
    rows, more = hostile("שלום")
    tree = parsed(*rows, **more)
    for node in tree.css("bdi"):
        node.decompose()
    assert "שלום" not in words(tree.body)


# --- Pictures -------------------------------------------------------------------------------------


def test_a_notice_is_outlined_where_it_lies() -> None:
    frame = parsed(MIXED[0]).css_first(".frame")
    assert frame.css_first("svg").attributes["viewBox"] == "0 0 200 100"
    halo, line = frame.css("rect")
    assert (halo.attributes["class"], line.attributes["class"]) == ("halo seen", "line seen")
    assert [line.attributes[name] for name in ("x", "y", "width", "height")] == [
        "17", "72", "106", "26",
    ]  # fmt: skip
    assert frame.css_first("img").attributes["alt"] == "thumbnail, the place of the notice outlined"
    encoded = frame.css_first("img").attributes["src"].removeprefix("data:image/webp;base64,")
    assert base64.b64decode(encoded) == MIXED[0].thumbnail.content


@pytest.mark.parametrize(
    "where",
    [
        Region(x=-5, y=-5, w=100, h=100),
        Region(x=math.nan, y=math.inf, w=-math.inf, h=1),
        Region(x=0.5, y=0.5, w=-1, h=-1),
        Region(x=1e308, y=1e308, w=1e308, h=1e308),
    ],
    ids=range(4),
)
def test_an_outline_stays_on_the_picture(where: Region) -> None:
    seen = structs.replace(NOTICE, where=where, perceivable=None)
    frame = parsed(asset(*COMPLIANT, notices=(seen,), thumbnail=thumbnail())).css_first(".frame")
    line = frame.css("rect")[1]
    assert line.attributes["class"] == "line unseen"
    x, y, w, h = (float(line.attributes[name]) for name in ("x", "y", "width", "height"))
    assert -3 <= x <= x + w <= 203
    assert -3 <= y <= y + h <= 103


def test_a_notice_on_another_page_is_not_outlined() -> None:
    later = structs.replace(NOTICE, measures={"page": 2.0})
    tree = parsed(asset(*COMPLIANT, notices=(later,), thumbnail=thumbnail()))
    assert tree.css("rect") == []
    assert tree.css_first("img").attributes["alt"] == "thumbnail"


@pytest.mark.parametrize(
    ("media_type", "sign"),
    [
        ("image/png", "image"), ("audio/mpeg", "audio"), ("video/mp4", "video"),
        ("text/html", "text"), ("application/pdf", "document"), (None, "file"),
    ],
)  # fmt: skip
def test_without_a_thumbnail_there_is_a_sign(media_type: str | None, sign: str) -> None:
    tree = parsed(structs.replace(asset(*SILENT), media_type=media_type))
    assert tree.css_first(".sign use").attributes["href"] == f"#sign-{sign}"
    assert tree.css_first(f"symbol#sign-{sign}") is not None
    assert words(tree.css_first(".none")) == sentence(f"kz.report.page.medium.{sign}")


@pytest.mark.parametrize(
    "change",
    [
        {"media_type": "image/svg+xml"}, {"media_type": 'image/png" onload="x'}, {"width": 0},
        {"height": 10**9}, {"content": b""}, {"content": b"x" * 10**6},
    ],
    ids=["svg", "markup", "flat", "endless", "empty", "large"],
)  # fmt: skip
def test_what_is_no_thumbnail_is_not_shown(change: dict[str, object]) -> None:
    odd = structs.replace(thumbnail(), **change)
    tree = parsed(asset(*COMPLIANT, notices=(NOTICE,), thumbnail=odd))
    assert tree.css("img") == []
    assert tree.css_first(".sign") is not None


# --- Many -----------------------------------------------------------------------------------------


class Rows:
    """Rows that are made as they are asked for, and counted."""

    def __init__(self, size: int) -> None:
        self.size, self.looks, self.made = size, 0, 0

    def __iter__(self):
        self.looks += 1
        for number in range(self.size):
            self.made += 1
            yield asset(*SILENT, path=f"{number:04}.jpg")


def test_rows_are_gone_through_twice_and_shown_as_they_come() -> None:
    rows = Rows(50)
    for piece in REPORTS["html"].render(rows, report, "en"):
        shown = re.search(r"<h3><bdi>(\d{4})\.jpg", piece)
        assert not shown or rows.made == 50 + int(shown[1]) + 1
    assert (rows.looks, rows.made) == (2, 100)


def test_the_form_is_loaded_only_when_it_is_asked_for() -> None:
    script = "import sys, kzlabel.reports; sys.exit('kzlabel.reports.html' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
    assert REPORTS["html"].thumbnails
    assert not REPORTS["html"].live
