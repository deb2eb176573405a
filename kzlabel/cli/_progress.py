"""How far long work has come, on standard error: one file's share, or a batch's course.

A batch shows itself to people on a terminal, which rich draws and leaves as it was; elsewhere it
says a line now and then. Neither begins before the first row, so that nothing waits for it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

import click

from kzlabel._progress import Listener
from kzlabel.cli._course import Course
from kzlabel.cli._language import LANGUAGE
from kzlabel.cli._remark import murmur, remark
from kzlabel.errors import KzlabelError
from kzlabel.locale import sentence
from kzlabel.model import AssetReport, LabellingReport

if TYPE_CHECKING:
    from rich.console import Group

    from kzlabel.cli._choosing import Chosen
    from kzlabel.cli._working import Work

_ERASE = "\r\x1b[K"
_Row = TypeVar("_Row", AssetReport, LabellingReport)
_Show = Callable[[], None]
Display = Callable[[Course], AbstractContextManager[_Show]]
EVERY = 30.0
"""Seconds between two lines where nobody watches."""
BAR, LEAST_BAR = 24, 6
"""Columns of the bar; a shorter one says nothing, and is left out."""


@contextmanager
def shown(source: Path) -> Iterator[Listener | None]:
    """Give a listener that rewrites one line of standard error; None unless that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    last = -1

    def say(fraction: float) -> None:
        nonlocal last
        percent = int(fraction * 100)
        if percent != last:
            last = percent
            name = click.format_filename(source.name, shorten=True)
            words = sentence("kz.cli.label.progress", LANGUAGE, path=name, percent=percent)
            murmur(f"{_ERASE}{words}")

    try:
        yield say
    finally:
        if last >= 0:
            murmur(_ERASE)


class Progress:
    """Shows how far a batch has come, from its first row to its last."""

    def __init__(self, display: Display | None, before: int = 0) -> None:
        """Show nothing without a `display`; of the files there are, so many were done `before`."""
        self._display = display
        self._before = before
        self._shown = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.close()

    def following(self, rows: Iterable[_Row], total: int | None = None) -> Iterator[_Row]:
        """Yield `rows` as they come; after the last the terminal is as it was.

        `total`: how many files there are in all, where that is known.
        """
        if self._display is None:
            yield from rows
            return
        course, show = Course(self._before), None
        course.total = total
        with self._shown:
            for row in rows:
                course.note(row)
                show = show or self._shown.enter_context(self._display(course))
                show()
                yield row


def progress(
    chosen: Chosen, work: Work, *, streaming: bool, counts: bool = True, before: int = 0
) -> Progress:
    """Return what shows the progress over what was chosen, unless that is little.

    `streaming`: rows are printed as they come; on the terminal where progress would be shown they
    are the progress. `counts`: whether the files may be counted beside the work.
    """
    if work.quiet or chosen.few or (streaming and _one_terminal()):
        return Progress(None)
    if not sys.stderr.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        return Progress(lambda course: nullcontext(lines_of(course)), before)
    count = counts and chosen.can_be_counted
    return Progress(lambda course: _drawn(course, chosen if count else None), before)


def _one_terminal() -> bool:
    """Whether standard output and standard error are the same terminal."""
    try:
        return os.ttyname(sys.stdout.fileno()) == os.ttyname(sys.stderr.fileno())
    except (OSError, ValueError):
        return False


def lines_of(course: Course, every: float = EVERY) -> _Show:
    """Return what says a line of `course` where `every` seconds have gone by since the last."""
    said = 0.0

    def show() -> None:
        nonlocal said
        if course.seconds - said >= every:
            said = course.seconds
            remark(course.line())

    return show


@contextmanager
def _drawn(course: Course, counted: Chosen | None) -> Iterator[_Show]:
    """Draw the course on the terminal, four times a second, until the end."""
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True)
    live = Live(
        get_renderable=lambda: _board(course, console.width), console=console, transient=True,
        redirect_stdout=False,
    )  # fmt: skip
    with live, _counting(course, counted) if counted else nullcontext():
        yield lambda: None


def _board(course: Course, width: int) -> Group:
    """Return a bar, as far as there is room, with what is done; below it what came of it."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    first = Table.grid(padding=(0, 1))
    words = Text("; ".join((course.files(), *course.pace())), no_wrap=True, overflow="ellipsis")
    room = min(BAR, width - words.cell_len - 1)
    bar = [ProgressBar(course.total, course.done, width=room)] if room >= LEAST_BAR else []
    first.add_row(*bar, words)
    return Group(first, Text("; ".join(course.words())))


@contextmanager
def _counting(course: Course, chosen: Chosen) -> Iterator[None]:
    """Count beside the work how many files were chosen."""
    stop = threading.Event()

    def count() -> None:
        number = 0
        with suppress(KzlabelError, OSError):
            for _ in chosen.found(closely=False):
                number += 1
                if stop.is_set():
                    return
            course.total = number

    counter = threading.Thread(target=count, daemon=True)
    counter.start()
    try:
        yield
    finally:
        stop.set()
        counter.join(1.0)
