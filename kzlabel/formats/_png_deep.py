"""Samples of 16 bits, which Pillow cuts to 8, kept as two layers: high bytes and low bytes.

PNG filters bytes, not samples (PNG 9.2), so a picture with twice the samples of half the depth has
the same bytes: 16-bit grey reads as 8-bit grey and alpha, 16-bit grey and alpha as RGBA. For RGB
and RGBA, Pillow is asked once for the high and once for the low bytes.
"""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import TYPE_CHECKING

from kzlabel.formats._png_chunks import SIGNATURE, Header, packed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Bytes = NDArray[np.uint8]

GREY, RGB, GREY_ALPHA = 0, 2, 4
BAND = 64
"""Rows that are filtered at once."""


def halved(header: Header) -> Header:
    """Return the header that makes 8-bit samples of 16-bit grey, with alpha or without."""
    return header._replace(depth=8, colour=GREY_ALPHA if header.colour == GREY else 6)


def standalone(header: Header, between: bytes, payloads: Sequence[bytes]) -> bytes:
    """Return a PNG file of its own; `between` are the chunks before the pixels."""
    pixels = b"".join(packed(b"IDAT", payload) for payload in payloads)
    return SIGNATURE + header.packed() + between + pixels + packed(b"IEND", b"")


def deep_layers(header: Header, payloads: Sequence[bytes]) -> tuple[Image, Image]:
    """Decode 16-bit samples into high and low bytes, each a picture of `header.mode`."""
    from PIL import Image

    if header.colour in (GREY, GREY_ALPHA):
        with Image.open(BytesIO(standalone(halved(header), b"", payloads))) as image:
            bands = image.split()
        if header.colour == GREY:
            return bands[0], bands[1]
        return Image.merge("LA", bands[0::2]), Image.merge("LA", bands[1::2])
    whole = standalone(header, b"", payloads)
    return _half(whole, "B"), _half(whole, "L")


def _half(whole: bytes, order: str) -> Image:
    """Decode one byte of each sample: read in the wrong order, the low one is the high one."""
    from PIL import Image

    with Image.open(BytesIO(whole)) as image:
        image.tile = [tile._replace(args=f"{image.mode};16{order}") for tile in image.tile]
        image.load()
    return image.copy()


def rejoined(header: Header, layers: Sequence[Image]) -> Image | None:
    """Return the picture of 8-bit samples that has the same bytes; None for RGB and RGBA."""
    from PIL import Image

    high, low = (layer.split() for layer in layers)
    if header.colour == GREY:
        return Image.merge("LA", (*high, *low))
    if header.colour == GREY_ALPHA:
        return Image.merge("RGBA", (high[0], low[0], high[1], low[1]))
    return None


def deflated(layers: Sequence[Image]) -> Iterator[bytes]:
    """Filter and compress two layers of RGB or RGBA into IDAT payloads."""
    import numpy as np

    high, low = (np.asarray(layer) for layer in layers)
    deflater = zlib.compressobj()
    above = np.zeros((1, high.shape[1] * high.shape[2] * 2), np.uint8)
    for top in range(0, len(high), BAND):
        pair = np.stack((high[top : top + BAND], low[top : top + BAND]), axis=-1)
        rows = pair.reshape(len(pair), -1)
        payload = deflater.compress(_filtered(rows, above, high.shape[2] * 2))
        above = rows[-1:]
        if payload:
            yield payload
    yield deflater.flush()


def _filtered(rows: Bytes, above: Bytes, step: int) -> bytes:
    """Return each row with the PNG filter that makes its bytes smallest (PNG 12.7)."""
    import numpy as np

    up = np.vstack((above, rows[:-1]))
    left, corner = np.zeros_like(rows), np.zeros_like(rows)
    left[:, step:], corner[:, step:] = rows[:, :-step], up[:, :-step]
    tried = np.stack((rows, rows - left, rows - up, rows - _paeth(left, up, corner)))
    cost = np.abs(tried.view(np.int8).astype(np.int16)).sum(axis=2, dtype=np.int64)
    best = cost.argmin(axis=0)
    kinds = np.array((0, 1, 2, 4), np.uint8)[best]
    chosen = tried[best, np.arange(len(rows))]
    return np.hstack((kinds[:, None], chosen)).tobytes()


def _paeth(left: Bytes, up: Bytes, corner: Bytes) -> Bytes:
    import numpy as np

    a, b, c = (side.astype(np.int16) for side in (left, up, corner))
    to_left, to_up, to_corner = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    near_left = (to_left <= to_up) & (to_left <= to_corner)
    return np.where(near_left, left, np.where(to_up <= to_corner, up, corner))
