"""The password of an encrypted document: set around the verb, asked for where a room needs it.

It lies many calls below the verb, in the one room that may need it; nothing between has to pass it
on, and it is in no value that is printed, compared or kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

Password = Callable[[Path], str | None]
"""Is told which document; returns its password, or None."""

_password: ContextVar[Password | None] = ContextVar("kzlabel_password", default=None)


@contextmanager
def knowing(password: Password | None) -> Iterator[None]:
    """Let rooms ask `password` inside this block."""
    token = _password.set(password)
    try:
        yield
    finally:
        _password.reset(token)


def password_of(path: Path) -> str | None:
    """Return the password of the document at `path`; None where nobody knows one."""
    password = _password.get()
    return password(path) if password is not None else None
