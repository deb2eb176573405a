"""What commands that look at files are asked alike: one option each, by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import click

from kzlabel.cli._click import FILE
from kzlabel.cli._language import say
from kzlabel.profiles import names

_Body = TypeVar("_Body", bound=Callable[..., object])
PROFILE = click.option(
    "--profile",
    type=click.Choice(names()),
    default="kz",
    show_default=True,
    help=say("kz.cli.verify.profile"),
)
LOOK = click.option("--look/--no-look", default=None, help=say("kz.cli.verify.look"))
TRUST = click.option(
    "--trust", "trust", multiple=True, metavar="[KIND=]PEM", help=say("kz.cli.verify.trust")
)
TRUST_INSTALLED = click.option(
    "--trust-installed", is_flag=True, help=say("kz.cli.verify.trust-installed")
)
PASSWORD_FILE = click.option("--password-file", type=FILE, help=say("kz.cli.password-file"))
OUTPUT = click.option("-o", "--output", type=FILE, help=say("kz.cli.verify.output"))


def form_of(known: Iterable[str]) -> Callable[[_Body], _Body]:
    """Return `--format`, text unless told otherwise, for reports of these forms."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(list(known)),
        default="text",
        show_default=True,
        help=say("kz.cli.verify.format"),
    )
