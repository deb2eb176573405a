"""`kzlabel formats`: what can be labelled, and how; the README's table, from the same code."""

from __future__ import annotations

import click

from kzlabel.cli._click import Spoken, language_option
from kzlabel.cli._language import say
from kzlabel.formats import FORMATS
from kzlabel.model import STYLES, FormatSpec

_COLUMNS = ("format", "media-type", "suffixes", "notice", "tags", "extra")


@click.command(cls=Spoken, help=say("kz.cli.formats"), params=[language_option()])
def formats() -> None:
    """Print the table of formats."""
    click.echo(table())


def table() -> str:
    """Return the formats as a Markdown table, one row each, computed from the registry."""
    head = [say(f"kz.cli.formats.{column}") for column in _COLUMNS]
    rows = [_row(room.spec) for room in FORMATS]
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def _row(spec: FormatSpec) -> list[str]:
    return [
        spec.name,
        spec.media_types[0],
        " ".join(spec.suffixes),
        " ".join(STYLES[spec.medium]),
        " ".join(spec.tags) or "-",
        f"kzlabel[{spec.extra}]" if spec.extra else "-",
    ]
