"""Texts (ODT): the notice is the first paragraph, or one in the header of every page.

A first paragraph or table that starts a page with a master page of its own (`style:master-page-
name`, `fo:break-before`) would leave the notice alone on a page before it: the notice takes its
page over, and it gets a copy of its style that does not break.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._odf_document import CONTENT, STYLES
from kzlabel.formats._odf_flow import PARAGRAPHS, Flow
from kzlabel.formats._odf_masters import Masters
from kzlabel.formats._odf_names import attribute, declared, every, first, short
from kzlabel.formats._odf_over import doubted
from kzlabel.formats._odf_room import Noticed
from kzlabel.formats._odf_styles import first as first_of
from kzlabel.formats._odf_styles import styles_of
from kzlabel.formats._odf_words import Wording, retagged, start_tag, with_styles
from kzlabel.formats._xml_splice import Edit, spliced
from kzlabel.notices.prose import FIRST_CHARACTERS, Run

if TYPE_CHECKING:
    from kzlabel.formats._odf_document import Document
    from kzlabel.formats._odf_styles import Styles
    from kzlabel.formats._xml_splice import Element, Xml

ENOUGH = 20_000
"""Elements of content.xml that are judged: styles, and the beginning of the text."""
POINTS = 12.0
_BREAKS = ("page", "column", "even-page", "odd-page")
_HOLDERS = {
    "text:section", "text:list", "text:list-item", "text:list-header", "text:index-body",
    "text:index-title", "text:table-of-content", "text:illustration-index", "text:table-index",
    "text:object-index", "text:user-index", "text:alphabetical-index", "text:bibliography",
    "text:numbered-paragraph",
}  # fmt: skip
_FLOWING = {*PARAGRAPHS, *_HOLDERS, "table:table"}


@dataclass(frozen=True)
class _Block:
    """What stands first in the text: a paragraph or a table."""

    element: Element
    family: str
    style: str

    @property
    def name(self) -> str:
        return "text:style-name" if self.family == "paragraph" else "table:style-name"


class Text:
    """What is particular to texts."""

    first = FIRST_CHARACTERS

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def _sheet(self) -> Xml:
        return self._document.part(STYLES)

    def noticed(self, lines: Mapping[str, str], *, every: bool) -> Noticed:
        content = self._document.part(CONTENT)
        body = _body(self._document, content)
        styles = styles_of(content.root, self._sheet.root)
        if not every:
            return Noticed({CONTENT: _with_first(content, body, styles, lines)}, 1)
        empty = self._sheet.root.close == self._sheet.root.start
        if STYLES not in self._document.package or empty:
            raise RefusedError("kz.error.odf-no-page", path=self._document.path)
        masters = Masters(self._document.path, self._sheet, styles, _master(body, styles))
        return Noticed({STYLES: masters.noticed(lines, POINTS)}, masters.count)

    def pages(self, *, every: bool) -> Iterator[Sequence[Run]]:
        """Return the first page, its header and footer before the text, then all headers."""
        content = self._document.part(CONTENT, enough=ENOUGH)
        body = _body(self._document, content)
        styles = styles_of(content.root, self._sheet.root)
        masters = Masters(self._document.path, self._sheet, styles, _master(body, styles))
        flow = Flow(styles)
        flow.blocks(body, masters.ground)
        beside = [*masters.first_header, *masters.first_footer]
        yield [*beside, *doubted(flow.runs, flow.shapes, styles)]
        if every:
            yield from masters.header_runs()


def _body(document: Document, content: Xml) -> Element:
    body = first(content.root, "office:body", "office:text")
    if body is None:
        raise UnreadableAssetError("kz.error.odf-damaged", path=document.path, detail="office:text")
    return body


def _opening(body: Element) -> _Block | None:
    """Return the first paragraph or table of the text, in whatever list or section it stands."""
    waiting = [body]
    while waiting:
        element = waiting.pop()
        name = short(element.name)
        if name in PARAGRAPHS:
            return _Block(element, "paragraph", attribute(element, "text:style-name"))
        if name == "table:table":
            return _Block(element, "table", attribute(element, "table:style-name"))
        if name in _HOLDERS or element is body:
            waiting += reversed(list(element.children))
    return None


def _master(body: Element, styles: Styles) -> str:
    """Return the name of the first page's master page; empty for the default."""
    block = _opening(body)
    if block is None:
        return ""
    return styles.attribute(block.family, block.style, "style:master-page-name")


def _with_first(content: Xml, body: Element, styles: Styles, lines: Mapping[str, str]) -> bytes:
    wording = Wording(lines, styles, POINTS)
    block = _opening(body)
    own, copy, edits = wording.styles(), b"", []
    if block is not None and _breaks(styles, block):
        master = styles.attribute(block.family, block.style, "style:master-page-name")
        kind = styles.levels(block.family, block.style, block.family)
        own = wording.styles(master, first_of(kind, "style:page-number") or "auto")
        copy = _unbroken(content, block, f"{wording.name}-next")
        edits.append(start_tag(content, block.element, {block.name: f"{wording.name}-next"}))
    top = next((child for child in body.children if short(child.name) in _FLOWING), None)
    words = wording.paragraph.encode()
    edits.insert(0, Edit(top.start, top.start, words) if top else content.closing(body, words))
    return spliced(content.content, [with_styles(content, own.encode() + copy), *edits])


def _breaks(styles: Styles, block: _Block) -> bool:
    kind = styles.levels(block.family, block.style, block.family)
    broken = first_of(kind, "fo:break-before") in _BREAKS
    return broken or bool(styles.attribute(block.family, block.style, "style:master-page-name"))


def _unbroken(content: Xml, block: _Block, name: str) -> bytes:
    """Return the block's style under another name, without its break."""
    changes = {"style:name": name, "style:master-page-name": ""}
    kind = f"style:{block.family}-properties"
    whole = {"fo:break-before": "auto", "style:page-number": "auto"}
    properties = retagged(f"<{kind}{declared('style')}/>".encode(), whole)
    old = _automatic(content, block)
    if old is None:
        parent = {"style:family": block.family, "style:parent-style-name": block.style}
        tag = retagged(f"<style:style{declared('style')}>".encode(), {**changes, **parent})
        return tag + properties + b"</style:style>"
    inner = content.inner(old)
    tag, rest = retagged(content.content[old.start : inner], changes), b""
    held = first(old, kind)
    if tag.endswith(b"/>"):
        closing = b"</" + tag[1:-2].split(None, 1)[0] + b">"
        return tag[:-2] + b">" + properties + closing
    if held is None:
        return tag + properties + content.content[inner : old.end]
    edit = start_tag(content, held, whole)
    rest = content.content[inner : edit.start] + edit.content
    return tag + rest + content.content[edit.end : old.end]


def _automatic(content: Xml, block: _Block) -> Element | None:
    holder = first(content.root, "office:automatic-styles")
    for style in every(holder, "style:style") if holder is not None else ():
        if (attribute(style, "style:name"), attribute(style, "style:family")) == (
            block.style,
            block.family,
        ):
            return style
    return None
