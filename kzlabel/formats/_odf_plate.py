"""The notice as a text box: how large, in which corner, and its markup. Lengths are points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel._markup import quoteattr
from kzlabel.formats._box import Box
from kzlabel.formats._free_place import freest
from kzlabel.formats._odf_names import attribute, declared

if TYPE_CHECKING:
    from kzlabel.formats._odf_words import Wording
    from kzlabel.formats._xml_splice import Element

_BY_HEIGHT, _BY_WIDTH = 1 / 36, 0.9
"""The em by the page's height; how much of its width the box may take."""
FLOOR = 10.0
_LETTER, _LINE = 0.66, 1.3
"""Width of a letter and height of a line by the em, with room for fonts that are wider."""
_PADDING = 4.0
MARGIN = 8.0
_DIGITS = 8


@dataclass(frozen=True)
class Plate:
    """The box before it has a place."""

    points: float
    w: float
    h: float


def fitting(lines: Sequence[str], page: Box, size: float = 0.0) -> Plate:
    """Return a box for `lines`: letters in proportion to the page, no wider than it."""
    longest = max(map(len, lines))
    room = (page.w * _BY_WIDTH - 2 * _PADDING) / (longest * _LETTER)
    em = round(min(size or max(FLOOR, page.h * _BY_HEIGHT), room), 1)
    wide = longest * em * _LETTER + 2 * _PADDING
    return Plate(em, wide, len(lines) * em * _LINE + 2 * _PADDING)


def placed(
    plate: Plate, page: Box, content: Sequence[Box], others: Sequence[Box]
) -> tuple[Box, bool]:
    """Return where on the page the box hides least, and whether that is content; see `freest`."""
    held, all_ = ([(one.x, one.y, one.w, one.h) for one in boxes] for boxes in (content, others))
    whole = (page.x, page.y, page.w, page.h)
    place, hides = freest((plate.w, plate.h), whole, held, all_, MARGIN)
    return Box(*place), hides


def frame(wording: Wording, box: Box, said: str = "") -> bytes:
    """Return the text box; `said` are more attributes of it."""
    place = zip(("x", "y", "width", "height"), (box.x, box.y, box.w, box.h), strict=True)
    lengths = "".join(f' svg:{name}="{value:.2f}pt"' for name, value in place)
    return (
        f"<draw:frame{declared('draw', 'svg', 'table')} draw:name={quoteattr(wording.name)}"
        f' draw:style-name="{wording.name}-box"{said}{lengths}>'
        f"<draw:text-box>{wording.paragraph}</draw:text-box></draw:frame>"
    ).encode()


def above(page: Element) -> str:
    """Return the attribute that puts a shape over all others, where they are numbered."""
    said = (attribute(element, "draw:z-index") for element in page.walk())
    depths = [int(depth) for depth in said if depth.isdecimal() and len(depth) <= _DIGITS]
    return f' draw:z-index="{max(depths) + 1}"' if depths else ""
