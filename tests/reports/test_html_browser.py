"""The page in a browser: for every eye and every hand, wide and narrow, in the light and the dark."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from itertools import cycle, islice

import pytest
from msgspec import structs
from playwright.sync_api import expect
from samples import ASSETS, FIXTURES, MEDIUM

from kzlabel import label, verify
from kzlabel._thumbnail import thumbnail_of
from kzlabel.errors import KzlabelError
from kzlabel.model import AssetReport, Medium, NoticeConfig, NoticeStyle, Report, Statement
from kzlabel.reports import REPORTS
from kzlabel.verdict import premises, summary_of

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium"), pytest.mark.xdist_group("chromium")]
HOSTILE = "<img src=x onerror=document.title=1>\u202e\n.png"
LONG = "folder/" * 30 + "a" * 250 + ".jpg"
ROWS = 500
SAMPLES = [path for path in ASSETS if MEDIUM.get(path) not in (None, Medium.TEXT)]


def looked_at(path, trust, name: str, *, look: bool | None = None) -> AssetReport:
    row = verify(path, trust=trust, look=look)
    try:
        small = thumbnail_of(path, row.media_type)
    except Exception:  # noqa: BLE001  as the worker does: a picture is not worth a row
        return structs.replace(row, path=name)
    return structs.replace(row, path=name, thumbnail=small)


@pytest.fixture(scope="module")
def rows(tmp_path_factory, credential, trust, disclosures) -> list[AssetReport]:
    """Every fixture as it is; labelled; and with a byte changed since, or without its notice."""
    folder = tmp_path_factory.mktemp("labelled")
    made = [looked_at(path, trust, f"plain/{path.name}", look=False) for path in ASSETS]
    for path, disclosure in zip(SAMPLES, cycle(disclosures), strict=False):
        try:
            label(path, folder / path.name, disclosure, credential)
        except KzlabelError:
            continue
        made.append(looked_at(folder / path.name, trust, f"labelled/{path.name}"))
    bare = folder / "bare.jpg"
    label(
        FIXTURES / "picture.jpg", bare, disclosures[0], credential,
        notice=NoticeConfig(style=NoticeStyle.NONE),
    )  # fmt: skip
    made.append(looked_at(bare, trust, HOSTILE))
    content = bytearray((folder / "picture.jpg").read_bytes())
    content[-1000] ^= 1
    (folder / "picture.jpg").write_bytes(content)
    made.append(looked_at(folder / "picture.jpg", trust, LONG))
    made.append(looked_at(folder / "missing", trust, "missing.jpg"))
    return made


@pytest.fixture(scope="module")
def disclosures():
    from kzlabel.model import Disclosure, Provider, System

    said = {"system": System(name="Model"), "provider": Provider(name="Мысал ЖШС")}
    return [Disclosure(statement=one, **said) for one in Statement]


def written(folder, rows: list[AssetReport], language: str = "en"):
    one = Report(
        schema="kzlabel.report/1", tool="kzlabel 0.1.0", profile="kz/2026-01-18",
        verified_at=datetime(2026, 11, 23, tzinfo=UTC), premises=premises(), trust_lists=(),
        assets=(), summary=summary_of(rows),
    )  # fmt: skip
    target = folder / f"report-{language}.html"
    pieces = REPORTS["html"].render(rows, lambda: one, language)
    target.write_text("\n".join(pieces), "utf-8")
    return target


@pytest.fixture(scope="module")
def large(tmp_path_factory, rows):
    many = [
        structs.replace(row, path=row.path if number < len(rows) else f"{number}/{row.path}")
        for number, row in enumerate(islice(cycle(rows), ROWS))
    ]
    target = written(tmp_path_factory.mktemp("large"), many)
    print(f"{target.stat().st_size / ROWS / 1000:.1f} kB an asset, {ROWS} assets")
    return target


@pytest.fixture
def opened(browser):
    """A page as a reader sees it; whatever it asks for, or complains of, is remembered."""
    contexts = []

    def show(path, *, width: int = 1280, scheme: str = "light", **more):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **more
        )
        contexts.append(context)
        shown = context.new_page()
        shown.complaints, shown.requests, shown.refused = [], [], {}
        shown.on("console", lambda message: shown.complaints.append(message.text))
        shown.on("pageerror", lambda error: shown.complaints.append(str(error)))
        shown.on("request", lambda request: shown.requests.append(request.url[:30]))
        shown.on("requestfailed", lambda one: shown.refused.update({one.url: one.failure}))
        shown.goto(path.as_uri())
        return shown

    yield show
    for context in contexts:
        context.close()


WIDE, PHONE = 1280, 390
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_axe_finds_nothing(opened, tmp_path, rows, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    shown = opened(written(tmp_path, rows, "ru"), width=width, scheme=scheme)
    shown.locator("#unfold").click()
    everything = "#assets > li { content-visibility: visible !important }"
    shown.evaluate(f"document.styleSheets[0].insertRule('{everything}', 0)")
    only = {"runOnly": STANDARDS, "resultTypes": ["violations"]}
    found = Axe().run(shown, options=only).response["violations"]
    assert [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in found] == []


CUT_OFF = """() => [...document.querySelectorAll("#assets > li")].flatMap((card) => {
  card.style.setProperty("content-visibility", "visible");
  const edge = card.getBoundingClientRect().right;
  const over = [...card.querySelectorAll("dt, dd, p, h3, summary, bdi, a, img, span")];
  return over.filter((one) => one.getBoundingClientRect().right > edge).map((one) => one.outerHTML);
})"""
"""What a card, which is painted for itself, does not show: the page's width does not tell."""


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_nothing_is_wider_than_a_phone(opened, tmp_path, rows, language):
    shown = opened(written(tmp_path, rows, language), width=320)
    for width in (320, 360, PHONE):
        shown.set_viewport_size({"width": width, "height": 800})
        assert shown.evaluate("document.documentElement.scrollWidth") == width
        assert shown.evaluate(CUT_OFF) == []
    shown.locator("#unfold").click()
    assert shown.evaluate("document.documentElement.scrollWidth") == PHONE
    assert shown.evaluate(CUT_OFF) == []


def visible(shown) -> list[str]:
    return shown.locator("#assets > li:visible h3").all_text_contents()


def test_filters_are_applied_and_counted(opened, large):
    shown = opened(large)
    assert shown.locator("#shown").inner_text() == f"{ROWS} of {ROWS} shown"
    shown.locator("select[name=integrity]").select_option("intact")
    intact = len(visible(shown))
    assert 0 < intact < ROWS
    assert shown.locator("#shown").inner_text() == f"{intact} of {ROWS} shown"
    assert f"intact ({intact})" in shown.locator("select[name=integrity]").inner_text()
    shown.locator("input[name=search]").fill("PICTURE.PNG")
    assert 0 < len(visible(shown)) < intact
    assert all("labelled/picture.png" in name for name in visible(shown))
    shown.locator("button[type=reset]").click()
    expect(shown.locator("#shown")).to_have_text(f"{ROWS} of {ROWS} shown")
    assert len(visible(shown)) == ROWS
    assert shown.locator("#shown").get_attribute("role") == "status"
    assert shown.complaints == []


def test_sorting_needs_no_mouse(opened, large):
    shown = opened(large)
    before = visible(shown)
    button = shown.locator("[data-sort=verdict]")
    button.focus()
    shown.keyboard.press("Enter")
    order = shown.locator("#assets > li").evaluate_all("all => all.map(one => one.dataset.verdict)")
    ranks = ["noncompliant", "undetermined", "undeclared", "compliant"]
    assert [one for rank in ranks for one in order if one == rank] == order
    assert set(order) == set(ranks)
    assert button.get_attribute("aria-pressed") == "true"
    assert shown.locator("#shown").inner_text().endswith("; sorted by verdict, ascending")
    shown.keyboard.press("Space")
    turned = shown.locator("#assets > li").evaluate_all(
        "all => all.map(one => one.dataset.verdict)"
    )
    assert turned == [one for rank in ranks[::-1] for one in order if one == rank]
    assert shown.locator("#shown").inner_text().endswith("; sorted by verdict, descending")
    assert shown.evaluate("document.activeElement.dataset.sort") == "verdict"
    shown.locator("[data-sort=name]").click()
    names = visible(shown)
    assert names.index("labelled/picture.jpg") < names.index("plain/picture.jpg")
    shown.locator("[data-sort=order]").click()
    assert visible(shown) == before
    shown.locator("[data-sort=trust]").click()
    assert visible(shown)[-1].endswith("missing.jpg")
    shown.locator("[data-sort=trust]").click()
    assert visible(shown)[-1].endswith("missing.jpg")


def test_a_hostile_name_is_text_and_nothing_is_asked_for(opened, large):
    shown = opened(large)
    title = shown.title()
    name = shown.locator("h3", has_text="onerror").first
    assert name.text_content() == "<img src=x onerror=document.title=1>\\u202e\\n.png"
    shown.locator("#unfold").click()
    shown.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert shown.title() == title
    assert {url.partition(":")[0] for url in shown.requests} <= {"file", "data"}
    assert [url for url in shown.requests if url.startswith("file")] == [large.as_uri()[:30]]
    assert shown.complaints == []


def test_the_policy_holds_against_markup_in_the_page(opened, tmp_path, rows):
    """Were a text to become markup after all, it could still do nothing."""
    target = written(tmp_path, rows)
    planted = (
        '<img src="https://192.0.2.1/x" onerror="document.title=1"><p id="p" style="color:red">'
        "<script>document.title=2</script><style>#p { color: red }</style>"
    )
    target.write_text(target.read_text("utf-8").replace("<main>", f"<main>{planted}"), "utf-8")
    shown = opened(target)
    assert shown.title() == "Labels and notices of files"
    assert len(shown.complaints) >= 4
    assert shown.locator("#p").evaluate("one => getComputedStyle(one).color") != "rgb(255, 0, 0)"
    assert shown.refused == {"https://192.0.2.1/x": "csp"}


def test_the_command_writes_a_page_with_pictures(opened, tmp_path):
    folder, target = tmp_path / "wire", tmp_path / "report.html"
    folder.mkdir()
    for name in ("picture.jpg", "document.pdf", "sound.mp3"):
        shutil.copy(FIXTURES / name, folder / name)
    command = ["verify", "-r", folder, "--no-look", "--format", "html", "-o", target]
    subprocess.run([sys.executable, "-m", "kzlabel", *command], check=True, timeout=60)
    shown = opened(target)
    assert sorted(name.rpartition("/")[2] for name in visible(shown)) == [
        "document.pdf", "picture.jpg", "sound.mp3",
    ]  # fmt: skip
    assert shown.locator(".frame img").count() == 2
    for image in shown.locator(".frame img").all():
        image.scroll_into_view_if_needed()
        image.evaluate("one => one.decode()")
        assert image.evaluate("one => one.naturalWidth") > 100
    assert shown.complaints == []


def test_it_can_be_read_without_its_script(opened, large):
    shown = opened(large, java_script_enabled=False)
    assert len(visible(shown)) == ROWS
    assert not shown.locator("#tools").is_visible()
    shown.locator("summary").first.click()
    assert shown.locator("details[open]").count() == 1


def test_paper_has_all_that_is_folded(opened, tmp_path, rows):
    for script in (True, False):
        shown = opened(written(tmp_path, rows[-4:]), java_script_enabled=script)
        shown.emulate_media(media="print")
        assert not shown.locator("#tools").is_visible()
        assert shown.locator("details .file").last.is_visible()
        assert len(shown.pdf()) > 10_000
