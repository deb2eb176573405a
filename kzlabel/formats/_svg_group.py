"""The notice as SVG: a group with a black plate and the words as outlines, in user units.

Every property that a style sheet could set is set on the elements themselves, so that the
document's own rules do not reach them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from kzlabel._markup import escape, quoteattr
from kzlabel.formats._svg_allowed import SVG
from kzlabel.formats._svg_scan import NOTICE
from kzlabel.notices._coded import dark_of, words_at
from kzlabel.notices._text import Face
from kzlabel.notices.visible import box

if TYPE_CHECKING:
    from kzlabel.formats._svg_size import Canvas
    from kzlabel.model import Placement

Outline = Callable[[str, float], list[tuple[str, list[tuple[float, float]]]]]
"""The outline of a character at a font size: SVG path commands, points from the baseline."""

STYLE = (
    "display:inline;visibility:visible;opacity:1;fill-opacity:1;stroke:none;filter:none;mask:none;"
    "clip-path:none;transform:none;mix-blend-mode:normal;fill-rule:nonzero;fill:"
)

_OURS = re.compile(
    rf'<g xmlns="{re.escape(SVG)}" data-kzlabel="{NOTICE}" data-kzlabel-root="[^"<]*" role="img"'
    rf' aria-label="[^"<]*" style="{re.escape(STYLE)}none"><title>[^<]*</title>'
    rf'(?:<path style="{re.escape(STYLE)}#(?:000|fff)" d="[MLCQZ0-9 .e-]*"/>)+</g>'
    rf"[ \t\r\n]*</[\w:.-]+>[ \t\r\n]*"
)


def ends_with_ours(text: str) -> bool:
    """Whether `text`, from a notice to the document's end, is a group as written here, and last."""
    return bool(_OURS.fullmatch(text))


def group(placement: Placement, canvas: Canvas, outline: Outline, former_root: str) -> str:
    """Return the group; `former_root` is kept on it, so that a band can be taken away again."""
    words = " / ".join(placement.lines)
    plate = _rectangle(canvas, *box(placement))
    rows = "".join(_row(placement, canvas, outline, row) for row in range(len(placement.lines)))
    rows += _code(placement, canvas) if placement.code else ""
    return (
        f'<g xmlns="{SVG}" data-kzlabel="{NOTICE}" data-kzlabel-root={quoteattr(former_root)}'
        f' role="img" aria-label={quoteattr(words)} style="{STYLE}none">'
        f"<title>{escape(words)}</title>"
        f'<path style="{STYLE}#000" d="{plate}"/>{rows}</g>'
    )


def _code(placement: Placement, canvas: Canvas) -> str:
    """Return the code at the left of the plate: a white square, and its dark modules."""
    left, top, _, bottom = box(placement)
    side = placement.code_side
    top += (bottom - top - side) // 2
    dark = "".join(
        _rectangle(canvas, left + x0, top + y0, left + x1, top + y1)
        for x0, y0, x1, y1 in dark_of(placement)
    )
    white = _rectangle(canvas, left, top, left + side, top + side)
    return f'<path style="{STYLE}#fff" d="{white}"/><path style="{STYLE}#000" d="{dark}"/>'


def _rectangle(canvas: Canvas, left: float, top: float, right: float, bottom: float) -> str:
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return "M" + "L".join(_point(canvas, x, y) for x, y in corners) + "Z"


def _row(placement: Placement, canvas: Canvas, outline: Outline, row: int) -> str:
    face = Face(placement.font_size)
    left, top, right, bottom = box(placement)
    plate, words = (right - left, bottom - top), face.size(placement.lines)
    across, down = words_at(words, plate, placement.code_side)
    beside, above = face.padding[0] + across, face.padding[1] + down
    ascent = face.font.getmetrics()[0]
    x, y = left + beside, top + above + row * face.line_height + ascent
    line, parts = placement.lines[row], []
    for at, character in enumerate(line):
        start = x + face.font.getlength(line[:at])
        for command, points in outline(character, placement.font_size):
            moved = " ".join(_point(canvas, start + px, y + py) for px, py in points)
            parts.append(command + moved)
    return f'<path style="{STYLE}#fff" d="{"".join(parts)}"/>'


def _point(canvas: Canvas, x: float, y: float) -> str:
    user_x, user_y = canvas.user(x, y)
    return f"{user_x:.7g} {user_y:.7g}"
