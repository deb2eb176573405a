"""`kzlabel explain [CODE…]`: what codes of a report mean, what to do, and which article says so."""

from __future__ import annotations

import click

from kzlabel.cli._click import Spoken, language_option
from kzlabel.cli._language import LANGUAGE, say
from kzlabel.reports._explaining import explained, listed


@click.command(cls=Spoken, help=say("kz.cli.explain"), params=[language_option()])
@click.argument("codes", nargs=-1, metavar="[CODE…]")
def explain(codes: tuple[str, ...]) -> None:
    """Print what each code means; without any, all codes there are."""
    lines = explained(codes, LANGUAGE) if codes else listed(LANGUAGE)
    click.echo("\n".join(lines))
