"""What is written into a page: the banner that people read, and what machines read.

* `<div role="note">`: WAI-ARIA 1.2, 5.4: a section whose content is ancillary to the resource, read
  aloud as such. Each language in a child with its own `lang` (HTML 3.2.6.2): it chooses the voice.
  Its style is inline and `!important`: nothing an author's style sheet says of it counts over that
  (CSS Cascade 5, 6.1). `all: initial` undoes what it would inherit; the rest is a black text of
  18 px on white, in the flow, above what else is positioned. Where `body` lays out its children in
  a row or in the middle (flex, grid) it lies at the top of the page instead.
* `<meta name="ai-disclosure">`: W3C community group "AI Content Disclosure" (WICG proposals #261):
  `ai-generated` or `ai-assisted` for the whole page. A proposal; no browser acts on it yet.
* JSON-LD: https://schema.org/digitalSourceType, by schema.org's own term and the URI of the IPTC
  that it stands for; the system as `creator`, the provider as `publisher`.
* `<meta name="DIGITALSOURCETYPE">` and so on: the names of IPTC as free fields (`_ai_properties`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape

from kzlabel import _ai_properties as names
from kzlabel.formats._html_page import UTF8, Edit, Page
from kzlabel.model import Notice, Statement
from kzlabel.notices.words import words

DISCLOSURE = "ai-disclosure"
_LEVELS = {Statement.CREATED: "ai-generated", Statement.MODIFIED: "ai-assisted"}
_TERMS = {
    Statement.CREATED: "TrainedAlgorithmicMediaDigitalSource",
    Statement.MODIFIED: "CompositeWithTrainedAlgorithmicMediaDigitalSource",
}
_LOOK = {
    "all": "initial", "display": "block", "position": "relative", "z-index": "2147483647",
    "visibility": "visible", "opacity": "1", "margin": "0", "padding": "12px 16px",
    "border": "2px solid #000", "background": "#fff", "color": "#000",
    "font": "600 18px/1.4 sans-serif", "text-align": "start", "direction": "ltr",
    "unicode-bidi": "isolate",
}  # fmt: skip
_ON_TOP = {"position": "absolute", "top": "0", "left": "0", "right": "0"}
_LINE = {"all": "unset", "display": "block"}
_OPENING = '<div role="note" data-kzlabel="notice" style="'
_OURS = re.compile(
    re.escape(_OPENING.encode()) + rb"[^\"<>]*+\">"
    rb"(?:<div lang=\"[a-z]{2}\" style=\"[^\"<>]*+\">[^<>]*+</div>)++</div>\n?"
)
_JSON_LD = '<script type="application/ld+json" data-kzlabel="label">'


def banner(notice: Notice, *, on_top: bool) -> str:
    """Return the notice as markup, the same in HTML and in XML."""
    look = _style(_LOOK | (_ON_TOP if on_top else {}))
    said = words(notice.statement, notice.languages)
    lines = "".join(
        f'<div lang="{language}" style="{_style(_LINE)}">{escape(line.long)}</div>'
        for language, line in zip(notice.languages, said, strict=True)
    )
    return f'{_OPENING}{look}">{lines}</div>\n'


def _style(declarations: Mapping[str, str]) -> str:
    return ";".join(f"{name}:{value}!important" for name, value in declarations.items())


def earlier_banner(page: Page) -> Edit | None:
    """Return the edit that takes away a banner of ours that stands first in the body."""
    found = _OURS.match(page.content, page.places.body)
    return Edit(found.start(), found.end(), b"") if found else None


def declarations(page: Page, statement: Statement, said: Mapping[str, str]) -> list[Edit]:
    """Return the edits that tell machines what the page is; those of an earlier label go.

    `said` is what the label says of system and provider, by concept of `_ai_properties`.
    """
    gone = [
        _removed(page, script.start, script.past)
        for script in page.places.scripts
        if page.content.startswith(_JSON_LD.encode(), script.start)
    ]
    lines = meta(DISCLOSURE, _LEVELS[statement]) + _json_ld(page, statement, said)
    at = page.places.head
    return [*gone, *without_metas(page, {DISCLOSURE}), Edit(at, at, page.encoded(lines))]


def meta(name: str, content: str) -> str:
    """Return one `meta` element on a line of its own."""
    return f'<meta name="{escape(name)}" content="{escape(content)}"/>\n'


def without_metas(page: Page, known: set[str]) -> list[Edit]:
    """Return the edits that take away the `meta` elements of these names."""
    lower = {name.lower() for name in known}
    held = page.places.metas
    return [_removed(page, one.start, one.end) for one in held if one.name.lower() in lower]


def _removed(page: Page, start: int, end: int) -> Edit:
    return Edit(start, end + page.content.startswith(b"\n", end), b"")


def _json_ld(page: Page, statement: Statement, said: Mapping[str, str]) -> str:
    work: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "digitalSourceType": [
            f"https://schema.org/{_TERMS[statement]}", statement.digital_source_type
        ],
    }  # fmt: skip
    if system := said.get(names.SYSTEM):
        version = said.get(names.SYSTEM_VERSION)
        work["creator"] = {"@type": "SoftwareApplication", "name": system}
        work["creator"] |= {"softwareVersion": version} if version else {}  # type: ignore[operator]
    if provider := said.get(names.PROVIDER):
        work["publisher"] = {"@type": "Organization", "name": provider}
    if label_id := said.get(names.LABEL_ID):
        work["identifier"] = label_id
    plain = not (page.declared and page.encoding == UTF8)
    text = json.dumps(work, ensure_ascii=plain, separators=(",", ":"))
    for character in "<>&":  # an end tag in it would end it; XML takes none of them plain
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"{_JSON_LD}{text}</script>\n"
