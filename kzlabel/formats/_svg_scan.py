"""An SVG read with expat, bounded: where its elements lie in the bytes.

No entity is expanded and nothing outside the document is read: a document that declares entities is
refused. Byte offsets let tags and notices be spliced in, so that every other byte stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from kzlabel.errors import KzlabelError, LimitError, UnreadableAssetError, UnsupportedFormatError
from kzlabel.formats._svg_allowed import SVG
from kzlabel.formats._svg_doubts import Doubts
from kzlabel.formats._svg_size import numbers

if TYPE_CHECKING:
    from pathlib import Path

MAX_SVG_BYTES = 16 << 20
MAX_ELEMENTS = 200_000
MAX_DEPTH = 200
MAX_FILTER_STEPS = 200
"""Filter primitives in a document; resvg has no time limit of its own."""
MAX_FILTER_EFFORT = 64
"""`numOctaves` of turbulence, `radius` of morphology: the time of both grows with them."""
NOTICE = "notice"
"""Of the attribute `data-kzlabel`, on the group that holds our notice."""
_XMPMETA = "adobe:ns:meta/ xmpmeta"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns# RDF"
_PERCENT_ELEMENTS = {"rect", "circle", "ellipse", "line", "image", "use", "svg", "text", "tspan"}
_GZIP = b"\x1f\x8b"
_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z_:]")
WRITABLE = ("utf-8", "utf8", "us-ascii", "ascii")
"""Encodings of which the bytes are spliced."""
_ROOT, _CHILD, _GRANDCHILD = 1, 2, 3
"""Depths."""


@dataclass(frozen=True)
class Span:
    """An element in the bytes: its start tag, its content, its end."""

    start: int
    inner: int
    """Where its content begins; `end` for an empty-element tag."""
    close: int
    """Where its end tag begins; `end` for an empty-element tag."""
    end: int

    @property
    def is_empty(self) -> bool:
        """Whether it is an empty-element tag: `<g/>`."""
        return self.inner == self.close == self.end


@dataclass
class Document:
    """An SVG and what was found in it."""

    path: Path
    content: bytes
    root: Span = field(default=Span(0, 0, 0, 0))
    root_attributes: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    metadata: Span | None = None
    packet: tuple[int, int] | None = None
    """The XMP packet in `metadata`, its wrapper included."""
    rdf: tuple[int, int] | None = None
    """A bare `rdf:RDF` there."""
    notices: list[tuple[Span, dict[str, str]]] = field(default_factory=list)
    """Groups of ours, children of the root."""
    percentages: bool = False
    """Some element is placed by a percentage of the canvas."""
    doubts: Doubts = field(default_factory=Doubts)

    @property
    def root_name(self) -> str:
        """The name in the root's start tag, its prefix included."""
        tag = self.content[self.root.start + 1 : self.root.start + 200]
        return tag.split(None, 1)[0].rstrip(b"/>").split(b">")[0].decode("utf-8", "replace")


def read_document(path: Path) -> Document:
    """Parse the file; raises `UnreadableAssetError`, `LimitError`, `UnsupportedFormatError`."""
    with path.open("rb") as stream:
        content = stream.read(MAX_SVG_BYTES + 1)
    if content.startswith(_GZIP):
        raise UnsupportedFormatError("kz.error.svgz", path=path)
    if len(content) > MAX_SVG_BYTES:
        raise LimitError("kz.error.svg-limit", path=path, what="bytes", limit=MAX_SVG_BYTES)
    return parse_document(path, content)


def parse_document(path: Path, content: bytes) -> Document:
    """Parse an SVG's bytes; see `read_document`."""
    scanner = _Scanner(Document(path, content))
    try:
        scanner.parser.Parse(content, True)
    except expat.ExpatError as exc:
        raise UnreadableAssetError("kz.error.svg-damaged", path=path, detail=exc) from exc
    except (ValueError, LookupError) as exc:  # an encoding that expat or Python does not know
        raise UnreadableAssetError("kz.error.svg-damaged", path=path, detail=exc) from exc
    return scanner.document


def tag_end(content: bytes, start: int) -> int:
    """Return where the tag that begins at `start` ends, quoted `>` passed over."""
    at = start
    while True:
        close = content.find(b">", at)
        if close < 0:
            return len(content)
        quotes = [at_ for at_ in (content.find(q, at, close) for q in (b'"', b"'")) if at_ >= 0]
        if not quotes:
            return close + 1
        opened = min(quotes)
        closed = content.find(content[opened : opened + 1], opened + 1)
        if closed < 0:
            return len(content)
        at = closed + 1


class _Scanner:
    """Handles expat's events."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._open: list[tuple[str, int, dict[str, str]]] = []
        self._count = 0
        self._filter_steps = 0
        self._xpacket: int | None = None
        self._style: list[str] | None = None
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.ProcessingInstructionHandler = self._instruction
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.XmlDeclHandler = self._declaration

    def _doctype(self, _name: str, _system: str | None, public: str | None, subset: int) -> None:
        if subset:
            self._entity()
        undeclared = _ENTITY.search(self.document.content)
        if undeclared or not (public or "-//W3C//DTD SVG ").startswith("-//W3C//DTD SVG "):
            self.document.doubts.add("DOCTYPE")  # expat passes over what it does not know

    def _entity(self, *_: object) -> None:
        raise UnreadableAssetError("kz.error.svg-entities", path=self.document.path)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.document.encoding = (encoding or "utf-8").lower()
        if self.document.encoding not in WRITABLE:
            self.document.doubts.add(self.document.encoding)

    def _limit(self, what: str, limit: int) -> KzlabelError:
        return LimitError("kz.error.svg-limit", path=self.document.path, what=what, limit=limit)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        self._open.append((name, self.parser.CurrentByteIndex, attributes))
        if self._count > MAX_ELEMENTS:
            raise self._limit("elements", MAX_ELEMENTS)
        depth = len(self._open)
        if depth > MAX_DEPTH:
            raise self._limit("depth", MAX_DEPTH)
        if depth == _ROOT:
            self._root(name, attributes)
            return
        local = name.rpartition(" ")[2]
        if local == "style":
            self._style = []
        if local.startswith("fe"):
            self._filter_step(attributes)
        self.document.percentages |= local in _PERCENT_ELEMENTS and _by_percent(attributes)
        self.document.doubts.element(name, attributes, self._open[-2][0])

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        if name not in (f"{SVG} svg", "svg"):
            raise UnreadableAssetError("kz.error.svg-damaged", path=self.document.path, detail=name)
        self.document.root_attributes = attributes
        self.document.doubts.root(name, attributes)

    def _filter_step(self, attributes: dict[str, str]) -> None:
        self._filter_steps += 1
        efforts = f"{attributes.get('numOctaves', '')} {attributes.get('radius', '')}"
        if self._filter_steps > MAX_FILTER_STEPS:
            raise self._limit("filters", MAX_FILTER_STEPS)
        if any(effort > MAX_FILTER_EFFORT for effort in numbers(efforts)):
            raise self._limit("filter", MAX_FILTER_EFFORT)

    def _text(self, text: str) -> None:
        if self._style is not None:
            self._style.append(text)

    def _instruction(self, target: str, _text: str) -> None:
        at = self.parser.CurrentByteIndex
        if target == "xml-stylesheet":
            self.document.doubts.add("xml-stylesheet")
        if target != "xpacket" or not self._in_metadata():
            return
        if self.document.packet is None:
            self._xpacket = at
        elif self._xpacket is not None:
            end = self.document.content.find(b"?>", at) + 2
            self.document.packet = (self._xpacket, end)
            self._xpacket = None

    def _in_metadata(self) -> bool:
        return len(self._open) == _CHILD and self._open[1][0].rpartition(" ")[2] == "metadata"

    def _end(self, name: str) -> None:
        depth = len(self._open)
        _, start, attributes = self._open.pop()
        if self._style is not None and name.rpartition(" ")[2] == "style":
            self.document.doubts.sheet("".join(self._style))
            self._style = None
        if depth > _GRANDCHILD:
            return
        span = self._span(start)
        if depth == _ROOT:
            self.document.root = span
        elif depth == _CHILD:
            self._child(name.rpartition(" ")[2], span, attributes)
        elif self._in_metadata() and name == _XMPMETA and self.document.packet is None:
            begin = start if self._xpacket is None else self._xpacket
            self.document.packet = (begin, span.end)
        elif self._in_metadata() and name == _RDF and self.document.rdf is None:
            self.document.rdf = (start, span.end)

    def _child(self, local: str, span: Span, attributes: dict[str, str]) -> None:
        if local == "metadata" and self.document.metadata is None:
            self.document.metadata = span
        if _is_notice(attributes):
            self.document.notices.append((span, attributes))

    def _span(self, start: int) -> Span:
        content, close = self.document.content, self.parser.CurrentByteIndex
        inner = tag_end(content, start)
        if content[inner - 2 : inner] == b"/>":
            return Span(start, inner, inner, inner)
        return Span(start, inner, close, tag_end(content, close))


def _is_notice(attributes: dict[str, str]) -> bool:
    return attributes.get("data-kzlabel") == NOTICE


def _by_percent(attributes: dict[str, str]) -> bool:
    whole = ("0%", "100%")
    return any(value.endswith("%") and value not in whole for value in attributes.values())
