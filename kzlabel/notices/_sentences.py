"""The sentence in which a phrase stands, and the words that `phrases.json` has for such a place.

Next to the phrase a few words can deny it. How many others there are is counted twice: in the part
of the sentence that has the phrase (`amid`), as a field of a table or a bracket is, and in all of
the sentence (`others`), where a comma at the phrase says that it goes on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kzlabel.notices._letters import shape_of

CONTEXT = 240
"""Characters before and after a phrase in which its sentence is sought."""
SYLLABIC = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Scripts written without spaces, or with endings that join: each character is a word."""
_BEFORE, _AFTER = 4, 6
"""Words of the sentence, next to the phrase, that can deny it."""
_WORD = re.compile(rf"[{SYLLABIC}]|[^\W_{SYLLABIC}]+")
_ENDS = r".;!?{}<>=\u2026\u3002\uff01\uff1b\uff1f\n|·•\u2013—\t"
_SENTENCE = re.compile(f"[{_ENDS}]")
"""Where a sentence may begin and end."""
_PART = re.compile(rf"[{_ENDS},:()\[\]\u3001\uff0c\uff1a]")
"""Likewise, the part of it that speaks of the phrase."""
_LINE_BEFORE = re.compile(r"([^\W_]+)[^\S\n]*\n[^\S\n]*\Z")
_LINE_AFTER = re.compile(r"[^\S\n]*\n[^\S\n]*([^\W_]+)")


@dataclass(frozen=True)
class Sentence:
    """The words beside a phrase, folded; nearest last before it, nearest first after it."""

    before: tuple[str, ...]
    """In its part of the sentence, as `after`."""
    after: tuple[str, ...]
    further: tuple[str, ...]
    """In all of the sentence."""
    above: str = ""
    """The word that ends the line before, where the phrase begins one."""
    below: str = ""
    goes_on: bool = False
    """Whether there is a comma at the phrase."""

    @classmethod
    def around(cls, text: str, here: tuple[int, int], limits: tuple[int, int]) -> Sentence:
        """Read the sentence around `here`, which other phrases may bound."""
        before = text[max(limits[0], here[0] - CONTEXT) : here[0]]
        after = text[here[1] : min(limits[1], here[1] + CONTEXT)]
        whole = _SENTENCE.split(before)[-1], _SENTENCE.split(after, maxsplit=1)[0]
        above, below = _LINE_BEFORE.search(before), _LINE_AFTER.match(after)
        return cls(
            before=words_of(_PART.split(before)[-1]),
            after=words_of(_PART.split(after, maxsplit=1)[0]),
            further=words_of(" ".join(whole)),
            above=shape_of(above[1]) if above else "",
            below=shape_of(below[1]) if below else "",
            goes_on=before.rstrip().endswith(",") or after.lstrip().startswith(","),
        )

    def denies(self, language: str) -> bool:
        """Whether the phrase is denied, forbidden or asked about."""
        held = lexicon(language)
        return (
            not held.denied_before.isdisjoint((*self.before[-_BEFORE:], self.above))
            or not held.denied_after.isdisjoint((*self.after[:_AFTER], self.below))
        )  # fmt: skip

    def others(self, language: str) -> int:
        """Count the words of the sentence that are not expected beside a notice."""
        return _unexpected(self.further, language) or int(self.goes_on)

    def amid(self, language: str) -> int:
        """Count those of its part that has the phrase."""
        return _unexpected(self.before + self.after, language)


def _unexpected(words: Sequence[str], language: str) -> int:
    beside = lexicon(language).beside
    return sum(word not in beside and not word.isdigit() for word in words)


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of `text`, folded."""
    return tuple(_WORD.findall(shape_of(text.replace("'", "").replace("\u2019", ""))))


@dataclass(frozen=True)
class Lexicon:
    """What a language has beside its patterns."""

    script: str
    denied_before: frozenset[str]
    denied_after: frozenset[str]
    beside: frozenset[str]


@cache
def data() -> Mapping[str, Mapping[str, str | list[str]]]:
    """Return `phrases.json`, by language."""
    found: Mapping[str, Mapping[str, str | list[str]]] = json.loads(
        Path(__file__).with_name("phrases.json").read_bytes()
    )
    return found


@cache
def lexicon(language: str) -> Lexicon:
    """Return the words of one language."""
    held = data()[language]
    sets = [
        frozenset(word for entry in held.get(name, ()) for word in words_of(entry))
        for name in ("denied_before", "denied_after", "beside")
    ]
    return Lexicon(str(held["script"]), *sets)
