"""Where results last, and going on with them: one group of options, given as one value `kept`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from pathlib import Path
from typing import NamedTuple, TypeVar

import click
from msgspec import structs

from kzlabel._options import Options
from kzlabel.batch import Results
from kzlabel.cli._asked import FILE
from kzlabel.cli._language import say
from kzlabel.cli._output import write
from kzlabel.errors import UsageError, printable
from kzlabel.model import AssetReport, LabellingReport

_Result = TypeVar("_Result")
_Row = TypeVar("_Row", AssetReport, LabellingReport)
RESUME = click.option("--resume", type=FILE, help=say("kz.cli.verify.resume"))
_CHECK_DIGESTS = click.option(
    "--check-digests", is_flag=True, help=say("kz.cli.verify.check-digests")
)


class Kept(NamedTuple):
    """What was asked about results that last."""

    resume: Path | None
    check_digests: bool

    def results(
        self, options: Options, form: str, output: Path | None, *, live: bool
    ) -> Results[AssetReport]:
        """Open the results, and say what became of an earlier run's. Raises `UsageError`."""
        if self.resume:
            if output and form != "jsonl" and _is_one(output, self.resume):
                raise UsageError("kz.error.same-file", path=output)
            results = Results.resuming(
                self.resume, AssetReport, believed(options), digests=self.check_digests
            )
            say_resumed(results, options.run, structs.replace(options, thumbnails=False).run)
            return results
        if form == "jsonl" and output and not output.is_symlink() and _may_be_plain(output):
            return Results.begun(output, AssetReport)
        return Results(AssetReport, spooled=not live)


def keeping(body: Callable[..., _Result]) -> Callable[..., _Result]:
    """Add the options to a command."""

    @wraps(body)
    def command(
        *arguments: object, resume: Path | None, check_digests: bool, **given: object
    ) -> _Result:
        return body(*arguments, kept=Kept(resume, check_digests), **given)

    return RESUME(_CHECK_DIGESTS(command))


def believed(options: Options) -> tuple[str, ...]:
    """Return the runs whose rows are as good as ours: what has thumbnails lacks nothing."""
    return options.run, structs.replace(options, thumbnails=True).run


def put(
    pieces: Iterable[str | bytes],
    output: Path | None,
    results: Results[_Row],
    last: Callable[[], str],
) -> None:
    """Write a report, unless it is what the results hold already, and their `last` line."""
    if output and results.path and _is_one(output, results.path):
        deque(pieces, maxlen=0)
    else:
        write(pieces, output)
    results.finish(last())


def _is_one(path: Path, other: Path) -> bool:
    return path.exists() and other.exists() and path.samefile(other)


def _may_be_plain(path: Path) -> bool:
    return path.is_file() or not path.exists()


def say_resumed(results: Results[_Row], own: str, bare: str = "") -> None:
    """Say on standard error what became of an earlier run's rows.

    `own` is this run's name, `bare` that of the same without thumbnails.
    """
    for line in _remarks(results, own, bare):
        click.echo(f"kzlabel: {line}", err=True)


def _remarks(results: Results[_Row], own: str, bare: str) -> Iterator[str]:
    resumed = results.resumed
    if resumed is None:
        return
    path = printable(results.path)
    for run, count in resumed.runs.items():
        code = "kz.results.bare" if run == bare else "kz.results.foreign"
        yield say(code, path=path, count=count, run=printable(run), own=own)
    for fate, count in resumed.fates.items():
        if fate.value in _SAID:
            yield say(_SAID[fate.value], path=path, count=count)


_SAID = {
    "stays": "kz.results.kept",
    "changed": "kz.results.changed",
    "gone": "kz.results.gone",
    "again": "kz.results.again",
    "damaged": "kz.results.damaged",
}
"""What is said of what became of so many lines."""
