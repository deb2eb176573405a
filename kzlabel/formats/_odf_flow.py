"""Flowing text of OpenDocument as runs: paragraphs, lists, sections, tables and what hides them.

Part 3, 5 to 9 of the standard. Text that a program computes, links or shows on a condition is in
doubt; what is deleted, commented or folded away is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from kzlabel.formats._odf_look import HIDDEN, UNDETERMINED, Ground, look, size_of
from kzlabel.formats._odf_names import attribute, every, short
from kzlabel.formats._odf_plain import (
    LARGE_POINTS,
    breaks,
    is_high,
    is_narrow,
    is_plain,
    is_plain_list,
)
from kzlabel.formats._odf_styles import Level, Styles, first, points
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from kzlabel.formats._xml_splice import Element

MAX_NESTED = 80
"""Blocks inside one another; deeper ones are left out."""
_SPACES = re.compile(r"[ \t\r\n]+")
_MAX_SPACES = 32
_FLAT_ROW = 6.0
"""Points: a row not higher than that shows no text."""
PARAGRAPHS = ("text:p", "text:h")
_INSIDE = {
    "text:list", "text:list-item", "text:list-header", "text:numbered-paragraph",
    "text:table-of-content", "text:illustration-index", "text:table-index", "text:object-index",
    "text:user-index", "text:alphabetical-index", "text:bibliography", "text:index-body",
    "text:index-title", "table:table-rows", "table:table-header-rows",
}  # fmt: skip
_PLAIN = {"text:a", "text:meta", "text:ruby", "text:ruby-base"}
_UNSEEN = {"office:annotation", "text:deletion", "text:script", "text:ruby-text"}
_MARKS = {
    "text:tracked-changes", "text:note", "office:forms", "office:event-listeners",
    "text:sequence-decls", "text:variable-decls", "text:user-field-decls",
    "text:dde-connection-decls", "text:alphabetical-index-auto-mark-file",
    "text:table-of-content-source", "svg:title", "svg:desc", "table:table-column",
    "table:table-columns", "table:table-header-columns",
}  # fmt: skip
"""Not text, or none that lies among the first a reader sees."""


class Flow:
    """Gathers the runs of one part."""

    def __init__(self, styles: Styles, *, shapes_apart: bool = False) -> None:
        self.styles = styles
        self._apart = shapes_apart
        """Whoever asks judges the words of shapes himself."""
        self.runs: list[Run] = []
        self.shapes: list[tuple[Element, int]] = []
        """Shapes that were met, and which run was the first of their paragraph."""
        self._start = 0
        self._moved = False
        """Whether something took so much room that what follows may be on another page."""
        self._depth = 0
        self._inherited: tuple[Level, ...] = ()

    def blocks(self, element: Element, ground: Ground, under: tuple[Level, ...] = ()) -> None:
        """Add what is in `element`; its paragraphs inherit the text properties `under`."""
        outer, self._inherited = self._inherited, under or self._inherited
        for child in element.children:
            self.block(child, ground)
        self._inherited = outer

    def block(self, element: Element, ground: Ground) -> None:
        """Add one block."""
        if self._depth >= MAX_NESTED:
            return
        self._depth += 1
        name = short(element.name)
        if name in PARAGRAPHS:
            self._paragraph(element, ground)
        elif name in _INSIDE or name == "table:table-row-group":
            self._group(element, ground)
        elif name == "text:section":
            self._section(element, ground)
        elif name == "table:table":
            self.blocks(element, self._table_ground(element, ground))
        elif name == "table:table-row":
            self._row(element, ground)
        elif name == "text:tracked-changes":
            self._deleted(element, ground)
        elif name.startswith(("draw:", "dr3d:")):
            self._shape(element, ground)
        elif name not in _MARKS:
            self.blocks(element, ground.but(UNDETERMINED))
        self._depth -= 1

    def _group(self, element: Element, ground: Ground) -> None:
        style = self.styles.lists.get(attribute(element, "text:style-name"))
        if style is not None and not is_plain_list(style):
            ground = ground.but(UNDETERMINED)
        folded = attribute(element, "table:display") == "false"
        self.blocks(element, ground.but(HIDDEN) if folded else ground)

    def _section(self, element: Element, ground: Ground) -> None:
        display = attribute(element, "text:display", "true")
        if display != "true":
            ground = ground.but(HIDDEN if display == "none" else UNDETERMINED)
        if any(every(element, "text:section-source", "office:dde-source")):
            ground = ground.but(UNDETERMINED)
        levels = self.styles.levels("section", attribute(element, "text:style-name"), "section")
        self.blocks(element, self._placed(levels, ground).under(levels))

    def _placed(self, levels: Sequence[Level], ground: Ground) -> Ground:
        """Return the ground, left open where a block's room or a break may move it away."""
        away = not is_plain(levels) or (bool(self.runs) and breaks(levels, "before"))
        self._moved = self._moved or away
        return ground.but(UNDETERMINED) if self._moved else ground

    def _deleted(self, changes: Element, ground: Ground) -> None:
        """Add deleted text as hidden: programs keep it, and some show it struck out."""
        for region in every(changes, "text:changed-region"):
            for deletion in every(region, "text:deletion"):
                self.blocks(deletion, ground.but(HIDDEN))

    def _table_ground(self, element: Element, ground: Ground) -> Ground:
        style = attribute(element, "table:style-name")
        levels = self.styles.levels("table", style, "table")
        if first(levels, "table:display") == "false":
            ground = ground.but(HIDDEN)
        for column in every(element, "table:table-column"):
            name = attribute(column, "table:style-name")
            if is_narrow(self.styles.levels("table-column", name, "table-column")):
                ground = ground.but(UNDETERMINED)
        return self._placed(levels, ground).under(levels)

    def _row(self, element: Element, ground: Ground) -> None:
        levels = self.styles.levels(
            "table-row", attribute(element, "table:style-name"), "table-row"
        )
        height = points(first(levels, "style:row-height"))
        flat = height is not None and height < _FLAT_ROW
        if flat or attribute(element, "table:visibility", "visible") != "visible":
            ground = ground.but(HIDDEN)
        elif height is not None:
            ground = ground.but(UNDETERMINED)  # it does not grow with what is in it
        ground = self._placed(levels, ground).under(levels)
        for cell in element.children:
            if short(cell.name) == "table:table-cell":
                self.cell(cell, ground)
            elif short(cell.name) == "table:covered-table-cell":
                self.blocks(cell, ground.but(HIDDEN))

    def cell(self, cell: Element, ground: Ground, default_style: str = "") -> None:
        """Add what is in a cell."""
        style = attribute(cell, "table:style-name") or default_style
        if self.styles.is_conditional("table-cell", style):
            ground = ground.but(UNDETERMINED)
        levels = self.styles.levels("table-cell", style, "table-cell")
        if not is_plain(levels):
            ground = ground.but(UNDETERMINED)
        ground = ground.under(levels)
        self.blocks(cell, ground, self.styles.levels("table-cell", style, "text"))

    # --- Paragraphs -------------------------------------------------------------------------------

    def _paragraph(self, element: Element, ground: Ground) -> None:
        if self.runs and not self.runs[-1].text.endswith("\n"):
            self.runs.append(Run("\n", ground.code))  # it stands inside another one
        self._start = len(self.runs)
        style = attribute(element, "text:style-name")
        conditional = attribute(element, "text:cond-style-name") or self.styles.is_conditional(
            "paragraph", style
        )
        if conditional:
            ground = ground.but(UNDETERMINED)
        for hiding in every(element, "text:hidden-paragraph"):
            is_hidden = attribute(hiding, "text:is-hidden") == "true"
            ground = ground.but(HIDDEN if is_hidden else UNDETERMINED)
        paragraph = self.styles.levels("paragraph", style, "paragraph")
        if self.runs and self.styles.attribute("paragraph", style, "style:master-page-name"):
            self._moved = True
        ground = self._placed(paragraph, ground)
        painted = (*self.styles.levels("paragraph", style, "graphic"), *paragraph)
        own = self.styles.own("paragraph", style, "text")
        rest = self.styles.levels("paragraph", style, "text")[len(own) :]
        levels = (*own, *self._inherited, *rest)
        self._inline(element, levels, paragraph, ground.under(painted))
        self.runs.append(Run("\n", ground.code))
        self._moved |= size_of(levels) > LARGE_POINTS or breaks(paragraph, "after")

    def _inline(
        self,
        element: Element,
        levels: Sequence[Level],
        paragraph: Sequence[Level],
        ground: Ground,
    ) -> None:
        if self._depth >= MAX_NESTED:
            return
        self._depth += 1
        code, measures = look(levels, paragraph, ground, self.styles.symbols)
        for item in element.content:
            if isinstance(item, str):
                self.runs.append(Run(_SPACES.sub(" ", item), code, measures=measures))
                continue
            name = short(item.name)
            space = _space(item, name)
            if space:
                self.runs.append(Run(space, code, measures=measures))
            elif name == "text:span" or name in _PLAIN:
                style = attribute(item, "text:style-name")
                inner = (*self.styles.own("text", style, "text"), *levels)
                self._inline(item, inner, paragraph, ground)
            elif name.startswith(("draw:", "dr3d:")):
                self._shape(item, ground)
            elif name in _UNSEEN:
                self._inline(item, levels, paragraph, ground.but(HIDDEN))
            elif name in PARAGRAPHS:
                self.block(item, ground)
            elif name not in _MARKS:
                self._inline(item, levels, paragraph, ground.but(_computed(item, name)))
        self._depth -= 1

    def _shape(self, element: Element, ground: Ground) -> None:
        """Add the text of a shape, of which only a layout could tell where it lies."""
        self.shapes.append((element, self._start))
        if self._apart:
            return
        self._moved |= attribute(element, "text:anchor-type") != "page" and is_high(element)
        if short(element.name) == "draw:frame":
            for box in every(element, "draw:text-box"):
                self.blocks(box, ground.but(UNDETERMINED))
        else:
            self.blocks(element, ground.but(UNDETERMINED))


def _space(element: Element, name: str) -> str:
    if name == "text:s":
        count = 1
        with suppress(ValueError):
            count = int(attribute(element, "text:c", "1")[:4])
        return " " * max(1, min(count, _MAX_SPACES))
    return {"text:tab": " ", "text:line-break": "\n"}.get(name, "")


def _computed(element: Element, name: str) -> str:
    if name == "text:hidden-text" and attribute(element, "text:is-hidden") == "true":
        return HIDDEN
    return UNDETERMINED
