"""Where a notice must be stamped on the frames of an animation, so that every frame shows it.

Pure planning, shared by APNG (https://www.w3.org/TR/png-3/#apng-frame-based-animation) and GIF
(https://www.w3.org/Graphics/GIF/spec-gif89a.txt, 23). Frames paint a rectangle of one canvas; after
its delay a frame is kept, cleared to transparent (`background`) or undone (`previous`). So a plate
that was stamped once stays, until a frame paints over it or clears it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Box(NamedTuple):
    """A rectangle in stored pixels of the canvas; `right` and `bottom` lie outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def empty(self) -> bool:
        """Whether no pixel lies inside."""
        return self.left >= self.right or self.top >= self.bottom

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top

    def shifted(self, x: int, y: int) -> Box:
        """Return the box moved by (x, y)."""
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def meet(self, other: Box) -> Box:
        """Return the pixels in both; may be empty."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def hull(self, other: Box) -> Box:
        """Return the smallest box around both; an empty one does not count."""
        if self.empty or other.empty:
            return other if self.empty else self
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def without(self, other: Box) -> Iterator[Box]:
        """Yield up to four boxes that cover this one's pixels outside `other`."""
        hole = self.meet(other)
        if hole.empty:
            yield self
            return
        parts = (
            Box(self.left, self.top, self.right, hole.top),
            Box(self.left, hole.bottom, self.right, self.bottom),
            Box(self.left, hole.top, hole.left, hole.bottom),
            Box(hole.right, hole.top, self.right, hole.bottom),
        )
        yield from (part for part in parts if not part.empty)


NOWHERE = Box(0, 0, 0, 0)


class Dispose(StrEnum):
    """What becomes of a frame's rectangle after its delay."""

    KEEP = "keep"
    BACKGROUND = "background"
    PREVIOUS = "previous"


@dataclass(frozen=True)
class FrameRect:
    """One frame: what it paints, on the canvas as it will be (the band of a strip included)."""

    rect: Box
    dispose: Dispose = Dispose.KEEP
    over: bool = True
    """Whether transparent pixels show the canvas (GIF, APNG's OVER) or replace it (SOURCE)."""


@dataclass(frozen=True)
class FramePlan:
    """What one frame must become."""

    rect: Box
    """The frame's rectangle; where it is larger than it was, the new pixels are transparent."""
    stamp: Box
    """The part of the plate to draw on the frame, in canvas pixels; empty for none."""
    extended: bool
    """Whether `rect` is larger than the frame was."""


def plan(frames: Sequence[FrameRect], plate: Box, *, path: Path) -> tuple[FramePlan, ...]:
    """Return for each frame the rectangle it needs, and which part of the opaque plate it draws.

    The first frame gets the whole plate; a later one what it paints over, and what was cleared
    before it. Raises `RefusedError` naming `path` and the frame where a larger rectangle would
    wipe something outside the plate.
    """
    plans: list[FramePlan] = []
    missing = plate
    painted = NOWHERE
    for number, frame in enumerate(frames):
        rect = frame.rect if missing.empty else frame.rect.hull(missing)
        if rect != frame.rect and not _extends_soundly(frame, rect, plate, painted):
            raise RefusedError("kz.error.animation-frame", path=path, frame=number + 1)
        stamp = rect.meet(plate)
        plans.append(FramePlan(rect, NOWHERE if stamp.empty else stamp, rect != frame.rect))
        # Nothing lies beneath the first frame: undoing it is clearing it.
        if frame.dispose is Dispose.KEEP:
            missing, painted = NOWHERE, painted.hull(frame.rect)
        elif frame.dispose is Dispose.BACKGROUND or number == 0:
            missing = NOWHERE if stamp.empty else stamp
            painted = NOWHERE if frame.rect.hull(painted) == frame.rect else painted
    return tuple(plans)


def _extends_soundly(frame: FrameRect, rect: Box, plate: Box, painted: Box) -> bool:
    """Whether growing `frame` to `rect` changes nothing outside the plate, now or on disposal.

    Transparent pixels drawn OVER change nothing, and a kept or undone frame leaves what was there;
    a frame that replaces or clears is sound only where the canvas was transparent already.
    """
    if frame.over and frame.dispose is not Dispose.BACKGROUND:
        return True
    grown = (rest for part in rect.without(frame.rect) for rest in part.without(plate))
    return all(part.meet(painted).empty for part in grown)
