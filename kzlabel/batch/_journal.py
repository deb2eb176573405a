"""A file of lines, each whole and there as soon as it is written, and locked while it is.

Lines are written at an offset that is known to end a line: where the disk is full, the piece that
did get there is cut off again, and what is in the file stays whole.
"""

from __future__ import annotations

import fcntl
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self
from weakref import WeakSet

from kzlabel._staging import commit, staging
from kzlabel.errors import UsageError

LONGEST = 64 * 1024**2
"""Bytes of a line; what goes on longer is no line of ours."""
_LAST = 1024**2
"""Bytes at the end of a file in which its last line is looked for."""
_OPEN: WeakSet[Journal] = WeakSet()


class Journal:
    """A file of lines that this process alone writes."""

    def __init__(self, descriptor: int, path: Path, end: int, *, lasts: bool = True) -> None:
        self.path = path
        self._lasts = lasts
        self.end = end
        """Where the next line begins."""
        self._descriptor = descriptor
        _OPEN.add(self)

    @classmethod
    def temporary(cls) -> Self:
        """Return one that has no name and is gone when it is closed."""
        folder = Path(tempfile.gettempdir())
        with tempfile.TemporaryFile() as file:
            return cls(os.dup(file.fileno()), folder, 0, lasts=False)

    @classmethod
    def locked(cls, path: Path) -> Self:
        """Open the file at `path`, made where there is none, for this process alone.

        Raises `UsageError` for what is no file, for a link, and where another batch writes it.
        """
        try:
            descriptor = _settled(path, _opened)
            return cls(descriptor, path, os.fstat(descriptor).st_size)
        except OSError as exc:
            raise UsageError("kz.error.os", path=path, detail=exc) from exc

    def close(self) -> None:
        """Let go of the file and its lock."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def append(self, line: bytes) -> None:
        """Write a line. Raises `UsageError` where it cannot be; what was there stays whole."""
        rest = memoryview(line + b"\n")
        end = self.end
        try:
            while rest:
                written = os.pwrite(self._descriptor, rest, end)
                rest, end = rest[written:], end + written
        except OSError as exc:
            self._cut()
            code = "kz.error.results-unwritten" if self._lasts else "kz.error.os"
            raise UsageError(code, path=self.path, detail=exc) from exc
        self.end = end

    def require_place(self) -> None:
        """Raise `UsageError` where the file has been removed, replaced or cut short by others."""
        status = os.fstat(self._descriptor)
        with suppress(OSError):
            if status.st_size >= self.end and os.path.samestat(status, self.path.stat()):
                return
        raise UsageError("kz.error.results-taken", path=self.path)

    def cut(self, end: int) -> None:
        """Let the file end there, which must be where a line does."""
        self.end = end
        self._cut()

    def _cut(self) -> None:
        with suppress(OSError):  # then the piece is torn, and will be cut when it is resumed
            os.ftruncate(self._descriptor, self.end)

    def lines(self) -> Iterator[bytes]:
        """Yield what is in the file now, by lines with their ends; one too long comes in pieces."""
        with io.BufferedReader(_Reading(self._descriptor, self.end), 1 << 20) as reader:
            while line := reader.readline(LONGEST):
                yield line

    def last_line(self) -> bytes:
        """Return the last line, or nothing where it has no end."""
        tail = os.pread(self._descriptor, _LAST, max(0, self.end - _LAST))
        return tail.splitlines()[-1] if tail.endswith(b"\n") else b""

    def synchronise(self) -> None:
        """Have the disk hold what was written."""
        with suppress(OSError):  # a file system that cannot
            os.fsync(self._descriptor)

    @contextmanager
    def replaced(self, start: int) -> Iterator[Journal]:
        """Give a copy of the first `start` bytes, to write to; it then takes this one's place."""
        try:
            with staging(self.path.parent) as folder, self._beside(folder) as new:
                new._copy(self._descriptor, start)  # noqa: SLF001  its own kind
                yield new
                commit([folder / self.path.name], self.path.parent, overwrite=True)
                self.end, old = new.end, self._descriptor
                self._descriptor, new._descriptor = new._descriptor, old  # noqa: SLF001  likewise
        except OSError as exc:
            raise UsageError("kz.error.os", path=self.path, detail=exc) from exc

    @contextmanager
    def _beside(self, folder: Path) -> Iterator[Journal]:
        """Give an empty one in `folder`, with our name and rights."""
        new = Journal.locked(folder / self.path.name)
        new.path = self.path
        try:
            os.fchmod(new._descriptor, os.fstat(self._descriptor).st_mode & 0o777)  # noqa: SLF001  likewise
            yield new
        finally:
            new.close()

    def _copy(self, source: int, size: int) -> None:
        for piece in iter(io.BufferedReader(_Reading(source, size), 1 << 20).read1, b""):
            self.end += os.pwrite(self._descriptor, piece, self.end)


class _Reading(io.RawIOBase):
    """The first `end` bytes of a file, from a place of its own: others may write meanwhile."""

    def __init__(self, descriptor: int, end: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._at, self._end = 0, end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = os.pread(self._descriptor, min(len(buffer), self._end - self._at), self._at)
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


@contextmanager
def spared(path: Path) -> Iterator[None]:
    """Keep batches off the file at `path`, if there is one, while something takes its place.

    Raises `UsageError` where a batch is writing it.
    """
    descriptor = -1
    with suppress(OSError):  # none there, a link, or a file system without locks
        descriptor = _settled(path, _shared)
    try:
        yield
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def _settled(path: Path, opened: Callable[[Path], int]) -> int:
    """Return a locked descriptor of the file that is at `path`, not of one it has replaced."""
    while True:
        descriptor = opened(path)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)


def _opened(path: Path) -> int:
    """Return a descriptor of the file at `path`, made where there is none, locked."""
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise UsageError("kz.error.results-place", path=path)
    return _locked(path, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX)


def _shared(path: Path) -> int:
    """Return one to read the file at `path`, locked against who would write it."""
    return _locked(path, os.O_RDONLY, fcntl.LOCK_SH)


def _locked(path: Path, access: int, lock: int) -> int:
    descriptor = os.open(path, access | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(descriptor, lock | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        os.close(descriptor)
        raise UsageError("kz.error.results-in-use", path=path) from exc
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _let_go() -> None:
    """Close every journal in a child: one that outlives us must not keep its lock."""
    for journal in tuple(_OPEN):
        journal.close()


os.register_at_fork(after_in_child=_let_go)
