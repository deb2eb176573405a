"""`kzlabel verify PATH…`: what the labels and notices of files declare, and whether they hold."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from msgspec import structs

from kzlabel._keyfiles import password_in
from kzlabel._options import Options
from kzlabel._worker import Worker
from kzlabel.batch import Tally, verify_each
from kzlabel.cli._asked import (
    LOOK,
    OUTPUT,
    PASSWORD_FILE,
    PROFILE,
    TRUST,
    TRUST_INSTALLED,
    form_of,
)
from kzlabel.cli._choosing import Chosen, choosing
from kzlabel.cli._click import Spoken, language_option
from kzlabel.cli._cluster import Cluster, clustered
from kzlabel.cli._keeping import Kept, keeping, put, stayed
from kzlabel.cli._language import LANGUAGE, say
from kzlabel.cli._output import require_place, say_written
from kzlabel.cli._progress import progress
from kzlabel.cli._signing import Seal, sealing
from kzlabel.cli._trust import store_from
from kzlabel.cli._working import Work, working
from kzlabel.model import AssetReport
from kzlabel.reports import REPORTS
from kzlabel.reports.jsonl import last_line


@click.command(cls=Spoken, help=say("kz.cli.verify"), params=[language_option()])
@choosing("PATH…")
@PROFILE
@click.option("--synthetic", is_flag=True, help=say("kz.cli.verify.synthetic"))
@LOOK
@click.option("--personal", is_flag=True, help=say("kz.cli.verify.personal"))
@TRUST
@TRUST_INSTALLED
@form_of(REPORTS)
@PASSWORD_FILE
@OUTPUT
@keeping
@working
@sealing
@clustered
@click.pass_obj
def verify(  # noqa: PLR0913, PLR0917  one parameter an option
    worker: Worker | None,
    chosen: Chosen,
    work: Work,
    profile: str,
    trust: tuple[str, ...],
    form: str,
    output: Path | None,
    password_file: Path | None,
    cluster: Cluster,
    *,
    kept: Kept,
    seal: Seal,
    synthetic: bool,
    look: bool | None,
    personal: bool,
    trust_installed: bool,
) -> int:
    """Verify every asset; the exit code says what came of them (DESIGN 1)."""
    form, chosen = kept.adapted(form, chosen._replace(own=output))
    parts = cluster.folder(output, chosen.paths)
    shape = seal.form(form, parts)
    if seal.wanted:  # what is signed says that it was looked at now
        kept = kept._replace(check_digests=True)
    if not parts:
        inputs = (*chosen.paths, chosen.source) if chosen.source else chosen.paths
        require_place(output, inputs, binary=shape.binary, results=kept.resume)
    store = store_from(trust, with_installed=trust_installed or not trust)
    password = None if cluster.address else password_in(password_file)
    options = Options.of(
        profile, store, synthetic=synthetic, look=look, password=password, personal=personal
    )
    options = structs.replace(options, thumbnails=shape.thumbnails)
    about = options, password_file, work.seconds
    if parts:
        return cluster.verify_into(parts, form, chosen, *about)
    tally = Tally(options)
    workers = 1 if chosen.few else work.workers
    colour = output is None and sys.stdout.isatty()
    with (
        kept.results(options, form, output, live=shape.live, quiet=work.quiet) as results,
        progress(
            chosen,
            work,
            streaming=shape.live and output is None,
            before=stayed(results),
            counts=not (kept.watch or cluster.address),
        ) as shown,
    ):

        def looked(files: Iterable[Path | None]) -> Iterator[AssetReport]:
            return shown.following(verify_each(
                files, options, worker=worker, seconds=work.seconds, workers=workers
            ))  # fmt: skip

        rows: Iterable[AssetReport] = (
            tally.counting(results.continued(shown.following(cluster.rows(chosen, *about))))
            if cluster.address
            else kept.rows(chosen, results, tally, looked)
        )
        if not shape.live:
            deque(seal.bounded(rows), maxlen=0)  # they are in the results now
            rows = results
        pieces = shape.render(rows, tally.report, LANGUAGE, colour=colour)
        put(pieces, output, results, lambda: last_line(tally.whole()))
    say_written(tally, output, quiet=work.quiet or chosen.only_named)
    return tally.exit_code()
