"""What people see of a Word document: the first page's words, or the headers of all pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kzlabel.formats._docx_further import all_words, first_footer
from kzlabel.formats._docx_lines import TWIPS
from kzlabel.formats._docx_plain import text_size
from kzlabel.formats._docx_sections import Sections, child, sections_of, value
from kzlabel.formats._docx_styles import Styles, styles_of
from kzlabel.formats._docx_walk import Walk
from kzlabel.formats._ooxml_ink import HIDDEN, PERCEIVABLE, UNDETERMINED, WHITE, colour_of, worst
from kzlabel.formats._ooxml_room import Looked
from kzlabel.model import NoticeStyle
from kzlabel.notices.phrases import find_phrases
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kzlabel.formats._ooxml_office import Office
    from kzlabel.formats._xml_splice import Element

ENOUGH = 20_000
"""Elements of the body that are read: its first page has a few hundred."""
_MARGIN = 1_440
"""Twips, of a page that does not say."""
_MOST_HEADER = 300.0
"""Points: what stands further down in a header is not at the top of the page."""


def pages_of(office: Office, style: NoticeStyle) -> Looked:
    """Return where a notice of that style is sought."""
    sections = sections_of(office)
    styles = replace(styles_of(office), ground=_ground(office, sections))
    if style is NoticeStyle.PAGES:
        return Looked(_headers(office, sections, styles))
    first = sections.shown[0][-1]  # of the first page, where the section has one
    head = _walked(office, first, styles) if first else Walk(styles)
    unseen = [
        Run(run.text, worst(run.code, HIDDEN))
        for part in sections.hidden
        for run in _header(office, part, styles)
    ]
    foot = _footer(office, sections, styles)
    first_page = [*_uncovered(head, 0.0), *foot, *_body(office, sections, styles, head), *unseen]
    return Looked(_pages(first_page, office))


def _pages(first: Sequence[Run], office: Office) -> Iterator[Iterable[Run]]:
    """Yield the first page, and then all of the body, where more is asked for."""
    yield first
    yield all_words(office)


def _footer(office: Office, sections: Sections, styles: Styles) -> list[Run]:
    """Return the first page's footer, where it speaks of AI: it pushes nothing down."""
    part = first_footer(office, sections)
    runs = _header(office, part, styles) if part else []
    return runs if find_phrases("".join(run.text for run in runs)) else []


def _headers(office: Office, sections: Sections, styles: Styles) -> Iterator[Sequence[Run]]:
    marks = list(_marks(sections))
    for at, section in enumerate(sections.shown):
        plain = all(text_size(marks[at] if at < len(marks) else None))
        for part in section:
            yield _doubted(_header(office, part, styles) if part else [], plain=plain)


def _header(office: Office, part: str, styles: Styles) -> list[Run]:
    return _uncovered(_walked(office, part, styles), 0.0)


def _walked(office: Office, part: str, styles: Styles) -> Walk:
    walk = Walk(styles, page=_MOST_HEADER)
    walk.read(office.xml(part, enough=ENOUGH).root)
    return walk


def _body(office: Office, sections: Sections, styles: Styles, head: Walk) -> list[Run]:
    """Return the words of the first page; a high header pushes them down."""
    marks: list[Element | None] = [*_marks(sections)] or [None]
    seen = [mark for at, mark in enumerate(marks) if all(sections.continuous[1 : at + 1])]
    sizes = [text_size(mark) for mark in seen]
    wide, high = min(size[0] for size in sizes), min(size[1] for size in sizes)
    top = _twips(child(marks[0], "pgMar"), "top", _MARGIN) / TWIPS
    above = _twips(child(marks[0], "pgMar"), "header", _MARGIN // 2) / TWIPS
    walk = Walk(
        styles, sections.continuous, high / TWIPS or float("inf"), wide,
        used=max(0.0, head.used + above - top), plain=head.plain and wide > 0,
    )  # fmt: skip
    walk.read(office.xml(office.main, enough=ENOUGH).root)
    return _doubted(_uncovered(walk, top), plain=not _shows_otherwise(office))


def _doubted(runs: Sequence[Run], *, plain: bool) -> list[Run]:
    return [run if plain else replace(run, code=worst(run.code, UNDETERMINED)) for run in runs]


def _shows_otherwise(office: Office) -> bool:
    """Whether the document's settings show its tracked changes in a way of their own."""
    settings = office.other(office.main, "settings")
    return settings is not None and child(settings.root, "revisionView") is not None


def _uncovered(walk: Walk, margin: float) -> list[Run]:
    """Return the runs, those doubted that something floating may lie over."""
    return [
        replace(run, code=worst(run.code, _cover(walk, height, margin)))
        for run, height in zip(walk.runs, walk.heights, strict=True)
    ]


def _cover(walk: Walk, height: float, margin: float) -> str:
    covered = any(anchor.may_cover(height, margin) for anchor in walk.anchors)
    return UNDETERMINED if covered else PERCEIVABLE


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
