"""One asset of the page: what a glance needs, and behind a `<details>` all that was found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kzlabel.locale import sentence
from kzlabel.locale._advice import advice
from kzlabel.reports._html_markup import Markup, isolated, markup, tag
from kzlabel.reports._html_picture import is_in_thumbnail, picture
from kzlabel.reports._labels import label_parts, personal_said, signer_parts
from kzlabel.reports._lines import axes_said, error_said, notice_said, said_above, verdict_said
from kzlabel.reports._why import ARROW, why

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kzlabel.model import AssetReport, LabelReport, NoticeReport
    from kzlabel.reports._why import Reason
    from kzlabel.reports._wrap import Span

AXES = ("verdict", "origin", "integrity", "trust", "notice")
"""What is filtered and sorted by: fields of `AssetReport`, and headings `kz.report.*`."""
_DATE = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")
_MARKS = {"✓": "yes", "✗": "no", "!": "caution", "?": "open", "·": "note"}


def word(axis: str, value: str, language: str) -> str:
    """Return a value of an axis in a word or two."""
    room = "kz.verdict" if axis == "verdict" else f"kz.report.page.{axis}"
    return sentence(f"{room}.{value}", language)


def law_id(article: str) -> str:
    """Return where on the page the words of an article stand."""
    return "law-" + "".join(letter if letter.isalnum() else "-" for letter in article)


def card(asset: AssetReport, language: str, *, is_open: bool) -> Markup:
    """Return an asset as an item of the list."""
    values = {f"data_{axis}": getattr(asset, axis) for axis in AXES}
    name = tag("h3", isolated(asset.path))
    glance = (_verdict(asset, language), _axes_at_a_glance(asset, language))
    told = tag("div", name, *glance, *_more(asset, language, is_open=is_open), class_="told")
    opened = "open" if is_open and asset.error is None else None
    return tag("li", picture(asset, language), told, class_=opened, **values)


def _verdict(asset: AssetReport, language: str) -> Markup:
    verdict, reason = verdict_said(asset, language)
    said = word("verdict", asset.verdict, language)
    pill = tag("strong", said, class_=f"pill {verdict.style}")
    return tag("p", pill, " ", tag("span", reason.text.removeprefix(": ")), class_="verdict")


def _axes_at_a_glance(asset: AssetReport, language: str) -> Markup | None:
    styles = {heading: spans[0].style for heading, spans in axes_said(asset, language)}
    pairs = (
        tag(
            "div",
            tag("dt", sentence(f"kz.report.{axis}", language)),
            tag("dd", word(axis, getattr(asset, axis), language), class_=style),
        )
        for axis, style in styles.items()
    )
    return tag("dl", *pairs, class_="axes") if styles else None


def _more(asset: AssetReport, language: str, *, is_open: bool) -> Iterator[Markup]:
    """Yield why it could not be looked at; else all that was found, behind a `<details>`."""
    if asset.error is not None:
        yield tag("p", isolated(error_said(asset.error, language)), class_="error")
        what = tag("b", sentence("kz.report.page.todo", language) + ":")
        yield tag("p", what, " ", advice(asset.error.code, language), class_="todo")
        return
    counts = {"labels": len(asset.labels), "notices": len(asset.notices)}
    summary = tag("summary", sentence("kz.report.page.details", language, **counts))
    parts = (summary, *_parts(asset, language))
    yield tag("details", *parts, open="" if is_open else None)


def _parts(asset: AssetReport, language: str) -> Iterator[Markup]:
    above = said_above(asset)
    yield tag("dl", *_axes_in_full(asset, language), class_="said")
    labels = [_label(label, language) for label in asset.labels]
    notices = [_notice(one, language, bare=one.code in above) for one in asset.notices]
    yield from _section("labels", labels, language)
    yield from _section("notices", filter(None, notices), language)
    reasons = [_reason(one, language) for one in why(asset, above, language)]
    if reasons:
        yield _heading("kz.report.why", language)
        yield tag("ul", *reasons, class_="why")
    yield _file(asset, language)


def _axes_in_full(asset: AssetReport, language: str) -> Iterator[Markup]:
    for heading, spans in axes_said(asset, language):
        yield tag("dt", sentence(f"kz.report.{heading}", language))
        yield tag("dd", tag("bdi", *map(_span, spans)))


def _heading(code: str, language: str) -> Markup:
    return tag("h4", sentence(code, language))


def _section(heading: str, items: Iterable[Markup], language: str) -> Iterator[Markup]:
    listed = [tag("li", item) for item in items]
    if listed:
        yield _heading(f"kz.report.page.{heading}", language)
        yield tag("ul", *listed)


def _span(span: Span) -> Markup:
    return tag("span", span.text, class_=span.style) if span.style != "plain" else markup(span.text)


def _apart(parts: Iterable[str]) -> Markup:
    """Return texts, each isolated from the next, parted by semicolons; dates are not broken."""
    told = "; ".join(map(isolated, parts))
    return Markup(_DATE.sub(r'<span class="date">\g<0></span>', told))


def _label(label: LabelReport, language: str) -> Markup:
    what, *said = label_parts(label, language)
    rows = [tag("p", tag("b", isolated(what)))]
    rows += [tag("p", _apart(said))] if said else []
    if label.signer is not None:
        signer = signer_parts(label.signer, language)
        rows += [tag("p", _apart(signer), class_="signer")] if signer else []
        if label.signer.development:
            rows.append(tag("p", sentence("kz.report.development", language), class_="poor"))
    rows += [tag("p", isolated(words), class_="faint") for words in personal_said(label)]
    return Markup("".join(rows))


def _notice(notice: NoticeReport, language: str, *, bare: bool) -> Markup | None:
    spans = notice_said(notice, language, bare=bare)
    if not spans:
        return None
    said = tag("p", tag("bdi", *map(_span, spans)))
    return Markup(said + _place(notice, language))


def _place(notice: NoticeReport, language: str) -> Markup:
    """Return in words where a notice lies, for who does not see the outline."""
    if notice.where is None or not is_in_thumbnail(notice):
        return Markup()
    where = notice.where
    parts = {"x": where.x, "y": where.y, "w": where.w, "h": where.h}
    percents = {name: f"{value:.0%}".rstrip("%") for name, value in parts.items()}
    return tag("p", sentence("kz.report.page.place", language, **percents), class_="faint")


def _reason(reason: Reason, language: str) -> Markup:
    lead, *spans = reason.spans
    sign = lead.text.strip()
    if sign == ARROW.strip():
        what = tag("b", sentence("kz.report.page.todo", language) + ":")
        return tag("li", what, " ", *map(_span, spans), class_="todo")
    if sign not in _MARKS:
        return tag("li", *map(_span, spans))
    told = sentence(f"kz.report.page.mark.{_MARKS[sign]}", language)
    mark = tag("span", sign, class_=f"mark {lead.style}", role="img", aria_label=told)
    if reason.article:
        *spans, cited = spans
        link = tag("a", cited.text.strip(), href=f"#{law_id(reason.article)}")
        words = (*map(_span, spans), " ", link)
    else:
        words = tuple(map(_span, spans))
    return tag("li", mark, tag("bdi", *words))


def _file(asset: AssetReport, language: str) -> Markup:
    size = "" if asset.bytes is None else f"{asset.bytes:,}".replace(",", " ")
    facts = (
        asset.media_type,
        size and sentence("kz.report.page.bytes", language, count=size),
        asset.sha256 and f"SHA-256 {asset.sha256}",
    )
    told = _apart(fact for fact in facts if fact)
    return tag("p", sentence("kz.report.page.file", language) + ": ", told, class_="file")
