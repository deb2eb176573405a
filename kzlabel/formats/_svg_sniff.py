"""Whether a file is an SVG, by its first element."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_SKIPPED = (("<!--", "-->"), ("<?", "?>"))
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?svg[\s/>]")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>")
_GZIP = b"\x1f\x8b"


def is_svg(head: bytes, path: Path) -> bool:
    """Whether the first element in `head` is `svg`; declaration, comments, doctype passed over.

    A gzip file named `.svgz` is recognised too, so that it can be refused by name.
    """
    if head.startswith(_GZIP):
        return path.suffix.lower() == ".svgz"
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "utf-8")
    text = head.decode(encoding, "replace").lstrip("\ufeff")
    at = 0
    while True:
        at += len(text[at : at + 4096]) - len(text[at : at + 4096].lstrip())
        if _ROOT.match(text, at):
            return True
        after = _after(text, at)
        if after is None:
            return False
        at = after


def _after(text: str, at: int) -> int | None:
    """Return where a comment, instruction or doctype that begins at `at` ends."""
    for opening, closing in _SKIPPED:
        if text.startswith(opening, at):
            end = text.find(closing, at + len(opening))
            return end + len(closing) if end >= 0 else None
    found = _DOCTYPE.match(text, at)
    return found.end() if found else None
