"""What a page tells machines: `meta` of its head, `ai-disclosure` attributes, JSON-LD scripts.

As a browser finds them: not in comments, not in `template`, whose content is no part of the
document (HTML 4.12.3), and of scripts only `application/ld+json`. The page is scanned beyond its
head only where one of the words stands in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from kzlabel import _ai_properties as names
from kzlabel.formats._html_page import UTF8
from kzlabel.formats._html_scan import Tag, attributes, tags
from kzlabel.formats._json_ld import declarations
from kzlabel.formats._repeats import gathered
from kzlabel.formats._unread import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kzlabel.formats._html_page import Page
    from kzlabel.model import Tags

FAMILY = "html-meta"
ATTRIBUTES, JSON_LD = "html-attr", "json-ld"
MOST_METAS = 20_000
MOST_ELEMENTS = 300_000
MOST_SCRIPTS = 256
_OURS = {name.lower(): name for name in names.FAMILIES[FAMILY].values()}
_DISCLOSURE = b"ai-disclosure"
_SCRIPT = b"application/ld+json"
_ROOTS = (b"html", b"body")
_TOLD = ("ai-disclosure", "ai-model", "ai-provider")


def page_tags(page: Page) -> Tags:
    """Return the tags of a page, by family."""
    if len(page.places.metas) > MOST_METAS:
        cut(FAMILY)
    metas = ((_OURS.get(m.name.lower(), m.name), m.content) for m in page.places.metas[:MOST_METAS])
    found = {FAMILY: gathered(metas)}
    content = page.text.encode(UTF8, "replace") if page.wide else page.content
    lower = content.lower()
    if _DISCLOSURE in lower or _SCRIPT in lower:
        seen = _seen(content, UTF8 if page.wide else page.encoding)
        found |= {ATTRIBUTES: gathered(seen.disclosed), JSON_LD: gathered(seen.declared)}
    return {family: held for family, held in found.items() if held}


@dataclass
class _Seen:
    """What a page was seen to say."""

    encoding: str
    disclosed: list[tuple[str, str]] = field(default_factory=list)
    declared: list[tuple[str, str]] = field(default_factory=list)
    scripts: int = 0
    templates: int = 0


def _seen(content: bytes, encoding: str) -> _Seen:
    seen = _Seen(encoding)
    for tag in islice(tags(content), MOST_ELEMENTS):
        if tag.name == b"template":
            seen.templates = max(0, seen.templates + (-1 if tag.closing else 1))
        elif tag.closing or seen.templates:
            continue
        elif tag.name == b"script":
            _note_script(content, tag, seen)
        elif _DISCLOSURE in tag.attributes.lower():
            seen.disclosed += _disclosed(tag, encoding)
    return seen


def _note_script(content: bytes, tag: Tag, seen: _Seen) -> None:
    kind = attributes(tag.attributes, seen.encoding).get("type", "")
    if kind.partition(";")[0].strip().lower().encode() != _SCRIPT:
        return
    seen.scripts += 1
    if seen.scripts > MOST_SCRIPTS:
        cut(JSON_LD)
        return
    end = content.rfind(b"</", tag.end, tag.past)
    seen.declared += declarations(content[tag.end : max(end, tag.end)], seen.encoding)


def _disclosed(tag: Tag, encoding: str) -> Iterator[tuple[str, str]]:
    """Give what an element says of itself; `root:` before it on the elements that are the page."""
    given = attributes(tag.attributes, encoding)
    if given.get(_TOLD[0]):
        place = "root:" if tag.name in _ROOTS else ""
        yield from ((place + name, given[name]) for name in _TOLD if name in given)
