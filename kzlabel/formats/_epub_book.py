"""An EPUB book: its package document, its pages in reading order, and whether it may be rewritten.

EPUB 3.3 (https://www.w3.org/TR/epub-33/) and EPUB 2.0.1: `META-INF/container.xml` names the package
document, whose manifest lists the parts and whose spine has those that are read, in order::

    <package version="3.0"><metadata>…</metadata>
      <manifest><item id="p1" href="text/p1.xhtml" media-type="application/xhtml+xml"/>…</manifest>
      <spine><itemref idref="p1"/><itemref idref="notes" linear="no"/>…</spine></package>
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._package import Package, opened
from kzlabel.formats._xml_splice import Xml, parse

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.formats._xml_splice import Element

OPF = "{http://www.idpf.org/2007/opf}"
XHTML = "application/xhtml+xml"
CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_XENC = "{http://www.w3.org/2001/04/xmlenc#}"
_PROTECTED = ("META-INF/rights.xml", "META-INF/sinf.xml", "META-INF/license.lcpl")
"""Rights of Adobe and of others, of Apple, of Readium."""
_SIGNATURES = "META-INF/signatures.xml"
_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""Methods that only make fonts useless outside the book (EPUB 3.3, 4.4)."""
MAX_PART = 16 << 20


@dataclass(frozen=True)
class Item:
    """A part as the manifest lists it."""

    id: str
    name: str
    """Of the part in the package."""
    media_type: str
    properties: frozenset[str]


@dataclass(frozen=True)
class Book:
    """A package, and its package document."""

    package: Package
    name: str
    opf: Xml

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.package.path

    @property
    def is_third(self) -> bool:
        """Whether it is of EPUB 3, and not 2."""
        return self.opf.root.attributes.get("version", "").strip().startswith("3")

    def holder(self, name: str) -> Element:
        """Return `metadata`, `manifest` or `spine`; raises `UnreadableAssetError` without it."""
        found = self.opf.root.first(OPF + name)
        if found is None:
            raise UnreadableAssetError("kz.error.epub-damaged", path=self.path, detail=name)
        return found

    @cached_property
    def items(self) -> dict[str, Item]:
        """The manifest, by id."""
        found: dict[str, Item] = {}
        for element in self.holder("manifest").every(OPF + "item"):
            said = element.attributes
            name = self.beside(self.name, said.get("href", ""))
            properties = frozenset(said.get("properties", "").split())
            item = Item(said.get("id", ""), name, said.get("media-type", ""), properties)
            found.setdefault(item.id, item)
        return found

    @cached_property
    def spine(self) -> tuple[Item, ...]:
        """What is read from the first page to the last: linear, and in the package."""
        references = self.holder("spine").every(OPF + "itemref")
        linear = (r for r in references if r.attributes.get("linear", "yes") != "no")
        items = (self.items.get(r.attributes.get("idref", "")) for r in linear)
        held = (item for item in items if item is not None and item.name in self.package)
        return tuple(dict.fromkeys(held))

    @cached_property
    def is_fixed(self) -> bool:
        """Whether its pages have a layout of their own that does not flow."""
        metas = self.holder("metadata").every(OPF + "meta")
        return any(
            meta.attributes.get("property") == "rendition:layout"
            and meta.text.strip() == "pre-paginated"
            for meta in metas
        )

    def beside(self, name: str, href: str) -> str:
        """Return the name of the part that `href` means in part `name`; empty where it is none."""
        target = unquote(href.partition("#")[0].partition("?")[0])
        if not target or ":" in target.partition("/")[0] or target.startswith("/"):
            return ""
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
        return "" if joined.startswith("..") else joined

    @cached_property
    def protection(self) -> str:
        """What keeps readers from its pages (DRM); empty where nothing does."""
        rights = next((name for name in _PROTECTED if name in self.package), "")
        if rights or ENCRYPTION not in self.package:
            return rights
        encryption = parse(self.path, ENCRYPTION, self.package.part(ENCRYPTION, MAX_PART))
        methods = [
            method.attributes.get("Algorithm", "")
            for element in encryption.root.every(_XENC + "EncryptedData")
            for method in element.every(_XENC + "EncryptionMethod")
        ]
        return next((method for method in methods if method not in _FONTS), "")


def read(path: Path) -> Book:
    """Open a book; raises `UnreadableAssetError`, `LimitError`."""
    package = opened(path)
    if CONTAINER not in package:
        raise UnreadableAssetError("kz.error.epub-damaged", path=path, detail=CONTAINER)
    container = parse(path, CONTAINER, package.part(CONTAINER, MAX_PART))
    roots = container.root.first(f"{_CONTAINER}rootfiles")
    files = list(roots.every(f"{_CONTAINER}rootfile")) if roots is not None else []
    name = files[0].attributes.get("full-path", "") if files else ""
    if name not in package:
        raise UnreadableAssetError("kz.error.epub-damaged", path=path, detail=name or "rootfile")
    opf = parse(path, name, package.part(name, MAX_PART), doctype=True)
    return Book(package, name, opf)


def writable(path: Path) -> Book:
    """Open a book that may be rewritten; raises `RefusedError` too."""
    book = read(path)
    if book.protection:
        raise RefusedError("kz.error.epub-protected", path=path, part=book.protection)
    if _SIGNATURES in book.package:
        raise RefusedError("kz.error.epub-signed", path=path, part=_SIGNATURES)
    return book
