"""The words of a notice, by statement and language (DESIGN 6; law No. 230-VIII, Art. 1(4), 21(2)).

«жасанды интеллект», «жасаған» and «өзгерткен» are the words of Art. 1(4). The short forms are ours,
and their Kazakh is not yet checked by a native speaker.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from kzlabel.errors import UsageError
from kzlabel.model import Statement


@dataclass(frozen=True)
class Words:
    """One statement in one language: in full, and where there is no room for that."""

    long: str
    short: str


WORDS: dict[Statement, dict[str, Words]] = {
    Statement.CREATED: {
        "kk": Words("Жасанды интеллект жасаған", "ЖИ жасаған"),
        "ru": Words("Создано искусственным интеллектом", "Создано ИИ"),
        "en": Words("AI-generated", "AI"),
    },
    Statement.MODIFIED: {
        "kk": Words("Жасанды интеллект өзгерткен", "ЖИ өзгерткен"),
        "ru": Words("Изменено искусственным интеллектом", "Изменено ИИ"),
        "en": Words("AI-modified", "AI"),
    },
}


def words(statement: Statement, languages: tuple[str, ...]) -> tuple[Words, ...]:
    """Return the words in each of `languages`, in that order.

    Raises `UsageError` for none, for one we have no words in, and for the same one twice.
    """
    known = WORDS[statement]
    for language in languages:
        if language not in known or languages.count(language) > 1:
            raise UsageError("kz.error.notice-language", language=language, known=", ".join(known))
    if not languages:
        raise UsageError("kz.error.notice-language", language="", known=", ".join(known))
    return tuple(known[language] for language in languages)


@cache
def _phrases() -> dict[str, tuple[Statement, ...]]:
    found: dict[str, tuple[Statement, ...]] = {}
    for statement, languages in WORDS.items():
        for phrase in {text for w in languages.values() for text in (w.long, w.short)}:
            found[phrase] = (*found.get(phrase, ()), statement)
    return found


def says(lines: tuple[str, ...], statement: Statement) -> bool:
    """Whether `lines` are phrases of ours that make `statement`, each whole, and nothing else."""
    rest = " ".join(lines)
    if not rest:
        return False
    while rest:
        phrase = max(
            (p for p in _phrases() if (rest + " ").startswith(p + " ")), key=len, default=""
        )
        if not phrase or statement not in _phrases()[phrase]:
            return False
        rest = rest[len(phrase) + 1 :]
    return True
