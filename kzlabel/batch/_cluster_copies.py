"""Objects copied to private folders, a few ahead of the one that is looked at."""

from __future__ import annotations

import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import msgspec

from kzlabel._staging import staging
from kzlabel.batch._cluster_objects import Chunk, Object
from kzlabel.batch._cluster_store import Details, copy, state_of
from kzlabel.errors import KzlabelError, UsageError, printable

OBJECT_BYTES = 16 * 1024**3
"""Bytes an object may have; it must leave room on the worker's disk as well."""
AHEAD = 4
"""Objects that are copied while one is looked at."""
_LONGEST_NAME = 200
"""Bytes of a name that is kept here, with room for its companions' suffixes; else its suffix is."""
_LONGEST_SUFFIX = 20


class Copy(NamedTuple):
    """An object's copy, and its companions'."""

    object: Object
    path: Path
    companions: tuple[Path, ...] = ()
    modified: str = ""
    """The latest moment of them all."""
    size: int = 0
    failure: KzlabelError | None = None
    """Why there is none."""

    def in_public(self, text: bytes) -> bytes:
        """Return JSON with the names that the caller knows in place of the private ones."""
        url, folder = map(quoted, (self.object.url, self.object.folder))
        if self.path.name != self.object.name:
            text = text.replace(quoted(self.path), url)
        return text.replace(quoted(f"{self.path.parent}/"), folder)

    def url_of(self, path: Path) -> str:
        """Return the URL of the asset, or of the companion, that was copied to `path`."""
        if path == self.path:
            return self.object.url
        return self.object.folder + self.object.companions[self.companions.index(path)]

    def remove(self) -> None:
        """Remove it from the disk."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


def quoted(value: object) -> bytes:
    """Return text as it stands inside a string of JSON, made to print."""
    return msgspec.json.encode(printable(value))[1:-1]


@contextmanager
def copies(chunk: Chunk) -> Iterator[Iterator[Copy]]:
    """Give the copies of a chunk's objects in their order; in the end none is left on the disk.

    What a worker that was killed had left there (`TMPDIR`) is swept by the next.
    """
    with staging(Path(tempfile.gettempdir())) as folder:
        executor = ThreadPoolExecutor(AHEAD)
        try:
            yield _in_order(executor, chunk, folder)
        finally:
            executor.shutdown(cancel_futures=True)


def _in_order(executor: ThreadPoolExecutor, chunk: Chunk, folder: Path) -> Iterator[Copy]:
    rest = enumerate(chunk)
    running: deque[Future[Copy]] = deque()
    while True:
        for number, one in islice(rest, AHEAD - len(running)):
            running.append(executor.submit(_copied, one, folder / str(number)))
        if not running:
            return
        yield running.popleft().result()


def _copied(one: Object, folder: Path) -> Copy:
    folder.mkdir()
    path = folder / _name_for(one.name)
    if one.failure:
        return Copy(one, path, failure=one.failure)
    try:
        if one.name in ("", ".", ".."):
            raise UsageError("kz.error.name", path=one.url)
        found = [copy(one.url, path, OBJECT_BYTES)]
        beside = tuple(folder / _beside(name, one.name, path.name) for name in one.companions)
        for name, target in zip(one.companions, beside, strict=True):
            found.append(copy(f"{one.folder}{name}", target, OBJECT_BYTES))
    except KzlabelError as exc:
        return Copy(one, path, failure=exc)
    except (OSError, ValueError) as exc:  # the latter: a NUL in the name
        return Copy(one, path, failure=UsageError("kz.error.os", path=one.url, detail=exc))
    return Copy(one, path, beside, max(state_of(each)[0] for each in found), _bytes_of(found))


def _bytes_of(found: list[Details]) -> int:
    return sum(size for each in found if isinstance(size := each.get("size"), int))


def _name_for(name: str) -> str:
    """Return the name of a copy: its own, unless no file here can have it."""
    if name not in ("", ".", "..") and len(name.encode("utf-8", "replace")) <= _LONGEST_NAME:
        return name
    suffix = PurePosixPath(name).suffix
    return f"object{suffix if len(suffix) <= _LONGEST_SUFFIX else ''}"


def _beside(companion: str, name: str, copied: str) -> str:
    """Return what a companion's copy is called, after the copy of its asset."""
    if companion.startswith(name):
        return copied + companion.removeprefix(name)
    return f"{PurePosixPath(copied).stem}.c2pa"
