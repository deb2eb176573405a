"""`kzlabel verify PATH…`: what the labels and notices of files declare, and whether they hold."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from kzlabel._options import Options
from kzlabel._worker import Worker
from kzlabel.batch import Tally, assets_of, verify_each
from kzlabel.cli._click import Spoken, language_option
from kzlabel.cli._language import LANGUAGE, say
from kzlabel.cli._passphrase import password_in
from kzlabel.errors import UsageError
from kzlabel.profiles import names
from kzlabel.reports import REPORTS
from kzlabel.trust import TrustStore, installed, parse

_FILE = click.Path(path_type=Path)


@click.command(cls=Spoken, help=say("kz.cli.verify"), params=[language_option()])
@click.argument("paths", nargs=-1, required=True, type=_FILE, metavar="PATH…")
@click.option("-r", "--recursive", is_flag=True, help=say("kz.cli.verify.recursive"))
@click.option(
    "--profile",
    type=click.Choice(names()),
    default="kz",
    show_default=True,
    help=say("kz.cli.verify.profile"),
)
@click.option("--synthetic", is_flag=True, help=say("kz.cli.verify.synthetic"))
@click.option("--look/--no-look", default=None, help=say("kz.cli.verify.look"))
@click.option("--personal", is_flag=True, help=say("kz.cli.verify.personal"))
@click.option(
    "--trust", "trust", multiple=True, metavar="[KIND=]PEM", help=say("kz.cli.verify.trust")
)
@click.option("--trust-installed", is_flag=True, help=say("kz.cli.verify.trust-installed"))
@click.option(
    "--format",
    "form",
    type=click.Choice(list(REPORTS)),
    default="text",
    show_default=True,
    help=say("kz.cli.verify.format"),
)
@click.option("--password-file", type=_FILE, help=say("kz.cli.password-file"))
@click.option("-o", "--output", type=_FILE, help=say("kz.cli.verify.output"))
@click.pass_obj
def verify(  # noqa: PLR0913, PLR0917  one parameter an option
    worker: Worker | None,
    paths: tuple[Path, ...],
    profile: str,
    trust: tuple[str, ...],
    form: str,
    output: Path | None,
    password_file: Path | None,
    *,
    recursive: bool,
    synthetic: bool,
    look: bool | None,
    personal: bool,
    trust_installed: bool,
) -> int:
    """Verify every asset; the exit code says what came of them (DESIGN 1)."""
    _require_place(output, paths)
    store = _trust(trust, with_installed=trust_installed or not trust)
    password = password_in(password_file)
    options = Options.of(
        profile, store, synthetic=synthetic, look=look, password=password, personal=personal
    )
    tally = Tally(options)
    found = assets_of(paths, recursive=recursive)
    rows = tally.counting(verify_each(found, options, worker=worker))
    colour = output is None and sys.stdout.isatty()
    _write(REPORTS[form](rows, tally.report, LANGUAGE, colour=colour), output)
    return tally.exit_code()


def _trust(specs: tuple[str, ...], *, with_installed: bool) -> TrustStore:
    given = tuple(parse(spec) for spec in specs)
    return TrustStore((*given, *(installed().lists if with_installed else ())))


def _require_place(output: Path | None, paths: tuple[Path, ...]) -> None:
    """Refuse a report's place before the work, not after it; above all one of the inputs."""
    if output is None:
        return
    if output.exists() and any(path.exists() and output.samefile(path) for path in paths):
        raise UsageError("kz.error.same-file", path=output)
    if output.is_dir():
        raise UsageError("kz.error.not-a-file", path=output)
    if not output.parent.is_dir():
        raise UsageError("kz.error.no-directory", path=output.parent)


def _write(pieces: Iterable[str], output: Path | None) -> None:
    """Print each piece as it comes; a file appears whole or not at all."""
    if output is None:
        for piece in pieces:
            click.echo(piece)
        return
    from kzlabel._staging import commit, staging

    if output.exists() and not output.is_file():  # a device or a pipe is written to, not replaced
        with output.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{piece}\n" for piece in pieces)
        return
    with staging(output.parent) as folder:
        staged = folder / output.name
        with staged.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{piece}\n" for piece in pieces)
        commit([staged], output.parent, overwrite=True)
