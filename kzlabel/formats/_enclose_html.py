"""Manifests in HTML (C2PA 2.4, A.7): a `script` element in the head that no browser runs.

    <script type="application/c2pa">BASE64 OF THE STORE</script>

The exclusion (A.7.1.3) is the element, from its first byte to its last; nothing is normalised. A
`link rel="c2pa-manifest"` names a store that lies elsewhere, and is covered by the hash like all
else. Elements are found as a browser finds them: not in comments, not in text that is raw to it
(`textarea`, `style`, another `script`, …), not in a `template`; one that stands outside the head
was moved there, and its hash will say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from kzlabel.formats._enclosed import armoured, cleared, no_place, only_one, unarmoured
from kzlabel.model import Enclosed

OPEN = b'<script type="application/c2pa">'
CLOSE = b"</script>"
MULTIPLE = "manifest.html.multipleManifests"
MALFORMED = "kz.manifest.malformed-element"

_OF_ENCLOSURES = frozenset({b"script", b"link"})
_MEDIA_TYPE = b"application/c2pa"
_RELATION = "c2pa-manifest"
_LONGEST_URL = 2000
_COMMENT = rb"<!--(?:>|->|.*?(?:--!?>|\Z))|<[!?][^>]*+>?"
_TOKEN = re.compile(
    _COMMENT + rb"|<(/?)([a-zA-Z][^\s/>]*+)((?:[^>\"']++|\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))*+)>?",
    re.DOTALL,
)
"""Comments, declarations, tags; possessive, so that no byte is met twice."""
_ATTRIBUTE = re.compile(
    rb"([^\s=/\"'>][^\s=/>]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"?|'([^']*+)'?|([^\s>]++)))?"
)
_RAW = {
    b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes",
    b"plaintext",
}  # fmt: skip
_OF_HEAD = {
    b"base", b"basefont", b"bgsound", b"link", b"meta", b"noframes", b"noscript", b"script",
    b"style", b"template", b"title",
}  # fmt: skip
"""Elements that leave the parser in the head (HTML 13.2.6.4.4)."""
_ATTRIBUTES = rb"(?:[^>\"']++|\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))*+>?"
_WORDS = re.compile(rb"(?:[^<]++|<(?![!?]|/?[a-zA-Z]))*+")
_OTHERS = re.compile(
    rb"(?:[^<]++|<(?![!?]|/?(?:template|" + b"|".join(sorted(_RAW | _OF_ENCLOSURES))
    + rb")(?:[\s/>]|\Z))(?:/?[a-zA-Z][^\s/>]*+" + _ATTRIBUTES + rb")?)*+",
    re.IGNORECASE,
)  # fmt: skip
"""What is passed over at once: words, and tags that neither enclose nor change what tags mean."""
_BLANK = re.compile(rb"(?:\s|" + _COMMENT + rb")*+", re.DOTALL)
_PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s*+(?:" + _COMMENT + rb"))*+", re.DOTALL)
"""What comes before the first element; anything before the document type would change the page."""


@dataclass(frozen=True)
class _Tag:
    """A tag that a browser sees, and where it stands."""

    name: bytes
    start: int
    end: int
    """Past the element where its content is raw, else past the tag."""
    attributes: bytes = b""
    closing: bool = False
    inert: bool = False
    """Inside a template."""

    def attribute(self, name: str) -> str | None:
        for match in _ATTRIBUTE.finditer(self.attributes):
            if match[1].decode("latin-1").lower() == name:
                given = match[2] or match[3] or match[4] or b""
                return unescape(given.decode(errors="replace")).strip()
        return None


class HtmlEnclosure:
    """C2PA's `script` element."""

    least = 0
    """Nobody reads the source of a page, and pages are seldom short."""

    def enclose(self, content: bytes, store: bytes) -> tuple[bytes, Enclosed]:
        kept = cleared(content, self.enclosed(content))
        element = OPEN + armoured(store) + CLOSE
        start = _end_of_head(kept)
        made = kept[:start] + element + kept[start:]
        enclosed = Enclosed(start=start, length=len(element), store=store)
        if enclosed not in self.enclosed(made):
            raise no_place("unended")
        return made, enclosed

    def agreed(self, store: bytes) -> bool:  # noqa: ARG002  the contract's
        return True

    def enclosed(self, content: bytes) -> Sequence[Enclosed]:
        if b"c2pa" not in content.lower():
            return ()
        tags = _tags(content, _OF_ENCLOSURES)
        found = (_enclosed_by(tag, content) for tag in tags if not tag.inert)
        return only_one(tuple(one for one in found if one), MULTIPLE)

    def bound(self, content: bytes, exclusion: tuple[int, int]) -> bytes:
        start, length = exclusion
        return content[:start] + content[start + length :]


def _enclosed_by(tag: _Tag, content: bytes) -> Enclosed | None:
    """Return what a tag encloses or refers to; None where it is no business of C2PA's."""
    if tag.closing:
        return None
    if tag.name == b"script":
        if (tag.attribute("type") or "").lower().encode() != _MEDIA_TYPE:
            return None
        element = content[tag.start : tag.end]
        inner = element.removeprefix(OPEN).removesuffix(CLOSE)
        store = unarmoured(inner) if len(inner) + len(OPEN + CLOSE) == len(element) else b""
        failure = "" if store else MALFORMED
        return Enclosed(start=tag.start, length=len(element), store=store, failure=failure)
    relations = (tag.attribute("rel") or "").lower().split()
    if _RELATION not in relations:
        return None
    url = (tag.attribute("href") or "")[:_LONGEST_URL]
    failure = "" if url else MALFORMED
    return Enclosed(start=tag.start, length=tag.end - tag.start, url=url, failure=failure)


def _tags(content: bytes, wanted: frozenset[bytes] | None = None) -> Iterator[_Tag]:
    """Give the tags that a browser sees, each once; only those `wanted`, where that is said."""
    templates, at = 0, 0
    others = _OTHERS if wanted is not None else _WORDS
    while skipped := others.match(content, at):
        match = _TOKEN.match(content, skipped.end())
        if match is None:
            return
        at = match.end()
        if match[2] is None:
            continue
        name, closing = match[2].lower(), bool(match[1])
        if name in _RAW and not closing:
            at = _past_raw(content, at, name)
        if wanted is None or name in wanted:
            yield _Tag(name, match.start(), at, match[3], closing, inert=templates > 0)
        if name == b"template":
            templates = max(0, templates + (-1 if closing else 1))


def _past_raw(content: bytes, at: int, name: bytes) -> int:
    """Return where an element ends whose content is raw: past its end tag, or with the file."""
    if name == b"plaintext":
        return len(content)
    ended = re.compile(rb"</" + name + rb"(?=[\s/>])[^>]*+>", re.IGNORECASE).search(content, at)
    return ended.end() if ended else len(content)


def _end_of_head(content: bytes) -> int:
    """Return where the last element of the head goes, in a page with a head or without.

    That is after all the head has: what tells the page's encoding must come in its first KiB.
    """
    prologue = _PROLOGUE.match(content)
    end = prologue.end() if prologue else 0
    for tag in _tags(content):
        if not _BLANK.fullmatch(content, end, tag.start):
            break  # words: the body has begun
        if tag.name == b"head" and tag.closing and not tag.inert:
            return tag.start
        opens = tag.name in (b"html", b"head") and not tag.closing
        if not (opens or tag.inert or tag.name in _OF_HEAD):
            break
        end = tag.end
    return end
