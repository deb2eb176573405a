"""One notice on pages of different sizes: where it is on each, told from where it is on one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from kzlabel.model import Corner, Notice, NoticeStyle
from kzlabel.notices.visible import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kzlabel.model import NoticeReport, Placement, Region

_ROUNDS = 8
_HALF = 0.5


def follow(placed: Placement, size: tuple[int, int], *, banded: bool) -> Placement:
    """Return where the notice `placed` on one page is on a page of displayed `size`.

    `banded`: `size` has the band of a strip in it already, where the page has one.
    """
    if placed.region is None or (placed.width, placed.height) == size:
        return placed
    notice = Notice(
        statement=placed.statement,
        languages=placed.languages,
        style=placed.style,
        corner=_corner(placed.region),
    )
    found = place(notice, *size)
    if found.style is not NoticeStyle.STRIP or not banded:
        return found
    return _under_band(notice, size)


def _corner(region: Region) -> Corner:
    right = region.x + region.w / 2 > _HALF
    if region.y + region.h / 2 > _HALF:
        return Corner.BOTTOM_RIGHT if right else Corner.BOTTOM_LEFT
    return Corner.TOP_RIGHT if right else Corner.TOP_LEFT


def _under_band(notice: Notice, size: tuple[int, int]) -> Placement:
    """Return the placement whose canvas, band included, has this size, or nearly so."""
    width, height = size
    tried = height
    found = place(notice, width, tried)
    for _ in range(_ROUNDS):
        if found.height == height or tried + height - found.height < 1:
            break
        tried += height - found.height
        found = place(notice, width, tried)
    return found


def merge(groups: Iterable[Sequence[NoticeReport]]) -> tuple[NoticeReport, ...]:
    """Return one report a notice: the worst of the groups, with all their frames counted."""
    return tuple(_worst(reports) for reports in zip(*groups, strict=True))


def _worst(reports: Sequence[NoticeReport]) -> NoticeReport:
    order = {False: 0, None: 1, True: 2}
    worst = min(reports, key=lambda report: order[report.perceivable])
    counts = {
        name: sum(report.measures.get(name, 0.0) for report in reports)
        for name in ("frames", "frames_shown")
        if name in worst.measures
    }
    return structs.replace(worst, measures={**worst.measures, **counts})
