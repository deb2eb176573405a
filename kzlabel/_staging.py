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
from kzlabel.model import COMPANION_SUFFIXES

PREFIX = ".kzlabel-"
SHARED = PREFIX + "work"
"""Private directories lie in one of this name, so that a sweep never lists a folder of a million
assets; it is removed when the last of them has gone."""
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}


@contextmanager
def staging(directory: Path) -> Iterator[Path]:
    """Give a private directory below `directory`, on its file system, and remove it afterwards."""
    shared = directory / SHARED
    _sweep(shared)
    folder, lock = _locked_directory(shared)
    try:
        yield folder
    finally:
        _remove(folder)
        os.close(lock)  # not before: whoever swept would take an asset's companions back
        with suppress(OSError):  # others are at work in it
            shared.rmdir()


def sweep(directory: Path) -> bool:
    """Remove what killed runs left in `directory`; return whether nobody is at work there."""
    shared = directory / SHARED
    _sweep(shared)
    with suppress(OSError):
        shared.rmdir()
    return not os.path.lexists(shared)


def _locked_directory(shared: Path) -> tuple[Path, int]:
    """Make a directory and hold its lock; again where another run took it away in between."""
    rights = shared.parent.stat().st_mode & 0o7777  # who may write there may write here
    while True:
        if shared.is_symlink():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(shared))
        with suppress(FileNotFoundError):
            with suppress(FileExistsError):
                shared.mkdir()
                shared.chmod(rights)
            folder = Path(tempfile.mkdtemp(dir=shared))
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _sweep(shared: Path) -> None:
    """Remove what killed runs left; no link is followed, and what is locked is at work."""
    with suppress(OSError), _opened(shared) as place:
        for name in os.listdir(place):  # noqa: PTH208  by its descriptor, not its name
            with suppress(OSError), _opened(name, place) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _take_back(lock, shared.parent)
                _remove(name, place)


def _remove(name: str | Path, place: int | None = None) -> None:
    """Remove a private directory, companions first: cut short, it leaves none to be taken back."""
    with suppress(OSError), _opened(name, place) as folder:
        for each in os.listdir(folder):  # noqa: PTH208  by its descriptor, not its name
            if each.endswith(COMPANION_SUFFIXES):
                os.unlink(each, dir_fd=folder)
    shutil.rmtree(name, ignore_errors=True, dir_fd=place)


def _take_back(staged: int, directory: Path) -> None:
    """Remove the companions of a killed commit that has not come to publishing their asset.

    What was published without overwriting is still here too, under the same name.
    """
    published = {name for name in os.listdir(staged) if _is_linked(name, directory, staged)}
    for name in published:
        asset = next((name.removesuffix(s) for s in COMPANION_SUFFIXES if name.endswith(s)), name)
        if asset not in published:
            (directory / name).unlink(missing_ok=True)


def _is_linked(path: str | Path, directory: Path, place: int | None = None) -> bool:
    """Whether a staged file is in `directory` too."""
    with suppress(FileNotFoundError):
        here = os.stat(path, dir_fd=place, follow_symlinks=False)
        return os.path.samestat(here, (directory / Path(path).name).lstat())
    return False


@contextmanager
def _opened(path: str | Path, place: int | None = None) -> Iterator[int]:
    """Give a descriptor of the directory at `path`, which must not be a link."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


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
    try:
        for path in staged:
            _publish(path, directory / path.name, overwrite=overwrite)
    except BaseException:
        published = [path for path in staged if _is_linked(path, directory) or not path.exists()]
        if staged[-1] not in published:  # else it is whole, and we are told to stop
            for path in published:
                (directory / path.name).unlink(missing_ok=True)
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
