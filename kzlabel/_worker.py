"""A process that can be killed: it answers one message at a time, or is ended.

The command line forks it: that takes a millisecond instead of a start-up, and nothing native has
been loaded yet. A process that has used such libraries starts it afresh instead: their contexts,
locks and threads do not survive a fork, and their address space would be inherited under the
worker's limit. Messages are bytes behind a four-byte length.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import struct
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

Answer = Callable[[bytes], bytes]

OF_A_COPY = b"\0"
"""What a message begins with that is no path: it asks a verifying worker for one of two copies."""
ADDRESS_SPACE_LIMIT = 4 * 1024**3
"""Bytes of address space a worker may have: the largest picture within limits needs about 1 GiB."""

_LENGTH = struct.Struct(">I")


_NATIVE = frozenset({"PIL", "av", "c2pa", "numpy"})
"""Libraries with threads, locks or contexts of their own."""


def start_worker() -> Worker:
    """Start a worker that verifies; it loads what that needs while this process goes on."""
    used = threading.active_count() > 1 or not _NATIVE.isdisjoint(sys.modules)
    if used and sys.executable:
        return Worker(partial(_spawned, ADDRESS_SPACE_LIMIT))
    return forked(_verifying, ADDRESS_SPACE_LIMIT)


def forked(prepare: Callable[[], Answer], address_space: int) -> Worker:
    """Fork a worker; `prepare` runs in it at once, and gives what answers its messages."""
    return Worker(partial(_forked, prepare, address_space))


def _verifying() -> Answer:
    from kzlabel._answering import Answering

    return Answering()


def _forked(
    prepare: Callable[[], Answer], address_space: int, inbox: int, outbox: int, ours: Sequence[int]
) -> int:
    process = os.fork()
    if process == 0:  # pragma: no cover  the child: seen through its answers
        for end in ours:  # or it would never see that we have hung up
            os.close(end)
        _serve(prepare, inbox, outbox, address_space)
    return process


def _spawned(address_space: int, inbox: int, outbox: int, _ours: Sequence[int]) -> int:
    """Start a fresh interpreter whose standard input and output are the worker's pipes."""
    script = (
        "import sys; sys.path[:] = sys.argv[2:]; from kzlabel._worker import serve_spawned;"
        "serve_spawned(int(sys.argv[1]))"
    )
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-P", "-c", script, str(address_space), *sys.path],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, inbox, 0), (os.POSIX_SPAWN_DUP2, outbox, 1)],
    )


def serve_spawned(address_space: int) -> None:  # pragma: no cover  runs in the child
    """Be the worker that verifies, in a process of its own; never returns."""
    inbox, outbox = os.dup(0), os.dup(1)
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 0)
    os.dup2(quiet, 1)
    _serve(_verifying, inbox, outbox, address_space)


class Worker:
    """A process; `start` is given the ends it reads and writes, then ours; it returns its id."""

    def __init__(self, start: Callable[[int, int, Sequence[int]], int]) -> None:
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        self._process = start(theirs_in, theirs_out, (ours_in, ours_out))
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
