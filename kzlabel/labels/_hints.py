"""Hints of where a notice is, as labels give them: anybody can write one, so each is judged first.

A hint that is sound may still lie; then the content says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.notices._coded import is_code

if TYPE_CHECKING:
    from kzlabel.model import Placement, Region, Span

MOST_LINES = 16
LONGEST_LINE = 500
LARGEST_SIDE = 1_000_000
"""Pixels; no format of ours holds a larger picture."""
LONGEST = 1e6
"""Seconds, eleven days; a recording of ours is shorter."""
MOST_PAGES = 100_000
"""Pages, sheets or slides of a document."""
MOST_SPANS = 2000
"""Times that one notice is repeated: every minute for more than a day."""


def is_sound(placement: Placement) -> bool:
    """Whether what a label says of a notice can be: numbers that are numbers, words that end."""
    lines = placement.lines
    return (
        len(lines) <= MOST_LINES
        and len(placement.languages) <= MOST_LINES
        and all(len(line) <= LONGEST_LINE for line in (*lines, placement.font))
        and 0 <= placement.font_size <= LARGEST_SIDE
        and 0 <= placement.width <= LARGEST_SIDE
        and 0 <= placement.height <= LARGEST_SIDE
        and (placement.region is None or _is_inside(placement.region))
        and 0 <= placement.code_side <= LARGEST_SIDE
        and (not placement.code or is_code(placement.code))
        and 0 <= placement.pages <= MOST_PAGES
        and 0 <= placement.duration <= LONGEST
        and len(placement.spans) <= MOST_SPANS
        and all(_is_within(span, placement.duration) for span in placement.spans)
    )


def _is_within(span: Span, duration: float) -> bool:
    """Whether a stretch of time lies in the asset (and its numbers are numbers)."""
    return 0 <= span.start < span.end <= duration + 1e-3


def _is_inside(region: Region) -> bool:
    """Whether the rectangle lies on the picture (and its numbers are numbers)."""
    slack = 1.0 + 1e-6
    return (
        region.x >= 0.0
        and region.y >= 0.0
        and region.w > 0.0
        and region.h > 0.0
        and region.x + region.w <= slack
        and region.y + region.h <= slack
    )
