"""The pool: every question has one outcome, whatever becomes of the workers."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from functools import partial
from itertools import chain, repeat
from pathlib import Path

import pytest
from answers import slow_to_reap, still_born, willing

from kzlabel import _worker
from kzlabel._worker import ADDRESS_SPACE_LIMIT, Prepare, Worker
from kzlabel.batch import _pool, _sifting
from kzlabel.batch._pool import Failure, Pool, Question
from kzlabel.batch._sifting import pause_after, sifted
from kzlabel.errors import UsageError


def nursery(prepare: Prepare = willing) -> Worker:
    """Start one afresh: to fork a process of many tests takes whatever they left behind along."""
    return Worker(partial(_worker._spawned, prepare, ADDRESS_SPACE_LIMIT))


def asked(*messages: bytes, seconds: float = 20) -> list[Question[int]]:
    return [Question(index, message, seconds) for index, message in enumerate(messages)]


def answers(size: int, questions) -> dict[int, bytes | Failure]:
    return answered(Pool(nursery, size), questions)


def answered(pool: Pool[int], questions) -> dict[int, bytes | Failure]:
    outcomes = list(pool.outcomes(questions))
    assert len({outcome.about for outcome in outcomes}) == len(outcomes)
    return {outcome.about: outcome.answer for outcome in outcomes}


def children() -> str:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii")


def test_two_work_at_once_and_neither_is_the_nursery():
    started = []

    def start() -> Worker:
        started.append(nursery())
        return started[-1]

    pool: Pool[int] = Pool(start, 2)
    seen = Counter(outcome.answer for outcome in pool.outcomes(asked(*[b"who"] * 40)))
    assert len(seen) == 2
    assert len(started) == 1
    assert str(started[0]._process).encode() not in seen


def test_one_worker_is_its_own_nursery():
    assert len(set(answers(1, asked(*[b"who"] * 10)).values())) == 1


def test_what_dies_twice_is_given_up_and_the_rest_is_answered():
    came = answers(2, asked(b"who", b"die", b"who", b"die", b"who"))
    assert [came[1], came[3]] == [Failure.DIED] * 2
    assert not {came[0], came[2], came[4]} & set(Failure)


def test_what_dies_once_is_asked_again(tmp_path):
    came = answers(2, asked(b"once " + bytes(tmp_path / "died"), b"who"))
    assert came[0] == b"then"


def test_what_hangs_is_killed_in_its_time_and_holds_nobody_up():
    questions = [Question(0, b"hang", 1), *(Question(n, b"who", 20) for n in range(1, 30))]
    order = [outcome.about for outcome in Pool(nursery, 2).outcomes(questions)]
    assert order[-1] == 0
    assert answers(1, asked(b"hang", seconds=0.3))[0] is Failure.SLOW


def test_workers_are_recycled(monkeypatch):
    monkeypatch.setattr(_pool, "RECYCLED", 3)
    seen = Counter(answers(2, asked(*[b"who"] * 12)).values())
    assert len(seen) >= 4
    assert max(seen.values()) <= 3


def test_a_nursery_that_was_killed_is_replaced(monkeypatch):
    monkeypatch.setattr(_pool, "RECYCLED", 1)
    started: list[Worker] = []

    def start() -> Worker:
        started.append(nursery())
        return started[-1]

    count = 0
    for _ in Pool[int](start, 2).outcomes(asked(*[b"who"] * 12)):
        count += 1
        if count == 4:
            os.kill(started[-1]._process, signal.SIGKILL)
    assert count == 12
    assert len(started) > 1


def test_a_nursery_that_was_late_is_not_mistaken(monkeypatch):
    monkeypatch.setattr(_pool, "RECYCLED", 1)
    monkeypatch.setattr(_worker, "GRACE", 0.01)

    pool = Pool[int](partial(nursery, slow_to_reap), 2)
    assert len(set(answered(pool, asked(*[b"who"] * 6)).values())) == 6


@pytest.mark.slow
def test_a_worker_that_has_become_heavy_is_replaced(monkeypatch):
    monkeypatch.setattr(_pool, "HEAVY", -(1 << 40))
    seen = answers(2, asked(*[b"who"] * 6))
    assert len(set(seen.values())) == 6
    monkeypatch.setattr(_pool, "HEAVY", 1 << 40)
    assert len(set(answers(1, asked(*[b"who"] * 6)).values())) == 1


@pytest.mark.slow
def test_a_nursery_that_is_killed_whenever_it_starts_is_started_again():
    starts = [still_born] * 6 + [willing]
    pool = Pool[int](lambda: nursery(starts.pop(0)), 2)
    assert [outcome.about for outcome in pool.outcomes(asked(b"who"))] == [0]


def test_where_no_worker_can_be_started_it_says_so():
    with pytest.raises(UsageError, match="no process"):
        list(Pool[int](partial(nursery, still_born), 2).outcomes(asked(b"x")))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks /proc for our children")
def test_whoever_stops_reading_leaves_no_process_behind():
    before = children()
    outcomes = Pool[int](nursery, 2).outcomes(asked(*[b"who"] * 9))
    bred = int(next(outcomes).answer)
    assert children() != before
    outcomes.close()
    assert children() == before
    with pytest.raises(ProcessLookupError):
        os.kill(bred, 0)


def test_questions_are_not_read_ahead():
    taken = []

    def questions():
        for question in asked(*[b"who"] * 50):
            taken.append(question)
            yield question

    outcomes = Pool[int](nursery, 2).outcomes(questions())
    next(outcomes)
    assert len(taken) <= 4
    outcomes.close()


def test_an_answer_waits_for_no_search(monkeypatch):
    monkeypatch.setattr(_sifting, "SPELL", 0.0)
    endless = sifted(chain(asked(b"who"), repeat(Question(9, b"", 0))), lambda one: one.about != 9)
    outcomes = Pool[int](nursery, 1).outcomes(endless)
    assert next(outcomes).about == 0
    outcomes.close()


def test_a_search_goes_on_sooner_than_a_wait():
    now = time.monotonic()
    assert pause_after(now - _sifting.SPELL) < pause_after(now + 60) == _sifting.PAUSE


@pytest.mark.parametrize("size", [1, 2])
def test_a_worker_holds_no_stream_that_others_wait_on(size):
    assert answers(size, asked(b"streams")) == {0: b"/dev/null /dev/null /dev/null"}
