"""Parquet: typed columns, rows that come back whole, row groups that are not held."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from msgspec import structs
from pyarrow import parquet
from reported import asset, missed, mixed, report, written

from kzlabel.errors import MissingExtraError, UnreadableAssetError
from kzlabel.model import AssetReport, Seen
from kzlabel.reports import REPORTS, _parquet
from kzlabel.reports._parquet import pieces, read_rows, write_rows
from kzlabel.reports._record import Record

SEEN = Seen(
    uri="a%20b.jpg", modified="2026-01-02T03:04:05.123456789Z", run="kzlabel/0 kz 1", bytes=7
)


def table_of(*rows: AssetReport) -> pa.Table:
    return parquet.read_table(io.BytesIO(written("parquet", report(*rows))))


def test_columns_are_those_of_csv_and_what_resuming_goes_by() -> None:
    schema = table_of(*mixed()).schema
    assert schema.names == [*Record._fields, "report", "seen_uri", "seen_modified", "run"]
    assert schema.field("bytes").type == pa.int64()
    assert schema.field("seen_modified").type == pa.timestamp("us", tz="UTC")
    assert table_of().schema == schema


def test_a_row_says_what_it_is_and_what_was_seen() -> None:
    row = structs.replace(asset(), bytes=0, seen=SEEN)
    first, second = table_of(row, missed()).to_pylist()
    assert (first["path"], first["bytes"], first["verdict"]) == ("a.jpg", 0, "compliant")
    assert first["seen_uri"] == "a%20b.jpg"
    assert first["seen_modified"] == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
    assert first["run"] == SEEN.run
    assert json.loads(first["report"])["requirements"][0]["citation"]["article"] == "21(2)"
    assert {name for name, value in second.items() if value is not None} == {
        "path", "verdict", "error", "report",
    }  # fmt: skip


def test_a_moment_beyond_the_calendar_is_left_out() -> None:
    seen = structs.replace(SEEN, modified="99999-01-01T00:00:00.000000000Z")
    (row,) = table_of(structs.replace(asset(), seen=seen)).to_pylist()
    assert row["seen_modified"] is None


def test_rows_come_back_whole() -> None:
    rows = (*mixed(), structs.replace(asset("=1\n\u202e"), seen=SEEN))
    file = io.BytesIO()
    write_rows(file, rows)
    assert not file.closed
    file.seek(0)
    assert tuple(read_rows(file)) == rows


def test_the_file_says_what_it_rests_on() -> None:
    one = report(*mixed())
    held = parquet.read_metadata(io.BytesIO(written("parquet", one))).metadata[b"kzlabel"]
    said = json.loads(held)
    assert (said["profile"], said["assets"]) == (one.profile, [])
    assert said["summary"]["assets"] == 5


def test_a_row_group_is_written_before_the_next_row_is_asked_for(monkeypatch) -> None:
    monkeypatch.setattr(_parquet, "GROUP_ROWS", 2)
    taken = 0

    def rows() -> Iterator[AssetReport]:
        nonlocal taken
        for taken in range(1, 6):
            yield asset(f"{taken}")

    made = []
    for piece in pieces(rows()):
        made.append(piece)
        assert taken == min(2 * len(made), 5)
    content = io.BytesIO(b"".join(made))
    assert parquet.read_metadata(content).num_row_groups == 3
    content.seek(0)
    assert [row.path for row in read_rows(content)] == list("12345")


def test_long_rows_make_short_groups(monkeypatch) -> None:
    monkeypatch.setattr(_parquet, "GROUP_CHARACTERS", 1)
    content = b"".join(pieces(mixed()))
    assert parquet.read_metadata(io.BytesIO(content)).num_row_groups == 5


def test_what_is_cut_short_is_no_parquet_file() -> None:
    """The footer comes last: who stops before it leaves nothing that passes for whole."""
    content = written("parquet", report(*mixed()))
    foreign = io.BytesIO()
    parquet.write_table(pa.table({"report": ["{}"]}), foreign)
    other = io.BytesIO()
    parquet.write_table(pa.table({"x": [1]}), other)
    for damaged in (b"", b"x" * 99, content[:-1], foreign.getvalue(), other.getvalue()):
        with pytest.raises(UnreadableAssetError) as caught:
            list(read_rows(io.BytesIO(damaged)))
        assert caught.value.code == "kz.error.parquet"


def test_a_flipped_byte_changes_no_row() -> None:
    content = written("parquet", report(*mixed()))
    caught = 0
    for place in range(0, len(content), 61):
        damaged = bytearray(content)
        damaged[place] ^= 0x55
        try:
            assert tuple(read_rows(io.BytesIO(damaged))) == mixed()  # a column that is not read
        except UnreadableAssetError:
            caught += 1
    assert caught > 10


def test_without_the_extra_it_is_said_before_any_row_is_looked_at(monkeypatch) -> None:
    def rows() -> None:
        raise AssertionError
        yield

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError) as caught:
        next(REPORTS["parquet"].render(rows(), report, "en"))
    assert "kzlabel[cluster]" in str(caught.value)
