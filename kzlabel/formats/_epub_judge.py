"""Whether readers see a notice in a book: its pages judged as HTML, with the book's style sheets.

A reading system lays a page out with the style sheets it links to, which are parts of the book; so
these are put into the page before it is judged. One that is not in the book, or that comes by a
processing instruction, leaves the page in doubt, as scripts do. The first page is the first of the
spine; a cover that has no words is passed over, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kzlabel.errors import LimitError
from kzlabel.formats._epub_book import MAX_PART, XHTML
from kzlabel.formats._epub_notice import HTML, body_of, xhtml
from kzlabel.formats._html_judge import judge
from kzlabel.formats._html_page import UTF8, Page
from kzlabel.formats._html_scan import check_effort
from kzlabel.formats._xml_splice import Edit, spliced
from kzlabel.model import NoticeStyle

if TYPE_CHECKING:
    from kzlabel.formats._epub_book import Book, Item
    from kzlabel.formats._xml_splice import Element
    from kzlabel.model import NoticeReport, Placement

MAX_PAGES = 2000
"""Pages that are judged where a notice is to be on every one."""
_MISSING, _MISSING_PAGES = "kz.notice.missing", "kz.notice.missing-pages"
_ALIASES = (b"-epub-", b"-webkit-")
"""Prefixed properties of EPUB (3.3, appendix E): those that browsers prefix so."""
_ELSEWHERE = b'<link rel="stylesheet" href="elsewhere.css"/>'


def judged(book: Book, hints: Sequence[Placement], *, search: bool) -> tuple[NoticeReport, ...]:
    """Return one report a hint, in order; without hints, and with `search`, what is found."""
    pages = _pages(book)
    if not pages:
        return _on(book, None, hints, search=search)
    reports = _on(book, pages[0], hints, search=search)
    if all(hint.style is not NoticeStyle.PAGES for hint in hints):
        return reports
    if len(pages) > MAX_PAGES:
        raise LimitError("kz.error.epub-pages", path=book.path, value=len(pages), limit=MAX_PAGES)
    rest = [_on(book, page, hints, search=False) for page in pages[1:]]
    return tuple(
        _worst(column) if hint.style is NoticeStyle.PAGES else column[0]
        for hint, column in zip(hints, zip(reports, *rest, strict=True), strict=True)
    )


def styled(book: Book, item: Item) -> Page:
    """Return a page as it is laid out: with the style sheets it links to inside."""
    page = xhtml(book, item)
    head = page.root.first(HTML + "head")
    edits = [
        Edit(link.start, link.end, b"<style>" + sheet + b"</style>")
        for link in (head.every(HTML + "link") if head is not None else ())
        if (sheet := _sheet(book, item, link)) is not None
    ]
    if b"<?xml-stylesheet" in page.content and head is not None:
        edits.append(page.closing(head, _ELSEWHERE))
    content = spliced(page.content, edits).replace(*_ALIASES)
    return Page(book.path, content, UTF8, declared=True)


def _sheet(book: Book, item: Item, link: Element) -> bytes | None:
    """Return the style sheet that a link means; None for another link, or where it is missing."""
    said = link.attributes
    relations = said.get("rel", "").lower().split()
    name = book.beside(item.name, said.get("href", ""))
    if "stylesheet" not in relations or name not in book.package:
        return None
    if "alternate" in relations or said.get("media"):
        return None  # in doubt, as any from elsewhere
    sheet = book.package.part(name, MAX_PART).decode(UTF8, "replace")
    return sheet.replace("</", "<\\/").encode()


def _pages(book: Book) -> list[Item]:
    """Return the pages, a cover without words left out."""
    pages = [item for item in book.spine if item.media_type == XHTML]
    if len(pages) > 1 and pages[0] == book.spine[0]:
        page = xhtml(book, pages[0])
        if not body_of(book, pages[0], page).text.strip():
            return pages[1:]
    return pages


def _on(
    book: Book, item: Item | None, hints: Sequence[Placement], *, search: bool
) -> tuple[NoticeReport, ...]:
    content = b"<!DOCTYPE html><html><body></body></html>"
    page = styled(book, item) if item else Page(book.path, content, UTF8, declared=True)
    check_effort(book.path, page.content)
    return judge(page, hints, search=search).reports


def _worst(reports: Sequence[NoticeReport]) -> NoticeReport:
    """Return the report of a notice that is to be on every page: that of the worst page."""
    from msgspec.structs import replace

    ranks = {False: 0, None: 1, True: 2}
    at = min(range(len(reports)), key=lambda at: ranks[reports[at].perceivable])
    seen = sum(report.perceivable is True for report in reports)
    worst = reports[at]
    code = _MISSING_PAGES if worst.code == _MISSING and seen else worst.code
    measures = {**worst.measures, "page": float(at + 1), "pages": float(seen)}
    return replace(worst, code=code, measures=measures)
