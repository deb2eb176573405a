"""JSON read strictly, and its canonical form: what signing JSON needs (RFC 8259, RFC 8785).

Two readers must never see two things: duplicate names, trailing data, lone surrogates, NaN and
numbers that a double cannot hold are refused (I-JSON, RFC 7493), and nesting has a limit.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DEPTH = 32
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


class StrictJsonError(ValueError):
    """Not JSON that every reader reads alike; says why."""

    line = 0
    """Where no reader reads it: from 1; 0 elsewhere."""


def decode(raw: bytes) -> object:
    """Parse one JSON text. Raises `StrictJsonError`."""
    parsed: object
    try:
        text = raw.decode("utf-8")
        _limit_depth(text)
        parsed = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
        if "\\u" in text:  # only an escape can say a lone surrogate
            json.dumps(parsed, ensure_ascii=False).encode()
    except StrictJsonError:
        raise
    except ValueError as exc:
        refused = StrictJsonError(str(exc))
        refused.line = exc.lineno if isinstance(exc, json.JSONDecodeError) else 1
        raise refused from exc
    return parsed


def canonical(value: object) -> bytes:
    """Return the RFC 8785 form of parsed JSON. Raises `StrictJsonError` where it has none."""
    import rfc8785

    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # checked there
    except (rfc8785.CanonicalizationError, UnicodeError) as exc:
        raise StrictJsonError(str(exc)) from exc


def _limit_depth(text: str) -> None:
    """Refuse deep nesting before anything recurses into it."""
    depth = 0
    for piece in _TOKEN.findall(text):
        if piece in "[{":
            depth += 1
        elif piece in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise StrictJsonError(f"nested deeper than {MAX_DEPTH}")


def _unique(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise StrictJsonError("a name occurs twice in one object")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise StrictJsonError(f"{name} is not JSON")
