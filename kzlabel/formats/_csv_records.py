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


def records(file: TextIO, path: Path, delimiter: str) -> Iterator[Record]:
    """Yield the records of a table.

    Raises `RefusedError` where quotes do not match, `LimitError` for an endless line.
    """
    for number, line in enumerate(_lines(file, path), 1):
        taken = [line]
        if '"' in line:
            fields = _quoted(_and_on(taken, file, path), delimiter, path, number)
        else:  # most lines; the csv module would take three times as long
            fields = line.count(delimiter) + 1 if line.strip("\r\n") else 0
        whole = line if len(taken) == 1 else "".join(taken)
        if "\0" in whole:
            raise RefusedError("kz.error.csv", path=path, line=number, detail="NUL")
        body = whole.removesuffix("\n").removesuffix("\r")
        yield Record(number, fields, body, whole[len(body) :])


def _lines(file: TextIO, path: Path) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise LimitError("kz.error.text-line", path=path, limit=LONGEST_LINE)
        yield line


def _and_on(taken: list[str], file: TextIO, path: Path) -> Iterator[str]:
    """Yield the line that was taken, and as many more as are asked for, which are taken too."""
    yield taken[0]
    for line in _lines(file, path):
        taken.append(line)
        yield line


def _quoted(lines: Iterator[str], delimiter: str, path: Path, number: int) -> int:
    """Return how many fields a record has, some of them in quotes."""
    try:
        return len(next(csv.reader(lines, delimiter=delimiter, strict=True)))
    except csv.Error as exc:
        raise RefusedError("kz.error.csv", path=path, line=number, detail=exc) from exc
