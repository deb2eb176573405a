"""QR codes that hold signed bytes of ours: drawn, and found again on a picture.

The border of segno, which makes them, and zxing-cpp, which reads them. ISO/IEC 18004 model 2,
version 6 with error correction M: 41 modules a side, 106 bytes in byte mode, the quiet zone of four
modules around it. Only codes that begin with our magic are handed on: what others encode is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.model import Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    import zxingcpp
    from PIL.Image import Image

MAGIC = b"KZL"
"""The first bytes of every code of ours."""
VERSION = 6
QUIET = 4
"""Modules of white on each side."""
MODULES = 41 + 2 * QUIET
"""A side of the symbol, its quiet zone included."""
MOST_BYTES = 106
"""What version 6-M holds."""
CROWD = 64
"""What looks like a code, on one picture, from which zxing-cpp overlooks some, and then all."""
MOST_PIXELS = 3_000_000
"""A larger picture is reduced to this many: a code of ours has grown with it, and a picture full
of corners of codes takes zxing-cpp three seconds a million pixels."""
LONGEST_SIDE = 16_000
"""zxing-cpp takes no side beyond 65 535."""
ENLARGED = 2.0
"""A small picture is looked at once more, at this size at most: a module of a pixel and a half is
seen at three."""
LEAST_ENLARGED = 1.4


@dataclass(frozen=True)
class Symbol:
    """One code of ours, as it was read."""

    payload: bytes
    region: Region
    """Where it stands, without its quiet zone, in fractions of the picture."""


class Symbols(NamedTuple):
    """What was read on a picture."""

    found: tuple[Symbol, ...] = ()
    """Each once."""
    crowded: bool = False
    """Whether there is so much that looks like codes that some may have been overlooked."""


def draw(payload: bytes, module: int) -> Image:
    """Return the code with its quiet zone, mode L, black on white, `module` pixels a module.

    Raises `ValueError` for more than `MOST_BYTES`.
    """
    import segno
    from PIL import Image

    code = segno.make_qr(payload, error="m", version=VERSION, mode="byte", boost_error=False)
    drawn = Image.new("L", (MODULES, MODULES), 255)
    for row, modules in enumerate(code.matrix):
        for column, dark in enumerate(modules):
            if dark:
                drawn.putpixel((QUIET + column, QUIET + row), 0)
    return drawn.resize((MODULES * module, MODULES * module), Image.Resampling.NEAREST)


def read_symbols(picture: Image, most_pixels: int = MOST_PIXELS) -> Symbols:
    """Return the codes of ours on a picture as displayed."""
    crowded = False
    for seen in _sizes(picture, most_pixels):
        read = _read(seen)
        crowded |= read.crowded
        if read.found:
            return Symbols(read.found, crowded)
    return Symbols((), crowded)


def _sizes(picture: Image, most_pixels: int) -> Iterator[Image]:
    """Yield the picture in grey, reduced where it is huge, and then enlarged where it is small."""
    from PIL import Image

    grey = picture if picture.mode == "L" else picture.convert("L")
    factor = (most_pixels / (grey.width * grey.height)) ** 0.5
    longest = LONGEST_SIDE / max(grey.size)
    reduced = min(1.0, factor, longest)
    if reduced < 1.0:
        grey = grey.resize(_scaled(grey, reduced), Image.Resampling.BOX, reducing_gap=2.0)
    yield grey
    enlarged = min(ENLARGED, factor, longest)
    if enlarged >= LEAST_ENLARGED:
        yield grey.resize(_scaled(grey, enlarged), Image.Resampling.BICUBIC)


def _scaled(grey: Image, factor: float) -> tuple[int, int]:
    return max(1, int(grey.width * factor)), max(1, int(grey.height * factor))


def _read(grey: Image) -> Symbols:
    import zxingcpp

    qr = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    seen = zxingcpp.read_barcodes(grey, formats=qr, return_errors=True)
    crowded = len(seen) >= CROWD
    if crowded:  # at most 255 are told, and those that cannot be read displace the others
        seen = zxingcpp.read_barcodes(grey, formats=qr)
    found: dict[bytes, Symbol] = {}
    for code in seen:
        payload = bytes(code.bytes) if code.valid else b""
        if payload.startswith(MAGIC) and len(payload) <= MOST_BYTES:
            found.setdefault(payload, Symbol(payload, _region(code.position, grey.size)))
    return Symbols(tuple(found.values()), crowded)


def _region(position: zxingcpp.Position, size: tuple[int, int]) -> Region:
    """Return the upright rectangle around a position, within the picture."""
    corners = (
        position.top_left, position.top_right, position.bottom_left, position.bottom_right,
    )  # fmt: skip
    (left, right), (top, bottom) = (
        (_within(min(at), side), _within(max(at) + 1, side))
        for at, side in zip(
            ([point.x for point in corners], [point.y for point in corners]), size, strict=True
        )
    )
    return Region(x=left, y=top, w=right - left, h=bottom - top)


def _within(at: int, side: int) -> float:
    return min(max(at / side, 0.0), 1.0)
