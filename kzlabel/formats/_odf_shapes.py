"""Shapes of OpenDocument on a page or a sheet: where they lie, what they cover, what they show.

Part 3, 10.3 (shapes) and 20.98 (`draw:fill`). All lengths are points. A shape whose place cannot be
told may lie over everything; what stands in it is in doubt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from kzlabel.formats._box import Box
from kzlabel.formats._odf_flow import Flow
from kzlabel.formats._odf_look import COVERED, HIDDEN, PERCEIVABLE, UNDETERMINED, Ground, worst
from kzlabel.formats._odf_names import attribute, every, short
from kzlabel.formats._odf_styles import Level, first, percent, points

if TYPE_CHECKING:
    from kzlabel.formats._odf_styles import Styles
    from kzlabel.formats._xml_splice import Element
    from kzlabel.notices.prose import Run

MAX_SHAPES = 200
"""Of one page: those beyond are taken for one that may lie over everything."""
_GROUPS = ("draw:g", "draw:a")
_LINES = ("draw:line", "draw:connector", "draw:measure", "draw:polyline", "draw:caption")
_NOT_SHAPES = ("draw:page-thumbnail", "draw:layer-set", "draw:glue-point")
_SEEN, _WHOLE = 0.5, 0.97
"""Parts of a shape inside the page: less is off it; in between is in doubt."""
_TOUCHED, _OVER = 0.01, 0.25
"""Parts of a shape under another: more is in doubt; more is covered."""
_CLEAR = 0.1
_PARAGRAPHS = ("text:p", "text:h")
_USUAL, _LETTER, _LINE = 18.0, 0.55, 1.3
"""Points; width of a letter and height of a line by the em."""


@dataclass(frozen=True)
class Shape:
    """A shape that is drawn."""

    element: Element
    styles: Styles
    box: Box | None
    levels: tuple[Level, ...]
    """Its graphic properties."""
    text: tuple[Level, ...]
    """Text properties that what stands in it inherits."""
    code: str = PERCEIVABLE

    @property
    def name(self) -> str:
        """The element's name."""
        return short(self.element.name)

    @cached_property
    def fill(self) -> str:
        """How it is filled: `solid`, `none`, or what no colour stands for."""
        if self.name == "draw:frame" and not any(every(self.element, "draw:text-box")):
            return "picture"
        if self.name in _LINES:
            return "none"
        named = first(self.levels, "draw:fill")
        opacity = percent(first(self.levels, "draw:opacity") or "100%")
        if opacity is not None and opacity < _CLEAR:
            return "none"
        if named:
            return named
        return "none" if self.name == "draw:frame" else "solid"

    @cached_property
    def is_opaque(self) -> bool:
        """Whether it fills its box with one colour, and nothing shines through."""
        opacity = percent(first(self.levels, "draw:opacity") or "100%")
        return self.fill == "solid" and self.name in ("draw:frame", "draw:rect") and opacity == 1.0

    @property
    def seen(self) -> Box | None:
        """Where its words lie, about; of pictures and tables all of it, None without any."""
        box = self.box
        words = [e.text for e in self.element.walk() if short(e.name) in _PARAGRAPHS]
        if box is None or self.code == HIDDEN or not any(words):
            return box if self.fill == "picture" and self.code != HIDDEN else None
        em = points(first(self.text, "fo:font-size")) or _USUAL
        across = max(box.w / (em * _LETTER), 1.0)
        high = sum(1 + len(row) // across for row in words) * em * _LINE
        place = first(self.levels, "draw:textarea-vertical-align")
        free = box.h - high
        down = {"middle": free / 2, "bottom": free}.get(place, 0.0)
        return Box(box.x, box.y + down, box.w, high)

    @property
    def ids(self) -> set[str]:
        """By what names an animation may speak of it, or of what is in it."""
        return {
            attribute(element, name)
            for element in self.element.walk()
            for name in ("xml:id", "draw:id")
        } - {""}


class Plane:
    """The shapes of one page, the lowest first."""

    def __init__(self, page: Box, ground: Ground) -> None:
        self._page, self._ground = page, ground
        self.animated: frozenset[str] = frozenset()
        """Ids of what appears or goes away."""
        self.is_restless = False
        """Something may lie anywhere: it is moved, or there is too much to look at."""
        self._shapes: list[Shape] = []
        self.hidden_layers: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        """How many shapes there are."""
        return len(self._shapes)

    @property
    def content(self) -> list[Box]:
        """Where words and pictures lie, about."""
        return [box for shape in self._shapes if (box := shape.seen) is not None]

    @property
    def boxes(self) -> list[Box]:
        """Where shapes lie, as far as that can be told."""
        return [shape.box for shape in self._shapes if shape.box is not None]

    def add(
        self, elements: Sequence[Element], styles: Styles, origin: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """Put shapes on top; those with `draw:z-index` in its order."""
        shapes: list[tuple[float, Shape]] = []
        for shape in self._flat(elements, styles, origin):
            if len(self._shapes) + len(shapes) >= MAX_SHAPES:
                self.is_restless = True
                break
            shapes.append((_depth(shape, len(shapes)), shape))
        shapes.sort(key=lambda pair: pair[0])
        self._shapes += [shape for _, shape in shapes]

    def _flat(
        self, elements: Sequence[Element], styles: Styles, origin: tuple[float, float]
    ) -> Iterator[Shape]:
        waiting = [(element, PERCEIVABLE) for element in reversed(elements)]
        while waiting:
            element, code = waiting.pop()
            name = short(element.name)
            code = worst(code, self._shown(element))
            if name in _GROUPS:
                inner = UNDETERMINED if attribute(element, "draw:transform") else PERCEIVABLE
                waiting += [
                    (child, worst(code, inner)) for child in reversed(list(element.children))
                ]
            elif name.startswith(("draw:", "dr3d:")) and name not in _NOT_SHAPES:
                yield _shape(element, styles, origin, code)

    def _shown(self, element: Element) -> str:
        if attribute(element, "draw:layer") in self.hidden_layers:
            return HIDDEN
        shown = attribute(element, "draw:display", "always") in ("always", "screen")
        return PERCEIVABLE if shown else HIDDEN

    def over(self, box: Box) -> str:
        """Say what becomes of what lies below all shapes."""
        codes = [_over(box, above) for above in self._shapes]
        return worst(*codes, UNDETERMINED if self.is_restless else PERCEIVABLE)

    def runs(self) -> Iterator[Run]:
        """Return what stands in the shapes, the topmost first."""
        for at in range(len(self._shapes) - 1, -1, -1):
            shape = self._shapes[at]
            flow = Flow(shape.styles)
            ground = self._under(at).but(worst(shape.code, self._code(at)))
            boxes = list(every(shape.element, "draw:text-box"))
            for holder in boxes or [shape.element]:
                flow.blocks(holder, ground, shape.text)
            yield from flow.runs

    def _code(self, at: int) -> str:
        shape = self._shapes[at]
        codes = [PERCEIVABLE]
        if shape.box is None or self.is_restless or self.animated & shape.ids:
            codes.append(UNDETERMINED)
        if shape.box is not None:
            seen = shape.box.shared(self._page)
            codes.append(HIDDEN if seen < _SEEN else UNDETERMINED if seen < _WHOLE else PERCEIVABLE)
        if first(shape.levels, "draw:fit-to-size") not in ("", "false"):
            codes.append(UNDETERMINED)
        codes += [_over(shape.box, above) for above in self._shapes[at + 1 :]]
        return worst(*codes)

    def _under(self, at: int) -> Ground:
        """Return what the text of a shape stands on: its own fill, or what lies below it."""
        shape = self._shapes[at]
        if shape.fill != "none":
            solid = shape.fill == "solid"
            ground = replace(self._ground, colour=None)
            return ground.under(({"draw:fill": "solid"}, *shape.levels)) if solid else ground
        for below in reversed(self._shapes[:at]):
            if below.fill == "none" or below.code == HIDDEN:
                continue
            if shape.box is None or below.box is None:
                return replace(self._ground, colour=None)
            shared = shape.box.shared(below.box)
            if shared > _WHOLE and below.is_opaque:
                return replace(self._ground, colour=None).under(
                    ({"draw:fill": "solid"}, *below.levels)
                )
            if shared > _TOUCHED:
                return replace(self._ground, colour=None)
        return self._ground


def _over(box: Box | None, above: Shape) -> str:
    """Say what becomes of what lies in a box by a shape above it."""
    if above.fill == "none" or above.code == HIDDEN:
        return PERCEIVABLE
    if above.box is None or box is None:
        return UNDETERMINED
    shared = box.shared(above.box)
    if shared > _OVER and above.is_opaque:
        return COVERED
    return UNDETERMINED if shared > _TOUCHED else PERCEIVABLE


def _depth(shape: Shape, at: int) -> float:
    try:
        return float(int(attribute(shape.element, "draw:z-index")[:9])) + at / MAX_SHAPES / 2
    except ValueError:
        return float(at)


def _shape(element: Element, styles: Styles, origin: tuple[float, float], code: str) -> Shape:
    family, name = "presentation", attribute(element, "presentation:style-name")
    if not name:
        family, name = "graphic", attribute(element, "draw:style-name")
    words = attribute(element, "draw:text-style-name")
    text = (*styles.own("paragraph", words, "text"), *styles.levels(family, name, "text"))
    levels = styles.levels(family, name, "graphic")
    return Shape(element, styles, _box(element, origin), levels, text, code)


def _box(element: Element, origin: tuple[float, float]) -> Box | None:
    """Return where a shape lies; None where it is turned, or does not say."""
    names = ("svg:x", "svg:y", "svg:width", "svg:height")
    x, y, w, h = (points(attribute(element, name)) for name in names)
    if x is None or y is None or w is None or h is None or min(w, h) < 0:
        return None
    if attribute(element, "draw:transform"):
        return None
    return Box(x + origin[0], y + origin[1], w, h)
