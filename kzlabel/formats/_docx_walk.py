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

from kzlabel.formats._docx_anchor import Anchor, anchor_of, height_of
from kzlabel.formats._docx_sections import W_STRICT, W, child, is_on, value
from kzlabel.formats._docx_styles import Styles, look, nearest, points_of, shaded
from kzlabel.formats._ooxml_ink import BURIED, HIDDEN, PERCEIVABLE, UNDETERMINED, Colour, worst
from kzlabel.formats._ooxml_office import local
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from kzlabel.formats._xml_splice import Element

TWIPS = 20
"""A point."""
MAX_RUNS = 20_000
_LEAST_LINE = 0.8
"""Of the type's size: a line of an exact height below that cuts its letters."""
_LEAST_CELL = 200
"""Twips: a column or row that shows a letter."""
_PASSED = frozenset((
    "document", "body", "hdr", "ftr", "r", "hyperlink", "ins", "moveTo", "smartTag",
    "customXml", "sdt", "sdtContent", "fldSimple", "tbl",
))  # fmt: skip
_SKIPPED = frozenset((
    "pPr", "rPr", "sectPr", "tblPr", "tblGrid", "trPr", "tcPr", "sdtPr", "sdtEndPr",
    "instrText", "delText",
))  # fmt: skip
_GONE = frozenset(("del", "moveFrom"))
_WRITTEN = {
    "tab": "\t",
    "cr": "\n",
    "noBreakHyphen": "\u2011",
    "softHyphen": "\u00ad",
    "sym": "\ufffd",
}
_SHOWN_FIELDS = ("HYPERLINK", "PAGE", "TOC", "REF")


@dataclass(frozen=True)
class Within:
    """What holds for everything inside an element."""

    code: str = PERCEIVABLE
    ground: Colour | None = None
    paragraph: Element | None = None
    tables: tuple[Element, ...] = ()
    points: float = 0.0


@dataclass
class Walk:
    """One part's words, in order."""

    styles: Styles
    continuous: tuple[bool, ...] = ()
    page: float = float("inf")
    """Points from the top of the first page's text to its end."""
    runs: list[Run] = field(default_factory=list)
    heights: list[float] = field(default_factory=list)
    """By run: points from the top of the text, as far as pictures and spacing tell."""
    anchors: list[Anchor] = field(default_factory=list)
    used: float = 0.0
    _fields: list[str | None] = field(default_factory=list)
    """Fields that are open: their code as far as it was read, None once their result begins."""
    _doubted: list[bool] = field(default_factory=list)
    _sections: int = 0
    _over: bool = False

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
        elif name == "instrText" and self._fields and self._fields[-1] is not None:
            self._fields[-1] += element.text[:100]
        elif name == "fldChar":
            self._field(value(element, name="fldCharType"), element)
        elif name == "br":
            self._break(value(element, "textWrapping", "type"), within)
        elif name not in _SKIPPED:
            inside = self._within(element, name, within)
            yield from ((inner, inside) for inner in element.children)
            if name == "p":
                yield (lambda: self._end_paragraph(element, inside)), inside

    def _foreign(
        self, element: Element, name: str, within: Within
    ) -> Iterator[tuple[Element | Callable[[], None], Within]]:
        """Enter what is not of WordprocessingML: branches, drawings, things nobody knows."""
        if name in ("anchor", "inline", "shape", "rect"):
            self.used += height_of(element)
            anchor = anchor_of(element, self.used)
            if anchor is not None:
                self.anchors.append(anchor)
        inside = replace(within, code=worst(within.code, UNDETERMINED))
        if any(is_on_attribute(inner, "hidden") for inner in element.children):
            inside = replace(within, code=HIDDEN)
        branches = [inner for inner in element.children if local(inner.name) == "Choice"]
        # Of branches one is shown; the first is read here, and nobody says that it is the one.
        chosen = branches[:1] if name == "AlternateContent" and branches else element.children
        yield from ((inner, inside) for inner in chosen)

    def _within(self, element: Element, name: str, within: Within) -> Within:
        """Return what holds inside a container."""
        read = {"p": self._paragraph, "r": self._run, "tbl": self._table}.get(name)
        if read is not None:
            return read(element, within)
        if name in ("tr", "tc"):
            return _cell(self.styles, element, name, within)
        if name in _GONE:
            return replace(within, code=HIDDEN)
        bound = child(element, "sdtPr", "dataBinding") is not None
        if bound or name not in _PASSED:
            return replace(within, code=worst(within.code, UNDETERMINED))
        return within

    def _paragraph(self, element: Element, within: Within) -> Within:
        layers = self.styles.paragraph_layers(child(element, "pPr"))
        if is_on(nearest(layers, "pageBreakBefore")) and self.runs:
            self._over = True
        spacing = nearest(layers, "spacing")
        self.used += _whole(value(spacing, name="before")) / TWIPS
        shade = nearest(layers, "shd")
        ground = within.ground if shade is None else shaded(self.styles, shade, within.ground)
        codes = [within.code]
        if nearest(layers, "framePr") is not None or _is_off(nearest(layers, "ind")):
            codes.append(UNDETERMINED)
        points = self._points(element, within)
        if value(spacing, name="lineRule") == "exact":
            line = _whole(value(spacing, name="line")) / TWIPS
            codes.append(HIDDEN if line < points * _LEAST_LINE else PERCEIVABLE)
        return replace(within, code=worst(*codes), ground=ground, paragraph=element, points=points)

    def _points(self, element: Element, within: Within) -> float:
        """Return the size of the largest run directly in a paragraph."""
        properties = child(element, "pPr")
        sizes = [
            points_of(self.styles.layers(child(run, "rPr"), properties, within.tables))
            for run in list(element.children)[:50]
            if local(run.name) == "r"
        ]
        return max(sizes, default=0.0)

    def _run(self, element: Element, within: Within) -> Within:
        properties = child(within.paragraph, "pPr")
        layers = self.styles.layers(child(element, "rPr"), properties, within.tables)
        code = look(self.styles, layers, within.ground)
        if is_on(nearest(layers, "vanish")):
            code = HIDDEN
        return replace(within, code=worst(within.code, code), points=points_of(layers))

    def _table(self, element: Element, within: Within) -> Within:
        codes = [within.code]
        floats = child(element, "tblPr", "tblpPr") is not None
        grid = child(element, "tblGrid")
        columns = [
            _whole(value(column, name="w"))
            for column in (grid.children if grid is not None else ())
        ]
        if floats or any(0 < width < _LEAST_CELL for width in columns):
            codes.append(UNDETERMINED)
        styled = self.styles.chain(value(child(element, "tblPr", "tblStyle")))
        paints = any(
            local(part.name) in ("shd", "tblStylePr") for style in styled for part in style.walk()
        )
        return replace(
            within, code=worst(*codes), ground=None if paints else within.ground,
            tables=(element, *within.tables[:5]),
        )  # fmt: skip

    # --- What has no inside ----------------------------------------------------------------------

    def _add(self, text: str, within: Within) -> None:
        code = within.code
        if self._fields:
            inside = any(opened is not None for opened in self._fields)
            code = worst(code, HIDDEN if inside else PERCEIVABLE)
            code = worst(code, UNDETERMINED if any(self._doubted) else PERCEIVABLE)
        if self.used > self.page:
            code = worst(code, BURIED)
        measures = {"em_points": within.points} if within.points else {}
        self.runs.append(Run(text, code, measures=measures))
        self.heights.append(self.used)

    def _break(self, kind: str, within: Within) -> None:
        if kind == "page":
            self._over = bool(self.runs)
        self._add("\n", within)

    def _field(self, kind: str, element: Element) -> None:
        if kind == "begin":
            self._fields.append("")
            self._doubted.append(is_on_attribute(element, "dirty"))
        elif kind == "separate" and self._fields:
            code = (self._fields[-1] or "").strip().upper()
            self._doubted[-1] |= not code.startswith(_SHOWN_FIELDS)
            self._fields[-1] = None
        elif kind == "end" and self._fields:
            self._fields.pop()
            self._doubted.pop()

    def _end_paragraph(self, element: Element, within: Within) -> None:
        self._add("\n", within)
        spacing = nearest(self.styles.paragraph_layers(child(element, "pPr")), "spacing")
        self.used += _whole(value(spacing, name="after")) / TWIPS + within.points
        if child(element, "pPr", "sectPr") is not None:
            self._sections += 1
            following = self.continuous[self._sections : self._sections + 1]
            self._over = not any(following)


def is_on_attribute(element: Element, name: str) -> bool:
    """Whether an attribute, in whatever namespace, says yes."""
    said = [text for key, text in element.attributes.items() if local(key) == name]
    return any(text.lower() in ("1", "true", "on") for text in said)


def _cell(styles: Styles, element: Element, name: str, within: Within) -> Within:
    properties = child(element, f"{name}Pr")
    if name == "tr":
        height = child(properties, "trHeight")
        low = value(height, name="hRule") == "exact" and _whole(value(height)) < _LEAST_CELL
        hidden = is_on(child(properties, "hidden")) or low
        return replace(within, code=HIDDEN) if hidden else within
    merged = child(properties, "vMerge")
    shade = child(properties, "shd")
    ground = within.ground if shade is None else shaded(styles, shade, within.ground)
    hidden = merged is not None and value(merged, "continue") == "continue"
    return replace(within, code=HIDDEN if hidden else within.code, ground=ground)


def _is_off(indent: Element | None) -> bool:
    """Whether an indent may put words off the page, or into a column too narrow for them."""
    sides = ("left", "start", "right", "end", "firstLine")
    wide = [_whole(value(indent, name=side)) for side in sides]
    return sum(map(max, wide, [0] * len(wide))) > 6000 or min(wide) < -1000  # noqa: PLR2004  twips: a page is 12,000 wide, a margin 1,400


def _whole(text: str) -> int:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0  # noqa: PLR2004  32 bits
