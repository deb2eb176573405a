"""How a notice is denied, in letters: what is nearly one may as nearly be its denial.

Kazakh denies inside the verb, `-ма-`, `-ме-` and how else that sounds («жасалмаған»), by an ending
(«көмегінсіз») and behind it («жасаған жоқ»); Russian and English before it, and the readers of
pixels join that to the word.
"""

# ruff: noqa: RUF001  words of one letter
from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from kzlabel.notices._letters import shape_of
from kzlabel.notices._sentences import lexicon

_BEFORE = ("не", "ни", "без", "not", "no", "non", "un", "without", "never")
_VERB = re.compile(r"(?:[ғқ]ан|[гк]ен|[дт][ыі])$")
"""How a Kazakh verb ends, behind what denies it."""
_ENDINGS = ("ған", "ды")
"""Likewise, where the template has another."""
_OPPOSITES = (
    ("көмегімен", "көмегінсіз"), ("с помощью", "без помощи"), ("при помощи", "без помощи"),
    ("с использованием", "без использования"), ("with", "without"),
)  # fmt: skip
_INFIX = 2
"""Letters of `-ма-`."""


def errors_of_denial(letters: str, most: int, words: str) -> int:
    """Return by how many letters something differs from a denial of our words; `most` + 1: more."""
    near = (each for each in _letters(words) if abs(len(each) - len(letters)) <= most)
    return min((distance(each, letters, most) for each in near), default=most + 1)


@lru_cache(maxsize=256)
def _letters(words: str) -> frozenset[str]:
    return frozenset(map(letters_of, _denials(words)))


def _denials(words: str) -> Iterator[str]:
    each = words.split()
    for at in range(len(each)):
        yield from (" ".join((*each[:at], no, *each[at:])) for no in _BEFORE)
    yield from (words.replace(one, other) for one, other in _OPPOSITES if one in words)
    verb = _VERB.search(words)
    for no in lexicon("kk").denied_after:
        yield f"{words}{no}"
        if verb and len(no) == _INFIX:
            stem = f"{words[: verb.start()]}{no}"
            yield from (f"{stem}{ending}" for ending in (verb[0], *_ENDINGS))


def letters_of(words: str) -> str:
    """Return the letters and digits of `words`, folded."""
    return "".join(letter for letter in shape_of(words) if letter.isalnum())


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters differ, lack or are too many (V. Levenshtein); `most` + 1: more."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, seen in enumerate(other, 1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (letter != seen)),
            )
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
