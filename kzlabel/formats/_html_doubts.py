"""What in a page can change all of it, so that only a browser can tell what people see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kzlabel.formats._html_css import media_holds

if TYPE_CHECKING:
    from kzlabel.formats._html_page import Page
    from kzlabel.formats._html_tree import Element, Tree

_SCRIPTS = re.compile(
    r"|module|(?:text|application)/(?:x-)?(?:java|ecma)script|text/(?:javascript1\.[0-5]|jscript"
    r"|livescript)"
)
"""The types that make a `script` run; all others are data (HTML 4.12.1)."""
_FRAMES = frozenset(("iframe", "frame", "object", "embed", "applet", "portal", "fencedframe"))
_FORBIDDEN = re.compile(r"<!\[CDATA\[|<!ENTITY|xsl:|<!DOCTYPE[^>]*\[")
_SELF_CLOSED = re.compile(r"<([a-zA-Z][\w:-]*+)(?:[^<>\"'/]++|/(?!>)|\"[^\"]*+\"|'[^']*+')*+/>")
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
     "track", "wbr"))  # fmt: skip


def doubts_of(page: Page, tree: Tree) -> tuple[str, ...]:
    """Return what leaves the whole page open, each once; nothing where all is in it."""
    found = [doubt for element in tree.elements for doubt in _doubts(element)]
    if page.is_garbled:
        found.append("charset")
    if page.is_xml:
        found += _of_xml(page)
    return tuple(dict.fromkeys(found))


def may_be_dark(tree: Tree) -> bool:
    """Whether the page leaves its default colours to people's taste."""
    schemes = (
        element.attribute("content").lower()
        for element in tree.elements
        if element.tag == "meta" and element.attribute("name").strip().lower() == "color-scheme"
    )
    return any("dark" in scheme for scheme in schemes)


def _doubts(element: Element) -> Iterator[str]:
    given = element.attributes
    if element.tag in _FRAMES:
        yield f"<{element.tag}>"
    elif element.tag == "script" and _SCRIPTS.fullmatch(_essence(element.attribute("type"))):
        yield "<script>"
    elif element.tag == "link":
        yield from _of_link(element)
    elif element.tag == "meta":
        yield from _of_meta(element)
    elif element.tag == "template" and "shadowrootmode" in given:
        yield "shadowrootmode"
    if given:
        yield from (name for name in given if name.startswith("on") and name.isalpha())
        if "autofocus" in given:
            yield "autofocus"


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _of_link(element: Element) -> Iterator[str]:
    relations = element.attribute("rel").lower().split()
    media = [" ".join(query.lower().split()) for query in element.attribute("media").split(",")]
    if "stylesheet" in relations and media_holds(media) is not False:
        yield "<link rel=stylesheet>"


def _of_meta(element: Element) -> Iterator[str]:
    kind = element.attribute("http-equiv").strip().lower()
    if kind in ("refresh", "content-security-policy", "default-style"):
        yield f"<meta http-equiv={kind}>"


def _of_xml(page: Page) -> Iterator[str]:
    """Give what an XML parser takes otherwise than the one for HTML, or not at all."""
    from xml.parsers import expat

    if "<?xml-stylesheet" in page.text:
        yield "<?xml-stylesheet?>"
    closed = {match[1].lower() for match in _SELF_CLOSED.finditer(page.text)}
    if _FORBIDDEN.search(page.text) or not closed <= _VOID:
        yield "XML"
        return
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(
            page.text.encode("utf-8", "replace"), True
        )
    except (expat.ExpatError, ValueError) as exc:
        yield f"XML: {exc}"
