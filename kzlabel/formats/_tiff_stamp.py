"""One page of a TIFF being stamped: only the strips or tiles under the plate are new.

They are decoded, painted and encoded; a band makes the page larger, and all its strips anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import UnreadableAssetError
from kzlabel.formats._animation import Box
from kzlabel.formats._raster import displayed_size, stored_box, stored_plate, stored_size
from kzlabel.formats._raster_orientation import undo
from kzlabel.formats._tiff_codec import JPEG
from kzlabel.formats._tiff_ifd import LONG, LONG8, SHORT
from kzlabel.formats._tiff_page import COLOUR_MAP, LENGTH, PALETTE, ROWS, WIDTH
from kzlabel.formats._tiff_palette import Paint, paint_palette
from kzlabel.formats._tiff_samples import BYTE_BITS, Sampler

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from kzlabel.formats._tiff_ifd import Tiff
    from kzlabel.formats._tiff_page import Grid, Page
    from kzlabel.formats._tiff_samples import Samples
    from kzlabel.formats._tiff_write import Appender, Change
    from kzlabel.model import Placement


JPEG_ROWS = 16
"""Rows of the tallest JPEG block (two by two sampling)."""


@dataclass(frozen=True)
class Store:
    """Puts new strips into the copy: in the old one's place where they fit, else at the end."""

    tiff: Tiff
    appender: Appender
    uses: Counter[int]

    def put(self, content: bytes, offset: int, size: int) -> int:
        """Store a strip that was at `offset` with `size` bytes; what was there is cleared."""
        if self.uses[offset] != 1 or len(content) > size:
            self.clear(offset, size)
            return self.appender.append(content)
        self.appender.overwrite(offset, content.ljust(size, b"\0"))
        return offset

    def clear(self, offset: int, size: int) -> None:
        """Clear a strip that is not used any more, unless another page uses it."""
        if self.uses[offset] == 1:
            self.appender.overwrite(offset, bytes(size))


class Stamping:
    """One page being stamped."""

    def __init__(self, tiff: Tiff, page: Page, placement: Placement, store: Store) -> None:
        self.tiff = tiff
        self.page = page
        self.store = store
        self.sampler = Sampler(page, tiff.form.order)
        self.where = Box(*stored_box(placement, page.orientation))
        self.size = stored_size(placement, page.orientation)
        picture = displayed_size((page.grid.width, page.grid.height), page.orientation)
        canvas = (placement.width, placement.height)
        left, top, *_ = undo((0, 0, *picture), canvas, page.orientation)
        self.corner = left, top
        plate = stored_plate(placement, page.orientation)
        self.paint = Paint(plate)
        if page.photometric == PALETTE:
            self.paint = paint_palette(self._indexes(), self._colours(), plate, tiff.path)

    def _colours(self) -> tuple[int, ...]:
        """Return the colour map; raises `UnreadableAssetError` where it is short."""
        colours = self.tiff.numbers(self.page.ifd, COLOUR_MAP)
        if len(colours) != 3 << self.page.bits:
            raise UnreadableAssetError("kz.error.tiff-strips", path=self.tiff.path)
        return colours

    def _indexes(self) -> set[int]:
        """Return the indexes that the page uses, those under an overlay left out."""
        import numpy as np

        used: set[int] = set()
        under = Box(*self.where).shifted(-self.corner[0], -self.corner[1])
        for index in range(self.page.grid.chunks):
            _, box = self.page.grid.place(index)
            samples = self.decoded(index)
            for part in box.without(under):
                left, top, right, bottom = part.shifted(-box.left, -box.top)
                used.update(np.unique(samples[top:bottom, left:right]).tolist())
        return used

    def changes(self) -> dict[int, Change]:
        """Store the new strips and return the tags that change with them."""
        grid = self.page.grid
        same = self.size == (grid.width, grid.height)
        changes = self._overlaid() if same else self._banded()
        if self.paint.colour_map:
            changes[COLOUR_MAP] = (SHORT, self.tiff.form.pack(SHORT, self.paint.colour_map))
        return changes

    # --- An overlay: only what lies under the plate -----------------------------------------------

    def _overlaid(self) -> dict[int, Change]:
        page = self.page
        offsets, counts = list(page.offsets), list(page.counts)
        for index in range(page.grid.chunks):
            plane, box = page.grid.place(index)
            if not box.meet(self.where).empty:
                samples = self.decoded(index)
                self._stamp(samples, plane, box)
                old = self.tiff.read(offsets[index], counts[index])
                new = page.codec.encode(self.sampler.rows(samples), page.extent(box), old)
                offsets[index] = self.store.put(new, offsets[index], counts[index])
                counts[index] = len(new)
        return self._located(offsets, counts)

    def decoded(self, index: int) -> Samples:
        """Return the samples of a strip or tile."""
        page = self.page
        _, box = page.grid.place(index)
        content = self.tiff.read(page.offsets[index], page.counts[index])
        rows = page.codec.decode(content, page.extent(box))
        return self.sampler.samples(rows, box.size[0])

    def _stamp(self, samples: Samples, plane: int, box: Box) -> None:
        piece = box.meet(self.where)
        if piece.empty:
            return
        left, top, right, bottom = piece.shifted(-box.left, -box.top)
        plate = self._plate(piece)
        self.sampler.paint(samples[top:bottom, left:right], plate, plane)

    def _plate(self, piece: Box) -> NDArray[np.uint8]:
        import numpy as np

        return np.asarray(self.paint.plate.crop(piece.shifted(-self.where.left, -self.where.top)))

    def _located(self, offsets: Sequence[int], counts: Sequence[int]) -> dict[int, Change]:
        form = self.tiff.form
        kind = LONG8 if form.big else LONG
        return {
            tag: (kind, form.pack(kind, tuple(numbers)))
            for tag, numbers in zip(self.page.tags, (offsets, counts), strict=True)
        }

    # --- A band: the page anew --------------------------------------------------------------------

    def _banded(self) -> dict[int, Change]:
        page = self.page
        grid = self._larger()
        kept = {index: old for index in range(grid.chunks) if (old := self._kept(grid, index)) >= 0}
        for old in set(range(page.grid.chunks)) - set(kept.values()):
            self.store.clear(page.offsets[old], page.counts[old])
        new = self._new_chunks(grid, kept)
        places = [
            (page.offsets[kept[index]], page.counts[kept[index]]) if index in kept else next(new)
            for index in range(grid.chunks)
        ]
        values = {WIDTH: grid.width, LENGTH: grid.height}
        if not grid.tiled:
            values[ROWS] = grid.chunk_height
        pack = self.tiff.form.pack
        changes = {tag: (LONG, pack(LONG, (value,))) for tag, value in values.items()}
        return changes | self._located(*([place[side] for place in places] for side in (0, 1)))

    def _larger(self) -> Grid:
        """Return the new grid; only the last JPEG strip may have rows that are no whole blocks."""
        grid = self.page.grid.resized(*self.size)
        if self.page.codec.compression == JPEG and grid.chunk_height % JPEG_ROWS:
            return grid._replace(chunk_height=grid.height)
        return grid

    def _kept(self, grid: Grid, index: int) -> int:
        """Return which old strip or tile serves as the new one at `index`; -1 for none."""
        _, box = grid.place(index)
        moved = any(self.corner) or not box.meet(self.where).empty
        padded = box.right > self.page.grid.width or box.bottom > self.page.grid.height
        old = grid.same_place(index, self.page.grid)
        return -1 if moved or padded or old is None else old

    def _new_chunks(self, grid: Grid, kept: Mapping[int, int]) -> Iterator[tuple[int, int]]:
        """Store what is not kept, and yield offset and size of each."""
        page = self.page
        source = self.tiff.read(page.offsets[0], page.counts[0])
        current, canvas = 0, self._canvas(0)
        for index in range(grid.chunks):
            plane, box = grid.place(index)
            if index in kept:
                continue
            if plane != current:
                current, canvas = plane, self._canvas(plane)
            rows = self.sampler.rows(_cut(canvas, box))
            content = page.codec.encode(rows, page.extent(box), source)
            yield self.store.appender.append(content), len(content)

    def _canvas(self, plane: int) -> Samples:
        """Return the whole of one plane: black, the old picture on it, then the plate."""
        import numpy as np

        page, (width, height) = self.page, self.size
        shape = (height, width, page.chunk_samples)
        canvas: Samples = np.zeros(shape, np.uint8)
        if page.bits > BYTE_BITS:
            canvas = np.zeros(shape, np.uint16)
        black = np.full((height, width), self.paint.ground, np.uint8)
        self.sampler.paint(canvas, black, plane)
        whole = Box(0, 0, page.grid.width, page.grid.height)
        for index in range(page.grid.chunks):
            of, box = page.grid.place(index)
            if of == plane:
                left, top, right, bottom = box.meet(whole).shifted(*self.corner)
                part = self.decoded(index)[: bottom - top, : right - left]
                canvas[top:bottom, left:right] = part
        self._stamp(canvas, plane, Box(0, 0, width, height))
        return canvas


def _cut(canvas: Samples, box: Box) -> Samples:
    """Return the part in `box`; a tile that stands out is filled up with zeros."""
    import numpy as np

    part = canvas[box.top : box.bottom, box.left : box.right]
    width, height = box.size
    filled: Samples = np.zeros((height, width, canvas.shape[2]), canvas.dtype)
    filled[: part.shape[0], : part.shape[1]] = part
    return filled
