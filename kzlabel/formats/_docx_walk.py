"""The words of a Word document in their order, each with what a notice in it would be judged as.

What a document hides words by is followed down the tree: deleted text, field codes, hidden rows,
exact line heights, frames. Where only a program that lays the page out could tell, the words are
undetermined. The walk ends with the first page, as far as it can be told: at a page break, or where
pictures and spacing have filled it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kzlabel.formats._docx_anchor import ANYWHERE, Anchor, anchor_of, height_of, is_vml
from kzlabel.formats._docx_lines import TWIPS, beside, is_off, line_of, said, sizes
from kzlabel.formats._docx_plain import (
    PAGE_WIDTH,
    PARAGRAPH,
    PROPERTIES,
    are_plain,
    effective,
    is_long,
    is_on_attribute,
)
from kzlabel.formats._docx_sections import W_STRICT, W, child, is_on, value
from kzlabel.formats._docx_styles import Styles, look, nearest, points_of, shaded
from kzlabel.formats._ooxml_ink import BURIED, HIDDEN, PERCEIVABLE, UNDETERMINED, Colour, worst
from kzlabel.formats._ooxml_office import local
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from kzlabel.formats._xml_splice import Element

MAX_RUNS = 20_000
_LEAST_LINE = 0.8
"""Of the type's size: a line of an exact height below that cuts its letters."""
_LEAST_CELL = 200
"""Twips: a column or row that shows a letter."""
_LETTER = 0.5
"""Of the type's size: how wide a letter is."""
_PASSED = frozenset((
    "document", "body", "hdr", "ftr", "p", "r", "hyperlink", "ins", "moveTo", "smartTag",
    "customXml", "sdt", "sdtContent", "fldSimple", "tbl", "tr", "tc", "drawing",
))  # fmt: skip
_SKIPPED = frozenset((
    "pPr", "rPr", "sectPr", "tblGrid", "sdtEndPr", "instrText", "delText", "delInstrText",
    "proofErr", "bookmarkStart", "bookmarkEnd", "permStart", "permEnd", "annotationRef",
    "commentRangeStart", "commentRangeEnd", "commentReference", "footnoteReference",
    "endnoteReference", "moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart",
    "moveToRangeEnd", "background",
))  # fmt: skip
_GONE = frozenset(("del", "moveFrom"))
_DRAWN = (
    "{http://schemas.openxmlformats.org/drawingml/", "{http://purl.oclc.org/ooxml/drawingml/",
    "{http://schemas.openxmlformats.org/markup-compatibility/", "{urn:schemas-microsoft-com:",
    "{http://schemas.microsoft.com/office/word/2010/wordprocessing",
    "{http://schemas.microsoft.com/office/drawing/",
)  # fmt: skip
"""Namespaces of what is drawn, in the line or over the text."""
_DRAWN = (
    "{http://schemas.openxmlformats.org/drawingml/", "{http://purl.oclc.org/ooxml/drawingml/",
    "{http://schemas.openxmlformats.org/markup-compatibility/", "{urn:schemas-microsoft-com:",
    "{http://schemas.microsoft.com/office/word/2010/wordprocessing",
    "{http://schemas.microsoft.com/office/drawing/",
)  # fmt: skip
"""Namespaces of what is drawn, in the line or over the text."""
_CONTROL = frozenset((
    "alias", "tag", "id", "lock", "text", "richText", "docPartObj", "placeholder", "rPr",
))  # fmt: skip
"""Properties of a content control that change nothing about its words."""
_WRITTEN = {
    "tab": "\t",
    "cr": "\n",
    "noBreakHyphen": "\u2011",
    "softHyphen": "\u00ad",
    "sym": "\ufffd",
}


@dataclass(frozen=True)
class Within:
    """What holds for everything inside an element."""

    code: str = PERCEIVABLE
    ground: Colour | None = None
    paragraph: Element | None = None
    tables: tuple[Element, ...] = ()
    points: float = 0.0
    line: float = 0.0
    """Points: how high a line of the paragraph is."""


@dataclass
class Walk:
    """One part's words, in order."""

    styles: Styles
    continuous: tuple[bool, ...] = ()
    page: float = float("inf")
    """Points from the top of the first page's text to its end."""
    width: int = PAGE_WIDTH
    """Twips of the text."""
    runs: list[Run] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)
    """By run: points from the top of the text, as far as pictures and spacing tell."""
    anchors: list[Anchor] = field(default_factory=list)
    used: float = 0.0
    plain: bool = True
    """Until something is met of which nobody can say how it moves what follows."""
    _fields: list[str | None] = field(default_factory=list)
    """Fields that are open: their code as far as it was read, None once their result begins."""
    _doubted: list[bool] = field(default_factory=list)
    _sections: int = 0
    _over: bool = False
    _tabbed: bool = False
    """Whether a tab stands before, in the same paragraph: it leads anywhere."""

    def read(self, root: Element) -> None:
        """Walk down `root` until its first page is full."""
        waiting: list[tuple[Element | Callable[[], None], Within]] = [
            (root, Within(ground=self.styles.ground))
        ]
        while waiting and len(self.runs) < MAX_RUNS and not self._over:
            element, within = waiting.pop()
            if callable(element):
                element()
                continue
            waiting += reversed(list(self._enter(element, within)))

    def _enter(
        self, element: Element, within: Within
    ) -> Iterator[tuple[Element | Callable[[], None], Within]]:
        name = local(element.name)
        if not element.name.startswith((W, W_STRICT)):
            yield from self._foreign(element, name, within)
        elif name == "t":
            self._add(element.text, within)
        elif name in _WRITTEN:
            self._add(_WRITTEN[name], within)
            self._tabbed |= name == "tab"
        elif name == "instrText" and self._fields and self._fields[-1] is not None:
            self._fields[-1] += element.text[:100]
        elif name == "fldChar":
            self._field(value(element, name="fldCharType"), element)
        elif name == "br":
            self._break(value(element, "textWrapping", "type"), within)
        elif name in PROPERTIES:
            self.plain &= are_plain(element.children, PROPERTIES[name])
        elif name not in _SKIPPED:
            inside = self._within(element, name, within)
            yield from ((inner, inside) for inner in element.children)
            if name == "p":
                yield (lambda: self._end_paragraph(element, inside)), inside

    def _foreign(
        self, element: Element, name: str, within: Within
    ) -> Iterator[tuple[Element | Callable[[], None], Within]]:
        """Enter what is not of WordprocessingML: branches, drawings, things nobody knows."""
        height = height_of(element)
        self.used += height or 0.0
        if name == "anchor" or is_vml(element):
            anchor = anchor_of(element, self.used)
            self.anchors += [anchor] if anchor is not None else []
        self.plain &= height is not None and element.name.startswith(_DRAWN)
        inside = replace(within, code=worst(within.code, UNDETERMINED))
        if any(is_on_attribute(inner, "hidden") for inner in element.children):
            inside = replace(within, code=HIDDEN)
        # Of branches one is shown, and nobody says which.
        yield from ((inner, inside) for inner in element.children)

    def _within(self, element: Element, name: str, within: Within) -> Within:
        """Return what holds inside a container."""
        if name not in _PASSED and name not in _GONE and name != "pict":
            self.plain = False
        read = {"p": self._paragraph, "r": self._run, "tbl": self._table}.get(name)
        if read is not None:
            return read(element, within)
        if name in ("tr", "tc"):
            return self._cell(element, name, within)
        self.plain &= name != "fldSimple" or not is_long(value(element, name="instr"), element)
        return replace(within, code=HIDDEN) if name in _GONE else within

    def _paragraph(self, element: Element, within: Within) -> Within:
        properties = child(element, "pPr")
        layers = self.styles.paragraph_layers(properties, within.tables)
        if is_on(nearest(layers, "pageBreakBefore")) and self.runs:
            self._over = True
        if nearest(layers, "framePr") is not None:
            self.anchors.append(ANYWHERE)
        points, plain = sizes(self.styles, element, within.tables)
        plain &= are_plain((e for e in effective(layers) if local(e.name) != "framePr"), PARAGRAPH)
        plain &= self.styles.are_sure(properties)
        plain &= not is_off(layers, 1_500 if within.tables else self.width // 2)
        line = line_of(layers, points)
        self.plain &= plain and line is not None
        self._tabbed = False
        self.used += _whole(said(layers, "spacing", "before")) / TWIPS
        shade = nearest(layers, "shd")
        ground = within.ground if shade is None else shaded(self.styles, shade, within.ground)
        code = worst(within.code, beside(element))
        if said(layers, "spacing", "lineRule") == "exact" and (line or 0) < points * _LEAST_LINE:
            code = HIDDEN
        return replace(
            within, code=code, ground=ground, paragraph=element, points=points, line=line or points
        )

    def _run(self, element: Element, within: Within) -> Within:
        properties = child(within.paragraph, "pPr")
        layers = self.styles.layers(child(element, "rPr"), properties, within.tables)
        code = look(self.styles, layers, within.ground)
        return replace(within, code=worst(within.code, code), points=points_of(layers))

    def _table(self, element: Element, within: Within) -> Within:
        if child(element, "tblPr", "tblpPr") is not None:
            self.anchors.append(ANYWHERE)
        grid = child(element, "tblGrid")
        columns = [_whole(value(c, name="w")) for c in (grid.children if grid is not None else ())]
        plain = all(width > _LEAST_CELL for width in columns) and sum(columns) < 2 * PAGE_WIDTH
        styled = list(self.styles.table(element))
        for style in styled:
            for part in style.children:
                table = PROPERTIES.get(local(part.name))
                plain &= table is None or are_plain(part.children, table)
        self.plain &= plain and bool(columns)
        paints = any(
            local(part.name) in ("shd", "tblStylePr") for style in styled for part in style.walk()
        )
        return replace(
            within, ground=None if paints else within.ground, tables=(element, *within.tables[:5])
        )

    def _cell(self, element: Element, name: str, within: Within) -> Within:
        properties = child(element, f"{name}Pr")
        if name == "tr":
            height = child(properties, "trHeight")
            exact = value(height, name="hRule") == "exact"
            hidden = exact and _whole(value(height)) < _LEAST_CELL
            self.used += 0 if exact else _whole(value(height)) / TWIPS
            hidden |= is_on(child(properties, "hidden"))
            return replace(within, code=HIDDEN) if hidden else within
        merged = child(properties, "vMerge")
        shade = child(properties, "shd")
        ground = within.ground if shade is None else shaded(self.styles, shade, within.ground)
        hidden = merged is not None and value(merged, "continue") == "continue"
        return replace(within, code=HIDDEN if hidden else within.code, ground=ground)

    # --- What has no inside ----------------------------------------------------------------------

    def _add(self, text: str, within: Within) -> None:
        code = within.code
        if self._fields:
            inside = any(opened is not None for opened in self._fields)
            code = worst(code, HIDDEN if inside else PERCEIVABLE)
        if any(self._doubted) or self._tabbed or not self.plain:
            code = worst(code, UNDETERMINED)
        if self.used > self.page:
            code = worst(code, BURIED)
        measures = {"em_points": within.points} if within.points else {}
        self.runs.append(Run(text, code, measures=measures))
        self.heights.append(self.used)
        lines = len(text) * within.points * _LETTER * TWIPS / max(self.width, 1)
        self.used += (text.count("\n") + lines) * within.line

    def _break(self, kind: str, within: Within) -> None:
        if kind == "page":
            self._over = bool(self.runs)
        elif kind != "textWrapping":
            self.plain = False
        self._add("\n", within)

    def _field(self, kind: str, element: Element) -> None:
        if kind == "begin":
            self._fields.append("")
            self._doubted.append(is_on_attribute(element, "dirty"))
        elif kind == "separate" and self._fields:
            code = self._fields[-1] or ""
            self._doubted[-1] |= is_long(code, element)
            self.plain &= not self._doubted[-1]
            self._fields[-1] = None
        elif kind == "end" and self._fields:
            self._fields.pop()
            self._doubted.pop()

    def _end_paragraph(self, element: Element, within: Within) -> None:
        self._tabbed = False
        self._add("\n", within)
        layers = self.styles.paragraph_layers(child(element, "pPr"), within.tables)
        self.used += _whole(said(layers, "spacing", "after")) / TWIPS
        if child(element, "pPr", "sectPr") is not None:
            self._sections += 1
            following = self.continuous[self._sections : self._sections + 1]
            self._over = not any(following)


def _whole(text: str) -> int:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0  # noqa: PLR2004  32 bits
