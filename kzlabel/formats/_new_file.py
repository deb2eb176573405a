"""A new file that is whole or not there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open `path` for writing and take it away again where writing fails.

    Raises `FileExistsError` where something is there already: a source is never written over.
    """
    with path.open("xb") as file:
        try:
            yield file
        except BaseException:
            path.unlink(missing_ok=True)
            raise
