"""Results as they come, one asset a line: reports read from them, and runs resume by them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from kzlabel.model import AssetReport


class Results:
    """Rows in a JSON Lines file, each there as soon as it is known."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by `__exit__`

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def is_done(self, path: Path) -> bool:  # noqa: ARG002
        """Whether the row of the file at `path` is here already, and it has not changed since."""
        return False

    def keeping(self, rows: Iterable[AssetReport]) -> Iterator[AssetReport]:
        """Yield `rows` as they come, each written down first."""
        for row in rows:
            self._file.write(msgspec.json.encode(row) + b"\n")
            yield row

    def __iter__(self) -> Iterator[AssetReport]:
        """Yield every row that is here, as often as one likes."""
        self._file.flush()
        self._file.seek(0)
        for line in self._file:
            yield msgspec.json.decode(line, type=AssetReport)
