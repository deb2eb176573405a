"""`kzlabel label` at work: a few sources in this process, many by a plan and by workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from kzlabel._keyfiles import password_in
from kzlabel._staging import sweep
from kzlabel.batch import Results
from kzlabel.batch._order import LABELLING_TIME_LIMIT, Order
from kzlabel.cli._choosing import Chosen
from kzlabel.cli._click import FILE
from kzlabel.cli._group import group
from kzlabel.cli._keeping import put, say_resumed, stayed
from kzlabel.cli._language import say
from kzlabel.cli._output import write
from kzlabel.cli._passphrase import document_password
from kzlabel.cli._progress import progress, shown
from kzlabel.cli._remark import remark
from kzlabel.cli._remarks import Remarks
from kzlabel.cli._working import Work, working_for
from kzlabel.errors import RefusedError, UsageError
from kzlabel.model import LabellingReport
from kzlabel.reports.labelling import FORMS, last_line, released

if TYPE_CHECKING:
    from kzlabel.batch._label_tally import LabelTally
    from kzlabel.batch._labeller import Job
    from kzlabel.batch._plan import Plan


class Batch(NamedTuple):
    """How many sources are labelled, beside what each label says."""

    base: Path | None
    form: str
    resume: Path | None

    def is_needed(self, chosen: Chosen) -> bool:
        """Whether it takes more than this process, which starts at once and asks for passwords."""
        asked = self.base or self.resume or self.form != "text"
        return bool(asked) or not chosen.few


batching = group(
    "batch", Batch,
    click.option("--base", type=FILE, metavar="DIR", help=say("kz.cli.label.base")),
    click.option(
        "--format", "form", type=click.Choice(list(FORMS)), default="text", show_default=True,
        help=say("kz.cli.label.format"),
    ),
    click.option("--resume", type=FILE, metavar="FILE", help=say("kz.cli.label.resume")),
)  # fmt: skip
"""Gives a command `batch`."""
working = working_for(LABELLING_TIME_LIMIT)
"""Gives a command `work`."""


# --- A few, here ----------------------------------------------------------------------------------


def label_few(
    chosen: Chosen, output: str, order: Order, password_file: Path | None, *, quiet: bool
) -> int:
    """Label files that were named, in their order; exit 2 where any was refused."""
    from kzlabel.batch._labeller import Job, labelled

    order = order.knowing(document_password(password_file))
    sources = tuple(found.path for found in chosen.found())
    pairs = _pairs(sources, output, into=len(chosen.paths) > 1)
    remarks = Remarks()
    try:
        for source, destination in pairs:
            with nullcontext() if quiet else shown(source) as progress:
                row = labelled(Job(source, destination), order, progress)
            for path in released(row):
                click.echo(path)
            remarks.take(row)
    finally:
        for line in remarks.refusals() if quiet else remarks.lines():
            remark(line)
    return 2 if remarks.refused else 0


def _pairs(sources: tuple[Path, ...], output: str, *, into: bool) -> Iterator[tuple[Path, Path]]:
    """Pair each source with its destination; refuse two that would have one name."""
    folder = Path(output)
    if not (folder.is_dir() or output.endswith("/") or into):
        return iter([(source, folder) for source in sources])
    taken: dict[str, Path] = {}
    for source in sources:
        if source.name in taken:
            raise UsageError("kz.error.same-name", path=source, value=taken[source.name])
        taken[source.name] = source
    folder.mkdir(parents=True, exist_ok=True)
    return ((source, folder / source.name) for source in sources)


def label_there(rows: Iterable[LabellingReport], batch: Batch, work: Work) -> int:
    """Say what a cluster labelled; exit 2 where any was refused."""
    from kzlabel.batch._label_tally import LabelTally

    tally, remarks = LabelTally(), Remarks()
    try:
        write(FORMS[batch.form](_saying(tally.counting(rows), remarks), tally.closing), None)
    finally:
        if not work.quiet:
            _count(tally, remarks)
    return tally.exit_code()


# --- Many, by workers -----------------------------------------------------------------------------


def label_many(  # noqa: PLR0913, PLR0917  each is a group of options
    chosen: Chosen,
    output: Path,
    order: Order,
    batch: Batch,
    work: Work,
    password_file: Path | None,
) -> int:
    """Label what was chosen into the folder `output`; exit 2 where any was refused."""
    from kzlabel.batch._label_tally import LabelTally

    tally, remarks = LabelTally(), Remarks()
    order = order.knowing(password_in(password_file), resumed=batch.resume is not None)
    sweep(output)  # what was killed is taken back, though nothing be labelled now
    with (
        _planned(chosen, output, batch.base) as plan,
        _results(batch.resume, order, plan, quiet=work.quiet) as results,
        progress(chosen, work, streaming=True, counts=False, before=stayed(results)) as told,
    ):
        output.mkdir(parents=True, exist_ok=True)
        made = told.following(_labelled(plan, results, order, work), plan.totals()[0])
        rows = results.continued(chain(_clashing(plan), made))
        said = _saying(tally.counting(rows), remarks)
        try:
            pieces = FORMS[batch.form](said, tally.closing)
            put(pieces, None, results, lambda: last_line(tally.closing()))
        finally:
            if not work.quiet:
                _conclude(plan, tally, remarks)
    return tally.exit_code()


@contextmanager
def _planned(chosen: Chosen, output: Path, base: Path | None) -> Iterator[Plan]:
    from kzlabel.batch._plan import Plan

    with Plan(output, base) as plan:
        plan.take(chosen.found())
        yield plan


def _results(
    resume: Path | None, order: Order, plan: Plan, *, quiet: bool
) -> Results[LabellingReport]:
    """Open the results; of an earlier run's, what was refused is tried again."""
    if resume is None:
        return Results(LabellingReport, spooled=False)
    from kzlabel.batch._resuming import released as still

    results = Results.resuming(resume, LabellingReport, (order.run,), still=partial(still, plan))
    if not quiet:
        say_resumed(results, order.run)
    return results


def _labelled(
    plan: Plan, results: Results[LabellingReport], order: Order, work: Work
) -> Iterator[LabellingReport]:
    from kzlabel.batch._labelling import label_each
    from kzlabel.batch._sifting import sifted

    jobs = sifted(plan.jobs(), lambda job: results.is_left(job.source))
    return label_each(jobs, order, seconds=work.seconds, workers=work.workers)


def _clashing(plan: Plan) -> Iterator[LabellingReport]:
    return map(_clash, plan.clashes())


def _clash(job: Job) -> LabellingReport:
    from kzlabel.batch._labeller import refused

    error = RefusedError("kz.error.label-name", path=job.source, name=job.destination.name)
    return refused(job, error)


def _saying(rows: Iterable[LabellingReport], remarks: Remarks) -> Iterator[LabellingReport]:
    """Yield `rows`; why one was refused is said at once."""
    for row in rows:
        remarks.take(row)
        for line in remarks.refusals():
            remark(line)
        yield row


def _conclude(plan: Plan, tally: LabelTally, remarks: Remarks) -> None:
    if plan.left_out:
        words = say("kz.cli.label.left-out", path=plan.output, count=plan.left_out)
        remark(words)
    _count(tally, remarks)


def _count(tally: LabelTally, remarks: Remarks) -> None:
    for line in remarks.lines():
        remark(line)
    counted = say("kz.cli.label.counted", labelled=tally.labelled, refused=tally.refused)
    remark(counted)
