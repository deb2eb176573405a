"""A rectangle on a page, a slide or a sheet, in whatever unit its room measures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle: its left upper corner and its size."""

    x: float
    y: float
    w: float
    h: float

    def shared(self, other: Box) -> float:
        """Return which part of this one lies in the other, 0 to 1."""
        wide = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        high = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        area = self.w * self.h
        return max(0.0, wide) * max(0.0, high) / area if area > 0 else 0.0

    def covers(self, other: Box) -> float:
        """Return which part of the other lies under this one, 0 to 1."""
        return other.shared(self)

    def holds(self, other: Box) -> bool:
        """Whether `other` lies in this one as a whole."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.w <= self.x + self.w
            and other.y + other.h <= self.y + self.h
        )
