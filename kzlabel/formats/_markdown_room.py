"""Markdown (CommonMark 0.31, https://spec.commonmark.org/): the notice is a quotation in bold.

    [front matter] > **words · words** <newline> <newline> the text as it was

Front matter (YAML between `---`, TOML between `+++`) is kept first: programs read it there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._front_matter import LONGEST, matter_tags
from kzlabel.formats._markdown_plain import is_styled
from kzlabel.formats._markdown_sight import front_matter, marks_of, shown
from kzlabel.formats._text_file import WHOLE_BYTES, read_head
from kzlabel.formats._text_room import SEPARATOR, EnclosingRoom
from kzlabel.formats._text_sight import UNDETERMINED, Mark, runs_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kzlabel.formats._assembled import Stretch
    from kzlabel.formats._text_file import TextFile
    from kzlabel.model import Tags
    from kzlabel.notices.prose import Run

_JUDGED = 1 << 16
"""Characters among which the notice is sought; what could hide it is sought in all of the text."""


class MarkdownRoom(EnclosingRoom):
    """What the Markdown room does."""

    carrier = "kz.carrier.text-wrapper"

    def read_tags(self, path: Path) -> Tags:
        if not path.stat().st_size:
            return {}
        file = read_head(path, LONGEST)
        found = matter_tags(file.head, whole=file.size <= LONGEST)
        return {"front-matter": found} if found else {}

    def parts(self, file: TextFile, lines: tuple[str, ...]) -> Iterable[bytes | Stretch]:
        said = f"> **{SEPARATOR.join(lines)}**{2 * file.newline}"
        return file.with_words(front_matter(file.head), said)

    def seen(self, path: Path, limit: int) -> TextFile:  # noqa: ARG002  scripts may stand anywhere
        return read_head(path, WHOLE_BYTES)

    def runs(self, file: TextFile) -> Iterable[Run]:
        text = file.shown
        head = text[:_JUDGED]
        marks = marks_of(head)
        if is_styled(text) or not file.is_whole:
            marks.append(Mark(0, len(head), UNDETERMINED))
        return runs_of(shown(head), marks)
