"""A line on a terminal that says how far long work has come; silence where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from kzlabel._progress import Listener
from kzlabel.cli._language import LANGUAGE
from kzlabel.locale import sentence

_ERASE = "\r\x1b[K"


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
            click.echo(f"{_ERASE}{words}", nl=False, err=True)

    try:
        yield say
    finally:
        if last >= 0:
            click.echo(_ERASE, nl=False, err=True)
