"""Patterns of names and paths, and what they leave: `--include`, `--exclude`, `--hidden`.

One rule, that of .gitignore without its negations: a pattern without a `/` is held against every
name on the way to a file, one with a `/` against the path below the folder that was named. `**` is
any number of folders; `*`, `?` and `[…]` stay within one name. What matches a folder means all that
lies in it; with a `/` at its end it means folders only. Upper and lower case are told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import translate
from typing import NamedTuple

_ANY_FOLDERS = "**"
_MAGIC = re.compile(r"[*?[]")


def is_pattern(text: str) -> bool:
    """Whether `text` has a character that makes it a pattern."""
    return _MAGIC.search(text) is not None


class Pattern:
    """Names one below the other, matched in one pass: no pattern makes it slow."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = [None if n == _ANY_FOLDERS else re.compile(translate(n)) for n in names]

    def reaches(self, names: Sequence[str]) -> bool:
        """Whether something below the path of these names can match."""
        return any(place < len(self._names) for place in self._last(names))

    def matches(self, names: Sequence[str]) -> bool:
        """Whether the whole path of these names matches."""
        return len(self._names) in self._last(names)

    def covers(self, names: Sequence[str]) -> bool:
        """Whether it matches, or a folder on the way to it does."""
        return any(len(self._names) in places for places in self._places(names))

    def _last(self, names: Sequence[str]) -> set[int]:
        places = self._onward({0})
        for places in self._places(names):  # noqa: B007  the last is wanted
            pass
        return places

    def _places(self, names: Sequence[str]) -> Iterator[set[int]]:
        """Yield how far into the pattern one may be after each of these names."""
        places = self._onward({0})
        for name in names:
            places = self._onward({after for at in places for after in self._after(at, name)})
            yield places

    def _after(self, at: int, name: str) -> tuple[int, ...]:
        if at == len(self._names):
            return ()
        wanted = self._names[at]
        if wanted is None:
            return (at,)
        return (at + 1,) if wanted.match(name) else ()

    def _onward(self, places: set[int]) -> set[int]:
        """Add where one is too because `**` may stand for no folder at all."""
        for at in sorted(places):
            after = at
            while after < len(self._names) and self._names[after] is None:
                after += 1
                places.add(after)
        return places


class Rule:
    """One `--include` or `--exclude`."""

    def __init__(self, text: str) -> None:
        self._folders_only = text.endswith("/")
        names = [name for name in text.split("/") if name not in ("", ".")]
        anywhere = "/" not in text.removesuffix("/")
        self._pattern = Pattern([_ANY_FOLDERS, *names] if anywhere else names)

    def covers(self, names: Sequence[str], *, folder: bool = False) -> bool:
        """Whether a path of these names below a named folder matches, or a folder it lies in."""
        return self._pattern.covers(names[:-1] if self._folders_only and not folder else names)


class Among(NamedTuple):
    """Which of the files that are found are wanted, and where to look for them."""

    include: tuple[Rule, ...] = ()
    """What a file must match one of, where there are any."""
    exclude: tuple[Rule, ...] = ()
    """What neither a file nor a folder may match."""
    hidden: bool = True
    """Whether files and folders whose names begin with a dot are looked at."""
    follow_links: bool = False
    """Whether folders that a link leads to are looked into."""
    below: tuple[str, ...] = ()
    """The names of the folder that is looked into below the named one, if it is another."""

    def admits(self, names: Sequence[str]) -> bool:
        """Whether the file of these names below the folder is wanted."""
        path = (*self.below, *names)
        return (
            not any(rule.covers(path) for rule in self.exclude)
            and (not self.include or any(rule.covers(path) for rule in self.include))
        )  # fmt: skip

    def enters(self, names: Sequence[str]) -> bool:
        """Whether the folder of these names below it is looked into."""
        path = (*self.below, *names)
        return not any(rule.covers(path, folder=True) for rule in self.exclude)

    def sees(self, name: str) -> bool:
        """Whether what has this name in a folder is not hidden, or may be."""
        return self.hidden or not name.startswith(".")
