"""Words that were read off pixels, mended where they are nearly a word of a notice.

Readers of pixels split words, join them, and take a letter for another. A word of a phrase
(`phrases.json`: kk, ru, en) stands in for one that the reader was not sure of and that differs in
one letter of five at most; short words are taken as they are, but for "Al", which looks like "AI".
A word that the reader is sure of stays: "generates" is not "generated". So does one that is as near
to a denial («жасалмаған» is not «жасалған»), or that has a syllable more.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

from kzlabel.notices._denials import distance, errors_of_denial, letters_of
from kzlabel.notices._letters import shape_of
from kzlabel.notices._sentences import data as data_by_language
from kzlabel.notices._sentences import lexicon
from kzlabel.notices.words import WORDS

LANGUAGES = ("kk", "ru", "en")
KINDS = ("created", "modified", "unsaid")
LEAST = 5
"""Letters of the shortest word that is mended."""
ERRORS = 0.2
"""Letters that may be wrong, by all."""
MAX_WORD = 48
"""Letters of a word that is looked at: three of ours joined."""
MAX_WORDS = 60
"""Words of a line that are mended; a notice is shorter."""
_ALIKE = ("шщц", "ийнпн", "оөсеэ", "қк", "гғт", "уүұ", "нң", "әа", "il1tf", "ceo", "nh", "gq", "uv")
"""Small letters that readers take for one another, where they are sure of themselves too."""
JOINED = 3
"""Pieces that may be one word."""
SYLLABLE = 2
"""Letters too many from which a word, or a line, says more: it may deny."""
_SPECKS = re.compile(r"^[|.,'\u2018]+(?=\w)")
"""What no word begins with: it would part a sentence."""
_EDGES = re.compile(r"^([^\w]*)(.*?)([^\w]*)$", re.DOTALL)
_AI = re.compile(r"(?<![^\W_\u3400-\u9fff])[AА][Il1|І](?![^\W_\u3400-\u9fff])")  # noqa: RUF001  as they look


def mended_words(text: str, unsure: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return each word of a line, mended, and as it was read.

    `unsure` are those that may be read wrong.
    """
    words = _AI.sub("AI", text).split()
    if len(words) > MAX_WORDS:
        return tuple(zip(words, words, strict=True))
    return tuple(_mended(words, unsure))


def _mended(words: Sequence[str], unsure: Collection[str]) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(words):
        count, found = _joined(words[at : at + JOINED])
        if not found:
            count, found = 1, _one(words[at], is_unsure=words[at] in unsure)
        yield _SPECKS.sub("", found), " ".join(words[at : at + count])
        at += count


def _joined(words: Sequence[str]) -> tuple[int, str]:
    """Return how many of the first words are pieces of one of ours, and that; or nothing."""
    for count in range(len(words), 1, -1):
        before, _, _ = _parts(words[0])
        _, _, after = _parts(words[count - 1])
        found = _known().get(letters_of("".join(words[:count])))
        if found and not any(letters_of(word) in _pieces() for word in words[:count]):
            return count, f"{before}{found}{after}"
    return 0, ""


def _one(word: str, *, is_unsure: bool) -> str:
    before, core, after = _parts(word)
    folded = letters_of(core)
    if not LEAST <= len(folded) <= MAX_WORD or folded in _known():
        return word
    found = _cut(folded) or _lookalikes().get(_blurred(folded), "")
    found = found or (_nearest(folded) if is_unsure else "")
    return f"{before}{found}{after}" if found else word


def _parts(word: str) -> tuple[str, str, str]:
    match = _EDGES.match(word[:MAX_WORD])
    return (match[1], match[2], match[3] + word[MAX_WORD:]) if match else ("", word, "")


# --- The words of notices -------------------------------------------------------------------------


@cache
def _known() -> dict[str, str]:
    """Return the words that may be mended, by how they look."""
    words = (word for word in _all_words() if len(letters_of(word)) >= LEAST)
    return {letters_of(word): word for word in words}


@cache
def _blur() -> dict[int, str]:
    """Return what stands for a letter and for those that are taken for it."""
    found: dict[str, str] = {}
    for group in _ALIKE:
        letters = [shape_of(letter) for letter in group]
        heads = {found.get(letter, letter) for letter in letters}
        head = min(heads)
        found |= dict.fromkeys((*letters, *heads), head)
        found = {letter: head if stands in heads else stands for letter, stands in found.items()}
    return {ord(letter): head for letter, head in found.items()}


def _blurred(folded: str) -> str:
    return folded.translate(_blur())


@cache
def _lookalikes() -> dict[str, str]:
    """Return our words by how they look to a reader that takes letters for their likes."""
    found: dict[str, set[str]] = defaultdict(set)
    for folded, word in _known().items():
        found[_blurred(folded)].add(word)
    return {blurred: min(words) for blurred, words in found.items() if len(words) == 1}


@cache
def _pieces() -> dict[str, str]:
    """Return what joined words are cut into: the short ones too."""
    found = {letters_of(word): word for word in _all_words() if len(letters_of(word)) > 1}
    return found | {letters_of(short): "AI" for short in ("ai", "al")}


def _all_words() -> Iterator[str]:
    for language in LANGUAGES:
        held = data_by_language()[language]
        for kind in KINDS:
            for template in held.get(kind, ()):
                slots = template.replace("*", "").replace("$", "").split(" ")
                for slot in slots:
                    yield from (word for each in slot.split("|") for word in each.split("_"))
        for statement in WORDS:
            ours = WORDS[statement][language]
            yield from (
                word for text in (ours.long, ours.short) for word in re.split(r"[\s-]", text)
            )


@lru_cache(maxsize=1024)
def _cut(folded: str) -> str:
    """Return the words of ours that are joined in one, with spaces between; or nothing."""
    known = _pieces()
    ways: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(2, len(folded) + 1):
        for start in range(max(0, end - 24), end - 1):
            piece = known.get(folded[start:end])
            if piece and start in ways and len(ways[start]) < len(ways.get(end, (0,) * 9)):
                ways[end] = (*ways[start], piece)
    found = ways.get(len(folded), ())
    return " ".join(found) if len(found) > 1 else ""


@cache
def _by_length() -> dict[int, tuple[tuple[str, int], ...]]:
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for folded in _known():
        found[len(folded)].append((folded, _letters(folded)))
    return {length: tuple(words) for length, words in found.items()}


def _letters(word: str) -> int:
    """Return which letters a word has, a bit each; several letters share one."""
    held = 0
    for letter in word:
        held |= 1 << ord(letter) % 61
    return held


@lru_cache(maxsize=1024)
def _nearest(folded: str) -> str:
    """Return the word of ours that differs least, and not too much; of two alike none."""
    allowed, letters = int(len(folded) * ERRORS), _letters(folded)
    best: dict[int, list[str]] = defaultdict(list)
    for length in range(len(folded) - min(allowed, SYLLABLE - 1), len(folded) + allowed + 1):
        for word, has in _by_length().get(length, ()):
            if (has ^ letters).bit_count() <= 2 * allowed:
                best[distance(word, folded, allowed)].append(word)
    least = min(best, default=allowed + 1)
    if least > allowed or (len(best[least]) > 1 and not _alike(best[least])):
        return ""
    found = [_known()[word] for word in best[least]]
    return "" if any(errors_of_denial(folded, least, word) <= least for word in found) else found[0]


def _alike(words: Sequence[str]) -> bool:
    """Whether words differ in their endings only: `создано`, `создана`."""
    return len({word[:-2] for word in words}) == 1


# --- Whole lines ----------------------------------------------------------------------------------

LEAST_LINE = 10
"""Letters of the shortest notice that a whole line may nearly be."""


def nearly(text: str) -> tuple[str, bool] | None:
    """Return the language of the common notice that a whole line nearly is; None: it is none.

    Spaces and marks do not count. A line that begins or ends as a denial does, asks, or is nearer
    to a denial is none; the second value is False where it may as well be one, or says a syllable
    more.
    """
    folded = letters_of(text)
    if not LEAST_LINE <= len(folded) <= MAX_WORD or "?" in text:
        return None
    found: list[tuple[int, int, str, str]] = []
    for language, notice, letters in _common():
        most = int(len(letters) * ERRORS)
        if abs(len(letters) - len(folded)) <= most:
            errors = distance(letters, folded, most)
            found.append((errors - most, errors, language, notice))
    over, errors, language, notice = min(found, default=(1, 0, "", ""))
    if over > 0 or _denies(folded, text, language):
        return None
    denial, more = errors_of_denial(folded, errors, notice), len(folded) - len(letters_of(notice))
    return (language, denial > errors and more < SYLLABLE) if denial >= errors else None


def begun(text: str) -> tuple[str, bool] | None:
    """Return the language of the common notice that a line is, up to the middle of its last word.

    So it is where the notice goes on beyond the edge of a picture; None: it is none.
    """
    folded = letters_of(text)
    for language, notice, letters in _common():
        last = len(letters) - len(letters_of(notice.split()[-1]))
        if letters.startswith(folded) and max(last, LEAST_LINE) < len(folded) < len(letters):
            return language, False
    return None


def _denies(folded: str, text: str, language: str) -> bool:
    held = lexicon(language)
    words = set(map(letters_of, text.split()))
    if not words.isdisjoint(held.denied_before | held.denied_after):
        return True
    return folded.startswith(tuple(held.denied_before)) or folded.endswith(
        tuple(word for word in held.denied_after if len(word) > 1)
    )


@cache
def _common() -> tuple[tuple[str, str, str], ...]:
    """Return language, words and letters of each common notice."""
    held = json.loads(Path(__file__).with_name("common_notices.json").read_bytes())
    every = (
        (language, notice, letters_of(notice)) for language in held for notice in held[language]
    )
    return tuple(each for each in every if len(each[2]) >= LEAST_LINE)
