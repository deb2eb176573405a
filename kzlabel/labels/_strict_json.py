"""JSON read strictly, and its canonical form: what signing JSON needs (RFC 8259, RFC 8785).

Two readers must never see two things: duplicate names, trailing data, lone surrogates, NaN and
numbers that a double cannot hold are refused (I-JSON, RFC 7493), and nesting has a limit.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_DEPTH = 32
MAX_PIECE = 8 * 1024 * 1024
"""Characters of an element that is parsed apart, and of all that is not."""
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


class StrictJsonError(ValueError):
    """Not JSON that every reader reads alike; says why."""

    line = 0
    """Where no reader reads it: from 1; 0 elsewhere."""


def decode(raw: bytes) -> object:
    """Parse one JSON text. Raises `StrictJsonError`."""
    return _decoded(_text(raw))


def decode_apart(raw: bytes, name: str, most: int) -> tuple[dict[str, object], Iterator[object]]:
    """Parse a JSON object whose array `name` is long: the rest of it, and its elements one by one.

    The elements are objects or arrays, `most` of them. Only the text and one element are held.
    Raises `StrictJsonError`, for an element when its turn comes.
    """
    text = _text(raw)
    spans = _elements(text, most)
    numbered = _numbered(text, spans)
    if len(numbered) > MAX_PIECE:
        raise _too_long()
    top = _decoded(numbered)
    if not isinstance(top, dict) or top.get(name) != list(range(len(spans))):
        raise StrictJsonError(f"{name} is not an array of objects")
    rest = {key: value for key, value in top.items() if key != name}
    return rest, (_decoded_at(text, start, end) for start, end in spans)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise _damaged(exc) from exc


def _decoded(text: str) -> object:
    parsed: object
    try:
        _limit_depth(text)
        parsed = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
        if "\\u" in text:  # only an escape can say a lone surrogate
            json.dumps(parsed, ensure_ascii=False).encode()
    except StrictJsonError:
        raise
    except ValueError as exc:
        raise _damaged(exc) from exc
    return parsed


def _decoded_at(text: str, start: int, end: int) -> object:
    try:
        return _decoded(text[start:end])
    except StrictJsonError as exc:
        exc.line += text.count("\n", 0, start) if exc.line else 0
        raise


def _damaged(error: ValueError) -> StrictJsonError:
    refused = StrictJsonError(str(error))
    refused.line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
    return refused


def canonical(value: object) -> bytes:
    """Return the RFC 8785 form of parsed JSON. Raises `StrictJsonError` where it has none."""
    import rfc8785

    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # checked there
    except (rfc8785.CanonicalizationError, UnicodeError) as exc:
        raise StrictJsonError(str(exc)) from exc


def _limit_depth(text: str) -> None:
    """Refuse deep nesting before anything recurses into it."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for piece in _TOKEN.findall(text):
        if piece in "[{":
            depth += 1
        elif piece in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise _too_deep()


def _elements(text: str, most: int) -> list[tuple[int, int]]:
    """Return where the objects and arrays in arrays of the top object begin and end."""
    spans: list[tuple[int, int]] = []
    depth, start, end, outside, holder = 0, 0, 0, 0, ""
    for found in _TOKEN.finditer(text):
        mark = found[0]
        if mark in "[{":
            depth += 1
            if depth == _HOLDER:
                holder = mark
            elif depth == _ELEMENT and holder == "[":
                start = found.start()
                outside += start - end
        elif mark in "]}":
            if depth == _ELEMENT and holder == "[":
                end = found.end()
                spans.append((start, end))
            depth -= 1
        inside = depth >= _ELEMENT and holder == "["
        length = found.end() - start if inside else found.end() - end + outside
        if length > MAX_PIECE:
            raise _too_long()
        if depth > MAX_DEPTH:
            raise _too_deep()
        if len(spans) > most:
            raise StrictJsonError(f"more than {most} elements")
    return spans


def _too_long() -> StrictJsonError:
    return StrictJsonError(f"an element, or all but the elements, is longer than {MAX_PIECE}")


def _too_deep() -> StrictJsonError:
    return StrictJsonError(f"nested deeper than {MAX_DEPTH}")


_HOLDER, _ELEMENT = 2, 3
"""Depths: of a member of the top object, and of what it holds."""


def _numbered(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return the text with their numbers in place of the elements: short, and parsed as strictly.

    Its lines stay the same.
    """
    pieces, past = [], 0
    for number, (start, end) in enumerate(spans):
        pieces += [text[past:start], str(number), "\n" * text.count("\n", start, end)]
        past = end
    return "".join((*pieces, text[past:]))


def _unique(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise StrictJsonError("a name occurs twice in one object")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise StrictJsonError(f"{name} is not JSON")
