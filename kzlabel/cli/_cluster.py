"""`--cluster`: the same work on Dask, over URLs; one option, given as one value `cluster`.

Results go home and become any report, or stay as parts where `-o` is the URL of a folder.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click
from msgspec import structs

from kzlabel import __version__
from kzlabel.batch import Tally, paths_in
from kzlabel.cli._choosing import Chosen
from kzlabel.cli._click import is_given
from kzlabel.cli._group import group
from kzlabel.cli._language import LANGUAGE, say
from kzlabel.errors import UsageError

if TYPE_CHECKING:
    from kzlabel._options import Options
    from kzlabel.batch._cluster_objects import Object
    from kzlabel.batch._cluster_parts import Shape
    from kzlabel.batch._cluster_task import Asked
    from kzlabel.batch._order import Order
    from kzlabel.model import AssetReport, LabellingReport

_URL = re.compile(r"([a-z][a-z0-9+.-]*):/+(.*)", re.DOTALL)
_NOT_THERE = ("resume", "check_digests", "watch", "workers", "follow_links", "base")
"""Options that are about this machine, or about results in one file."""

_One = TypeVar("_One")
_About = tuple["Options", Path | None, float]
"""Options, the file of documents' password, and seconds for each."""


class Cluster(NamedTuple):
    """Where the work is done, if not here."""

    address: str | None

    def folder(self, output: Path | str | None, paths: Iterable[Path] = ()) -> str | None:
        """Return the URL that parts go to; None where rows come home, or stay here.

        Raises `UsageError` for what only this machine can do, and for a URL without a cluster.
        """
        url = _url_in(output) if output else None
        if self.address is None:
            named = (_url_in(path) for path in paths if not os.path.lexists(path))
            if needed := url or next(filter(None, named), None):
                raise UsageError("kz.error.cluster-needed", path=needed)
            return None
        for name in _NOT_THERE:
            if is_given(name):
                raise UsageError("kz.error.cluster-option", path=f"--{name.replace('_', '-')}")
        return url

    def label(
        self, chosen: Chosen, output: str, order: Order, password_file: Path | None, seconds: float
    ) -> Iterator[LabellingReport]:
        """Yield what came of each source that was chosen, labelled below the URL `output`."""
        from kzlabel.batch._cluster import connected
        from kzlabel.batch._cluster_label import LabelAsked, label_objects

        (folder,) = _urls((output,))
        asked = LabelAsked(order, folder.rstrip("/") + "/", password_file, seconds, __version__)
        objects = _objects(chosen)
        with connected(self.address or "") as cluster:
            yield from label_objects(cluster, objects, asked)

    def rows(self, chosen: Chosen, *about: *_About) -> Iterator[AssetReport]:
        """Yield rows as they come home; where none can come, that is raised at once."""
        return _begun(self._rows(chosen, *about))

    def _rows(self, chosen: Chosen, *about: *_About) -> Iterator[AssetReport]:
        from kzlabel.batch._cluster import connected, verify_objects

        asked, objects = _asked(*about), _objects(chosen)
        with connected(self.address or "") as cluster:
            yield from verify_objects(cluster, objects, asked, Tally(asked.options))

    def verify_into(self, url: str, form: str, chosen: Chosen, *about: *_About) -> int:
        """Leave rows in parts at `url`, say what they came to, and return the exit code."""
        from kzlabel.batch._cluster import connected, verify_objects
        from kzlabel.batch._cluster_parts import Parts
        from kzlabel.reports import REPORTS

        parts = Parts(url.rstrip("/"), _shape(url, form))
        asked = _asked(*about)._replace(parts=parts)
        tally = Tally(asked.options)
        objects = _objects(chosen)
        with connected(self.address or "") as cluster:
            parts.begin([parts.shape.suffix, *map(repr, (_urls(chosen.paths), chosen[1:]))])
            deque(verify_objects(cluster, objects, asked, tally), maxlen=0)
        for piece in REPORTS["text"].render((), tally.report, LANGUAGE):
            click.echo(piece, nl=isinstance(piece, str))
        return tally.exit_code()


def _shape(url: str, form: str) -> Shape:
    from kzlabel.batch._cluster_parts import LINES, Shape
    from kzlabel.reports._parquet import read_rows, write_rows

    known = {"parquet": Shape(".parquet", write_rows, read_rows), "jsonl": LINES}
    form = form if is_given("form") else "parquet"
    if form not in known:
        raise UsageError("kz.error.cluster-form", path=url, value=", ".join(known))
    return known[form]


def _asked(options: Options, password_file: Path | None, seconds: float) -> Asked:
    """Return what tasks are asked: no password goes with them, but the name of its file."""
    from kzlabel.batch._cluster_task import Asked

    return Asked(structs.replace(options, password=None), password_file, seconds)


def _objects(chosen: Chosen) -> Iterator[Object]:
    """Yield the objects that were chosen; the first is looked for at once."""
    from kzlabel.batch._cluster_objects import objects_of

    listed = paths_in(chosen.source, null=chosen.null) if chosen.source else ()
    urls = (url for path in chain(chosen.paths, listed) for url in _urls((path,)))
    objects = objects_of(urls, recursive=chosen.recursive, among=chosen.among)
    return _begun(objects)


def _begun(each: Iterator[_One]) -> Iterator[_One]:
    """Return an iterator whose first has been looked for, so that it raises before any work."""
    return chain([first] if (first := next(each, None)) else [], each)


def _urls(paths: Iterable[Path | str]) -> list[str]:
    return [_url_in(path) or f"file://{Path(path).absolute()}" for path in paths]


def _url_in(path: Path | str) -> str | None:
    """Return the URL in `path`; one that was read as a path lost a `/` there."""
    found = _URL.fullmatch(str(path))
    if found is None:
        return None
    scheme, rest = found.groups()
    return f"{scheme}:///{rest}" if scheme == "file" else f"{scheme}://{rest}"


def _cluster(*, cluster: str | None) -> Cluster:
    return Cluster(cluster)


clustered = group(
    "cluster", _cluster, click.option("--cluster", metavar="ADDRESS", help=say("kz.cli.cluster"))
)
"""Gives a command `cluster`."""
