"""`kzlabel label SRC… -o OUT`: label each source into a new file."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from kzlabel.batch._order import Order, load_from
from kzlabel.cli._asked import PASSWORD_FILE
from kzlabel.cli._choosing import Chosen, choosing
from kzlabel.cli._click import FILE, Spoken, language_option
from kzlabel.cli._cluster import Cluster, clustered
from kzlabel.cli._credential import credential_of
from kzlabel.cli._label_many import Batch, batching, label_few, label_many, label_there, working
from kzlabel.cli._language import say
from kzlabel.cli._output import require_output
from kzlabel.cli._settings import settings, settled
from kzlabel.cli._working import Work
from kzlabel.config import DEFAULT_NAME
from kzlabel.model import Statement


@click.command(cls=Spoken, help=say("kz.cli.label"), params=[language_option()])
@choosing("SRC…")
@click.option("-o", "--output", required=True, metavar="OUT", help=say("kz.cli.label.output"))
@click.option("--config", type=FILE, help=say("kz.cli.label.config"))
@click.option("--modified", is_flag=True, help=say("kz.cli.label.modified"))
@click.option("--training/--no-training", default=None, help=say("kz.cli.label.training"))
@click.option("--prompt", help=say("kz.cli.label.prompt"))
@click.option("--force", is_flag=True, help=say("kz.cli.label.force"))
@click.option("--over-broken", is_flag=True, help=say("kz.cli.label.over-broken"))
@PASSWORD_FILE
@batching
@working
@settings
@clustered
def label(  # noqa: PLR0913, PLR0917  one parameter an option
    chosen: Chosen,
    output: str,
    config: Path | None,
    prompt: str | None,
    password_file: Path | None,
    batch: Batch,
    work: Work,
    cluster: Cluster,
    *,
    modified: bool,
    training: bool | None,
    force: bool,
    over_broken: bool,
    **given: object,
) -> int:
    """Label each source; exit 2 where any was refused."""
    said = settled(config, given, training=training)
    load = partial(credential_of, said.credential, DEFAULT_NAME)
    cluster.folder(output, chosen.paths)
    statement = Statement.MODIFIED if modified else Statement.CREATED
    if batch.form != "text":
        require_output()
    order = Order(
        disclosure=said.disclosure(statement, prompt),
        load=load if cluster.address else load_from(load(), None),
        notice=said.notice, manifest=said.manifest.place, force=force, over_broken=over_broken,
    )  # fmt: skip
    if cluster.address:
        rows = cluster.label(chosen, output, order, password_file, work.seconds)
        return label_there(rows, batch, work)
    if batch.is_needed(chosen):
        return label_many(chosen, Path(output), order, batch, work, password_file)
    order = replace(order, folders=False)
    return label_few(chosen, output, order, password_file, quiet=work.quiet)
