"""`kzlabel diff BEFORE AFTER`: what a CMS, a CDN, a messenger or an editor lost."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kzlabel._comparing import compare
from kzlabel._keyfiles import password_in
from kzlabel._options import Options
from kzlabel.batch import TIME_LIMIT
from kzlabel.cli._asked import (
    LOOK,
    OUTPUT,
    PASSWORD_FILE,
    PROFILE,
    TRUST,
    TRUST_INSTALLED,
    form_of,
)
from kzlabel.cli._click import FILE, Spoken, language_option
from kzlabel.cli._language import LANGUAGE, say
from kzlabel.cli._output import require_place, write
from kzlabel.cli._trust import store_from
from kzlabel.reports.difference import FORMS

LOST = 1
"""Exit code: a label, a field, a notice or a companion was lost or broke."""


@click.command(cls=Spoken, help=say("kz.cli.diff"), params=[language_option()])
@click.argument("before", type=FILE, metavar="BEFORE")
@click.argument("after", type=FILE, metavar="AFTER")
@PROFILE
@LOOK
@TRUST
@TRUST_INSTALLED
@form_of(FORMS)
@PASSWORD_FILE
@OUTPUT
def diff(  # noqa: PLR0913, PLR0917  one parameter an option
    before: Path,
    after: Path,
    profile: str,
    trust: tuple[str, ...],
    form: str,
    output: Path | None,
    password_file: Path | None,
    *,
    look: bool | None,
    trust_installed: bool,
) -> int:
    """Compare two copies of an asset; exit with 0 where nothing seen was lost, else with 1."""
    require_place(output, (before, after))
    store = store_from(trust, with_installed=trust_installed or not trust)
    password = password_in(password_file)
    options = Options.of(profile, store, synthetic=False, look=look, password=password)
    found = compare(before, after, options, seconds=TIME_LIMIT)
    colour = output is None and sys.stdout.isatty()
    write(FORMS[form](found, LANGUAGE, colour=colour), output)
    return LOST if found.losses else 0
