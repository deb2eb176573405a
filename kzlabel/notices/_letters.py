"""Letters as they look: case, style, marks and what looks alike folded away, one for one.

A reader sees the same word whether a letter of it is Cyrillic or Latin, whether a soft hyphen
stands in it or a combining mark over it. Letters that look alike (`letters.json`; Unicode TR 39
calls them confusables) fold to one of them; what is not seen at all folds to nothing.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import islice
from pathlib import Path

_ALIKE: dict[str, str] = {
    letter: seen
    for seen, letters in json.loads(Path(__file__).with_name("letters.json").read_bytes()).items()
    for letter in letters
}
"""Lower case, each to the letter it is taken for; both spellings of a word fold alike."""
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters to Unicode, and nothing to the eye (Default_Ignorable_Code_Point)."""
_UNSEEN = frozenset({"Mn", "Me", "Cf"})
"""Categories: marks over a letter, and formats: soft hyphen, zero width, bidi, selectors, tags."""


@cache
def folded_letter(character: str) -> str:
    """Return what `character` is taken for: one lower-case character, or nothing."""
    if character in INVISIBLE or unicodedata.category(character) in _UNSEEN:
        return ""
    plain = unicodedata.normalize("NFKD", character)[0].casefold()[0]
    plain = unicodedata.normalize("NFKD", plain)[0]
    return _ALIKE.get(plain, plain)


LOOSE = "\x01"
"""Stands in a shape for what may stand between the words of one phrase, a line break excepted."""
BREAK = "\n"
_BREAKS = frozenset("\n\v\x85\u2028\u2029")
_HARD = frozenset("\f.,;:!?=<>{}()[]&%@$+/\\_\u2026\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f")
"""Ends a phrase; quotes, dashes, dots in the middle, bars and emoji do not."""

_APOSTROPHES = frozenset("\u02b9\u02bb\u02bc\u02bd")
"""Letters to Unicode; they stand in Uzbek words, and are typed as quotes as often."""


def _shaped(character: str) -> str:
    if character in _BREAKS:
        return BREAK
    if character in _HARD:
        return character
    letter = folded_letter(character)
    return letter if not letter or (letter.isalnum() and letter not in _APOSTROPHES) else LOOSE


class _Table(dict[int, str]):
    """Filled as characters come; `str.translate` asks it."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        self._rule = rule

    def __missing__(self, code: int) -> str:
        self[code] = found = self._rule(chr(code))
        return found


_TABLE = _Table(_shaped)


def shape_of(text: str) -> str:
    """Return `text` as it looks: letters folded, and all between words either loose or hard."""
    return text.translate(_TABLE)


def _inked(character: str) -> str:
    if character in _LINE_ENDS:
        return BREAK
    blank = character in _BLANKS or character.isspace() or not folded_letter(character)
    return " " if blank or unicodedata.category(character) == "Cc" else "x"


_LINE_ENDS = _BREAKS | {"\f", "\r"}
_BLANKS = frozenset("\u2800")
"""What is drawn as nothing, and is a sign to Unicode: the empty Braille cell."""
_INK = _Table(_inked)


def inked(text: str) -> str:
    """Return `text` with an x for what is seen, a space for what is not, and its line breaks."""
    return text.replace("\r\n", "\n").translate(_INK)


def positions_in(text: str, count: int) -> list[int]:
    """Return, for the first `count` characters of the shape of `text`, the index of each in it."""
    seen = (at for at, character in enumerate(text) if _TABLE[ord(character)])
    return list(islice(seen, count))


def script_of(letter: str) -> str:
    """Return the script a letter is written in (`LATIN`, `CYRILLIC`, …); empty for no letter."""
    return unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""
