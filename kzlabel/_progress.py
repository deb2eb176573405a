"""How far long work has come: whoever does it says so, whoever cares listens.

Encoding a video takes minutes and lies many calls below the verb that was asked for; a listener is
set around the verb and nothing between them has to pass it on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[float], None]
"""Is told the fraction (0 to 1) that is done."""

_listener: ContextVar[Listener | None] = ContextVar("kzlabel_progress", default=None)


@contextmanager
def listening(listener: Listener | None) -> Iterator[None]:
    """Let `listener` hear how far the work inside this block has come."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def done(fraction: float) -> None:
    """Say that `fraction` (0 to 1) of the work is done."""
    listener = _listener.get()
    if listener is not None:
        listener(min(max(fraction, 0.0), 1.0))
