"""The notice on every page of a TIFF, written and found.

Thumbnails and masks are no pages. A page of another size than the first has the notice where
`follow` puts it, so that whoever knows the first page's placement knows all.
"""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError
from kzlabel.formats._raster import (
    check_pixels,
    decoding,
    judge_frames,
    open_image,
    place_on,
)
from kzlabel.formats._tiff_ifd import Tiff
from kzlabel.formats._tiff_page import STRIPS, TILES, displayed_size, read_page, tile_size
from kzlabel.formats._tiff_pages import follow, merge
from kzlabel.formats._tiff_stamp import Stamping, Store
from kzlabel.formats._tiff_write import Appender

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from PIL.Image import Image

    from kzlabel.formats._tiff_page import Page
    from kzlabel.model import Notice, NoticeReport, Placement


def write_notice(src: Path, dst: Path, notice: Notice) -> Placement:
    """Copy `src` to `dst` with the notice on every page; return where it is on the first one."""
    with src.open("rb") as file:
        tiff = Tiff(file, src)
        pages = read_pages(tiff)
        placements = _place(tiff, pages, notice)
        shutil.copyfile(src, dst)
        with dst.open("r+b") as copy:
            appender = Appender(copy, tiff.form, src)
            store = Store(tiff, appender, _uses(tiff))
            for index, ifd in enumerate(tiff.ifds):
                if index in pages:
                    stamping = Stamping(tiff, pages[index], placements[index], store)
                    appender.rewrite(ifd, stamping.changes())
                else:
                    appender.keep(ifd)
    return placements[min(pages)]


def read_pages(tiff: Tiff) -> dict[int, Page]:
    """Return the pages by the index of their IFD.

    Raises `RefusedError` where there is none, or none that Pillow could show for a check.
    """
    if tiff.form.big and tiff.form.order == ">":
        raise RefusedError("kz.error.tiff-kept", path=tiff.path, detail="big-endian BigTIFF")
    pages = {index: read_page(tiff, tiff.ifds[index]) for index in tiff.pages}
    if any(tiff.is_mask(page.ifd) for page in pages.values()):
        raise RefusedError("kz.error.tiff-kept", path=tiff.path, detail="mask")
    if not pages:
        raise RefusedError("kz.error.tiff-no-page", path=tiff.path)
    largest = max(pages.values(), key=lambda page: page.grid.width * page.grid.height).grid
    check_pixels(tiff.path, largest.width, largest.height, frames=len(pages))
    return pages


def _place(tiff: Tiff, pages: dict[int, Page], notice: Notice) -> dict[int, Placement]:
    """Return where the notice goes on each page: as on the first one, where sizes agree."""
    first = min(pages)
    with open_image(tiff.path, ("TIFF",)) as image, decoding(tiff.path):
        next(_turned(image, [first]))
        placed = place_on(image, notice)
    size = displayed_size(tiff, pages[first].ifd)
    return {
        index: placed if displayed_size(tiff, page.ifd) == size
        else follow(placed, displayed_size(tiff, page.ifd), banded=False)
        for index, page in pages.items()
    }  # fmt: skip


def _uses(tiff: Tiff) -> Counter[int]:
    """Return how often each strip or tile is used; pages may share one."""
    return Counter(
        offset
        for ifd in tiff.ifds
        for tag in (STRIPS[0], TILES[0])
        for offset in tiff.numbers(ifd, tag)
    )


def find_notices(
    path: Path, hints: Sequence[Placement], *, search: bool
) -> tuple[NoticeReport, ...]:
    """Judge the hinted notices on every page; a report tells of the worst page."""
    with path.open("rb") as file:
        tiff = Tiff(file, path)
        sizes = {index: displayed_size(tiff, tiff.ifds[index]) for index in tiff.pages or (0,)}
        tiles = {tile_size(tiff, tiff.ifds[index]) for index in sizes}
    for size in {*sizes.values(), *tiles}:
        check_pixels(path, *size, frames=len(sizes))
    with open_image(path, ("TIFF",)) as image, decoding(path):
        if not hints and search:
            hints = _found(image, min(sizes))
            if not hints:
                like = [index for index in sizes if sizes[index] == sizes[min(sizes)]]
                return judge_frames(_turned(image, like), (), search=True)
        first = sizes[min(sizes)]
        return merge(
            judge_frames(_turned(image, group), _hints(hints, first, size), search=False)
            for size, group in _by_size(sizes).items()
        )


def _found(image: Image, index: int) -> Sequence[Placement]:
    """Look for our own texts on one page."""
    from kzlabel.formats._raster_view import RasterView
    from kzlabel.notices._search import search

    return tuple(search(RasterView(next(_turned(image, [index])), 1)))


def _hints(
    hints: Sequence[Placement], first: tuple[int, int], size: tuple[int, int]
) -> list[Placement]:
    """Return where the hints are on pages of `size`; as they are where pages were resized."""
    return [
        hint if size == first or (hint.width, hint.height) != first
        else follow(hint, size, banded=True)
        for hint in hints
    ]  # fmt: skip


def _by_size(sizes: dict[int, tuple[int, int]]) -> dict[tuple[int, int], list[int]]:
    groups: dict[tuple[int, int], list[int]] = {}
    for index, size in sizes.items():
        groups.setdefault(size, []).append(index)
    return groups


def _turned(image: Image, indexes: Sequence[int]) -> Iterator[Image]:
    """Yield pages as displayed: Pillow turns them as their orientation asks."""
    for index in indexes:
        image.seek(index)
        image.info.pop("xmp", None)  # its orientation turns nothing elsewhere
        image.load()
        yield image
