"""The notice in a presentation: a text box on an opaque plate, over all else on the slide.

It lies in the corner of the slide where it hides the least, smaller or elsewhere where that is
words. `page`: on the first slide that is shown; `pages`: on every one. Hidden slides stay as they
are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._free_place import freest
from kzlabel.formats._ooxml_drawn import part
from kzlabel.formats._ooxml_office import local
from kzlabel.formats._ooxml_room import Given
from kzlabel.formats._ooxml_shape import A_STRICT, EMU_OF_POINT, A, shape, size_of, words_of
from kzlabel.formats._pptx_slides import Deck, Slide, deck_of, seen_place, slide_of
from kzlabel.formats._xml_splice import Edit
from kzlabel.model import NoticeStyle

if TYPE_CHECKING:
    from kzlabel.formats._ooxml_office import Draft
    from kzlabel.formats._xml_splice import Xml
    from kzlabel.model import Notice

Emus = tuple[int, int, int, int]
SHARE = 1 / 30
"""Of the slide's shorter side: the size of the type, 18 points on most slides."""
LEAST_POINTS, MARGIN = 10.0, 0.02
"""The margin: of the slide's shorter side."""
_WIDEST = 0.9
_SMALLER = (1.0, 0.85, 0.7)
"""Sizes that are tried where a larger box would hide words."""
_STRICT = "http://purl.oclc.org/ooxml/presentationml/main"


def put_notice(draft: Draft, notice: Notice, lines: tuple[str, ...]) -> Given:
    """Put `lines` on the slides."""
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
    covers = False
    for name in slides:
        slide = slide_of(draft.office, name)
        for share in _SMALLER:
            size = max(points * share, LEAST_POINTS)
            place, hides = _placed(deck, slide, size_of(lines, size))
            if not hides:
                break
        words = words_of("p", notice.languages, lines, size)
        draft.edit(name, _last(draft.xml(name), words, place, draft))
        covers |= hides
    return Given(len(slides), ("kz.notice.covers",) if covers else ())


def _last(slide: Xml, words: str, place: Emus, draft: Draft) -> Edit:
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


def _placed(deck: Deck, slide: Slide, size: tuple[int, int]) -> tuple[Emus, bool]:
    """Return where the box hides the least, and whether it hides words or pictures."""
    margin = round(min(deck.width, deck.height) * MARGIN)
    content = [place for one in slide.shapes if (place := seen_place(slide, one)) is not None]
    others = [place for one in slide.shapes if (place := slide.place(one)) is not None]
    page = (0, 0, deck.width, deck.height)
    (x, y, wide, high), hides = freest(size, page, content, others, margin)
    return (round(x), round(y), round(wide), round(high)), hides
