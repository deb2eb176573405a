"""An HTML page as read: its bytes, its encoding, its places; and splicing into it.

The encoding is found as browsers find it (HTML 13.2.3.2): a byte order mark, a `meta` in the first
1,024 bytes, else UTF-8 where the bytes are that and windows-1251 where not. What is spliced in is
ASCII with character references wherever the page does not say UTF-8 itself, so that no guess about
the encoding, ours or a browser's, can garble it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from kzlabel.errors import LimitError
from kzlabel.formats._html_scan import MAX_BYTES, Places, attributes, places_of, tags

UTF8 = "utf-8"
_PRESCANNED = 1024
_UTF16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAME = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "gb2312": "gbk", "shift_jis": "cp932", "euc_kr": "cp949", "tis-620": "cp874",
    "utf-16": UTF8, "utf-16-le": UTF8, "utf-16-be": UTF8,
}  # fmt: skip
"""Python's name of an encoding -> the one browsers take for it: https://encoding.spec.whatwg.org."""
_KNOWN = re.compile(
    r"utf-8|cp125\d|cp866|cp874|cp932|cp949|koi8-[ru]|iso8859-\d+|mac-(?:roman|cyrillic)|gbk"
    r"|gb18030|big5|euc_jp|iso2022_jp"
)
_LABELS = re.compile(
    r"utf-?8|utf-16(?:le|be)?|(?:windows|cp|x-cp)-?125\d|windows-874|ibm866|cp866|koi8-[ru]|gbk"
    r"|us-ascii|ascii|latin1|iso-8859-(?:[1-8]|1[03-6])|macintosh|x-mac-cyrillic|gb2312|gb18030"
    r"|big5|euc-jp|euc-kr|shift_jis|iso-2022-jp"
)
"""Names that browsers take for the encodings that Python takes them for."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s;\"']+)", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]+)", re.IGNORECASE)


class Edit(NamedTuple):
    """Bytes that take the place of others."""

    start: int
    end: int
    text: bytes


@dataclass(frozen=True)
class Page:
    """A page, read whole."""

    path: Path
    content: bytes
    encoding: str
    declared: bool
    """The page itself says what its encoding is."""

    @property
    def is_garbled(self) -> bool:
        """It names an encoding that is not known here: what a browser makes of it is not either."""
        if self.content.startswith((codecs.BOM_UTF8, *(bom for bom, _ in _UTF16))):
            return False
        named = (label.strip().lower() for label in _labels(self.content[:_PRESCANNED]))
        return any(label and not _LABELS.fullmatch(label) for label in named)

    @property
    def wide(self) -> bool:
        """In UTF-16, which has no ASCII to splice into."""
        return self.encoding.startswith("utf-16")

    @property
    def is_xml(self) -> bool:
        """A server may give it to an XML parser, which shows nothing of what is not well formed."""
        return self.path.suffix.lower() == ".xhtml" or self.text.lstrip("\ufeff").startswith(
            "<?xml"
        )

    @cached_property
    def text(self) -> str:
        """The page's characters."""
        return self.content.decode(self.encoding, "replace").removeprefix("\ufeff")

    @cached_property
    def places(self) -> Places:
        """Where things go; for UTF-16 these are offsets in its UTF-8 form."""
        if self.wide:
            return places_of(self.text.encode(UTF8, "replace"))
        return places_of(self.content, self.encoding)

    def encoded(self, text: str) -> bytes:
        """Return markup as bytes that say the same whatever a browser takes the page for."""
        if self.declared and self.encoding == UTF8:
            return text.encode()
        return text.encode("ascii", "xmlcharrefreplace")

    def edited(self, edits: list[Edit]) -> bytes:
        """Return the page with `edits`, none of which overlap, at one place in the order given."""
        pieces, at = [], 0
        for edit in sorted(edits, key=lambda edit: edit[:2]):
            pieces += [self.content[at : edit.start], edit.text]
            at = edit.end
        return b"".join((*pieces, self.content[at:]))


def read_page(path: Path, limit: int = MAX_BYTES) -> Page:
    """Read a page; raises `LimitError` for one of more than `limit` bytes."""
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise LimitError("kz.error.html-bytes", path=path, value=limit >> 20)
    return page_of(path, content)


def read_head(path: Path, limit: int) -> Page:
    """Read the first `limit` bytes of a page."""
    with path.open("rb") as file:
        return page_of(path, file.read(limit))


def page_of(path: Path, content: bytes) -> Page:
    """Return the page that `content` is."""
    marked = next((name for bom, name in _UTF16 if content.startswith(bom)), None)
    if marked is None and content.startswith(codecs.BOM_UTF8):
        marked = UTF8
    declared = marked or _declared(content[:_PRESCANNED])
    return Page(path, content, declared or _guessed(content), declared is not None)


def _declared(head: bytes) -> str | None:
    """Return the encoding that a `meta`, or XML's declaration, names."""
    if _XML.match(head):
        return _codec(next(_labels(head)))
    return next(filter(None, map(_codec, _labels(head))), None)


def _labels(head: bytes) -> Iterator[str]:
    """Give what the page says that its encoding is."""
    if xml := _XML.match(head):
        yield xml[1].decode("ascii")
    for tag in tags(head):
        if tag.name == b"meta" and not tag.closing:
            given = attributes(tag.attributes, "latin-1")
            named = given.get("charset", "")
            if not named and given.get("http-equiv", "").lower() == "content-type":
                found = _CHARSET.search(given.get("content", ""))
                named = found[1] if found else ""
            yield named


def _codec(label: str) -> str | None:
    try:
        name = codecs.lookup(label.strip()).name if label.isascii() else ""
    except (LookupError, ValueError):
        return None
    name = _SAME.get(name, name)
    return name if _KNOWN.fullmatch(name) else None


def _guessed(content: bytes) -> str:
    """Return UTF-8 where the bytes are that; a character may be cut off at the end."""
    decoder = codecs.getincrementaldecoder(UTF8)()
    try:
        decoder.decode(content)
    except UnicodeDecodeError:
        return "cp1251"
    return UTF8
