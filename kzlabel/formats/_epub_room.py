"""EPUB books (https://www.w3.org/TR/epub-33/): the workings.

Tags and notice are spliced into the package document and the pages; every other part stays byte for
byte. c2pa-rs has no writer for EPUB, so a manifest lies beside the book.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError, UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats._epub_book import XHTML, Book, read, writable
from kzlabel.formats._epub_judge import judged
from kzlabel.formats._epub_notice import is_page_of_text, own_page, with_banner
from kzlabel.formats._epub_tags import tagged, tags_of
from kzlabel.formats._package import rewritten
from kzlabel.model import Carrier, CarrierKind, Notice, NoticeReport, NoticeStyle, Placement, Tags
from kzlabel.notices.reasons import reason_of
from kzlabel.notices.words import words

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.formats._epub_book import Item


class EpubRoom:
    """What the EPUB room does."""

    def manifest_carrier(self, path: Path) -> Carrier:
        read(path)
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.epub")

    def read_tags(self, path: Path) -> Tags:
        found = tags_of(read(path))
        return {"epub": found} if found else {}

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        try:
            book = writable(src)
        except RefusedError as exc:
            raise UnsupportedTagsError(exc.code, **exc.values) from exc
        rewritten(book.package, dst, {book.name: tagged(book, tags.get("epub", {}))}, {})

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        book = writable(src)
        if not book.spine:
            raise RefusedError("kz.error.epub-no-page", path=src)
        said = words(notice.statement, notice.languages)
        every = [item for item in book.spine if item.media_type == XHTML]
        placement = Placement(
            statement=notice.statement, style=notice.style, languages=notice.languages,
            lines=tuple(line.long for line in said),
            pages=len(every) if notice.style is NoticeStyle.PAGES and every else 1,
        )  # fmt: skip
        if notice.style is NoticeStyle.PAGES:
            return self._on_every(book, dst, notice, placement, every)
        if is_page_of_text(book, book.spine[0]):
            content = with_banner(book, book.spine[0], notice)
            rewritten(book.package, dst, {book.spine[0].name: content}, {})
            if not self._hidden(dst, placement):
                return placement
            dst.unlink()
        return self._before_all(book, dst, notice, placement)

    def _before_all(self, book: Book, dst: Path, notice: Notice, placement: Placement) -> Placement:
        """Put a page of its own before the first."""
        name, page, opf = own_page(book, notice, placement.lines[0])
        rewritten(book.package, dst, {book.name: opf}, {name: page})
        return self._checked(book, dst, placement)

    def _on_every(
        self, book: Book, dst: Path, notice: Notice, placement: Placement, every: Sequence[Item]
    ) -> Placement:
        changed = {item.name: with_banner(book, item, notice) for item in every}
        added: dict[str, bytes] = {}
        if book.spine[0].media_type != XHTML:
            name, added[name], changed[book.name] = own_page(book, notice, placement.lines[0])
        rewritten(book.package, dst, changed, added)
        return self._checked(book, dst, placement)

    def _checked(self, book: Book, dst: Path, placement: Placement) -> Placement:
        hidden = self._hidden(dst, placement)
        if hidden:
            dst.unlink()
            detail = reason_of(hidden)
            raise RefusedError("kz.error.epub-hides", path=book.path, detail=detail)
        return placement

    def _hidden(self, path: Path, placement: Placement) -> NoticeReport | None:
        """Return the notice as it was judged where it would not be seen."""
        try:
            reports = self.find_notices(path, (placement,), search=False)
        except BaseException:
            path.unlink()
            raise
        return next((report for report in reports if report.perceivable is not True), None)

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        book = read(path)
        if not hints and not search:
            return ()
        if book.protection:
            raise UnreadableAssetError("kz.error.epub-protected", path=path, part=book.protection)
        return judged(book, hints, search=search)
