"""How much work is done at once and for how long, and whether it is talked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import click

from kzlabel.batch import TIME_LIMIT
from kzlabel.cli._click import Number
from kzlabel.cli._group import group
from kzlabel.cli._language import say

_Result = TypeVar("_Result")
MOST_WORKERS = 512
LONGEST = 86_400
"""Seconds a file may be given: a day."""


class Work(NamedTuple):
    """What a batch may take, and say."""

    workers: int | None
    """How many look at files at once; None for all cores."""
    seconds: float
    """How long a file may take; a large one is given more."""
    quiet: bool


def _work(*, workers: float | None, time_limit: float, quiet: bool) -> Work:
    return Work(None if workers is None else int(workers), time_limit, quiet)


def working_for(seconds: float) -> Callable[[Callable[..., _Result]], Callable[..., _Result]]:
    """Return what gives a command `work`; a file may take so many seconds unless told otherwise."""
    return group(
        "work", _work,
        click.option(
            "--workers", type=Number(1, MOST_WORKERS, whole=True), metavar="N",
            help=say("kz.cli.workers"),
        ),
        click.option(
            "--time-limit", type=Number(0.1, LONGEST), default=f"{seconds:g}", metavar="SECONDS",
            show_default=True, help=say("kz.cli.time-limit"),
        ),
        click.option("--quiet", is_flag=True, help=say("kz.cli.quiet")),
    )  # fmt: skip


working = working_for(TIME_LIMIT)
"""Gives a command that verifies `work`."""
