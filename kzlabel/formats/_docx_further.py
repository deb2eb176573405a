"""Where else a Word document speaks: the footer of its first page, and all of its body.

A footer is seen with its page, however much stands above it. What is further down than the first
page is looked at only to tell a notice there from none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kzlabel.formats._docx_sections import child, is_on, value
from kzlabel.formats._ooxml_office import local, related_id
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from kzlabel.formats._docx_sections import Sections
    from kzlabel.formats._ooxml_office import Office
    from kzlabel.formats._xml_splice import Element

ENOUGH = 200_000
"""Elements of the body that are looked at."""
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t"}
_GONE = frozenset(("del", "moveFrom"))


def first_footer(office: Office, sections: Sections) -> str:
    """Return the part that the first page shows as its footer, or ""."""
    section = next((one for one in sections.body.walk() if local(one.name) == "sectPr"), None)
    if section is None:
        return ""
    wanted = "first" if is_on(child(section, "titlePg")) else "default"
    parts = {relation.id: relation.target for relation in office.related(office.main, "footer")}
    named = (
        parts.get(related_id(element), "")
        for element in section.children
        if local(element.name) == "footerReference" and value(element, "default", "type") == wanted
    )
    return next(named, "")


def all_words(office: Office) -> Iterator[Run]:
    """Yield the paragraphs of the body, whatever page they are on and however they are seen."""
    for element in office.xml(office.main, enough=ENOUGH).root.walk():
        if local(element.name) == "p":
            yield Run(f"{''.join(_texts(element))}\n")


def _texts(paragraph: Element) -> Iterator[str]:
    waiting = list(reversed(list(paragraph.children)))
    while waiting:
        element = waiting.pop()
        name = local(element.name)
        if name == "t":
            yield element.text
        elif name in _BREAKS:
            yield _BREAKS[name]
        elif name not in _GONE and name != "p":
            waiting += reversed(list(element.children))
