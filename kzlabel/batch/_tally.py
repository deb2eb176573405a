"""What came of a batch, counted as its rows pass."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import structs

from kzlabel import __version__
from kzlabel._identity import now
from kzlabel._options import Options
from kzlabel.model import AssetReport, Report, Summary, TrustListReport
from kzlabel.verdict import NOT_REACHED, counted, exit_code, premises, summed

FEW = 5
"""Paths that are named where many could not be looked at."""


class Counts(NamedTuple):
    """What rows came to."""

    summary: Summary = Summary(assets=0, verdicts={}, origins={})
    missed: bool = False
    """Whether one of them was missing or unreadable."""


class Tally:
    """Counts rows as they pass, so that none has to be held, and closes the report over them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.counts = Counts()
        self._aside = Counts()
        self.unread = 0
        """Rows that could not be looked at."""
        self.first_unread: list[str] = []
        """The paths of the first of them."""

    def counting(self, rows: Iterable[AssetReport]) -> Iterator[AssetReport]:
        """Yield `rows` as they come, counted."""
        for row in rows:
            missed = row.error is not None and row.error.code in NOT_REACHED
            self.counts = Counts(counted(self.counts.summary, row), self.counts.missed or missed)
            if row.error is not None:
                self.unread += 1
                self.first_unread += [row.path][: FEW - len(self.first_unread)]
            yield row

    def set_aside(self, rows: Iterable[AssetReport]) -> None:
        """Count `rows` that this run does not show: only `whole` knows of them."""
        aside = Tally(self._options)
        deque(aside.counting(rows), maxlen=0)
        self._aside = aside.counts

    def add(self, counts: Counts) -> None:
        """Count rows that were counted elsewhere."""
        both = summed(self.counts.summary, counts.summary)
        self.counts = Counts(both, self.counts.missed or counts.missed)

    def report(self) -> Report:
        """Return the report over all rows counted so far, without the rows."""
        return Report(
            schema="kzlabel.report/1", tool=f"kzlabel {__version__}",
            profile=self._options.profile.name, verified_at=now(), premises=premises(),
            trust_lists=tuple(
                TrustListReport(
                    name=one.name, kind=" ".join(sorted(one.kinds)),
                    date=one.date, sha256=one.sha256,
                )
                for one in self._options.trust.lists
            ),
            assets=(), summary=self.counts.summary,
        )  # fmt: skip

    def whole(self) -> Report:
        """Return the report over all rows, those set aside too."""
        summary = summed(self._aside.summary, self.counts.summary)
        return structs.replace(self.report(), summary=summary)

    def exit_code(self) -> int:
        """Return 2 where a path was missing or unreadable, else the frozen code of the verdicts."""
        return 2 if self.counts.missed else exit_code(self.counts.summary.verdicts)
