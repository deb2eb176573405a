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
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.formats._html_cascade import NO_VARIABLES, Cascade, Style
from kzlabel.formats._html_covers import Covers
from kzlabel.formats._html_css import MAX_CHARACTERS, Sheets, media_holds, read_sheet
from kzlabel.formats._html_doubts import doubts_of, may_be_dark
from kzlabel.formats._html_heights import pseudo_height, text_height
from kzlabel.formats._html_ink import Ink
from kzlabel.formats._html_selectors import Effort, TooMuchError
from kzlabel.formats._html_sight import (
    HIDDEN,
    PERCEIVABLE,
    UNDETERMINED,
    Sight,
)
from kzlabel.formats._html_tree import BLOCKS, Element, Tree, tree_of
from kzlabel.formats._html_values import number
from kzlabel.notices.phrases import find_phrases
from kzlabel.notices.prose import FIRST_CHARACTERS, Run, judge_runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel.formats._html_page import Page
    from kzlabel.model import NoticeReport, Placement

COVERED = "kz.notice.covered"
NEAR_CHARACTERS = 3 * FIRST_CHARACTERS
"""Visible characters after which a notice is too far down, whatever hides it."""
MAX_DEPTH = 512
"""No browser nests deeper."""
MAX_SEARCHED = 2_000_000
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
    last = _last_word(tree)
    if not last:
        return Judged(judge_runs((), hints, search=search), ())
    doubts = doubts_of(page, tree)
    try:
        runs = list(_runs(tree, _sheets(page, tree), last, doubtful=bool(doubts)))
    except TooMuchError:
        doubts = (*doubts, "CSS")
        runs = [Run(f"{t}\n", UNDETERMINED) for one, t in tree.texts if one.tag not in _NO_TEXT]
    return Judged(judge_runs(runs, hints, search=search), doubts)


def _last_word(tree: Tree) -> int:
    """Return past which text no phrase is, seen or not; 0 where there is none at all."""
    for parted in (False, True):
        pieces: list[str] = []
        block = -1
        for element, text in tree.texts:
            said = "" if element.tag in _NO_TEXT else text
            pieces.append(f"\n\n{said}" if parted or element.block != block else said)
            block = element.block
        found = find_phrases("".join(pieces)[:MAX_SEARCHED])
        if found:
            starts = list(accumulate(map(len, pieces), initial=0))
            return bisect_left(starts, found[-1].end)
    return 0


def lays_out(page: Page) -> bool:
    """Whether the body places its children in a way that may push the first out of sight."""
    tree = _tree(page)
    try:
        view = _View(tree, _sheets(page, tree))
        body = next((one for one in tree.elements if one.tag == "body"), None)
        return body is not None and view.known(body).sight.laid
    except TooMuchError:
        return False


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
            unsure = holds is None or "title" in element.attributes or not _applies(element)
            read_sheet(sheets, text, folded=not page.places.doctype, unsure=unsure)
    return sheets


def _applies(style: Element) -> bool:
    """Whether a browser surely takes a `style` element for a style sheet of the page."""
    kind = style.attributes.get("type")
    foreign = any(one.tag in ("svg", "math") for one in style.chain())
    return kind in (None, "", "text/css") and not foreign


@dataclass
class _View:
    """Elements as they are seen; each is looked at when it is asked for."""

    tree: Tree
    sheets: Sheets
    effort: Effort = field(default_factory=Effort)
    covers: Covers = field(default_factory=Covers)
    taken: int = 0
    """How many texts are near the start."""

    def __post_init__(self) -> None:
        self._cascade = Cascade(self.sheets, self.effort)
        dark = may_be_dark(self.tree)
        ink = Ink(dark=True, colour=None, ground=None) if dark else Ink()
        columns = any(element.tag in ("col", "colgroup") for element in self.tree.elements)
        self._page = Sight(ink=ink, columned=columns)
        self._known: dict[int, _Known] = {}

    def known(self, element: Element) -> _Known:
        """Return what is known of an element; raises `TooMuchError`."""
        if element.depth > MAX_DEPTH:
            raise TooMuchError
        waiting: list[Element] = []
        at: Element | None = element
        while at is not None and at.index not in self._known:
            waiting.append(at)
            at = at.parent
        for one in reversed(waiting):
            self._known[one.index] = self._looked_at(one)
        return self._known[element.index]

    def _looked_at(self, element: Element) -> _Known:
        above = self._known[element.parent.index] if element.parent is not None else None
        style = self._cascade.style(element, above.style.variables if above else NO_VARIABLES)
        sight = (above.sight if above else self._page).within(
            element, style, odd_fonts=self.sheets.faces
        )
        top = max(above.top if above else 0.0, _level(style))
        made = [self._pseudo(element, style, pseudo) for pseudo in self._cascade.pseudos]
        doubtful = any(held is not None and held.doubtful for held in made)
        pushed = sum(pseudo_height(held.style) for held in made if held is not None)
        sight = replace(sight, down=sight.down + pushed, unsure=sight.unsure or doubtful)
        return _Known(
            style=style,
            sight=sight,
            top=top,
            pseudos=tuple(held.style for held in made if held is not None),
        )

    def _pseudo(self, element: Element, style: Style, pseudo: str) -> _Pseudo | None:
        """Return a pseudo-element that is there."""
        made = self._cascade.style(element, style.variables, pseudo)
        if not made.declared:
            return None
        if pseudo not in ("before", "after"):
            return _Pseudo(Style(), doubtful=True)
        content = made.values("content")
        if all(value in ("", "none", "normal") for value in content):
            return None
        return _Pseudo(made, doubtful=any(value.strip("\"'") for value in content))

    def survey(self, last: int) -> None:
        """Find what may lie over the texts up to element `last`, or push them down."""
        for element in self.tree.elements:
            before = element.index <= last
            if not before and not self._cascade.may_leave(element):
                continue
            known = self.known(element)
            self.covers.add(element, known.style, known.sight, known.top, before=before)
            for made in known.pseudos:
                top = max(known.top, _level(made))
                self.covers.generate(element, made, top, before=before)

    def end_of_block(self, last: int) -> int:
        """Return the last element that may stand in one line with element `last`."""
        elements = self.tree.elements
        block = elements[last].block if elements else -1
        while last + 1 < len(elements) and elements[last + 1].block == block:
            last += 1
        return last


class _Known(NamedTuple):
    """One element."""

    style: Style
    sight: Sight
    top: float
    """The highest `z-index` of it and what it is in."""
    pseudos: tuple[Style, ...]


class _Pseudo(NamedTuple):
    """A pseudo-element, and whether it changes how the words beside it are read."""

    style: Style
    doubtful: bool


def _level(style: Style) -> float:
    values = [
        number(value) if value not in ("", "auto") else 0.0 for value in style.values("z-index")
    ]
    return max(float("inf") if value is None else value for value in values)


def _runs(tree: Tree, sheets: Sheets, last: int, *, doubtful: bool) -> Iterator[Run]:
    """Give the texts of a page as they are seen, each block ending in a line break.

    What is further down than a notice may be is looked at no more: it is too far down.
    """
    view = _View(tree, sheets)
    doubtful = doubtful or sheets.imports
    near = list(_near(view))
    view.survey(view.end_of_block(max((element.index for _, element, _ in near), default=0)))
    codes: dict[int, str] = {}
    above = 0.0
    for words, element, sight in near:
        if element.index not in codes:
            codes[element.index] = _code(view, element, sight, doubtful=doubtful)
        code = codes[element.index]
        if code == PERCEIVABLE and view.covers.is_deep(element, sight, above):
            code = UNDETERMINED
        yield Run(words, code, 0, sight.measures)
        if sight.flows and words:
            above += text_height(len(words), sight)
    for element, text in tree.texts[view.taken : last]:
        if element.tag not in _NO_TEXT:
            yield Run(f"{_BLANK.sub(' ', text)}\n" if element.tag in BLOCKS else text)


def _near(view: _View) -> Iterator[tuple[str, Element, Sight]]:
    """Give the texts near the start, as they are shown."""
    texts, left = view.tree.texts, NEAR_CHARACTERS
    for place, (element, text) in enumerate(texts):
        if left < 0:
            return
        view.taken = place + 1
        if element.tag in _NO_TEXT:
            continue
        sight = view.known(element).sight
        breaks = view.tree.breaks.get(place)
        if breaks:
            yield "\n" * breaks, element, sight
        follows = texts[place + 1][0] if place + 1 < len(texts) else None
        ends = follows is None or view.known(follows).sight.block is not sight.block
        words = text if sight.kept else _BLANK.sub(" ", text)
        if ends and words.isspace():
            words = ""
        if words or ends:
            yield f"{words}\n" if ends else words, element, sight
        left -= len(words) if sight.code != HIDDEN else 0


def _code(view: _View, element: Element, sight: Sight, *, doubtful: bool) -> str:
    code = sight.code
    over = view.covers.over(element, sight) if code in (PERCEIVABLE, UNDETERMINED) else ""
    if over == "covered":
        code = COVERED
    return UNDETERMINED if doubtful or (over and code == PERCEIVABLE) else code
