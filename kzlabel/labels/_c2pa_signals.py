"""Signals while c2pa-rs is at work: what their handlers raise is kept, and raised afterwards.

c2pa-rs reads, writes and seeks through functions of c2pa-python. What a handler raises in one of
those (`KeyboardInterrupt`) is printed and lost: c2pa-rs takes it for an end of the file, and
whoever asks to stop is not heard.
"""

from __future__ import annotations

import errno
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import BinaryIO

_TELLING = (
    signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2,
)  # fmt: skip
"""Those whose handlers may raise, to stop what goes on; to ask for all takes a third of a ms."""


class _Heard(threading.local):
    """Handlers run in the main thread; in any other nothing of this is ever set."""

    keeps = False
    raised: BaseException | None = None


_heard = _Heard()


@contextmanager
def heeding_signals() -> Iterator[None]:
    """Raise what handlers of signals raise meanwhile when all else is over."""
    if _heard.keeps or threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in _TELLING}
    _heard.raised = None
    try:
        _heard.keeps = True
        for number, handler in handlers.items():
            if callable(handler):
                signal.signal(number, partial(_hear, handler))
        yield
    finally:
        _heard.keeps = False
        for number, handler in handlers.items():
            if callable(handler):
                signal.signal(number, handler)
        raised, _heard.raised = _heard.raised, None
        if raised is not None:
            raise raised


@contextmanager
def raising() -> Iterator[None]:
    """Let handlers raise where nothing of it is lost: a caller's key may keep us waiting."""
    before, _heard.keeps = _heard.keeps, False
    try:
        yield
    finally:
        _heard.keeps = before


def _hear(
    handler: Callable[[int, FrameType | None], object], number: int, frame: FrameType | None
) -> None:
    try:
        handler(number, frame)
    except BaseException as exc:
        if not _heard.keeps:
            raise
        _heard.raised = exc


class Heeding:
    """A stream that fails as soon as there is something to raise, so that c2pa-rs ends."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> object:
        if _heard.raised is not None:
            raise OSError(errno.EINTR, os.strerror(errno.EINTR))
        return getattr(self._stream, name)
