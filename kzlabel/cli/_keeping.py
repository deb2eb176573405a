"""Where results last, and going on with them: one group of options, given as one value `kept`."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NamedTuple, TypeVar

import click
from msgspec import structs

from kzlabel._options import Options
from kzlabel.batch import Results, Tally
from kzlabel.cli._choosing import Chosen
from kzlabel.cli._click import FILE, Number, is_given
from kzlabel.cli._group import group
from kzlabel.cli._language import say
from kzlabel.cli._output import write
from kzlabel.cli._remark import remark
from kzlabel.errors import UsageError, printable
from kzlabel.model import AssetReport, LabellingReport

_Row = TypeVar("_Row", AssetReport, LabellingReport)
RESUME = click.option("--resume", type=FILE, help=say("kz.cli.verify.resume"))
Looked = Callable[[Iterable[Path | None]], Iterator[AssetReport]]
"""Paths in, their rows out; None is no path for the moment."""
_Handler = Callable[[int, FrameType | None], object] | int | None


class Kept(NamedTuple):
    """What was asked about results that last, and about waiting for more."""

    resume: Path | None
    check_digests: bool
    watch: bool
    settle: float

    def adapted(self, form: str, chosen: Chosen) -> tuple[str, Chosen]:
        """Return the form of the report, and what was chosen.

        Folders that are watched are gone into, and their rows are JSON Lines. Raises `UsageError`
        where what was asked does not go together.
        """
        for name, needed, there in (
            ("check_digests", "--resume", self.resume is not None),
            ("settle", "--watch", self.watch),
        ):
            if is_given(name) and not there:
                flag = f"--{name.replace('_', '-')}"
                raise UsageError("kz.error.needs", path=flag, value=needed)
        if not self.watch:
            return form, chosen
        if form != "jsonl" and is_given("form"):
            raise UsageError("kz.error.watch-form", path="--watch", value=form)
        return "jsonl", chosen._replace(recursive=True)

    def rows(
        self, chosen: Chosen, results: Results[AssetReport], tally: Tally, looked: Looked
    ) -> Iterator[AssetReport]:
        """Yield the rows that `looked` makes of what was chosen, counted and kept.

        Before them come those that stay of an earlier run. Only where files are waited for, and
        rows printed, are these set aside: whoever follows them is told each once, restarts or not.
        Raises `UsageError` where what is to be watched is no folder.
        """
        if not self.watch:
            undone = results.undone(chosen.arriving())
            return tally.counting(results.continued(looked(undone)))
        rows = self._arriving(_folders(chosen), chosen, results, looked)
        if chosen.own:
            return tally.counting(results.continued(rows))
        tally.set_aside(results)
        return tally.counting(results.keeping(rows))

    def _arriving(
        self, folders: Sequence[Path], chosen: Chosen, results: Results[AssetReport], looked: Looked
    ) -> Iterator[AssetReport]:
        from kzlabel.batch._arrivals import Arrivals

        def is_own(path: Path) -> bool:
            reported = chosen.own is not None and _is_one(path, chosen.own)
            return reported or results.is_own(path) or _is_printed_to(path)

        with until_stopped() as stop:
            arrivals = Arrivals(
                folders, chosen.among, results, stop, settled=self.settle, own=is_own
            )
            yield from arrivals.rows(looked)

    @contextmanager
    def results(
        self, options: Options, form: str, output: Path | None, *, live: bool, quiet: bool
    ) -> Iterator[Results[AssetReport]]:
        """Give the results; unless `quiet`, say what became of an earlier run's, and of this one.

        Raises `UsageError`.
        """
        with self._opened(options, form, output, live=live) as results:
            if not quiet:
                say_resumed(results, options.run, structs.replace(options, thumbnails=False).run)
            try:
                yield results
            except KeyboardInterrupt:
                path = results.path or output
                if path and not quiet:
                    code = "kz.results.interrupted" if results.path else "kz.results.not-written"
                    remark(say(code, path=printable(path)))
                raise

    def _opened(
        self, options: Options, form: str, output: Path | None, *, live: bool
    ) -> Results[AssetReport]:
        if self.resume:
            if output and form != "jsonl" and _is_one(output, self.resume):
                raise UsageError("kz.error.same-file", path=output)
            return Results.resuming(
                self.resume, AssetReport, believed(options),
                digests=self.check_digests, log=self.watch,
            )  # fmt: skip
        if form == "jsonl" and output and not output.is_symlink() and _may_be_plain(output):
            return Results.begun(output, AssetReport)
        return Results(AssetReport, spooled=not live)


def _folders(chosen: Chosen) -> Sequence[Path]:
    """Return what is to be watched."""
    if chosen.source:
        raise UsageError("kz.error.watch-folder", path=printable(chosen.source))
    for path in chosen.paths:
        if not path.is_dir():
            raise UsageError("kz.error.watch-folder", path=path)
    return chosen.paths


@contextmanager
def until_stopped() -> Iterator[Callable[[], bool]]:
    """Give what says whether a signal has asked us to stop; the next does what it did before."""
    asked: list[int] = []
    before: dict[int, _Handler] = {
        number: signal.getsignal(number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }

    def ask(number: int, frame: FrameType | None) -> None:
        handler = before[number]
        if asked and callable(handler):
            handler(number, frame)
        asked.append(number)

    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, ask)
    before[signal.SIGIO] = signal.signal(signal.SIGIO, signal.SIG_IGN)  # see `is_written`
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


keeping = group(
    "kept", Kept,
    RESUME,
    click.option("--check-digests", is_flag=True, help=say("kz.cli.verify.check-digests")),
    click.option("--watch", is_flag=True, help=say("kz.cli.verify.watch")),
    click.option(
        "--settle", type=Number(0.1, 3600), default=2.0, show_default="2",
        metavar="SECONDS", help=say("kz.cli.verify.settle"),
    ),
)  # fmt: skip
"""Gives a command `kept`."""


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
    """Whether both are the same file, or will be: neither need be there yet."""
    with suppress(OSError, ValueError):
        return path.samefile(other)
    return os.path.realpath(path) == os.path.realpath(other)


def _is_printed_to(path: Path) -> bool:
    """Whether standard output goes to the file: each row would make it another."""
    with suppress(OSError, ValueError):
        return os.path.samestat(path.stat(), os.fstat(sys.stdout.fileno()))
    return False


def _may_be_plain(path: Path) -> bool:
    return path.is_file() or not path.exists()


def stayed(results: Results[_Row]) -> int:
    """Return how many rows stay of an earlier run."""
    fates = results.resumed.fates if results.resumed else {}
    return sum(count for fate, count in fates.items() if fate.value == "stays")


def say_resumed(results: Results[_Row], own: str, bare: str = "") -> None:
    """Say on standard error what became of an earlier run's rows.

    `own` is this run's name, `bare` that of the same without thumbnails.
    """
    for line in _remarks(results, own, bare):
        remark(line)


def _remarks(results: Results[_Row], own: str, bare: str) -> Iterator[str]:
    resumed = results.resumed
    if resumed is None:
        return
    path = printable(results.path)
    for run, count in resumed.runs.items():
        code = "kz.results.bare" if run == bare else "kz.results.foreign"
        yield say(code, path=path, count=count, run=printable(run[:_NAME]), own=own)
    for fate, count in resumed.fates.items():
        if fate.value in _SAID and not (resumed.log and fate.value == "gone"):
            yield say(_SAID[fate.value], path=path, count=count)


_NAME = 100
"""Characters of the name of a run that are said."""
_SAID = {
    "stays": "kz.results.kept",
    "changed": "kz.results.changed",
    "gone": "kz.results.gone",
    "again": "kz.results.again",
    "refused": "kz.results.refused",
    "lost": "kz.results.lost",
    "elsewhere": "kz.results.elsewhere",
    "damaged": "kz.results.damaged",
}
"""What is said of what became of so many lines."""
