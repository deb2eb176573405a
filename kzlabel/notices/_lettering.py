"""What the letters of a line look like that was read: how large they are, and how they contrast.

The line is cut out and parted in two by its greys (N. Otsu, 1979); what its edge is made of is
ground, the rest ink. The em follows from how high the ink stands and from which letters there are:
capitals are 0.714 em high in Open Sans, 0.716 in Arial, 0.66 in Times. So it is an estimate.

Other pictures of the same, frames of a film say, are held against that ink.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  loaded with OCR only: users import this module in functions

from kzlabel.model import Region
from kzlabel.notices._match import SLACK, Fit, Grey, match
from kzlabel.notices._sight import MEASURABLE, Sight
from kzlabel.notices.contrast import contrast, luminance, mean_luminance, median

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from PIL.Image import Image

    Mask = NDArray[np.bool_]

Box = tuple[int, int, int, int]

HEIGHT = 64
"""Pixels to which the box of a line is reduced before it is measured."""
CAPITAL, SMALL, IDEOGRAPH = 0.714, 0.535, 0.85
"""Heights of letters by em."""
_TALL = frozenset("bdfhklt")
"""Small letters that rise like capitals."""
ANY_INK, LEAST_ROW, MOST_ROW = 0.04, 0.4, 1.5
"""Shares of the fullest of the middle rows: from which a row has ink at all; from which most
letters have some in it; up to which it is not beyond the edge of the plate."""
LEAST_EM, MOST_EM = 0.45, 0.85
"""The em by the height of the box of a line that was found, at least and at most."""
CORE = 0.7
"""How far from ground to ink a sample is at least that is the core of a letter."""
PIECE = 4.0
"""Width, in em, of the pieces whose contrast is measured: the faintest counts."""
LEAST_INK = 12
"""Samples of ink by which a piece can be measured."""
ROUGH = 0.88
"""What an estimate of the em is allowed to lack of what is asked."""


@dataclass(frozen=True, eq=False)
class Lettering:
    """The ink of one line; it is held against pictures like a declared notice (`_judge.Gauge`)."""

    box: Box
    """The line, in pixels of a picture of `size`."""
    size: tuple[int, int]
    em_px: float
    core: Image
    """The cores of the letters in the reduced box, 255 on 0."""
    bare: Image
    """Likewise, the ground."""
    pattern: Image
    """Ink and ground as they were, in two greys."""
    likeness: float = 1.0
    """How the line that was read correlates with that pattern."""

    @property
    def region(self) -> Region:
        """The line in fractions of the picture."""
        wide, high = self.size
        left, top, right, bottom = self.box
        return Region(x=left / wide, y=top / high, w=(right - left) / wide, h=(bottom - top) / high)

    @property
    def ratio(self) -> float:
        """The em by the shorter side."""
        return self.em_px / min(self.size)

    @property
    def target(self) -> tuple[float, float, float, float]:
        """Left, top, width, height."""
        left, top, right, bottom = self.box
        return left, top, right - left, bottom - top

    @property
    def area(self) -> Box:
        """The piece of a picture that is looked at."""
        left, top, width, height = self.target
        beside = ceil(SLACK * width / self.pattern.width)
        above = ceil(SLACK * height / self.pattern.height)
        return (
            floor(left) - beside, floor(top) - above,
            ceil(left + width) + beside, ceil(top + height) + above,
        )  # fmt: skip

    def scaled(self, size: tuple[int, int]) -> Lettering:
        """Return the same in a picture of another size."""
        across, down = size[0] / self.size[0], size[1] / self.size[1]
        left, top, right, bottom = self.box
        box = round(left * across), round(top * down), round(right * across), round(bottom * down)
        return replace(self, box=box, size=size, em_px=self.em_px * min(across, down))

    def look(self, piece: Image) -> Sight:
        """Judge the `area` of one picture."""
        wide, high = self.pattern.size
        aligned = piece.resize((wide + 2 * SLACK, high + 2 * SLACK), reducing_gap=3.0)
        found = match(Grey(self.pattern), Grey(aligned.convert("L")))
        alike = min(1.0, found.fit.correlation / self.likeness)
        left, top = SLACK + found.dx, SLACK + found.dy
        seen = aligned.crop((left, top, left + wide, top + high))
        return Sight(
            em_px=self.em_px,
            ratio=self.ratio / ROUGH,
            correlation=alike,
            weakest=Fit(alike, 1.0),
            gain=1.0,
            contrast=min(self._contrasts(seen), default=1.0),
        )

    def _contrasts(self, seen: Image) -> Iterator[float]:
        """Yield the contrast of each piece along the line."""
        em = self.em_px * seen.height / max(1, self.box[3] - self.box[1])
        pieces = max(1, round(seen.width / (PIECE * max(1.0, em))))
        edges = [seen.width * n // pieces for n in range(pieces + 1)]
        for left, right in pairwise(edges):
            cut = left, 0, right, seen.height
            part, core, bare = (each.crop(cut) for each in (seen, self.core, self.bare))
            if min(core.histogram()[255], bare.histogram()[255]) < LEAST_INK:
                continue
            by_middle = contrast(luminance(median(part, core)), luminance(median(part, bare)))
            by_mean = contrast(mean_luminance(part, core), mean_luminance(part, bare))
            yield min(by_middle, by_mean)


def lettering(picture: Image, box: Box, text: str) -> Lettering | None:
    """Return the ink of the line in `box` of an RGB picture; None where nothing stands out."""
    from PIL import Image

    down = min(1.0, HEIGHT / (box[3] - box[1]))
    size = max(8, round((box[2] - box[0]) * down)), max(8, round((box[3] - box[1]) * down))
    grey = picture.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=3.0).convert("L")
    samples = np.asarray(grey)
    ink = _ink(samples)
    if ink is None:
        return None
    light = bool(samples[ink].mean() > samples[~ink].mean())
    high = box[3] - box[1]
    em = min(max(_height(ink) / _heights(text) / size[1], LEAST_EM), MOST_EM) * high
    made = Lettering(
        box, picture.size, em,
        core=_mask(_core(samples, ink)),
        bare=_mask(~_spread(ink)),
        pattern=_mask(ink if light else ~ink),
    )  # fmt: skip
    if em < MEASURABLE:
        return made
    likeness = match(Grey(made.pattern), Grey(_seen(picture, made))).fit.correlation
    return replace(made, likeness=likeness) if likeness > 0 else None


def _seen(picture: Image, made: Lettering) -> Image:
    wide, high = made.pattern.size
    return (
        picture.crop(made.area)
        .resize((wide + 2 * SLACK, high + 2 * SLACK), reducing_gap=3.0)
        .convert("L")
    )


def _mask(mask: Mask) -> Image:
    from PIL import Image

    return Image.fromarray(np.where(mask, 255, 0).astype(np.uint8))


def _ink(samples: NDArray[np.uint8]) -> Mask | None:
    """Return where there is ink: of two greys in the middle rows the rarer, else the inner one.

    Above and below, the box may reach over the edges of a plate.
    """
    rows = len(samples)
    middle = samples[rows * 3 // 10 : max(rows * 7 // 10, rows * 3 // 10 + 1)]
    level = _otsu(middle)
    if level is None:
        return None
    ends = max(1, middle.shape[1] * 3 // 200)
    light = middle > level
    share = float(light.mean())
    if abs(share - 0.5) < UNCLEAR:
        share = float(np.concatenate([light[:, :ends], light[:, -ends:]]).mean())
    return samples <= level if share > 0.5 else samples > level  # noqa: PLR2004  most of it


UNCLEAR = 0.1
"""How near to half and half the greys may be: then the ends of the line are ground."""


def _otsu(samples: NDArray[np.uint8]) -> int | None:
    """Return the grey up to which samples are dark; None where all are alike."""
    counts = np.bincount(samples.ravel(), minlength=256).astype(np.float64)
    below, sums = counts.cumsum(), (counts * np.arange(256)).cumsum()
    above = below[-1] - below
    inner = (below > 0) & (above > 0)
    if not inner.any():
        return None
    apart = np.zeros(256)
    apart[inner] = (sums[-1] * below[inner] - sums[inner] * below[-1]) ** 2 / (
        below[inner] * above[inner]
    )
    return int(apart.argmax())


def _core(samples: NDArray[np.uint8], ink: Mask) -> Mask:
    """Return the samples as far from the ground as ink goes: no blurred edges of letters."""
    ground = float(np.median(samples[~ink]))
    apart = np.abs(samples.astype(np.float64) - ground)
    most = float(np.percentile(apart[ink], 90))
    core: Mask = ink & (apart >= CORE * most)
    return core


def _spread(mask: Mask) -> Mask:
    """Return the mask, grown by one sample to all sides."""
    wide = np.pad(mask, 1)
    rows, columns = mask.shape
    grown = np.zeros_like(mask)
    for down in range(3):
        for across in range(3):
            grown |= wide[down : down + rows, across : across + columns]
    return grown


def _height(ink: Mask) -> int:
    """Return how many rows most letters take: of those around the middle that have ink at all."""
    rows, columns = ink.shape
    beside = min(rows // 4, columns // 12)  # the box may reach over these edges of a plate, too
    filled = ink[:, beside : columns - beside].mean(axis=1)
    start = rows * 3 // 10 + int(filled[rows * 3 // 10 : rows * 7 // 10 or 1].argmax())
    most = float(filled[start])
    has_ink = (filled >= ANY_INK * most) & (filled <= MOST_ROW * most)
    top = bottom = start
    while top > 0 and has_ink[top - 1]:
        top -= 1
    while bottom + 1 < rows and has_ink[bottom + 1]:
        bottom += 1
    full = np.flatnonzero(filled[top : bottom + 1] >= LEAST_ROW * most)
    return int(full[-1] - full[0]) + 1


def _heights(text: str) -> float:
    """Return how many em most letters of `text` are high."""
    if any("\u3400" <= letter <= "\u9fff" for letter in text):
        return IDEOGRAPH
    letters = [letter for letter in text if letter.isalnum()]
    small = sum(letter.islower() and letter not in _TALL for letter in letters)
    return SMALL if 2 * small >= len(letters) else CAPITAL
