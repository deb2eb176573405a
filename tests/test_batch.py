"""Workers: one bad file is one row, whatever it does to its worker."""

from __future__ import annotations

import gc
import mmap
import os
import pickle
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import av
import msgspec
import pytest
from samples import FIXTURES

from kzlabel import verify
from kzlabel._options import Options
from kzlabel._worker import ADDRESS_SPACE_LIMIT, Worker, forked, verifying
from kzlabel.batch import Tally, verify_each, verify_many
from kzlabel.errors import LimitError
from kzlabel.model import AssetReport, Verdict
from kzlabel.verdict import error_row

MAP_NORESERVE = getattr(mmap, "MAP_NORESERVE", 0)
JPEG, PNG = FIXTURES / "picture.jpg", FIXTURES / "picture.png"


@pytest.fixture
def options():
    return Options.of("kz", None, synthetic=False, look=None)


def worker_that(does) -> Worker:
    return forked(lambda: does, ADDRESS_SPACE_LIMIT)


def test_an_answer_comes_back_whole():
    worker = worker_that(lambda message: message * 3)
    assert worker.ask(b"abc" * 100_000, 10) == b"abc" * 300_000
    assert worker.ask(b"", 10) == b""
    worker.end()


def test_a_worker_that_dies_gives_nothing():
    worker = worker_that(lambda _: os._exit(3))
    assert worker.ask(b"x", 10) is None
    assert not worker.late
    worker.end()


def test_a_worker_that_hangs_is_killed():
    worker = worker_that(lambda _: time.sleep(60) or b"")
    assert worker.ask(b"x", 0.1) is None
    assert worker.late
    worker.end()


def test_a_worker_that_cannot_start_gives_nothing():
    worker = forked(lambda: 1 / 0, ADDRESS_SPACE_LIMIT)
    assert worker.ask(b"x", 10) is None
    worker.end()


def test_memory_has_a_limit():
    worker = forked(lambda: lambda _: str(len(bytearray(8 * 1024**3))).encode(), 1024**3)
    assert worker.ask(b"x", 10) is None
    worker.end()


def test_rows_of_one_worker_come_in_order(options):
    rows = list(verify_each([JPEG, FIXTURES / "none", PNG], options, workers=1))
    assert [row.path for row in rows] == [str(JPEG), str(FIXTURES / "none"), str(PNG)]
    assert [row.verdict for row in rows] == [
        Verdict.UNDECLARED, Verdict.UNDETERMINED, Verdict.UNDECLARED,
    ]  # fmt: skip


def test_a_file_that_kills_its_worker_is_one_row(options):
    answer = verifying()
    deadly = worker_that(lambda asked: os._exit(9) if b"picture.jpg" in asked else answer(asked))
    rows = {row.path: row for row in verify_each([JPEG, PNG], options, worker=deadly, workers=2)}
    assert rows.pop(str(JPEG)).error.code == "kz.error.worker-died"
    assert rows[str(PNG)].verdict is Verdict.UNDECLARED
    rows[str(JPEG)] = error_row(JPEG, LimitError("kz.error.worker-died", path=JPEG))
    tally = Tally(options)
    list(tally.counting(rows.values()))
    assert tally.exit_code() == 3


def test_a_file_that_takes_too_long_is_one_row(options):
    slow = worker_that(lambda message: time.sleep(60) if b"picture" in message else b"")
    rows = list(verify_each([JPEG], options, worker=slow, seconds=0.2))
    assert rows[0].error.code == "kz.error.worker-slow"
    assert "0.2 s" in rows[0].error.message


def test_an_error_nobody_foresaw_is_a_row(options, monkeypatch):
    import kzlabel._answering as room

    def fails(*_: object, **__: object):
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(room, "row_of", fails)
    answering = room.Answering()
    answering(pickle.dumps(options))
    row = msgspec.msgpack.decode(answering(os.fsencode(JPEG)), type=AssetReport)
    assert (row.error.code, row.verdict) == ("kz.error.internal", Verdict.UNDETERMINED)
    monkeypatch.setattr(room, "row_of", lambda *_, **__: (_ for _ in ()).throw(MemoryError))
    row = msgspec.msgpack.decode(answering(os.fsencode(JPEG)), type=AssetReport)
    assert row.error.code == "kz.error.memory"


def children() -> str:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii")


def test_a_process_that_has_used_native_libraries_starts_its_worker_afresh(options):
    """A fork would inherit their locks, their threads and an address space near the limit."""
    reserved = mmap.mmap(-1, ADDRESS_SPACE_LIMIT + 1024**2, flags=mmap.MAP_PRIVATE | MAP_NORESERVE)
    with reserved:
        (row,) = verify_each([JPEG], options)
    assert row.error is None
    assert row.verdict is Verdict.UNDECLARED


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks /proc for our children")
def test_no_worker_is_left_behind(options):
    before = children()
    rows = verify_each([JPEG, PNG], options)
    next(rows)
    assert children() != before
    rows.close()
    assert children() == before


def test_a_lower_limit_that_is_there_already_stays():
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (3 * 1024**3, 3 * 1024**3));"
        f"sys.argv = ['kzlabel', 'verify', {str(JPEG)!r}]; from kzlabel.cli.start import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_decoder_left_as_garbage_does_not_stall_a_worker():
    """Freed in the child, it would wait for its threads, which stayed in the parent."""

    class Ring:
        pass

    gc.disable()
    try:
        ring = Ring()
        ring.itself, ring.film = ring, av.open(str(FIXTURES / "film.mp4"))
        stream = ring.film.streams.video[0]
        stream.thread_type, stream.codec_context.thread_count = "FRAME", 2
        next(ring.film.decode(stream))
        del ring, stream
        worker = forked(lambda: lambda _: str(gc.collect()).encode(), ADDRESS_SPACE_LIMIT)
        try:
            assert worker.ask(b"collect", 20) is not None
        finally:
            worker.end()
    finally:
        gc.enable()


def test_a_path_that_no_file_can_have_is_one_row(options):
    rows = {row.path: row for row in verify_each([Path("\ud800"), JPEG], options, workers=1)}
    assert rows.pop(str(JPEG)).verdict is Verdict.UNDECLARED
    assert [row.error.code for row in rows.values()] == ["kz.error.closed"]


def test_a_broken_executor_loses_no_row():
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    rows = list(verify_many([JPEG, PNG], executor=executor))
    assert {row.path for row in rows} == {str(JPEG), str(PNG)}
    assert {row.error.code for row in rows} == {"kz.error.worker-died"}


def test_what_others_cancel_is_waited_for_by_nobody():
    with ThreadPoolExecutor(1) as executor:
        rows = verify_many([JPEG, PNG, *[JPEG] * 9], executor=executor)
        came = [next(rows)]
        executor.shutdown(wait=False, cancel_futures=True)
        came += rows
    assert len(came) == 11
    assert {row.error.code for row in came if row.error} == {"kz.error.worker-died"}


@pytest.mark.slow
def test_a_fork_of_what_has_read_a_pdf_says_so_and_does_not_hang():
    pdf = FIXTURES / "document.pdf"
    verify(pdf)
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as executor:
        (row,) = verify_many([pdf], executor=executor)
    assert row.error.code == "kz.error.forked"
