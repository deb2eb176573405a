"""Whether assets that lie beside a signed report are still those that it lists.

A path is taken as it is recorded, below the report's folder or else the working directory: never an
absolute one, none with `..`, through no link, and nothing but a regular file is read.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote_to_bytes

from kzlabel._seen import named_beside
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
    """Whether one lies there that is another file now, or without its companions."""


class _Fate(StrEnum):
    """What became of a file: the code of its finding."""

    SAME = "kz.signed-report.assets-same"
    OTHER = "kz.signed-report.asset-other"
    COMPANION_OTHER = "kz.signed-report.companion-other"
    COMPANION_MISSING = "kz.signed-report.companion-missing"
    COMPANION_NEW = "kz.signed-report.companion-new"
    UNREAD = "kz.signed-report.asset-unread"
    MISSING = "kz.signed-report.asset-missing"
    NONE = "kz.signed-report.none-beside"
    OUTSIDE = "kz.signed-report.outside"
    LEFT = "kz.signed-report.not-compared"


_OF_A_COMPANION = {_Fate.OTHER: _Fate.COMPANION_OTHER, _Fate.MISSING: _Fate.COMPANION_MISSING}
"""An asset that lies there without its companion is not what was looked at."""
_OUTCOMES = {
    _Fate.SAME: FindingOutcome.INFORMATIONAL,
    _Fate.OTHER: FindingOutcome.FAILURE,
    _Fate.COMPANION_OTHER: FindingOutcome.FAILURE,
    _Fate.COMPANION_MISSING: FindingOutcome.FAILURE,
    _Fate.COMPANION_NEW: FindingOutcome.WARNING,
    _Fate.UNREAD: FindingOutcome.WARNING,
    _Fate.MISSING: FindingOutcome.INFORMATIONAL,
    _Fate.NONE: FindingOutcome.INFORMATIONAL,
    _Fate.OUTSIDE: FindingOutcome.INFORMATIONAL,
    _Fate.LEFT: FindingOutcome.WARNING,
}
"""In the order they are told."""
_COUNTED = {_Fate.SAME, _Fate.NONE, _Fate.OUTSIDE, _Fate.LEFT}
_NO_SIZE = -1
"""Of a file of which all that counts is whether it is there."""
_NOT_THERE = {_Fate.MISSING, _Fate.OUTSIDE}


def compare(listed: Sequence[ListedAsset], report: Path) -> Compared:
    """Compare the assets with what lies below the folder of `report`, or the working directory."""
    comparing = _Comparing((report.parent, Path()))
    names: dict[_Fate, list[str]] = {}
    for asset in listed[:MOST_COMPARED]:
        for fate, name in comparing.fates(asset):
            names.setdefault(fate, []).append(name)
    if rest := [asset.name for asset in listed[MOST_COMPARED:]]:
        names.setdefault(_Fate.LEFT, []).extend(rest)
    found = tuple(_said(names))
    return Compared(found, any(one.outcome is FindingOutcome.FAILURE for one in found))


class _Comparing:
    """Compares files below folders, as long as there are not too many bytes."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(dict.fromkeys(roots))
        self._left = MOST_BYTES

    def fates(self, asset: ListedAsset) -> Iterator[tuple[_Fate, str]]:
        """Yield what became of an asset, or else of its companions that are not as they were."""
        parts = _parts(asset)
        fate = _Fate.MISSING if parts else _Fate.OUTSIDE
        for root in self._roots if parts else ():
            fate = self._fate(root, parts, asset.sha256, asset.size)
            if fate is _Fate.SAME:
                found = [*self._of_companions(root, parts, asset)]
                if all(one is _Fate.COMPANION_NEW for one, _ in found):
                    yield fate, asset.name
                yield from found
                return
            if fate is not _Fate.MISSING:
                break
        yield fate, asset.name

    def _of_companions(
        self, root: Path, parts: tuple[str, ...], asset: ListedAsset
    ) -> Iterator[tuple[_Fate, str]]:
        folder, slash, _ = asset.name.rpartition("/")
        beside = named_beside(parts[-1])
        listed = {one.name: one.sha256 for one in asset.companions}
        for name, sha256 in listed.items():
            fate = _Fate.MISSING
            if name in beside:
                fate = self._fate(root, (*parts[:-1], beside[name]), sha256)
            if fate is not _Fate.SAME:
                yield _OF_A_COMPANION.get(fate, fate), f"{folder}{slash}{name}"
        for name in sorted(beside.keys() - listed):
            if self._fate(root, (*parts[:-1], beside[name]), "", _NO_SIZE) is _Fate.OTHER:
                yield _Fate.COMPANION_NEW, f"{folder}{slash}{name}"

    def _fate(
        self, root: Path, parts: Sequence[str], sha256: str, size: int | None = None
    ) -> _Fate:
        try:
            file = _opened(root, parts)
        except (FileNotFoundError, ValueError):  # the latter: a NUL in the name
            return _Fate.MISSING
        except OSError as exc:
            return _Fate.MISSING if exc.errno == errno.ENAMETOOLONG else _Fate.UNREAD
        with file:
            now = os.fstat(file.fileno()).st_size
            if size not in (None, now):
                return _Fate.OTHER
            if now > self._left:
                return _Fate.LEFT
            self._left -= now
            return _Fate.SAME if _digest(file, now) == sha256 else _Fate.OTHER


def _said(names: dict[_Fate, list[str]]) -> Iterator[Finding]:
    if _NOT_THERE.issuperset(names):
        names = {**names, _Fate.NONE: names.get(_Fate.MISSING, []), _Fate.MISSING: []}
    for fate, outcome in _OUTCOMES.items():
        found = names.get(fate, [])
        named = [] if fate in _COUNTED else found[:MOST_NAMED]
        for name in named:
            yield finding(fate, outcome, LabelKind.REPORT, name=name[:SHOWN])
        if more := len(found) - len(named):
            code = f"{fate}-more" if named else fate
            yield finding(code, outcome, LabelKind.REPORT, count=more)


# --- Files below a folder, and no others ----------------------------------------------------------

_CHUNK = 1 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


def _parts(asset: ListedAsset) -> tuple[str, ...]:
    """Return the names in its path; none where it leads, or may lead, anywhere else."""
    path = asset.name if asset.uri is None else os.fsdecode(unquote_to_bytes(asset.uri))
    parts = PurePosixPath(path).parts
    is_url = "://" in (asset.uri or "")  # in a path's reference the colon is encoded
    return () if is_url or path.startswith("/") or ".." in parts else parts


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
            raise OSError(errno.EINVAL, parts[-1])
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
