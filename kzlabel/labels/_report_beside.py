"""Whether assets that lie beside a signed report are still those that it lists.

A path is taken as it is recorded, below the report's folder or else the working directory: never an
absolute one, none with `..`, through no link, and nothing but a regular file is read.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote_to_bytes

from kzlabel.labels._report_statement import ListedAsset
from kzlabel.labels._sealed import SHOWN
from kzlabel.model import Finding, FindingOutcome, LabelKind, finding

MOST_COMPARED = 20_000
"""Assets of one report that are looked for."""
MOST_BYTES = 4 * 1024**3
"""Of assets that are read, all together: a few seconds' work."""
MOST_NAMED = 20
"""Assets that are named for one reason; of more, only the count is told."""


class Compared(NamedTuple):
    """What became of the assets that a report lists."""

    findings: tuple[Finding, ...]
    differ: bool
    """Whether one lies there that is another file now."""


def compare(listed: Sequence[ListedAsset], report: Path) -> Compared:
    """Compare the assets with what lies below the folder of `report`, or the working directory."""
    same, left, budget = 0, max(0, len(listed) - MOST_COMPARED), MOST_BYTES
    other: list[str] = []
    missing: list[str] = []
    for asset in listed[:MOST_COMPARED]:
        file = _beside(asset, report)
        if file is None:
            missing.append(asset.name)
            continue
        with file:
            size = os.fstat(file.fileno()).st_size
            differs = asset.size not in (None, size)
            if not differs and size > budget:
                left += 1
                continue
            if not differs:
                budget -= size
                differs = _digest(file, size) != asset.sha256
        if differs:
            other.append(asset.name)
        else:
            same += 1
    return Compared(tuple(_said(same, other, missing, left)), bool(other))


def _said(same: int, other: list[str], missing: list[str], left: int) -> Iterator[Finding]:
    if same:
        yield _finding("kz.signed-report.assets-same", FindingOutcome.INFORMATIONAL, count=same)
    yield from _named("kz.signed-report.asset-other", FindingOutcome.FAILURE, other)
    if same or other:
        yield from _named("kz.signed-report.asset-missing", FindingOutcome.INFORMATIONAL, missing)
    elif missing:
        count = len(missing)
        yield _finding("kz.signed-report.none-beside", FindingOutcome.INFORMATIONAL, count=count)
    if left:
        yield _finding("kz.signed-report.not-compared", FindingOutcome.WARNING, count=left)


def _named(code: str, outcome: FindingOutcome, names: Sequence[str]) -> Iterator[Finding]:
    for name in names[:MOST_NAMED]:
        yield _finding(code, outcome, name=name[:SHOWN])
    if len(names) > MOST_NAMED:
        yield _finding(f"{code}-more", outcome, count=len(names) - MOST_NAMED)


def _finding(code: str, outcome: FindingOutcome, **values: object) -> Finding:
    return finding(code, outcome, LabelKind.REPORT, **values)


# --- Files below a folder, and no others ----------------------------------------------------------

_CHUNK = 1 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


def _beside(asset: ListedAsset, report: Path) -> BinaryIO | None:
    """Open the asset below the report's folder, else below the working directory."""
    parts = _parts(asset)
    for root in dict.fromkeys((report.parent, Path())) if parts else ():
        with suppress(OSError, ValueError):
            return _opened(root, parts)
    return None


def _parts(asset: ListedAsset) -> tuple[str, ...]:
    """Return the names in its path; none where it leads, or may lead, anywhere else."""
    path = asset.name if asset.uri is None else os.fsdecode(unquote_to_bytes(asset.uri))
    parts = PurePosixPath(path).parts
    return () if path.startswith("/") or ".." in parts else parts


def _opened(root: Path, parts: Sequence[str]) -> BinaryIO:
    """Open a regular file below `root`, through no link; raises `OSError`, `ValueError`."""
    place = os.open(root, _FOLDER)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=place)
            os.close(place)
            place = inner
        state = os.stat(parts[-1], dir_fd=place, follow_symlinks=False)
        if not stat.S_ISREG(state.st_mode):  # a device is not even opened
            raise FileNotFoundError(parts[-1])
        return os.fdopen(os.open(parts[-1], _FILE, dir_fd=place), "rb")
    finally:
        os.close(place)


def _digest(file: BinaryIO, size: int) -> str:
    """Return the SHA-256 of so many bytes; what grows meanwhile is not read for ever."""
    digest = hashlib.sha256()
    while size > 0 and (chunk := file.read(min(size, _CHUNK))):
        digest.update(chunk)
        size -= len(chunk)
    return digest.hexdigest()
