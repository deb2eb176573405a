"""Whether a declared notice can be seen: judged on the pixels, not believed (DESIGN 3).

1. The hint must be of our making: our words for its statement, sizes that fit one another.
2. The notice is rendered again at the size it has in the picture.
3. Rendering and pixels must correlate as a whole, and in every tile along the words.
4. Words and plate must contrast as WCAG asks.
5. The words must be as tall as 5 % of the shorter side, and tall enough to be read at all.
6. No other words may stand in their line (`_beside`): «не», "? No".

Where the picture is transparent, the worse of a white and a black ground counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, floor
from typing import TYPE_CHECKING, Protocol

from kzlabel.model import NoticeReport, NoticeStyle, Placement, Region
from kzlabel.notices._beside import APART, FOLLOWED_EM, REACH, Colour, goes_on, sides
from kzlabel.notices._coded import CODE_EMS, plate_size, words_at
from kzlabel.notices._match import SLACK, Fit, Grey, match, tile_fits, tiles
from kzlabel.notices._sight import MEASURABLE, MIN_CORRELATION, PERCEIVABLE, Sight
from kzlabel.notices._text import Face
from kzlabel.notices.contrast import contrast, luminance, mean_luminance, median
from kzlabel.notices.visible import box_size
from kzlabel.notices.words import says

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

SAMPLED_EM = 16.0
"""Em to which a picture is reduced before it is correlated."""
CONTRAST_EM = 48.0
"""Em to which it is reduced before its contrast is measured."""
MAX_EM = 512.0
"""Em of a notice on the largest picture that is decoded (5 % of 9 459 pixels), and some."""
UNDETERMINED = "kz.notice.undetermined"
MAX_WORDS = 500
"""Characters of a hint's lines together; three languages need 90."""


class View(Protocol):
    """A picture as displayed, of which pieces are looked at."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as displayed."""
        ...

    def crop(self, area: tuple[int, int, int, int]) -> Sequence[Image]:
        """Return the area in RGB, once for each ground it is seen on."""
        ...


class Held(Protocol):
    """What is held against pictures of one displayed size."""

    @property
    def em_px(self) -> float:
        """The em in pixels of the picture."""
        ...

    @property
    def target(self) -> tuple[float, float, float, float]:
        """Where the words are: left, top, width, height."""
        ...

    @property
    def ratio(self) -> float:
        """The em by the shorter side."""
        ...

    @property
    def area(self) -> tuple[int, int, int, int]:
        """The piece of the picture that is looked at."""
        ...

    def look(self, piece: Image) -> Sight:
        """Judge the `area` of one picture on one ground."""
        ...


@dataclass(frozen=True)
class Gauge:
    """A hint, ready to be held against pictures of one displayed size."""

    hint: Placement
    region: Region
    size: tuple[int, int]

    @cached_property
    def face(self) -> Face:
        """The font as the hint has it."""
        return Face(self.hint.font_size)

    @cached_property
    def target(self) -> tuple[float, float, float, float]:
        """The words with their padding, in pixels of the picture: left, top, width, height."""
        width, height = self.face.size(self.hint.lines)
        declared, region = box_size(self.hint), self.region
        left, top = words_at((width, height), declared, self.hint.code_side)
        across = region.w * self.size[0] / declared[0]
        down = region.h * self.size[1] / declared[1]
        return (
            region.x * self.size[0] + left * across,
            region.y * self.size[1] + top * down,
            width * across,
            height * down,
        )

    @cached_property
    def em_px(self) -> float:
        """The em in pixels of the picture, by the direction in which it is smaller."""
        width, height = self.face.size(self.hint.lines)
        return self.face.em * min(self.target[2] / width, self.target[3] / height)

    @property
    def ratio(self) -> float:
        """The em by the shorter side, the band of a `strip` left out.

        A band is as tall as its words or its code and ends with the picture: what a hint says
        beyond that would make small words large.
        """
        width, height = self.size
        code = self.hint.code_side * self.region.h * height / box_size(self.hint)[1]
        at_end = self.region.y + self.region.h >= BAND_END
        is_band = self.hint.style is NoticeStyle.STRIP and at_end
        band = max(self.target[3], code) if is_band else 0.0
        return self.em_px / max(1.0, min(width, height - band))

    def reduced(self, em: float) -> tuple[Image, float]:
        """Return the words rendered as in the picture, reduced to `em`; and by how much."""
        from PIL import Image

        scale = min(1.0, em / self.em_px)
        size = max(1, round(self.target[2] * scale)), max(1, round(self.target[3] * scale))
        return self.words.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0), scale

    @cached_property
    def words(self) -> Image:
        """The words as they were drawn."""
        return self.face.draw(self.hint.lines)

    @cached_property
    def pattern(self) -> tuple[Image, float]:
        """The words as they are correlated."""
        return self.reduced(SAMPLED_EM)

    @cached_property
    def masks(self) -> tuple[Image, Image]:
        """Where there is the core of a letter, and where there is only plate."""
        words, _ = self.reduced(CONTRAST_EM)
        peak = words.getextrema()[1]
        top = float(peak[1] if isinstance(peak, tuple) else peak)
        core = words.point([255 if grey >= INK * top else 0 for grey in range(256)])
        bare = words.point([255 if grey <= BARE else 0 for grey in range(256)])
        return core, bare

    @property
    def area(self) -> tuple[int, int, int, int]:
        """The piece of the picture that is looked at, in whole pixels."""
        left, top, width, height = self.target
        slack = ceil((SLACK + 1) / self.pattern[1])
        em = self.face.em * width / self.face.size(self.hint.lines)[0]
        beside = slack + ceil((REACH + APART) * em)
        right, bottom = ceil(left + width), ceil(top + height)
        return floor(left) - beside, floor(top) - slack, right + beside, bottom + slack

    def look(self, piece: Image) -> Sight:
        """Judge the `area` of one picture on one ground."""
        pattern = Grey(self.pattern[0])
        picture = Grey(self._aligned(piece, self.pattern[0].size, (SLACK, SLACK)).convert("L"))
        found = match(pattern, picture)
        if found.fit.correlation < MIN_CORRELATION:
            return Sight(em_px=self.em_px, ratio=self.ratio, correlation=found.fit.correlation)
        cut = tiles(self.face, self.hint.lines, *self.pattern[0].size)
        fits = tile_fits(pattern, picture, found, cut)
        shift = found.dx / self.pattern[1], found.dy / self.pattern[1]
        seen = self._aligned(piece, self.masks[0].size, shift=shift)
        core, bare = self.masks
        colours = median(seen, bare), median(seen, core)
        sight = Sight(
            em_px=self.em_px,
            ratio=self.ratio,
            correlation=found.fit.correlation,
            weakest=Fit(min(f.correlation for f in fits), min(f.gain for f in fits)),
            gain=found.fit.gain,
            contrast=self._contrast(seen, colours),
        )
        return replace(sight, continued=sight.found and self._goes_on(piece, shift, colours))

    def _aligned(
        self,
        piece: Image,
        words: tuple[int, int],
        around: tuple[int, int] = (0, 0),
        shift: tuple[float, float] = (0.0, 0.0),
    ) -> Image:
        """Return `piece` with as many samples for the `words`, and some `around` them."""
        from PIL import Image

        left = self.target[0] - self.area[0] + shift[0]
        top = self.target[1] - self.area[1] + shift[1]
        across, down = self.target[2] / words[0], self.target[3] / words[1]
        edge = around[0] * across, around[1] * down
        box = (
            max(0.0, left - edge[0]),
            max(0.0, top - edge[1]),
            min(piece.width, left + self.target[2] + edge[0]),
            min(piece.height, top + self.target[3] + edge[1]),
        )
        size = words[0] + 2 * around[0], words[1] + 2 * around[1]
        return piece.resize(size, Image.Resampling.BILINEAR, box=box, reducing_gap=3.0)

    def _contrast(self, seen: Image, colours: tuple[Colour, Colour]) -> float:
        core, bare = self.masks
        by_middle = contrast(*map(luminance, colours))
        # What is mixed finely is seen as its mean, whatever the middle is.
        return min(by_middle, contrast(mean_luminance(seen, core), mean_luminance(seen, bare)))

    def _goes_on(
        self, piece: Image, shift: tuple[float, float], colours: tuple[Colour, Colour]
    ) -> bool:
        """Whether there are other words left or right, on a plate and in letters of `colours`."""
        scale = FOLLOWED_EM / self.face.em
        width, height = (round(side * scale) for side in self.face.size(self.hint.lines))
        reach = ceil((REACH + APART) * FOLLOWED_EM)
        around = self._aligned(piece, (width, height), (reach, 0), shift)
        beside = sides(self.face, self.hint.lines, (width, height), reach)
        return goes_on(around, beside, colours, FOLLOWED_EM)


INK = 0.85
"""Share of the brightest grey from which a sample is the core of a letter."""
BARE = 8
"""Grey up to which a sample is plate."""
BAND_END = 0.98
"""Where a band ends at least, in fractions of the height: it was found, or the picture cropped."""


def gauge(hint: Placement, size: tuple[int, int]) -> Gauge | None:
    """Return a gauge for `hint` on pictures of the displayed `size`; None where it makes no sense.

    A hint comes from a file that anybody may have signed: nothing in it is taken for granted.
    """
    region = hint.region
    if region is None or not 1 <= hint.font_size <= MAX_EM or not _is_inside(region):
        return None
    if sum(map(len, hint.lines)) > MAX_WORDS or not says(hint.lines, hint.statement):
        return None
    if not 0 <= hint.code_side <= (CODE_EMS * hint.font_size if hint.code else 0):
        return None
    declared = box_size(hint)
    needed = plate_size(Face(hint.font_size).size(hint.lines), hint.code_side)
    if any(need > has + 1 for need, has in zip(needed, declared, strict=True)):
        return None
    return Gauge(hint, region, size)


def _is_inside(region: Region) -> bool:
    sides = (region.x, region.y, region.w, region.h)
    inside = region.x + region.w <= EDGE and region.y + region.h <= EDGE
    return inside and all(0 <= side <= EDGE for side in sides) and region.w > 0 < region.h


EDGE = 1.001
"""The far edge of a picture, in fractions, and what rounding adds."""


def look(view: View, gauge: Held) -> Sight:
    """Judge one picture; on the worst ground."""
    if gauge.em_px < MEASURABLE:
        return Sight(em_px=gauge.em_px, ratio=gauge.ratio)
    return min((gauge.look(piece) for piece in view.crop(gauge.area)), key=lambda s: s.badness)


def report(hint: Placement, sight: Sight | None, frames: int, shown: int) -> NoticeReport:
    """Return the report row; no `sight` is a hint that could not be judged."""
    code = sight.code if sight else UNDETERMINED
    measures = sight.measures if sight else {}
    return NoticeReport(
        medium=hint.medium,
        text=" ".join(hint.lines)[:MAX_WORDS],
        languages=hint.languages,
        perceivable=code == PERCEIVABLE if sight else None,
        code=code,
        where=hint.region,
        measures={**measures, "frames": float(frames), "frames_shown": float(shown)},
    )
