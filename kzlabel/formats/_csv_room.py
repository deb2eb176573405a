"""CSV and TSV (RFC 4180): the first record gets one last field, the words; all others an empty one.

Delimiter, quoting and line endings stay; the table is passed through a record at a time. Excel's
`sep=;` stays the first line. A table whose records differ in length, or whose first record is so
wide that its last field is off the screen, is refused.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from kzlabel.errors import KzlabelError, RefusedError
from kzlabel.formats._csv_records import DECLARATION, Record, delimiter_of, records
from kzlabel.formats._text_room import SEPARATOR, TextRoom
from kzlabel.formats._text_sight import IN_A_ROW, Mark, runs_of
from kzlabel.notices.prose import FIRST_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kzlabel.formats._assembled import Stretch
    from kzlabel.formats._text_file import TextFile
    from kzlabel.notices.prose import Run

_WIDEST = FIRST_CHARACTERS - 50
_BATCH = 2000
"""Records that are written at once."""


class CsvRoom(TextRoom):
    """What the CSV room does."""

    def parts(self, file: TextFile, lines: tuple[str, ...]) -> Iterable[bytes | Stretch]:
        said = SEPARATOR.join(lines)
        file.encoded(said)
        yield file.bom
        batch: list[str] = []
        for text in _widened(file, said):
            batch.append(text)
            if len(batch) == _BATCH:
                yield file.kept("".join(batch))
                batch.clear()
        yield file.kept("".join(batch))

    def runs(self, file: TextFile) -> Iterable[Run]:
        text = file.shown
        end = _first_record(text, file.path)
        return runs_of(_parted(text, file.path), [Mark(end, len(text), IN_A_ROW)])


def _widened(file: TextFile, said: str) -> Iterator[str]:
    """Yield every record with one field more."""
    delimiter = delimiter_of(file.head, file.path.suffix.lower())
    columns = 0
    with file.characters() as characters:
        for record in records(characters, file.path, delimiter):
            whole = record.body + record.ending
            if not record.fields or (not columns and DECLARATION.match(whole)):
                yield whole
                continue
            cell = "" if columns else said
            columns = columns or _columns(record, file)
            if record.fields != columns:
                values = {"line": record.number, "fields": record.fields, "columns": columns}
                raise RefusedError("kz.error.csv-ragged", path=file.path, **values)
            quote = '"' if record.body.endswith('"') or delimiter in cell else ""
            yield f"{record.body}{delimiter}{quote}{cell}{quote}{record.ending}"


def _columns(first: Record, file: TextFile) -> int:
    """Return how many columns the table has; raises `RefusedError` where they are too wide."""
    if len(first.body) > _WIDEST:
        values = {"characters": len(first.body), "limit": _WIDEST}
        raise RefusedError("kz.error.csv-wide", path=file.path, **values)
    return first.fields


def _parted(text: str, path: Path) -> str:
    """Return `text` with a mark that ends a sentence between its fields."""
    delimiter = delimiter_of(text, path.suffix.lower())
    tokens = re.compile(rf'"(?:[^"]|"")*+"|{re.escape(delimiter)}')
    return tokens.sub(lambda found: ";" if found[0] == delimiter else found[0], text)


def _first_record(text: str, path: Path) -> int:
    """Return where the first record of `text` ends."""
    delimiter = delimiter_of(text, path.suffix.lower())
    end = 0
    try:
        for record in records(io.StringIO(text, newline=""), path, delimiter):
            whole = record.body + record.ending
            end += len(whole)
            if record.fields and not DECLARATION.match(whole):
                break
    except KzlabelError:
        return text.find("\n") + 1  # damaged, or longer than the head
    return end
