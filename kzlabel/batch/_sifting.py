"""Leaving out what is not wanted, without keeping those who wait: None is nothing for the moment.

Between two of ten million names that are wanted there may be all the others. Whoever asks for the
next gets None now and then, sees to what else there is, and asks again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

_One = TypeVar("_One")
SPELL = 0.05
"""Seconds of leaving out after which None comes."""
_LOT = 64
"""How many are left out between two looks at the clock."""
PAUSE = 0.1
"""Seconds until one is asked again who had nothing for the moment."""
_BRIEF = 0.0001


def sifted(
    every: Iterable[_One | None], is_wanted: Callable[[_One], bool]
) -> Iterator[_One | None]:
    """Yield what is wanted of `every`; None among them stays, and comes while there is none."""
    left_out, since = 0, time.monotonic()
    for one in every:
        if one is None or is_wanted(one):
            yield one
            left_out, since = 0, time.monotonic()
            continue
        left_out += 1
        if left_out % _LOT == 0 and time.monotonic() - since >= SPELL:
            yield None
            since = time.monotonic()


def pause_after(asked: float) -> float:
    """Return how long to wait after None, asked for at that moment: what was looked for goes on."""
    return _BRIEF if time.monotonic() - asked >= SPELL else PAUSE
