"""`kzlabel schema NAME`: print a published JSON Schema."""

from __future__ import annotations

import click

from kzlabel._schemas import TITLES, load
from kzlabel.cli._click import Spoken, language_option
from kzlabel.cli._language import say


@click.command(cls=Spoken, help=say("kz.cli.schema"), params=[language_option()])
@click.argument("name", type=click.Choice(list(TITLES)), metavar="NAME")
def schema(name: str) -> None:
    """Print the schema called NAME."""
    click.echo(load(name).decode("utf-8"), nl=False)
