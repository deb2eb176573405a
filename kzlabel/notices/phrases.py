"""Phrases that say an AI system made, or altered, what they stand in; patterns are data.

`phrases.json` has them by language (kk, ru, en, the neighbours'): slots are separated by spaces,
alternatives by `|`, an empty one may be left out, `_` joins words, `$` stands for the names of
well-known systems (those of `services` are made of everyday words), `*` marks the slot that names
AI: only around its words a text is searched. The words of `notices.words` are always among them,
but for "AI" alone, which says nothing. A text is searched in its shape (`_letters`), so case,
letters that look alike, spacing, hyphenation and what is not seen make no difference; time is
linear, as every pattern has a greatest length.

A phrase counts for nothing where the same sentence denies, forbids or asks it ("not AI-generated",
"AI-generated text is banned", «не создано ИИ», «ЖИ жасаған емес», "made with AI?"), or where the
next words deny it ("Made with AI: no"). How many words beside it are not
expected beside a notice (`others`) tells a notice from prose about AI.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.model import Statement
from kzlabel.notices._letters import BREAK, LOOSE, positions_in, script_of, shape_of
from kzlabel.notices._sentences import SYLLABIC, Sentence, lexicon, stands_alone, words_of
from kzlabel.notices._sentences import data as data_by_language
from kzlabel.notices.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_PHRASES = 256
"""Phrases found in one text; a text that repeats one ten thousand times is known by then."""
_GAP = f"(?:{LOOSE}{{1,40}}{BREAK}?|{BREAK})[{LOOSE}/]{{0,40}}"
"""Between two words: something loose, or one line break; an empty line parts paragraphs. A line of
a comment may begin with slashes."""
_NO_GAP = f"{LOOSE}{{0,40}}{BREAK}?{LOOSE}{{0,40}}"
"""Likewise, in languages that do without."""
_SEAM = f"{LOOSE}?{BREAK}?"
"""Between two letters: a hyphen, with or without the end of a line, or letter-spacing."""
_REACH = 700
"""Characters of a shape between the name of AI and the end of the longest phrase, gaps and all."""
_END = rf"(?![^\W_{SYLLABIC}])"
"""Not inside a word; that a phrase does not begin inside one is looked at later, for speed."""
_NAME = " Ai"
"""Spelt so it may be a person's."""
_JOINTS = "_/\\@=&%."
"""Between word characters they make a name: `is_ai_generated`, `/ai-generated`, `ai-made.png`."""


class Phrase(NamedTuple):
    """One phrase as it stands in a text."""

    start: int
    end: int
    text: str
    """The words as matched, on one line."""
    statement: Statement | None
    """None: AI took part, and it is not said how."""
    language: str
    is_native: bool = True
    """Whether most of it is written in the script of its language."""
    others: int = 0
    """Words of its sentence that are not expected beside a notice."""
    amid: int = 0
    """Those in the part of the sentence that has the phrase."""
    is_alone: bool = False
    """Whether its line says nothing else, and it ends it."""


def find_phrases(text: str) -> tuple[Phrase, ...]:
    """Return the phrases in `text` that are not denied there, in order, the first of them."""
    shape = shape_of(text)
    spans = _spans(shape)
    if not spans:
        return ()
    nothing_left_out = len(shape) == len(text)
    at = range(len(text)) if nothing_left_out else positions_in(text, spans[-1].end)
    found_at = [(at[span.start], at[span.end - 1] + 1) for span in spans]
    edges = [(0, 0), *found_at, (len(text), len(text))]
    found: list[Phrase] = []
    for span, before, here, after in zip(spans, edges, edges[1:], edges[2:], strict=False):
        sentence = Sentence.around(text, here, (before[1], after[0]))
        if not sentence.denies(span.language):
            alone = stands_alone(text, here, (before[1], after[0]), span.language)
            found.append(_phrase(text, here, span, sentence)._replace(is_alone=alone))
    return tuple(found)


def _phrase(text: str, here: tuple[int, int], span: _Span, sentence: Sentence) -> Phrase:
    matched = text[here[0] : here[1]]
    script = lexicon(span.language).script
    letters = [held for held in map(script_of, matched) if held]
    native = not script or 2 * letters.count(script) >= len(letters)
    words = " ".join("".join(c for c in matched if c.isspace() or c.isprintable()).split())
    language = span.language.partition("-")[0]
    others, amid = sentence.others(span.language), sentence.amid(span.language)
    others += matched.endswith(_NAME)
    return Phrase(*here, words, span.statement, language, native, others, amid)


# --- Where the patterns match ---------------------------------------------------------------------


class _Span(NamedTuple):
    """Where a pattern matches in a shape."""

    start: int
    end: int
    statement: Statement | None
    language: str


def _spans(shape: str) -> list[_Span]:
    """Return where patterns match, the longest of those that overlap."""
    hits = [
        _Span(match.start(), match.end(), statement, language)
        for start, end in _windows(shape)
        for language, statement, pattern in _patterns()
        for match in islice(_whole(pattern.finditer(shape, start, end), shape), MAX_PHRASES)
    ]
    hits.sort(key=lambda hit: (hit.start, -hit.end))
    kept: list[_Span] = []
    for hit in hits:
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
        elif hit.end - hit.start > kept[-1].end - kept[-1].start:
            kept[-1] = hit
    return kept[:MAX_PHRASES]


def _windows(shape: str) -> list[tuple[int, int]]:
    """Return the stretches around the names of AI, and nothing twice."""
    found: list[tuple[int, int]] = []
    for match in _whole(_names().finditer(shape), shape):
        start, end = max(0, match.start() - _REACH), match.end() + _REACH
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], end
        elif len(found) < MAX_PHRASES:
            found.append((start, end))
    return found


def _whole(matches: Iterator[re.Match[str]], shape: str) -> Iterator[re.Match[str]]:
    """Leave out what begins or ends inside a longer word, or inside a name or an address."""
    for match in matches:
        start, end = match.span()
        before, after = shape[max(0, start - 2) : start], shape[end : end + 2]
        if not (_joins(before[::-1]) or _joins(after)):
            yield match


def _joins(beyond: str) -> bool:
    """Whether what is next to a phrase, nearest first, is part of the same word or name."""
    if not beyond:
        return False
    if beyond[0] in _JOINTS:
        return beyond[1:].isalnum()
    return _is_spaced(beyond[0])


@cache
def _is_spaced(character: str) -> bool:
    return character.isalnum() and not re.match(f"[{SYLLABIC}]", character)


# --- The data -------------------------------------------------------------------------------------


_KINDS: Mapping[str, Statement | None] = {
    "created": Statement.CREATED,
    "modified": Statement.MODIFIED,
    "unsaid": None,
}
"""What the data call the statements."""


@cache
def _patterns() -> tuple[tuple[str, Statement | None, re.Pattern[str]], ...]:
    found: list[tuple[str, Statement | None, re.Pattern[str]]] = []
    for language, data in data_by_language().items():
        for name, statement in _KINDS.items():
            templates = [*data.get(name, ()), *_ours(language, statement)]
            if templates:
                gap = _GAP if data["script"] else _NO_GAP
                either = "|".join(_template(template, gap) for template in templates)
                found.append((language, statement, re.compile(f"(?:{either}){_END}")))
    return tuple(found)


@cache
def _names() -> re.Pattern[str]:
    """Return what names AI: without it there is no phrase, and most texts are without it."""
    found: set[str] = set()
    for language, data in data_by_language().items():
        gap = _GAP if data["script"] else _NO_GAP
        slots = (slot for name in _KINDS for text in data.get(name, ()) for slot in text.split(" "))
        words = (word for slot in slots if slot.startswith("*") for word in _alternatives(slot))
        found |= {_literal(word, gap) for word in words}
        found |= {_template(text, gap) for name in _KINDS for text in _ours(language, _KINDS[name])}
    return re.compile("|".join(f"{name}{_END}" for name in sorted(found)))


def _ours(language: str, statement: Statement | None) -> Sequence[str]:
    if statement is None or language not in WORDS[statement]:
        return ()
    held = WORDS[statement][language]
    phrases = (words_of(text) for text in (held.long, held.short))
    return [" ".join(words) for words in phrases if len(words) > 1]


def _template(template: str, gap: str) -> str:
    """Return the expression of one pattern; longer alternatives are tried first."""
    slots = [_alternatives(slot) for slot in template.split(" ")]
    *firsts, last = [(_either(words, gap), "" in words) for words in slots]
    before = (f"(?:{one}{gap})?" if may_lack else f"{one}{gap}" for one, may_lack in firsts)
    return "".join(before) + last[0]


def _alternatives(slot: str) -> Sequence[str]:
    words = slot.removeprefix("*").split("|")
    held = data_by_language()["en"]
    return [*words[:-1], *held["products"], *held["services"]] if words[-1] == "$" else words


def _either(words: Sequence[str], gap: str) -> str:
    expressions = {_literal(word, gap) for word in words if word}
    return f"(?:{'|'.join(sorted(expressions, key=lambda text: (-len(text), text)))})"


def _literal(words: str, gap: str) -> str:
    return gap.join(_SEAM.join(map(re.escape, shape_of(word))) for word in words.split("_") if word)
