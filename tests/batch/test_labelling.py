"""Labelling many: one row for each source, outputs whole or absent, whatever befalls workers."""

from __future__ import annotations

import os
import pickle
import shutil
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from samples import FIXTURES, MEDIUM

import kzlabel
from kzlabel import label_many
from kzlabel._staging import SHARED, staging
from kzlabel._worker import forked
from kzlabel.batch import _labelling as room
from kzlabel.batch._labeller import WAS_DONE, Job, Labeller, answer, job_in, labelled
from kzlabel.batch._order import Kept, Order
from kzlabel.errors import UsageError
from kzlabel.model import Integrity, Trust, Verdict

JPEG, PNG, TEXT, FILM = (
    FIXTURES / f"{n}" for n in ("picture.jpg", "small.png", "note.txt", "film.mp4")
)


@pytest.fixture
def order(credential, disclosure) -> Order:
    return Order(disclosure, Kept(credential))


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


def check_labelled(path: Path, trust) -> None:
    row = kzlabel.verify(path, trust=trust)
    assert (row.integrity, row.trust) == (Integrity.INTACT, Trust.TRUSTED), path
    assert path.with_name(f"{path.name}.kzlabel.json").exists(), path


def by_name(rows) -> dict[str, object]:
    return {Path(row.source).name: row for row in rows}


def laid(folder: Path, *names: str | bytes) -> list[Path]:
    """Copy the picture under each name."""
    folder.mkdir(exist_ok=True)
    paths = [folder / os.fsdecode(name) for name in names]
    for path in paths:
        shutil.copy(JPEG, path)
    return paths


@pytest.mark.slow
def test_every_source_is_a_row_and_every_output_holds(tmp_path, credential, trust, disclosure):
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "unknown.bin").write_bytes(bytes(range(256)))
    (bad / "empty.png").write_bytes(b"")
    shutil.copy(PNG, bad / "lying.jpg")
    (bad / "folder.png").mkdir()
    sources = [JPEG, PNG, TEXT, *sorted(bad.iterdir()), tmp_path / "none.png"]
    before = {path: path.read_bytes() for path in sources if path.is_file()}
    out = tmp_path / "made" / "here"
    rows = by_name(label_many(sources, out, disclosure, credential, workers=2))
    assert {name: row.error.code for name, row in rows.items() if row.error} == {
        "unknown.bin": "kz.error.unknown-format", "empty.png": "kz.error.empty",
        "lying.jpg": "kz.error.suffix", "folder.png": "kz.error.not-a-file",
        "none.png": "kz.error.closed",
    }  # fmt: skip
    released = [row for row in rows.values() if row.error is None]
    assert len({row.label_id for row in released} - {disclosure.label_id}) == 3
    for row in released:
        check_labelled(Path(row.destination), trust)
        assert {str(out / row.destination), *row.companions} <= set(map(str, out.iterdir()))
    assert before == {path: path.read_bytes() for path in before}
    assert not (out / SHARED).exists()


def test_a_destination_may_be_told_for_each(tmp_path, credential, trust, disclosure, threads):
    def place(source: Path) -> Path:
        return tmp_path / source.suffix[1:] / "x" / source.name

    rows = list(label_many([JPEG, PNG], place, disclosure, credential, executor=threads))
    assert [row.error for row in rows] == [None, None]
    check_labelled(tmp_path / "jpg" / "x" / JPEG.name, trust)
    check_labelled(tmp_path / "png" / "x" / PNG.name, trust)


def test_what_is_there_is_not_replaced_unless_forced(tmp_path, credential, disclosure, threads):
    again = {"executor": threads, "workers": 1}
    assert not next(label_many([PNG], tmp_path, disclosure, credential, **again)).error
    first = (tmp_path / PNG.name).read_bytes()
    (row,) = label_many([PNG], tmp_path, disclosure, credential, **again)
    assert row.error.code == "kz.error.exists"
    assert (tmp_path / PNG.name).read_bytes() == first
    (row,) = label_many([PNG], tmp_path, disclosure, credential, force=True, **again)
    assert row.error is None
    assert (tmp_path / PNG.name).read_bytes() != first


def test_names_of_any_bytes(tmp_path, credential, trust, disclosure, threads):
    longest = b"x" * 246 + b".jpg"
    names = [b"a\nb.jpg", "a\u202egpj.exe.jpg".encode(), b"\xff\xfe.jpg", b"-o.jpg", longest]
    sources, out = laid(tmp_path / "in", *names), tmp_path / "out"
    rows = list(label_many(sources, out, disclosure, credential, executor=threads))
    refused = [row for row in rows if row.error]
    assert [row.error.code for row in refused] == ["kz.error.os"]  # no room for its label's name
    assert refused[0].source.endswith("x.jpg")
    for name in names[:-1]:
        check_labelled(out / os.fsdecode(name), trust)
    assert all(row.source.isprintable() and row.uri.isascii() for row in rows)
    assert not (out / SHARED).exists()
    assert not (out / os.fsdecode(longest)).exists()


def test_force_replaces_no_source_and_no_result_of_its_own_batch(
    tmp_path, credential, disclosure, threads
):
    one, other = laid(tmp_path / "a", "x.jpg")[0], laid(tmp_path / "b", "x.jpg", "y.jpg")
    sources, before = [*other, one, tmp_path / "a" / ".." / "b" / "y.jpg"], JPEG.read_bytes()
    rows = list(
        label_many(sources, tmp_path / "b", disclosure, credential, executor=threads, force=True)
    )
    assert len(rows) == 4
    codes = {row.error.code for row in rows}
    assert codes == {"kz.error.same-file", "kz.error.over-source"}
    assert {path.read_bytes() for path in (one, *other)} == {before}
    rows = list(
        label_many(
            [one, other[0]], tmp_path / "c", disclosure, credential, executor=threads, force=True
        )
    )
    assert sorted(row.error.code if row.error else "" for row in rows) == ["", "kz.error.same-name"]


# --- Workers that die, stall, or are killed too late ----------------------------------------------


def workers_that(monkeypatch, does) -> None:
    """Let workers of ours do something else with a job."""

    def prepare():
        asked, labeller = [], Labeller()

        def answering(message: bytes) -> bytes:
            if asked and not message.startswith(WAS_DONE):
                return does(job_in(message), asked[0])
            if not asked:
                asked.append(pickle.loads(message))  # noqa: S301  our own words
            return labeller(message)

        return answering

    monkeypatch.setattr(room, "start_worker", lambda _, space: forked(prepare, space))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_dies_leaves_nothing(tmp_path, credential, disclosure, monkeypatch, workers):
    def does(job: Job, order: Order) -> bytes:
        if job.source == JPEG:
            with staging(job.destination.parent) as folder:
                (folder / "half").write_bytes(b"half")
                os._exit(9)
        return answer(job, order)

    workers_that(monkeypatch, does)
    rows = by_name(label_many([JPEG, PNG], tmp_path, disclosure, credential, workers=workers))
    assert rows[JPEG.name].error.code == "kz.error.labelling-died"
    assert rows[PNG.name].error is None
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        PNG.name,
        f"{PNG.name}.kzlabel.json",
    ]


def _dies(job: Job, order: Order) -> bytes:
    with staging(job.destination.parent) as folder:
        (folder / "half").write_bytes(b"half")
        os._exit(9)


def test_a_worker_of_an_executor_that_dies_leaves_nothing(
    tmp_path, credential, disclosure, monkeypatch
):
    monkeypatch.setattr(room, "answer", _dies)
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as executor:
        rows = list(label_many([JPEG, PNG], tmp_path, disclosure, credential, executor=executor))
    assert [row.error.code for row in rows] == ["kz.error.executor-broken"] * 2
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_takes_too_long_leaves_nothing(tmp_path, credential, disclosure, monkeypatch):
    def does(job: Job, _: Order) -> bytes:
        with staging(job.destination.parent):
            time.sleep(60)
        return b""

    workers_that(monkeypatch, does)
    (row,) = label_many([JPEG], tmp_path, disclosure, credential, seconds=0.2)
    assert row.error.code == "kz.error.labelling-slow"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("deaths", [1, 2])
def test_a_worker_killed_after_the_release_loses_nothing(  # noqa: PLR0913, PLR0917  fixtures
    tmp_path, credential, trust, disclosure, monkeypatch, deaths, workers
):
    def does(job: Job, order: Order) -> bytes:
        said = answer(job, order)
        with (tmp_path / "deaths").open("ab", buffering=0) as file:
            file.write(b"x")
            if file.tell() <= deaths:
                os._exit(9)
        return said

    workers_that(monkeypatch, does)
    out = tmp_path / "out"
    (row,) = label_many([PNG], out, disclosure, credential, workers=workers)
    assert row.error is None
    assert [one.code for one in row.findings] == ["kz.labelling.found"]
    assert row.companions == (str(out / f"{PNG.name}.kzlabel.json"),)
    check_labelled(out / PNG.name, trust)


def test_a_batch_that_is_given_up_leaves_nothing(tmp_path, credential, disclosure, monkeypatch):
    def does(job: Job, order: Order) -> bytes:
        if job.source == JPEG:
            with staging(job.destination.parent):
                time.sleep(60)
        return answer(job, order)

    workers_that(monkeypatch, does)
    rows = label_many([JPEG, PNG], tmp_path, disclosure, credential, workers=2)
    assert next(rows).error is None
    rows.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        PNG.name,
        f"{PNG.name}.kzlabel.json",
    ]


# --- Labels that are known again ------------------------------------------------------------------


def test_only_the_same_question_finds_its_label(tmp_path, order):
    source = shutil.copy(PNG, tmp_path / "a.png")
    job = Job(Path(source), tmp_path / "out" / "a.png")
    made = labelled(job, order)
    found = labelled(job, order)
    assert (made.error, found.error) == (None, None)
    assert found.label_id == made.label_id
    other = labelled(job, order.knowing(None, resumed=True))
    assert other.error.code == "kz.error.exists"
    os.utime(source, ns=(1, 1))
    assert labelled(job, order).error.code == "kz.error.exists"


@pytest.mark.parametrize("harm", ["asset", "sidecar", "nothing"])
def test_a_label_that_does_not_hold_is_not_kept(tmp_path, order, harm):
    job = Job(PNG, tmp_path / PNG.name)
    sidecar = tmp_path / f"{PNG.name}.kzlabel.json"
    labelled(job, order)
    if harm == "asset":
        job.destination.write_bytes(job.destination.read_bytes() + b"x")
    if harm == "sidecar":
        sidecar.write_bytes(sidecar.read_bytes().replace(b"Test LLP", b"Best LLP"))
    assert (labelled(job, order).error is None) is (harm == "nothing")


def test_a_companion_of_somebody_elses_stays(tmp_path, order):
    companion = tmp_path / f"{PNG.name}.kzlabel.json"
    companion.write_bytes(b"{}")
    assert labelled(Job(PNG, tmp_path / PNG.name), order).error.code == "kz.error.exists"
    assert companion.read_bytes() == b"{}"


def test_a_folder_that_cannot_be_made_is_said(tmp_path, order):
    (tmp_path / "file").touch()
    row = labelled(Job(PNG, tmp_path / "file" / "x" / PNG.name), order)
    assert row.error.code == "kz.error.os"
    assert row.error.message.startswith(str(tmp_path / "file"))


def test_an_error_nobody_foresaw_is_a_row(tmp_path, order, monkeypatch):
    import kzlabel.batch._labeller as inside

    job = Job(PNG, tmp_path / PNG.name)
    for error, code in ((RuntimeError("x"), "internal"), (MemoryError(), "memory")):
        monkeypatch.setattr(inside, "label", lambda *_, e=error, **__: (_ for _ in ()).throw(e))
        assert labelled(job, order).error.code == f"kz.error.{code}"


def test_a_source_that_changes_meanwhile_is_not_released(tmp_path, order, monkeypatch):
    from kzlabel import workflow

    gate = workflow._gate

    def growing(step) -> None:
        gate(step)
        source.write_bytes(source.read_bytes() + b"more")

    source = Path(shutil.copy(PNG, tmp_path / "a.png"))
    monkeypatch.setattr(workflow, "_gate", growing)
    row = labelled(Job(source, tmp_path / "b.png"), order)
    assert row.error.code == "kz.error.changed"
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.slow
def test_every_format_in_a_worker_within_its_limits(tmp_path, credential, trust, disclosure):
    rows = list(label_many(MEDIUM, tmp_path, disclosure, credential, workers=2))
    assert [row.error for row in rows] == [None] * len(MEDIUM)
    for row in rows:
        assert kzlabel.verify(row.destination, trust=trust).verdict is Verdict.COMPLIANT


def test_a_film_has_more_time_than_a_picture(tmp_path):
    for name in ("a.mp4", "a.mp3", "a.png", "a"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(10_000_000)
    times = [room.time_to_label(tmp_path / name, 1.0) for name in ("a.mp4", "a.mp3", "a.png", "a")]
    assert times == [501.0, 21.0, 11.0, 11.0]
    assert room.time_to_label(tmp_path / "none", 1.0) == 1.0


def test_a_disclosure_that_cannot_be_is_refused_before_the_work(tmp_path, credential):
    with pytest.raises(UsageError):
        label_many([PNG], tmp_path, {"statement": "made"}, credential)


def test_a_function_that_no_worker_can_load_is_said(tmp_path, disclosure, monkeypatch):
    with pytest.raises(UsageError, match="cannot load this function"):
        list(label_many([PNG], tmp_path, disclosure, lambda: None, workers=1))
    monkeypatch.setattr(room, "_pickled", lambda _: b"cnowhere_at_all\nload\n.")
    with pytest.raises(UsageError, match="nowhere_at_all"):
        list(label_many([PNG], tmp_path, disclosure, os.getpid, workers=2))
