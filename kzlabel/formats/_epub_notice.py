"""The notice in a book: a banner that comes first in a page, or a page of its own that comes first.

The first page in reading order gets the banner. Where that page is a picture (a cover, which many
readers crop or show as a thumbnail only), has a fixed layout, is the table of contents or would
hide the banner, a page of its own is put before it, in manifest and spine; contents and landmarks
stay, as neither has to name every page.

The banner is that of HTML pages, in the attributes that each version of EPUB knows: EPUB 2 is XHTML
1.1, which has `xml:lang` and no `role`.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from kzlabel._markup import escape, quoteattr
from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._epub_book import MAX_PART, OPF, XHTML
from kzlabel.formats._html_banner import banner
from kzlabel.formats._html_judge import lays_out
from kzlabel.formats._html_page import UTF8, Page
from kzlabel.formats._xml_splice import Xml, parse, spliced

if TYPE_CHECKING:
    from kzlabel.formats._epub_book import Book, Item
    from kzlabel.formats._xml_splice import Element
    from kzlabel.model import Notice

HTML = "{http://www.w3.org/1999/xhtml}"
_LANGUAGE = re.compile(r' lang="([a-z]{2})"')
_THIRD_ONLY = re.compile(r' (?:role|data-kzlabel)="[a-z]*"')
_NAME = "kzlabel-notice"
_VIEWPORT = '<meta name="viewport" content="width=800, height=1200"/>'
_DOCTYPES = {
    True: "<!DOCTYPE html>",
    False: '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN"'
    ' "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">',
}


def xhtml(book: Book, item: Item) -> Xml:
    """Return a page as XML; raises `UnreadableAssetError`, `LimitError`."""
    content = book.package.part(item.name, MAX_PART)
    return parse(book.path, item.name, content, doctype=True)


def body_of(book: Book, item: Item, page: Xml) -> Element:
    """Return the page's body; raises `UnreadableAssetError` without one."""
    body = page.root.first(HTML + "body")
    if body is None:
        detail = f"{item.name}: body"
        raise UnreadableAssetError("kz.error.epub-damaged", path=book.path, detail=detail)
    return body


def is_page_of_text(book: Book, item: Item) -> bool:
    """Whether a banner in the page is at home there."""
    if item.media_type != XHTML or "nav" in item.properties or book.is_fixed:
        return False
    try:
        page = xhtml(book, item)
        return bool(body_of(book, item, page).text.strip())
    except UnreadableAssetError:
        return False  # UTF-16, or not well-formed: some readers show it all the same


def with_banner(book: Book, item: Item, notice: Notice) -> bytes:
    """Return the page with the banner first in its body."""
    page = xhtml(book, item)
    body = body_of(book, item, page)
    plain = Page(book.path, page.content, UTF8, declared=True)
    on_top = book.is_fixed or not body.text.strip() or lays_out(plain)
    text = _banner(book, notice, on_top=on_top)
    return spliced(page.content, [page.opening(body, text.encode("ascii", "xmlcharrefreplace"))])


def _banner(book: Book, notice: Notice, *, on_top: bool) -> str:
    text = banner(notice, on_top=on_top).strip()
    if book.is_third:
        text = _LANGUAGE.sub(r' lang="\1" xml:lang="\1"', text)
    else:
        text = _LANGUAGE.sub(r' xml:lang="\1"', _THIRD_ONLY.sub("", text))
    return text.replace("<div", f'<div xmlns="{HTML[1:-1]}"', 1)


def own_page(book: Book, notice: Notice, title: str) -> tuple[str, bytes, bytes]:
    """Return the name of a page of its own, the page, and the package document that has it."""
    name, identifier = _names(book)
    language = f'xml:lang="{notice.languages[0]}"'
    if book.is_third:
        language += f' lang="{notice.languages[0]}"'
    page = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{_DOCTYPES[book.is_third]}\n'
        f'<html xmlns="{HTML[1:-1]}" {language}><head><title>{escape(title)}</title>'
        f"{_VIEWPORT if book.is_fixed else ''}</head>\n"
        f"<body>{_banner(book, notice, on_top=False)}</body></html>\n"
    )
    href = posixpath.basename(name)
    item = (
        f'<item xmlns="{OPF[1:-1]}" id="{identifier}" href={quoteattr(href)} media-type="{XHTML}"/>'
    )
    flows = ' properties="rendition:layout-reflowable"' if book.is_fixed else ""
    reference = f'<itemref xmlns="{OPF[1:-1]}" idref="{identifier}"{flows}/>'
    edits = [
        book.opf.closing(book.holder("manifest"), item.encode()),
        book.opf.opening(book.holder("spine"), reference.encode()),
    ]
    return name, page.encode(), spliced(book.opf.content, edits)


def _names(book: Book) -> tuple[str, str]:
    """Return a name and an id that the book does not use, whatever the case."""
    folder = posixpath.dirname(book.name)
    taken = {name.casefold() for name in book.package.entries}
    taken |= {item.name.casefold() for item in book.items.values()}
    ids = {element.attributes.get("id", "") for element in book.opf.root.walk()}
    for number in range(len(taken) + len(ids) + 1):
        word = f"{_NAME}-{number}" if number else _NAME
        name = posixpath.join(folder, f"{word}.xhtml")
        if name.casefold() not in taken and word not in ids:
            return name, word
    raise RefusedError("kz.error.epub-damaged", path=book.path, detail=_NAME)
