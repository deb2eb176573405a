"""Every form in which a notice of ours can be written: languages, order, long, wrapped, short."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING

from kzlabel.notices._text import Face
from kzlabel.notices.words import WORDS

if TYPE_CHECKING:
    from kzlabel.model import Statement

PROPORTIONS = Face(100)
"""The font at a size at which rounding to whole pixels hardly shows."""
WIDEST = 20
"""Width in em that every line fits."""
ANCHORS = ("жасаған", "өзгерткен", "Создано", "Изменено", "AI-generated", "AI-modified")
"""A word of each phrase, long enough to be told from texture, in every form but the English "AI".
"""


@dataclass(frozen=True)
class Layout:
    """The words of one notice, line by line."""

    statement: Statement
    languages: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def letters(self) -> int:
        """How much it says, however it is wrapped."""
        return sum(len(line.replace(" ", "")) for line in self.lines)

    def anchor(self, word: str, face: Face) -> tuple[int, int] | None:
        """Return where `word` stands as `face` has it: left, and top of its line."""
        beside, above = face.padding
        for row, line in enumerate(self.lines):
            before, found, _ = f" {line} ".partition(f" {word} ")
            if found:
                left = face.width(before.strip() + " ") if before.strip() else 0
                return beside + left, above + row * face.line_height
        return None


@cache
def layouts() -> tuple[Layout, ...]:
    """Return all layouts, each once."""
    every = {
        Layout(statement, languages, lines)
        for statement, known in WORDS.items()
        for count in range(1, len(known) + 1)
        for languages in permutations(known, count)
        for lines in _forms(statement, languages)
    }
    return tuple(sorted(every, key=lambda layout: (layout.lines, layout.languages)))


def _forms(statement: Statement, languages: tuple[str, ...]) -> set[tuple[str, ...]]:
    said = [WORDS[statement][language] for language in languages]
    forms = (tuple(w.long for w in said), tuple(w.short for w in said))
    face = PROPORTIONS
    rooms = range(2 * round(face.em), WIDEST * round(face.em), round(face.em / 4))
    return {*forms, *(face.wrap(form, room) for form in forms for room in rooms)}
