"""A free place for a box on a slide or a sheet: in a corner, else along an edge, else anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Place = tuple[float, float, float, float]
"""x, y, width, height."""
_STEPS = 12
"""Of a page's width and height, at which a place is tried."""
_MOST = 400
"""Places that are kept clear of."""
_NOTHING = 0.005
"""Part of the box: less is a rounding."""


def freest(
    size: tuple[float, float],
    page: Place,
    content: Sequence[Place],
    others: Sequence[Place],
    margin: float,
) -> tuple[Place, bool]:
    """Return the place that hides the least, and whether it hides content.

    Of equals the first: lower left, lower right, upper left, upper right. `others` are shapes
    without words: kept clear of, if that can be.
    """
    content, others = content[:_MOST], others[:_MOST]
    wide, high = size
    area = max(wide * high, 1e-9)

    def ill(place: Place) -> tuple[float, float]:
        hidden = sum(shared(place, one) for one in content) / area
        return (0.0 if hidden < _NOTHING else hidden), sum(shared(place, one) for one in others)

    places = [(x, y, wide, high) for x, y in _corners(size, page, margin)]
    best = min(places, key=ill)
    if ill(best)[0] > 0:
        best = next((at for at in _anywhere(size, page, margin) if not ill(at)[0]), best)
    return best, ill(best)[0] > 0


def shared(one: Place, other: Place) -> float:
    """Return the area that two places have in common."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(high, 0.0)


def _corners(
    size: tuple[float, float], page: Place, margin: float
) -> Iterator[tuple[float, float]]:
    right, low = page[0] + page[2] - size[0] - margin, page[1] + page[3] - size[1] - margin
    left, top = page[0] + margin, page[1] + margin
    yield from ((left, low), (right, low), (left, top), (right, top))


def _anywhere(size: tuple[float, float], page: Place, margin: float) -> Iterator[Place]:
    free = page[2] - size[0] - 2 * margin, page[3] - size[1] - 2 * margin
    for down in (n / (2 * _STEPS) for n in range(2 * _STEPS, -1, -1)):
        for across in (n / _STEPS for n in range(_STEPS + 1)):
            yield (page[0] + margin + free[0] * across, page[1] + margin + free[1] * down, *size)
