"""The border of fsspec: which objects URLs name, and their bytes, streamed within limits.

Credentials are the environment's of whoever opens a store: none is in a URL, none is passed on.
What a store raises becomes ours here: libraries below fsspec have errors of their own.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import quote
from uuid import uuid4

from kzlabel._staging import PREFIX
from kzlabel.errors import KzlabelError, LimitError, MissingExtraError, UsageError

BLOCK = 8 * 1024**2
"""Bytes asked for at a time."""

Details = Mapping[str, object]


class Store(Protocol):
    """What we use of an fsspec file system; its own annotations say nothing of types."""

    protocol: str | tuple[str, ...]

    def info(self, path: str) -> Details:
        """Return what is known of one object: `name`, `type`, `size`, and what its store adds."""
        ...

    def ls(self, path: str, *, detail: bool) -> list[Details]:
        """Return what lies in a folder."""
        ...

    def glob(self, path: str, *, detail: bool) -> dict[str, Details]:
        """Return what a pattern matches."""
        ...

    def open(self, path: str, mode: str, **settings: object) -> BinaryIO:
        """Open an object."""
        ...

    def pipe_file(self, path: str, value: bytes) -> None:
        """Write an object."""
        ...

    def put_file(self, lpath: str, rpath: str) -> None:
        """Write an object from a file."""
        ...

    def mv(self, path1: str, path2: str) -> None:
        """Give an object another name."""
        ...

    def rm_file(self, path: str) -> None:
        """Remove an object."""
        ...

    def makedirs(self, path: str, *, exist_ok: bool) -> None:
        """Make a folder, where a store has such a thing."""
        ...

    def _strip_protocol(self, path: str) -> str: ...


class Place(Protocol):
    """Whatever names an object or a folder in a store."""

    @property
    def url(self) -> str:
        """Return its URL."""
        ...


def is_url(text: str) -> bool:
    """Whether `text` is a URL and not a path."""
    return "://" in text


def url_of(text: str) -> str:
    """Return the URL of a path of this machine, or `text` where it is one."""
    return text if is_url(text) else f"file://{Path(text).absolute()}"


def opened(url: str) -> tuple[Store, str]:
    """Return the store that `url` is in, and the path it has there.

    Raises `UsageError` where there is no such kind of store, or where a password stands in the URL:
    it would be in every row. Raises `MissingExtraError` where its library is not installed.
    """
    try:
        import fsspec
    except ImportError as exc:
        raise MissingExtraError("kz.error.cluster-extra", path=url, detail="fsspec") from exc
    scheme, _, rest = url.partition("://")
    if "@" in rest.partition("/")[0].partition(":")[2]:
        raise UsageError("kz.error.cluster-secret", path=f"{scheme}://…")
    with spoken(url):
        try:
            store: Store = fsspec.filesystem(scheme, use_listings_cache=False)
        except ImportError as exc:
            raise MissingExtraError("kz.error.cluster-extra", path=url, detail=exc) from exc
        except ValueError as exc:
            raise UsageError("kz.error.cluster-url", path=url, detail=exc) from exc
        return store, store._strip_protocol(url)  # noqa: SLF001  fsspec has no other name for it


@contextmanager
def spoken(url: str) -> Iterator[None]:
    """Make what a store raises an error of ours about `url`; a file's absence reads as anywhere."""
    try:
        yield
    except KzlabelError:
        raise
    except FileNotFoundError as exc:
        raise UsageError("kz.error.closed", path=url, detail=_system(errno.ENOENT)) from exc
    except PermissionError as exc:
        raise UsageError("kz.error.closed", path=url, detail=_system(errno.EACCES)) from exc
    except Exception as exc:
        raise _said(exc, url) from exc


def _said(error: Exception, url: str) -> KzlabelError:
    name = type(error).__name__
    if name == "FileExpired":  # fsspec: the object is not the one that was opened
        return LimitError("kz.error.changed", path=url)
    if "Credential" in name or "Token" in name:  # botocore's, google-auth's and azure's
        return UsageError("kz.error.cluster-credentials", path=url, detail=error)
    if isinstance(error, OSError) and error.errno:
        return UsageError("kz.error.os", path=url, detail=_system(error.errno))
    return UsageError("kz.error.cluster-store", path=url, detail=f"{name}: {error}"[:300])


def _system(number: int) -> OSError:
    return OSError(number, os.strerror(number))


_MOMENTS = ("LastModified", "mtime", "last_modified", "updated", "created")
_TAGS = ("ETag", "etag", "ino")
"""What stores call when an object was modified, and what tells one state of it from any other."""


def state_of(details: Details) -> tuple[str, str]:
    """Return when an object was modified, as far as its store says, and all that tells its state.

    Where a store says neither, a state is known again by its size alone.
    """
    moment = next((found for name in _MOMENTS if (found := details.get(name))), "")
    tag = next((found for name in _TAGS if (found := details.get(name))), "")
    if isinstance(moment, float | int):
        moment = datetime.fromtimestamp(moment, UTC)
    if isinstance(moment, datetime):
        moment = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z"
    return str(moment or tag), f"{tag} {moment} {details.get('size')}"


def copy(url: str, target: Path, limit: int) -> Details:
    """Copy the object at `url` into the new file `target`, and return what is known of it.

    Raises a `KzlabelError`: it is not there, it is closed to us, it is larger than `limit` bytes or
    than the disk has room for, it changed while it was read.
    """
    store, path = opened(url)
    with spoken(url):
        local = "file" in store.protocol
        details = store.info(path) if local else {}
        if local and details["type"] != "file":  # above all no FIFO: to open one waits for ever
            raise UsageError("kz.error.not-a-file", path=url)
        with store.open(path, "rb", block_size=BLOCK, cache_type="none") as source:
            details = details or getattr(source, "details", None) or store.info(path)
            size = details.get("size")
            require_room(url, size if isinstance(size, int) else 0, target.parent, limit)
            copied = _streamed(url, source, target, limit)
        if isinstance(size, int) and copied != size:
            raise LimitError("kz.error.changed", path=url)
    return details


_RENAMED = frozenset({"file", "local", "sftp", "ssh", "hdfs", "webhdfs", "smb", "ftp"})
"""Stores with folders, in which what is being written can be seen: it is given its name after."""


def _has_folders(store: Store) -> bool:
    names = (store.protocol,) if isinstance(store.protocol, str) else store.protocol
    return not _RENAMED.isdisjoint(names)


def make_folder(store: Store, folder: str) -> None:
    """Make a folder where a store has any; a bucket is never made."""
    if _has_folders(store):
        store.makedirs(folder, exist_ok=True)


def put(source: Path, url: str) -> None:
    """Write a file to `url`, whole or not at all, over what is there. Raises a `KzlabelError`."""
    store, path = opened(url)
    with spoken(url):
        if not _has_folders(store):
            try:
                store.put_file(str(source), path)  # there once all of it is
            except FileNotFoundError as exc:  # a bucket is never made
                folder = url.rpartition("/")[0]
                raise UsageError("kz.error.no-directory", path=folder) from exc
            return
        private = f"{path.rpartition('/')[0]}/{PREFIX}{uuid4().hex}"
        try:
            store.put_file(str(source), private)
            store.mv(private, path)
        except BaseException:
            with suppress(Exception):
                store.rm_file(private)
            raise


def remove(url: str) -> None:
    """Remove an object, where there is one. Raises a `KzlabelError`."""
    store, path = opened(url)
    with spoken(url), suppress(FileNotFoundError):
        store.rm_file(path)


RESERVE = 256 * 1024**2
"""Bytes of a disk that are left free."""


def require_room(url: str, size: int, folder: Path, limit: int) -> None:
    """Raise `LimitError` where so many bytes are over the limit, or over what the disk has left."""
    if size > limit:
        raise LimitError("kz.error.cluster-size", path=url, size=size, limit=limit)
    room = os.statvfs(folder)
    if size + RESERVE > room.f_bavail * room.f_frsize:
        raise LimitError("kz.error.cluster-room", path=url, size=size, value=folder)


def _streamed(url: str, source: BinaryIO, target: Path, limit: int) -> int:
    copied = 0
    with target.open("xb") as file:
        while part := source.read(BLOCK):
            copied += len(part)
            if copied > limit:
                raise LimitError("kz.error.cluster-size", path=url, size=copied, limit=limit)
            file.write(part)
    return copied


def reference(url: str) -> str:
    """Return a URL of any characters percent-encoded (RFC 3986)."""
    return quote(os.fsencode(url), safe=":/")
