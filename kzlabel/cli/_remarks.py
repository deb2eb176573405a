"""What is to be said of many files: the same once, with a count, and refusals last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kzlabel.cli._language import LANGUAGE
from kzlabel.locale import sentence
from kzlabel.model import LabellingReport


class Remarks:
    """Gathers what came of each file."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, int]] = {}
        """The first of the files that a sentence is about, and how many there are."""
        self._refusals: list[str] = []
        self.refused = False
        """Whether any file was."""

    def take(self, row: LabellingReport) -> None:
        """Take up what came of one."""
        if row.error:
            self.refused = True
            self._refusals.append(sentence(row.error.code, LANGUAGE, **row.error.values))
        for said in dict.fromkeys(one.sentence(LANGUAGE) for one in row.findings):
            first, count = self._files.get(said, (Path(row.destination).name, 0))
            self._files[said] = first, count + 1

    def refusals(self) -> Iterator[str]:
        """Yield why files were not made, what was not said before."""
        while self._refusals:
            yield self._refusals.pop(0)

    def lines(self) -> Iterator[str]:
        """Yield what is to be said, in the reader's language."""
        for said, (first, count) in self._files.items():
            if count == 1:
                yield f"{first}: {said}"
            else:
                yield sentence("kz.cli.label.of-many", LANGUAGE, said=said, count=count)
        yield from self.refusals()
