"""What codes mean, for people: the sentence, what to do, and the law's words where it has any."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import groupby
from typing import TYPE_CHECKING

from kzlabel.errors import UsageError
from kzlabel.locale import sentence
from kzlabel.locale._advice import advice, codes, family, meaning
from kzlabel.profiles import load
from kzlabel.reports._why import citation
from kzlabel.reports._wrap import Line, Span, columns, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kzlabel.profiles import Rule

_INDENT = "  "
_NEAR = 3
WIDEST = 48
"""Columns of a list's codes; a longer code moves its own meaning to the right."""
LONGEST = 100
"""Characters of an unknown code that others are compared with: the work grows with its square."""


def explained(asked: Sequence[str], language: str) -> list[str]:
    """Return a block of lines for each code; raises `UsageError` for the first that is none."""
    known = codes()
    for code in asked:
        if code not in known:
            raise _unknown(code, known)
    blocks = (list(_block(code, language)) for code in dict.fromkeys(asked))
    return [line for number, block in enumerate(blocks) for line in ([""] * bool(number) + block)]


def listed(language: str) -> list[str]:
    """Return all codes by family, each with its meaning on its own line."""
    lines: list[str] = []
    for name, group in groupby(sorted(codes(), key=lambda code: (family(code), code)), family):
        found = list(group)
        width = min(WIDEST, max(map(len, found)))
        lines += [f"{name} ({len(found)})"]
        lines += [f"{_INDENT}{code:<{width}}  {meaning(code, language)}" for code in found]
    return lines


def _unknown(code: str, known: Sequence[str]) -> UsageError:
    near = get_close_matches(code[:LONGEST], known, _NEAR)
    if not near:
        return UsageError("kz.error.unknown-code", path=code)
    return UsageError("kz.error.unknown-code-near", path=code, detail=", ".join(near))


def _block(code: str, language: str) -> Iterator[str]:
    rules = load("kz").requirements
    own = [rule for rule in rules if rule.id == code]
    cited = next((rule for rule in rules if code.startswith(rule.evidence)), None)
    yield code
    for rule in own:
        yield from _fitted(_INDENT, _words(rule, language))
    yield from _fitted(_INDENT, meaning(code, language))
    yield from _fitted(f"{_INDENT}→ ", advice(code, language))
    if cited is not None and not own:
        article = citation(cited.citation.article, language)
        yield from _fitted(_INDENT, sentence("kz.cli.explain.rests", language, article=article))


def _words(rule: Rule, language: str) -> str:
    """Return where the law says it, and its words; a working translation is not quoted."""
    cited = rule.citation
    words = cited.text[language]
    quoted = words if words.startswith("(") else f"«{words}»"
    return f"{citation(cited.article, language)}: {quoted}"


def _fitted(start: str, words: str) -> Iterator[str]:
    line = Line((Span(start + words),), hang=len(start))
    for piece in wrapped(line, columns(terminal=False)):
        yield "".join(span.text for span in piece).rstrip()
