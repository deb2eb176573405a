"""One page of a TIFF: its samples, and the grid of strips or tiles that they lie in.

TIFF 6.0 sections 3 to 6, 8 (baseline), 15 (tiles), 16 (CMYK), 18 (associated alpha).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._animation import Box
from kzlabel.formats._raster import check_pixels
from kzlabel.formats._tiff_codec import (
    DEFLATE,
    FAX,
    JPEG,
    LZW,
    NONE,
    OLD_DEFLATE,
    PACKBITS,
    PREDICTABLE,
    Codec,
    Extent,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.formats._tiff_ifd import Ifd, Tiff

WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
ORIENTATION, SAMPLES, ROWS, PLANAR, T4_OPTIONS, T6_OPTIONS = 274, 277, 278, 284, 292, 293
PREDICTOR, COLOUR_MAP, EXTRA_SAMPLES, SAMPLE_FORMAT = 317, 320, 338, 339
TILE_WIDTH, TILE_LENGTH, JPEG_TABLES = 322, 323, 347
STRIPS, TILES = (273, 279), (324, 325)
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6
COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3}
_COMPRESSIONS = (NONE, *FAX, LZW, JPEG, DEFLATE, OLD_DEFLATE, PACKBITS)
_MAX_CHUNKS = 1_000_000


class Grid(NamedTuple):
    """How a page is cut: its size, the size of a strip or tile, and how many planes there are."""

    width: int
    height: int
    chunk_width: int
    chunk_height: int
    planes: int
    tiled: bool

    @property
    def columns(self) -> int:
        """Tiles side by side; 1 for strips."""
        return -(-self.width // self.chunk_width)

    @property
    def chunks(self) -> int:
        """Strips or tiles of all planes."""
        return self.columns * -(-self.height // self.chunk_height) * self.planes

    def place(self, index: int) -> tuple[int, Box]:
        """Return the plane and the pixels of a strip or tile; tiles may stand out."""
        plane, at = divmod(index, self.chunks // self.planes)
        row, column = divmod(at, self.columns)
        left, top = column * self.chunk_width, row * self.chunk_height
        below = top + self.chunk_height
        return plane, Box(
            left, top, left + self.chunk_width, below if self.tiled else min(below, self.height)
        )

    def resized(self, width: int, height: int) -> Grid:
        """Return the grid of a larger canvas, cut as this one is."""
        chunk_width = self.chunk_width if self.tiled else width
        return self._replace(width=width, height=height, chunk_width=chunk_width)

    def same_place(self, index: int, old: Grid) -> int | None:
        """Return which strip or tile of `old` lies where this grid's `index` does."""
        plane, box = self.place(index)
        row, column = box.top // self.chunk_height, box.left // self.chunk_width
        each = old.chunks // old.planes
        at = row * old.columns + column
        if column >= old.columns or at >= each:
            return None
        found = plane * each + at
        return found if old.place(found) == (plane, box) else None


@dataclass(frozen=True)
class Page:
    """What one IFD says of its picture; a page that cannot be kept does not come to be."""

    ifd: Ifd
    grid: Grid
    bits: int
    samples: int
    photometric: int
    alpha: tuple[bool, ...]
    """For each sample beyond the colours: whether it is opacity."""
    formats: frozenset[int]
    """SampleFormat: 1 is an unsigned whole number."""
    predictor: int
    orientation: int
    codec: Codec
    tags: tuple[int, int]
    """Where offsets and byte counts are."""
    offsets: tuple[int, ...]
    counts: tuple[int, ...]

    @property
    def chunk_samples(self) -> int:
        """Samples of one pixel within a strip or tile."""
        return self.samples if self.grid.planes == 1 else 1

    def extent(self, box: Box) -> Extent:
        """Return how much a strip or tile over `box` holds."""
        width, rows = box.size
        return Extent(width, -(-width * self.chunk_samples * self.bits // 8), rows)


def read_page(tiff: Tiff, ifd: Ifd) -> Page:
    """Return the page of an IFD.

    Raises `RefusedError` for samples or compressions that cannot be kept, `UnreadableAssetError`
    where tags contradict one another, `LimitError` on a bomb.
    """
    reader = _Reader(tiff, ifd)
    grid, tags = reader.grid()
    check_pixels(tiff.path, grid.width, grid.height)
    offsets, counts = (tiff.numbers(ifd, tag) for tag in tags)
    if not grid.chunks == len(offsets) == len(counts):
        raise UnreadableAssetError("kz.error.tiff-strips", path=tiff.path)
    page = Page(
        ifd=ifd,
        grid=grid,
        bits=reader.bits(),
        samples=reader.number(SAMPLES, 1),
        photometric=reader.number(PHOTOMETRIC, -1),
        alpha=reader.alpha(),
        formats=frozenset(tiff.numbers(ifd, SAMPLE_FORMAT)),
        predictor=reader.number(PREDICTOR, 1),
        orientation=reader.orientation(),
        codec=reader.codec(),
        tags=tags,
        offsets=offsets,
        counts=counts,
    )
    if detail := _obstacle(page):
        raise RefusedError("kz.error.tiff-kept", path=tiff.path, detail=detail)
    return page


def displayed_size(tiff: Tiff, ifd: Ifd) -> tuple[int, int]:
    """Return width and height after orientation."""
    width, height = tiff.number(ifd, WIDTH), tiff.number(ifd, LENGTH)
    return (height, width) if tiff.number(ifd, ORIENTATION, 1) in (5, 6, 7, 8) else (width, height)


def tile_size(tiff: Tiff, ifd: Ifd) -> tuple[int, int]:
    """Return width and height of a tile; 0 where there are strips."""
    return tiff.number(ifd, TILE_WIDTH), tiff.number(ifd, TILE_LENGTH)


@dataclass(frozen=True)
class _Reader:
    tiff: Tiff
    ifd: Ifd

    @property
    def path(self) -> Path:
        return self.tiff.path

    def number(self, tag: int, default: int) -> int:
        return self.tiff.number(self.ifd, tag, default)

    def grid(self) -> tuple[Grid, tuple[int, int]]:
        width, height = self.number(WIDTH, 0), self.number(LENGTH, 0)
        tiled = self.ifd.find(TILES[0]) is not None
        chunk_width = self.number(TILE_WIDTH, 0) if tiled else width
        chunk_height = self.number(TILE_LENGTH if tiled else ROWS, 0 if tiled else height)
        planes = self.number(SAMPLES, 1) if self.number(PLANAR, 1) == 2 else 1  # noqa: PLR2004  separate
        if not min(width, height, chunk_width, chunk_height, planes) > 0:
            raise UnreadableAssetError("kz.error.tiff-strips", path=self.path)
        if not tiled:
            chunk_height = min(chunk_height, height)
        else:
            check_pixels(self.path, chunk_width, chunk_height)
        return Grid(width, height, chunk_width, chunk_height, planes, tiled), (
            TILES if tiled else STRIPS
        )

    def bits(self) -> int:
        """Return the bits of a sample; 0 where samples differ."""
        bits = self.tiff.numbers(self.ifd, BITS) or (1,)
        return bits[0] if len(set(bits)) == 1 else 0

    def alpha(self) -> tuple[bool, ...]:
        return tuple(kind in (1, 2) for kind in self.tiff.numbers(self.ifd, EXTRA_SAMPLES))

    def orientation(self) -> int:
        value = self.number(ORIENTATION, 1)
        return value if 1 <= value <= 8 else 1  # noqa: PLR2004  as the tag

    def codec(self) -> Codec:
        compression = self.number(COMPRESSION, NONE)
        tables = self.ifd.find(JPEG_TABLES)
        return Codec(
            compression,
            self.path,
            # A JPEG stream has one order of bits only.
            reversed_bits=self.number(FILL_ORDER, 1) == 2 and compression != JPEG,  # noqa: PLR2004  reversed
            fax_options=self.number(T4_OPTIONS if compression == FAX[1] else T6_OPTIONS, 0),
            jpeg_rgb=self.number(PHOTOMETRIC, -1) == RGB,
            jpeg_tables=self.tiff.bytes_of(tables) if tables else b"",
        )


def _obstacle(page: Page) -> str:
    """Return what cannot be kept, in a word or two; "" where all can."""
    compression, colours = page.codec.compression, COLOURS.get(page.photometric)
    if compression not in _COMPRESSIONS:
        return f"Compression {compression}"
    if colours is None or page.samples != colours + len(page.alpha):
        return f"PhotometricInterpretation {page.photometric}, {page.samples} samples"
    return _sample_obstacle(page, colours) or _codec_obstacle(page)


def _sample_obstacle(page: Page, colours: int) -> str:
    if not page.formats <= {1}:
        return f"SampleFormat {max(page.formats)}"
    if page.grid.planes > 1 and page.bits > 8:  # noqa: PLR2004  Pillow 13 shows noise instead
        return f"{page.bits} bits in separate planes"
    depths = {8, 16} if page.samples > 1 else {1, 2, 4, 8, 16}
    if page.photometric == PALETTE:
        depths = {1, 2, 4, 8}
    return "" if page.bits in depths and colours else f"{page.bits} bits a sample"


def _codec_obstacle(page: Page) -> str:
    compression = page.codec.compression
    if compression in FAX and (page.bits, page.samples) != (1, 1):
        return "fax with colours"
    # Two-dimensional Group 3 would come back one-dimensional.
    if compression == FAX[1] and page.codec.fax_options & 3:
        return f"T4Options {page.codec.fax_options}"
    if compression == JPEG and (page.bits, page.photometric, page.grid.planes) not in (
        (8, BLACK_IS_ZERO, 1),
        (8, RGB, 1),
        (8, YCBCR, 1),
    ):
        return "JPEG of other than grey, RGB or YCbCr"
    if page.photometric == YCBCR and compression != JPEG:
        return "YCbCr without JPEG"
    if compression in PREDICTABLE and page.predictor == 2 and page.bits >= 8:  # noqa: PLR2004
        return ""
    return "" if page.predictor == 1 or compression not in PREDICTABLE else "Predictor"
