"""A pool of workers that can be killed: one question at a time each, answers as they come.

Every worker has a socket of its own, so one that is killed takes no lock with it that the others
wait for. (pebble's ProcessPool shares one channel: measured with 5.2.3, a worker killed from
outside broke the whole pool within three seconds.) One that dies is replaced, and its question put
once more, in case it was killed for what another did; one that takes too long is killed. After
`RECYCLED` answers, or when it has become heavy, a worker makes room for a fresh one: what libraries
leak goes with it.
"""

from __future__ import annotations

import math
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from kzlabel._worker import Worker
from kzlabel.batch._sifting import pause_after
from kzlabel.errors import UsageError

RECYCLED = 1000
"""Answers after which a worker is replaced."""
HEAVY = 512 * 1024**2
"""Bytes of memory by which one has grown that is replaced too: a large picture's stay its own."""
TRIES = 2
"""How often a question may take a worker down before it is given up."""
STARTS = 10
"""How often a nursery is started anew, one after the other, before the batch is given up."""
STARTING = 60.0
"""Seconds a worker may take to load what it needs."""

Asked = TypeVar("Asked")


class Failure(StrEnum):
    """Why there is no answer."""

    DIED = "kz.error.worker-died"
    SLOW = "kz.error.worker-slow"


class Question(NamedTuple, Generic[Asked]):
    """What is asked of a worker."""

    about: Asked
    message: bytes
    seconds: float
    tries: int = 0


class Outcome(NamedTuple, Generic[Asked]):
    """What came of a question."""

    about: Asked
    answer: bytes | Failure
    seconds: float
    """How long it was allowed to take."""


class _Seat(Generic[Asked]):
    """A place for a worker, and what it is at."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self._at_first = worker.resident()
        self.question: Question[Asked] | None = None
        self.until = 0.0
        self.answered = 0

    def put(self, question: Question[Asked]) -> None:
        self.question = question
        self.until = time.monotonic() + question.seconds
        self.worker.tell(question.message, question.seconds)

    def grown(self) -> int:
        """Return by how many bytes of memory its worker has grown."""
        return self.worker.resident() - self._at_first


def cores() -> int:
    """Return how many cores this process may use."""
    with suppress(AttributeError):  # macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Nursery:
    """A worker that is asked nothing itself and breeds others, for whichever thread wants one."""

    def __init__(self, start: Callable[[], Worker]) -> None:
        self._start = start
        self._worker: Worker | None = None
        self._lock = threading.Lock()

    def bred(self) -> Worker:
        """Return a new worker; where the nursery has died, another's.

        Raises `UsageError` where none lives long enough to.
        """
        with self._lock:
            for _ in range(STARTS):
                if self._worker is None:
                    self._worker = self._start()
                worker = self._worker.breed(STARTING)
                if worker is not None:
                    return worker
                self._worker.end()
                self._worker = None
        raise UsageError("kz.error.no-worker", path=sys.executable, count=STARTS)

    def close(self) -> None:
        """End it; those it has bred go on."""
        if self._worker:
            self._worker.end()
        self._worker = None


class Pool(Generic[Asked]):
    """So many workers, bred by one that `start` gives and that is asked nothing itself."""

    def __init__(self, start: Callable[[], Worker], size: int) -> None:
        self._start = start
        self._size = size
        self._nursery = Nursery(start)
        self._seats: list[_Seat[Asked]] = []

    def outcomes(self, questions: Iterable[Question[Asked] | None]) -> Iterator[Outcome[Asked]]:
        """Yield what came of each question, in the order of completion.

        Questions are taken as workers become free for them. None is no question, for the moment:
        they are asked for again in a moment (`pause_after`), or when an answer has come.
        """
        rest = iter(questions)
        again: list[Question[Asked]] = []
        try:
            while True:
                pause = self._fill(again, rest)
                if not self._seats and not pause:
                    return
                for outcome in self._come(again, pause):
                    self._fill(again, rest)  # before anybody takes their time over it
                    yield outcome
        finally:
            self.close()

    def ask_apart(self, message: bytes, seconds: float) -> bytes | None:
        """Return what a worker beside the others answers; None where it died or took too long."""
        worker = self._bred()
        try:
            return worker.ask(message, seconds)
        finally:
            worker.end()

    def close(self) -> None:
        """End every worker."""
        for seat in self._seats:
            seat.worker.end()
        self._nursery.close()
        self._seats = []

    def _fill(self, again: list[Question[Asked]], rest: Iterator[Question[Asked] | None]) -> float:
        """Put questions until every worker has one, or none is left; idle workers go then.

        Returns in how many seconds to ask for more, 0 where there is no need.
        """
        while len(self._seats) < self._size or any(s.question is None for s in self._seats):
            idle = next((seat for seat in self._seats if seat.question is None), None)
            asked = time.monotonic()
            try:
                question = again.pop() if again else next(rest)
            except StopIteration:
                if idle is None:
                    return 0
                self._leave(idle)
                continue
            if question is None:
                return pause_after(asked)
            (idle or self._seated()).put(question)
        return 0

    def _come(self, again: list[Question[Asked]], pause: float) -> Iterator[Outcome[Asked]]:
        """Wait for the next answers, deaths or deadlines, and yield the outcomes they make."""
        waiting = select.poll()
        by_end = {seat.worker.fileno(): seat for seat in self._seats if seat.question}
        for end in by_end:
            waiting.register(end, select.POLLIN)
        soonest = min(seat.until for seat in by_end.values()) if by_end else math.inf
        if pause:
            soonest = min(soonest, time.monotonic() + pause)
        ready = waiting.poll(max(0.0, soonest - time.monotonic()) * 1000)
        come = [by_end[end] for end, _ in ready]
        now = time.monotonic()
        late = [seat for seat in by_end.values() if seat.until <= now and seat not in come]
        for seat in (*come, *late):
            question = seat.question
            assert question is not None  # noqa: S101  only busy workers are waited for
            answer = seat.worker.answer(seat.until - now) if seat in come else None
            seat.question = None
            seat.answered += 1
            if answer is not None:
                if seat.answered >= RECYCLED or seat.grown() > HEAVY:
                    self._leave(seat)
                yield Outcome(question.about, answer, question.seconds)
                continue
            slow = seat in late or seat.worker.late
            self._leave(seat)
            if slow or question.tries + 1 >= TRIES:
                failure = Failure.SLOW if slow else Failure.DIED
                yield Outcome(question.about, failure, question.seconds)
            else:
                again.append(question._replace(tries=question.tries + 1))

    def _leave(self, seat: _Seat[Asked]) -> None:
        self._seats.remove(seat)
        seat.worker.end()

    def _seated(self) -> _Seat[Asked]:
        seat: _Seat[Asked] = _Seat(self._bred())
        self._seats.append(seat)
        return seat

    def _bred(self) -> Worker:
        """Return a new worker; one alone needs no nursery."""
        return self._start() if self._size == 1 else self._nursery.bred()
