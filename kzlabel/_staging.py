"""A private directory beside the destination, and the commit that makes its files public.

The asset is published last, so that a destination is absent or whole whenever the process dies. A
directory that a killed process left is swept by the next run: its lock is free.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from kzlabel.errors import RefusedError

PREFIX = ".kzlabel-"
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}


@contextmanager
def staging(directory: Path) -> Iterator[Path]:
    """Give a private directory in `directory`, on its file system, and remove it afterwards."""
    _sweep(directory)
    folder, lock = _locked_directory(directory)
    try:
        yield folder
    finally:
        os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)


def _locked_directory(directory: Path) -> tuple[Path, int]:
    """Make a directory and hold its lock; again where another run's sweep took it in between."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=directory))
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _sweep(directory: Path) -> None:
    for left in directory.glob(PREFIX + "*"):
        with suppress(OSError):
            lock = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(lock)


def commit(
    staged: Sequence[Path],
    directory: Path,
    *,
    overwrite: bool,
    superseded: Sequence[Path] = (),
) -> None:
    """Publish the staged files in `directory` under their own names, the asset last.

    `superseded` names companions of an earlier label there: they go first, so that none of them is
    ever seen beside the new asset. Raises `RefusedError` where a name was taken meanwhile, and
    takes back what it had published.
    """
    for path in staged:
        _synchronise(path)
    for path in superseded:
        path.unlink(missing_ok=True)
    published: list[Path] = []
    try:
        for path in staged:
            destination = directory / path.name
            _publish(path, destination, overwrite=overwrite)
            published.append(destination)
    except BaseException:
        for path in published:
            path.unlink(missing_ok=True)
        raise
    _synchronise(directory)


def _publish(path: Path, destination: Path, *, overwrite: bool) -> None:
    if overwrite:
        path.replace(destination)
        return
    try:
        destination.hardlink_to(path)
    except FileExistsError as exc:
        raise RefusedError("kz.error.exists", path=destination) from exc
    except OSError as exc:
        if exc.errno not in _NO_LINKS or os.path.lexists(destination):
            raise
        path.replace(destination)  # a file system without hard links (FAT)


def _synchronise(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
