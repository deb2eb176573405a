"""What a task does in a Dask worker: one chunk of objects, each looked at under all its limits.

No secret comes with a task: credentials of stores, and the password of documents, are those of the
worker's own environment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import structs

from kzlabel import __version__
from kzlabel._keyfiles import password_in
from kzlabel._options import Options
from kzlabel._worker import start_worker
from kzlabel.batch._cluster_copies import Copy, copies
from kzlabel.batch._cluster_objects import Chunk
from kzlabel.batch._cluster_parts import Parts
from kzlabel.batch._cluster_store import reference
from kzlabel.batch._companions import holds_content
from kzlabel.batch._files import assets_of
from kzlabel.batch._pool import Nursery
from kzlabel.batch._tally import Counts, Tally
from kzlabel.batch._verifying import TIME_LIMIT, verify_each
from kzlabel.errors import UsageError, printable
from kzlabel.model import AssetReport, Seen
from kzlabel.verdict import error_row

_NURSERY = Nursery(start_worker)
"""One in each Dask worker: what kills a killable worker does not cost the start of the next."""


class Asked(NamedTuple):
    """What every task of a batch is asked; the options are without a password."""

    options: Options
    password_file: Path | None = None
    """In the worker's own file system."""
    seconds: float = TIME_LIMIT
    parts: Parts | None = None
    """Where rows are left; else they come home."""
    version: str = __version__

    @property
    def run(self) -> str:
        """Return what rows depend on beside the objects; of a password only the file's name."""
        password = str(self.password_file) if self.password_file else None
        return structs.replace(self.options, password=password).run


def version_here() -> str:
    """Return the version of kzlabel in this process; asked of each worker."""
    return __version__


def require_version(version: str) -> None:
    """Raise `UsageError` where this process is not of the version that asks."""
    if version != __version__:
        raise UsageError("kz.error.cluster-version", path=version, value=__version__)


class Came(NamedTuple):
    """What came of a chunk."""

    counts: Counts
    part: str = ""
    rows: tuple[bytes, ...] = ()
    """Where they come home: JSON."""


def verify_chunk(asked: Asked, chunk: Chunk) -> Came:
    """Look at a chunk, and leave its part or return its rows; a part that is there is not remade.

    Raises a `KzlabelError` only for what ends the batch: another version of kzlabel, results that
    cannot be written, a password file that is not there.
    """
    require_version(asked.version)
    tally = Tally(asked.options)
    rows = tally.counting(rows_of(chunk, asked))
    if asked.parts is None:
        home = tuple(msgspec.json.encode(row) for row in rows)
        return Came(tally.counts, rows=home)
    part = asked.parts.name_of(chunk, asked.run)
    if not any(one.failure for one in chunk):
        kept = Tally(asked.options)
        if asked.parts.holds(part, kept):
            return Came(kept.counts, part)
    asked.parts.write(part, rows)
    return Came(tally.counts, part)


def rows_of(chunk: Chunk, asked: Asked) -> Iterator[AssetReport]:
    """Yield the rows of a chunk's objects under their URLs. Never raises for an object."""
    options = structs.replace(asked.options, password=password_in(asked.password_file))
    failed: list[Copy] = []
    held: dict[str, tuple[Copy, Path]] = {}
    left: Counter[Path] = Counter()

    with copies(chunk) as laid:

        def paths() -> Iterator[Path]:
            for copied in laid:
                assets = assets_in(copied)
                left[copied.path] = len(assets)
                for path in assets:
                    held[printable(path)] = copied, path
                    yield path
                if copied.failure:
                    failed.append(copied)
                if not assets:
                    copied.remove()

        for row in verify_each(
            paths(), options, worker=_NURSERY.bred(), seconds=asked.seconds, workers=1
        ):
            copied, path = held.pop(row.path)
            yield _public(row, copied, path, asked.run)
            left[copied.path] -= 1
            if not left[copied.path]:
                copied.remove()
        for copied in failed:
            if copied.failure:
                yield error_row(copied.object.url, copied.failure)


def assets_in(copied: Copy) -> list[Path]:
    """Return what of a copy is an asset: a companion that holds content is one too."""
    if copied.failure or (copied.object.lone and not holds_content(str(copied.path))):
        return []
    return list(assets_of([copied.path, *copied.companions], recursive=False))


def _public(row: AssetReport, copied: Copy, path: Path, run: str) -> AssetReport:
    """Return the row as it is said of the object, not of its copy."""
    url = copied.url_of(path)
    said = copied.in_public(msgspec.json.encode(structs.replace(row, seen=msgspec.UNSET)))
    seen = Seen(uri=reference(url), modified=copied.modified, run=run, bytes=copied.size)
    told = msgspec.json.decode(said, type=AssetReport)
    return structs.replace(told, path=printable(url), seen=seen)
