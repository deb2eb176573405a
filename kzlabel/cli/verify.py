"""`kzlabel verify PATH…`: what the labels and notices of files declare, and whether they hold."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable
from pathlib import Path

import click
from msgspec import structs

from kzlabel._options import Options
from kzlabel._worker import Worker
from kzlabel.batch import Results, Tally, assets_of, verify_each
from kzlabel.cli._asked import (
    FILE,
    LOOK,
    OUTPUT,
    PASSWORD_FILE,
    PROFILE,
    TRUST,
    TRUST_INSTALLED,
    form_of,
)
from kzlabel.cli._click import Spoken, language_option
from kzlabel.cli._language import LANGUAGE, say
from kzlabel.cli._output import require_place, write
from kzlabel.cli._passphrase import password_in
from kzlabel.cli._trust import store_from
from kzlabel.model import AssetReport
from kzlabel.reports import REPORTS

FEW = 8
"""Files named one by one that are looked at in their order, by one worker."""


@click.command(cls=Spoken, help=say("kz.cli.verify"), params=[language_option()])
@click.argument("paths", nargs=-1, required=True, type=FILE, metavar="PATH…")
@click.option("-r", "--recursive", is_flag=True, help=say("kz.cli.verify.recursive"))
@PROFILE
@click.option("--synthetic", is_flag=True, help=say("kz.cli.verify.synthetic"))
@LOOK
@click.option("--personal", is_flag=True, help=say("kz.cli.verify.personal"))
@TRUST
@TRUST_INSTALLED
@form_of(REPORTS)
@PASSWORD_FILE
@OUTPUT
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
    require_place(output, paths, binary=REPORTS[form].binary)
    store = store_from(trust, with_installed=trust_installed or not trust)
    password = password_in(password_file)
    shape = REPORTS[form]
    options = Options.of(
        profile, store, synthetic=synthetic, look=look, password=password, personal=personal
    )
    options = structs.replace(options, thumbnails=shape.thumbnails)
    tally = Tally(options)
    found = assets_of(paths, recursive=recursive)
    few = 1 if not recursive and len(paths) <= FEW else None
    colour = output is None and sys.stdout.isatty()
    with Results(AssetReport) as results:
        rows: Iterable[AssetReport] = tally.counting(
            results.keeping(verify_each(found, options, worker=worker, workers=few))
        )
        if not shape.live:
            deque(rows, maxlen=0)  # they are in the results now
            rows = results
        write(shape.render(rows, tally.report, LANGUAGE, colour=colour), output)
    return tally.exit_code()
