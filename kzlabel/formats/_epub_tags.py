"""Metadata of a book: `meta` in its package document.

EPUB 3 has `<meta property="kzlabel:AISYSTEMUSED">…</meta>`, whose prefix the package element binds
(EPUB 3.3, 5.5.3.2 and appendix D.1.4); EPUB 2 `<meta name="AISYSTEMUSED" content="…"/>` (OPF 2.2).
Both are read, the second in EPUB 3 too, where other programs write it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kzlabel._markup import escape, quoteattr
from kzlabel.formats._epub_book import OPF
from kzlabel.formats._odf_tags import MAX_VALUE, allowed
from kzlabel.formats._repeats import gathered
from kzlabel.formats._unread import cut
from kzlabel.formats._xml_splice import Edit, spliced

if TYPE_CHECKING:
    from kzlabel.formats._epub_book import Book
    from kzlabel.formats._xml_splice import Element

_PREFIX, _URI = "kzlabel:", "urn:kzlabel:epub:1#"
_DC = "{http://purl.org/dc/elements/1.1/}"
_BOUND = re.compile(rb"""\sprefix\s*=\s*(["'])""")
_NAMESPACE = f' xmlns="{OPF[1:-1]}"'


def tags_of(book: Book) -> dict[str, str]:
    """Return the book's tags by name, Dublin Core as `dc:title`."""
    return gathered(_short(book))


def _short(book: Book) -> Iterator[tuple[str, str]]:
    for _, name, value in _tags(book):
        if len(name) + len(value) > MAX_VALUE:
            cut("epub")
        else:
            yield name, value


def _tags(book: Book) -> Iterator[tuple[Element, str, str]]:
    for element in book.holder("metadata").children:
        said = element.attributes
        if element.name.startswith(_DC):
            yield element, "dc:" + element.name.removeprefix(_DC), element.text.strip()
        elif element.name == OPF + "meta" and "property" in said and "refines" not in said:
            yield element, said["property"].removeprefix(_PREFIX), element.text.strip()
        elif element.name == OPF + "meta" and said.get("name"):
            yield element, said["name"], said.get("content", "").strip()


def tagged(book: Book, tags: Mapping[str, str]) -> bytes:
    """Return the package document with these tags; of the same names the old ones go."""
    edits = [
        Edit(element.start, element.end, b"")
        for element, name, _ in _tags(book)
        if name in tags and element.name == OPF + "meta"
    ]
    lines = "".join(_meta(book, name, value) for name, value in tags.items() if value)
    edits.append(book.opf.closing(book.holder("metadata"), lines.encode()))
    if book.is_third and lines:
        edits += _bound(book)
    return spliced(book.opf.content, edits)


def _meta(book: Book, name: str, value: str) -> str:
    name, value = allowed(name), allowed(value)
    if book.is_third:
        return f"<meta{_NAMESPACE} property={quoteattr(_PREFIX + name)}>{escape(value)}</meta>"
    return f"<meta{_NAMESPACE} name={quoteattr(name)} content={quoteattr(value)}/>"


def _bound(book: Book) -> list[Edit]:
    """Return the edit that binds our prefix in the package element."""
    root = book.opf.root
    if _PREFIX in root.attributes.get("prefix", "").split():
        return []
    inner = book.opf.inner(root)
    held = _BOUND.search(book.opf.content, root.start, inner)
    if held and "prefix" in root.attributes:
        return [Edit(held.end(), held.end(), f"{_PREFIX} {_URI} ".encode())]
    at = inner - (2 if book.opf.content[inner - 2 : inner] == b"/>" else 1)
    return [Edit(at, at, f' prefix="{_PREFIX} {_URI}"'.encode())]
