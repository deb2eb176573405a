"""The rows of a strip or tile as samples, and a plate written among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.formats._tiff_codec import PREDICTABLE
from kzlabel.formats._tiff_page import CMYK, COLOURS, PALETTE, WHITE_IS_ZERO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kzlabel.formats._tiff_page import Page

    Samples = NDArray[np.uint8] | NDArray[np.uint16]

BYTE_BITS = 8
HORIZONTAL = 2


@dataclass(frozen=True)
class Sampler:
    """Turns the rows of one page's strips into samples (row, column, sample) and back."""

    page: Page
    order: str
    """The file's byte order."""

    @property
    def _dtype(self) -> str:
        return f"{self.order}u2" if self.page.bits > BYTE_BITS else "u1"

    @property
    def _predicted(self) -> bool:
        page = self.page
        return page.predictor == HORIZONTAL and page.codec.compression in PREDICTABLE

    def samples(self, rows: bytes, width: int) -> Samples:
        """Return the samples of whole rows."""
        import numpy as np

        page = self.page
        if page.bits < BYTE_BITS:
            return _unpacked(rows, width, page.bits)
        flat = np.frombuffer(rows, self._dtype)
        cube = flat.reshape(-1, width, page.chunk_samples)
        # Differences wrap around, as sums of unsigned numbers do.
        return np.cumsum(cube, axis=1, dtype=cube.dtype) if self._predicted else cube.copy()

    def rows(self, samples: Samples) -> bytes:
        """Return whole rows of `samples`."""
        import numpy as np

        if self.page.bits < BYTE_BITS:
            return _packed(samples, self.page.bits)
        if self._predicted:
            samples = np.diff(samples, axis=1, prepend=samples.dtype.type(0))
        return samples.astype(self._dtype, copy=False).tobytes()

    def paint(self, samples: Samples, plate: NDArray[np.uint8], plane: int) -> None:
        """Write `plate` (greys, or indexes of a palette) over `samples`, opaque."""
        for at in range(self.page.chunk_samples):
            number = plane + at
            values = self._sample(plate, number)
            if values is not None:
                samples[:, :, at] = values

    def _sample(self, plate: NDArray[np.uint8], number: int) -> Samples | int | None:
        """Return what the plate is in sample `number`; None where the sample is not for eyes."""
        page = self.page
        colours, top = COLOURS[page.photometric], (1 << page.bits) - 1
        if number >= colours:
            return top if page.alpha[number - colours] else None
        if page.photometric == PALETTE:
            return plate
        if page.photometric == CMYK and number < colours - 1:
            return 0
        scaled = (plate.astype("u4") * top + 127) // 255
        inverted = page.photometric in (WHITE_IS_ZERO, CMYK)
        return (top - scaled if inverted else scaled).astype(
            "u2" if page.bits > BYTE_BITS else "u1"
        )


def _unpacked(rows: bytes, width: int, bits: int) -> NDArray[np.uint8]:
    import numpy as np

    row_bytes = -(-width * bits // BYTE_BITS)
    single = np.unpackbits(np.frombuffer(rows, np.uint8)).reshape(-1, row_bytes * BYTE_BITS)
    groups = single[:, : width * bits].reshape(-1, width, bits)
    weights = (1 << np.arange(bits)[::-1]).astype(np.uint8)
    samples: NDArray[np.uint8] = (groups * weights).sum(axis=2, dtype=np.uint8)
    return samples.reshape(-1, width, 1)


def _packed(samples: Samples, bits: int) -> bytes:
    import numpy as np

    height, width, _ = samples.shape
    shifts = np.arange(bits)[::-1].astype(np.uint8)
    single = (samples.astype(np.uint8) >> shifts & 1).astype(np.uint8)
    return np.packbits(single.reshape(height, width * bits), axis=1).tobytes()
