"""What is known of pages before pdfium gets them: that they can be drawn, and what is doubtful."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import RefusedError, UnreadableAssetError
from kzlabel.formats._pdf_doubts import is_doubtful, lids_of
from kzlabel.formats._pdf_effort import Drawing
from kzlabel.formats._pdf_file import opened, unlocked
from kzlabel.formats._pdf_page import pages_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from kzlabel.formats._pdf_page import Box


class Outlook(NamedTuple):
    """What is known of one page."""

    is_doubtful: bool
    """Whether other viewers may show it otherwise."""
    lids: tuple[Box, ...]
    """Where annotations lie that each viewer draws in its own way, in user space."""


def outlooks(path: Path, numbers: Collection[int]) -> dict[int, Outlook]:
    """Look through pages, from 0, before anything draws them.

    Raises `LimitError` where drawing one would take too long, `RefusedError` without a password
    that is needed, and `UnreadableAssetError`.
    """
    try:
        return _outlooks(path, numbers, strict=True)
    except UnreadableAssetError:
        return _outlooks(path, numbers, strict=False)


def _outlooks(path: Path, numbers: Collection[int], *, strict: bool) -> dict[int, Outlook]:
    """Look through pages; `strict` takes a document as it says it is, in half the time."""
    wanted, found = set(numbers), dict[int, Outlook]()
    with opened(path, strict=strict) as document:
        if not unlocked(document):
            raise RefusedError("kz.error.pdf-password", path=path)
        pages = enumerate(pages_of(document) if wanted else ())
        while wanted - found.keys():
            number, page = next(pages, (-1, None))
            if page is None:
                detail = f"page {max(wanted) + 1} is not there"
                raise UnreadableAssetError("kz.error.pdf-damaged", path=path, detail=detail)
            if number in wanted:
                drawing = Drawing(document, page, number + 1).reckon()
                # Each reader repairs in its own way.
                doubtful = not strict or is_doubtful(drawing)
                found[number] = Outlook(doubtful, tuple(lids_of(drawing)))
    return found
