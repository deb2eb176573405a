"""Results in parts, one file for each chunk, in a folder of any store.

A part is named after its chunk, its objects' states and the run, and appears whole: a task that was
tried again, or ran twice, writes over its own part, and one whose part is there has been done.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from kzlabel._staging import PREFIX, staging
from kzlabel.batch._cluster_objects import Chunk, names_in
from kzlabel.batch._cluster_store import Store, make_folder, opened, put, spoken
from kzlabel.batch._tally import Tally
from kzlabel.errors import KzlabelError, UsageError
from kzlabel.model import AssetReport, Report
from kzlabel.verdict import NOT_REACHED

_BATCH, _CLOSING = "_batch.json", "_summary.json"
"""What readers of a folder of parts pass over: names with a `_`. The latter is there in the end."""
_OURS = re.compile(rf"part-[0-9a-f]{{32}}\.[a-z]+$|{re.escape(PREFIX)}")
_UNFINISHED = NOT_REACHED | {
    "kz.error.changed", "kz.error.cluster-room", "kz.error.cluster-lost",
    "kz.error.worker-died", "kz.error.worker-slow", "kz.error.memory", "kz.error.internal",
}  # fmt: skip
"""Errors of a moment, a place or a machine: an object that has one is looked at again."""


class Shape(NamedTuple):
    """A form that parts are in."""

    suffix: str
    write: Callable[[BinaryIO, Iterable[AssetReport]], None]
    read: Callable[[BinaryIO], Iterator[AssetReport]]
    """Both functions of a module: tasks carry their names."""


class Parts(NamedTuple):
    """A folder of parts."""

    url: str
    shape: Shape

    def name_of(self, chunk: Chunk, run: str) -> str:
        """Return the name of a chunk's part."""
        told = [run, *(f"{one.url} {one.state}" for one in chunk)]
        digest = hashlib.sha256(os.fsencode("\0".join(told))).hexdigest()[:32]
        return f"part-{digest}{self.shape.suffix}"

    def holds(self, name: str, tally: Tally) -> bool:
        """Whether a part is there and final; counts its rows then."""
        try:
            with self._opened(name) as file:
                rows = list(tally.counting(self.shape.read(file)))
        except KzlabelError:
            return False  # none there, or one that is torn: it is made anew
        return not any(row.error and row.error.code in _UNFINISHED for row in rows)

    def write(self, name: str, rows: Iterable[AssetReport]) -> None:
        """Write a part, whole or not at all. Raises a `KzlabelError`."""
        self._put(name, lambda file: self.shape.write(file, rows))

    def begin(self, asked: Sequence[str]) -> None:
        """Begin a batch, or go on with it; raises `UsageError` over another one's results."""
        told = msgspec.json.encode({"kzlabel": asked})
        store, folder = opened(self.url)
        with spoken(self.url):
            make_folder(store, folder)
        there = {name for name in names_in(self.url) if not name.startswith(PREFIX)}
        if _BATCH in there:
            with self._opened(_BATCH) as file:
                if file.read(1 << 20) != told:
                    raise UsageError("kz.error.cluster-other", path=self.url)
        elif there:
            raise UsageError("kz.error.cluster-not-empty", path=self.url, value=min(there))
        self._remove(store, folder, there & {_CLOSING})
        self._put(_BATCH, lambda file: file.write(told))

    def end(self, names: AbstractSet[str], report: Report) -> None:
        """End a batch whose parts have these names: others, of earlier states, go."""
        store, folder = opened(self.url)
        stale = {name for name in names_in(self.url) - names if _OURS.match(name)}
        self._remove(store, folder, stale)
        told = msgspec.json.encode(report) + b"\n"
        self._put(_CLOSING, lambda file: file.write(told))

    def _remove(self, store: Store, folder: str, names: AbstractSet[str]) -> None:
        with spoken(self.url):
            for name in names:
                store.rm_file(f"{folder.rstrip('/')}/{name}")

    @contextmanager
    def _opened(self, name: str) -> Iterator[BinaryIO]:
        url = f"{self.url}/{name}"
        store, path = opened(url)
        with spoken(url), store.open(path, "rb") as file:
            yield file

    def _put(self, name: str, write: Callable[[BinaryIO], object]) -> None:
        """Put what is written; what a worker that was killed had of it is swept by the next."""
        with staging(Path(tempfile.gettempdir())) as folder:
            staged = folder / name
            with staged.open("wb") as file:
                write(file)
            put(staged, f"{self.url}/{name}")


def _write_lines(file: BinaryIO, rows: Iterable[AssetReport]) -> None:
    file.writelines(msgspec.json.encode(row) + b"\n" for row in rows)


def _read_lines(file: BinaryIO) -> Iterator[AssetReport]:
    for line in file:
        yield msgspec.json.decode(line, type=AssetReport)


LINES = Shape(".jsonl", _write_lines, _read_lines)
