"""What the rooms of Office Open XML have in common: properties, and a notice that is read back.

The manifest lies beside the file: c2pa-rs can embed one only where no part is deflated, and then
calls its own manifest invalid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kzlabel.errors import RefusedError, UnsupportedTagsError
from kzlabel.formats._ooxml_office import Draft, Office, office
from kzlabel.formats._ooxml_properties import read_properties, write_properties
from kzlabel.model import Carrier, CarrierKind, NoticeStyle, Placement
from kzlabel.notices.prose import FIRST_CHARACTERS, Run, judge_pages
from kzlabel.notices.reasons import reason_of
from kzlabel.notices.words import words

if TYPE_CHECKING:
    from pathlib import Path

    from kzlabel.model import Notice, NoticeReport, Tags


@dataclass(frozen=True)
class Looked:
    """What people see of a document: its pages, and how much of one they see at once."""

    pages: Iterable[Iterable[Run]]
    first: int = FIRST_CHARACTERS


@dataclass(frozen=True)
class Given:
    """What became of a notice."""

    pages: int
    """How many carry it."""
    flaws: tuple[str, ...] = ()
    """What is amiss with its place, as codes of findings."""


Put = Callable[[Draft, "Notice", tuple[str, ...]], Given]
"""Puts the lines of a notice into a draft."""
Look = Callable[[Office, NoticeStyle], Looked]
"""Returns the pages on which a notice of that style is sought."""


@dataclass(frozen=True)
class OfficeRoom:
    """What a room of Office Open XML does, given how a notice is put in and seen."""

    put: Put
    look: Look

    def manifest_carrier(self, path: Path) -> Carrier:
        _ = office(path).main
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.ooxml")

    def read_tags(self, path: Path) -> Tags:
        found = read_properties(office(path))
        return {"ooxml": found} if found else {}

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        try:
            draft = Draft(office(src))
        except RefusedError as exc:
            raise UnsupportedTagsError(exc.code, path=src) from exc
        write_properties(draft, tags.get("ooxml", {}))
        draft.write(dst)

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        draft = Draft(office(src))
        lines = tuple(said.long for said in words(notice.statement, notice.languages))
        given = self.put(draft, notice, lines)
        placement = Placement(
            statement=notice.statement, style=notice.style, languages=notice.languages,
            lines=lines, pages=given.pages, flaws=given.flaws,
        )  # fmt: skip
        draft.write(dst)
        try:
            self._require_seen(src, dst, placement)
        except BaseException:
            dst.unlink()
            raise
        return placement

    def _require_seen(self, src: Path, dst: Path, placement: Placement) -> None:
        """Raise `RefusedError` where the document hides the notice that was put into it."""
        report = self.find_notices(dst, (placement,), search=False)[0]
        if report.perceivable is not True:
            raise RefusedError("kz.error.office-hides", path=src, detail=reason_of(report))

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        if not hints and not search:
            return ()
        document = office(path)
        if not hints:
            looked = self.look(document, NoticeStyle.PAGE)
            return judge_pages(looked.pages, (), search=True, first=looked.first)
        reports: dict[int, NoticeReport] = {}
        for style in dict.fromkeys(hint.style for hint in hints):
            asked = [at for at, hint in enumerate(hints) if hint.style is style]
            looked = self.look(document, style)
            judged = judge_pages(
                looked.pages, [hints[at] for at in asked], search=False, first=looked.first
            )
            reports |= dict(zip(asked, judged, strict=True))
        return tuple(reports[at] for at in range(len(hints)))
