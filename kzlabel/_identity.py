"""Numbers that identify: label ids (RFC 9562 version 7) and business numbers of Kazakhstan."""

from __future__ import annotations

import os
import time
import uuid
from datetime import UTC, datetime

_BIN_DIGITS = 12
_FIRST_WEIGHTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND_WEIGHTS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


_TAIL = slice(24, None)
"""Of a label id: the digits after milliseconds and version."""


def new_label_id(tail: bytes | None = None) -> str:
    """Return a fresh `urn:uuid:` of version 7: 48 bits of Unix milliseconds, 74 random bits.

    `tail`: ten bytes in place of the random ones; by them a label can be known again (`same_tail`).
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(tail or os.urandom(10))
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=value).urn


def same_tail(one: str, other: str) -> bool:
    """Whether two label ids differ in nothing but their milliseconds."""
    return len(one) == len(other) and one[_TAIL] == other[_TAIL]


def now() -> datetime:
    """Return the present moment in UTC, to the second: labels do not carry more."""
    return datetime.now(UTC).replace(microsecond=0)


def is_bin(number: str) -> bool:
    """Whether `number` is 12 digits whose last is the control digit of a Kazakhstan BIN or IIN."""
    if len(number) != _BIN_DIGITS or not (number.isascii() and number.isdigit()):
        return False
    digits = [int(digit) for digit in number]
    for weights in (_FIRST_WEIGHTS, _SECOND_WEIGHTS):
        control = sum(w * d for w, d in zip(weights, digits, strict=False)) % 11
        if control < 10:  # noqa: PLR2004  a remainder of ten asks for the second row of weights
            return control == digits[-1]
    return False
