"""Whether a file is HTML: by its first tag, or by its name where it holds any markup at all.

What browsers do is https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type;
theirs takes `<a`, `<b` and `<p` for HTML too, which Markdown may begin with: those need the name.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".html", ".htm", ".xhtml")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
         (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_SKIPPED = ((b"<!--", b"-->"), (b"<?", b">"))
_FIRST = re.compile(rb"<(?:!doctype\s+html|(?:html|head|body|frameset)(?=[\s/>]))", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!doctype\s", re.IGNORECASE)
_ANY = re.compile(rb"<(?:!--|/?[a-z][a-z0-9]*[\s/>])", re.IGNORECASE)
_SPACE = re.compile(rb"[\t\n\f\r ]*+")


def is_html(head: bytes, path: Path) -> bool:
    """Whether `head` begins as HTML, or is marked up and named so; other XML is not HTML."""
    text = _as_bytes(head)
    if b"\0" in text[:1024]:
        return False
    at = _past_comments(text)
    if _FIRST.match(text, at):
        return True
    if path.suffix.lower() not in SUFFIXES or text.startswith(b"<?xml"):
        return False
    if _DOCTYPE.match(text, at) or re.match(rb"<svg[\s>]", text[at : at + 5], re.IGNORECASE):
        return False
    return _ANY.search(text) is not None


def _as_bytes(head: bytes) -> bytes:
    """Return `head` in an encoding that has ASCII, without its byte order mark."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return head[len(bom) :].decode(encoding, "replace").encode("utf-8", "replace")
    return head


def _past_comments(text: bytes) -> int:
    """Return where the first thing stands that is no white space, comment or instruction."""
    at = 0
    while True:
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing too
        for opening, closing in _SKIPPED:
            if text.startswith(opening, at):
                end = text.find(closing, at + len(opening))
                at = end + len(closing) if end >= 0 else len(text)
                break
        else:
            return at
