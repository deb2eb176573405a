"""What is said beside the work, on standard error: where it cannot be written, it is dropped.

A log that fills its disk or a terminal that has gone must end no batch.
"""

from __future__ import annotations

from contextlib import suppress

import click


def remark(line: str) -> None:
    """Say a line, after our name."""
    murmur(f"kzlabel: {line}\n")


def murmur(words: str) -> None:
    """Say words as they are; they end no line."""
    with suppress(OSError):
        click.echo(words, nl=False, err=True)
