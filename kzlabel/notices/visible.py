"""A notice on a picture: its size, its lines, its place, and its plate (DESIGN 6).

White words on an opaque black plate, font size (em) at least 5 % of the displayed shorter side.
What does not fit goes down a ladder: one long line a language, wrapped, the short form, and at last
a band below the picture (`strip`). All measures are pixels of the displayed picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from msgspec import structs

from kzlabel.model import Corner, NoticeStyle, Placement, Region
from kzlabel.notices._beside import REACH
from kzlabel.notices._coded import check_room, code_side, paste, plate_size, words_at
from kzlabel.notices._text import FONT, Face
from kzlabel.notices.words import Words, words

if TYPE_CHECKING:
    from PIL.Image import Image

    from kzlabel.model import Notice

EM_RATIO = 0.05
"""Font size by the displayed shorter side, at least."""
MIN_EM = 16
"""Font size in pixels, at least, when a notice is made."""
SMALL_SIDE = 200
"""Below this shorter side a notice always goes into a band."""
MARGIN_RATIO = 0.01
"""Room between an overlay and the picture's edges, by width and by height."""
MAX_COVER = 0.4
"""How much of the picture's height an overlay may take before the short form is tried."""
MAX_BAND = 0.5
"""The same for a band, by the height of the picture it is added to."""

Busyness = Callable[[Region], float]
"""How much goes on in a region of the displayed picture; any unit."""
Size = tuple[int, int]
Lines = tuple[str, ...]


def place(notice: Notice, width: int, height: int, busyness: Busyness | None = None) -> Placement:
    """Return where `notice` goes on a displayed picture of `width` x `height`.

    Without a corner in the notice: the one with the least `busyness`, bottom-left on ties.
    Raises `UsageError` for a language without words, `RefusedError` where there is no room for its
    code.
    """
    size, face = (width, height), Face(font_size(width, height))
    side = _code_side(notice, size)
    said = words(notice.statement, notice.languages)
    lines = _overlay_lines(said, face, size, side) if _may_overlay(notice, size) else None
    needed = plate_size(face.size(lines), side) if lines else size
    region = _calmest(notice, needed, size, busyness) if lines else None
    canvas, style = size, NoticeStyle.OVERLAY
    if lines is None or region is None:
        lines, canvas, region = _strip(said, face, size, side)
        style = NoticeStyle.STRIP
    return Placement(
        statement=notice.statement,
        style=style,
        languages=notice.languages,
        lines=lines,
        font=FONT,
        font_size=face.em,
        width=canvas[0],
        height=canvas[1],
        region=region,
        code=notice.code,
        code_side=side,
    )


def _code_side(notice: Notice, size: Size) -> int:
    if not notice.code:
        return 0
    check_room(size)
    return code_side(size)


def _may_overlay(notice: Notice, size: Size) -> bool:
    return notice.style is NoticeStyle.OVERLAY and min(size) >= SMALL_SIDE


def font_size(width: int, height: int) -> int:
    """Return the em of a notice on a displayed picture of `width` x `height`."""
    return max(MIN_EM, math.ceil(min(width, height) * EM_RATIO))


def box(placement: Placement) -> tuple[int, int, int, int]:
    """Return the plate in displayed pixels: left, top, right, bottom."""
    region = placement.region or Region(x=0, y=0, w=0, h=0)
    left, top = round(region.x * placement.width), round(region.y * placement.height)
    width, height = box_size(placement)
    return left, top, left + width, top + height


def box_size(placement: Placement) -> Size:
    """Return width and height of the plate in displayed pixels."""
    region = placement.region or Region(x=0, y=0, w=0, h=0)
    return round(region.w * placement.width), round(region.h * placement.height)


def picture_size(placement: Placement) -> Size:
    """Return the displayed size without the band; the width is the canvas's."""
    band = box_size(placement)[1] if placement.style is NoticeStyle.STRIP else 0
    return placement.width, placement.height - band


def plate(placement: Placement, scale: float = 1.0) -> Image:
    """Return the plate, mode L: words 255 on 0, a code 0 on 255, of `box_size` times `scale`."""
    from PIL import Image

    drawn = Image.new("L", box_size(placement), 0)
    said = Face(placement.font_size).draw(placement.lines)
    drawn.paste(said, words_at(said.size, drawn.size, placement.code_side))
    if placement.code:
        paste(drawn, placement)
    if scale == 1.0:
        return drawn
    size = (max(1, round(drawn.width * scale)), max(1, round(drawn.height * scale)))
    return drawn.resize(size, Image.Resampling.LANCZOS)


# --- The ladder -----------------------------------------------------------------------------------


def _ladder(said: tuple[Words, ...], face: Face, room: int) -> Iterator[Lines]:
    long, short = tuple(w.long for w in said), tuple(w.short for w in said)
    for rung in (long, face.wrap(long, room), short, face.wrap(short, room)):
        if face.size(rung)[0] <= room:
            yield rung


def _overlay_lines(said: tuple[Words, ...], face: Face, size: Size, side: int) -> Lines | None:
    room = size[0] - 2 * math.ceil(size[0] * MARGIN_RATIO) - side
    rungs = _ladder(said, face, room)
    return next((rung for rung in rungs if face.size(rung)[1] <= size[1] * MAX_COVER), None)


def _strip(
    said: tuple[Words, ...], face: Face, size: Size, side: int
) -> tuple[Lines, Size, Region]:
    room = size[0] - side
    rungs = list(_ladder(said, face, room))
    rungs.append(face.wrap(tuple(w.short for w in said), room))
    low = (rung for rung in rungs if face.size(rung)[1] <= size[1] * MAX_BAND)
    lines = next(low, rungs[-1])
    widest, band = plate_size(face.size(lines), side)
    canvas = (max(size[0], widest), size[1] + band)
    return lines, canvas, Region(x=0.0, y=size[1] / canvas[1], w=1.0, h=band / canvas[1])


# --- Corners --------------------------------------------------------------------------------------


def _calmest(
    notice: Notice, plate_size: Size, size: Size, busyness: Busyness | None
) -> Region | None:
    """Return the corner asked for, else the calmest; None where other notices lie in them all.

    Or so near beside them that one would read on into the other.
    """
    asked = _CORNERS if notice.corner is None else (notice.corner,)
    regions = [_region(each, plate_size, size) for each in asked]
    apart = REACH * font_size(*size) / size[0]
    wide = [structs.replace(one, x=one.x - apart, w=one.w + 2 * apart) for one in regions]
    free = [
        one
        for one, its in zip(regions, wide, strict=True)
        if not any(_overlap(its, other) for other in notice.avoid)
    ]
    return min(free, key=lambda one: busyness(one) if busyness else 0.0, default=None)


def _overlap(one: Region, other: Region) -> bool:
    """Whether two regions share more than an edge."""
    across = one.x < other.x + other.w and other.x < one.x + one.w
    return across and one.y < other.y + other.h and other.y < one.y + one.h


_CORNERS = (Corner.BOTTOM_LEFT, Corner.BOTTOM_RIGHT, Corner.TOP_LEFT, Corner.TOP_RIGHT)


def _region(corner: Corner, plate_size: Size, size: Size) -> Region:
    margins = [math.ceil(side * MARGIN_RATIO) for side in size]
    far = [
        side - plate - margin for side, plate, margin in zip(size, plate_size, margins, strict=True)
    ]
    left = margins[0] if corner in (Corner.TOP_LEFT, Corner.BOTTOM_LEFT) else far[0]
    top = margins[1] if corner in (Corner.TOP_LEFT, Corner.TOP_RIGHT) else far[1]
    return Region(
        x=left / size[0], y=top / size[1], w=plate_size[0] / size[0], h=plate_size[1] / size[1]
    )
