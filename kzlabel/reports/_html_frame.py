"""What stands around the assets of the page: policy, totals, tools, the law, what it rests on."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from kzlabel.locale import sentence
from kzlabel.model import AssetReport, Integrity, NoticeState, Origin, Trust, Verdict
from kzlabel.reports._html_asset import AXES, law_id, word
from kzlabel.reports._html_markup import Markup, isolated, tag
from kzlabel.reports._html_picture import signs
from kzlabel.reports._rests import trust_lists_said
from kzlabel.reports._why import citation
from kzlabel.verdict import premises

if TYPE_CHECKING:
    from kzlabel.model import Report, Requirement

VALUES: dict[str, tuple[str, ...]] = {
    "verdict": (
        Verdict.NONCOMPLIANT, Verdict.UNDETERMINED, Verdict.UNDECLARED, Verdict.COMPLIANT,
    ),
    "origin": tuple(Origin),
    "integrity": (
        Integrity.BROKEN, Integrity.UNREADABLE, Integrity.UNPROTECTED, Integrity.ABSENT,
        Integrity.INTACT,
    ),
    "trust": (Trust.UNTRUSTED, Trust.UNKNOWN, Trust.TRUSTED),
    "notice": (
        NoticeState.IMPAIRED, NoticeState.ABSENT, NoticeState.UNDETERMINED,
        NoticeState.PERCEIVABLE,
    ),
}  # fmt: skip
"""The values of each axis in the order they are sorted: what wants a person's eye first."""
STYLES = {
    Verdict.NONCOMPLIANT: "bad",
    Verdict.UNDETERMINED: "poor",
    Verdict.UNDECLARED: "plain",
    Verdict.COMPLIANT: "good",
}
MOST_ARTICLES = 32
"""Requirements whose words are quoted; a profile has four."""
_FOLDER = Path(__file__).parent


class Counts:
    """What stands above the assets and is known only after a first look at all of them."""

    def __init__(self, rows: Iterable[AssetReport]) -> None:
        self.assets = 0
        self.unread = 0
        """How many could not be looked at."""
        self.axes: dict[str, Counter[str]] = {axis: Counter() for axis in AXES}
        self.law: dict[str, Requirement] = {}
        for row in rows:
            self._count(row)

    def _count(self, row: AssetReport) -> None:
        self.assets += 1
        self.unread += row.error is not None
        for axis, counter in self.axes.items():
            counter[getattr(row, axis) or ""] += 1
        for one in row.requirements:
            if len(self.law) < MOST_ARTICLES:
                self.law.setdefault(one.citation.article, one)


def beginning(report: Report, counts: Counts, language: str) -> Iterator[str]:
    """Yield the page up to its list of assets."""
    title = sentence("kz.report.page.title", language)
    yield "<!doctype html>"
    yield f'<html lang="{language}">'
    yield tag("head", *_head(title))
    yield "<body>"
    yield signs()
    yield tag("header", tag("h1", title), _about(report, language), _totals(counts, language))
    yield "<main>"
    yield tag("h2", sentence("kz.report.page.assets", language))
    if counts.assets:
        yield _tools(counts, language)
        yield tag("p", sentence("kz.report.page.outline", language), class_="legend")
    else:
        yield tag("p", sentence("kz.report.page.empty", language))
    yield '<ol id="assets" role="list">'


def ending(report: Report, counts: Counts, language: str) -> Iterator[str]:
    """Yield the page after its list of assets."""
    yield "</ol>"
    yield "</main>"
    yield tag("footer", *_law(counts, language), *_rests(report, language))
    yield tag("script", _ours("page.js"))
    yield "</body>"
    yield "</html>"


def _head(title: str) -> Iterator[Markup]:
    style, script = _ours("page.css"), _ours("page.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; "
        f"script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    yield tag("meta", name="generator", content="kzlabel")  # first: by it we know it again
    yield tag("meta", charset="utf-8")
    # as Markup: quotes of the policy are no danger in double quotes, and easier to read
    yield Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">')
    yield tag("meta", name="viewport", content="width=device-width, initial-scale=1")
    yield tag("meta", name="referrer", content="no-referrer")
    yield tag("meta", name="color-scheme", content="light dark")
    yield tag("title", title)
    yield tag("style", style)


def _ours(name: str) -> Markup:
    """Return a file of ours as it goes into the page."""
    return Markup("\n" + (_FOLDER / name).read_text("utf-8"))


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def _about(report: Report, language: str) -> Markup:
    moment = report.verified_at.replace(microsecond=0, tzinfo=None).isoformat(" ") + " UTC"
    said = sentence("kz.report.page.verified", language)
    profile = sentence("kz.report.profile", language)
    return tag(
        "p", f"{said} ", tag("time", moment, datetime=report.verified_at.isoformat()),
        f"; {profile} ", isolated(report.profile), "; ", isolated(report.tool),
    )  # fmt: skip


def _totals(counts: Counts, language: str) -> Markup:
    verdicts = counts.axes["verdict"]
    tiles = [_tile(sentence("kz.report.page.assets", language), counts.assets)]
    for verdict, style in STYLES.items():
        unread = counts.unread if verdict is Verdict.UNDETERMINED else 0
        part = sentence("kz.report.page.unread", language, count=_grouped(unread))
        name = word("verdict", verdict, language)
        tiles.append(_tile(name, verdicts[verdict], part if unread else None, style=style))
    return tag("dl", *tiles, class_="totals")


def _tile(name: str, count: int, part: str | None = None, style: str | None = None) -> Markup:
    """Return a count under its name, and what a part of it is."""
    told = None if part is None else tag("dd", part, class_="part")
    return tag("div", tag("dt", name), tag("dd", _grouped(count)), told, class_=style)


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def _tools(counts: Counts, language: str) -> Markup:
    """Return what only works with the script, hidden until the script shows it."""
    said = {
        f"data_{name}": sentence(f"kz.report.page.{name}", language)
        for name in ("shown", "ascending", "descending", "open", "close")
    }
    search = tag("input", type="search", name="search", autocomplete="off", spellcheck="false")
    found = tag("label", sentence("kz.report.page.search", language), search)
    filters = (_filter(axis, counts, language) for axis in AXES)
    clear = tag("button", sentence("kz.report.page.reset", language), type="reset")
    unfold = tag("button", said["data_open"], type="button", id="unfold")
    return tag(
        "form",
        tag("div", *filters, found, class_="filters"),
        tag("div", _sorters(language), tag("span", clear, unfold, class_="acts"), class_="order"),
        tag("p", id="shown", role="status"),
        id="tools", hidden="", aria_label=sentence("kz.report.page.tools", language), **said,
    )  # fmt: skip


def _filter(axis: str, counts: Counts, language: str) -> Markup:
    options = [tag("option", sentence("kz.report.page.any", language), value="")]
    options += [
        tag("option", f"{word(axis, value, language)} ({count})", value=value)
        for value in VALUES[axis]
        if (count := counts.axes[axis][value])
    ]
    select = tag("select", *options, name=axis, autocomplete="off")
    return tag("label", sentence(f"kz.report.{axis}", language), select)


def _sorters(language: str) -> Markup:
    keys = {
        "order": "kz.report.page.by.order",
        "name": "kz.report.page.by.name",
        **{axis: f"kz.report.{axis}" for axis in AXES},
    }
    buttons = (
        tag(
            "button", sentence(code, language), type="button",
            data_sort=key, data_values=" ".join(VALUES.get(key, ())), aria_pressed="false",
        )
        for key, code in keys.items()
    )  # fmt: skip
    label = tag("span", sentence("kz.report.page.sort", language), id="sort")
    return tag("div", label, *buttons, role="group", aria_labelledby="sort", class_="sorters")


def _law(counts: Counts, language: str) -> Iterator[Markup]:
    if not counts.law:
        return
    yield tag("h2", sentence("kz.report.page.law", language))
    for article, requirement in counts.law.items():
        words = requirement.citation.text.get(language, "")
        cited = tag("h3", isolated(citation(article, language)))
        yield tag("section", cited, tag("blockquote", isolated(words)), id=law_id(article))


def _rests(report: Report, language: str) -> Iterator[Markup]:
    yield tag("h2", sentence("kz.report.page.rests", language))
    yield tag("h3", sentence("kz.report.trust-lists", language))
    yield tag("ul", *(tag("li", isolated(one)) for one in trust_lists_said(report, language)))
    yield tag("h3", sentence("kz.report.premises", language))
    yield tag("ul", *(tag("li", premise) for premise in premises(language)))
