"""The border of pyarrow (extra `cluster`): rows in a Parquet file, as a table and whole.

The columns of `Record`, then `report` (the row as JSON) and what resuming goes by: `seen_uri`,
`seen_modified` (to the microsecond, as few readers know more), `run`. The report over the rows,
without them, is the file's own metadata `kzlabel`. https://parquet.apache.org/docs/file-format/
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import msgspec

from kzlabel.errors import MissingExtraError, UnreadableAssetError
from kzlabel.model import AssetReport, Seen
from kzlabel.reports._encode import encoded
from kzlabel.reports._record import Record, record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _typeshed import ReadableBuffer
    from pyarrow import RecordBatch, Schema

    from kzlabel.model import Report

GROUP_ROWS, GROUP_CHARACTERS = 10_000, 4 << 20
"""Rows of a row group, and characters of their JSON: no more is held."""
READ_ROWS = 256
"""Rows that are read at once."""
METADATA = "kzlabel"
_ALIKE = [name for name in Record._fields if name not in {"path", "bytes", "sha256", "error"}]
"""Columns in which values come again and again: of these, a dictionary is made."""


class _Line(NamedTuple):
    """A row of the table."""

    record: Record
    report: str
    seen: Seen | None

    def cells(self) -> tuple[object, ...]:
        """Return the values in the order of the columns."""
        told = [None if cell == "" else cell for cell in self.record]
        if self.seen is None:
            return (*told, self.report, None, None, None)
        modified = _moment(self.seen.modified)
        return (*told, self.report, self.seen.uri, modified, self.seen.run)


class _Sink(io.RawIOBase):
    """What the writer has written and nobody has taken yet."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, piece: ReadableBuffer, /) -> int:
        content = bytes(piece)
        self._pieces.append(content)
        self._position += len(content)
        return len(content)

    def taken(self) -> bytes:
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content


def pieces(
    rows: Iterable[AssetReport], closing: Callable[[], Report] | None = None
) -> Iterator[bytes]:
    """Yield a Parquet file piece by piece; it is none before the last.

    Raises `MissingExtraError` without the extra, before the first row is asked for.
    """
    with _library():
        from pyarrow import parquet

    schema, sink = _schema(), _Sink()
    writer = parquet.ParquetWriter(
        sink, schema, compression="zstd", use_dictionary=_ALIKE, write_page_checksum=True
    )
    for group in _groups(rows):
        writer.write_batch(_batch(group, schema))
        yield sink.taken()
    if closing is not None:
        report = msgspec.structs.replace(closing(), assets=())
        writer.add_key_value_metadata({METADATA: encoded(report)})
    writer.close()
    yield sink.taken()


def write_rows(file: BinaryIO, rows: Iterable[AssetReport]) -> None:
    """Write `rows` to `file`, which is left open; raises as `pieces`, and `OSError`."""
    file.writelines(pieces(rows))


def read_rows(file: BinaryIO) -> Iterator[AssetReport]:
    """Yield the rows of a file that `write_rows` wrote, whole.

    Raises `UnreadableAssetError` where it is damaged or another's, and `MissingExtraError`.
    """
    with _library():
        from pyarrow import ArrowException, parquet

    with (
        _reading(getattr(file, "name", "-"), ArrowException),
        parquet.ParquetFile(file, page_checksum_verification=True) as table,
    ):
        for batch in table.iter_batches(READ_ROWS, columns=["report"]):
            for text in batch.column(0).to_pylist():
                yield msgspec.json.decode(text, type=AssetReport)


@contextmanager
def _reading(path: object, arrow: type[Exception]) -> Iterator[None]:
    """Translate what is raised on a damaged file; `OSError` with errno passes."""
    try:
        yield
    except (arrow, OSError, LookupError, TypeError, ValueError, msgspec.MsgspecError) as exc:
        if isinstance(exc, OSError) and exc.errno is not None:
            raise  # the file system refused; Arrow's own have no errno
        detail = str(exc)[:200]
        raise UnreadableAssetError("kz.error.parquet", path=path, detail=detail) from exc


@contextmanager
def _library() -> Iterator[None]:
    try:
        yield
    except ImportError as exc:
        raise MissingExtraError("kz.error.extra-form", path="parquet", extra="cluster") from exc


def _schema() -> Schema:
    import pyarrow as pa

    texts = {name: pa.string() for name in (*Record._fields, "report", "seen_uri")}
    moment = pa.timestamp("us", tz="UTC")
    types = {**texts, "bytes": pa.int64(), "seen_modified": moment, "run": pa.string()}
    return pa.schema(list(types.items()))


def _groups(rows: Iterable[AssetReport]) -> Iterator[list[_Line]]:
    group: list[_Line] = []
    characters = 0
    for row in rows:
        seen = row.seen if isinstance(row.seen, Seen) else None
        group.append(_Line(record_of(row), encoded(row), seen))
        characters += len(group[-1].report)
        if len(group) >= GROUP_ROWS or characters >= GROUP_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


def _batch(group: list[_Line], schema: Schema) -> RecordBatch:
    import pyarrow as pa

    columns = zip(*(line.cells() for line in group), strict=True)
    return pa.record_batch([list(column) for column in columns], schema=schema)


def _moment(said: str) -> datetime | None:
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        return None
