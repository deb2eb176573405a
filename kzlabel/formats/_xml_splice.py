"""XML read with expat, bounded: where its elements lie in the bytes, so that bytes are spliced.

XML that is written again from a tree loses prefixes, and with them what `mc:Ignorable` or an XPath
in an attribute names. So an edit replaces bytes between two offsets, and every other byte stays.
No entity is declared or expanded, and nothing outside the document is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.parsers import expat

from kzlabel.errors import LimitError, UnreadableAssetError

if TYPE_CHECKING:
    from pathlib import Path

MAX_ELEMENTS = 300_000
"""Elements that are kept; what `shallow` passes over is only parsed."""
MAX_DEPTH = 256
_UTF8 = ("utf-8", "utf8", "us-ascii", "ascii")
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_TAG = re.compile(rb"""<[^>"']*(?:(?:"[^"]*"|'[^']*')[^>"']*)*>""")
_NOTHING: Mapping[str, str] = {}


@dataclass(slots=True, eq=False)
class Element:
    """An element in the bytes; names are `{namespace}local`."""

    name: str
    attributes: Mapping[str, str]
    start: int
    """Of its start tag."""
    close: int = 0
    """Of its end tag; `start` for an empty-element tag."""
    end: int = 0
    """After its end tag."""
    content: list[Element | str] = field(default_factory=list)
    """Children and text between them, in order."""

    @property
    def children(self) -> Iterator[Element]:
        """The elements directly inside."""
        return (item for item in self.content if not isinstance(item, str))

    def every(self, *names: str) -> Iterator[Element]:
        """Return the children of these names."""
        return (child for child in self.children if child.name in names)

    def first(self, *path: str) -> Element | None:
        """Return the first child of that name, and of it the first of the next, and so on."""
        found: Element | None = self
        for name in path:
            found = next(found.every(name), None) if found is not None else None
        return found

    def walk(self) -> Iterator[Element]:
        """Return this element and all inside it, in the document's order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += reversed(list(element.children))

    @property
    def text(self) -> str:
        """All text inside, markup left out."""
        pieces: list[str] = []
        waiting: list[Element | str] = [self]
        while waiting:
            item = waiting.pop()
            if isinstance(item, str):
                pieces.append(item)
            else:
                waiting += reversed(item.content)
        return "".join(pieces)


@dataclass(frozen=True)
class Xml:
    """A document, and its bytes."""

    content: bytes
    root: Element
    whole: bool = True
    """False where reading stopped after `enough` elements."""

    def inner(self, element: Element) -> int:
        """Return where the content of `element` begins; its end for an empty-element tag."""
        return tag_end(self.content, element.start)

    def opening(self, element: Element, first: bytes) -> Edit:
        """Return the edit that puts `first` first into `element`, also into an empty one."""
        if element.close != element.start:
            inner = self.inner(element)
            return Edit(inner, inner, first)
        return self._filled(element, first)

    def closing(self, element: Element, last: bytes) -> Edit:
        """Return the edit that puts `last` last into `element`, also into an empty one."""
        if element.close != element.start:
            return Edit(element.close, element.close, last)
        return self._filled(element, last)

    def _filled(self, element: Element, content: bytes) -> Edit:
        tag = self.content[element.start : element.end]
        name = tag[1:-2].split(None, 1)[0].rstrip(b"/")
        return Edit(element.start, element.end, tag[:-2] + b">" + content + b"</" + name + b">")


@dataclass(frozen=True, order=True)
class Edit:
    """Bytes to stand in place of those from `start` to `end`."""

    start: int
    end: int
    content: bytes


def spliced(content: bytes, edits: Sequence[Edit]) -> bytes:
    """Return `content` with all edits made; those at one place in the order they are given."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < at:
            raise ValueError(edit.start)  # two edits of one place: ours, not the document's
        pieces += [content[at : edit.start], edit.content]
        at = edit.end
    return b"".join([*pieces, content[at:]])


def tag_end(content: bytes, start: int) -> int:
    """Return where the tag that begins at `start` ends, quoted `>` passed over."""
    found = _TAG.match(content, start)
    return found.end() if found else len(content)


def parse(  # noqa: PLR0913  each bounds or widens what is read
    path: Path,
    part: str,
    content: bytes,
    *,
    shallow: Collection[str] = (),
    enough: int | None = None,
    doctype: bool = False,
) -> Xml:
    """Read one part of a package as XML.

    Of elements named in `shallow` nothing inside is kept. After `enough` elements reading stops,
    and what is open then ends there. `doctype` lets a document type stand, without declarations of
    its own: entities that it would name are left out of the text. Raises `UnreadableAssetError` for
    what is not well-formed, declares entities or is not UTF-8, and `LimitError`.
    """
    scanner = _Scanner(path, part, content, frozenset(shallow), enough, doctype=doctype)
    try:
        return scanner.read()
    except (expat.ExpatError, ValueError, LookupError) as exc:
        raise _damaged(path, part, exc) from exc


def _damaged(path: Path, part: str, detail: object) -> UnreadableAssetError:
    return UnreadableAssetError("kz.error.xml-damaged", path=path, part=part, detail=detail)


class _EnoughError(Exception):
    """Reading may stop."""


class _Scanner:
    """Handles expat's events."""

    def __init__(  # noqa: PLR0913  as `parse`
        self,
        path: Path,
        part: str,
        content: bytes,
        shallow: frozenset[str],
        enough: int | None,
        *,
        doctype: bool,
    ) -> None:
        self._path, self._part, self._content = path, part, content
        self._shallow, self._enough, self._may = shallow, enough, doctype
        self._open: list[Element] = []
        self._passed = 0
        """Depth inside an element of which nothing is kept."""
        self._count = 0
        self._root: Element | None = None
        self._parser = parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.XmlDeclHandler = self._declaration

    def read(self) -> Xml:
        if self._content.startswith(_UTF16):
            raise UnreadableAssetError(
                "kz.error.xml-encoding", path=self._path, part=self._part, encoding="UTF-16"
            )
        whole = True
        try:
            self._parser.Parse(self._content, True)
        except _EnoughError:
            whole = False
            for element in self._open:
                element.close = element.end = self._parser.CurrentByteIndex
        if self._root is None:
            raise _damaged(self._path, self._part, "")
        return Xml(self._content, self._root, whole)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding or "utf-8").lower() not in _UTF8:
            raise UnreadableAssetError(
                "kz.error.xml-encoding", path=self._path, part=self._part, encoding=encoding
            )

    def _doctype(self, _name: str, _system: str | None, _public: str | None, subset: int) -> None:
        if subset or not self._may:
            self._entity()

    def _entity(self, *_: object) -> None:
        raise UnreadableAssetError("kz.error.xml-doctype", path=self._path, part=self._part)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) + self._passed >= MAX_DEPTH:
            raise self._limit("depth", MAX_DEPTH)
        if self._passed or (self._open and self._open[-1].name in self._shallow):
            self._passed += 1
            return
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise self._limit("elements", MAX_ELEMENTS)
        if self._enough is not None and self._count > self._enough:
            raise _EnoughError
        held = {_clark(key): value for key, value in attributes.items()} if attributes else _NOTHING
        element = Element(_clark(name), held, self._parser.CurrentByteIndex)
        if self._open:
            self._open[-1].content.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        if self._passed:
            self._passed -= 1
            return
        element = self._open.pop()
        inner = tag_end(self._content, element.start)
        if self._content.startswith(b"/>", inner - 2):  # expat is then past the tag, or at it
            element.close, element.end = element.start, inner
        else:
            element.close = self._parser.CurrentByteIndex
            element.end = tag_end(self._content, element.close)

    def _text(self, text: str) -> None:
        if self._open and not self._passed and self._open[-1].name not in self._shallow:
            self._open[-1].content.append(text)

    def _limit(self, what: str, limit: int) -> LimitError:
        values = {"what": what, "what.code": f"kz.xml.{what}", "limit": limit}
        return LimitError("kz.error.xml-limit", path=self._path, part=self._part, **values)


@lru_cache(maxsize=4096)  # few names, each some thousand times
def _clark(name: str) -> str:
    return f"{{{name}" if "}" in name else name
