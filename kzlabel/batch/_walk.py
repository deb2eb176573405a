"""All files below a folder as they are read from it, never more than a lot of names at a time.

Folders are held until it is their turn, files are not. Links are met as names; those to folders
are followed on request, after all that lies there itself, and no folder is entered twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

LOT = 1000
"""Names of a folder that are put in order together."""

Names = tuple[str, ...]
"""The names of a path below the folder that is walked."""


class Met(NamedTuple):
    """What lies below the folder that is walked, or that folder itself."""

    path: str
    names: Names
    refused: bool = False
    """Whether it is a folder that cannot be listed, or not to its end."""


def walk(
    root: str, enters: Callable[[Names], bool], *, follow_links: bool = False
) -> Iterator[Met]:
    """Yield all below `root` that is no folder, and folders that cannot be listed.

    `enters` is asked of every folder below it; our own private ones are not entered.
    """
    from kzlabel._staging import (
        PREFIX,
    )  # what it needs is dear, and a file that is named needs none

    pending, linked = [Met(root, ())], list[Met]()
    entered = set[tuple[int, int]]()
    while pending or linked:
        folder = pending.pop() if pending else linked.pop(0)
        if follow_links and not _is_new(folder.path, entered):
            continue
        inner = list[Met]()
        for entry in _listed(folder.path):
            if entry is None:
                yield folder._replace(refused=True)
                continue
            below = Met(entry.path, (*folder.names, entry.name))
            if not _is_folder(entry):
                yield below
            elif entry.name.startswith(PREFIX) or not enters(below.names):
                continue
            elif not entry.is_symlink():
                inner.append(below)
            elif follow_links:
                linked.append(below)
        pending.extend(sorted(inner, reverse=True))


def _listed(folder: str) -> Iterator[os.DirEntry[str] | None]:
    """Yield what is in a folder; None last where the system refuses to list it, or the rest."""
    try:
        with os.scandir(folder) as entries:
            while lot := sorted(islice(entries, LOT), key=lambda entry: entry.name):
                yield from lot
    except OSError:
        yield None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder or leads to one; a link that leads in a circle does not."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_new(folder: str, entered: set[tuple[int, int]]) -> bool:
    """Take note of a folder; False where it was entered before. One that is gone is new."""
    try:
        state = os.stat(folder)  # noqa: PTH116  no Path is needed
    except OSError:
        return True
    here = state.st_dev, state.st_ino
    if here in entered:
        return False
    entered.add(here)
    return True
