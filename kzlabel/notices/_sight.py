"""What was measured of a notice, and what follows from it: the thresholds (DESIGN 3)."""

from __future__ import annotations

from dataclasses import dataclass

from kzlabel.notices._match import Fit
from kzlabel.notices.contrast import MIN_CONTRAST
from kzlabel.notices.visible import EM_RATIO

MIN_CORRELATION = 0.6
"""Measured: true notices >= 0.80 after q50 and half size, other words on the plate <= 0.32."""
MIN_TILE = 0.7
"""The same for each piece of the words: measured >= 0.86 there; what is covered has none, other
words of ours at half size have 0.60."""
MIN_TILE_GAIN = 0.4
"""Contrast of a piece of the words by that of the whole: what is veiled is weaker."""
LEGIBLE_EM = 7.5
"""Em in pixels below which words cannot be read: the x-height of Open Sans (0.535 em) falls under
4 pixels, the least in which Cyrillic bitmap faces are drawn. Half of the 16 pixels that a notice
has when it is made, less rounding: a picture shown at half size stays perceivable."""
RATIO_TOLERANCE = 0.98
"""What rounding in resizing may take off the 5 %."""
MEASURABLE = 4.0
"""Em in pixels under which there is nothing to measure."""
PERCEIVABLE = "kz.notice.perceivable"
CONTINUED = "kz.notice.continued"


NOTHING = Fit(0.0, 0.0)


@dataclass(frozen=True)
class Sight:
    """What was measured of a notice in one picture, on one ground."""

    em_px: float
    ratio: float
    correlation: float = 0.0
    weakest: Fit = NOTHING
    gain: float = 0.0
    contrast: float = 1.0
    continued: bool = False
    """Whether other words stand in the same line."""

    @property
    def found(self) -> bool:
        """Whether all the words are there, none of them covered or veiled."""
        return (
            self.correlation >= MIN_CORRELATION
            and self.weakest.correlation >= MIN_TILE
            and self.weakest.gain >= MIN_TILE_GAIN * self.gain
        )

    @property
    def code(self) -> str:
        """The finding."""
        if self.em_px < MEASURABLE:
            return "kz.notice.small"
        if not self.found:
            return "kz.notice.covered"
        if self.continued:
            return CONTINUED
        if self.contrast < MIN_CONTRAST:
            return "kz.notice.faint"
        if self.em_px < LEGIBLE_EM or self.ratio < EM_RATIO * RATIO_TOLERANCE:
            return "kz.notice.small"
        return PERCEIVABLE

    @property
    def badness(self) -> tuple[bool, float]:
        """Orders sights: the worse, the lower."""
        return self.code == PERCEIVABLE, self.correlation

    @property
    def measures(self) -> dict[str, float]:
        """The figures of a report."""
        return {
            "correlation": round(self.correlation, 3),
            "weakest_tile": round(self.weakest.correlation, 3),
            "contrast": round(self.contrast, 2),
            "height_ratio": round(self.ratio, 4),
            "em_px": round(self.em_px, 2),
        }
