"""What people see of a presentation: of each slide that is shown, the words of its shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kzlabel.formats._free_place import shared
from kzlabel.formats._ooxml_drawn import fills, name_of, part, runs_of
from kzlabel.formats._ooxml_ink import COVERED, HIDDEN, PERCEIVABLE, UNDETERMINED, Colour, worst
from kzlabel.formats._ooxml_office import local
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
_LEAST_INSIDE = 0.95
_LEAST_MILLISECONDS = 2_000


def pages_of(office: Office, style: NoticeStyle) -> Looked:  # noqa: ARG001  the same for all
    """Return the slides that are shown."""
    deck = deck_of(office)
    return Looked((_page(deck, slide_of(office, name)) for name in deck.slides), FIRST)


def _page(deck: Deck, slide: Slide) -> list[Run]:
    moving = _moving(slide)
    shapes = slide.shapes
    runs: list[Run] = []
    fleeting = UNDETERMINED if _is_fleeting(slide) else PERCEIVABLE
    for at, shape in enumerate(shapes):
        place = slide.place(shape)
        codes = [fleeting, _inside(deck, place), _cover(slide, place, shapes[at + 1 :])]
        if name_of(shape).get("id") in moving:
            codes.append(UNDETERMINED)
        runs += _words(slide, shape, _behind(slide, place, shapes[:at]), worst(*codes))
    return runs


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


def _cover(slide: Slide, place: Place | None, later: list[Element]) -> str:
    """Judge what lies over a shape."""
    most = max((_share(slide, place, other) for other in later), default=0.0)
    if most <= _TOUCH:
        return PERCEIVABLE
    return COVERED if most > _MOST_COVERED else UNDETERMINED


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
