"""A plate pasted into the planes of a frame, in the samples that the codec has.

Nothing is converted: outside the plate every sample stays as it was decoded. The plate is grey, so
that colour differences are neutral there and its edges are those of whole chroma samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np  # noqa: TID253  this is the border; its users import it inside functions

from kzlabel.errors import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    from av.video.format import VideoFormat
    from av.video.frame import VideoFrame

    from kzlabel._av.video import Colour

PQ, HLG = 16, 18
"""Transfer characteristics of SMPTE ST 2084 and ARIB STD-B67 (ISO/IEC 23091-2)."""
GRAPHICS_WHITE = {PQ: 0.5807, HLG: 0.75}
"""White of words in HDR by the whole range: 203 cd/m2 (ITU-R BT.2408)."""
_PACKED = {
    "rgb24": "vvv", "bgr24": "vvv", "rgba": "vvva", "bgra": "vvva", "argb": "avvv", "abgr": "avvv",
    "rgb0": "vvva", "bgr0": "vvva", "0rgb": "avvv", "0bgr": "avvv",
    "yuyv422": "yc", "yvyu422": "yc", "uyvy422": "cy",
}  # fmt: skip
"""What the bytes of a pixel are: value, alpha, luma, chroma."""
BYTE_BITS = 8


@dataclass(frozen=True)
class Grey:
    """A plate as it lies in the stored picture: words 255 on 0, at even coordinates."""

    samples: npt.NDArray[np.uint8]
    left: int
    top: int


@dataclass(frozen=True)
class Patch:
    """Samples for one plane."""

    plane: int
    dtype: str
    rows: slice
    columns: slice
    samples: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


def patches(path: Path, shape: VideoFormat, colour: Colour, grey: Grey) -> list[Patch]:
    """Return the plate in the samples of a pixel format; raises `RefusedError`."""
    if shape.name in _PACKED:
        return [_packed(shape.name, colour, grey)]
    parts = shape.components
    own_planes = len({part.plane for part in parts}) == len(parts)
    if not own_planes or shape.has_palette or shape.is_bit_stream or shape.is_bayer:
        raise RefusedError("kz.error.video-format", path=path, detail=shape.name)
    return [_planar(shape, number, colour, grey) for number in range(len(parts))]


def paste(frame: VideoFrame, ready: list[Patch]) -> None:
    """Write the plate into `frame`, which must be writable."""
    for patch in ready:
        plane = frame.planes[patch.plane]
        dtype = np.dtype(patch.dtype)
        samples = np.frombuffer(memoryview(plane), dtype)
        rows = samples.reshape(plane.height, plane.line_size // dtype.itemsize)
        rows[patch.rows, patch.columns] = patch.samples


def lay(source: VideoFrame, target: VideoFrame, offset: tuple[int, int]) -> None:
    """Copy the planes of `source` into the larger `target`, at an even `offset`.

    FFmpeg's `pad` leaves out the last row and column of odd sizes, whose colour is shared.
    """
    for part in source.format.components if source.format.name not in _PACKED else ():
        size = 1 if part.bits <= BYTE_BITS else 2
        across = _step(source.width, part.width)
        down = _step(source.height, part.height)
        left, top = offset[0] // across * size, offset[1] // down
        to = _rows(target, part.plane)
        to[top : top + part.height, left : left + part.width * size] = _rows(source, part.plane)[
            :, : part.width * size
        ]


def _rows(frame: VideoFrame, number: int) -> npt.NDArray[np.uint8]:
    plane = frame.planes[number]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)


def _planar(shape: VideoFormat, number: int, colour: Colour, grey: Grey) -> Patch:
    part = shape.components[number]
    across, down = _step(shape.width, part.width), _step(shape.height, part.height)
    height, width = grey.samples.shape
    rows = slice(grey.top // down, -(-(grey.top + height) // down))
    columns = slice(grey.left // across, -(-(grey.left + width) // across))
    dtype = "u1" if part.bits <= BYTE_BITS else (">u2" if shape.is_big_endian else "<u2")
    size = rows.stop - rows.start, columns.stop - columns.start
    if part.is_alpha:
        samples = np.full(size, (1 << part.bits) - 1, dtype)
    elif number and not shape.is_rgb:  # PyAV calls chroma only what is subsampled
        samples = np.full(size, 1 << (part.bits - 1), dtype)
    else:
        samples = _levels(part.bits, colour)[grey.samples].astype(dtype)
    return Patch(part.plane, dtype, rows, columns, samples)


def _step(whole: int, part: int) -> int:
    """Return how many samples of the picture share one of a component."""
    step = 1
    while -(-whole // step) > part:
        step *= 2
    return step


def _levels(bits: int, colour: Colour) -> npt.NDArray[np.uint16]:
    """Return what each of the 256 greys of a plate is in samples."""
    top = (1 << bits) - 1
    low, high = (0, top) if colour.full else (16 << (bits - 8), 235 << (bits - 8))
    white = low + (high - low) * GRAPHICS_WHITE.get(colour.transfer, 1.0)
    return np.round(np.linspace(low, white, 256)).astype(np.uint16)


def _packed(name: str, colour: Colour, grey: Grey) -> Patch:
    height, width = grey.samples.shape
    parts = _PACKED[name]
    pixels = np.empty((height, width, len(parts)), np.uint8)
    values = _levels(BYTE_BITS, colour)[grey.samples]
    for number, part in enumerate(parts):
        pixels[..., number] = {"a": 255, "c": 128}.get(part, values)
    columns = slice(grey.left * len(parts), (grey.left + width) * len(parts))
    rows = slice(grey.top, grey.top + height)
    return Patch(0, "u1", rows, columns, pixels.reshape(height, -1))
