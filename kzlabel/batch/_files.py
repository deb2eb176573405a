"""Which files of what was named are assets: companions and our own private folders are not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from kzlabel._staging import PREFIX
from kzlabel.model import COMPANION_SUFFIXES

Listed = Callable[[Path], Mapping[str, frozenset[str]]]
"""A folder in, the names in it by their stem out."""


def assets_of(paths: Iterable[Path], *, recursive: bool) -> Iterator[Path]:
    """Yield the assets that `paths` name: files, and with `recursive` what lies in directories.

    A companion is passed over only where its asset is looked at too, and never where it is itself
    a picture: no file slips through by its name. A folder that cannot be listed is yielded itself,
    and so becomes a row with its error.
    """
    named = list(paths)
    together = set(named)
    listed = lru_cache(maxsize=1)(_by_stem)  # each folder is listed once, and anew every time
    for path in named:
        if recursive and path.is_dir():
            yield from _walk(path, listed)
        elif not (together & _owners(path, listed)) or _holds_content(path):
            yield path


def _walk(folder: Path, listed: Listed) -> Iterator[Path]:
    """Yield the assets below `folder` by name; links to folders are not followed."""
    refused: list[Path] = []
    listing = os.walk(folder, onerror=lambda error: refused.append(Path(error.filename)))
    for directory, folders, files in listing:
        folders[:] = sorted(name for name in folders if not name.startswith(PREFIX))
        for name in sorted(files):
            path = Path(directory) / name
            if not _owners(path, listed) or _holds_content(path):
                yield path
    yield from refused


def _owners(path: Path, listed: Listed) -> set[Path]:
    """Return the assets beside `path` that it may be a companion of, by its name."""
    names = {path.name.removesuffix(s) for s in COMPANION_SUFFIXES if path.name.endswith(s)}
    if path.suffix == ".c2pa":
        names |= listed(path.parent).get(path.stem, frozenset())
    return {path.with_name(name) for name in names if name and path.with_name(name).is_file()}


def _by_stem(folder: Path) -> Mapping[str, frozenset[str]]:
    """Return the names in `folder` by their stem, companions left out; listed once a folder."""
    found: dict[str, set[str]] = {}
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.endswith(COMPANION_SUFFIXES):
                found.setdefault(os.path.splitext(entry.name)[0], set()).add(entry.name)  # noqa: PTH122  names, not paths
    return {stem: frozenset(names) for stem, names in found.items()}


def _holds_content(path: Path) -> bool:
    """Whether a file with a companion's name holds what a format of ours recognises."""
    from kzlabel.formats import recognise

    try:
        return stat.S_ISREG(path.stat().st_mode) and recognise(path) is not None
    except OSError:
        return True  # it is looked at, and that says why it cannot be
