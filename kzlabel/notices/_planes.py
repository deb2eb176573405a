"""Grey pictures as numpy arrays, and normalised cross-correlation over all places at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.notices._text import Face

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kzlabel.notices._judge import View

    Samples = NDArray[np.float32]

MIN_GAIN = 0.15
"""Contrast of words found by that of white on black: fainter ones are not read by people."""
RENDERED_AT = 4
"""Words are drawn larger by this and reduced, so that widths are not rounded to whole pixels."""
KEPT_RENDERINGS = 1024


class Peak(NamedTuple):
    """Where a pattern lies best."""

    correlation: float
    left: int
    top: int


@dataclass(frozen=True, eq=False)
class Plane:
    """A picture, its mean taken off, with what fast correlation needs."""

    samples: Samples

    @classmethod
    def of(cls, view: View, scale: float) -> Plane:
        """Return the picture reduced by `scale`; on the first ground where it is transparent."""
        import numpy as np
        from PIL import Image

        width, height = view.size
        picture = view.crop((0, 0, width, height))[-1].convert("L")
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        samples = np.asarray(small, dtype=np.float32)
        return cls(samples - samples.mean())

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the transform: a little more than the picture's, and smooth."""
        height, width = self.samples.shape
        return _smooth(height), _smooth(width)

    @cached_property
    def spectrum(self) -> NDArray[np.complex64]:
        """The transform."""
        import numpy as np

        return np.fft.rfft2(self.samples, self.shape).astype(np.complex64)

    @cached_property
    def sums(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Running sums of samples and of their squares, a zero row and column first."""
        import numpy as np

        wide = self.samples.astype(np.float64)
        padded = [np.pad(part, ((1, 0), (1, 0))) for part in (wide, wide * wide)]
        one, two = (part.cumsum(0).cumsum(1) for part in padded)
        return one, two

    def spread(self, height: int, width: int) -> NDArray[np.float64]:
        """Return the summed squared deviation in every window of this size."""
        one, two = (
            part[height:, width:] - part[:-height, width:] - part[height:, :-width]
            + part[:-height, :-width]
            for part in self.sums
        )  # fmt: skip
        spread: NDArray[np.float64] = two - one * one / (height * width)
        return spread

    def near(self, line: str, em: float, left: int, top: int) -> Peak:
        """Return the best correlation within one sample of a place; -1 outside the picture."""
        key = line, em, left, top
        if key not in self._seen:
            self._seen[key] = self._near(rendered((line,), em), left, top)
        return self._seen[key]

    @cached_property
    def _seen(self) -> dict[tuple[str, float, int, int], Peak]:
        return {}

    def _near(self, pattern: Samples, left: int, top: int) -> Peak:
        from numpy.lib.stride_tricks import sliding_window_view

        (height, width), (rows, columns) = pattern.shape, self.samples.shape
        above, below = max(0, top - 1), min(rows, top + 1 + height)
        before, behind = max(0, left - 1), min(columns, left + 1 + width)
        if below - above < height or behind - before < width:
            return Peak(-1.0, left, top)
        windows = sliding_window_view(self.samples[above:below, before:behind], pattern.shape)
        found = _ncc(windows, pattern)
        row, column = divmod(int(found.argmax()), found.shape[1])
        return Peak(float(found[row, column]), before + column, above + row)


def _smooth(length: int) -> int:
    """Return the least length >= `length` that has no factor above 5."""
    while True:
        rest = length
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return length
        length += 1


@lru_cache(maxsize=KEPT_RENDERINGS)
def rendered(lines: tuple[str, ...], em: float) -> Samples:
    """Return `lines` without the plate's padding, their mean taken off."""
    import numpy as np
    from PIL import Image

    face = Face(em * RENDERED_AT)
    beside, above = face.padding
    width, height = face.size(lines)
    words = face.draw(lines).crop((beside, above, width - beside, height - above))
    size = max(1, round(words.width / RENDERED_AT)), max(1, round(words.height / RENDERED_AT))
    samples: Samples = np.asarray(words.resize(size, Image.Resampling.BOX), dtype=np.float32).copy()
    samples -= samples.mean()
    return samples


def correlate(plane: Plane, pattern: Samples) -> Peak | None:
    """Return where in `plane` the pattern lies best; None where it does not fit or all is flat."""
    import numpy as np

    (height, width), (rows, columns) = pattern.shape, plane.samples.shape
    if height >= rows or width >= columns:
        return None
    product = plane.spectrum * np.conj(np.fft.rfft2(pattern, plane.shape))
    every = np.fft.irfft2(product, plane.shape)[: rows - height + 1, : columns - width + 1]
    own = float((pattern * pattern).sum())
    least = own * MIN_GAIN**2
    spread = np.maximum(plane.spread(height, width), least)
    found = every / np.sqrt(spread * own)
    top, left = np.unravel_index(int(found.argmax()), found.shape)
    return Peak(float(found[top, left]), int(left), int(top))


def _ncc(windows: Samples, pattern: Samples) -> Samples:
    """Return the correlation of `pattern`, which has no mean, with each of `windows`."""
    import numpy as np

    own = float((pattern * pattern).sum())
    one = windows.sum((2, 3))
    two = np.einsum("abij,abij->ab", windows, windows)
    spread = np.maximum(two - one * one / pattern.size, own * MIN_GAIN**2)
    found: Samples = np.einsum("abij,ij->ab", windows, pattern) / np.sqrt(spread * own)
    return found
