"""`kzlabel trust`: the lists of those whose signatures count."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from kzlabel import trust as lists
from kzlabel.cli._click import SpokenGroup, language_option
from kzlabel.cli._language import LANGUAGE, say
from kzlabel.errors import CredentialError
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
        before = _before(entry.name)
        if before:
            click.echo(f"  {before}")
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


@trust.command(help=say("kz.cli.trust.restore"), params=[language_option()])
@click.argument("name", metavar="NAME")
def restore(name: str) -> None:
    """Bring back the copy of a list that was last replaced."""
    click.echo(_line(lists.restore(name)))


def _before(name: str) -> str:
    """Return what is kept of a list from before, or why it cannot be read."""
    try:
        kept = lists.previous(name)
    except CredentialError as exc:
        return exc.sentence(LANGUAGE)
    if kept is None:
        return ""
    return say(
        "kz.cli.trust.previous",
        name=name, count=kept.pem.count("BEGIN CERTIFICATE"), date=kept.date, sha256=kept.sha256,
    )  # fmt: skip


def _line(entry: TrustList) -> str:
    return say(
        "kz.cli.trust.entry",
        name=entry.name,
        kinds=", ".join(sorted(entry.kinds)),
        count=entry.pem.count("BEGIN CERTIFICATE"),
        date=entry.date,
        sha256=entry.sha256,
    )
