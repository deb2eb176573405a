"""How large an SVG is shown, and how its user units map to those pixels (SVG 2, 8.2 and 8.6)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REFERENCE_SIDE = 600
"""Shorter side in pixels of a picture that says no size of its own, and of the rendering."""
MAX_LENGTH = 1e7
_UNITS = {
    "": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0,
    "em": 16.0, "rem": 16.0, "ex": 8.0,
}  # fmt: skip
_LENGTH = re.compile(r"\s*\+?(\d*\.?\d+(?:[eE][+-]?\d{1,3})?|\d+\.)([a-zA-Z]*)\s*")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_ALIGNED = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
_ALIGN = re.compile(r"x(Min|Mid|Max)Y(Min|Mid|Max)")


@dataclass(frozen=True)
class Canvas:
    """The picture as shown: whole pixels, and the user units they cover."""

    width: int
    height: int
    x: float
    y: float
    across: float
    """User units over the whole width."""
    down: float
    has_view_box: bool

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels a user unit, across and down."""
        return self.width / self.across, self.height / self.down

    def user(self, x: float, y: float) -> tuple[float, float]:
        """Return a point given in pixels in user units."""
        across, down = self.scale
        return self.x + x / across, self.y + y / down


def length(text: str | None) -> float | None:
    """Return an absolute length in CSS pixels; None for percentages, `auto` and nonsense."""
    found = _LENGTH.fullmatch(text or "")
    unit = found and _UNITS.get(found[2].lower())
    if not found or not unit:
        return None
    pixels = float(found[1]) * unit
    return pixels if 0 < pixels <= MAX_LENGTH else None


def numbers(text: str) -> list[float]:
    """Return the numbers in a list such as `viewBox`; only its beginning is read."""
    return [float(number) for number in _NUMBER.findall(text[:200])]


def view_box(text: str | None) -> tuple[float, float, float, float] | None:
    """Return x, y, width and height; None where there is none, or it shows nothing."""
    found = numbers(text or "")
    if len(found) != 4 or not all(math.isfinite(n) for n in found):  # noqa: PLR2004  x y w h, not vanishing
        return None
    x, y, width, height = found
    if not (1e-6 < width < MAX_LENGTH * 1e3 and 1e-6 < height < MAX_LENGTH * 1e3):  # noqa: PLR2004  x y w h, not vanishing
        return None
    return x, y, width, height


def canvas_of(attributes: Mapping[str, str]) -> Canvas | None:
    """Return the canvas by the attributes of the root; None where its size cannot be told."""
    width, height = length(attributes.get("width")), length(attributes.get("height"))
    box = view_box(attributes.get("viewBox"))
    if box is None:
        if width is None or height is None:
            return None
        return Canvas(_whole(width), _whole(height), 0.0, 0.0, width, height, has_view_box=False)
    width, height = _shown(width, height, box[2] / box[3])
    x, y, across, down = _seen(width, height, box, attributes.get("preserveAspectRatio", ""))
    return Canvas(_whole(width), _whole(height), x, y, across, down, has_view_box=True)


def _whole(pixels: float) -> int:
    return max(1, round(pixels))


def _shown(width: float | None, height: float | None, ratio: float) -> tuple[float, float]:
    if width is None and height is None:
        side = REFERENCE_SIDE
        return (side * ratio, side) if ratio >= 1 else (side, side / ratio)
    if width is None:
        return (height or 1.0) * ratio, height or 1.0
    return width, height if height is not None else width / ratio


def _seen(
    width: float, height: float, box: tuple[float, float, float, float], aspect: str
) -> tuple[float, float, float, float]:
    """Return the user units that the viewport shows: more than `viewBox`, or a part of it."""
    words = aspect.split()
    if "none" in words:
        return box
    scales = (width / box[2], height / box[3])
    scale = max(scales) if "slice" in words else min(scales)
    across, down = width / scale, height / scale
    found = _ALIGN.search(aspect)
    names = (found[1], found[2]) if found else ("Mid", "Mid")
    x = box[0] - (across - box[2]) * _ALIGNED[names[0]]
    y = box[1] - (down - box[3]) * _ALIGNED[names[1]]
    return x, y, across, down


def longer(text: str, ratio: float) -> str:
    """Return a length `ratio` times as long, in the unit it has."""
    found = _LENGTH.fullmatch(text)
    return f"{float(found[1]) * ratio:.10g}{found[2]}" if found else text
