"""Encode a picture as another JPEG was encoded: tables, sampling, passes and colour transform.

Pillow does it in one go for what it has names for. For everything else (4:1:1, 4:4:0, subsampled
CMYK, YCCK, …) each component is encoded as a grey picture of its own, and the scans are put into
one frame: T.81 A.2.2 codes a scan of one component block by block, exactly like a grey picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kzlabel.formats._jpeg_segments import (
    APP0,
    APP14,
    DHT,
    DQT,
    FRAMES,
    SOS,
    Component,
    FrameHeader,
    segments,
    segments_of_scan,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PIL.Image import Image

    from kzlabel.formats._jpeg_segments import Segment

Table = tuple[int, ...]

ADOBE_TRANSFORM = 11
"""Where the APP14 segment of Adobe says the colour transform: 0 none, 1 YCbCr, 2 YCCK."""
ADOBE_YCCK = 2
FOUR_COLOURS = 4
MAX_BYTE = 255
"""Of a quantisation step in the baseline process."""


class Transform(Enum):
    """What the components of a JPEG mean."""

    GREY = "grey"
    YCBCR = "YCbCr"
    RGB = "RGB"
    CMYK = "CMYK"
    YCCK = "YCCK"


def transform_of(frame: FrameHeader, kept: Iterable[tuple[int, bytes]]) -> Transform:
    """Return what the components mean, guessed as libjpeg does (jdapimin.c).

    `kept` are markers and payloads of the segments before the frame.
    """
    jfif, adobe = False, None
    for marker, payload in kept:
        jfif = jfif or (marker == APP0 and payload[:5] == b"JFIF\0")
        if marker == APP14 and payload[:5] == b"Adobe" and len(payload) > ADOBE_TRANSFORM:
            adobe = payload[ADOBE_TRANSFORM]
    if len(frame.components) == 1:
        return Transform.GREY
    if len(frame.components) == FOUR_COLOURS:
        return Transform.YCCK if adobe == ADOBE_YCCK else Transform.CMYK
    ids = bytes(component.id for component in frame.components)
    named_rgb = adobe is None and ids == b"RGB"
    return Transform.RGB if not jfif and (adobe == 0 or named_rgb) else Transform.YCBCR


@dataclass(frozen=True)
class Coding:
    """How a JPEG is coded, and all that is needed to code another picture like it."""

    frame: FrameHeader
    transform: Transform
    tables: tuple[Table, ...]
    """Quantisation table of each component, in the order Pillow takes them."""
    fitted: bool = False
    """Whether Huffman tables are to be made for the very picture, which takes another pass."""

    def encode(self, image: Image) -> bytes:
        """Return the tables, the frame and the scans, EOI included, without SOI and APPn."""
        return self._at_once(image) or self._by_component(image)

    def _at_once(self, image: Image) -> bytes | None:
        """Encode with Pillow; None where Pillow cannot code like this."""
        sampling = _NAMED.get(self.frame.sampling)
        if sampling is None or self.transform is Transform.YCCK:
            return None
        if sampling and self.transform is not Transform.YCBCR:
            return None
        try:
            whole = _saved(
                image,
                self._tables(),
                sampling,
                progressive=self.frame.progressive,
                optimize=self.fitted,
                keep_rgb=self.transform is Transform.RGB,
            )
        except OSError:
            return None  # Pillow's buffer for progressive pictures can be too small
        return _like(whole, self.frame)

    def _tables(self) -> list[Table]:
        """The shortest list that Pillow spreads over the components rightly: the last repeats."""
        tables = list(self.tables)
        while len(tables) > 1 and tables[-1] == tables[-2]:
            tables.pop()
        return tables

    def _by_component(self, image: Image) -> bytes:
        tables, scans = b"", b""
        planes = _planes(image, self.transform)
        for number, (plane, spec) in enumerate(zip(planes, self.frame.components, strict=True)):
            fitted = _reduced(plane, spec, self.frame.components)
            grey = _saved(fitted, [self.tables[number]], 0, progressive=self.frame.progressive)
            table, scan = _taken(grey, number, spec.id)
            tables, scans = tables + table, scans + scan
        wide = any(value > MAX_BYTE for table in self.tables for value in table)
        marker = 0xC2 if self.frame.progressive else 0xC1 if wide else 0xC0
        header = _sof(marker, image.size, self.frame.components)
        return tables + header + scans + b"\xff\xd9"


_NAMED: dict[tuple[tuple[int, int], ...], Literal[0, 1, 2]] = {
    ((1, 1),): 0,
    ((1, 1),) * 3: 0,
    ((1, 1),) * 4: 0,
    ((2, 1), (1, 1), (1, 1)): 1,
    ((2, 2), (1, 1), (1, 1)): 2,
}
"""Samplings that Pillow's encoder has names for."""


def _saved(image: Image, tables: Sequence[Table], sampling: int, **switches: bool) -> bytes:
    target = BytesIO()
    quantisation = [list(table) for table in tables]
    image.save(target, "JPEG", qtables=quantisation, subsampling=sampling, comment=b"", **switches)
    return target.getvalue()


def _planes(image: Image, transform: Transform) -> list[Image]:
    """Return the samples of each component as they stand in the file, at full size."""
    from PIL import Image, ImageChops

    if transform is Transform.YCBCR:
        return _ycbcr(image)
    if transform in (Transform.RGB, Transform.GREY):
        return list(image.split())
    cyan, magenta, yellow, black = image.split()
    if transform is Transform.YCCK:
        # libjpeg turns YCC into inverted CMY and Pillow inverts again: RGB by another name
        colours = _ycbcr(Image.merge("RGB", (cyan, magenta, yellow)))
        return [*colours, ImageChops.invert(black)]
    return [ImageChops.invert(plane) for plane in (cyan, magenta, yellow, black)]


_YCBCR = (
    *(0.299, 0.587, 0.114, 0.0),
    *(-0.168735892, -0.331264108, 0.5, 128.0),
    *(0.5, -0.418687589, -0.081312411, 128.0),
)
"""RGB to YCbCr (JFIF 1.02, T.871 clause 7)."""


def _ycbcr(image: Image) -> list[Image]:
    """Return Y, Cb and Cr; `Image.convert("YCbCr")` would round down, half a level too dark."""
    return list(image.convert("RGB", _YCBCR).split())


def _reduced(plane: Image, spec: Component, components: Sequence[Component]) -> Image:
    factor = (max(c.h for c in components) // spec.h, max(c.v for c in components) // spec.v)
    return plane if factor == (1, 1) else plane.reduce(factor)


def _sof(marker: int, size: tuple[int, int], components: Sequence[Component]) -> bytes:
    specs = b"".join(
        bytes((spec.id, spec.h << 4 | spec.v, number)) for number, spec in enumerate(components)
    )
    payload = (
        b"\x08" + size[1].to_bytes(2) + size[0].to_bytes(2) + bytes((len(components),)) + specs
    )
    return _segment(marker, payload)


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2) + payload


def _taken(grey: bytes, number: int, component: int) -> tuple[bytes, bytes]:
    """Return a grey JPEG's quantisation table as table `number`, and its scans for `component`."""
    table, scans = b"", b""
    found = _all_segments(grey)
    for segment, after in pairwise(found):
        payload = grey[segment.start + 4 : segment.end]
        coded = grey[segment.end : after.start]
        if segment.marker == DQT:
            table += _segment(DQT, bytes((payload[0] & 0xF0 | number,)) + payload[1:])
        elif segment.marker == DHT:
            scans += _segment(DHT, payload)
        elif segment.marker == SOS:
            scans += _segment(SOS, payload[:1] + bytes((component,)) + payload[2:]) + coded
    return table, scans


def _all_segments(encoded: bytes) -> list[Segment]:
    """Return the segments of a JPEG that we made, EOI the last."""
    file = BytesIO(encoded)
    found = list(segments(file, _OURS))
    return found + list(segments_of_scan(file, found[-1].end, _OURS))


_OURS = Path("-")


def _like(encoded: bytes, frame: FrameHeader) -> bytes:
    """Return Pillow's JPEG from its tables on, its components named as in `frame`.

    The names matter: without a JFIF or Adobe segment, decoders tell YCbCr from RGB by them.
    """
    head = list(segments(BytesIO(encoded), _OURS))
    start = next(segment.start for segment in head if not segment.kept)
    header = next(segment for segment in head if segment.marker in FRAMES)
    own = encoded[header.start + 10 : header.end : 3]
    ids = bytes(component.id for component in frame.components)
    if own == ids:
        return encoded[start:]
    names = bytes.maketrans(own, ids)
    renamed = bytearray(encoded)
    renamed[header.start + 10 : header.end : 3] = ids
    for segment in _all_segments(encoded):
        if segment.marker == SOS:
            listed = slice(segment.start + 5, segment.end - 3, 2)
            renamed[listed] = encoded[listed].translate(names)
    return bytes(renamed[start:])
