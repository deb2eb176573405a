"""A table on disk, however many its rows: what a batch remembers without holding it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_CACHE = 8192
"""KiB of it that are held in memory."""


def table_of(*made: str) -> sqlite3.Connection:
    """Return what these statements make, in a temporary file of SQLite's own.

    Any thread may ask it, one at a time. It is gone when it is closed, or nobody has it any more.
    """
    import sqlite3

    table = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    for said in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE}"):
        table.execute(f"PRAGMA {said}")
    for said in (*made, "BEGIN"):  # and never an end: nobody else reads it
        table.execute(said)
    return table
