r"""What of Markdown is plain: whatever renders it, and with whatever extensions, shows its words.

Renderers differ: braces are attributes to one and a template's to another, `$` is mathematics,
`%%` a comment, a table drops what has no column. So only what is known is plain: paragraphs,
headings, lists, quotations, emphasis, links, a few tags. From the block of the first thing that is
not, nothing is known; and nowhere, where a style sheet, a script or a style out of the ordinary is
anywhere in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

_PLAIN_TAG = r"""
    /?(?:b|i|u|em|strong|br|a|p|div|center|h[1-6])
    (?:\s{1,9}(?:align|href|id|name|rel|target)\s{0,9}=\s{0,9}
       (?:"[^"<>&]{0,500}"|'[^'<>&]{0,500}'|[\w./:\#-]{1,200})){0,6}
    \s{0,9}/?>
"""
_NOT_PLAIN = re.compile(
    rf"""
    [{{}}$] | %% | ^[ ]{{0,3}}% | ~~ | ``` | \|\| | >!
  | \]: | \]\[ | \[[\[^!] | \^\[ | !\[ | \]\((?![^\s()<>"'\\&]{{0,500}}\))
  | ^(?:[ ]{{4}}|[ ]{{0,3}}\t) | ^[ ]{{0,3}}(?:\?\?\?|:::|///) | ^(?:import|export)\b
  | ^(?:[ ]{{0,3}}(?:[>*+-]|\d{{1,9}}[.)])){{5}}
  | \|[ \t]{{0,9}}:?- | -:?[ \t]{{0,9}}\|
  | \\[A-Za-z\[(]
  | &(?!(?:nbsp|amp|lt|gt|quot|middot|mdash|ndash|laquo|raquo|copy);)\#?\w{{1,40}};
  | <(?=[A-Za-z/!?])(?!{_PLAIN_TAG})
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_HEADED = re.compile(r"\s*(?:---|\+\+\+|;;;|[A-Za-z][\w -]{0,60}:[ \t])")
"""May be front matter, or a field of it, to a program other than those `front_matter` knows."""
_PROPERTY = (
    r"\s*(?:text-align|color|background(?:-color)?|(?:max-|min-)?(?:width|height)|border[a-z-]*"
    r"|padding[a-z-]*|margin[a-z-]*|font-(?:size|weight|style|family)|line-height|display"
    r"|vertical-align|float|white-space|object-fit|box-sizing|text-decoration|opacity)"
    r"\s*:[\w\s#.,%]{0,200}"
)
_PLAIN_STYLE = rf"{_PROPERTY}(?:;{_PROPERTY}){{0,20}};?\s*"
_STYLED = re.compile(
    r"<(?:style|script|link|body|html|meta|base|frameset|dialog)\b|[\s/\"']popover\b"
    r"|<[^<>]{1,4000}\son[a-z]{2,30}\s*=|[\s/\"']on[a-z]{3,24}="
    rf"|[\s/\"']style\s{{0,9}}=\s{{0,9}}(?:\"(?!{_PLAIN_STYLE}\")|'(?!{_PLAIN_STYLE}')|[\w-]+:)",
    re.IGNORECASE,
)
_MOST_STYLED = 1000
_FENCE = re.compile(r"^( {0,3})(`{3,}|~{3,})([^\n]*)", re.MULTILINE)
_RAW = re.compile(
    r"<(?:pre|textarea|\?|!--(?!(?:[^-]|-(?!->)){0,2000}+-->)|![\[A-Za-z])", re.IGNORECASE
)
"""Begins HTML that an empty line does not end (CommonMark, 4.6, conditions 1 to 5)."""
_SPAN = re.compile(r"(?<!`)`[^`\n]{1,500}`(?!`)")
_IN_SPAN = re.compile(r"[^`<\\]*`[^`<\\\n]*")
_LONGEST_BLOCK = 5000


def plain_end(text: str, start: int) -> int:
    """Return how far `text`, whose front matter ends at `start`, is plain: all, or to a block."""
    goes_on = text.endswith(("...", "...\n"), 0, start) and "\n---" in text[start:]
    if goes_on or _HEADED.match(text, start):
        return start
    found = _NOT_PLAIN.search(text, start)
    return max(start, _block_of(text, found.start())) if found else len(text)


def _block_of(text: str, at: int, last: int = 0) -> int:
    """Return where the block begins that has the character at `at`; `last` at the earliest."""
    return max(last, text.rfind("\n\n", last, at) + 1)


def is_styled(text: str) -> bool:
    """Whether a style sheet, a script or an element out of its place may hide or cover words."""
    code: _Code | None = None
    for count, found in enumerate(_STYLED.finditer(text)):
        code = code or _code_in(text)
        if count > _MOST_STYLED or not code.has(text, found.start()):
            return True
    return False


class _Code(NamedTuple):
    """Where a text is code, and how far that is known."""

    edges: tuple[int, ...]
    """Where fenced code begins and ends, by turns."""
    end: int

    def has(self, text: str, at: int) -> bool:
        """Whether the character at `at` is certainly code, fenced or amid a line."""
        if bisect_right(self.edges, at) % 2:
            return True
        start = _block_of(text, at, max(0, at - _LONGEST_BLOCK))
        if at > self.end or at - start == _LONGEST_BLOCK:
            return False
        before = _SPAN.sub("", text[start:at])
        rest = text[at : at + _LONGEST_BLOCK].partition("\n")[0]
        return bool(_IN_SPAN.fullmatch(before)) and "`" in rest


def _code_in(text: str) -> _Code:
    """Read the fences up to the first that another reader may read in another way."""
    edges: list[int] = []
    opened, last = "", 0
    for fence in _FENCE.finditer(text):
        indent, mark, info = fence.groups()
        if opened and not _closes(opened, mark, info):
            continue
        if not opened:
            raw = _RAW.search(text, last, fence.start())
            block = text[_block_of(text, fence.start(), last) : fence.start()]
            if raw or indent or "`" in info or "<" in block:
                return _Code(tuple(edges), raw.start() if raw else fence.start())
        opened = "" if opened else mark
        edges.append(fence.start())
        last = fence.end()
    raw = None if opened else _RAW.search(text, last)
    return _Code(tuple(edges), raw.start() if raw else len(text))


def _closes(opened: str, mark: str, info: str) -> bool:
    return mark[0] == opened[0] and len(mark) >= len(opened) and not info.strip()
