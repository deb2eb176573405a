"""What has been met or done already, by name: an index on disk, however many there are."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

from kzlabel._seen import State, path_of
from kzlabel.batch._table import table_of

_KEY = 16
"""Bytes of a name's digest: two of ten million names have the same one in 10**24 indexes or so."""
_TABLE = "CREATE TABLE done (name BLOB PRIMARY KEY, bytes INTEGER, modified TEXT) WITHOUT ROWID"
_NOTED = """
    INSERT INTO done VALUES (?, ?, ?) ON CONFLICT (name)
    DO UPDATE SET bytes = excluded.bytes, modified = excluded.modified
    WHERE bytes IS NOT excluded.bytes OR modified IS NOT excluded.modified
"""


class Known:
    """Paths, each of which is new once."""

    def __init__(self) -> None:
        self._index = table_of(_TABLE)

    def is_new(self, path: Path) -> bool:
        """Note a path, however it is written; False if that was noted already."""
        said = "INSERT OR IGNORE INTO done (name) VALUES (?)"
        return self._index.execute(said, (_key(path),)).rowcount > 0


class Done:
    """Names, and the state in which each was done."""

    def __init__(self) -> None:
        self._index = table_of(_TABLE)

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def add(self, uri: str, state: State) -> bool:
        """Note that the file was done in this state, its last; False if that was noted already."""
        return self._index.execute(_NOTED, (_key(path_of(uri)), *state)).rowcount > 0

    def state(self, uri: str) -> State | None:
        """Return the last state in which the file was done, or None where it was not."""
        said = "SELECT bytes, modified FROM done WHERE name = ?"
        for size, modified in self._index.execute(said, (_key(path_of(uri)),)):
            return State(size, modified)
        return None


def _key(path: Path) -> bytes:
    """Return what stands for a path, however it is written."""
    name = os.path.abspath(path)  # noqa: PTH100  lexically
    return blake2b(os.fsencode(name), digest_size=_KEY).digest()
