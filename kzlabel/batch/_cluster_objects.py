"""What URLs name: objects with the companions that lie beside them, in chunks for one task each.

A chunk ends where it is full, or after an object whose name says so: what comes or goes in a bucket
moves the borders of the chunks near it only, and the others are known again by a later run.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import NamedTuple

from kzlabel._staging import PREFIX
from kzlabel.batch._cluster_store import Details, Store, opened, spoken, state_of
from kzlabel.batch._companions import MOST_SIBLINGS
from kzlabel.batch._patterns import Among, is_pattern
from kzlabel.errors import KzlabelError, UsageError
from kzlabel.model import COMPANION_SUFFIXES

CHUNK_BYTES = 256 * 1024**2
"""Bytes of objects in one task, unless one alone has more."""
CHUNK_OBJECTS = 256
_BORDER = 128
"""One object in so many, by the digest of its URL, ends a chunk."""

_OF_ONE = frozenset({"kz.error.closed", "kz.error.os"})
"""Errors of an object; any other is its store's, and there is no use in going on."""

Files = Mapping[str, Details]
"""What lies in one folder, by its name."""


class Object(NamedTuple):
    """An object that was named, or found where a folder was; or one that could not be listed."""

    url: str
    root: str
    """The folder that was named, with a `/` at its end; of an object that was, the one it is in."""
    state: str = ""
    """What tells it, and its companions, from what they were before."""
    size: int = 0
    companions: tuple[str, ...] = ()
    """Their names, in the same folder."""
    lone: bool = False
    """Named like a companion, but not of one asset: passed over unless it holds content."""
    failure: KzlabelError | None = None

    @property
    def name(self) -> str:
        """Return the last name of its URL."""
        return self.url.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """Return the URL of the folder it is in, with its `/`."""
        return _folder_of(self.url)


Chunk = tuple[Object, ...]


def chunks_of(objects: Iterable[Object]) -> Iterator[Chunk]:
    """Yield objects in chunks, in their order."""
    chunk: list[Object] = []
    size = 0
    for one in objects:
        if chunk and (size + one.size > CHUNK_BYTES or _is_border(chunk)):
            yield tuple(chunk)
            chunk, size = [], 0
        chunk.append(one)
        size += one.size
    if chunk:
        yield tuple(chunk)


def _is_border(chunk: list[Object]) -> bool:
    digest = hashlib.sha256(os.fsencode(chunk[-1].url)).digest()
    return len(chunk) == CHUNK_OBJECTS or int.from_bytes(digest[:4]) % _BORDER == 0


def objects_of(
    urls: Iterable[str], *, recursive: bool, among: Among | None = None
) -> Iterator[Object]:
    """Yield the objects that `urls` name: one, what a pattern matches, or those below a folder.

    Each comes once. Folders are read one by one, each held while it is. Raises a `KzlabelError`
    where a store cannot be reached; what is not there, or closed, is an `Object` that says so.
    """
    roots: list[str] = []
    taken: set[str] = set()
    for url in dict.fromkeys(urls):
        below = url.rstrip("/") + "/"
        for one in _named(url, among or Among(), recursive=recursive):
            if one.url in taken or (not one.failure and one.url.startswith(tuple(roots))):
                continue
            if one.root != below:  # it was named; a folder's are known by the folder
                taken.add(one.url)
            yield one
        roots.append(below)


def _named(url: str, among: Among, *, recursive: bool) -> Iterator[Object]:
    store, path = opened(url)
    try:
        details = _info(store, path, url)
    except UsageError as exc:
        if exc.code not in _OF_ONE:
            raise
        if is_pattern(path):
            yield from _matching(store, path, url, among)
        else:
            yield Object(url, _folder_of(url), failure=exc)
        return
    if details["type"] == "directory" and recursive:
        yield from _below(store, path, url.rstrip("/") + "/", among)
    elif details["type"] == "directory":
        failure = UsageError("kz.error.is-directory", path=url)
        yield Object(url, _folder_of(url), failure=failure)
    else:
        folder = _folder_of(url)
        name = url.removeprefix(folder)
        wanted = {name} if among.admits((name,)) else set()
        yield from _paired(folder, folder, _beside(store, path, url, details), wanted)


def _matching(store: Store, path: str, url: str, among: Among) -> Iterator[Object]:
    """Yield the objects that match a pattern, or that there is none."""
    with spoken(url):
        found = store.glob(path, detail=True)
    objects = sorted(name for name, details in found.items() if details["type"] != "directory")
    fixed = next(index for index, text in enumerate(path) if is_pattern(text))
    base = url.removesuffix(path.lstrip("/"))
    root = base + path[:fixed].lstrip("/").rpartition("/")[0] + "/"
    for folder, names in groupby(objects, key=lambda name: name.rpartition("/")[0]):
        files, _ = _listed(store, folder, url)
        place = f"{base}{folder.lstrip('/')}/"
        own = tuple(place.removeprefix(root).split("/")[:-1])
        wanted = {
            name for one in names
            if (name := one.rpartition("/")[2]) in files
            and all(map(among.sees, (*own, name))) and among.admits((*own, name))
        }  # fmt: skip
        yield from _paired(place, root, files, wanted)
    if not objects:
        missing = OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        failure = UsageError("kz.error.closed", path=url, detail=missing)
        yield Object(url, _folder_of(url), failure=failure)


def _below(store: Store, top: str, root: str, among: Among) -> Iterator[Object]:
    """Yield the objects below a folder; one that cannot be listed is an `Object` that says so."""
    pending = [(top, root)]
    while pending:
        folder, url = pending.pop()
        try:
            files, folders = _listed(store, folder, url)
        except KzlabelError as exc:
            if folder == top:
                raise
            yield Object(url, root, failure=exc)
            continue
        if "" in folders:  # keys with `//`: their stores cannot list what fsspec calls them
            folders.remove("")
            yield Object(f"{url}/", root, failure=UsageError("kz.error.name", path=f"{url}/"))
        names = tuple(url.removeprefix(root).split("/")[:-1])
        own = folder.rstrip("/")
        pending += (
            (f"{own}/{name}", f"{url}{name}/")
            for name in sorted(folders, reverse=True)
            if among.sees(name) and among.enters((*names, name))
        )
        wanted = {n for n in files if among.sees(n) and among.admits((*names, n))}
        yield from _paired(url, root, files, wanted)


def _listed(store: Store, folder: str, url: str) -> tuple[Files, list[str]]:
    """Return the files in a folder, and the names of the folders in it that are no links."""
    with spoken(url):
        entries = store.ls(folder, detail=True)
    files: dict[str, Details] = {}
    folders: list[str] = []
    for entry in entries:
        name = str(entry["name"]).removeprefix(folder.rstrip("/")).strip("/")
        if not name and entry["type"] != "directory":
            continue  # the folder itself, which some stores have an object for
        details = _target(store, entry) if entry.get("islink") else entry
        if details["type"] != "directory":
            files[name] = details
        elif not entry.get("islink") and not name.startswith(PREFIX):
            folders.append(name)
    return files, folders


def names_in(url: str) -> frozenset[str]:
    """Return the names of the objects in a folder; of one that is not there none."""
    store, folder = opened(url)
    try:
        return frozenset(_listed(store, folder, url)[0])
    except UsageError as exc:
        if exc.values.get("detail.code") == "kz.os.ENOENT":
            return frozenset()
        raise


def _target(store: Store, link: Details) -> Details:
    """Return what a link leads to; the link itself where that is nowhere."""
    try:
        return store.info(str(link["name"]))
    except OSError:
        return link


def _info(store: Store, path: str, url: str) -> Details:
    with spoken(url):
        return store.info(path)


def _folder_of(url: str) -> str:
    return url.rstrip("/").rpartition("/")[0] + "/"


# --- Companions -----------------------------------------------------------------------------------


def _beside(store: Store, path: str, url: str, details: Details) -> Files:
    """Return an object and its companions; the whole folder where one may be another object's."""
    folder, _, name = path.rpartition("/")
    shared = f"{name.rpartition('.')[0] or name}.c2pa"
    files = {name: details}
    for beside in (*(f"{name}{suffix}" for suffix in COMPANION_SUFFIXES), shared):
        try:
            files[beside] = _info(store, f"{folder}/{beside}", url)
        except UsageError:
            continue
    return _listed(store, folder, url)[0] if shared in files and shared != name else files


def _paired(folder: str, root: str, files: Files, wanted: AbstractSet[str]) -> Iterator[Object]:
    """Yield those of a folder's files that are wanted, companions with their asset."""
    stems = _by_stem(files)
    assets = sorted(name for name in wanted if not _owners(name, stems) & wanted)
    held = {name: _companions(name, files, stems) for name in assets}
    times = Counter(companion for companions in held.values() for companion in companions)
    for name in assets:
        yield _object(f"{folder}{name}", root, files, name, held[name])
    for name in sorted(wanted - set(assets)):
        if times[name] != 1:
            yield _object(f"{folder}{name}", root, files, name, ())._replace(lone=True)


def _object(url: str, root: str, files: Files, name: str, companions: tuple[str, ...]) -> Object:
    there = [files[one] for one in (name, *companions)]
    sizes = [size for one in there if isinstance(size := one.get("size"), int)]
    states = " ".join(state_of(one)[1] for one in there)
    return Object(url, root, states, sum(sizes), companions)


def _by_stem(files: Files) -> Mapping[str, AbstractSet[str]]:
    """Return the names by their stem, companions left out; none where they are too many."""
    found: dict[str, set[str]] = {}
    if len(files) <= MOST_SIBLINGS:
        for name in files:
            if not name.endswith(COMPANION_SUFFIXES):
                found.setdefault(os.path.splitext(name)[0], set()).add(name)  # noqa: PTH122  names, not paths
    return found


def _owners(name: str, stems: Mapping[str, AbstractSet[str]]) -> AbstractSet[str]:
    """Return the names that this one may be a companion of."""
    own = {name.removesuffix(suffix) for suffix in COMPANION_SUFFIXES if name.endswith(suffix)}
    shared = stems.get(name.removesuffix(".c2pa"), set()) if name.endswith(".c2pa") else set()
    return own | shared if len(shared) == 1 else own  # of several it is nobody's


def _companions(name: str, files: Files, stems: Mapping[str, AbstractSet[str]]) -> tuple[str, ...]:
    """Return the names of the companions an asset has: NAME.c2pa only where it is nobody else's."""
    own = [name + suffix for suffix in COMPANION_SUFFIXES if name + suffix in files]
    stem = os.path.splitext(name)[0]  # noqa: PTH122  a name, not a path
    shared = f"{stem}.c2pa"
    if f"{name}.c2pa" not in own and shared in files and stems.get(stem) == {name}:
        own.append(shared)
    return tuple(own)
