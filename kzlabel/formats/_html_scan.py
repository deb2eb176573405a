"""The bytes of an HTML page: its tags, and the places in it where something can be spliced.

A page is not written anew from its tree, as that would change what nobody asked to change; so this
finds offsets in its bytes, by the tokenization of HTML 13.2.5 and the insertion modes of 13.2.6.4.1
to 13.2.6.4.7 (https://html.spec.whatwg.org/multipage/parsing.html) up to the body, in any encoding
that has ASCII. What a reader sees is never decided here: that is judged on the tree of a parser.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import NamedTuple

from kzlabel.errors import LimitError

MAX_BYTES = 32 << 20
"""A page that is read whole; twenty times the longest article of Wikipedia."""
MAX_STEPS = 1 << 27
"""Steps up the open elements that a parser may take: 16,000 nested `div` are met in a second."""
MAX_ELEMENTS = 200_000
"""Three times those of the longest article of Wikipedia; a judgement takes 30 microseconds each."""
MAX_ATTRIBUTES = 4096
"""Of one tag; the parser compares each with all before it."""

_TAG = re.compile(
    rb"<(/?)([a-zA-Z][^\t\n\f\r />]*+)"
    rb"((?:[^>=]++|=[\t\n\f\r ]*+(?:\"[^\"]*+\"|'[^']*+'|(?![\"'])))*+)>"
)
_ATTRIBUTE = re.compile(
    rb"[\t\n\f\r /]*+([^\t\n\f\r />][^\t\n\f\r />=]*+)"
    rb"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\t\n\f\r >]*+)))?"
)
_OPENING = re.compile(rb"<[a-zA-Z/!?]")
_BLANK = re.compile(rb"[\t\n\f\r ]*+")
_RAW = frozenset(
    (b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes",
     b"noscript"))  # fmt: skip
_OF_HEAD = frozenset(
    (b"base", b"basefont", b"bgsound", b"link", b"meta", b"noframes", b"noscript", b"script",
     b"style", b"template", b"title"))  # fmt: skip
_NOT_NESTING = frozenset(
    (b"area", b"base", b"basefont", b"bgsound", b"br", b"col", b"dd", b"dt", b"embed", b"frame",
     b"hr", b"img", b"input", b"li", b"link", b"meta", b"optgroup", b"option", b"p", b"param",
     b"rb", b"rp", b"rt", b"rtc", b"source", b"tbody", b"td", b"tfoot", b"th", b"thead", b"tr",
     b"track", b"wbr"))  # fmt: skip
"""Elements without content, or that the next one of their kind closes."""
_BARRIERS = frozenset((b"applet", b"button", b"marquee", b"object", b"svg", b"math", b"table",
                       b"template", b"caption"))  # fmt: skip
_LOOKED_BACK = 16


class Tag(NamedTuple):
    """A tag, and where its content ends if that is raw."""

    name: bytes
    closing: bool
    start: int
    end: int
    """Past `>`."""
    attributes: bytes
    past: int
    """Past the end tag of an element with raw content; else `end`."""


@dataclass(frozen=True)
class Meta:
    """A `meta` element of the head."""

    start: int
    end: int
    name: str
    content: str


@dataclass(frozen=True)
class Places:
    """Where things go in a page."""

    head: int
    """At the end of the head, past the `meta` with the encoding; or where one would be."""
    body: int
    """Before the first that people see."""
    frames: bool
    """A page of frames has no body."""
    metas: tuple[Meta, ...]
    scripts: tuple[Tag, ...]
    """Those of the head."""
    doctype: bool


def tags(content: bytes, at: int = 0) -> Iterator[Tag]:
    """Give the tags as a browser with scripts finds them; a tag that the file ends in is none."""
    while found := _OPENING.search(content, at):
        start, kind = found.start(), content[found.start() + 1 : found.start() + 2]
        match = _TAG.match(content, start) if kind not in b"!?" else None
        if match is None:
            at = _past_other(content, start)
            if at < 0:
                return
            continue
        name, closing = match[2].lower(), bool(match[1])
        at = match.end()
        past = _past_raw(content, at, name) if not closing and name in _RAW else at
        yield Tag(name, closing, start, at, match[3], past)
        if name == b"plaintext" and not closing:
            return
        at = past


def _past_other(content: bytes, start: int) -> int:
    """Return where a comment, declaration or bogus comment ends; -1 where the file does first."""
    if content.startswith(b"<!--", start):
        if content.startswith((b">", b"->"), start + 4):
            return content.index(b">", start) + 1
        found = _COMMENT_END.search(content, start + 4)
        return found.end() if found else -1
    if content[start + 1 : start + 2] in b"!?" or not content[start + 2 : start + 3].isalpha():
        return content.find(b">", start) + 1 or -1
    return -1


_COMMENT_END = re.compile(rb"--!?>")


def _past_raw(content: bytes, at: int, name: bytes) -> int:
    ended = re.compile(rb"</" + name + rb"(?=[\t\n\f\r />])[^>]*+>", re.IGNORECASE)
    found = ended.search(content, at)
    return found.end() if found else len(content)


def attributes(text: bytes, encoding: str = "utf-8") -> dict[str, str]:
    """Return a tag's attributes by lower-case name; of two with one name the first counts."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        name = match[1].decode(encoding, "replace").lower()
        value = match[2] or match[3] or match[4] or b""
        found.setdefault(name, unescape(value.decode(encoding, "replace")))
        if len(found) > MAX_ATTRIBUTES:
            break
    return found


# --- Places ---------------------------------------------------------------------------------------


@dataclass
class _Head:
    """What was seen before the body."""

    metas: list[Meta] = field(default_factory=list)
    scripts: list[Tag] = field(default_factory=list)
    head: int = -1
    frames: bool = False
    templates: int = 0

    def places(self, body: int, *, doctype: bool) -> Places:
        head = self.head if self.head >= 0 else body
        metas, scripts = tuple(self.metas), tuple(self.scripts)
        return Places(head, body, self.frames, metas, scripts, doctype)


def places_of(content: bytes, encoding: str = "utf-8") -> Places:
    """Return where a notice and tags go in a page, and what its head holds already."""
    seen = _Head()
    begin = 3 if content.startswith(codecs.BOM_UTF8) else 0
    at = begin
    for tag in tags(content, begin):
        words = _first_words(content, at, tag.start) if not seen.templates else -1
        if words >= 0:
            return seen.places(words, doctype=_has_doctype(content, words))
        if _opens_body(tag, seen):
            body = tag.end if tag.name == b"body" and not tag.closing else tag.start
            seen.frames = tag.name == b"frameset"
            if seen.head < 0:
                seen.head = tag.start
            return seen.places(body, doctype=_has_doctype(content, tag.start))
        _note(tag, seen, encoding)
        at = tag.past
    words = _first_words(content, at, len(content))
    end = words if words >= 0 else len(content)
    return seen.places(end, doctype=_has_doctype(content, end))


def _opens_body(tag: Tag, seen: _Head) -> bool:
    if seen.templates and tag.name != b"template":
        return False
    if tag.closing:
        return tag.name in (b"body", b"html", b"br")
    return tag.name not in (b"html", b"head") and tag.name not in _OF_HEAD


def _note(tag: Tag, seen: _Head, encoding: str) -> None:
    """Take down what a tag of the head tells."""
    if tag.name == b"template":
        seen.templates = max(0, seen.templates + (-1 if tag.closing else 1))
    elif tag.name == b"head" and tag.closing and seen.head < 0:
        seen.head = tag.start
    elif tag.closing or seen.templates:
        return
    elif tag.name == b"script":
        seen.scripts.append(tag)
    elif tag.name == b"meta":
        given = attributes(tag.attributes, encoding)
        name = given.get("name") or given.get("property") or ""
        seen.metas.append(Meta(tag.start, tag.end, name, given.get("content", "")))


def _first_words(content: bytes, at: int, end: int) -> int:
    """Return where between two tags the first words stand; -1 where there are none."""
    while True:
        at = _past_blank(content, at)
        if at >= end:
            return -1
        if content[at : at + 2] not in (b"<!", b"<?", b"</"):
            return at
        after = _past_other(content, at)
        if after < 0:
            return -1
        at = after


def _past_blank(content: bytes, at: int) -> int:
    blank = _BLANK.match(content, at)
    return blank.end() if blank else at


def _has_doctype(content: bytes, end: int) -> bool:
    return re.search(rb"<!doctype\s+html", content[:end], re.IGNORECASE) is not None


# --- Effort ---------------------------------------------------------------------------------------


def check_effort(path: Path, content: bytes) -> None:
    """Raise `LimitError` for a page that keeps a parser busy: elements, nesting, attributes.

    The parser looks up the open elements at every `div`: 200,000 nested ones took it two minutes,
    and 100,000 attributes of one tag 18 seconds.
    """
    nested: list[bytes] = []
    steps = elements = 0
    for closing, name, given in (found.groups(b"") for found in _EFFORT.finditer(content)):
        if not name:
            continue
        known = name.lower()
        if closing:
            _close(nested, known)
            continue
        elements += 1
        if elements > MAX_ELEMENTS:
            raise LimitError("kz.error.html-nodes", path=path, value=MAX_ELEMENTS)
        steps += len(nested)
        if steps > MAX_STEPS:
            raise LimitError("kz.error.html-depth", path=path, value=len(nested))
        if known not in _NOT_NESTING:
            nested.append(known)
        if len(given) > MAX_ATTRIBUTES and _many(given):
            raise LimitError("kz.error.html-attributes", path=path, value=MAX_ATTRIBUTES)


_ATTRIBUTES = rb"((?:[^>=]++|=[\t\n\f\r ]*+(?:\"[^\"]*+\"|'[^']*+'|(?![\"'])))*+)"
_EFFORT = re.compile(
    rb"<!--.*?(?:--!?>|\Z)"
    rb"|<(?:" + b"|".join(sorted(_RAW)) + rb")(?=[\t\n\f\r />])[^>]*+(?=>).*?(?:</(?:"
    + b"|".join(sorted(_RAW)) + rb")(?=[\t\n\f\r />])|\Z)"
    rb"|<(/?)([a-zA-Z][^\t\n\f\r />]*+)" + _ATTRIBUTES + rb"(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)  # fmt: skip
"""Tags, and what none are in, in one sweep; an estimate, unlike `tags`."""


def _many(text: bytes) -> bool:
    return sum(1 for _ in _ATTRIBUTE.finditer(text)) > MAX_ATTRIBUTES


def _close(nested: list[bytes], name: bytes) -> None:
    """Close the element that an end tag names, where that is certain; else it is open still."""
    for back in range(1, min(len(nested), _LOOKED_BACK) + 1):
        if nested[-back] == name:
            del nested[-back:]
            return
        if nested[-back] in _BARRIERS:
            return
