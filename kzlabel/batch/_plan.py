"""Which source goes where: all of it known, and refused where it cannot be, before any work.

The tree below each folder that was named is mirrored below the folder of results; a file that was
named itself goes right into it. The plan is a table on disk, however many the files.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from kzlabel.batch._files import Found
from kzlabel.batch._labeller import Job
from kzlabel.batch._table import table_of
from kzlabel.errors import UsageError
from kzlabel.model import COMPANION_SUFFIXES

if TYPE_CHECKING:
    import sqlite3

_FOLDERS = 1024
"""Folders whose real place is remembered."""
_TABLE = """CREATE TABLE plan (
    number INTEGER PRIMARY KEY, source BLOB, place BLOB, name BLOB UNIQUE, bytes INTEGER)"""


class Plan:
    """Jobs by the name of their result below `output`, each name once."""

    def __init__(self, output: Path, base: Path | None = None) -> None:
        self.output = output
        self.left_out = 0
        """Files that lie in `output` itself, and so are results of an earlier run."""
        self._base = base
        self._real = lru_cache(_FOLDERS)(os.path.realpath)
        self._prefix = lru_cache(_FOLDERS)(self._root_prefix)
        self._place = self._real(output)
        self._table = table_of(_TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._table.close()

    def take(self, found: Iterable[Found]) -> None:
        """Take up what was found. Raises `UsageError` where a result could not be told apart."""
        for path, root in found:
            prefix = self._prefix(root)
            place = self._where(path)
            if _lies_in(place, self._place):
                self.left_out += 1
            else:
                self._add(path, place, self._name(path, prefix))

    def jobs(self) -> Iterator[Job]:
        """Yield what is to be done, in the order it was found."""
        last = 0
        said = "SELECT number, source, name FROM plan WHERE number > ? ORDER BY number LIMIT 500"
        while rows := self._table.execute(said, (last,)).fetchall():
            for number, source, name in rows:
                last = number
                yield self._job(source, name)

    def has(self, source: Path) -> bool:
        """Whether the result of a source goes anywhere."""
        return bool(self._names_of(source))

    def sends(self, source: Path, place: Path) -> bool:
        """Whether the result of a source goes there."""
        there = {self._where(self.output / name) for name in self._names_of(source)}
        return self._where(place) in there

    def _names_of(self, source: Path) -> list[str]:
        said = "SELECT name FROM plan WHERE source = ?"
        found = self._by_source.execute(said, (os.fsencode(source),))
        return [os.fsdecode(name) for (name,) in found]

    @cached_property
    def _by_source(self) -> sqlite3.Connection:
        self._table.execute("CREATE INDEX sources ON plan (source)")
        return self._table

    def _where(self, path: Path) -> str:
        return os.path.join(self._real(path.parent), path.name)  # noqa: PTH118  any bytes

    def totals(self) -> tuple[int, int]:
        """Return how many sources there are, and their bytes."""
        said = "SELECT count(*), ifnull(sum(bytes), 0) FROM plan"
        files, size = self._table.execute(said).fetchone()
        return int(files), int(size)

    def _name(self, path: Path, prefix: str) -> str:
        """Return the name of its result below `output`."""
        whole = os.path.abspath(path)  # noqa: PTH100  resolves no link
        if not whole.startswith(prefix):
            raise UsageError("kz.error.not-below", path=path, value=self._base)
        return whole.removeprefix(prefix)

    def _root_prefix(self, root: Path) -> str:
        """Return what the paths begin with whose tree is mirrored.

        Sources that lie where results go are refused: they would be taken for one another.
        """
        real = self._real(root)
        if real == self._place or _lies_in(real, self._place):
            raise UsageError("kz.error.sources-in-output", path=root, value=self.output)
        return _within(os.path.abspath(self._base or root))  # noqa: PTH100  resolves no link

    def _add(self, path: Path, place: str, name: str) -> None:
        row = (os.fsencode(path), os.fsencode(place), os.fsencode(name), _size(path))
        said = "INSERT OR IGNORE INTO plan (source, place, name, bytes) VALUES (?, ?, ?, ?)"
        if self._table.execute(said, row).rowcount:
            return
        said = "SELECT source, place FROM plan WHERE name = ?"
        other, taken = self._table.execute(said, (row[2],)).fetchone()
        if taken != row[1]:  # else the same file was named twice
            raise UsageError("kz.error.same-name", path=path, value=os.fsdecode(other))

    def clashes(self) -> Iterator[Job]:
        """Yield, and take out, what would lie where the label of another's result does."""
        for suffix in map(str.encode, COMPANION_SUFFIXES):
            said = """SELECT a.number, a.source, a.name FROM plan a JOIN plan b
                ON b.name = substr(a.name, 1, length(a.name) - ?) WHERE substr(a.name, -?) = ?"""
            size = len(suffix)
            for number, source, name in self._table.execute(said, (size, size, suffix)).fetchall():
                self._table.execute("DELETE FROM plan WHERE number = ?", (number,))
                yield self._job(source, name)

    def _job(self, source: bytes, name: bytes) -> Job:
        return Job(Path(os.fsdecode(source)), self.output / os.fsdecode(name))


def _lies_in(path: str, folder: str) -> bool:
    return path.startswith(_within(folder))


def _within(folder: str) -> str:
    return os.path.join(folder, "")  # noqa: PTH118  any bytes


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):  # its row will say why
        return 0
