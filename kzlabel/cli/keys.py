"""`kzlabel keys`: signing keys and their certificates."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from kzlabel import _keystore, credential
from kzlabel.cli._click import FILE, SpokenGroup, language_option
from kzlabel.cli._language import LANGUAGE, say
from kzlabel.cli._passphrase import passphrase
from kzlabel.credential import Algorithm

ALGORITHM = click.option(
    "--algorithm",
    type=click.Choice([algorithm.value for algorithm in Algorithm]),
    default=Algorithm.ES256.value,
    help=say("kz.cli.keys.option.algorithm"),
)
FORCE = click.option("--force", is_flag=True, help=say("kz.cli.keys.option.force"))
PASSPHRASE = click.option(
    "--passphrase-file", type=FILE, help=say("kz.cli.keys.option.passphrase-file")
)


@click.group(cls=SpokenGroup, help=say("kz.cli.keys"), params=[language_option()])
def keys() -> None:
    """Signing keys and their certificates."""


@keys.command(help=say("kz.cli.keys.init"), params=[language_option()])
@click.argument("name", default="development")
@ALGORITHM
@FORCE
def init(name: str, algorithm: str, *, force: bool) -> None:
    """Make a development credential."""
    home = _keystore.create(name, Algorithm(algorithm), force=force)
    click.echo(say("kz.cli.keys.made", path=home, name=name))


@keys.command("import", help=say("kz.cli.keys.import"), params=[language_option()])
@click.argument("name")
@click.option("--key", type=FILE, help=say("kz.cli.keys.option.key"))
@click.option("--chain", type=FILE, help=say("kz.cli.keys.option.chain"))
@PASSPHRASE
@FORCE
def import_(
    name: str, key: Path | None, chain: Path | None, passphrase_file: Path | None, *, force: bool
) -> None:
    """Store a key and its chain."""
    secret = passphrase(passphrase_file)
    home = _keystore.bring(name, key, chain, passphrase=secret, force=force)
    click.echo(say("kz.cli.keys.imported", path=home, name=name))


@keys.command(help=say("kz.cli.keys.check"), params=[language_option()])
@click.argument("target", metavar="NAME|PEM")
def check(target: str) -> None:
    """Say which rules of the C2PA profile a certificate breaks."""
    findings = credential.check(_keystore.chain_of(target), datetime.now(UTC))
    for finding in findings:
        click.echo(f"{say('kz.cli.outcome.' + finding.outcome)}: {finding.sentence(LANGUAGE)}")
    if not findings:
        click.echo(say("kz.cli.keys.sound", path=target))
    failed = any(finding.outcome == "failure" for finding in findings)
    click.get_current_context().exit(int(failed))


@keys.command(help=say("kz.cli.keys.csr"), params=[language_option()])
@click.argument("name")
@click.option("--subject", required=True, help=say("kz.cli.keys.option.subject"))
@ALGORITHM
@PASSPHRASE
@FORCE
def csr(
    name: str, subject: str, algorithm: str, passphrase_file: Path | None, *, force: bool
) -> None:
    """Make a key and a certificate request."""
    given = credential.passphrase_from(passphrase_file)
    secret = given() if given else None
    path = _keystore.request(name, subject, Algorithm(algorithm), secret=secret, force=force)
    click.echo(say("kz.cli.keys.requested", path=path, name=name))
