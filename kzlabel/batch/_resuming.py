"""What stays of an earlier run's results: rows that this run would write again, word for word.

| a line                                                  | becomes of it                      |
|---------------------------------------------------------|------------------------------------|
| a row of this run, of a file that is as it was then     | stays, and its file is passed over |
| of another version, profile or other options            | goes: its file is looked at again  |
| of a file that has changed, or a companion of which has | likewise                           |
| that says nothing about the file itself (`AGAIN`)       | likewise                           |
| of a file that is not there any more                    | goes                               |
| of a source that was refused                            | goes: it is tried again            |
| of a source whose result is not as it was released      | goes: it is labelled again         |
| of a source whose result goes elsewhere this time       | likewise                           |
| a row that is there already; a summary; no whole row    | goes                               |

A file that is no results file is refused, and so is one whose files are all elsewhere: whoever
names them from another folder would lose the work of days.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import ExitStack
from enum import Enum
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from kzlabel._seen import State, named_beside, path_of, state_of
from kzlabel.batch._done import Done
from kzlabel.batch._journal import Journal
from kzlabel.errors import UsageError
from kzlabel.model import AssetReport, LabellingReport, Seen
from kzlabel.verdict import NOT_REACHED

if TYPE_CHECKING:
    from kzlabel.batch._plan import Plan

Row = TypeVar("Row", AssetReport, LabellingReport)

AGAIN = NOT_REACHED | {
    "kz.error.changed", "kz.error.worker-died", "kz.error.worker-slow", "kz.error.pdf-password",
    "kz.error.label-alone", "kz.error.label-itself", "kz.sidecar.closed",
}  # fmt: skip
"""Codes that say more of that moment than of the file: another look may go better.

So it may where a companion could not be opened, or was alone: its asset may have come.
"""


class Fate(Enum):
    """What becomes of a line, and why."""

    STAYS = "stays"
    FOREIGN = "foreign"
    CHANGED = "changed"
    GONE = "gone"
    AGAIN = "again"
    REFUSED = "refused"
    LOST = "lost"
    ELSEWHERE = "elsewhere"
    TWICE = "twice"
    CLOSING = "closing"
    DAMAGED = "damaged"


_HAPPENED = {Fate.FOREIGN, Fate.CHANGED, Fate.GONE, Fate.AGAIN}
"""What a log keeps beside what stays anyway."""
_THERE = {Fate.STAYS, Fate.CHANGED, Fate.REFUSED, Fate.LOST, Fate.ELSEWHERE}
"""Of whom a file is where its row says."""
_NAMES = 4
"""How many other runs are told apart."""


class _Closing(msgspec.Struct):
    """The last line of finished results; a report in one piece has `assets` too."""

    summary: msgspec.Raw
    assets: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class Rules(Generic[Row]):
    """Which lines stay. `still` says what else of a row, and `log` keeps what came by before.

    In a log every whole row stays; only those that would stay without it count as done.
    """

    def __init__(
        self,
        kind: type[Row],
        runs: Collection[str],
        *,
        digests: bool = False,
        log: bool = False,
        still: Callable[[Row], Fate] | None = None,
    ) -> None:
        self._rows: msgspec.json.Decoder[Row] = msgspec.json.Decoder(kind)
        self._begins = f'{{"{kind.__struct_fields__[0]}":'.encode()
        self._runs, self._digests = runs, digests
        self._still: Callable[[Row], Fate] | None = still
        self.log = log

    def row(self, line: bytes) -> Row | Fate:
        """Return the row in a line, or what else it is."""
        if is_closing(line):
            return Fate.CLOSING
        try:
            return self._rows.decode(line) if line.endswith(b"\n") else Fate.DAMAGED
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return Fate.DAMAGED

    def may_be(self, line: bytes) -> bool:
        """Whether results may begin with this line, whole or torn."""
        return is_closing(line) or line[: len(self._begins)] == self._begins[: len(line)]

    def fate(self, row: Row) -> Fate:
        """Return what becomes of a row, as far as it alone tells."""
        seen = row.seen
        if isinstance(seen, msgspec.UnsetType):
            return Fate.AGAIN  # whoever wrote it did not reach the file
        if seen.run not in self._runs:
            return Fate.FOREIGN
        if of_a_moment(row):
            return Fate.AGAIN
        return self._standing(row, seen)

    def _standing(self, row: Row, seen: Seen) -> Fate:
        path = path_of(seen.uri)
        now = state_of(path)
        if now is None:
            return Fate.GONE
        if (now.bytes, now.modified) != (
            now.bytes if seen.bytes is None else seen.bytes,
            seen.modified,
        ):
            return Fate.CHANGED
        if self._digests and not _same_bytes(path, row):
            return Fate.CHANGED
        return self._still(row) if self._still else Fate.STAYS


def of_a_moment(row: AssetReport | LabellingReport) -> bool:
    """Whether a row says more of that moment than of the file (`AGAIN`)."""
    return any(one is not None and one.code in AGAIN for one in (row.error, *row.findings))


def released(plan: Plan, row: LabellingReport) -> Fate:
    """Return what becomes of the row of a source that is as it was, by what was made of it.

    Of one that is not in the plan it stays: nobody is to label that again.
    """
    if isinstance(row.seen, Seen) and not plan.has(path_of(row.seen.uri)):
        return Fate.STAYS
    if row.error:
        return Fate.REFUSED
    if not (isinstance(row.uri, str) and isinstance(row.seen, Seen)):
        return Fate.LOST
    there = path_of(row.uri)
    state = state_of(there)
    if state and not plan.sends(path_of(row.seen.uri), there):
        return Fate.ELSEWHERE
    return Fate.STAYS if state and state == (row.bytes, row.modified) else Fate.LOST


def is_closing(line: bytes) -> bool:
    """Whether a line is the last of finished results."""
    try:
        closing = msgspec.json.decode(line, type=_Closing)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(closing.assets, msgspec.UnsetType)


def _same_bytes(path: Path, row: AssetReport | LabellingReport) -> bool:
    if not isinstance(row, AssetReport) or row.sha256 is None:
        return False
    beside = named_beside(str(path))
    digests = {beside.get(one.name, ""): one.sha256 for one in row.companions}
    if any(os.path.isfile(one) for one in beside.values() if one not in digests):  # noqa: PTH113  never raises
        return False  # it came since, or could not be read
    digests[str(path)] = row.sha256
    return all(_has(Path(name), sha256) for name, sha256 in digests.items())


def _has(path: Path, sha256: str) -> bool:
    """Whether a file is there, with this digest."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


class Resumed(Generic[Row]):
    """An earlier run's results, rewritten to what stays of them, and how many lines did not."""

    def __init__(self, journal: Journal, done: Done, rules: Rules[Row]) -> None:
        self.fates: Counter[Fate] = Counter()
        self.runs: Counter[str] = Counter()
        """Rows of other runs by their name; a few names, however many there are."""
        self.log = rules.log
        self._journal, self._done = journal, done
        self._rules: Rules[Row] = rules
        self._sift()

    def _sift(self) -> None:
        """Rewrite the file where lines go from within; cut it where they go from its end."""
        journal, new = self._journal, None
        begin = end = 0
        """Where a line begins, and where the last that stays has ended."""
        with ExitStack() as stack:
            for line in journal.lines():
                if begin == 0 and not self._rules.may_be(line):
                    raise UsageError("kz.error.results-none", path=journal.path)
                if self._stays(line):
                    if new is None and end < begin:
                        new = stack.enter_context(journal.replaced(end))
                    if new:
                        new.append(line[:-1])
                    end = begin + len(line)
                begin += len(line)
            self._refuse()
        if new is None and end < begin:
            journal.cut(end)

    def _stays(self, line: bytes) -> bool:
        row: Row | Fate = self._rules.row(line)
        fate = row if isinstance(row, Fate) else self._fate(row)
        self.fates[fate] += 1
        return fate is Fate.STAYS or (self._rules.log and fate in _HAPPENED)

    def _fate(self, row: Row) -> Fate:
        fate, seen = self._rules.fate(row), row.seen
        if isinstance(seen, msgspec.UnsetType):
            return fate
        if fate is Fate.FOREIGN and (seen.run in self.runs or len(self.runs) < _NAMES):
            self.runs[seen.run] += 1
        if fate is not Fate.STAYS:
            return fate
        is_new = self._done.add(seen.uri, State(seen.bytes, seen.modified))
        return fate if is_new else Fate.TWICE

    def _refuse(self) -> None:
        """Refuse what is no results file, and one whose files are all elsewhere."""
        path, fates = self._journal.path, self.fates
        if set(fates) == {Fate.DAMAGED} and not self._is_torn():
            raise UsageError("kz.error.results-none", path=path)
        if fates[Fate.GONE] and not (self._rules.log or any(fates[fate] for fate in _THERE)):
            raise UsageError("kz.error.results-elsewhere", path=path, count=fates[Fate.GONE])

    def _is_torn(self) -> bool:
        """Whether the only line is a beginning of a row, and no other JSON that begins alike."""
        line = next(self._journal.lines())
        if len(line) < self._journal.end:
            return False
        if not isinstance(self._rules.row(line + b"\n"), Fate):
            return True
        try:
            msgspec.json.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return True
        return False
