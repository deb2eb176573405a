"""What labels one source of a batch: a worker's answers, an executor's task, or a call.

Whatever happens is a row. Where a label was released and nobody was left to hear of it (a worker
killed at that moment, a run interrupted), the same question finds it there: its id says for which
source, destination and batch it was made.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import structs

from kzlabel._assets import open_asset
from kzlabel._identity import new_label_id, now, same_tail
from kzlabel._looking import read_labels
from kzlabel._progress import Listener
from kzlabel._seen import State, state_of, uri_of
from kzlabel.batch._order import Order
from kzlabel.errors import KzlabelError, LimitError, UsageError, printable
from kzlabel.model import (
    COMPANION_SUFFIXES,
    FindingOutcome,
    Integrity,
    LabelKind,
    LabellingReport,
    ReportError,
    Seen,
    finding,
)
from kzlabel.trust import TrustStore
from kzlabel.workflow import label

_TAKEN = "kz.error.exists"


class Job(NamedTuple):
    """A source, and where its labelled copy goes."""

    source: Path
    destination: Path


def labelling() -> Labeller:
    """Prepare to label: the first message is the order, every other a job."""
    return Labeller()


WAS_DONE = b"?"
"""What the message of a job begins with that asks only whether it has been done before."""


class Labeller:
    """The first message is the order, every other a job; a job's answer is its row.

    The order's answer is empty, or says why it could not be loaded here. To `WAS_DONE` it is empty
    where the job was not done.
    """

    def __init__(self) -> None:
        self._order: Order | None = None

    def __call__(self, message: bytes) -> bytes:
        """Return the answer to one message."""
        if self._order is None:
            try:
                self._order = pickle.loads(message)  # noqa: S301  our own parent's words
            except Exception as exc:  # noqa: BLE001  a function of the caller's is loaded with it
                return printable(exc).encode() or b"?"
            return b""
        if not message.startswith(WAS_DONE):
            return answer(job_in(message), self._order)
        row = found(job_in(message.removeprefix(WAS_DONE)), self._order)
        return msgspec.msgpack.encode(row) if row else b""


def message_of(job: Job) -> bytes:
    """Return a job as a message."""
    return msgspec.msgpack.encode((os.fsencode(job.source), os.fsencode(job.destination)))


def job_in(message: bytes) -> Job:
    """Return the job that a message is."""
    source, destination = msgspec.msgpack.decode(message, type=tuple[bytes, bytes])
    return Job(Path(os.fsdecode(source)), Path(os.fsdecode(destination)))


def answer(job: Job, order: Order) -> bytes:
    """Return the encoded row of a job; what an executor is asked to run."""
    return msgspec.msgpack.encode(labelled(job, order))


def labelled(job: Job, order: Order, progress: Listener | None = None) -> LabellingReport:
    """Label one source and return its row, whatever happens; folders are made as needed."""
    try:
        return _labelled(job, order, progress)
    except KzlabelError as exc:  # of the credential
        return refused(job, exc)
    except MemoryError:
        return refused(job, LimitError("kz.error.memory", path=job.source))
    except Exception as exc:  # noqa: BLE001  one bad file is one row, never the end of the batch
        detail = repr(exc)
        return refused(job, LimitError("kz.error.internal", path=job.source, detail=detail))


def refused(job: Job, error: KzlabelError) -> LabellingReport:
    """Return the row of a source that was not labelled."""
    why = ReportError(code=error.code, message=str(error), values=dict(error.values))
    return LabellingReport(
        source=printable(job.source), destination=printable(job.destination), error=why
    )


def _labelled(job: Job, order: Order, progress: Listener | None) -> LabellingReport:
    source, destination = job
    state, run = state_of(source), order.run
    said = structs.replace(
        order.disclosure, label_id=new_label_id(_tail(job, order, run, state)), issued=now()
    )
    try:
        if order.folders:
            _make_folder(destination.parent)
        made = label(
            source, destination, said, order.credential,
            notice=order.notice, force=order.force, over_broken=order.over_broken,
            manifest=order.manifest, password=order.password, progress=progress,
        )  # fmt: skip
    except KzlabelError as exc:
        row = (_found(job, said.label_id) if exc.code == _TAKEN else None) or refused(job, exc)
    else:
        row = LabellingReport(
            source=printable(source), destination=printable(destination),
            companions=tuple(map(printable, made.companions)),
            label_id=said.label_id, findings=made.findings,
        )  # fmt: skip
    return _seen(row, job, state, run)


def found(job: Job, order: Order) -> LabellingReport | None:
    """Return the row of what was labelled by a worker that died before it said so, if it was."""
    state = state_of(job.source)
    row = _found(job, new_label_id(_tail(job, order, order.run, state)))
    return _seen(row, job, state, order.run) if row else None


def _seen(row: LabellingReport, job: Job, state: State | None, run: str) -> LabellingReport:
    """Return the row with how the source was, and how its result is now."""
    if row.error is None and (now_there := state_of(job.destination)):
        row = structs.replace(row, bytes=now_there.bytes, modified=now_there.modified)
    if state is None:
        return row
    seen = Seen(uri=uri_of(job.source), modified=state.modified, run=run, bytes=state.bytes)
    return structs.replace(row, uri=uri_of(job.destination), seen=seen)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise UsageError("kz.error.os", path=folder, detail=exc) from exc


def _tail(job: Job, order: Order, run: str, state: State | None) -> bytes:
    """Return the ten bytes by which a label of this source is known again."""
    parts = (order.batch, run, uri_of(job.source), uri_of(job.destination), state)
    return hashlib.sha256(repr(parts).encode()).digest()[:10]


def _found(job: Job, label_id: str) -> LabellingReport | None:
    """Return the row of a label that this batch has released before; None where it is another's."""
    try:
        readings = read_labels(open_asset(job.destination), TrustStore())
    except (KzlabelError, OSError):
        return None
    ours = {
        reading.report.kind: reading.report.label_id
        for reading in readings
        if reading.integrity is Integrity.INTACT
        and same_tail(reading.report.label_id or "", label_id)
    }
    if not {LabelKind.MANIFEST, LabelKind.SIDECAR} <= ours.keys():
        return None
    beside = (job.destination.with_name(job.destination.name + end) for end in COMPANION_SUFFIXES)
    return LabellingReport(
        source=printable(job.source), destination=printable(job.destination),
        companions=tuple(printable(path) for path in beside if path.exists()),
        label_id=ours[LabelKind.MANIFEST],
        findings=(finding("kz.labelling.found", FindingOutcome.INFORMATIONAL),),
    )  # fmt: skip
