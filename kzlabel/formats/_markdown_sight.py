"""What of a Markdown text is not rendered: comments, definitions, titles, hidden elements.

Renderers differ in the HTML that they let through. What hides a notice in one that lets it all
through is taken as hidden; of what is not plain (`_markdown_plain`) nothing is known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kzlabel.formats._markdown_plain import plain_end
from kzlabel.formats._text_sight import HIDDEN, UNDETERMINED, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

_MATTER = re.compile(
    r"---[ \t]*\r?\n\s*(?:#|[^\s:][^\n:]*:\s)(?:[^\n]*\n)*?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)"
    r"|\+\+\+[ \t]*\r?\n(?:[^\n]*\n)*?\+\+\+[ \t]*(?:\r?\n|\Z)"
    r"|\{[ \t]*\r?\n[ \t]*\"(?:[^\n]*\n)*?\}[ \t]*(?:\r?\n|\Z)"  # Hugo's JSON
)
_TOKEN = re.compile(
    r"""
    ^\ {0,3}(?P<tick>`{3,}|~{3,})(?P<info>[^\n]*)
        (?:\n(?:.*?^\ {0,3}(?P=tick)[`~]*[ \t]*$|.*)|\Z)
  | (?P<spelt>(?<!`)(?P<ticks>`{1,3})(?!`)[^\n]{1,500}?(?<!`)(?P=ticks)(?!`))
  | (?P<unseen><!--.*?(?:-->|\Z) | <\?.*?(?:\?>|\Z) | <!\[CDATA\[.*?(?:\]\]>|\Z) | <![A-Za-z][^>]*>?
        | ^\ {0,3}\[[^\]\n]{1,999}\]:[^\n]*(?:\n[ \t]*["'(][^\n]*)?
        | !\[[^\]\n]{0,300}\](?:\([^)\n]{0,500}\))? | (?<=\])\([^)\n]{0,500}\)
        | \{%-?\s*comment.*?(?:endcomment\s*-?%\}|\Z) | \{::comment.*?(?:\{:/(?:comment)?\}|\Z)
        | ^%%.*?(?:%%|\Z))
  | (?P<tag></?(?P<name>[A-Za-z][A-Za-z0-9-]{0,30})(?=[\s/>])(?P<attributes>[^<>]{0,4000})>)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "source", "area", "col"})
_NOT_SHOWN = frozenset({
    "script", "style", "template", "title", "head", "noscript", "iframe", "object", "svg", "math",
    "select", "audio", "video", "canvas", "datalist", "dialog", "textarea", "details", "rp",
})  # fmt: skip
_HIDES = re.compile(
    r"""(?<![\w-])hidden(?![\w-])
      | (?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*\.?0*(?![\d.])
      | font-size\s*:\s*0*\.?0*(?![\d.])|color\s*:\s*transparent)""",
    re.IGNORECASE | re.VERBOSE,
)
_OPEN = re.compile(r"(?<![\w-])open(?![\w-])", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_TAG_END = re.compile(r"(</?([A-Za-z][A-Za-z0-9]*)[^<>]{0,4000})>")
_INLINE = frozenset({
    "a", "b", "i", "u", "em", "strong", "span", "code", "kbd", "small", "big", "sub", "sup", "mark",
    "font", "tt", "q", "s", "abbr", "cite", "time", "var", "samp", "ins", "del", "img", "wbr",
})  # fmt: skip
_EMPHASIS = re.compile(r"(?<!\w)_+|_+(?!\w)")
_DEEPEST = 100
_LONGEST_MATTER = 1 << 20


def front_matter(text: str) -> int:
    """Return where the front matter ends, with its line; 0 without any.

    A rule across the page looks the same; its first line tells: a key, or a comment.
    """
    found = _MATTER.match(text, 0, _LONGEST_MATTER)
    return found.end() if found else 0


def shown(text: str) -> str:
    """Return `text` with its escapes and its emphasis taken out, as long as it was."""
    text = _TAG_END.sub(_parted, _ESCAPED.sub("\u200b", text)).replace("&nbsp;", "\xa0     ")
    return _EMPHASIS.sub(lambda found: " " * len(found[0]), text)


def _parted(tag: re.Match[str]) -> str:
    """Return a tag with what it puts between words: a space, or a new line."""
    return tag[1] + (" " if tag[2].lower() in _INLINE else "\u2028")


def marks_of(text: str) -> list[Mark]:
    """Return what of `text` a reader does not see, and where that is not known."""
    start = front_matter(text)
    found = [Mark(0, start, HIDDEN)] if start else []
    elements = _Elements()
    for token in _TOKEN.finditer(text, start):
        if token["info"] is not None:
            found.append(Mark(token.start("info"), token.end("info"), HIDDEN))
        elif token["unseen"] is not None:
            found.append(Mark(token.start(), token.end(), HIDDEN))
        elif token["tag"] is not None:
            found.append(Mark(token.start(), token.end() - 1, HIDDEN))  # it parts words
            found += elements.met(token)
    found += elements.unclosed(len(text))
    found.append(Mark(plain_end(text, start), len(text), UNDETERMINED))
    return found


class _Elements:
    """The elements of raw HTML that are open, and what they do to the words in them."""

    def __init__(self) -> None:
        self._open: list[tuple[str, int, str]] = []

    def met(self, tag: re.Match[str]) -> Iterator[Mark]:
        """Yield what a tag makes known: an end tag closes what began before it."""
        name = tag["name"].lower()
        if tag[0].startswith("</"):
            at = next((i for i in range(len(self._open))[::-1] if self._open[i][0] == name), None)
            closed = self._open[at:] if at is not None else []
            del self._open[len(self._open) - len(closed) :]
            yield from (Mark(start, tag.start(), code) for _, start, code in closed if code)
        elif name not in _VOID and len(self._open) < _DEEPEST:
            self._open.append((name, tag.end(), _code_of(name, tag["attributes"])))

    def unclosed(self, end: int) -> Iterator[Mark]:
        """Yield what is open at the end of the text."""
        yield from (Mark(start, end, code) for _, start, code in self._open if code)


def _code_of(name: str, attributes: str) -> str:
    if name == "details" and _OPEN.search(attributes):
        return ""
    return HIDDEN if name in _NOT_SHOWN or _HIDES.search(attributes) else ""
