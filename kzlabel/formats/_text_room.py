"""What the rooms of text share: no tags, words spliced in before what people read first.

Nothing else of the file changes; large files are copied in blocks. What kinds of text differ in is
where the words go (`parts`) and what of the text people see (`runs`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from kzlabel.errors import UnsupportedTagsError
from kzlabel.formats._assembled import assemble
from kzlabel.formats._text_file import WHOLE_BYTES, TextFile, is_utf8, read_head, survey
from kzlabel.model import (
    SNIFFED_BYTES,
    Carrier,
    CarrierKind,
    Notice,
    NoticeReport,
    NoticeStyle,
    Placement,
    Tags,
)
from kzlabel.notices.prose import Run, judge_runs
from kzlabel.notices.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from kzlabel.formats._assembled import Stretch

SEARCHED_BYTES = 1 << 20
"""How far a notice that nobody declared is looked for."""
SEPARATOR = " · "
"""Between the languages of a notice on one line."""


class TextRoom(ABC):
    """What a room of text does."""

    carrier = "kz.carrier.text-beside"
    """Why the manifest goes where it does."""

    @abstractmethod
    def parts(self, file: TextFile, lines: tuple[str, ...]) -> Iterable[bytes | Stretch]:
        """Return the text with the words, one line a language, in it."""

    @abstractmethod
    def runs(self, file: TextFile) -> Iterable[Run]:
        """Return what people see of the text's head."""

    def manifest_carrier(self, path: Path) -> Carrier:
        with path.open("rb"):
            return Carrier(kind=CarrierKind.COMPANION, reason=self.carrier)

    def read_tags(self, path: Path) -> Tags:
        with path.open("rb"):
            return {}

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:  # noqa: ARG002  the contract's
        raise UnsupportedTagsError("kz.error.text-tags", path=src)

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        lines = tuple(said.long for said in words(notice.statement, notice.languages))
        file = self.opened(src)
        assemble(dst, self.parts(file, lines))
        return Placement(
            statement=notice.statement,
            style=NoticeStyle.INLINE,
            languages=notice.languages,
            lines=lines,
        )

    def opened(self, path: Path) -> TextFile:
        """Return the text that is to be written into."""
        return survey(path)

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        if not hints and not search:
            return ()
        file = self.seen(path, SNIFFED_BYTES if hints else SEARCHED_BYTES)
        return judge_runs(self.runs(file), hints, search=search)

    def seen(self, path: Path, limit: int) -> TextFile:
        """Return as much of the text as its notice is judged by, or is looked for in."""
        return read_head(path, limit)


class EnclosingRoom(TextRoom):
    """A room whose texts have a place for their manifest (C2PA 2.4, A.8 and A.9), in UTF-8."""

    def manifest_carrier(self, path: Path) -> Carrier:
        reason = _beside(path)
        if reason:
            return Carrier(kind=CarrierKind.COMPANION, reason=reason)
        return Carrier(kind=CarrierKind.EMBEDDED, reason=self.carrier)


def _beside(path: Path) -> str:
    """Return why the manifest of this text must lie beside it, or nothing."""
    if path.stat().st_size > WHOLE_BYTES:
        return "kz.carrier.text-size"
    content = path.read_bytes()
    if b"\0" in content and is_utf8(content):
        return "kz.carrier.text-nul"
    return "" if is_utf8(content) else "kz.carrier.text-encoding"
