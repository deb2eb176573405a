"""Labelling on a cluster: a chunk of objects, each labelled in a worker and put below a URL.

No key comes with a task. What comes is the order, whose `load` gives the credential where the label
is made: by its name in the key store there, or by the paths of its files there. The tree below each
folder that was named is mirrored. Companions are put first, the asset last; a task that is tried
again labels its objects again, over what it had put.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import structs

from kzlabel._keyfiles import password_in
from kzlabel.batch._cluster import Cluster, came_of
from kzlabel.batch._cluster_copies import Copy, copies, quoted
from kzlabel.batch._cluster_objects import Chunk, Object, chunks_of, names_in
from kzlabel.batch._cluster_store import make_folder, opened, put, reference, remove, spoken
from kzlabel.batch._cluster_task import assets_in, require_version
from kzlabel.batch._labeller import Job, refused
from kzlabel.batch._labelling import label_each
from kzlabel.batch._order import Order
from kzlabel.errors import KzlabelError, RefusedError, UsageError, printable
from kzlabel.model import COMPANION_SUFFIXES, LabellingReport, Seen


class LabelAsked(NamedTuple):
    """What every task of a batch of labels is asked."""

    order: Order
    """Without a password, and with a `load` that carries no key."""
    output: str
    """The URL of a folder, with a `/` at its end."""
    password_file: Path | None
    seconds: float
    version: str

    def destination(self, one: Object) -> str:
        """Return the URL of an object's labelled copy."""
        return self.output + one.url.removeprefix(one.root)


def label_objects(
    cluster: Cluster, objects: Iterable[Object], asked: LabelAsked
) -> Iterator[LabellingReport]:
    """Yield what came of each object as chunks come home. Raises as `verify_objects`."""
    task = partial(label_chunk, asked)
    for rows in came_of(cluster, task, chunks_of(_free(objects, asked))):
        for row in rows:
            yield msgspec.json.decode(row, type=LabellingReport)


def _free(objects: Iterable[Object], asked: LabelAsked) -> Iterator[Object]:
    """Yield the objects; those whose place is taken, or would be twice, as failures."""
    taken: dict[str, str] = {}
    listed: dict[str, frozenset[str]] = {}
    for one in objects:
        destination = asked.destination(one)
        if one.root.startswith(asked.output):
            values = {"path": one.root, "value": asked.output}
            raise UsageError("kz.error.sources-in-output", **values)
        if one.url.startswith(asked.output):
            continue  # the results lie below what was named
        other = taken.setdefault(destination, one.url)
        folder, _, name = destination.rpartition("/")
        if folder not in listed:
            listed = {folder: names_in(f"{folder}/")}
        beside = {name, *(f"{name}{suffix}" for suffix in COMPANION_SUFFIXES)}
        there = beside & listed[folder]
        if one.failure:
            yield one
        elif other != one.url:
            yield one._replace(failure=UsageError("kz.error.same-name", path=one.url, value=other))
        elif there and not asked.order.force:
            path = f"{folder}/{min(there)}"
            yield one._replace(failure=RefusedError("kz.error.exists", path=path))
        else:
            yield one


def label_chunk(asked: LabelAsked, chunk: Chunk) -> tuple[bytes, ...]:
    """Label a chunk's objects, and return their rows as JSON. Raises as `verify_chunk`."""
    require_version(asked.version)
    order = asked.order.knowing(password_in(asked.password_file))
    return tuple(msgspec.json.encode(row) for row in _rows(chunk, asked, order))


def _rows(chunk: Chunk, asked: LabelAsked, order: Order) -> Iterator[LabellingReport]:
    held: dict[str, Copy] = {}
    said: list[LabellingReport] = []

    with copies(chunk) as laid:

        def jobs() -> Iterator[Job]:
            for copied in laid:
                if copied.failure:
                    said.append(_refused(copied.object.url, asked, copied, copied.failure))
                    continue
                for path in assets_in(copied):
                    if path == copied.path:
                        held[printable(path)] = copied
                        yield Job(path, _made(copied) / path.name)
                    else:
                        error = RefusedError(
                            "kz.error.label-name", path=copied.url_of(path), name=path.name
                        )
                        said.append(_refused(copied.url_of(path), asked, copied, error))

        for row in label_each(jobs(), order, seconds=asked.seconds, workers=1):
            copied = held.pop(row.source)
            yield _released(row, copied, asked)
            shutil.rmtree(_made(copied), ignore_errors=True)
            copied.remove()
        yield from said


def _made(copied: Copy) -> Path:
    """Return the private folder of what is made of a copy."""
    return copied.path.parent.with_name(f"{copied.path.parent.name}-made")


def _refused(url: str, asked: LabelAsked, copied: Copy, error: KzlabelError) -> LabellingReport:
    row = refused(Job(Path(), Path()), error)
    place = asked.destination(copied.object._replace(url=url))
    return structs.replace(row, source=printable(url), destination=printable(place))


def _released(row: LabellingReport, copied: Copy, asked: LabelAsked) -> LabellingReport:
    """Put what was made where it goes, and return the row as it is said of the objects."""
    one, place = copied.object, asked.destination(copied.object)
    try:
        if row.error is None:
            _put(copied, place)
    except KzlabelError as exc:
        return _refused(one.url, asked, copied, exc)
    folder = place.rpartition("/")[0] + "/"
    unset = msgspec.UNSET  # what was of the copies here
    row_of_all = structs.replace(row, seen=unset, bytes=unset, modified=unset)
    text = copied.in_public(msgspec.json.encode(row_of_all))
    text = text.replace(quoted(f"{_made(copied)}/"), quoted(folder))
    told = msgspec.json.decode(text, type=LabellingReport)
    run = row.seen.run if isinstance(row.seen, Seen) else ""
    seen = Seen(uri=reference(one.url), modified=copied.modified, run=run, bytes=copied.size)
    return structs.replace(told, uri=reference(place), seen=seen)


def _put(copied: Copy, place: str) -> None:
    """Put companions, then the asset; those of an earlier label go first."""
    if copied.path.name != copied.object.name:
        raise UsageError("kz.error.name", path=copied.object.url)
    made = _made(copied) / copied.path.name
    store, path = opened(place)
    with spoken(place):
        make_folder(store, path.rpartition("/")[0])
    for suffix in COMPANION_SUFFIXES:
        companion = made.with_name(made.name + suffix)
        if companion.exists():
            put(companion, place + suffix)
        else:
            remove(place + suffix)
    put(made, place)
