"""Presentations (ODP): the notice is a text box on top of the first visible slide, or of every one.

::

    <draw:page> … <draw:frame svg:x=… svg:y=…><draw:text-box><text:p>…</text:p> … </draw:page>
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kzlabel._markup import quoteattr
from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._box import Box
from kzlabel.formats._odf_document import CONTENT, STYLES
from kzlabel.formats._odf_look import MIN_POINTS, Ground
from kzlabel.formats._odf_names import attribute, every, first, short
from kzlabel.formats._odf_plate import FLOOR, above, fitting, frame, placed
from kzlabel.formats._odf_room import Noticed
from kzlabel.formats._odf_shapes import Plane
from kzlabel.formats._odf_styles import LAYOUT, points, styles_of
from kzlabel.formats._odf_styles import first as first_of
from kzlabel.formats._odf_words import Wording, with_styles
from kzlabel.formats._xml_splice import Edit, spliced
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from kzlabel.formats._odf_document import Document
    from kzlabel.formats._odf_styles import Level
    from kzlabel.formats._xml_splice import Element

SEEN_AT_ONCE = 5000
"""Characters: a slide is seen as a whole."""
_SMALLER = 0.75
_DEFAULT_PAGE = Box(0, 0, 28 * 72 / 2.54, 21 * 72 / 2.54)
_LEAST_BY_HEIGHT = 1 / 60
"""The em by the slide's height: what is smaller is not read from a screen across a room."""
_MASTER_SHAPES = "presentation:background-objects-visible"
_AFTER_SHAPES = ("presentation:", "anim:", "office:annotation")
_MOVES = ("anim:animateMotion", "anim:animateTransform")


class Slides:
    """What is particular to presentations."""

    first = SEEN_AT_ONCE

    def __init__(self, document: Document) -> None:
        self._document = document
        self._content = document.part(CONTENT)
        self._sheet = document.part(STYLES)
        self._styles = styles_of(self._content.root, self._sheet.root)
        self._master_styles = styles_of(self._sheet.root, self._sheet.root)
        body = first(self._content.root, "office:body", "office:presentation")
        if body is None:
            raise UnreadableAssetError(
                "kz.error.odf-damaged", path=document.path, detail="office:presentation"
            )
        self._pages = [page for page in every(body, "draw:page") if self._is_shown(page)]

    def _is_shown(self, page: Element) -> bool:
        style = attribute(page, "draw:style-name")
        levels = self._styles.levels("drawing-page", style, "drawing-page")
        return first_of(levels, "presentation:visibility") != "hidden"

    # --- Written ----------------------------------------------------------------------------------

    def noticed(self, lines: Mapping[str, str], *, every: bool) -> Noticed:
        chosen = self._pages if every else self._pages[:1]
        if not chosen:
            raise RefusedError("kz.error.odf-no-page", path=self._document.path)
        words = tuple(lines.values())
        size = min(fitting(words, self._size(page)).points for page in chosen)
        places = [self._placed(page, words, size) for page in chosen]
        if any(hides for _, hides in places):  # a smaller one may hide nothing
            size = max(_SMALLER * size, FLOOR)
            places = [self._placed(page, words, size) for page in chosen]
        wording = Wording(lines, self._styles, size)
        edits = [
            self._with_box(page, wording, box)
            for page, (box, _) in zip(chosen, places, strict=True)
        ]
        flaws = ("kz.notice.covers",) if any(hides for _, hides in places) else ()
        styles = wording.styles() + wording.box_style
        edits.append(with_styles(self._content, styles.encode()))
        return Noticed({CONTENT: spliced(self._content.content, edits)}, len(chosen), flaws)

    def _placed(self, page: Element, words: Sequence[str], points: float) -> tuple[Box, bool]:
        """Return where the box hides the least, and whether it hides words or pictures."""
        size, plane = self._size(page), self._plane(page)
        return placed(fitting(words, size, points), size, plane.content, plane.boxes)

    def _with_box(self, page: Element, wording: Wording, box: Box) -> Edit:
        text = frame(wording, box, self._layer + above(page))
        after = next(
            (child for child in page.children if short(child.name).startswith(_AFTER_SHAPES)), None
        )
        return Edit(after.start, after.start, text) if after else self._content.closing(page, text)

    @property
    def _layer(self) -> str:
        """The attribute that puts a shape on a layer which is shown; empty without layers."""
        hidden = self._hidden_layers
        named = (attribute(layer, "draw:name") for layer in self._layers)
        shown = [name for name in named if name not in hidden and not name.startswith("background")]
        name = "layout" if "layout" in shown else next(iter(shown), "")
        return f" draw:layer={quoteattr(name)}" if name else ""

    @property
    def _layers(self) -> list[Element]:
        holder = first(self._sheet.root, "office:master-styles", "draw:layer-set")
        return list(every(holder, "draw:layer")) if holder is not None else []

    @property
    def _hidden_layers(self) -> frozenset[str]:
        return frozenset(
            attribute(layer, "draw:name")
            for layer in self._layers
            if attribute(layer, "draw:display", "always") not in ("always", "screen")
        )

    # --- Read -------------------------------------------------------------------------------------

    def pages(self, *, every: bool) -> Iterator[Sequence[Run]]:
        for page in self._pages if every else self._pages[:1]:
            yield list(self._plane(page).runs())

    def _master(self, page: Element) -> Element | None:
        name = attribute(page, "draw:master-page-name")
        holder = first(self._sheet.root, "office:master-styles")
        pages = every(holder, "style:master-page") if holder is not None else ()
        return next((found for found in pages if attribute(found, "style:name") == name), None)

    def _size(self, page: Element) -> Box:
        master = self._master(page)
        layout = attribute(master, "style:page-layout-name") if master is not None else ""
        levels = self._master_styles.levels(LAYOUT, layout, "page-layout")
        wide, high = (points(first_of(levels, f"fo:page-{side}")) for side in ("width", "height"))
        return Box(0, 0, wide or _DEFAULT_PAGE.w, high or _DEFAULT_PAGE.h)

    def _plane(self, page: Element) -> Plane:
        """Return the shapes of a page, those of its master page below them."""
        size, master = self._size(page), self._master(page)
        style = attribute(page, "draw:style-name")
        levels = self._styles.levels("drawing-page", style, "drawing-page")
        ground = self._ground(levels, master, max(MIN_POINTS, size.h * _LEAST_BY_HEIGHT))
        plane = Plane(size, ground)
        plane.animated, plane.is_restless = _animated(page)
        plane.hidden_layers = self._hidden_layers
        if master is not None and first_of(levels, _MASTER_SHAPES) != "false":
            shapes = [s for s in master.children if not attribute(s, "presentation:class")]
            plane.add(shapes, self._master_styles)
        shown = [s for s in page.children if attribute(s, "presentation:placeholder") != "true"]
        plane.add(shown, self._styles)
        return plane

    def _ground(self, levels: Sequence[Level], master: Element | None, least: float) -> Ground:
        """Return what the slide is painted with: its own fill, or that of its master page."""
        ground = Ground(least=least)
        if master is not None and first_of(levels, "presentation:background-visible") != "false":
            style = attribute(master, "draw:style-name")
            painted = self._master_styles.levels("drawing-page", style, "drawing-page")
            ground = ground.under(painted)
        own = first_of(levels, "draw:fill")
        return ground.under(levels) if own and own != "none" else ground


def _animated(page: Element) -> tuple[frozenset[str], bool]:
    """Return the ids of what an animation touches, and whether something is moved about."""
    names = ("smil:targetElement", "draw:shape-id")
    targets = {attribute(element, name) for element in page.walk() for name in names} - {""}
    moves = any(short(element.name) in _MOVES for element in page.walk())
    return frozenset(targets), moves
