"""A file as it is now, in words that a row can carry: what resuming and watching go by.

An asset is judged with the companions that lie beside it: where one of them comes, goes or changes,
it is another asset than was seen, though its own bytes are the same.
"""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from kzlabel.errors import printable
from kzlabel.model import COMPANION_SUFFIXES

_SECOND = 1_000_000_000


class State(NamedTuple):
    """What a file and its companions come to."""

    bytes: int | None
    modified: str
    """The latest moment, ISO 8601 in UTC to the nanosecond."""


def uri_of(path: str | os.PathLike[str]) -> str:
    """Return a path of any bytes as a reference (RFC 3986), which can be turned back."""
    return quote(os.fsencode(path))


def path_of(uri: str) -> Path:
    """Return the path that `uri_of` made a reference of."""
    return Path(os.fsdecode(unquote_to_bytes(uri)))


def state_of(path: str | os.PathLike[str]) -> State | None:
    """Return the state of what is at `path`, together with its companions; None if nothing is."""
    name = os.fspath(path)
    own = _status(name)
    if own is None:
        return None
    found = map(_status, beside_of(name))
    there = [own, *(one for one in found if one and stat.S_ISREG(one.st_mode))]
    seconds, rest = divmod(max(one.st_mtime_ns for one in there), _SECOND)
    return State(sum(one.st_size for one in there), f"{_moment(seconds)}.{rest:09}Z")


def touched_at(path: str | os.PathLike[str]) -> int:
    """Return when it or a companion was last changed in any way: who may read it, too (ns)."""
    found = map(_status, (os.fspath(path), *beside_of(os.fspath(path))))
    return max((one.st_ctime_ns for one in found if one), default=0)


def beside_of(name: str) -> set[str]:
    """Return the paths that companions of an asset may have."""
    beside = {name + suffix for suffix in COMPANION_SUFFIXES}
    beside.add(os.path.splitext(name)[0] + ".c2pa")  # noqa: PTH122  three such a file, of thousands
    return beside - {name}


def named_beside(name: str) -> dict[str, str]:
    """Return the same paths, by the names that rows give to companions."""
    return {printable(os.path.basename(path)): path for path in beside_of(name)}  # noqa: PTH119


def _moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()
    except (OverflowError, ValueError, OSError):  # beyond the year 9999: file systems carry such
        return f"@{seconds}"


def _status(name: str) -> os.stat_result | None:
    try:
        return os.stat(name)  # noqa: PTH116  likewise
    except (OSError, ValueError):
        return None
