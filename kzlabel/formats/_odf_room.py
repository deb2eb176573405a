"""OpenDocument 1.3 (https://docs.oasis-open.org/office/OpenDocument/v1.3/): the workings.

Tags and notice are spliced into the XML of a package whose other parts stay byte for byte. c2pa-rs
cannot put a manifest into a ZIP whose parts it does not know, so it lies beside the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kzlabel.errors import RefusedError, UnsupportedTagsError
from kzlabel.formats._odf_document import META, Document, read, writable
from kzlabel.formats._odf_tags import tagged, tags_of
from kzlabel.formats._package import rewritten
from kzlabel.model import Carrier, CarrierKind, Notice, NoticeReport, NoticeStyle, Placement, Tags
from kzlabel.notices.prose import Run, judge_pages
from kzlabel.notices.reasons import reason_of
from kzlabel.notices.words import words

if TYPE_CHECKING:
    from pathlib import Path

Lines = Mapping[str, str]
"""Language -> the words of the notice in it."""


class Noticed(NamedTuple):
    """What became of a notice."""

    changed: dict[str, bytes]
    """Parts of the package."""
    pages: int
    """How many carry it."""
    flaws: tuple[str, ...] = ()
    """What is amiss with its place, as codes of findings."""


class Kind(Protocol):
    """What texts, spreadsheets and presentations do each in their own way."""

    first: int
    """Characters that may stand before a notice which is still seen at once."""

    def __init__(self, document: Document) -> None: ...

    def noticed(self, lines: Lines, *, every: bool) -> Noticed:
        """Return the parts as they are with a notice, and what became of it."""
        ...

    def pages(self, *, every: bool) -> Iterable[Sequence[Run]]:
        """Return the runs of the first page, and where `every` is asked, of all."""
        ...


class OdfRoom:
    """What the rooms of OpenDocument do."""

    def __init__(self, kind: type[Kind]) -> None:
        self._kind = kind

    def manifest_carrier(self, path: Path) -> Carrier:
        read(path)
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.odf")

    def read_tags(self, path: Path) -> Tags:
        document = read(path)
        if META not in document.package:
            return {}
        found = tags_of(document.part(META))
        return {"odf": found} if found else {}

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        try:
            document = writable(src)
        except RefusedError as exc:
            raise UnsupportedTagsError(exc.code, **exc.values) from exc
        changed, added = tagged(document, tags.get("odf", {}))
        rewritten(document.package, dst, changed, added)

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        document = writable(src)
        said = words(notice.statement, notice.languages)
        lines = {language: form.long for language, form in zip(notice.languages, said, strict=True)}
        every = notice.style is NoticeStyle.PAGES
        noticed = self._kind(document).noticed(lines, every=every)
        rewritten(document.package, dst, noticed.changed, {})
        placement = Placement(
            statement=notice.statement,
            style=notice.style,
            languages=notice.languages,
            lines=tuple(lines.values()),
            pages=noticed.pages,
            flaws=noticed.flaws,
        )
        self._check(src, dst, placement)
        return placement

    def _check(self, src: Path, dst: Path, placement: Placement) -> None:
        """Refuse what would hide the notice, whatever in the document it is."""
        try:
            reports = self.find_notices(dst, (placement,), search=False)
        except BaseException:
            dst.unlink()
            raise
        for report in reports:
            if report.perceivable is not True:
                dst.unlink()
                raise RefusedError("kz.error.odf-hides", path=src, detail=reason_of(report))

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        document = read(path)
        if not hints and not search:
            return ()
        every = not hints or any(hint.style is NoticeStyle.PAGES for hint in hints)
        pages = self._kind(document).pages(every=every)
        return judge_pages(pages, hints, search=search, first=self._kind.first)
