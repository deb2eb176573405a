"""What came of a batch of labels, counted as its rows pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from kzlabel import __version__
from kzlabel._identity import now
from kzlabel.model import LabellingReport


class LabellingSummary(msgspec.Struct, frozen=True):
    """Counts over a batch of labels."""

    sources: int
    labelled: int
    refused: dict[str, int]
    """By the code of the error."""


class Labelling(msgspec.Struct, frozen=True):
    """A batch of labels (schema `labelling-1`): in JSON Lines each source is one, the rest last."""

    schema: str
    tool: str
    labelled_at: datetime
    sources: tuple[LabellingReport, ...]
    summary: LabellingSummary


class LabelTally:
    """Counts rows as they pass, so that none has to be held."""

    def __init__(self) -> None:
        self._labelled = 0
        self._refused: Counter[str] = Counter()

    def counting(self, rows: Iterable[LabellingReport]) -> Iterator[LabellingReport]:
        """Yield `rows` as they come, counted."""
        for row in rows:
            if row.error:
                self._refused[row.error.code] += 1
            else:
                self._labelled += 1
            yield row

    @property
    def labelled(self) -> int:
        """How many were labelled."""
        return self._labelled

    @property
    def refused(self) -> int:
        """How many were not."""
        return self._refused.total()

    def closing(self) -> Labelling:
        """Return what is said last, without the rows."""
        summary = LabellingSummary(
            sources=self.labelled + self.refused, labelled=self.labelled,
            refused=dict(sorted(self._refused.items())),
        )  # fmt: skip
        return Labelling("kzlabel.labelling/1", f"kzlabel {__version__}", now(), (), summary)

    def exit_code(self) -> int:
        """Return 0 where all were labelled, 2 where any was refused (DESIGN 1)."""
        return 2 if self._refused else 0
