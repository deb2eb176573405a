"""Which files are companions of what lies beside them, and so no assets of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path

from kzlabel.errors import KzlabelError
from kzlabel.model import COMPANION_SUFFIXES, SNIFFED_BYTES

MOST_SIBLINGS = 20_000
"""Names in a folder among which the asset of a NAME.c2pa is looked for, as its label does."""


class Companions:
    """Tells companions by their names, what lies beside them and, `closely`, what they hold."""

    def __init__(self, *, closely: bool = True) -> None:
        self._closely = closely
        self._by_stem = lru_cache(maxsize=1)(_by_stem)  # each folder once, and anew every time

    def include(self, path: str, looked_at: Callable[[str], bool]) -> bool:
        """Whether `path` is the companion of a file beside it whose name is `looked_at`.

        One that holds what a format of ours recognises is none: no file slips through by its name.
        """
        return (
            path.endswith(COMPANION_SUFFIXES)
            and any(looked_at(name) for name in self.owners(path))
            and not (self._closely and holds_content(path))
        )

    def owners(self, path: str) -> Iterator[str]:
        """Yield the names of the files beside `path` that it is, by its name, a companion of."""
        folder, own = os.path.split(path)
        names = [own.removesuffix(suffix) for suffix in COMPANION_SUFFIXES if own.endswith(suffix)]
        stem, suffix = os.path.splitext(own)  # noqa: PTH122  a name, not a path
        if suffix == ".c2pa":
            alike = self._by_stem(folder or os.curdir).get(stem, ())
            names += alike[: len(alike) == 1]  # of several it is nobody's
        for name in names:
            if name and os.path.isfile(os.path.join(folder, name)):  # noqa: PTH113, PTH118  never raise
                yield name


def _by_stem(folder: str) -> Mapping[str, tuple[str, ...]]:
    """Return two names at most in `folder` by their stem, companions left out; of too many none."""
    found: dict[str, tuple[str, ...]] = {}
    with suppress(OSError), os.scandir(folder) as entries:
        names = [entry.name for entry in islice(entries, MOST_SIBLINGS + 1)]
        for name in names if len(names) <= MOST_SIBLINGS else ():
            stem, suffix = os.path.splitext(name)  # noqa: PTH122  a name, not a path
            if suffix and not name.endswith(COMPANION_SUFFIXES):
                found[stem] = (*found.get(stem, ())[:1], name)
    return found


def holds_content(path: str) -> bool:
    """Whether a file with a companion's name holds what a format of ours recognises."""
    from kzlabel._assets import open_regular
    from kzlabel.formats import FORMATS

    where = Path(path)
    try:
        with open_regular(where) as file:
            head = file.read(SNIFFED_BYTES)
        return any(room.sniff(head, where) for room in FORMATS)
    except (KzlabelError, OSError):
        return True  # it is looked at, and that says why it cannot be
