"""What people see of a presentation: of each slide that is shown, the words of its shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kzlabel.formats._free_place import shared
from kzlabel.formats._ooxml_drawn import fills, name_of, part, runs_of
from kzlabel.formats._ooxml_ink import COVERED, HIDDEN, PERCEIVABLE, UNDETERMINED, Colour, worst
from kzlabel.formats._ooxml_office import local
from kzlabel.formats._ooxml_plain import THICK, extent_of, is_plain_shape, line_width
from kzlabel.formats._ooxml_room import Looked
from kzlabel.formats._pptx_slides import MAX_SHAPES, Deck, Slide, deck_of, slide_of
from kzlabel.notices.prose import Run

if TYPE_CHECKING:
    from kzlabel.formats._free_place import Place
    from kzlabel.formats._ooxml_office import Office
    from kzlabel.formats._xml_splice import Element
    from kzlabel.model import NoticeStyle

FIRST = 20_000
"""Characters that may stand before a notice: a slide is seen at once."""
_TOUCH, _MOST_COVERED = 0.02, 0.25
_LEAST_INSIDE = 0.999
_TEXT_SHARE = 0.9
"""Of a box's width, between its insets."""
_FAR = 1e9
"""EMU: beyond any slide."""
_LEAST_MILLISECONDS = 2_000


@dataclass(frozen=True)
class Reach:
    """How far a shape may reach over those below it."""

    place: Place
    sure: bool = False
    """It is filled, and hides what is there."""
    words: bool = False
    """There is nothing in it but words."""


def pages_of(office: Office, style: NoticeStyle) -> Looked:  # noqa: ARG001  the same for all
    """Return the slides that are shown."""
    deck = deck_of(office)
    return Looked((_page(deck, slide_of(office, name)) for name in deck.slides), FIRST)


def _page(deck: Deck, slide: Slide) -> list[Run]:
    moving = _moving(slide)
    shapes = slide.shapes
    runs: list[Run] = []
    fleeting = UNDETERMINED if _is_fleeting(slide) else PERCEIVABLE
    held = [_seen(slide, shapes, at) for at in range(len(shapes))]
    reaches = [_reach(slide, shape, seen) for shape, (seen, _) in zip(shapes, held, strict=True)]
    for at, shape in enumerate(shapes):
        words, place = held[at]
        codes = [
            fleeting,
            _inside(deck, place),
            _cover(slide.place(shape), place, reaches[at + 1 :]),
        ]
        if name_of(shape).get("id") in moving or not _takes_after_plain(slide, shape):
            codes.append(UNDETERMINED)
        runs += [replace(run, code=worst(run.code, *codes)) for run in words]
    return runs


def _seen(slide: Slide, shapes: list[Element], at: int) -> tuple[list[Run], Place | None]:
    """Return a shape's words, and where they lie: they may run over the edges of their box."""
    shape = shapes[at]
    place = slide.place(shape)
    words = list(_words(slide, shape, _behind(slide, place, shapes[:at]), PERCEIVABLE))
    if place is None or local(shape.name) != "sp" or not any(run.text.strip() for run in words):
        return words, place
    body = part(shape, "txBody", "bodyPr")
    wraps = body is None or body.attributes.get("wrap", "square") != "none"
    wide, high = extent_of(words, place[2] * _TEXT_SHARE, wraps=wraps)
    over, above = max(wide - place[2], 0.0), max(high - place[3], 0.0)
    # Where they run over depends on how they are aligned: it may be on either side.
    return words, (place[0] - over, place[1] - above, place[2] + 2 * over, place[3] + 2 * above)


def _takes_after_plain(slide: Slide, shape: Element) -> bool:
    return all(
        is_plain_shape(part(one, "spPr"), part(one, "txBody", "bodyPr"))
        for one in slide.inherited(shape)
    )


def _reach(slide: Slide, shape: Element, words: list[Run]) -> Reach | None:
    """Return how far a shape may reach over those below it; None where it hides nothing."""
    place, line = slide.place(shape), line_width(part(shape, "spPr"))
    table = any(local(e.name) == "tbl" for e in shape.walk())
    effects = any(local(e.name) == "effectLst" and any(e.children) for e in shape.walk())
    text = any(run.text.strip() for run in words)
    sure = fills(shape, slide.scheme)
    if not (sure or line > THICK or text or effects):
        return None
    if place is None or effects or table or (text and not _holds(place, words)):
        below = place[1] if place is not None and table and not effects else -_FAR
        return Reach((-_FAR, below, 2 * _FAR, 2 * _FAR))
    if not sure and line <= THICK:
        return Reach(place, words=True)
    edge = line / 2 if line > THICK else 0.0
    grown = place[0] - edge, place[1] - edge, place[2] + 2 * edge, place[3] + 2 * edge
    return Reach(grown, sure=sure and not edge)


def _holds(place: Place, words: list[Run]) -> bool:
    return extent_of(words, place[2] * _TEXT_SHARE, wraps=True)[1] <= place[3]


def _words(slide: Slide, shape: Element, behind: Colour | None, code: str) -> Iterator[Run]:
    """Return a shape's words; in groups and alternatives nobody says how they are placed."""
    if local(shape.name) == "sp":
        yield from runs_of(shape, slide.scheme_of(shape), behind, code)
        return
    hidden = name_of(shape).get("hidden", "0") in ("1", "true")
    code = worst(code, HIDDEN if hidden else UNDETERMINED)
    for inner in shape.walk():
        if local(inner.name) in ("sp", "tc"):
            yield from runs_of(inner, slide.scheme, None, code)


def _inside(deck: Deck, place: Place | None) -> str:
    """Judge whether a shape lies on the slide."""
    if place is None:
        return UNDETERMINED
    area = place[2] * place[3]
    if area <= 0:
        return UNDETERMINED
    inside = shared(place, (0, 0, deck.width, deck.height)) / area
    if inside >= _LEAST_INSIDE:
        return PERCEIVABLE
    return UNDETERMINED if inside > _TOUCH else HIDDEN


def _cover(box: Place | None, place: Place | None, later: list[Reach | None]) -> str:
    """Judge what lies over a shape, be it ever so little: its words may be just there.

    `box` is the shape's own, `place` where its words may be.
    """
    codes = [PERCEIVABLE]
    for over in filter(None, later):
        under = box if over.words else place
        share = shared(under, over.place) / max(under[2] * under[3], 1.0) if under else 1.0
        if share > 0:
            codes.append(COVERED if over.sure and share > _MOST_COVERED else UNDETERMINED)
    return worst(*codes)


def _share(slide: Slide, place: Place | None, other: Element) -> float:
    """Return how much (0 to 1) of `place` another shape hides."""
    over = slide.place(other)
    if not fills(other, slide.scheme) or place is None:
        return 0.0
    if over is None:
        return _MOST_COVERED  # it lies somewhere
    return shared(place, over) / max(place[2] * place[3], 1.0)


def _behind(slide: Slide, place: Place | None, earlier: list[Element]) -> Colour | None:
    """Return the colour behind a shape; None where another one may lie there."""
    if any(_share(slide, place, other) > 0 for other in earlier):
        return None
    return slide.ground


def _moving(slide: Slide) -> frozenset[str]:
    """Return the ids of shapes that an animation makes come or go."""
    timing = part(slide.xml.root, "timing")
    targets = timing.walk() if timing is not None else ()
    return frozenset(e.attributes.get("spid", "") for e in targets if local(e.name) == "spTgt")


def _is_fleeting(slide: Slide) -> bool:
    """Whether the slide goes by before it can be read, or holds more than was read of it."""
    times = [
        e.attributes["advTm"]
        for child in slide.xml.root.children
        if local(child.name) in ("transition", "AlternateContent")
        for e in child.walk()
        if "advTm" in e.attributes
    ]
    short = any(not time.isdigit() or int(time[:9]) < _LEAST_MILLISECONDS for time in times)
    return short or not slide.xml.whole or len(slide.shapes) > MAX_SHAPES
