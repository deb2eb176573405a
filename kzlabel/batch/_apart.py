"""What a batch that may replace files must not: its own sources, and its own results.

All of it is known before any work, in a table on disk, however many the sources.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from kzlabel.batch._labeller import Job, job_in, message_of
from kzlabel.batch._table import table_of
from kzlabel.errors import KzlabelError, RefusedError
from kzlabel.model import COMPANION_SUFFIXES

_TABLES = (
    "CREATE TABLE job (number INTEGER PRIMARY KEY, said BLOB)",
    "CREATE TABLE source (name BLOB PRIMARY KEY, number INTEGER) WITHOUT ROWID",
    "CREATE TABLE result (name BLOB PRIMARY KEY, number INTEGER) WITHOUT ROWID",
)


class Apart:
    """Jobs none of whose results lies where a source, or another's result, does."""

    def __init__(self) -> None:
        self._table = table_of(*_TABLES)

    def close(self) -> None:
        """Let go of the table."""
        self._table.close()

    def take(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """Take up all jobs; yield those of names that no file can have, which need no telling."""
        for number, job in enumerate(jobs):
            try:
                said = message_of(job)
            except UnicodeEncodeError:
                yield job
                continue
            self._table.execute("INSERT INTO job VALUES (?, ?)", (number, said))
            for name in {_place(job.source), os.fsencode(os.path.realpath(job.source))}:
                self._table.execute("INSERT OR IGNORE INTO source VALUES (?, ?)", (name, number))

    def told(self) -> Iterator[tuple[Job, KzlabelError | None]]:
        """Yield every job that was taken up, and why it must not be done."""
        last = -1
        said = "SELECT number, said FROM job WHERE number > ? ORDER BY number LIMIT 1"
        while row := self._table.execute(said, (last,)).fetchone():
            last = row[0]
            job = job_in(row[1])
            yield job, self._refusal(last, job)

    def _refusal(self, number: int, job: Job) -> KzlabelError | None:
        asset = _place(job.destination)
        names = (asset, *(asset + suffix.encode() for suffix in COMPANION_SUFFIXES))
        for code, table in (("kz.error.over-source", "source"), ("kz.error.same-name", "result")):
            said = f"SELECT number FROM {table} WHERE name = ?"  # noqa: S608  ours
            for name in names:
                other = self._table.execute(said, (name,)).fetchone()
                if other and other[0] != number:
                    return RefusedError(code, path=job.source, value=self._source(other[0]))
        for name in names:
            self._table.execute("INSERT INTO result VALUES (?, ?)", (name, number))
        return None

    def _source(self, number: int) -> str:
        said = "SELECT said FROM job WHERE number = ?"
        return os.fspath(job_in(self._table.execute(said, (number,)).fetchone()[0]).source)


def _place(path: str | os.PathLike[str]) -> bytes:
    """Return where a name lies; a link of that name is not followed."""
    folder, name = os.path.split(os.fspath(path))
    return os.path.join(os.fsencode(os.path.realpath(folder)), os.fsencode(name))  # noqa: PTH118  bytes
