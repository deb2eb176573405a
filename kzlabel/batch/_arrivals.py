"""Files of folders that are watched, each when it is finished, and again when it is another.

The truth is what lies in the folders, held against what has been done: they are gone through again
and again, and what the system tells of meanwhile is only looked at sooner. A burst that it loses
count of, a drive it says nothing about and a restart cost time, and never a file.

A file is finished once it and its companions have stayed the same for a while and nobody has it
open for writing. Names that programs give to what they have not finished are passed over.
"""

from __future__ import annotations

import math
import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from kzlabel._seen import State, path_of, state_of, touched_at, uri_of
from kzlabel._staging import PREFIX
from kzlabel.batch._companions import Companions
from kzlabel.batch._files import assets_of
from kzlabel.batch._patterns import Among
from kzlabel.batch._results import Results
from kzlabel.batch._resuming import of_a_moment
from kzlabel.batch._walk import Names
from kzlabel.batch._watching import Events, is_written
from kzlabel.errors import printable
from kzlabel.model import AssetReport

SETTLED = 2.0
"""Seconds a file must have stayed the same."""
HELD = 60.0
"""Seconds after which one that somebody has open for writing is looked at all the same."""
EVERY = 10.0
"""Seconds between two passes through the folders, and more where a pass takes long."""
SHARE = 20
"""A pass is followed by a rest of so many times as long."""
MOST = 10_000
"""Files that are waited for at once; a pass goes on when there is room again."""
SLICE = 0.02
"""Seconds of a pass after which something else has its turn."""
IDLE = 0.25
"""Seconds after which one that waits looks whether it is to stop."""
STOPPING = 5.0
"""Seconds that files in flight are given when it is to stop."""

UNFINISHED = re.compile(
    r"~$"  # editors' copies
    r"|^~\$|^\.~lock\."  # office programs' locks
    r"|^\..+\.[A-Za-z0-9]{6}$"  # rsync
    r"|\.(?:part|partial|filepart|crdownload|download|opdownload|tmp|temp|swp|swx)$"
    rf"|^{re.escape(PREFIX)}",  # our own
    re.IGNORECASE,
)
"""Names of what is not finished yet, or never will be an asset."""


class _Waiting(NamedTuple):
    """A file that is not finished yet, in the state it was last seen in."""

    path: Path
    state: State
    since: float
    touched: int = 0
    """When it, or a companion, was last changed in any way, before it was looked at (ns)."""


class _StoppedError(Exception):
    """Files in flight are given up."""


class Arrivals:
    """The files below `folders`, as they are finished.

    `results` hold what was done before. What is our `own` is none of them. It ends when `stop` says
    so, and what is in flight has had its time.
    """

    def __init__(  # noqa: PLR0913  each is a question of its own
        self,
        folders: Sequence[Path],
        among: Among,
        results: Results[AssetReport],
        stop: Callable[[], bool],
        *,
        settled: float = SETTLED,
        own: Callable[[Path], bool] = lambda _: False,
    ) -> None:
        self._folders, self._among, self._results = tuple(folders), among, results
        self._stop, self._settled, self._own = stop, settled, own
        self._events = Events(folders)
        self._waiting: dict[str, _Waiting] = {}
        """By its place, however that was written; likewise what flies."""
        self._queue: deque[tuple[float, str]] = deque()
        """Who waits, by the moment at which they are looked after."""
        self._flying: dict[str, _Waiting] = {}
        """What is being looked at."""
        self._pass: Iterator[Path] | None = None
        self._spent = self._next_pass = self._stopped = 0.0
        self._failed: dict[str, int] = {}
        """What may go better when it is touched (`of_a_moment`), and when it last was; `MOST`."""
        self._lost = False
        """Whether more happened during a pass than we were told."""
        self._near: list[Path] = []
        """Folders that are gone through next, because they are new."""

    def rows(
        self, looked: Callable[[Iterable[Path | None]], Iterator[AssetReport]]
    ) -> Iterator[AssetReport]:
        """Yield the rows that `looked` makes of what arrives; what changed meanwhile waits again.

        `looked` is given paths, and None where there is none at the moment.
        """
        try:
            yield from filter(self._landed, looked(self._arriving()))
        except _StoppedError:
            return
        finally:
            self._events.close()

    def _landed(self, row: AssetReport) -> bool:
        """Take note of a row; False where its file was not finished after all."""
        place = _place(path_of(row.seen.uri)) if row.seen else self._unseen(row)
        flown = self._flying.pop(place)
        finished = row.error is None or row.error.code != "kz.error.changed"
        if finished:
            state = State(row.seen.bytes, row.seen.modified) if row.seen else flown.state
            self._results.note(uri_of(flown.path), state)
            self._failed.pop(place, None)
            if of_a_moment(row) and len(self._failed) < MOST:
                self._failed[place] = flown.touched
        self._consider(flown.path)
        return finished

    def _unseen(self, row: AssetReport) -> str:
        """Return the place of the file of a row that does not tell it."""
        return next(at for at, flown in self._flying.items() if printable(flown.path) == row.path)

    # --- What is next -----------------------------------------------------------------------------

    def _arriving(self) -> Iterator[Path | None]:
        while not self._ends():
            if self._stopped:
                yield None
                continue
            self._hear()
            self._go_through()
            path = self._finished()
            if path or self._flying:
                yield path
            elif self._pass is None or len(self._waiting) >= MOST:
                soonest = self._queue[0][0] - time.monotonic() if self._queue else IDLE
                self._events.wait(min(IDLE, max(0.0, soonest)))

    def _ends(self) -> bool:
        """Whether there is nothing more to wait for; raises where it has taken too long."""
        if not self._stop():
            return False
        self._stopped = self._stopped or time.monotonic()
        if self._flying and time.monotonic() - self._stopped > STOPPING:
            raise _StoppedError
        return not self._flying

    def _hear(self) -> None:
        """Consider what the system tells of."""
        told, lost = self._events.taken()
        if lost:
            self._lost, self._next_pass = True, 0.0
        companions = Companions()
        for path in sorted(told):
            if os.path.isdir(path):  # noqa: PTH112  never raises
                self._near.append(path)
                continue
            for each in (path, *map(path.with_name, companions.owners(str(path)))):
                if self._is_admitted(each) and self._is_entered(each.parent):
                    self._consider(each)

    def _names(self, path: Path) -> Names:
        """Return the names of a path below the folder that is watched."""
        below = (path.relative_to(f).parts for f in self._folders if path.is_relative_to(f))
        return next(below, ())

    def _is_admitted(self, path: Path) -> bool:
        """Whether a pass that finds the file would look at it."""
        names = self._names(path)
        return names != () and self._among.sees(names[-1]) and self._among.admits(names)

    def _is_entered(self, folder: Path) -> bool:
        """Whether a pass goes into the folder, and that by no link: only passes follow those."""
        while names := self._names(folder):
            if not self._among.sees(names[-1]) or names[-1].startswith(PREFIX):
                return False
            if not self._among.enters(names) or os.path.islink(folder):  # noqa: PTH114  never raises
                return False
            folder = folder.parent
        return True

    def _go_through(self) -> None:
        """Go a little further through the folders, if it is time to."""
        now = time.monotonic()
        if self._pass is None and now >= self._next_pass:
            self._pass = self._all()
        elif self._pass is None and self._near:
            self._pass = self._new()
        while self._pass and len(self._waiting) < MOST and time.monotonic() < now + SLICE:
            path = next(self._pass, None)
            if path:
                self._consider(path)
            else:
                self._pass = None
        self._spent += time.monotonic() - now

    def _all(self) -> Iterator[Path]:
        """Yield what lies in the folders; the next pass is after a rest."""
        self._near.clear()
        self._spent, self._lost, self._next_pass = 0.0, False, math.inf
        yield from assets_of(self._folders, recursive=True, among=self._among)
        rest = self._spent if self._lost else max(EVERY, SHARE * self._spent)
        self._next_pass = time.monotonic() + rest

    def _new(self) -> Iterator[Path]:
        """Yield what lies in new folders."""
        near, self._near = set(self._near), []
        for folder in sorted(near):
            if near.isdisjoint(folder.parents) and self._is_entered(folder):
                among = self._among._replace(below=self._names(folder), follow_links=False)
                yield from assets_of([folder], recursive=True, among=among)

    def _consider(self, path: Path) -> None:
        """Have a file wait that is new, or another than was looked at."""
        place = _place(path)
        if UNFINISHED.search(path.name) or place in self._waiting or place in self._flying:
            return
        state = state_of(path)
        if state is None or (self._is_done(path, state) and not self._is_touched(path)):
            return
        if not self._own(path):
            self._wait_for(_Waiting(path, state, time.monotonic()))

    def _is_done(self, path: Path, state: State) -> bool:
        return self._results.done_as(uri_of(path)) == state

    def _is_touched(self, path: Path) -> bool:
        """Whether something was done to a file that could not be looked at."""
        failed = self._failed.get(_place(path))
        return failed is not None and touched_at(path) > failed

    def _wait_for(self, waiting: _Waiting) -> None:
        place = _place(waiting.path)
        self._waiting[place] = waiting
        self._queue.append((time.monotonic() + self._settled, place))

    def _finished(self) -> Path | None:
        """Return a file that has stayed the same, if there is one."""
        now = time.monotonic()
        while self._queue and self._queue[0][0] <= now:
            place = self._queue.popleft()[1]
            waiting = self._waiting.pop(place)
            state = state_of(waiting.path)
            if state is None or self._is_companion(waiting.path):
                continue
            if state != waiting.state:
                self._wait_for(_Waiting(waiting.path, state, now))
            elif now - waiting.since < HELD and is_written(waiting.path):
                self._wait_for(waiting)
            else:
                self._flying[place] = waiting._replace(touched=touched_at(waiting.path))
                return waiting.path
        return None

    def _is_companion(self, path: Path) -> bool:
        """Whether a file that lies beside it by now is looked at, and it as its companion."""
        return Companions().include(str(path), lambda name: self._is_admitted(path.with_name(name)))


def _place(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100  resolves no link
