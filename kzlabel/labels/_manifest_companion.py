"""Where a manifest lies beside its asset: NAME.EXT.c2pa, or NAME.c2pa where that is unambiguous."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from itertools import islice
from pathlib import Path

SUFFIX = ".c2pa"
LARGEST_COMPANION = 64 * 1024 * 1024
"""Bytes. Ours are under 20 kB; stores with many thumbnails come to a few megabytes."""
MOST_SIBLINGS = 20_000
"""Directory entries looked at to tell whose NAME.c2pa is; past that it is nobody's."""
_NOT_ASSETS = (SUFFIX, ".kzlabel.json")


def companion_of(asset: Path) -> Path | None:
    """Return the companion's path where one lies beside `asset`; raises `OSError`."""
    own = asset.with_name(asset.name + SUFFIX)
    if os.path.lexists(own):
        return own  # whatever it is: a link to nowhere is a companion that cannot be read
    if not asset.suffix or asset.suffix == SUFFIX:
        return None
    shared = asset.with_suffix(SUFFIX)
    return shared if _is_there(shared) and _is_alone(asset) else None


def _is_there(path: Path) -> bool:
    """Whether `path` is a regular file; no file has a name that is too long."""
    try:
        return path.is_file()
    except OSError as exc:
        if exc.errno == errno.ENAMETOOLONG:
            return False
        raise


def _is_alone(asset: Path) -> bool:
    """Whether no other asset in the directory has the same stem."""
    with os.scandir(asset.parent) as entries:
        seen = list(islice((entry.name for entry in entries), MOST_SIBLINGS + 1))
    if len(seen) > MOST_SIBLINGS:
        return False
    stem = asset.stem + "."
    return not any(
        name.startswith(stem)
        and Path(name).stem == asset.stem
        and name != asset.name
        and not name.endswith(_NOT_ASSETS)
        for name in seen
    )


def read_companion(path: Path) -> bytes | None:
    """Return the companion's bytes; None where it is no file, or too large to be a companion.

    Raises `OSError` where the file system refuses to show a file that is there.
    """
    if not path.is_file():
        return None
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(LARGEST_COMPANION + 1)
    return content if len(content) <= LARGEST_COMPANION else None


def discard(path: Path) -> None:
    """Remove what was half written."""
    with suppress(OSError):
        path.unlink()
