"""The records of a CSV table (RFC 4180), with the characters they were read from."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, NamedTuple

from kzlabel.errors import LimitError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

DELIMITERS = (",", ";", "\t", "|")
LONGEST_LINE = 1 << 20
"""Characters of a line; the csv module takes a field of 131,072."""
_SAMPLED_RECORDS = 20
DECLARATION = re.compile(r"\"?sep=([^\r\n])\"?[\r\n]*\Z", re.IGNORECASE)
"""Excel's own first line, which names the delimiter."""
_ENDING = re.compile(r"(?:\r\n|\n|\r)?\Z")


class Record(NamedTuple):
    """One record."""

    number: int
    fields: int
    """0 of an empty line."""
    body: str
    ending: str


def delimiter_of(head: str, suffix: str) -> str:
    """Return what parts the fields: the delimiter by which the first records agree."""
    first = head.splitlines(keepends=True)[:1]
    declared = DECLARATION.match(first[0]) if first else None
    if declared:
        return declared[1]
    if suffix == ".tsv":
        return "\t"
    counts = {delimiter: _agreed(head, delimiter) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter])


def _agreed(head: str, delimiter: str) -> int:
    """Return how many fields all of the first records have; 0 where they differ, or have one."""
    rows = csv.reader(head.splitlines(keepends=True)[:_SAMPLED_RECORDS], delimiter=delimiter)
    try:
        counts = [len(row) for row in rows if row]
    except csv.Error:
        return 0
    if len(counts) > 1:
        counts.pop()  # the head may cut it
    return counts[0] if len(set(counts)) == 1 and counts[0] > 1 else 0


class _Lines:
    """The lines of a table, remembered until the record they make is complete."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file, self._path = file, path
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise LimitError("kz.error.text-line", path=self._path, limit=LONGEST_LINE)
            self._taken.append(line)
            yield line

    def taken(self) -> str:
        """Return the lines since the last call."""
        taken = "".join(self._taken)
        self._taken.clear()
        return taken


def records(file: TextIO, path: Path, delimiter: str) -> Iterator[Record]:
    """Yield the records of a table.

    Raises `RefusedError` where quotes do not match, `LimitError` for an endless line.
    """
    lines = _Lines(file, path)
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader, None)
        except csv.Error as exc:
            raise RefusedError("kz.error.csv", path=path, line=number, detail=exc) from exc
        if row is None:
            return
        taken = lines.taken()
        if "\0" in taken:
            raise RefusedError("kz.error.csv", path=path, line=number, detail="NUL")
        ending = _ENDING.search(taken)
        body = taken[: ending.start()] if ending else taken
        yield Record(number, len(row), body, taken[len(body) :])
