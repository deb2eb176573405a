"""Whether people see a notice in a page, as far as that can be known without a browser.

The page is parsed as browsers do (lexbor) and styled by the cascade of what it holds itself; the
phrases are then judged by `notices.prose`. The policy:

* Hidden, faint, small or covered beyond doubt is `impaired`; also what is kept from people who
  listen (`aria-hidden`, `inert`), who are people too.
* What a style sheet or a script from elsewhere, a script of the page, an event handler, a frame or
  an object could change is `undetermined`, whatever is seen without it. That is so for our own
  banner as well: its inline `!important` styles beat every author's rule about it, but none about
  `body`, and no style stops a pseudo-element or a script from covering it.
* Rules that hold on some screens only, selectors and values that are not understood, transforms,
  animations, grounds with pictures: `undetermined` where they touch the notice.
* `perceivable` is what is left: every declaration on the way from the root to the words is known
  to be harmless, the contrast is at least 4.5 (WCAG 2.2, 1.4.3), the letters at least 9 px, and
  nothing that leaves its place can lie over them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.formats._html_cascade import NO_VARIABLES, Cascade, Style, Variables
from kzlabel.formats._html_covers import Covers
from kzlabel.formats._html_css import MAX_CHARACTERS, Sheets, media_holds, read_sheet
from kzlabel.formats._html_doubts import doubts_of, may_be_dark
from kzlabel.formats._html_selectors import TooMuchError
from kzlabel.formats._html_sight import PERCEIVABLE, UNDETERMINED, Sight
from kzlabel.formats._html_tree import Element, Tree, tree_of
from kzlabel.formats._html_values import number
from kzlabel.notices.prose import Run, judge_runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel.formats._html_page import Page
    from kzlabel.model import NoticeReport, Placement

COVERED = "kz.notice.covered"
_NO_TEXT = frozenset(("script", "style", "title"))
"""What is in them are no words of the page, hidden or not."""
_BLANK = re.compile(r"[\t\n\f\r ]+")


class Judged(NamedTuple):
    """The notices of a page, and what made their judgement uncertain."""

    reports: tuple[NoticeReport, ...]
    doubts: tuple[str, ...]


def judge(page: Page, hints: Sequence[Placement], *, search: bool) -> Judged:
    """Judge the notices in `page`; raises `LimitError` for one of too many nodes."""
    tree = _tree(page)
    doubts = doubts_of(page, tree)
    try:
        runs = list(_runs(tree, _sheets(page, tree), doubtful=bool(doubts)))
    except TooMuchError:
        doubts = (*doubts, "CSS")
        runs = [Run(f"{text}\n", UNDETERMINED) for _, text in tree.texts]
    return Judged(judge_runs(runs, hints, search=search), doubts)


def lays_out(page: Page) -> bool:
    """Whether the body places its children in a way that may push the first out of sight."""
    tree = _tree(page)
    try:
        view = _View(tree, _sheets(page, tree), {"html", "body"})
    except TooMuchError:
        return False
    body = next((one for one in tree.elements if one.tag == "body"), None)
    return body is not None and view.sights[body.index].layout != ""


def _tree(page: Page) -> Tree:
    return tree_of(page.path, page.text, folded=not page.places.doctype)


def _sheets(page: Page, tree: Tree) -> Sheets:
    """Return the rules of the page's `style` elements; raises `TooMuchError`."""
    sheets, room = Sheets(), MAX_CHARACTERS
    for element, text in tree.texts:
        if element.tag != "style":
            continue
        room -= len(text)
        if room < 0:
            raise TooMuchError
        media = [" ".join(query.lower().split()) for query in element.attribute("media").split(",")]
        holds = media_holds(media)
        if holds is not False:
            unsure = holds is None or "title" in element.attributes
            read_sheet(sheets, text, folded=not page.places.doctype, unsure=unsure)
    return sheets


@dataclass
class _View:
    """Every element as it is seen."""

    tree: Tree
    sheets: Sheets
    only: set[str] | None = None
    """Tags, where no others are asked for."""
    sights: dict[int, Sight] = field(default_factory=dict)
    covers: Covers = field(default_factory=Covers)

    def __post_init__(self) -> None:
        cascade = Cascade(self.sheets)
        known: dict[int, tuple[Variables, float]] = {}
        page = Sight(dark=True, colour=None, ground=None) if may_be_dark(self.tree) else Sight()
        for element in self.tree.elements:
            if self.only is not None and element.tag not in self.only:
                continue
            above = element.parent.index if element.parent is not None else -1
            variables, top = known.get(above, (NO_VARIABLES, 0.0))
            style = cascade.style(element, variables)
            top = max(top, _level(style))
            known[element.index] = style.variables, top
            sight = self.sights.get(above, page).within(
                element, style, odd_fonts=self.sheets.faces
            )
            self.covers.add(element, style, top)
            doubtful = [self._pseudo(cascade, element, style, top, p) for p in cascade.pseudos]
            self.sights[element.index] = _unsure(sight) if any(doubtful) else sight

    def _pseudo(
        self, cascade: Cascade, element: Element, style: Style, top: float, pseudo: str
    ) -> bool:
        """Take in a pseudo-element; returns whether it changes how the words beside it are read."""
        made = cascade.style(element, style.variables, pseudo)
        if not made.declared:
            return False
        if pseudo not in ("before", "after"):
            return True
        content = made.values("content")
        if all(value in ("", "none", "normal") for value in content):
            return False
        self.covers.add(element, made, max(top, _level(made)), pseudo=True)
        return any(value.strip("\"'") for value in content)


def _level(style: Style) -> float:
    values = [
        number(value) if value not in ("", "auto") else 0.0 for value in style.values("z-index")
    ]
    return max(float("inf") if value is None else value for value in values)


def _unsure(sight: Sight) -> Sight:
    from dataclasses import replace

    return replace(sight, unsure=True)


def _runs(tree: Tree, sheets: Sheets, *, doubtful: bool) -> Iterator[Run]:
    """Give the texts of a page as they are seen, each block ending in a line break."""
    view = _View(tree, sheets)
    doubtful = doubtful or sheets.imports
    codes: dict[int, str] = {}
    for place, (element, text) in enumerate(tree.texts):
        if element.tag in _NO_TEXT:
            continue
        if tree.breaks.get(place):
            yield Run("\n" * tree.breaks[place])
        sight = view.sights[element.index]
        if element.index not in codes:
            codes[element.index] = _code(view, element, sight, doubtful=doubtful)
        follows = tree.texts[place + 1][0] if place + 1 < len(tree.texts) else None
        ends = follows is None or view.sights[follows.index].block is not sight.block
        words = text if sight.kept else _BLANK.sub(" ", text)
        if ends and words.isspace():
            words = ""
        if words or ends:
            yield Run(f"{words}\n" if ends else words, codes[element.index], 0, sight.measures)


def _code(view: _View, element: Element, sight: Sight, *, doubtful: bool) -> str:
    code = sight.code
    over = view.covers.over(element, sight) if code in (PERCEIVABLE, UNDETERMINED) else ""
    if over == "covered":
        code = COVERED
    return UNDETERMINED if doubtful or (over and code == PERCEIVABLE) else code
