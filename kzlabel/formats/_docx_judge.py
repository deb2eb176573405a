"""What people see of a Word document: the first page's words, or the headers of all pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kzlabel.formats._docx_sections import Sections, child, sections_of, value
from kzlabel.formats._docx_styles import Styles, styles_of
from kzlabel.formats._docx_walk import TWIPS, Walk
from kzlabel.formats._ooxml_ink import HIDDEN, PERCEIVABLE, UNDETERMINED, WHITE, colour_of, worst
from kzlabel.formats._ooxml_room import Looked
from kzlabel.model import NoticeStyle
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel.formats._ooxml_office import Office
    from kzlabel.formats._xml_splice import Element

ENOUGH = 20_000
"""Elements of the body that are read: its first page has a few hundred."""
_HEIGHT, _MARGIN = 15_840, 1_440
"""Twips of a page that does not say: US Letter, one inch."""


def pages_of(office: Office, style: NoticeStyle) -> Looked:
    """Return where a notice of that style is sought."""
    sections = sections_of(office)
    styles = replace(styles_of(office), ground=_ground(office, sections))
    if style is NoticeStyle.PAGES:
        return Looked(_headers(office, sections, styles))
    first = sections.shown[0][-1]  # of the first page, where the section has one
    head = _header(office, first, styles) if first else []
    unseen = [
        Run(run.text, worst(run.code, HIDDEN))
        for part in sections.hidden
        for run in _header(office, part, styles)
    ]
    return Looked([[*head, *_body(office, sections, styles), *unseen]])


def _headers(office: Office, sections: Sections, styles: Styles) -> Iterator[Sequence[Run]]:
    for section in sections.shown:
        for part in section:
            yield _header(office, part, styles) if part else []


def _header(office: Office, part: str, styles: Styles) -> list[Run]:
    walk = Walk(styles)
    walk.read(office.xml(part, enough=ENOUGH).root)
    return _uncovered(walk, 0.0)


def _body(office: Office, sections: Sections, styles: Styles) -> list[Run]:
    height, margin = _page(sections)
    walk = Walk(styles, sections.continuous, height)
    walk.read(office.xml(office.main, enough=ENOUGH).root)
    return _uncovered(walk, margin)


def _uncovered(walk: Walk, margin: float) -> list[Run]:
    """Return the runs, those doubted that something floating may lie over."""
    return [
        replace(run, code=worst(run.code, _cover(walk, height, margin)))
        for run, height in zip(walk.runs, walk.heights, strict=True)
    ]


def _cover(walk: Walk, height: float, margin: float) -> str:
    covered = any(anchor.may_cover(height, margin) for anchor in walk.anchors)
    return UNDETERMINED if covered else PERCEIVABLE


def _page(sections: Sections) -> tuple[float, float]:
    """Return the height of the first page's text and the margin above it, in points."""
    first = next(iter(_marks(sections)), None)
    tall = _twips(child(first, "pgSz"), "h", _HEIGHT)
    top = abs(_twips(child(first, "pgMar"), "top", _MARGIN))
    bottom = abs(_twips(child(first, "pgMar"), "bottom", _MARGIN))
    return max(tall - top - bottom, 0) / TWIPS, top / TWIPS


def _marks(sections: Sections) -> Iterator[Element]:
    return (e for e in sections.body.walk() if e.name.endswith("}sectPr"))


def _twips(element: Element | None, name: str, otherwise: int) -> int:
    text = value(element, "", name)
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 7 else otherwise  # noqa: PLR2004  a page has 31,680 at most


def _ground(office: Office, sections: Sections) -> tuple[int, int, int] | None:
    """Return the page's colour: white, unless the document shows another."""
    background = child(sections.document.root, "background")
    settings = office.other(office.main, "settings")
    shown = settings is not None and child(settings.root, "displayBackgroundShape") is not None
    if background is None or not shown:
        return WHITE
    return colour_of(value(background, name="color")) if not list(background.children) else None
