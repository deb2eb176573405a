"""A process that can be killed: it answers one message at a time, or is ended.

It is forked, not spawned: that takes a millisecond instead of a start-up, and c2pa has not been
imported yet (its contexts do not survive a fork). Messages are bytes behind a four-byte length.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress

Answer = Callable[[bytes], bytes]

ADDRESS_SPACE_LIMIT = 4 * 1024**3
"""Bytes of address space a worker may have: the largest picture within limits needs about 1 GiB."""

_LENGTH = struct.Struct(">I")


def start_worker() -> Worker:
    """Fork a worker that verifies; it loads what that needs while this process goes on."""
    return Worker(_verifying, ADDRESS_SPACE_LIMIT)


def _verifying() -> Answer:
    from kzlabel._answering import Answering

    return Answering()


class Worker:
    """A forked process; `prepare` runs in it at once, and gives what answers its messages."""

    def __init__(self, prepare: Callable[[], Answer], address_space: int) -> None:
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        self._process = os.fork()
        if self._process == 0:  # pragma: no cover  the child: seen through its answers
            os.close(ours_in)
            os.close(ours_out)
            _serve(prepare, theirs_in, theirs_out, address_space)
        os.close(theirs_in)
        os.close(theirs_out)
        self._in, self._out = ours_in, ours_out
        self.late = False
        """Whether it was given up for taking too long, and not because it died."""

    def ask(self, message: bytes, seconds: float) -> bytes | None:
        """Return the answer to `message`, or None where the worker died or took too long."""
        with suppress(BrokenPipeError):
            _send(self._out, message)
            waiting = select.poll()
            waiting.register(self._in, select.POLLIN)
            if waiting.poll(seconds * 1000):
                return _receive(self._in)
            self.late = True
        return None

    def end(self) -> None:
        """Kill the worker, where it has not died of itself."""
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._in)
        os.close(self._out)


def _send(pipe: int, message: bytes) -> None:
    rest = memoryview(_LENGTH.pack(len(message)) + message)
    while rest:
        rest = rest[os.write(pipe, rest) :]


def _receive(pipe: int) -> bytes | None:
    """Return the next message, or None where the other side has hung up."""
    head = _exactly(pipe, _LENGTH.size)
    return None if head is None else _exactly(pipe, _LENGTH.unpack(head)[0])


def _exactly(pipe: int, size: int) -> bytes | None:
    parts: list[bytes] = []
    while size:
        part = os.read(pipe, size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _limit(address_space: int) -> None:
    """Limit this process to so many bytes of address space, or to the less it is given already."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    least = address_space if hard == resource.RLIM_INFINITY else min(address_space, hard)
    with suppress(ValueError):  # a system that has no such limit (macOS)
        resource.setrlimit(resource.RLIMIT_AS, (least, least))


def _serve(  # pragma: no cover  runs in the child
    prepare: Callable[[], Answer], inbox: int, outbox: int, address_space: int
) -> None:
    """Be the worker: answer until the other side hangs up; never returns."""
    with suppress(BaseException):
        gc.freeze()  # a decoder's threads stay behind: to free one inherited would wait for them
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to end
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _limit(address_space)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 2)  # decoders written in C chatter there
        sys.stdout = sys.stderr = open(quiet, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        answer = prepare()
        while (message := _receive(inbox)) is not None:
            _send(outbox, answer(message))
    os._exit(0)
