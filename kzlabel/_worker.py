"""A process that can be killed: it answers one message at a time, or is ended.

The command line forks it: that takes a millisecond instead of a start-up, and nothing native has
been loaded yet. A process that has used such libraries starts it afresh instead: their contexts,
locks and threads do not survive a fork, and their address space would be inherited under the
worker's limit. A worker that has answered nothing yet can `breed` others like itself, for a pool.

Each has a socket of its own, so that one that is killed takes nothing with it that others wait for.
Messages are bytes behind what they are for, how long the answer may take, and their length.
"""

from __future__ import annotations

import fcntl
import gc
import os
import resource
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module

Answer = Callable[[bytes], bytes]
Prepare = Callable[[], Answer]
"""Runs in the worker at once, and gives what answers its messages."""

OF_A_COPY = b"\0"
"""What a message begins with that is no path: it asks a verifying worker for one of two copies."""
LOAD = b""
"""The message to a verifying worker that asks for nothing but to load what most files need."""
ADDRESS_SPACE_LIMIT = 4 * 1024**3
"""Bytes of address space a worker may have: the largest picture within limits needs about 1 GiB."""
GRACE = 5.0
"""Seconds after its time at which a worker ends itself, should nobody be left to kill it."""

_HEAD = struct.Struct(">cdI")
_LENGTH = struct.Struct(">I")
_LAST_STREAM = 2
_ASK, _BREED, _REAP = b"?", b"+", b"-"


_NATIVE = frozenset({"PIL", "av", "c2pa", "numpy"})
"""Libraries with threads, locks or contexts of their own."""


def verifying() -> Answer:
    """Prepare to verify: the first message is the options, every other asks for a row."""
    from kzlabel._answering import Answering

    return Answering()


def start_worker(prepare: Prepare = verifying, address_space: int = ADDRESS_SPACE_LIMIT) -> Worker:
    """Start a worker; it loads what `prepare`, a function of a module, needs while we go on."""
    used = threading.active_count() > 1 or not _NATIVE.isdisjoint(sys.modules)
    if used and sys.executable:
        return Worker(partial(_spawned, prepare, address_space))
    return forked(prepare, address_space)


def forked(prepare: Prepare, address_space: int) -> Worker:
    """Fork a worker, whatever this process has used."""
    return Worker(partial(_forked, prepare, address_space))


def _forked(prepare: Prepare, address_space: int, theirs: int, ours: int) -> int:
    process = os.fork()
    if process == 0:  # pragma: no cover  the child: seen through its answers
        os.close(ours)  # or it would never see that we have hung up
        _serve(prepare, theirs, address_space)
    return process


def _spawned(prepare: Prepare, address_space: int, theirs: int, _ours: int) -> int:
    """Start a fresh interpreter whose standard input is the worker's socket."""
    script = (
        "import sys; sys.path[:] = sys.argv[4:]; from kzlabel._worker import serve_spawned;"
        "serve_spawned(*sys.argv[1:4])"
    )
    named = (prepare.__module__, prepare.__qualname__, str(address_space))
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-P", "-c", script, *named, *sys.path],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, theirs, 0)],
    )


def serve_spawned(  # pragma: no cover  runs in the child
    module: str, prepare: str, address_space: str
) -> None:
    """Be a worker in a process of its own; never returns."""
    link = _cut_off(0)
    _serve(getattr(import_module(module), prepare), link, int(address_space))


class Worker:
    """A process; `start` is given their end of a socket, then ours, and returns its id."""

    def __init__(self, start: Callable[[int, int], int], nursery: Worker | None = None) -> None:
        self._link, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = start(theirs.fileno(), self._link.fileno())
        except BaseException:
            self._link.close()
            raise
        self._nursery = nursery
        self._breeding = threading.Lock()
        self.late = False
        """Whether it was given up for taking too long, and not because it died."""

    def fileno(self) -> int:
        """Return the descriptor that is readable once an answer, or its end, has come."""
        return self._link.fileno()

    def ask(self, message: bytes, seconds: float) -> bytes | None:
        """Return the answer to `message`, or None where the worker died or took too long."""
        self.tell(message, seconds)
        return self.answer(seconds)

    def tell(self, message: bytes, seconds: float) -> None:
        """Put a question that may take so many seconds; one that has died is found out later."""
        with suppress(BrokenPipeError):
            self._link.sendall(_HEAD.pack(_ASK, seconds, len(message)) + message)

    def answer(self, seconds: float) -> bytes | None:
        """Return the answer to what it was told, or None where it died or takes longer still."""
        self._link.settimeout(max(seconds, 0.001))
        try:
            head = _exactly(self._link, _LENGTH.size)
            return None if head is None else _exactly(self._link, _LENGTH.unpack(head)[0])
        except TimeoutError:
            self.late = True
        except ConnectionError:
            pass
        finally:
            self._link.settimeout(None)
        return None

    def breed(self, seconds: float) -> Worker | None:
        """Return a new worker like this one, which should not be asked itself.

        None where it died, or was late before: what it says next would be of something else.
        """
        with suppress(BrokenPipeError, ChildProcessError):
            return None if self.late else Worker(partial(self._bred, seconds), nursery=self)
        return None

    def _bred(self, seconds: float, theirs: int, _ours: int) -> int:
        with self._breeding:
            socket.send_fds(self._link, [_HEAD.pack(_BREED, seconds, 0)], [theirs])
            process = self.answer(seconds)
        if process is None:
            raise ChildProcessError
        return int(process)

    def resident(self) -> int:
        """Return how many bytes of memory it has; 0 where the system does not tell (macOS)."""
        with suppress(OSError), open(f"/proc/{self._process}/statm", "rb") as file:  # noqa: PTH123  pathlib is not loaded yet
            return int(file.read().split()[1]) * resource.getpagesize()
        return 0

    def end(self) -> None:
        """Kill the worker, where it has not died of itself or been ended before.

        One that was bred is killed by its nursery, in whose keeping its number stays its own. Where
        that has died, it ends at the end of its file, or of its time.
        """
        if self._link.fileno() < 0:
            return
        self._link.close()
        if self._nursery is None:
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        else:
            self._nursery.reap(self._process)

    def reap(self, process: int) -> None:
        """Have one killed that it has bred, so that nothing is left of that."""
        with suppress(OSError), self._breeding:
            if self.late:
                return
            self._link.sendall(_HEAD.pack(_REAP, 0, process))
            self.answer(GRACE)


def _exactly(link: socket.socket, size: int) -> bytes | None:
    """Return so many bytes, or None where the other side has hung up."""
    parts: list[bytes] = []
    while size:
        part = link.recv(min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


# --- In the worker --------------------------------------------------------------------------------


def _limit(address_space: int) -> None:
    """Limit this process to so many bytes of address space, or to the less it is given already."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    least = address_space if hard == resource.RLIM_INFINITY else min(address_space, hard)
    with suppress(ValueError):  # a system that has no such limit (macOS)
        resource.setrlimit(resource.RLIMIT_AS, (least, least))


def _cut_off(link: int) -> int:  # pragma: no cover  runs in the child
    """Let go of the standard streams, which others wait on; return the link, which is none of them.

    Decoders written in C chatter there, too.
    """
    if link <= _LAST_STREAM:
        link = fcntl.fcntl(link, fcntl.F_DUPFD_CLOEXEC, _LAST_STREAM + 1)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in range(_LAST_STREAM + 1):
        os.dup2(quiet, stream)
    return link


def _serve(  # pragma: no cover  runs in the child
    prepare: Prepare, link: int, address_space: int
) -> None:
    """Be the worker: answer until the other side hangs up; never returns."""
    with suppress(BaseException):
        gc.freeze()  # a decoder's threads stay behind: to free one inherited would wait for them
        for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(stop, signal.SIG_IGN)  # the parent decides when to end
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _limit(address_space)
        link = _cut_off(link)
        sys.stdout = sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        _answer_all(prepare(), socket.socket(fileno=link))
    os._exit(0)


def _answer_all(answer: Answer, link: socket.socket) -> None:  # pragma: no cover  in the child
    while True:
        head, passed, _, _ = socket.recv_fds(link, _HEAD.size, 1)
        head += (_exactly(link, _HEAD.size - len(head)) or b"") if head else b""
        if len(head) < _HEAD.size:
            return
        what, seconds, size = _HEAD.unpack(head)
        if what == _BREED:
            link = _bred(link, passed[0])
        elif what == _REAP:
            os.kill(size, signal.SIGKILL)
            os.waitpid(size, 0)
            link.sendall(_LENGTH.pack(0))
        else:
            _answer_one(answer, link, seconds, size)


def _answer_one(  # pragma: no cover  in the child
    answer: Answer, link: socket.socket, seconds: float, size: int
) -> None:
    message = _exactly(link, size)
    if message is None:
        return
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
    said = answer(message)
    signal.setitimer(signal.ITIMER_REAL, 0)
    link.sendall(_LENGTH.pack(len(said)) + said)


def _bred(link: socket.socket, theirs: int) -> socket.socket:  # pragma: no cover  in the child
    """Fork; return the socket that this process, the one or the other, goes on with."""
    process = os.fork()
    if process == 0:
        link.close()
        return socket.socket(fileno=theirs)
    os.close(theirs)
    said = str(process).encode()
    link.sendall(_LENGTH.pack(len(said)) + said)
    return link
