"""How far a batch has come, counted as its rows pass, and said in the reader's language."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator

from kzlabel.cli._language import say
from kzlabel.model import AssetReport, LabellingReport

_MEGA = 1_000_000


class Course:
    """What has been done, since when, and of how much."""

    def __init__(self, before: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        """So many of the files in all were done `before`; they are not counted again."""
        self._before = before
        self._clock = clock
        self._began = clock()
        self._bytes = 0
        self._words = Counter[str]()
        self.done = 0
        self.total: int | None = None
        """Files in all, once they are counted."""

    def note(self, row: AssetReport | LabellingReport) -> None:
        """Count a row."""
        self.done += 1
        if isinstance(row, AssetReport):
            self._bytes += row.bytes or 0
            self._words[f"kz.verdict.{row.verdict}"] += 1
        else:
            self._words[f"kz.progress.{'refused' if row.error else 'labelled'}"] += 1

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return self._clock() - self._began

    def files(self) -> str:
        """Say how many files are done, and of how many."""
        if self.total is None:
            return say("kz.progress.files", count=self.done)
        return say("kz.progress.files-of", count=self.done, total=self.done + self._left)

    @property
    def _left(self) -> int:
        return max((self.total or 0) - self._before - self.done, 0)

    def pace(self) -> Iterator[str]:
        """Say how long it will take, how fast it goes, and how much that is: what matters first."""
        rate = self.done / max(self.seconds, 0.001)
        speed = self._bytes / _MEGA / max(self.seconds, 0.001)
        if self.total is not None and self.done:
            yield say("kz.progress.left", time=_clock_time(self._left / rate))
        yield say("kz.progress.rate", count=f"{rate:.1f}")
        if self._bytes:
            yield say("kz.progress.speed", size=f"{speed:.1f}")
            yield say("kz.progress.size", size=f"{self._bytes / _MEGA:.1f}")

    def words(self) -> Iterator[str]:
        """Say what came of the files, the most frequent first."""
        return (f"{say(code)}: {count}" for code, count in self._words.most_common())

    def line(self) -> str:
        """Say all of it."""
        return "; ".join((self.files(), *self.pace(), *self.words()))


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
