"""A private directory beside the destination, and the commit that makes its files public.

The asset is published last, so that a destination is absent or whole whenever the process dies. One
commit at a time goes on in a folder. Before it begins its plan is written down: until the asset is
there, whoever comes next takes it back, and what it was to replace is put where it was.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from kzlabel.errors import RefusedError

PREFIX = ".kzlabel-"
SHARED = PREFIX + "work"
"""Private directories lie in one of this name, so that a sweep never lists a folder of a million
assets; it is removed when the last of them has gone."""
PLAN, OLD = PREFIX + "plan", PREFIX + "old"
"""In a private directory: what a commit publishes, the asset last, by name; what that replaces."""
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
        if os.path.lexists(folder / PLAN):  # we were told to stop while we took it back
            with suppress(OSError), _alone(shared):
                _take_back(lock, directory)
        if not os.path.lexists(folder / PLAN):  # else what it replaced is still here
            shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)
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


@contextmanager
def _opened(path: str | Path, place: int | None = None) -> Iterator[int]:
    """Give a descriptor of the directory at `path`, which must not be a link."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


# --- What killed runs left ------------------------------------------------------------------------


def _sweep(shared: Path) -> None:
    with suppress(OSError), _alone(shared):
        pass


@contextmanager
def _alone(shared: Path) -> Iterator[None]:
    """Let nobody else commit in this folder; what was killed before is taken back first."""
    with _opened(shared) as place:
        fcntl.flock(place, fcntl.LOCK_EX)
        try:
            _sweep_all(place, shared.parent)
            yield
        finally:
            fcntl.flock(place, fcntl.LOCK_UN)  # a process forked meanwhile has the descriptor too


def _sweep_all(place: int, directory: Path) -> None:
    """Remove what killed runs left; no link is followed, and what is locked is at work.

    What is somebody else's stays: whoever may write in this folder could have us take files away.
    """
    for name in os.listdir(place):
        with suppress(OSError), _opened(name, place) as lock:
            if os.fstat(lock).st_uid == os.geteuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _take_back(lock, directory)
                shutil.rmtree(name, ignore_errors=True, dir_fd=place)


def _take_back(staged: int, directory: Path) -> None:
    """Undo a commit that has not come to publishing its asset; cut short, it can be done again."""
    *companions, asset = _planned(staged) or ("",)
    if asset and not _is_published(asset, staged, directory):
        for name in companions:
            with suppress(FileNotFoundError):
                if _lies_in(name, staged):
                    if _is_published(name, staged, directory):
                        (directory / name).unlink()
                else:
                    os.rename(directory / name, name, dst_dir_fd=staged)
        with suppress(FileNotFoundError), _opened(OLD, staged) as old:
            for name in os.listdir(old):  # noqa: PTH208  likewise
                os.rename(name, directory / name, src_dir_fd=old)
    with suppress(FileNotFoundError):
        os.unlink(PLAN, dir_fd=staged)


def _planned(staged: int) -> list[str]:
    """Return the names that were to be published, none where no commit had begun."""
    try:
        descriptor = os.open(PLAN, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=staged)
    except FileNotFoundError:
        return []
    with os.fdopen(descriptor, "rb") as file:
        names = [os.fsdecode(name) for name in file.read().split(b"\0")]
    return names if all(name == os.path.basename(name) for name in names) else []  # noqa: PTH119  any name


def _is_published(name: str, staged: int, directory: Path) -> bool:
    """Whether a planned file is in `directory`: linked there, or no longer here."""
    try:
        here = os.stat(name, dir_fd=staged, follow_symlinks=False)
    except FileNotFoundError:
        return True
    with suppress(FileNotFoundError):
        return os.path.samestat(here, (directory / name).lstat())
    return False


def _lies_in(name: str, staged: int) -> bool:
    with suppress(FileNotFoundError):
        os.stat(name, dir_fd=staged, follow_symlinks=False)
        return True
    return False


# --- The commit -----------------------------------------------------------------------------------


def commit(
    staged: Sequence[Path],
    directory: Path,
    *,
    overwrite: bool,
    superseded: Sequence[Path] = (),
) -> None:
    """Publish the staged files in `directory` under their own names, the asset last.

    `superseded` names companions of an earlier label there: they go first, so that none of them is
    ever seen beside the new asset. Raises `RefusedError` where a name was taken meanwhile or is one
    that we use ourselves, and `OSError`; what was there before is there again then.
    """
    for path in staged:
        if path.name in (SHARED, PLAN, OLD):
            raise RefusedError("kz.error.name-reserved", path=directory / path.name)
        _synchronise(path)
    folder = staged[0].parent
    with _opened(folder) as place, _alone(folder.parent):
        try:
            (folder / PLAN).write_bytes(b"\0".join(os.fsencode(path.name) for path in staged))
            for path in superseded:
                _put_aside(path, folder / OLD)
            for path in staged:
                _publish(path, directory / path.name, overwrite=overwrite)
        finally:
            _take_back(place, directory)  # unless it is whole
    _synchronise(directory)


def _put_aside(path: Path, old: Path) -> None:
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(path.lstat().st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        old.mkdir(exist_ok=True)
        path.rename(old / path.name)


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
