"""`kzlabel trust`: the lists of those whose signatures count."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from kzlabel import trust as lists
from kzlabel.cli._click import SpokenGroup, language_option
from kzlabel.cli._language import say
from kzlabel.trust import TrustKind, TrustList


@click.group(cls=SpokenGroup, help=say("kz.cli.trust"), params=[language_option()])
def trust() -> None:
    """Trust lists."""


@trust.command("list", help=say("kz.cli.trust.list"), params=[language_option()])
def list_() -> None:
    """Print the installed lists."""
    found = lists.installed().lists
    for entry in found:
        click.echo(_line(entry))
    if not found:
        click.echo(say("kz.cli.trust.none"))


@trust.command(help=say("kz.cli.trust.add"), params=[language_option()])
@click.argument("file", metavar="[KIND=]PEM")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in TrustKind]),
    help=say("kz.cli.trust.option.kind"),
)
@click.option("--name", help=say("kz.cli.trust.option.name"))
def add(file: str, kinds: tuple[str, ...], name: str | None) -> None:
    """Install a PEM file as a trust list."""
    named, path = lists.kind_and_path(file)
    click.echo(_line(lists.add(path, named.union(map(TrustKind, kinds)), name)))


@trust.command(help=say("kz.cli.trust.update"), params=[language_option()])
@click.option(
    "--url", "urls", multiple=True, metavar="KIND=URL", help=say("kz.cli.trust.option.url")
)
def update(urls: tuple[str, ...]) -> None:
    """Fetch trust lists over HTTPS and install them."""
    for entry in lists.update(lists.sources_of(urls), datetime.now(UTC)):
        click.echo(_line(entry))


def _line(entry: TrustList) -> str:
    return say(
        "kz.cli.trust.entry",
        name=entry.name,
        kinds=", ".join(sorted(entry.kinds)),
        count=entry.pem.count("BEGIN CERTIFICATE"),
        date=entry.date,
        sha256=entry.sha256,
    )
