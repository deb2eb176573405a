"""What has been done already, by name: an index on disk, however many there are."""

from __future__ import annotations

import os
from hashlib import blake2b

from kzlabel._seen import State, path_of

_KEY = 16
"""Bytes of a name's digest: two of ten million names have the same one in 10**24 indexes or so."""
_CACHE = 8192
"""KiB of the index that are held in memory."""

_NOTED = """
    INSERT INTO done VALUES (?, ?, ?) ON CONFLICT (name)
    DO UPDATE SET bytes = excluded.bytes, modified = excluded.modified
    WHERE bytes IS NOT excluded.bytes OR modified IS NOT excluded.modified
"""


class Done:
    """Names, and the state in which each was done."""

    def __init__(self) -> None:
        import sqlite3

        self._index = sqlite3.connect("", isolation_level=None)  # a temporary file of SQLite's own
        self._index.execute("PRAGMA journal_mode = OFF")
        self._index.execute("PRAGMA synchronous = OFF")
        self._index.execute(f"PRAGMA cache_size = -{_CACHE}")
        self._index.execute(
            "CREATE TABLE done (name BLOB PRIMARY KEY, bytes INTEGER, modified TEXT) WITHOUT ROWID"
        )
        self._index.execute("BEGIN")  # and never an end: nobody else reads it

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()

    def add(self, uri: str, state: State) -> bool:
        """Note that the file was done in this state, its last; False if that was noted already."""
        return self._index.execute(_NOTED, (_key(uri), *state)).rowcount > 0

    def state(self, uri: str) -> State | None:
        """Return the last state in which the file was done, or None where it was not."""
        said = "SELECT bytes, modified FROM done WHERE name = ?"
        for size, modified in self._index.execute(said, (_key(uri),)):
            return State(size, modified)
        return None


def _key(uri: str) -> bytes:
    """Return what stands for a path, however it is written."""
    name = os.path.abspath(path_of(uri))  # noqa: PTH100  lexically
    return blake2b(os.fsencode(name), digest_size=_KEY).digest()
