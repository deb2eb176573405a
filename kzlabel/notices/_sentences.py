"""The sentence in which a phrase stands, and the words that `phrases.json` has for such a place.

Next to the phrase a few words can deny it; so does a question mark behind it, and the short answer
that follows on the line ("Made with AI? Never", «Создано ИИ — неправда»). How many others there are
is counted twice: in the part of the sentence that has the phrase (`amid`), as a field of a table or
a bracket is, and in all of the sentence (`others`), where a comma at the phrase says that it goes
on.
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
_REPLY = re.compile(
    r"[^\w\n|·•\t]*?[.!:;(\u2026\u2013\u2014\u3002\uff01-][^\w\n]*([^\n.!?;:,|·•\u2026\u3002]*)"
)
"""What follows on the line, behind a mark that ends the phrase's part."""
_SHORT_REPLY = 3
"""Words of a reply, at most, that speak of the phrase and of nothing else."""
_TERMINAL = frozenset('\n.!?:;)\u2026\u00bb\u201d"*_|>#\u3002\uff01')
"""What a line ends in that does not go on in the next."""
_LETTERS = re.compile(r"[^\W\d_]{2}")
_LINE_BEFORE = re.compile(r"([^\W_]+)[^\S\n]*\n[^\S\n]*\Z")
_LINE_AFTER = re.compile(r"[^\S\n]*\n[^\S\n]*([^\W_]+)")


@dataclass(frozen=True)
class Sentence:
    """The words beside a phrase, folded; nearest last before it, nearest first after it."""

    before: tuple[str, ...]
    """In its part of the sentence, as `after`."""
    after: tuple[str, ...]
    preceding: tuple[str, ...]
    """In all of the sentence, as `following`."""
    following: tuple[str, ...]
    above: str = ""
    """The word that ends the line before, where the phrase begins one."""
    below: str = ""
    goes_on: bool = False
    """Whether there is a comma at the phrase, and more beyond it than another phrase."""
    asked: bool = False
    """Whether it ends in a question mark."""
    reply: tuple[str, ...] = ()
    """What is said next on its line."""

    @classmethod
    def around(cls, text: str, here: tuple[int, int], limits: tuple[int, int]) -> Sentence:
        """Read the sentence around `here`, which other phrases may bound."""
        before = text[max(limits[0], here[0] - CONTEXT) : here[0]]
        after = text[here[1] : min(limits[1], here[1] + CONTEXT)]
        whole = _SENTENCE.split(before)[-1], _SENTENCE.split(after, maxsplit=1)[0]
        above, below = _LINE_BEFORE.search(before), _LINE_AFTER.match(after)
        beyond = text[here[1] : here[1] + CONTEXT]
        closing, reply = _SENTENCE.search(beyond), _REPLY.match(beyond)
        return cls(
            before=words_of(_PART.split(before)[-1]),
            after=words_of(_PART.split(after, maxsplit=1)[0]),
            preceding=words_of(whole[0]),
            following=words_of(whole[1]),
            above=shape_of(above[1]) if above else "",
            below=shape_of(below[1]) if below else "",
            goes_on=_goes_on(before.strip()[::-1]) or _goes_on(after.strip()),
            asked=closing is not None and closing[0] in "?\uff1f",
            reply=words_of(reply[1]) if reply else (),
        )

    def denies(self, language: str) -> bool:
        """Whether the phrase is denied, forbidden or asked about."""
        held = lexicon(language)
        return (
            self.asked
            or self._is_contradicted()
            or not held.denied_before.isdisjoint((*self.before[-_BEFORE:], self.above))
            or not held.denied_after.isdisjoint((*self.after[:_AFTER], self.below))
        )  # fmt: skip

    def _is_contradicted(self) -> bool:
        """Whether the reply says no, in whatever language."""
        if not 0 < len(self.reply) <= _SHORT_REPLY:
            return False
        alone = self.reply if len(self.reply) == 1 else ()
        return any(
            not (held.untrue.isdisjoint(self.reply) and held.replies.isdisjoint(alone))
            for held in map(lexicon, data())
        )

    def others(self, language: str) -> int:
        """Count the words of the sentence that are not expected beside a notice.

        A comma counts in scripts with spaces alone: in others much is joined by one.
        """
        held = lexicon(language)
        before = _unexpected(self.preceding, held.beside | held.subjects)
        found = before + _unexpected(self.following, held.beside)
        return found or int(self.goes_on and bool(held.script))

    def amid(self, language: str) -> int:
        """Count those of its part that has the phrase."""
        return _unexpected(self.before + self.after, lexicon(language).beside)


def _goes_on(beyond: str) -> bool:
    """Whether a comma comes next, and then more than another phrase."""
    return len(beyond) > 1 and beyond.startswith(",")


def stands_alone(text: str, here: tuple[int, int], limits: tuple[int, int], language: str) -> bool:
    """Whether the phrase ends its line, which says nothing else and is a paragraph of its own."""
    start = text.rfind("\n", max(0, here[0] - CONTEXT), here[0]) + 1
    end = text.find("\n", here[1], here[1] + CONTEXT)
    end = len(text) if end < 0 else end
    if here[0] - start > CONTEXT or end - here[1] > CONTEXT:
        return False
    held = lexicon(language)
    before = words_of(text[max(start, limits[0]) : here[0]])
    after = words_of(text[here[1] : min(end, limits[1])])
    if before and held.links and held.links.isdisjoint(before):
        return False  # "images created by AI" are what is spoken of
    if _unexpected(before, held.beside | held.subjects) or _unexpected(after, products()):
        return False
    above = text[max(0, start - 1 - CONTEXT) : max(0, start - 1)].rstrip(" \t\r")
    letters = _LETTERS.search(text, start, here[1])
    begins = letters is not None and letters[0].istitle()
    below = text[end + 1 : end + CONTEXT].lstrip(" \t>*#")
    return (begins or not above or above[-1] in _TERMINAL) and not below[:1].islower()


def _unexpected(words: Sequence[str], beside: frozenset[str]) -> int:
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
    subjects: frozenset[str]
    """Expected before a phrase, as what was made; behind it they are what is spoken of."""
    replies: frozenset[str]
    """Deny the phrase before them, where they are the whole answer."""
    untrue: frozenset[str]
    """Deny the phrase before them, in a few words."""
    links: frozenset[str]
    """One of them makes words before a phrase a sentence; none where the language needs none."""


@cache
def data() -> Mapping[str, Mapping[str, str | list[str]]]:
    """Return `phrases.json`, by language."""
    found: Mapping[str, Mapping[str, str | list[str]]] = json.loads(
        Path(__file__).with_name("phrases.json").read_bytes()
    )
    return found


_LISTS = ("denied_before", "denied_after", "beside", "subjects", "replies", "untrue", "links")


@cache
def lexicon(language: str) -> Lexicon:
    """Return the words of one language."""
    held = data()[language]
    sets = [
        frozenset(word for entry in held.get(name, ()) for word in words_of(entry))
        for name in _LISTS
    ]
    sets[1] |= sets[5]
    sets[2] |= products()
    return Lexicon(str(held["script"]), *sets)


@cache
def products() -> frozenset[str]:
    """Return the words in the names of systems that make texts and pictures."""
    return frozenset(word for name in data()["en"]["products"] for word in words_of(name))
