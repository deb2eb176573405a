"""Which files of what was named are assets: companions and our own private folders are not.

Folders are read as they are walked, a lot of names at a time: the first file of 200,000 comes at
once, and they are never all held. Within a lot they come by name.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from kzlabel.batch._companions import Companions
from kzlabel.batch._done import Known
from kzlabel.batch._patterns import Among, Pattern, is_pattern
from kzlabel.batch._sifting import sifted
from kzlabel.batch._walk import Met, Names, walk


class Found(NamedTuple):
    """A file that was named, or that lies in a folder that was."""

    path: Path
    root: Path
    """The folder that was named, or in which a pattern was; of a named file the one it lies in."""


class _Tree(NamedTuple):
    """A folder, and what is wanted of all that lies in it."""

    root: Path
    admits: Callable[[Names], bool]
    enters: Callable[[Names], bool]


def assets_of(
    paths: Iterable[Path], *, recursive: bool, among: Among | None = None
) -> Iterator[Path]:
    """Yield the paths of what `found_in` finds."""
    every = found_in(paths, recursive=recursive, among=among)
    return (found.path for found in every if found is not None)


def found_in(
    named: Iterable[Path],
    *,
    recursive: bool,
    among: Among | None = None,
    listed: Iterable[Path | None] = (),
    closely: bool = True,
) -> Iterator[Found | None]:
    """Yield the assets that are `named`, and with `recursive` those that lie in folders.

    A path that leads nowhere and is a pattern stands for the files it matches. What is named or
    found twice comes once. `listed` may be endless: each path is taken when it is needed, as it
    stands there, and its files come once too. None is nothing for the moment (`sifted`).

    A companion is passed over only where its asset is looked at too, and never where it is itself
    a picture (`closely`, else its name decides): no file slips through by its name. A folder that
    cannot be listed is yielded itself, and so becomes a row with its error.
    """
    among = among or Among()
    companions = Companions(closely=closely)
    own = dict[str, Path]()
    for path in named:
        own.setdefault(_absolute(path), path)
    trees = {path: _tree_of(path, among, recursive=recursive) for path in own.values()}
    is_new = _once(trees, more=listed != ())
    for path, tree in trees.items():
        if tree:
            yield from sifted(_of(tree, path, among, companions), is_new)
        elif _stands(path, among, companions, partial(_is_named, own, path)):
            yield from sifted([Found(path, path.parent)], is_new)
    yield from sifted(_listed(listed, among, companions, recursive=recursive), is_new)


def _listed(
    entries: Iterable[Path | None], among: Among, companions: Companions, *, recursive: bool
) -> Iterator[Found | None]:
    """Yield the assets of a list, as often as they are in it."""

    def is_folder(entry: Path) -> bool:
        return recursive and os.path.isdir(entry)  # noqa: PTH112  never raises

    def stands(entry: Path) -> bool:
        return is_folder(entry) or _stands(entry, among, companions, lambda _: True)

    for entry in sifted(entries, stands):
        if entry is None:
            yield None
        elif is_folder(entry):
            yield from _below(_folder(entry, among), among, companions)
        else:
            yield Found(entry, entry.parent)


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100  resolves no link


def _is_named(own: Mapping[str, Path], path: Path, name: str) -> bool:
    """Whether what is called `name` beside `path` was named too."""
    return os.path.join(os.path.dirname(_absolute(path)), name) in own  # noqa: PTH118, PTH120  any name


def _tree_of(path: Path, among: Among, *, recursive: bool) -> _Tree | None:
    """Return the folder that `path` has us walk, if any."""
    if is_pattern(str(path)) and not os.path.lexists(path):
        return _pattern(path, among, recursive=recursive)
    return _folder(path, among) if recursive and os.path.isdir(path) else None  # noqa: PTH112  never raises


def _folder(path: Path, among: Among) -> _Tree:
    return _Tree(path, among.admits, among.enters)


def _pattern(path: Path, among: Among, *, recursive: bool) -> _Tree:
    """Return the folder before the first name with a wildcard, and what the pattern leaves of it.

    With `recursive` it stands for all that lies in folders it matches, too.
    """
    size = next(at for at, name in enumerate(path.parts) if is_pattern(name))
    pattern = Pattern(path.parts[size:])
    matches = pattern.covers if recursive else pattern.matches
    return _Tree(
        Path(*path.parts[:size]),
        lambda names: matches(names) and among.admits(names),
        lambda names: (matches(names) or pattern.reaches(names)) and among.enters(names),
    )


def _below(tree: _Tree, among: Among, companions: Companions) -> Iterator[Found]:
    """Yield the assets that are wanted of a folder."""

    def wanted(names: Names) -> bool:
        return among.sees(names[-1]) and tree.admits(names)

    def enters(names: Names) -> bool:
        return among.sees(names[-1]) and tree.enters(names)

    def beside(met: Met) -> Callable[[str], bool]:
        return lambda name: wanted((*met.names[:-1], name))

    for met in walk(str(tree.root), enters, follow_links=among.follow_links):
        if met.refused or (wanted(met.names) and not companions.include(met.path, beside(met))):
            yield Found(Path(met.path), tree.root)


def _of(tree: _Tree, named: Path, among: Among, companions: Companions) -> Iterator[Found]:
    """Yield what is found; of a pattern nothing matches itself: there is no such file."""
    every = _below(tree, among, companions)
    if named != tree.root:
        yield next(every, Found(named, named.parent))
    yield from every


def _stands(
    path: Path, among: Among, companions: Companions, looked_at: Callable[[str], bool]
) -> bool:
    """Whether a file that was named itself is wanted; only its name is known."""
    return among.admits((path.name,)) and not companions.include(str(path), looked_at)


def _once(trees: Mapping[Path, _Tree | None], *, more: bool) -> Callable[[Found], bool]:
    """Return what tells whether a file was not found before.

    Only where named folders overlap, or a named file lies in one, or `more` comes from a list, is
    what was found remembered, and on disk.
    """
    places = [_absolute(tree.root if tree else path) for path, tree in trees.items()]
    roots = Counter(_absolute(tree.root) for tree in trees.values() if tree)
    overlap = any(roots[str(above)] for one in places for above in Path(one).parents)
    if not (more or overlap or len(set(places)) < len(places)):
        return lambda _: True
    known = Known()
    return lambda found: known.is_new(found.path)
