"""Plain text (RFC 2046, 4.1.3): the notice is its first line, with an empty one below.

[byte order mark] words · words <newline> <newline> the text as it was
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel.formats._text_room import SEPARATOR, EnclosingRoom
from kzlabel.formats._text_sight import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kzlabel.formats._assembled import Stretch
    from kzlabel.formats._text_file import TextFile
    from kzlabel.notices.prose import Run


class PlainRoom(EnclosingRoom):
    """What the room of plain text does."""

    carrier = "kz.carrier.text-wrapper"

    def parts(self, file: TextFile, lines: tuple[str, ...]) -> Iterable[bytes | Stretch]:
        return file.with_words(0, SEPARATOR.join(lines) + 2 * file.newline)

    def runs(self, file: TextFile) -> Iterable[Run]:
        return runs_of(file.shown)
