"""The notice in a presentation: a text box on an opaque plate, over all else on the slide.

It lies in the corner of the slide where it hides the least. `page`: on the first slide that is
shown; `pages`: on every one. Hidden slides stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._ooxml_drawn import part
from kzlabel.formats._ooxml_office import local
from kzlabel.formats._ooxml_shape import A_STRICT, EMU_OF_POINT, A, shape, size_of, words_of
from kzlabel.formats._pptx_slides import Deck, Place, Slide, deck_of, slide_of
from kzlabel.formats._xml_splice import Edit
from kzlabel.model import NoticeStyle

if TYPE_CHECKING:
    from kzlabel.formats._ooxml_office import Draft
    from kzlabel.formats._xml_splice import Xml
    from kzlabel.model import Notice

SHARE = 1 / 30
"""Of the slide's shorter side: the size of the type, 18 points on most slides."""
LEAST_POINTS, MARGIN = 10.0, 0.02
"""The margin: of the slide's shorter side."""
_WIDEST = 0.9
_STRICT = "http://purl.oclc.org/ooxml/presentationml/main"


def put_notice(draft: Draft, notice: Notice, lines: tuple[str, ...]) -> int:
    """Put `lines` on the slides; returns on how many."""
    deck = deck_of(draft.office)
    slides = deck.slides if notice.style is NoticeStyle.PAGES else deck.slides[:1]
    if not slides:
        raise RefusedError(
            "kz.error.office-place", path=draft.office.path, detail=draft.office.main
        )
    points = min(deck.width, deck.height) * SHARE / EMU_OF_POINT
    wide, high = size_of(lines, points)
    points *= min(1.0, _WIDEST * deck.width / wide, _WIDEST * deck.height / high)
    if points < LEAST_POINTS:
        raise RefusedError("kz.error.office-place", path=draft.office.path, detail=slides[0])
    words = words_of("p", notice.languages, lines, points)
    for name in slides:
        held = draft.xml(name)
        place = _place(deck, slide_of(draft.office, name), size_of(lines, points))
        draft.edit(name, _last(held, words, place, draft))
    return len(slides)


def _last(slide: Xml, words: str, place: tuple[int, int, int, int], draft: Draft) -> Edit:
    """Return the edit that lays the box over all shapes of the slide."""
    tree = part(slide.root, "cSld", "spTree")
    if tree is None:
        raise RefusedError("kz.error.office-place", path=draft.office.path, detail="spTree")
    namespace = slide.root.name[1:].partition("}")[0]
    drawing = A_STRICT if namespace == _STRICT else A
    taken = (
        _number(e.attributes.get("id", "")) for e in slide.root.walk() if local(e.name) == "cNvPr"
    )
    box = shape("p", 1 + max(taken, default=1), place, words)
    content = box.replace("<p:sp>", f'<p:sp xmlns:p="{namespace}" xmlns:a="{drawing}">', 1).encode()
    extensions = part(tree, "extLst")
    if extensions is None:
        return slide.closing(tree, content)
    return Edit(extensions.start, extensions.start, content)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1  # noqa: PLR2004  32 bits


def _place(deck: Deck, slide: Slide, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the corner in which the box hides the least, the lower left where it is all one."""
    margin = round(min(deck.width, deck.height) * MARGIN)
    wide, high = size
    left, right = margin, deck.width - wide - margin
    low, top = deck.height - high - margin, margin
    places = [(x, y, wide, high) for x, y in ((left, low), (right, low), (left, top), (right, top))]
    others = [place for one in slide.shapes if (place := slide.place(one)) is not None]
    return min(places, key=lambda place: sum(shared(place, other) for other in others))


def shared(one: Place, other: Place) -> float:
    """Return the area that two places have in common."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(high, 0.0)
